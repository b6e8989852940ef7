/** Where each phrase stands: all sights of the same stems, of whole chunks and of their parts, as one candidate. */
import type { Chunk, Word } from './chunks.ts';
import { isPointing } from './common.ts';

/** A chunk where it was seen. `offset`: words before its sentence. */
export type Sight = { chunk: Chunk; offset: number; sentence: number; place: 'title' | 'heading' | 'text' | 'named' };

export type Candidate = {
  key: string;
  /** As it is written most often, in small letters. */
  phrase: string;
  words: readonly Word[];
  /** All sights, in chunks of their own and within longer ones. */
  times: number;
  /** Sights as a chunk of its own. */
  alone: number;
  /** Sights after a number ("twelve members"). */
  counted: number;
  /** Words before the first sight. */
  offset: number;
  sentences: number;
  title: boolean;
  heading: boolean;
  named: boolean;
  /** Share of the sights of its rarest word that are sights of the whole: 1 = its words stand nowhere else. */
  coherence: number;
  /** Sights of its words in all chunks, on average. */
  recurrence: number;
  /** Longer candidates that contain it, by how many chunks they are. */
  hosts: number;
  /** The short form of another candidate. */
  short: boolean;
};

type Building = Omit<Candidate, 'phrase' | 'sentences' | 'coherence' | 'recurrence' | 'hosts'> & {
  surfaces: Map<string, number>;
  seenIn: Set<number>;
  around: Set<string>;
};

/** One candidate for each phrase. Sights of an acronym the text explains count for its long form too. */
export function gathered(sights: readonly Sight[], meanings: ReadonlyMap<string, string>): Candidate[] {
  const found = new Map<string, Building>();
  const wordTimes = new Map<string, number>();
  for (const sight of sights) {
    const { words } = sight.chunk;
    const joint = words.some(({ kind }) => kind === 'of');
    if (!joint) for (const word of words) wordTimes.set(word.stems, (wordTimes.get(word.stems) ?? 0) + 1);
    const whole = keyOf(words);
    for (let from = 0; from < words.length; from++)
      for (let to = words.length; to > from; to--) {
        const part = words.slice(from, to);
        const all = part.length === words.length;
        if (!all && (joint || !isPhrase(part))) continue;
        add(found, part, sight, all ? null : whole);
      }
  }
  for (const [short, long] of meanings) {
    const [abbreviation, full] = [found.get(short), found.get(long)];
    if (!abbreviation || !full) continue;
    full.times += abbreviation.times;
    full.alone += abbreviation.alone;
    for (const sentence of abbreviation.seenIn) full.seenIn.add(sentence);
    abbreviation.short = true;
  }
  return [...found.values()].map(({ surfaces, seenIn, around, ...rest }) => {
    const stems = rest.words.filter(({ kind }) => kind !== 'of').map((word) => word.stems);
    const times = stems.map((each) => wordTimes.get(each) ?? 1);
    return {
      ...rest,
      phrase: [...surfaces].reduce((best, each) => (each[1] > best[1] ? each : best))[0],
      sentences: seenIn.size,
      coherence: Math.min(1, rest.times / Math.min(...times)),
      recurrence: times.reduce((a, b) => a + b, 0) / times.length,
      hosts: around.size,
    };
  });
}

export function keyOf(words: readonly Word[]): string {
  return words.map((word) => word.stems).join(' ');
}

function add(found: Map<string, Building>, words: readonly Word[], sight: Sight, host: string | null): void {
  const key = keyOf(words);
  let one = found.get(key);
  if (!one) {
    one = {
      key,
      words,
      times: 0,
      alone: 0,
      counted: 0,
      offset: sight.offset,
      title: false,
      heading: false,
      named: false,
      short: false,
      surfaces: new Map(),
      seenIn: new Set(),
      around: new Set(),
    };
    found.set(key, one);
  }
  one.times++;
  if (host === null) one.alone++;
  else one.around.add(host);
  if (sight.chunk.counted && host === null) one.counted++;
  one.seenIn.add(sight.sentence);
  one.title ||= sight.place === 'title';
  one.heading ||= sight.place === 'heading';
  one.named ||= sight.place === 'named' && host === null;
  const surface = words.map((word) => word.lower).join(' ');
  one.surfaces.set(surface, (one.surfaces.get(surface) ?? 0) + 1);
}

/** A part of a chunk that could be a chunk itself. */
export function isPhrase(part: readonly Word[]): boolean {
  const [first, last] = [part[0], part.at(-1)];
  return (
    first !== undefined && last !== undefined && /^(?:noun|name|doing)$/.test(last.kind) && !isPointing(first.lower)
  );
}
