import type { Row } from '#bench/intelligence.ts';
import { seeded } from '#src/measure/random.ts';
import { namesWinner } from '#test/simulated-posts.ts';

/** How often an experiment looked at after every post names a winner, when there is none and when there is one. */
export async function run(): Promise<Row[]> {
  const share = (runs: number, of: Parameters<typeof namesWinner>[1]) => {
    const chance = seeded(2026);
    const named = Array.from({ length: runs }).filter(() => namesWinner(chance, of)).length;
    return `${((100 * named) / runs).toFixed(1)} %`;
  };
  return [
    { what: 'winners named where there is none, 100 looks', measured: share(2000, {}), target: 'at most 5 %' },
    { what: 'the same, one post in fifty goes around', measured: share(2000, { viral: 0.02 }), target: 'at most 5 %' },
    { what: 'the same, 0.4 signups a post', measured: share(2000, { typical: 0.6 }), target: 'at most 5 %' },
    { what: 'twice as many visits noticed within 100 posts', measured: share(500, { times: 2 }), target: '' },
  ];
}
