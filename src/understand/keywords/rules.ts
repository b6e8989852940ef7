/** What a searcher wants, and how crowded a phrase is: by rules that say their reason. Pure. */
import type { Intent, Place } from '#src/understand/findings.ts';

export type Judged<T> = { value: T; reasons: string[] };

type Around = {
  /** Names of the app and of competitors, small letters. */
  own?: string;
  others?: readonly string[];
  places?: readonly Place[];
};

/**
 * What someone who types a phrase wants: to know (informational), to choose (commercial), to get (transactional), to reach a place
 * (navigational). The first rule that applies decides; its reason names the word it went by.
 */
export function intentOf(phrase: string, { own = '', others = [], places = [] }: Around = {}): Judged<Intent> {
  const text = ` ${phrase.toLowerCase()} `;
  const judged = (value: Intent, reason: string) => ({ value, reasons: [reason] });
  const word = (pattern: RegExp) => text.match(pattern)?.[1];
  const compares = word(/ (vs|versus|alternatives?|compared|instead of|review|reviews) /);
  if (compares) return judged('commercial', `“${compares}” is typed by people who compare before they choose.`);
  const question = word(/^ (how|what|why|when|which|who|where|can|does|do|is|are|should) /);
  if (question) return judged('informational', `It begins with “${question}”: the searcher wants an answer.`);
  const name = [own, ...others].find((each) => each.length > 1 && text.includes(` ${each.toLowerCase()} `));
  const buys = word(
    / (price|prices|pricing|cost|costs|buy|cheap|discount|coupon|deal|free trial|trial|download|order|subscription|sign up|demo|for sale|quote) /,
  );
  if (buys) return judged('transactional', `“${buys}” is typed by people who are about to get it.`);
  if (name !== undefined)
    return judged('navigational', `It holds the name ${name}: the searcher looks for one product.`);
  const learns = word(
    / (guide|tutorial|tips|learn|examples?|meaning|definition|checklist|ideas|best practices|explained|course|glossary) /,
  );
  if (learns) return judged('informational', `“${learns}” is typed by people who want to learn.`);
  const product = word(
    / (best|top|software|tool|tools|app|apps|platform|service|services|tracker|generator|builder|editor|plugin|extension|widget|api|cli|system|solution|template|templates|checker|maker|manager|for) /,
  );
  if (product) return judged('commercial', `“${product}” is typed by people who look for something to use.`);
  if (places.includes('title') || places.includes('description'))
    return judged('commercial', 'It stands in the title or the description of a page that offers something.');
  return judged('informational', 'It names a subject, and no word in it says that somebody wants to choose or buy.');
}

/**
 * How crowded a phrase is, from 0.05 (open) to 0.95, with the reasons. A proxy, not a measurement: neither search volumes nor results
 * are known. Short, general phrases are fought over, long and special ones are not (0.82, 0.58, 0.38, 0.24 for one to four words,
 * 0.18 for more; 0.08 more for a word everyone sells with, 0.06 less for each number in it); each competitor that has it in a title or
 * a heading adds 0.06, one that has it in its text 0.02, both up to 0.18.
 */
export function difficultyOf(
  phrase: string,
  competitors: { prominent: number; mentioned: number } = { prominent: 0, mentioned: 0 },
): Judged<number> {
  const size = phrase.split(' ').length;
  const base = [0, 0.82, 0.58, 0.38, 0.24, 0.18][Math.min(size, 5)] ?? 0.18;
  const reasons = [
    `${size} ${size === 1 ? 'word' : 'words'}: ${percent(base)}. Shorter phrases are fought over by more.`,
  ];
  let value = base;
  const general = phrase.match(
    /\b(software|app|tool|platform|marketing|business|design|e-?mail|video|ai|free|online)\b/,
  )?.[1];
  if (general) {
    value += 0.08;
    reasons.push(`“${general}” is a word that everyone sells with: +8.`);
  }
  const numbers = (phrase.match(/\b\S*\d\S*\b/g) ?? []).length;
  if (numbers > 0) {
    value -= 0.06 * numbers;
    reasons.push(`A number makes it special: -${6 * numbers}.`);
  }
  const { prominent, mentioned } = competitors;
  const crowd = Math.min(0.18, 0.06 * prominent + 0.02 * Math.max(0, mentioned - prominent));
  if (crowd > 0) {
    value += crowd;
    reasons.push(
      prominent > 0
        ? `${prominent} ${prominent === 1 ? 'competitor has' : 'competitors have'} it in a title or a heading: +${percent(crowd)}.`
        : `${mentioned} ${mentioned === 1 ? 'competitor mentions' : 'competitors mention'} it: +${percent(crowd)}.`,
    );
  }
  return { value: Math.round(Math.max(0.05, Math.min(0.95, value)) * 100) / 100, reasons };
}

export function kindOf(phrase: string): 'primary' | 'long_tail' {
  return phrase.split(' ').length >= 3 ? 'long_tail' : 'primary';
}

function percent(share: number): number {
  return Math.round(share * 100);
}
