import { type Arm, compareArms } from '#src/grow/experiments/compare.ts';
import type { Chance } from '#src/measure/random.ts';

/**
 * Whether an always-valid experiment of two arms names a winner at any of 100 looks, one after each post. A post brings
 * log-normally many visits, `spread` on the logarithm; `viral` of the posts bring twenty times as many; those of the
 * second arm `times` as many.
 */
export function namesWinner(
  chance: Chance,
  {
    times = 1,
    spread = 0.9,
    viral = 0,
    typical = 12,
  }: { times?: number; spread?: number; viral?: number; typical?: number },
): boolean {
  const arms: Arm[] = ['A', 'B'].map((arm) => ({ arm, posts: [] }));
  for (let look = 0; look < 100; look++) {
    const mean = typical * (look % 2 === 1 ? times : 1) * (chance.uniform() < viral ? 20 : 1);
    arms[look % 2]?.posts.push({
      id: `${look}`,
      title: '',
      isOver: true,
      isMeasured: true,
      value: Math.floor(mean * Math.exp(spread * chance.normal())),
    });
    const told = compareArms(arms, { metric: 'visits', method: 'always_valid', postsPerArm: 100 });
    if (told.some(({ outcome }) => outcome === 'better' || outcome === 'worse')) return true;
  }
  return false;
}
