import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { type Fact, factsForWriting } from '#src/plan/knowledge.ts';
import { LINK, measurePart, platformOf } from '#src/plan/posts.ts';
import { type Template, templateOf } from '#src/plan/templates.ts';
import { type FactForWriting, writeWeek } from '#src/plan/writing/index.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { factKinds } from '#src/understand/findings.ts';

export const previewed = z.object({
  title: z.string(),
  /** False while something is missing: the parts then still hold their `{{variables}}`. */
  complete: z.boolean(),
  missing: z.array(z.object({ name: z.string(), description: z.string(), why: z.string() })),
  parts: z.array(
    z.object({
      text: z.string(),
      length: z.int(),
      limit: z.int(),
      valid: z.boolean(),
      claims: z.array(z.object({ start: z.int(), end: z.int(), text: z.string(), factId: id, statement: z.string() })),
    }),
  ),
});

/** A template filled with what is known of an app and with the given values; says what is missing. */
export async function previewTemplate(
  inside: Inside,
  wanted: { templateId: string; appId: string; values?: Record<string, string> | undefined },
): Promise<z.input<typeof previewed>> {
  const app = await appOf(inside, wanted.appId);
  const template = withValues(await templateOf(inside, wanted.templateId), wanted.values ?? {});
  const facts = factsToWriteWith(await factsForWriting(inside, app.id));
  const [draft] = writeWeek({
    app: { name: app.name, url: LINK, tagline: app.tagline },
    facts,
    templates: [template],
    objective: 'awareness',
    count: 1,
    measure: (text) => ({ length: text.length, valid: true }),
    seed: 1,
    avoid: [],
  });
  const parts = draft?.parts ?? template.parts.map((part) => part.replaceAll('{{app}}', app.name));
  const platform = platformOf(inside, template.platformId);
  return {
    title: draft?.title ?? template.name,
    complete: draft !== undefined,
    missing: draft ? [] : missingOf(template, app.tagline, facts),
    parts: parts.map((text, at) => {
      const { length, limit, valid } = measurePart(inside, platform, text, false);
      const claims = (draft?.claims ?? [])
        .filter((claim) => claim.part === at)
        .map(({ start, end, text: words, factId }) => ({
          start,
          end,
          text: words,
          factId,
          statement: facts.find((fact) => fact.id === factId)?.statement ?? '',
        }));
      return { text, length, limit, valid, claims };
    }),
  };
}

/** The facts the writing knows how to use. */
export function factsToWriteWith(facts: readonly Fact[]): FactForWriting[] {
  return facts.flatMap(({ id: factId, statement, quote, kind: name }) => {
    const kind = factKinds.find((known) => known === name);
    return kind ? [{ id: factId, kind, statement, quote }] : [];
  });
}

function withValues(template: Template, values: Record<string, string>): Template {
  for (const name of Object.keys(values))
    if (!template.variables.some((variable) => variable.name === name))
      throw refuse('invalid', 'variable_unknown', `This template has no variable “${name}”.`);
  return {
    ...template,
    parts: template.parts.map((part) =>
      part.replaceAll(
        /\{\{(\w+)\}\}/g,
        (whole, name: string) => (Object.hasOwn(values, name) && values[name]) || whole,
      ),
    ),
    variables: template.variables.filter(({ name }) => !Object.hasOwn(values, name) || !values[name]),
  };
}

function missingOf(template: Template, tagline: string | null, facts: readonly FactForWriting[]) {
  const missing = template.variables
    .filter(({ name, type, factKind }) => {
      if (name === 'app' || type === 'url') return false;
      if (name === 'tagline') return !tagline;
      return type !== 'fact' || !facts.some((fact) => fact.kind === factKind);
    })
    .map(({ name, description, type, factKind }) => ({
      name,
      description,
      why: type === 'fact' ? `Nothing of the kind “${factKind?.replaceAll('_', ' ')}” is known yet.` : 'Give a value.',
    }));
  if (missing.length > 0) return missing;
  return template.variables
    .filter((variable) => variable.type === 'fact')
    .map(({ name, description }) => ({ name, description, why: 'What is known does not fit in here.' }));
}
