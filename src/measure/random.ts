/**
 * Chance that can be repeated: the same seed gives the same numbers on every machine. The generator is xoshiro128**
 * (Blackman & Vigna 2018, public domain), its state filled by SplitMix32.
 */
export type Chance = {
  /** In [0, 1), with 32 random bits. */
  uniform(): number;
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
  /** Standard normal (Marsaglia's polar method 1964). */
  normal(): number;
};

export function seeded(seed: number): Chance {
  let mix = seed | 0;
  const next = () => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = mix ^ (mix >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  const bits = () => {
    const by5 = Math.imul(b, 5);
    const result = Math.imul((by5 << 7) | (by5 >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const uniform = () => bits() / 4_294_967_296;
  let spare: number | null = null;
  return {
    uniform,
    below: (below) => Math.floor(uniform() * below),
    normal() {
      if (spare !== null) {
        const kept = spare;
        spare = null;
        return kept;
      }
      for (;;) {
        const [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
        const square = x * x + y * y;
        if (square === 0 || square >= 1) continue;
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        spare = y * factor;
        return x * factor;
      }
    },
  };
}
