/** Fills a template's variables from facts, and remembers which words came from which fact. */
import { addressesMachine } from '#src/understand/findings.ts';
import { asSentence, lowerFirst, startsWithVerb } from '#src/understand/phrasing.ts';
import type { Claim, FactForWriting } from './index.ts';
import type { TemplateSeed } from './templates.ts';
import { baseOf } from './templates.ts';

type App = { name: string; url: string; tagline: string | null };
type Filled = { parts: string[]; claims: Claim[] };

/** Facts in an order of their own for each seed, without those that cannot be written with. */
export function usableFacts(facts: readonly FactForWriting[], random: () => number): FactForWriting[] {
  return facts
    .filter((fact) => fact.statement.length <= 240 && !addressesMachine(fact.statement))
    .map((fact) => ({ fact, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ fact }) => fact);
}

/**
 * All ways worth trying, least used facts first: up to eight, each beginning with another fact. Yields nothing when a variable has no
 * fact, or is one that only its author can fill.
 */
export function* fillTemplate(
  template: TemplateSeed,
  app: App,
  facts: readonly FactForWriting[],
  uses: ReadonlyMap<string, number>,
): Generator<Filled> {
  const seen = new Set<string>();
  for (let turn = 0; turn < 8; turn++) {
    const chosen = choose(template, facts, uses, turn);
    if (!chosen) continue;
    const key = [...chosen.values()].map((fact) => fact.id).join(' ');
    if (seen.has(key)) continue;
    seen.add(key);
    const filled = write(template, app, chosen);
    if (filled) yield filled;
  }
}

/** Whether the facts carry a template, the least used ones taken. */
export function canFill(
  template: TemplateSeed,
  facts: readonly FactForWriting[],
  uses: ReadonlyMap<string, number>,
): boolean {
  return choose(template, facts, uses, 0) !== null;
}

function choose(
  template: TemplateSeed,
  facts: readonly FactForWriting[],
  uses: ReadonlyMap<string, number>,
  turn: number,
): Map<string, FactForWriting> | null {
  const chosen = new Map<string, FactForWriting>();
  for (const variable of template.variables) {
    if (variable.type === 'url' || variable.name === 'app' || variable.name === 'tagline') continue;
    const slot = variable.name.replace(/_(short|name|text|words|author|inline)$/, '');
    if (chosen.has(slot)) continue;
    if (variable.type !== 'fact' || !variable.factKind) return null;
    const taken = [...chosen.values()];
    const fitting = facts
      .filter(
        (fact) =>
          fact.kind === variable.factKind &&
          fits(fact, template, slot) &&
          !(baseOf(slot) === 'selling_point' && isPromise(fact, facts)),
      )
      // Two facts from the same words would say one thing twice.
      .filter((fact) => !taken.some((other) => other.id === fact.id || other.quote === fact.quote))
      .sort((a, b) => (uses.get(a.id) ?? 0) - (uses.get(b.id) ?? 0));
    const pain = taken.find((other) => other.kind === 'pain_point');
    // An answer has to answer: features come in the order in which they speak of the problem.
    if (pain && variable.factKind === 'feature') {
      fitting.sort((a, b) => affinity(b, pain) - affinity(a, pain));
      if (template.kind === 'problem_solution' && fitting[0] && affinity(fitting[0], pain) === 0) return null;
    }
    // The lead changes with each turn, what answers it stays the best there is.
    const fact =
      fitting[
        taken.length === 0 ? turn % Math.max(fitting.length, 1) : pain ? 0 : (turn >> 1) % Math.max(fitting.length, 1)
      ];
    if (!fact) return null;
    chosen.set(slot, fact);
  }
  return chosen;
}

/** What the app is, said as a reason to choose it, is no decision to talk about. */
function isPromise(fact: FactForWriting, facts: readonly FactForWriting[]): boolean {
  return facts.some((other) => other.kind === 'value_proposition' && other.quote === fact.quote);
}

/** How many words two facts share, by their first five letters, so that "webhook" meets "webhooks". */
function affinity(a: FactForWriting, b: FactForWriting): number {
  const stems = (fact: FactForWriting) =>
    new Set(
      (`${fact.statement} ${fact.quote}`.toLowerCase().match(/\p{L}{4,}/gu) ?? [])
        .filter((word) => !common.has(word))
        .map((word) => word.slice(0, 5)),
    );
  const known = stems(b);
  return [...stems(a)].filter((stem) => known.has(stem)).length;
}

const common = new Set(
  'your yours with that this from what when they them their have will most more than people without into only which about every'.split(
    ' ',
  ),
);

