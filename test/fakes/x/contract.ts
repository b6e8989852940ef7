/**
 * X's own OpenAPI document as the judge of what the fake takes and says. It lies beside the repository where it is
 * available; without it nothing is checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';

const FILE = new URL('../../../../shared/data/x-api/openapi-2.167.json', import.meta.url);

export type Contract = {
  checkRequest(request: {
    method: string;
    path: string;
    query: URLSearchParams;
    /** Of the body, without parameters. */
    type: string;
    body: unknown;
  }): string[];
  checkAnswer(answer: { method: string; path: string; status: number; type: string; body: unknown }): string[];
};

/**
 * Problems which X was seen to answer but does not document: about:blank for 401 and 403, and usage-capped. See
 * errors.ts of the adapter.
 */
const UNDOCUMENTED = /^about:blank$|\/usage-capped$/;

const content = z.record(z.string(), z.object({ schema: z.unknown() }));
const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  schema: z.looseObject({ type: z.string().optional() }),
});
const operation = z.object({
  parameters: z.array(z.union([parameter, z.object({ $ref: z.string() })])).default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ content: content.optional() })),
});
const documentSchema = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ parameters: z.record(z.string(), parameter) }),
});

let read: Contract | null = null;

/** Null when the document is not there. */
export function contractOfX(): Contract | null {
  if (!existsSync(FILE)) return null;
  read ??= readContract();
  return read;
}

function readContract(): Contract {
  const raw: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  const { paths, components } = documentSchema.parse(raw);
  const ajv = new Ajv({ strict: false, allErrors: true });
  ajv.addFormat(
    'date-time',
    (text: string) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text)),
  );
  for (const bytes of ['binary', 'byte']) ajv.addFormat(bytes, true);
  ajv.addFormat('int32', { type: 'number', validate: (value: number) => Math.abs(value) < 2 ** 31 });
  ajv.addFormat('double', { type: 'number', validate: Number.isFinite });
  ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger });
  ajv.addSchema(raw as object, 'x');
  const compiled = new Map<string, ValidateFunction>();
  const check = (schema: unknown, value: unknown, where: string): string[] => {
    const key = JSON.stringify(schema);
    const validate = compiled.get(key) ?? ajv.compile(JSON.parse(key.replaceAll('"#/', '"x#/')));
    compiled.set(key, validate);
    return validate(value) ? [] : [`${where}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`];
  };
  const find = (method: string, path: string) => {
    for (const [template, methods] of Object.entries(paths)) {
      const match = new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`).exec(path);
      const found = match && methods[method.toLowerCase()];
      // A fixed path such as /2/users/me stands before /2/users/{id} of the same shape.
      if (found && (!template.includes('{') || !paths[path]))
        return { ...operation.parse(found), groups: match.groups ?? {} };
    }
    return null;
  };

  return {
    checkRequest({ method, path, query, type, body }) {
      const where = `${method} ${path}`;
      const found = find(method, path);
      if (!found) return [`${where}: not in the document`];
      const problems: string[] = [];
      const known = found.parameters.map((one) =>
        '$ref' in one ? (components.parameters[one.$ref.split('/').at(-1) ?? ''] as z.output<typeof parameter>) : one,
      );
      for (const { name, in: place, required, schema } of known) {
        const text = place === 'path' ? (found.groups[name] ?? null) : query.get(name);
        if (text === null) {
          if (required) problems.push(`${where}: ${name} is missing`);
          continue;
        }
        const value = schema.type === 'array' ? text.split(',') : schema.type === 'integer' ? Number(text) : text;
        problems.push(...check(schema, value, `${where} ${name}`));
      }
      for (const name of query.keys())
        if (!known.some((one) => one.in === 'query' && one.name === name))
          problems.push(`${where}: the parameter ${name} is not known`);
      const taken = found.requestBody?.content;
      const schema = (taken?.[type] ?? taken?.['application/json'])?.schema;
      if (schema) problems.push(...check(schema, body, `${where} body`));
      else if (body !== undefined) problems.push(`${where}: takes no body`);
      return problems;
    },
    checkAnswer({ method, path, status, type, body }) {
      const where = `${status} of ${method} ${path}`;
      const found = find(method, path);
      if (!found || status >= 500) return [];
      const undocumented = z.object({ type: z.string().regex(UNDOCUMENTED) }).safeParse(body).success;
      if (status >= 400 && undocumented) return [];
      const answer = found.responses[String(status)] ?? found.responses.default;
      const schema = answer?.content?.[type]?.schema;
      return schema ? check(schema, body, where) : [`${where}: ${type} is not documented`];
    },
  };
}
