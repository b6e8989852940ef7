import type { Change, Measures } from './changes.ts';

type Packed = {
  words: string[];
  changes: [number, number, number, 0 | 1, Measures, number[], number | null, Counted, Counted, Exit | null][];
};
type Counted = [number, number][];
type Exit = [number | null, Measures, number, Measures];

/** Changes as text: each word once, because visits are much alike. */
export function packed(changes: readonly Change[]): string {
  const words = new Map<string, number>();
  const numberOf = (word: string) => {
    const known = words.get(word);
    if (known !== undefined) return known;
    words.set(word, words.size);
    return words.size - 1;
  };
  const counted = (all: readonly [string, number][]) =>
    all.map(([word, times]): [number, number] => [numberOf(word), times]);
  const rows = changes.map(({ app, day, hour, bot, by, of, entry, paths, kinds, exit }): Packed['changes'][number] => [
    numberOf(app),
    numberOf(day),
    hour,
    bot ? 1 : 0,
    by,
    of.flatMap(([dimension, value]) => [numberOf(dimension), numberOf(value)]),
    entry === null ? null : numberOf(entry),
    counted(paths),
    counted(kinds),
    exit && [exit[0] === null ? null : numberOf(exit[0]), exit[1], numberOf(exit[2]), exit[3]],
  ]);
  return JSON.stringify({ words: [...words.keys()], changes: rows } satisfies Packed);
}

/** What `packed` made of changes, or what was kept unpacked. */
export function unpacked(text: string): Change[] {
  const kept = JSON.parse(text) as Packed | Change[];
  if (Array.isArray(kept)) return kept;
  const word = (number: number) => kept.words[number] ?? '';
  const pairs = (numbers: readonly number[]) =>
    Array.from({ length: numbers.length / 2 }, (_, index): [string, string] => [
      word(numbers[2 * index] ?? 0),
      word(numbers[2 * index + 1] ?? 0),
    ]);
  const counted = (all: Counted) => all.map(([number, times]): [string, number] => [word(number), times]);
  return kept.changes.map(([app, day, hour, bot, by, of, entry, paths, kinds, exit]) => ({
    app: word(app),
    day: word(day),
    hour,
    bot: bot === 1,
    by,
    of: pairs(of),
    entry: entry === null ? null : word(entry),
    paths: counted(paths),
    kinds: counted(kinds),
    exit: exit && [exit[0] === null ? null : word(exit[0]), exit[1], word(exit[2]), exit[3]],
  }));
}
