/** Holds a text against the brand's voice as it was found on the pages or set by a person. Pure. */
import { hypeWords } from '#src/understand/builtin/tone.ts';
import type { FactKind } from './findings.ts';
import { soundsUnlike } from './voice/compare.ts';
import type { Learnt, TraitId } from './voice/measure.ts';
import { contracted, emoji, readable, sentencesOf } from './voice/text.ts';

/**
 * A fact of the kinds `tone`, `style_note`, `do_say` and `dont_say`; others are ignored. `detail` as `builtin/tone.ts` writes it, when
 * there is one. What a person wrote is understood by its quoted words: Do not say “synergy”, Say “customers”, not “users”.
 */
export type VoiceFact = {
  id?: string;
  kind: FactKind;
  statement: string;
  detail?: Record<string, string | number | null> | null;
  /** What a person decided on stands against any measurement. */
  state?: string;
};

export type VoiceProblem = {
  /** The words in question, literally. */
  text: string;
  /** UTF-16 offsets in the text, as the browser counts. */
  startsAt: number;
  endsAt: number;
  reason: string;
  /** The rule that says so; null when one's own numbers do. */
  factId: string | null;
  trait: TraitId | null;
};

/**
 * The places where a text does not sound like the brand, in reading order: by the rules that were found or set, and by
 * the writer's own numbers (`learnt`). A rule that was only measured on the pages gives way to what their posts show. An
 * empty list means nothing speaks against it.
 */
export function checkVoice(
  text: string,
  facts: readonly VoiceFact[],
  learnt: Learnt | null = null,
): { problems: VoiceProblem[] } {
  const words = readable(text);
  const ruled = facts.filter((fact) => !isSuperseded(fact, learnt)).flatMap((fact) => brokenBy(words, text, fact));
  const unlike = learnt ? soundsUnlike(text, learnt).map((one) => ({ ...one, factId: null })) : [];
  const kept: VoiceProblem[] = [];
  // The same place is named once: by the rule, with the number that bears it out.
  for (const problem of [...ruled, ...unlike]) {
    const same = kept.find((one) => one.startsAt === problem.startsAt && one.endsAt === problem.endsAt);
    if (!same) kept.push(problem);
    else if (same.trait === null && problem.trait !== null)
      Object.assign(same, { reason: `${same.reason} ${problem.reason}`, trait: problem.trait });
  }
  return { problems: kept.sort((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt) };
}

type Found = { text: string; startsAt: number; reason: string };

function brokenBy(words: string, text: string, fact: VoiceFact): VoiceProblem[] {
  const places = (): Found[] => {
    if (fact.kind === 'tone') return tooLong(words, fact);
    if (fact.kind === 'dont_say') return [...byRule(words, fact), ...saidAnyway(words, fact)];
    if (fact.kind === 'do_say') return [...byRule(words, fact), ...saidOtherwise(words, fact)];
    return fact.kind === 'style_note' ? byRule(words, fact) : [];
  };
  return places().map(({ text: found, startsAt, reason }) => ({
    text: text.slice(startsAt, startsAt + found.length),
    startsAt,
    endsAt: startsAt + found.length,
    reason,
    factId: fact.id ?? null,
    trait: null,
  }));
}

const measuredAs: Record<string, TraitId> = {
  exclamations: 'exclamations',
  emoji: 'emoji',
  contractions: 'contractions',
  person: 'person',
  sentence_words: 'sentence_words',
};

function isSuperseded(fact: VoiceFact, learnt: Learnt | null): boolean {
  if (learnt?.kind !== 'post' || fact.state === 'confirmed' || fact.state === 'corrected') return false;
  const trait = measuredAs[String(fact.detail?.rule ?? fact.detail?.measure ?? '')];
  return learnt.traits.some((one) => one.id === trait && one.enough);
}

/** A sentence more than twice as long as the usual one, and of more than 25 words, reads as somebody else's. */
function tooLong(text: string, fact: VoiceFact): Found[] {
  const usual = Number(fact.detail?.value);
  if (fact.detail?.measure !== 'sentence_words' || !(usual > 0)) return [];
  return sentencesOf(text)
    .map((sentence) => ({ ...sentence, words: sentence.text.split(/\s+/).length }))
    .filter(({ words }) => words > 25 && words > usual * 2)
    .map(({ text: sentence, startsAt, words }) => ({
      text: sentence,
      startsAt,
      reason: `This sentence has ${words} words; yours have ${usual} on average. Cut it in two.`,
    }));
}

const rules: Record<string, (fact: VoiceFact) => [RegExp, string] | null> = {
  exclamations: () => [/!+/g, 'Your pages do without exclamation marks.'],
  emoji: () => [emoji, 'Your pages do without emoji.'],
  hype: () => [new RegExp(hypeWords.source, 'gi'), 'This promises more than it says. Name what it does instead.'],
  contractions: (fact) => (Number(fact.detail?.value) === 0 ? [contracted, 'Your pages write this out.'] : null),
  person: (fact) =>
    fact.detail?.value === 'we'
      ? [/\b(?:I|my|mine)\b/g, 'Your pages say “we”.']
      : fact.detail?.value === 'I'
        ? [/\b(?:we|our|ours)\b/gi, 'Your pages say “I”.']
        : null,
};

function byRule(text: string, fact: VoiceFact): Found[] {
  const rule = typeof fact.detail?.rule === 'string' ? fact.detail.rule : '';
  if (rule === 'spelling') return misspelt(text, String(fact.detail?.value ?? ''));
  const found = rules[rule]?.(fact);
  if (!found) return [];
  const [pattern, reason] = found;
  return [...text.matchAll(pattern)].map((match) => ({ text: match[0], startsAt: match.index, reason }));
}

function misspelt(text: string, name: string): Found[] {
  if (name === '') return [];
  // A handle or hashtag has a spelling of its own.
  const any = new RegExp(`(?<![\\p{L}\\p{N}@#./])${RegExp.escape(name)}(?![\\p{L}\\p{N}])`, 'giu');
  return [...text.matchAll(any)]
    .filter((match) => match[0] !== name)
    .map((match) => ({ text: match[0], startsAt: match.index, reason: `The name is written “${name}”.` }));
}

/** Words in quotation marks in a rule of a person's own. The measured rules quote examples, and are checked by their pattern. */
function saidAnyway(text: string, fact: VoiceFact): Found[] {
  if (fact.detail?.rule) return [];
  return quotedWords(fact.statement).flatMap((words) =>
    [...text.matchAll(wholeWords(words))].map((match) => ({
      text: match[0],
      startsAt: match.index,
      reason: fact.statement,
    })),
  );
}

/** “Say X, not Y”: Y is the problem. */
function saidOtherwise(text: string, fact: VoiceFact): Found[] {
  if (fact.detail?.rule) return [];
  const instead = fact.statement
    .split(/,?\s+(?:not|instead of|rather than)\s+/i)
    .slice(1)
    .join(' ');
  return quotedWords(instead).flatMap((words) =>
    [...text.matchAll(wholeWords(words))].map((match) => ({
      text: match[0],
      startsAt: match.index,
      reason: fact.statement,
    })),
  );
}

function quotedWords(statement: string): string[] {
  return [...statement.matchAll(/[“"„]([^”"“]{2,60})[”"“]/g)]
    .map((match) => (match[1] ?? '').trim())
    .filter((words) => words !== '');
}

function wholeWords(words: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(words)}(?![\\p{L}\\p{N}])`, 'giu');
}
