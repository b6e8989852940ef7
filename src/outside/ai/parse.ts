import type { z } from 'zod';

/** Small models wrap JSON in a code fence or in a sentence; both are taken off before the answer counts as broken. */
export function parse<T>(text: string, schema: z.ZodType<T>): { ok: true; value: T } | { ok: false; problems: string } {
  const fenced = text.match(/```(?:json)?([\s\S]*?)```/)?.[1];
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  let problems = 'It is not valid JSON.';
  for (const candidate of [text, fenced, braced]) {
    if (!candidate) continue;
    let json: unknown;
    try {
      json = JSON.parse(candidate);
    } catch (error) {
      if (error instanceof SyntaxError && candidate === text) problems = `It is not valid JSON: ${error.message}.`;
      continue;
    }
    const result = schema.safeParse(json);
    if (result.success) return { ok: true, value: result.data };
    const issues = result.error.issues
      .slice(0, 12)
      .map((issue) => `${issue.path.join('.') || 'answer'}: ${issue.message.replace(/\.$/, '')}`);
    problems = `It does not fit the schema: ${issues.join('; ')}.`;
  }
  return { ok: false, problems };
}
