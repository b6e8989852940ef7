/** Learns how somebody writes from what they wrote. Pure; every trait with its n and the lines it rests on. */
import { endsOf } from './ends.ts';
import { ownWords } from './own-words.ts';
import * as marks from './text.ts';
import { type Piece, placesOf, readable, readingEase, sentencesOf, wordsOf } from './text.ts';

/** One post or page of one's own. */
export type Sample = { id: string; kind: 'post' | 'page'; title: string; url: string | null; text: string };

/** Below these nothing is said of how somebody writes. */
export const FLOORS = { texts: 10, sentences: 30, words: 300, places: 20 };

export const traitIds = [
  'sentence_words',
  'reading_ease',
  'person',
  'contractions',
  'emoji',
  'hashtags',
  'exclamations',
  'questions',
  'hedges',
  'dashes',
  'ellipses',
  'semicolons',
  'capitals',
  'shouting',
  'openings',
  'closings',
  'words',
] as const;
export type TraitId = (typeof traitIds)[number];

export type Example = { text: string; from: string; kind: 'post' | 'page'; sampleId: string; url: string | null };

export type Trait = {
  id: TraitId;
  /** What is counted. */
  of: 'texts' | 'sentences' | 'words' | 'places';
  n: number;
  need: number;
  enough: boolean;
  /** With how many it is so; null where it is no count. */
  count: number | null;
  /** The share (0 to 1), the median, or the score; null below the floor. */
  value: number | null;
  /** Nine in ten are at most this; only of amounts. */
  mostly: number | null;
  distribution: { label: string; count: number }[];
  examples: Example[];
};

export type Learnt = { kind: 'post' | 'page'; texts: number; sentences: number; words: number; traits: Trait[] };

type Text = { sample: Sample; text: string; sentences: Piece[] };

