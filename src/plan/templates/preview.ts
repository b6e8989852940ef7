import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import type { Platform } from '#src/outside/platform.ts';
import { type Fact, factsForWriting } from '#src/plan/knowledge.ts';
import type { Assertion } from '#src/plan/posts/claims.ts';
import { LINK, measurePart, platformOf, type VariantInput } from '#src/plan/posts.ts';
import { type Template, templateOf } from '#src/plan/templates.ts';
import {
  type Draft,
  type FactForWriting,
  type TemplateKind,
  type TemplateSeed,
  type TemplateVariable,
  wordedFor,
  writeWeek,
} from '#src/plan/writing/index.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { factKinds } from '#src/understand/findings.ts';
import { wordsOfValue } from './variables.ts';
import { postsOf, type Said, saidOn, variantsOf } from './variants.ts';

export const previewed = z.object({
  title: z.string(),
  platform: z.string(),
  /** True when the template has words of its own for this platform. */
  own: z.boolean(),
  /** The headline, on a platform that has one. */
  headline: z.string().nullable(),
  /** Every platform, and whether the text as it is there fits; on one without threads the parts become one post. */
  fits: z.array(
    z.object({
      platform: z.string(),
      name: z.string(),
      own: z.boolean(),
      valid: z.boolean(),
      why: z.string().nullable(),
    }),
  ),
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

type Wanted = { templateId: string; appId: string; values?: Record<string, string> | undefined };

/** A template filled with what is known of an app and with the given values; says what is missing. */
export async function previewTemplate(
  inside: Inside,
  wanted: Wanted & { platform?: string | undefined },
): Promise<z.input<typeof previewed>> {
  const filled = await fill(inside, wanted);
  const platform = platformOf(inside, wanted.platform ?? filled.template.platform);
  const said = filled.on(platform);
  const missing = missingOn(filled, [platform]);
  return {
    title: filled.title,
    platform: platform.id,
    own: said.own,
    headline: said.title,
    complete: filled.draft !== null && missing.length === 0,
    missing,
    fits: [...inside.platforms.values()].map((one) => fitOf(inside, one, filled.on(one))),
    parts: said.parts.map((text, at) => {
      const { length, limit, valid } = measurePart(inside, platform, text, false);
      const claims = said.claims
        .filter((claim) => claim.part === at)
        .map(({ part: _, ...claim }) => ({
          ...claim,
          statement: filled.facts.find((fact) => fact.id === claim.factId)?.statement ?? '',
        }));
      return { text, length, limit, valid, claims };
    }),
  };
}

/** A template as the words of a post for some platforms, with what they rest on and what is missing in them. */
export async function wordsFrom(
  inside: Inside,
  wanted: Wanted & { platforms: readonly string[] },
): Promise<{
  title: string;
  kind: TemplateKind;
  variants: VariantInput[];
  claims: Assertion[];
  complete: boolean;
  missing: Missing[];
}> {
  const filled = await fill(inside, wanted);
  const named = wanted.platforms.length > 0 ? wanted.platforms : [filled.template.platform];
  const platforms = [...new Set(named)].map((one) => platformOf(inside, one));
  const { title, template } = filled;
  const missing = missingOn(filled, platforms);
  const complete = filled.draft !== null && missing.length === 0;
  return { title, kind: template.kind, ...variantsOf(platforms, filled.on), complete, missing };
}

type Missing = z.output<typeof previewed>['missing'][number];

type Filled = {
  template: Template;
  app: { tagline: string | null };
  facts: readonly FactForWriting[];
  draft: Draft | null;
  title: string;
  on(platform: Platform): Said;
};

async function fill(inside: Inside, { templateId, appId, values = {} }: Wanted): Promise<Filled> {
  const { name, tagline } = await appOf(inside, appId);
  const app = { name, tagline };
  const template = withValues(await templateOf(inside, templateId), values);
  const facts = factsToWriteWith(await factsForWriting(inside, appId));
  const [draft = null] = writeWeek({
    app: { ...app, url: LINK },
    facts,
    templates: [template],
    objective: 'awareness',
    count: 1,
    measure: (text) => ({ length: text.length, valid: true }),
    seed: 1,
    avoid: [],
  });
  const on = (platform: Platform): Said => {
    const worded = wordedFor(template, platform.id);
    if (draft && openIn(worded).length === 0) return saidOn(inside, platform, draft, { template, app, facts });
    const [wording] = worded.wordings;
    const plain = (text: string) => text.replaceAll('{{app}}', app.name);
    return {
      title: wording?.title ? plain(wording.title) : null,
      parts: postsOf(worded.parts.map(plain), platform),
      claims: [],
      own: wording !== undefined,
    };
  };
  return { template, app, facts, draft, title: draft?.title ?? template.name, on };
}

/** Variables that only the writer can fill. */
function openIn({ variables }: TemplateSeed): TemplateVariable[] {
  return variables.filter(({ name, type }) => type !== 'fact' && !GIVEN.has(name));
}

const GIVEN = new Set(['app', 'link', 'tagline']);

function missingOn({ template, app, facts, draft }: Filled, platforms: readonly Platform[]): Missing[] {
  const all = platforms.flatMap((platform) => {
    const worded = wordedFor(template, platform.id);
    if (!draft) return missingOf(wordedFor(template, template.platform), app.tagline, facts);
    return openIn(worded).map(({ name, description }) => ({ name, description, why: 'Give a value.' }));
  });
  return all.filter((one, at) => all.findIndex(({ name }) => name === one.name) === at);
}

function fitOf(inside: Inside, platform: Platform, { parts, own }: Said) {
  const measured = parts.map((text) => measurePart(inside, platform, text, false));
  const at = measured.findIndex(({ valid }) => !valid);
  const wrong = measured[at];
  const which = parts.length > 1 ? `Part ${at + 1}` : 'It';
  return {
    platform: platform.id,
    name: platform.name,
    own,
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
  const filled = (text: string) => text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => words.get(name) ?? whole);
  return {
    ...template,
    parts: template.parts.map(filled),
    wordings: template.wordings.map((one) => ({ ...one, title: filled(one.title), parts: one.parts.map(filled) })),
    variables: template.variables.filter(({ name }) => !words.has(name)),
  };
}

function missingOf(template: TemplateSeed, tagline: string | null, facts: readonly FactForWriting[]) {
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
