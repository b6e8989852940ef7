import { type Arm, compareArms } from '#src/grow/experiments/compare.ts';

/**
 * Whether an always-valid experiment of two arms names a winner at any of 100 looks, one after each post. A post brings
 * log-normally many visits, `spread` on the logarithm; `viral` of the posts bring twenty times as many; those of the
 * second arm `times` as many.
 */
export function namesWinner(
  random: () => number,
  {
    times = 1,
    spread = 0.9,
    viral = 0,
    typical = 12,
  }: { times?: number; spread?: number; viral?: number; typical?: number },
): boolean {
  const normal = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const arms: Arm[] = ['A', 'B'].map((arm) => ({ arm, posts: [] }));
  for (let look = 0; look < 100; look++) {
    const mean = typical * (look % 2 === 1 ? times : 1) * (random() < viral ? 20 : 1);
    arms[look % 2]?.posts.push({
      id: `${look}`,
      title: '',
      isMeasured: true,
      value: Math.floor(mean * Math.exp(spread * normal())),
    });
    const told = compareArms(arms, { metric: 'visits', method: 'always_valid', postsPerArm: 100 });
    if (told.some(({ outcome }) => outcome === 'better' || outcome === 'worse')) return true;
  }
  return false;
}

/** Numbers between 0 and 1, the same from the same seed (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
