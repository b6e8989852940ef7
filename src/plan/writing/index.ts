/**
 * Writing a week of drafts from facts and templates, without a model. Pure and repeatable: the same input and seed give the same
 * drafts. Every sentence that claims something comes from a fact and stays linked to it.
 */
import type { FactKind } from '#src/understand/findings.ts';
import { fillTemplate, usableFacts } from './fill.ts';
import { findUnsupportedNumbers } from './numbers.ts';
import { resemblance, tooAlike } from './resemblance.ts';
import type { TemplateKind, TemplateSeed } from './templates.ts';
import { wordedFor } from './worded.ts';

export { findUnsupportedNumbers } from './numbers.ts';
export { likeWords, nearestOf, resemblance, tooAlike } from './resemblance.ts';
export type { TemplateKind, TemplateSeed, TemplateVariable, TemplateWording } from './templates.ts';
export { builtInTemplates, templateKinds } from './templates.ts';
export { type Reworded, reworded, wordedFor } from './worded.ts';

export type FactForWriting = { id: string; kind: FactKind; statement: string; quote: string };

/** A piece of a part that claims something, and the fact it rests on. `start` and `end` are UTF-16 indexes. */
export type Claim = { part: number; start: number; end: number; text: string; factId: string };

export type Draft = {
  templateName: string;
  kind: TemplateKind;
  parts: string[];
  title: string;
  claims: Claim[];
  /** Numbers that no fact supports: to be shown to the author, never silently published. */
  unsupported: { part: number; text: string; reason: string }[];
};

export type WeekToWrite = {
  app: { name: string; url: string; tagline: string | null };
  facts: readonly FactForWriting[];
  templates: readonly TemplateSeed[];
  /** A campaign's objective; unknown ones count as awareness. */
  objective: string;
  count: number;
  /** The platform's own counting of one part. */
  measure: (text: string) => { length: number; valid: boolean };
  seed: number;
  /** Texts already used: what resembles one of them is not written again. */
  avoid: readonly string[];
  /** Kinds whose theme has had less (-1) or more (1) than its share; those that have had less come first. */
  balance?: ReadonlyMap<TemplateKind, -1 | 1>;
};

/**
 * Writes up to `count` drafts: fewer when the facts do not carry more, since a thin draft is worse than none. Kinds follow the
 * objective and do not repeat before all that fit had their turn; facts are used as evenly as the templates allow.
 */
export function writeWeek(week: WeekToWrite): Draft[] {
  const random = sequence(week.seed);
  const facts = usableFacts(week.facts, random);
  const uses = new Map<string, number>();
  const timesOfKind = new Map<TemplateKind, number>();
  const used = [...week.avoid];
  const drafts: Draft[] = [];
  let left = shuffled(week.templates, random);

  while (drafts.length < week.count && left.length > 0) {
    const preferred = preferences[week.objective] ?? preferences.awareness ?? [];
    const rank = ({ kind }: TemplateSeed) => {
      const place = preferred.indexOf(kind);
      const turn = (week.balance?.get(kind) ?? 0) * (preferred.length + 1);
      return (timesOfKind.get(kind) ?? 0) * 100 + (place < 0 ? preferred.length : place) + turn;
    };
    const template = left.reduce((best, candidate) => (rank(candidate) < rank(best) ? candidate : best));
    left = left.filter((candidate) => candidate !== template);
    const draft = writeOne(week, template, facts, uses, used);
    if (!draft) continue;
    drafts.push(draft);
    used.push(draft.parts.join('\n'));
    timesOfKind.set(draft.kind, (timesOfKind.get(draft.kind) ?? 0) + 1);
    for (const factId of new Set(draft.claims.map((claim) => claim.factId)))
      uses.set(factId, (uses.get(factId) ?? 0) + 1);
  }
  return spread(drafts);
}

function writeOne(
  week: WeekToWrite,
  template: TemplateSeed,
  facts: readonly FactForWriting[],
  uses: ReadonlyMap<string, number>,
  used: readonly string[],
): Draft | null {
  for (const { parts, claims } of fillTemplate(wordedFor(template, template.platform), week.app, facts, uses)) {
    if (!parts.every((part) => week.measure(part).valid)) continue;
    const text = parts.join('\n');
    if (used.some((other) => resemblance(other, text) >= tooAlike)) continue;
    const unsupported = parts.flatMap((part, at) =>
      findUnsupportedNumbers(part, week.facts).map((number) => ({
        part: at,
        text: number.text,
        reason: number.reason,
      })),
    );
    return {
      templateName: template.name,
      kind: template.kind,
      parts,
      title: titleOf(template, claims),
      claims,
      unsupported,
    };
  }
  return null;
}

/** Which kinds serve which objective, best first. */
const preferences: Record<string, TemplateKind[]> = {
  awareness: [
    'problem_solution',
    'feature_update',
    'behind_the_scenes',
    'educational',
    'comparison',
    'testimonial',
    'community',
    'milestone',
    'launch_announcement',
    'promotional',
  ],
  engagement: [
    'community',
    'behind_the_scenes',
    'problem_solution',
    'educational',
    'milestone',
    'comparison',
    'feature_update',
    'testimonial',
    'launch_announcement',
    'promotional',
  ],
  traffic: [
    'feature_update',
    'comparison',
    'problem_solution',
    'testimonial',
    'educational',
    'launch_announcement',
    'promotional',
    'behind_the_scenes',
    'community',
    'milestone',
  ],
  leads: [
    'problem_solution',
    'testimonial',
    'comparison',
    'feature_update',
    'educational',
    'promotional',
    'community',
    'launch_announcement',
    'behind_the_scenes',
    'milestone',
  ],
  conversions: [
    'problem_solution',
    'testimonial',
    'promotional',
    'comparison',
    'feature_update',
    'milestone',
    'community',
    'educational',
    'launch_announcement',
    'behind_the_scenes',
  ],
  retention: [
    'feature_update',
    'community',
    'educational',
    'behind_the_scenes',
    'milestone',
    'testimonial',
    'problem_solution',
    'comparison',
    'promotional',
    'launch_announcement',
  ],
  growth: [
    'launch_announcement',
    'problem_solution',
    'milestone',
    'comparison',
    'testimonial',
    'community',
    'feature_update',
    'behind_the_scenes',
    'educational',
    'promotional',
  ],
};

/** Puts drafts that share a fact as far apart as a simple pass can. */
function spread(drafts: Draft[]): Draft[] {
  const waiting = [...drafts];
  const order: Draft[] = [];
  while (waiting.length > 0) {
    const before = new Set(order.at(-1)?.claims.map((claim) => claim.factId));
    const kind = order.at(-1)?.kind;
    const at = waiting.findIndex(
      (draft) => draft.kind !== kind && !draft.claims.some((claim) => before.has(claim.factId)),
    );
    order.push(...waiting.splice(Math.max(at, 0), 1));
  }
  return order;
}

function titleOf(template: TemplateSeed, claims: readonly Claim[]): string {
  const first = claims[0]?.text.replace(/[.:]$/, '') ?? '';
  const short = first.length > 60 ? `${first.slice(0, 60).replace(/\s+\S*$/, '')}…` : first;
  return short ? `${template.name}: ${short}` : template.name;
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** Mulberry32 (Tommy Ettinger, 2017, public domain): small, seeded, and even enough to shuffle with. */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
