/** Holds a text against the brand's voice as it was found on the pages or set by a person. Pure. */
import { hypeWords } from '#src/understand/builtin/tone.ts';
import type { FactKind } from './findings.ts';

/**
 * A fact of the kinds `tone`, `style_note`, `do_say` and `dont_say`; others are ignored. `detail` as `builtin/tone.ts` writes it, when
 * there is one. What a person wrote is understood by its quoted words: Do not say “synergy”, Say “customers”, not “users”.
 */
export type VoiceFact = { kind: FactKind; statement: string; detail?: Record<string, string | number | null> | null };

export type VoiceProblem = {
  /** The words in question, literally. */
  text: string;
  reason: string;
};

/** The places where a text does not sound like the brand. An empty list means nothing speaks against it. */
export function checkVoice(text: string, facts: readonly VoiceFact[]): { problems: VoiceProblem[] } {
  const readable = text.replace(/https?:\/\/\S+|\{\{[^}]*\}\}/g, ' ');
  const problems = facts.flatMap((fact) => {
    if (fact.kind === 'tone') return tooLong(readable, fact);
    if (fact.kind === 'dont_say') return [...byRule(readable, fact), ...saidAnyway(readable, fact)];
    if (fact.kind === 'do_say') return [...byRule(readable, fact), ...saidOtherwise(readable, fact)];
    return fact.kind === 'style_note' ? byRule(readable, fact) : [];
  });
  const seen = new Set<string>();
  return {
    problems: problems.filter(
      ({ text: words, reason }) => !seen.has(`${words} ${reason}`) && seen.add(`${words} ${reason}`),
    ),
  };
}

/** A sentence more than twice as long as the usual one, and of more than 25 words, reads as somebody else's. */
function tooLong(text: string, fact: VoiceFact): VoiceProblem[] {
  const usual = Number(fact.detail?.value);
  if (fact.detail?.measure !== 'sentence_words' || !(usual > 0)) return [];
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => ({ sentence: sentence.trim(), words: sentence.trim().split(/\s+/).length }))
    .filter(({ words }) => words > 25 && words > usual * 2)
    .map(({ sentence, words }) => ({
      text: sentence,
      reason: `This sentence has ${words} words; yours have ${usual} on average. Cut it in two.`,
    }));
}

const rules: Record<string, (fact: VoiceFact) => [RegExp, string] | null> = {
  exclamations: () => [/\S*!+/g, 'Your pages do without exclamation marks.'],
  emoji: () => [/\p{Extended_Pictographic}/gu, 'Your pages do without emoji.'],
  hype: () => [new RegExp(hypeWords.source, 'gi'), 'This promises more than it says. Name what it does instead.'],
  contractions: (fact) =>
    Number(fact.detail?.value) === 0
      ? [
          /\b(?:\p{L}+n['’]t|\p{L}+['’](?:re|ve|ll|m)|(?:it|that|what|there|here)['’]s)\b/giu,
          'Your pages write this out.',
        ]
      : null,
  person: (fact) =>
    fact.detail?.value === 'we'
      ? [/\b(?:I|my|mine)\b/g, 'Your pages say “we”.']
      : fact.detail?.value === 'I'
        ? [/\b(?:we|our|ours)\b/gi, 'Your pages say “I”.']
        : null,
};

function byRule(text: string, fact: VoiceFact): VoiceProblem[] {
  const rule = typeof fact.detail?.rule === 'string' ? fact.detail.rule : '';
  if (rule === 'spelling') return misspelt(text, String(fact.detail?.value ?? ''));
  const found = rules[rule]?.(fact);
  if (!found) return [];
  const [pattern, reason] = found;
  return [...text.matchAll(pattern)].map((match) => ({ text: match[0], reason }));
}

function misspelt(text: string, name: string): VoiceProblem[] {
  if (name === '') return [];
  // A handle or hashtag has a spelling of its own.
  const any = new RegExp(`(?<![\\p{L}\\p{N}@#./])${RegExp.escape(name)}(?![\\p{L}\\p{N}])`, 'giu');
  return [...text.matchAll(any)]
    .filter((match) => match[0] !== name)
    .map((match) => ({ text: match[0], reason: `The name is written “${name}”.` }));
}

/** Words in quotation marks in a rule of a person's own. The measured rules quote examples, and are checked by their pattern. */
function saidAnyway(text: string, fact: VoiceFact): VoiceProblem[] {
  if (fact.detail?.rule) return [];
  return quotedWords(fact.statement).flatMap((words) =>
    [...text.matchAll(wholeWords(words))].map((match) => ({ text: match[0], reason: fact.statement })),
  );
}

/** “Say X, not Y”: Y is the problem. */
function saidOtherwise(text: string, fact: VoiceFact): VoiceProblem[] {
  if (fact.detail?.rule) return [];
  const instead = fact.statement
    .split(/,?\s+(?:not|instead of|rather than)\s+/i)
    .slice(1)
    .join(' ');
  return quotedWords(instead).flatMap((words) =>
    [...text.matchAll(wholeWords(words))].map((match) => ({ text: match[0], reason: fact.statement })),
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
