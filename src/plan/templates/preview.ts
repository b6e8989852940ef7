import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import type { Platform } from '#src/outside/platform.ts';
import { type Fact, factsForWriting } from '#src/plan/knowledge.ts';
import { LINK, measurePart, platformOf } from '#src/plan/posts.ts';
import { type Template, templateOf } from '#src/plan/templates.ts';
import { type FactForWriting, writeWeek } from '#src/plan/writing/index.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { factKinds } from '#src/understand/findings.ts';
import { wordsOfValue } from './variables.ts';

export const previewed = z.object({
  title: z.string(),
  platform: z.string(),
  /** Every platform, and whether the text as it is now fits there; on one without threads the parts become one post. */
  fits: z.array(z.object({ platform: z.string(), name: z.string(), valid: z.boolean(), why: z.string().nullable() })),
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
  wanted: {
    templateId: string;
    appId: string;
    platform?: string | undefined;
    values?: Record<string, string> | undefined;
  },
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
  const platform = platformOf(inside, wanted.platform ?? template.platformId);
  const claims = (draft?.claims ?? []).map(({ part, start, end, text, factId }) => ({
    ...(platform.limits.threads ? { part, start, end } : inOne(parts, { part, start, end })),
    text,
    factId,
    statement: facts.find((fact) => fact.id === factId)?.statement ?? '',
  }));
  return {
    title: draft?.title ?? template.name,
    platform: platform.id,
    complete: draft !== undefined,
    missing: draft ? [] : missingOf(template, app.tagline, facts),
    fits: [...inside.platforms.values()].map((one) => fitOf(inside, one, parts)),
    parts: postsOf(parts, platform).map((text, at) => {
      const { length, limit, valid } = measurePart(inside, platform, text, false);
      const own = claims.filter((claim) => claim.part === at).map(({ part: _, ...claim }) => claim);
      return { text, length, limit, valid, claims: own };
    }),
  };
}

const BETWEEN = '\n\n';

/** The parts as a platform takes them: one without threads gets them as one post. */
function postsOf(parts: readonly string[], platform: Platform): string[] {
  return platform.limits.threads ? [...parts] : [parts.join(BETWEEN)];
}

function inOne(parts: readonly string[], { part, start, end }: { part: number; start: number; end: number }) {
  const before = parts.slice(0, part).reduce((sum, text) => sum + text.length + BETWEEN.length, 0);
  return { part: 0, start: before + start, end: before + end };
}

function fitOf(inside: Inside, platform: Platform, parts: readonly string[]) {
  const posts = postsOf(parts, platform);
  const measured = posts.map((text) => measurePart(inside, platform, text, false));
  const at = measured.findIndex(({ valid }) => !valid);
  const wrong = measured[at];
  const which = posts.length > 1 ? `Part ${at + 1}` : 'It';
  return {
    platform: platform.id,
    name: platform.name,
    valid: !wrong,
    why: wrong
      ? wrong.length > wrong.limit
        ? `${which} takes ${wrong.length} of ${wrong.limit} characters.`
        : `${which} holds something that is not accepted there.`
      : null,
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
  const words = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    const variable = template.variables.find((one) => one.name === name);
    if (!variable) throw refuse('invalid', 'variable_unknown', `This template has no variable “${name}”.`);
    if (value) words.set(name, wordsOfValue(variable, value));
  }
  return {
    ...template,
    parts: template.parts.map((part) =>
      part.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => words.get(name) ?? whole),
    ),
    variables: template.variables.filter(({ name }) => !words.has(name)),
  };
}

function missingOf(template: Template, tagline: string | null, facts: readonly FactForWriting[]) {
  const missing = template.variables
    .filter(({ name, type, factKind }) => {
      if (name === 'app' || name === 'link') return false;
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
