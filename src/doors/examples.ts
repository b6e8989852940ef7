import type { OpenAPI } from '@orpc/openapi';
import recorded from '#src/doors/examples.json' with { type: 'json' };

/** What was sent and what was answered, or why it cannot be run where the examples are made. */
export type Example = { input: Record<string, unknown>; answer: unknown } | { elsewhere: string };

/**
 * One example of each operation by its name. `npm run examples` runs them all in a workspace with one thing of every
 * kind and writes them down; the tests run them again and compare.
 */
export const examples: Record<string, Example> = recorded as Record<string, Example>;

/**
 * The document with an example at every parameter, body and answer. Where there is none, `x-example-elsewhere` says why.
 * An operation that is younger than the last recording has none yet.
 */
export function withExamples(document: OpenAPI.Document, known = examples): OpenAPI.Document {
  for (const methods of Object.values(document.paths ?? {}))
    for (const described of Object.values(methods ?? {}) as OpenAPI.OperationObject[]) {
      const example = known[described.operationId ?? ''];
      if (!example) continue;
      if ('elsewhere' in example) Object.assign(described, { 'x-example-elsewhere': example.elsewhere });
      else addExample(described, example);
    }
  return document;
}

function addExample(
  described: OpenAPI.OperationObject,
  { input, answer }: Exclude<Example, { elsewhere: string }>,
): void {
  const body = { ...input };
  for (const parameter of described.parameters ?? []) {
    if (!('name' in parameter) || input[parameter.name] === undefined) continue;
    parameter.example = input[parameter.name];
    delete body[parameter.name];
  }
  const { requestBody } = described;
  const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
  if (json) json.example = body;
  const good = Object.entries(described.responses ?? {}).find(([status]) => status.startsWith('2'))?.[1];
  const said = good && 'content' in good ? good.content?.['application/json'] : undefined;
  if (said) said.example = answer;
}
