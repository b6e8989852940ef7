/** A template as it travels: a JSON file that says nothing about whose it was. */
import { z } from 'zod';
import { templateKinds } from '#src/plan/writing/index.ts';
import { textsOf } from '#src/plan/writing/templates.ts';
import { refuse } from '#src/refusal.ts';
import { givenVariable } from './variables.ts';

/** What a template says: in a file, in a link, in an earlier version, and in what one writes. */
export const contentFields = {
  name: z.string().trim().min(1).max(120),
  kind: z.enum(templateKinds),
  platform: z.string().min(1).max(40),
  parts: z.array(z.string().min(1).max(5000)).min(1).max(25),
  variables: z.array(givenVariable).max(50),
  wordings: z
    .array(
      z.strictObject({
        platform: z.string().min(1).max(40),
        title: z.string().trim().max(300).default(''),
        parts: z.array(z.string().min(1).max(5000)).min(1).max(25),
      }),
    )
    .max(20)
    .default([])
    .describe('The words for single platforms, where the parts would be out of place.'),
};
export const content = z.strictObject(contentFields);
export type Content = z.output<typeof content>;

export const templateFile = z.strictObject({
  fanfare: z.literal('template'),
  format: z.literal(1),
  ...contentFields,
});
export type TemplateFile = z.output<typeof templateFile>;

export function contentOf(template: {
  name: string;
  kind: Content['kind'];
  platform: string;
  parts: readonly string[];
  variables: readonly Content['variables'][number][];
  wordings: readonly Content['wordings'][number][];
}): Content {
  const { name, kind, platform, parts, variables, wordings } = template;
  return { name, kind, platform, parts: [...parts], variables: [...variables], wordings: [...wordings] };
}

export function asFile(said: Content): TemplateFile {
  return { fanfare: 'template', format: 1, ...said };
}

/**
 * Reads the text of a file or of a link's answer. Refuses what is no template of this format, and markup that a reader
 * of the posts could run: a template is words.
 */
export function readFile(text: string): Content {
  const parsed = templateFile.safeParse(jsonOf(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue && issue.path.length > 0 ? ` (${issue.path.join('.')}: ${issue.message})` : '';
    throw refuse(
      'invalid',
      'template_file',
      `This is no template Fanfare can read${where}. Take a file that was saved under Templates.`,
    );
  }
  const { fanfare: _, format: __, ...said } = parsed.data;
  const texts = [
    said.name,
    ...textsOf(said),
    ...said.variables.flatMap((one) => [one.description ?? '', ...(one.choices ?? [])]),
  ];
  if (texts.some((each) => runs.test(each)))
    throw refuse('invalid', 'template_script', 'This template holds a script. It was not brought in.');
  return said;
}

const runs = /<\s*\/?\s*(script|iframe|object|embed|svg)\b|\b(javascript|vbscript):|data:text\/html/i;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('invalid', 'template_file', 'This is no template: it is not JSON. Take a file saved under Templates.');
  }
}