/** Measures samples of one kind, posts or pages. */
export function measureVoice(kind: 'post' | 'page', samples: readonly Sample[]): Learnt {
  const texts = samples.map((sample): Text => {
    const text = readable(sample.text);
    return { sample, text, sentences: sentencesOf(text).filter((one) => wordsOf(one.text).length > 1) };
  });
  const sentences = texts.flatMap(({ sample, sentences: own }) => own.map(({ text }) => ({ sample, text })));
  const words = texts.reduce((sum, { text }) => sum + wordsOf(text).length, 0);
  const inSentences = (id: TraitId, pattern: RegExp) =>
    sharing(
      id,
      'sentences',
      sentences.filter(({ text }) => text.length > 0),
      pattern,
    );
  const inTexts = (id: TraitId, pattern: RegExp) =>
    sharing(
      id,
      'texts',
      texts.map(({ sample, text }) => ({ sample, text })),
      pattern,
    );
  return {
    kind,
    texts: texts.length,
    sentences: sentences.length,
    words,
    traits: [
      lengthTrait(sentences),
      easeTrait(texts),
      personTrait(sentences),
      contractionTrait(sentences),
      amountTrait('emoji', texts, marks.emoji),
      amountTrait('hashtags', texts, marks.hashtag),
      inSentences('exclamations', /!/),
      inSentences('questions', /\?["'”’)]*$/),
      inSentences('hedges', new RegExp(marks.hedges.source, 'iu')),
      inTexts('dashes', /[—–](?!\d)|(?<=\s)--?(?=\s)/u),
      inTexts('ellipses', /…|\.{3}/),
      inTexts('semicolons', /;/),
      inSentences('capitals', /^["'“‘(]*\p{Ll}/u),
      inTexts('shouting', new RegExp(marks.shouted.source, 'u')),
      endsTrait('openings', texts),
      endsTrait('closings', texts),
      wordTrait(texts, words),
    ],
  };
}

type Line = { sample: Sample; text: string };

function example({ sample, text }: Line): Example {
  const line = text.replace(/\s+/g, ' ').trim();
  return {
    text: line.length > 160 ? `${line.slice(0, 160).replace(/\s+\S*$/, '')}…` : line,
    from: sample.title,
    kind: sample.kind,
    sampleId: sample.id,
    url: sample.url,
  };
}

const floorOf = { texts: FLOORS.texts, sentences: FLOORS.sentences, words: FLOORS.words, places: FLOORS.places };

function trait(id: TraitId, of: Trait['of'], n: number, rest: Partial<Trait> & { value: number | null }): Trait {
  const enough = n >= floorOf[of];
  return {
    id,
    of,
    n,
    need: floorOf[of],
    enough,
    count: rest.count ?? null,
    value: enough ? rest.value : null,
    mostly: enough ? (rest.mostly ?? null) : null,
    distribution: enough ? (rest.distribution ?? []) : [],
    examples: rest.examples?.slice(0, 3) ?? [],
  };
}

/** In how many of these the pattern stands. A pattern without `g`. */
function sharing(id: TraitId, of: 'texts' | 'sentences', lines: readonly Line[], pattern: RegExp): Trait {
  const having = lines.filter(({ text }) => pattern.test(text));
  return trait(id, of, lines.length, {
    count: having.length,
    value: having.length / Math.max(1, lines.length),
    distribution: [
      { label: 'With', count: having.length },
      { label: 'Without', count: lines.length - having.length },
    ],
    examples: having.map((line) => example(around(line, pattern))),
  });
}

/** The sentence in which it stands. */
function around({ sample, text }: Line, pattern: RegExp): Line {
  return { sample, text: sentencesOf(text).find((one) => pattern.test(one.text))?.text ?? text };
}

const lengths = [5, 10, 15, 20, 25, 30];

function lengthTrait(sentences: readonly Line[]): Trait {
  const counted = sentences.map((line) => ({ line, words: wordsOf(line.text).length }));
  const sorted = counted.map(({ words }) => words).sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const typical = counted.filter(({ words }) => words === median).map(({ line }) => example(line));
  const longest = counted.toSorted((a, b) => b.words - a.words).slice(0, 1);
  return trait('sentence_words', 'sentences', sentences.length, {
    value: median,
    mostly: quantile(sorted, 0.9),
    distribution: binned(sorted, lengths),
    examples: [...typical.slice(0, 2), ...longest.map(({ line }) => example(line))],
  });
}

const grades = [30, 50, 60, 70, 80, 90];

function easeTrait(texts: readonly Text[]): Trait {
  const scored = texts.flatMap(({ sample, text }) => {
    const ease = readingEase(text);
    return ease === null ? [] : [{ line: { sample, text }, ease }];
  });
  const sorted = scored.map(({ ease }) => ease).sort((a, b) => a - b);
  const hardest = scored.toSorted((a, b) => a.ease - b.ease).slice(0, 2);
  return trait('reading_ease', 'texts', scored.length, {
    value: Math.round(quantile(sorted, 0.5)),
    distribution: binned(
      sorted.map((ease) => Math.ceil(ease)),
      grades,
    ),
    examples: hardest.map(({ line }) => example(line)),
  });
}

/** `value`: the share of “I” among “I” and “we”. */
function personTrait(sentences: readonly Line[]): Trait {
  const times = (pattern: RegExp) => sentences.reduce((sum, { text }) => sum + placesOf(text, pattern).length, 0);
  const [mine, ours, yours] = [times(marks.singular), times(marks.plural), times(marks.addressed)];
  const more = mine >= ours ? marks.singular : marks.plural;
  return trait('person', 'places', mine + ours, {
    count: mine,
    value: mine + ours > 0 ? mine / (mine + ours) : null,
    distribution: [
      { label: 'I', count: mine },
      { label: 'we', count: ours },
      { label: 'you', count: yours },
    ],
    examples: sentences.filter(({ text }) => placesOf(text, more).length > 0).map(example),
  });
}

/** `value`: the share of contractions where one could have contracted. */
function contractionTrait(sentences: readonly Line[]): Trait {
  const times = (pattern: RegExp) => sentences.reduce((sum, { text }) => sum + placesOf(text, pattern).length, 0);
  const [short, long] = [times(marks.contracted), times(marks.writtenOut)];
  const more = short >= long ? marks.contracted : marks.writtenOut;
  return trait('contractions', 'places', short + long, {
    count: short,
    value: short + long > 0 ? short / (short + long) : null,
    distribution: [
      { label: 'Contracted', count: short },
      { label: 'Written out', count: long },
    ],
    examples: sentences.filter(({ text }) => placesOf(text, more).length > 0).map(example),
  });
}

/** `value`: the share of texts with at least one; `mostly`: how many nine in ten texts have at most. */
function amountTrait(id: TraitId, texts: readonly Text[], pattern: RegExp): Trait {
  const amounts = texts.map(({ text }) => placesOf(text, pattern).length);
  const having = texts.filter((_, index) => (amounts[index] ?? 0) > 0);
  const sorted = amounts.toSorted((a, b) => a - b);
  return trait(id, 'texts', texts.length, {
    count: having.length,
    value: having.length / Math.max(1, texts.length),
    mostly: quantile(sorted, 0.9),
    distribution: [0, 1, 2, 3].map((many) => ({
      label: many === 3 ? '3 or more' : String(many),
      count: amounts.filter((amount) => (many === 3 ? amount >= 3 : amount === many)).length,
    })),
    examples: having.map(({ sample, text }) =>
      example({ sample, text: sentencesOf(text).find((one) => placesOf(one.text, pattern).length > 0)?.text ?? text }),
    ),
  });
}

/** `value`: the share of the commonest kind. */
function endsTrait(id: 'openings' | 'closings', texts: readonly Text[]): Trait {
  const ends = texts.flatMap(({ sample }) => {
    const end = endsOf(sample.text);
    return end ? [{ sample, ...end[id === 'openings' ? 'opening' : 'closing'] }] : [];
  });
  const kinds = [...Map.groupBy(ends, ({ kind }) => kind)].sort((a, b) => b[1].length - a[1].length);
  const first = kinds[0]?.[1] ?? [];
  return trait(id, 'texts', ends.length, {
    count: first.length,
    value: first.length / Math.max(1, ends.length),
    distribution: kinds.map(([label, own]) => ({ label, count: own.length })),
    examples: first.map(({ sample, line }) => example({ sample, text: line })),
  });
}

function wordTrait(texts: readonly Text[], words: number): Trait {
  const found = ownWords(texts.map(({ text }) => text));
  return trait('words', 'words', words, {
    count: found.length,
    value: found.length,
    distribution: found.map(({ word, times }) => ({ label: word, count: times })),
    examples: found.slice(0, 3).flatMap(({ word }) => {
      const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(word)}(?![\\p{L}\\p{N}])`, 'iu');
      const text = texts.find((one) => pattern.test(one.text));
      return text ? [example(around(text, pattern))] : [];
    }),
  });
}

/** The smallest value that at least this share is at most; `sorted` ascending. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function binned(values: readonly number[], edges: readonly number[]): Trait['distribution'] {
  const labels = [...edges.map((edge, index) => `${index === 0 ? 0 : (edges[index - 1] ?? 0) + 1}–${edge}`), 'more'];
  return labels.map((label, index) => ({
    label: index === edges.length ? `over ${edges.at(-1)}` : label,
    count: values.filter((value) => {
      const low = index === 0 ? -Infinity : (edges[index - 1] ?? 0);
      return value > low && value <= (edges[index] ?? Infinity);
    }).length,
  }));
}
