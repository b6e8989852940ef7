/** Chance that falls the same way each time: the demo tells everybody the same story. */
export type Chance = ReturnType<typeof chances>;

/** A stream of chances that follows from the seed (mulberry32). */
export function chances(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** In [0, 1). */
    next,
    happens: (probability: number) => next() < probability,
    between: (low: number, high: number) => low + (high - low) * next(),
    /** A whole number near `value`: its fraction is the chance of one more. */
    about: (value: number) => Math.floor(value) + (next() < value - Math.floor(value) ? 1 : 0),
    /** Waiting times with this mean. */
    waits: (mean: number) => -mean * Math.log(1 - next()),
    /** One of the list, each as likely as its weight. */
    pick<T>(list: readonly (readonly [weight: number, value: T])[]): T {
      let left = next() * list.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of list) {
        left -= weight;
        if (left < 0) return value;
      }
      return (list.at(-1) as readonly [number, T])[1];
    },
    /** An id that can be told from every other. */
    uuid(): string {
      const hex = Array.from({ length: 4 }, () =>
        Math.floor(next() * 2 ** 32)
          .toString(16)
          .padStart(8, '0'),
      ).join('');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
    },
  };
}
