/** The noun chunks of a sentence: what a phrase can be, by the parts of speech of its words. */
import type { Tagged } from '#src/understand/builtin/english.ts';
import { isContainer, isFunctionWord, isPointing } from './common.ts';
import { stem } from './stem.ts';
import { actsAt, namesAt } from './verbs.ts';

/** One word of a phrase; hyphenated words are one. */
export type Word = {
  lower: string;
  /** The stems of its parts: what makes two words the same. */
  stems: string;
  kind: 'noun' | 'name' | 'modifier' | 'doing' | 'of' | 'other';
  capital: boolean;
  acronym: boolean;
};

/** Words that follow each other. `counted`: a number stands before them. */
export type Chunk = { words: Word[]; counted: boolean };

/** Longer chains of nouns are seldom terms; their end is. */
const longest = 5;

/** The maximal chunks of a sentence, in reading order, and the acronyms it explains. */
export function chunksOf(sentence: readonly Tagged[]): {
  chunks: Chunk[];
  meanings: { short: string; long: string }[];
  words: readonly Token[];
} {
  const all = merged(sentence);
  for (const [at, word] of all.entries()) if (namesAt(all, at)) word.kind = 'noun';
  for (const [at, word] of all.entries())
    if (actsAt(all, at)) word.kind = 'other';
    else if (isThing(all, at)) word.kind = 'noun';
  const chunks: Chunk[] = [];
  const meanings: { short: string; long: string }[] = [];
  let at = 0;
  while (at < all.length) {
    let end = at;
    while (end < all.length && isPart(all, end, at)) end++;
    if (end === at) {
      at++;
      continue;
    }
    const counted = at > 0 && all[at - 1]?.pos === 'NUM';
    for (const run of cut(all.slice(at, end))) chunks.push({ words: run, counted: counted && run[0] === all[at] });
    const meaning = acronymAt(all, end);
    if (meaning) meanings.push(meaning);
    const joint = ofPhrase(all, at, end);
    if (joint) chunks.push({ words: joint, counted: false });
    at = end;
  }
  return { chunks, meanings, words: all };
}

/** A word with its part of speech. */
export type Token = Word & { text: string; pos: string; spaced: boolean };

/** Hyphenated words and possessives of names as one word each. */
function merged(sentence: readonly Tagged[]): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < sentence.length; at++) {
    const first = sentence[at] as Tagged;
    let text = first.text;
    let last = first;
    let joined = false;
    // "3D", "802.11b": the tagger takes the number for itself.
    const glued = sentence[at + 1];
    if (/^[\d.]+$/.test(text) && glued && !glued.spaced && /^\p{L}{1,3}$/u.test(glued.text) && !unit.test(glued.text)) {
      found.push(wordOf(text + glued.text, 'ADJ', first.spaced, found.length === 0));
      at++;
      continue;
    }
    const isWord = (token: Tagged | undefined) => token !== undefined && /^[\p{L}\p{N}]/u.test(token.text);
    for (;;) {
      const [sign, next] = [sentence[at + 1], sentence[at + 2]];
      if (!isWord(first) || !sign || !next || sign.spaced || next.spaced || !isWord(next)) break;
      if (sign.text !== '-' && !(sign.text === '/' && /^\p{Lu}{1,3}$/u.test(text) && /^\p{Lu}{1,3}$/u.test(next.text)))
        break;
      text += sign.text + next.text;
      last = next;
      joined = true;
      at += 2;
    }
    const possessive = sentence[at + 1];
    const upper = /^\p{Lu}/u.test(text);
    if (possessive?.text === "'s" && upper && found.length > 0) {
      text += "'s";
      at++;
    }
    found.push(wordOf(text, joined ? compoundPos(text, last.pos) : last.pos, first.spaced, found.length === 0));
  }
  return found;
}

/** "Real-time" stands before a noun; "trade-off" and "third-party" can be one. */
function compoundPos(text: string, pos: string): string {
  if (/-(?:off|up|in|out|down|over|back|by)s?$/i.test(text)) return 'NOUN';
  if (
    /-(?:based|driven|free|like|wise|specific|dependent|independent|aware|oriented|related|wide|scale|time|level|order|world|art|line|end|term|side|ready|friendly|\p{L}+ed|\p{L}+al|\p{L}+ic)$/iu.test(
      text,
    )
  )
    return 'ADJ';
  return pos === 'NOUN' || pos === 'PROPN' ? pos : 'ADJ';
}