/** The same kind of fact can serve different sentences: a count of customers is a milestone, not a decision. */
function fits(fact: FactForWriting, template: TemplateSeed, slot: string): boolean {
  const counted =
    /\d.*\b(customers|users|developers|teams|founders|makers|companies|businesses|people|stars?|starred)\b/i.test(
      fact.statement,
    );
  const named = baseOf(slot);
  const needs = (ending: string) => template.variables.some((variable) => variable.name === `${slot}_${ending}`);
  if (named === 'milestone') return counted;
  if (named === 'selling_point')
    return !counted && fact.statement.length <= 120 && !/ vs\.? | versus /i.test(fact.statement);
  const story = /^(we|i) \p{L}+ .*\bbecause\b/iu.test(fact.statement);
  if (named === 'story') return story;
  if (named === 'pain') return !story;
  if (named === 'price')
    return /\bcosts?\b|\bfree\b/i.test(fact.statement) && !/\bcovers\b|\bincludes\b/.test(fact.statement);
  if (named === 'audience') return /\b(for|by) /.test(fact.statement);
  if (named === 'value_proposition') return !/^(stop|never|no|don['’]t)\b/i.test(fact.statement);
  if (named === 'feature' && needs('text') && titleOf(fact.statement) === null) return false;
  if (named === 'feature' && needs('name'))
    return phrase(fact).length <= 48 && !startsWithVerb(phrase(fact)) && titleOf(fact.statement) !== null;
  if (named === 'feature' && needs('short')) return phrase(fact).length <= 60;
  return true;
}

function write(template: TemplateSeed, app: App, chosen: ReadonlyMap<string, FactForWriting>): Filled | null {
  const claims: Claim[] = [];
  const parts: string[] = [];
  for (const [at, part] of template.parts.entries()) {
    let text = '';
    let from = 0;
    for (const match of part.matchAll(/\{\{(\w+)\}\}/g)) {
      text += part.slice(from, match.index);
      from = match.index + match[0].length;
      const value = wordsFor(match[1] ?? '', app, chosen);
      if (!value) return null;
      // "The part I would try first: Retries" reads as a slip; after a colon a phrase goes on in lower case.
      const piece =
        value.fact && /_(short|name)$/.test(match[1] ?? '') && /: $/.test(text) ? lowerFirst(value.text) : value.text;
      if (value.fact)
        claims.push({
          part: at,
          start: text.length,
          end: text.length + piece.length,
          text: piece,
          factId: value.fact.id,
        });
      text += piece;
    }
    parts.push(text + part.slice(from));
  }
  return { parts, claims };
}

function wordsFor(
  variable: string,
  app: App,
  chosen: ReadonlyMap<string, FactForWriting>,
): { text: string; fact?: FactForWriting } | null {
  if (variable === 'app') return { text: app.name };
  if (variable === 'link') return { text: app.url };
  if (variable === 'tagline') return app.tagline ? { text: app.tagline } : null;
  const form = variable.match(/_(short|name|text|words|author|inline)$/)?.[1];
  const fact = chosen.get(form ? variable.slice(0, -form.length - 1) : variable);
  if (!fact) return null;
  const text = formOf(fact, form, app);
  return text ? { text, fact } : null;
}

function formOf(fact: FactForWriting, form: string | undefined, app: App): string | null {
  if (form === 'short' || form === 'name') return phrase(fact);
  if (form === 'text') {
    const title = titleOf(fact.statement);
    return asSentence(title === null ? fact.statement : fact.statement.slice(title.length + 1).trim(), app.name);
  }
  // A customer's words are theirs: not a letter is changed.
  if (form === 'words') return fact.quote;
  if (form === 'author') return fact.statement.match(/^(.{2,60}?) says?:/)?.[1] ?? null;
  const sentence = asSentence(fact.statement, app.name);
  return form === 'inline' && !sentence.startsWith(app.name) ? lowerFirst(sentence) : sentence;
}

function phrase(fact: FactForWriting): string {
  const title = fact.kind === 'feature' ? titleOf(fact.statement) : null;
  const bare = (title ?? asSentence(fact.statement)).replace(/[.:]$/, '');
  return fact.kind === 'target_audience' ? bare.replace(/^.*?\b(?:made|built|designed|meant)? ?for /i, '') : bare;
}

/** The words before the colon, when they are a title and not half of a sentence. */
function titleOf(statement: string): string | null {
  const title = statement.match(/^([^:.]{3,60}):\s/)?.[1];
  return title && title.split(' ').length <= 9 ? title : null;
}