function wordOf(text: string, pos: string, spaced: boolean, first: boolean): Token {
  const lower = text.toLowerCase();
  const letters = text.replace(/[^\p{L}]/gu, '');
  const acronym = /^\p{Lu}{2,}s?$/u.test(letters) || /^\p{Lu}[\p{Lu}\d-]*\d$/u.test(text);
  return {
    text,
    lower,
    stems: lower
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean)
      .map(stem)
      .join(' '),
    pos,
    spaced,
    kind: kindOf(lower, pos),
    capital: !first && /^\p{Lu}/u.test(text),
    acronym,
  };
}

function kindOf(lower: string, pos: string): Word['kind'] {
  if (lower === 'of') return 'of';
  if (!/^[\p{L}\p{N}][\p{L}\p{N}.'+#&/-]*$/u.test(lower) || !/\p{L}/u.test(lower)) return 'other';
  if (isFunctionWord(lower)) return 'other';
  if (pos === 'NOUN') return 'noun';
  if (pos === 'PROPN') return 'name';
  if (pos === 'ADJ') return 'modifier';
  if ((pos === 'VERB' || pos === 'NOUN') && /\p{L}{3,}ing$/u.test(lower)) return 'doing';
  if (pos === 'VERB' && /(?:ed|en|wn)$/.test(lower)) return 'modifier';
  return 'other';
}

const unit =
  /^(?:[kcmμµnpgth]?(?:m|g|w|v|a|s|hz|pa|ev|j|l|b|bit|byte|mol)|khz|mhz|ghz|thz|kw|mw|gw|kv|mv|kb|mb|gb|tb|db|dbm|kpa|mpa|gpa|kev|mev|gev|tev|k|c|f|ppm|rpm|fps|kbps|mbps|gbps|sq|ft|in|km|cm|mm|nm|um|kg|mg|ms|ns|ps|fs|ml|ev|pct|percent|cent|p|am|pm)$/i;

/** Whether the word at `at` can go on a chunk that began at `from`. */
function isPart(all: readonly Token[], at: number, from: number): boolean {
  const word = all[at] as Token;
  const before = all[at - 1];
  const next = all[at + 1];
  if (word.kind === 'other' || word.kind === 'of') return false;
  if (before?.pos === 'NUM' && unit.test(word.lower)) return false;
  if (word.kind === 'noun' || word.kind === 'name') return true;
  const leads = at === from;
  const follows =
    next !== undefined &&
    (next.kind === 'noun' || next.kind === 'name' || next.kind === 'modifier' || next.kind === 'doing');
  if (word.kind === 'modifier') {
    if (!follows) return false;
    // "The gateway rejected packets" has a verb, "the rejected packets" has none.
    return (
      word.pos === 'ADJ' ||
      (leads
        ? !/^(?:PRON|AUX|PART|ADV)$/.test(before?.pos ?? '') && !isSecondVerb(all, at)
        : (all[at - 1] as Token).kind === 'modifier')
    );
  }
  if (doings.has(word.lower)) return true;
  if (!follows) return !leads || (before?.pos !== 'AUX' && before?.pos !== 'PRON' && isNamedDoing(word, before, next));
  // "For solving equations" is about equations, "the learning rate" about a learning rate.
  return leads
    ? !/^(?:ADP|SCONJ|AUX|PART|PRON|CCONJ|ADV)$/.test(before?.pos ?? 'ADP')
    : (all[at - 1] as Token).kind === 'modifier';
}

/** "We measured spectra and trained models": after a conjunction a participle goes on a list of modifiers, or is a verb. */
function isSecondVerb(all: readonly Token[], at: number): boolean {
  return all[at - 1]?.pos === 'CCONJ' && all[at - 2]?.kind !== 'modifier';
}

/** "A Lyapunov functional is", "the surface potential of": an adjective by form that ends its chunk. */
function isThing(all: readonly Token[], at: number): boolean {
  const [before, word, next] = [all[at - 1], all[at], all[at + 1]];
  if (word?.kind !== 'modifier' || !nominal.has(word.lower)) return false;
  return (
    /^(?:noun|name|modifier)$/.test(before?.kind ?? '') && !/^(?:noun|name|modifier|doing)$/.test(next?.kind ?? '')
  );
}

/** Adjectives by form that are things too. */
const nominal = new Set(
  'functional integral potential polynomial differential derivative exponential material composite ceramic chemical mineral dielectric ferroelectric radical invariant individual variable constant residual residuals primitive functionals integrals potentials polynomials derivatives materials composites ceramics chemicals minerals radicals invariants variables'.split(
    ' ',
  ),
);

/** A gerund that is the thing itself: between a preposition or the beginning and a mark or a preposition ("by adaptive thresholding."). */
function isNamedDoing(word: Token, before: Token | undefined, next: Token | undefined): boolean {
  const opens = before === undefined || /^(?:ADP|DET|ADJ|PUNCT|CCONJ)$/.test(before.pos);
  return (
    opens &&
    word.lower.length > 6 &&
    (next === undefined || /^(?:PUNCT|CCONJ|ADP|AUX)$/.test(next.pos)) &&
    next?.lower !== 'of'
  );
}

/** Activities that are terms of their own: they go with nouns, whatever stands before them. */
const doings = new Set(
  'learning programming computing processing modelling modeling scheduling manufacturing engineering marketing planning mining training imaging tracking filtering coding routing clustering sampling banking mapping ranking matching bargaining pricing funding trading lending accounting printing bonding welding machining networking streaming billing invoicing onboarding advertising publishing monitoring testing debugging logging caching hosting shopping reasoning rendering reading writing teaching bidding forecasting sensing switching signalling signaling multiplexing indexing parsing sequencing screening ageing aging warming heating cooling mixing casting forging sintering annealing etching coating sputtering scattering tunnelling tunneling damping smoothing thresholding tuning encoding decoding bookkeeping budgeting crowdfunding copywriting'.split(
    ' ',
  ),
);

/** Cuts what the tagger ran together: a name from the office before it, and words that only point at the front. */
function cut(run: readonly Token[]): Token[][] {
  const pieces: Token[][] = [];
  let open: Token[] = [];
  for (const [at, word] of run.entries()) {
    const rest = run.slice(at);
    const named = (each: Token) => each.capital && !each.acronym && each.lower.length > 2;
    const before = open.at(-1);
    if (
      before &&
      !before.capital &&
      /^(?:noun|name)$/.test(before.kind) &&
      named(word) &&
      rest.every((each) => each.capital)
    ) {
      pieces.push(open);
      open = [];
    }
    open.push(word);
  }
  pieces.push(open);
  return pieces.flatMap((piece) => {
    const words = [...piece];
    while (words.length > 0 && !words[0]!.capital && isPointing(words[0]!.lower)) words.shift();
    while (words.length > 0 && words[0]!.lower.length === 1 && words[0]!.kind !== 'name') words.shift();
    while (words.length > 0 && !canEnd(words.at(-1) as Token)) words.pop();
    return words.length === 0 ? [] : [words.length > longest ? words.slice(-longest + 1) : words];
  });
}

function canEnd(word: Word): boolean {
  return word.kind === 'noun' || word.kind === 'name' || word.kind === 'doing';
}

/** "Quality of service", "Port of Rosmere": two nouns without an article, the first no mere container. */
function ofPhrase(all: readonly Token[], from: number, end: number): Token[] | null {
  const [head, of, next] = [all[end - 1], all[end], all[end + 1]];
  if (!head || !of || !next || of.kind !== 'of' || isContainer(head.lower.replace(/s$/, '')) || isPointing(next.lower))
    return null;
  if (!canEnd(head) || !/^(?:noun|name|modifier|doing)$/.test(next.kind)) return null;
  if (!head.capital && takesObject.test(head.lower)) return null;
  let last = end + 1;
  while (last < all.length && isPart(all, last, end + 1)) last++;
  const tail = all.slice(end + 1, last);
  if (tail.length === 0 || tail.length > 2 || !canEnd(tail.at(-1) as Token)) return null;
  const start =
    end - from > 1 && all[end - 2]?.kind === 'modifier' && !isPointing(all[end - 2]!.lower) ? end - 2 : end - 1;
  return [...all.slice(start, end), of, ...tail];
}

/** "The estimation of speed" is about speed, and an indexer turns it round. */
const takesObject = /(?:[tsx]ions?|ments?|[ae]nce|ing|ysis|yses|als?|ures?|ness|er|ers|or|ors)$/;

/** "Linear matrix inequalities (LMIs)": the words before the bracket whose initials make what stands in it. */
function acronymAt(all: readonly Token[], end: number): { short: string; long: string } | null {
  const inside = all[end + 1];
  if (all[end]?.text !== '(' || all[end + 2]?.text !== ')' || !inside?.acronym) return null;
  const letters = inside.text
    .replace(/s$/, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  for (let from = end - 1; from >= Math.max(0, end - 8); from--) {
    const words = all.slice(from, end);
    const heads = words
      .flatMap((word) => word.lower.split('-'))
      .filter((word) => !/^(?:of|and|the|for|in|on|to)$/.test(word));
    if (heads.map((word) => word[0]).join('') === letters)
      return { short: inside.stems, long: words.map((word) => word.stems).join(' ') };
  }
  return null;
}
