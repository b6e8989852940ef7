import { createHash } from 'node:crypto';

/** A post to be dealt to an arm. `block`: what must not differ between arms, as the weekday and part of the day. */
export type Dealt = { id: string; block: string };

/**
 * Deals posts to `arms` arms by lot, block by block: within a block each arm gets as many as any other, give or take one,
 * and who begins is drawn too. `held` says how many each arm has already, so that later posts even them out. The same
 * seed and posts give the same answer, whatever their order.
 *
 * @returns the arm's position of each post
 */
export function deal(
  posts: readonly Dealt[],
  arms: number,
  seed: string,
  held: readonly number[] = [],
): Map<string, number> {
  const ticket = (text: string) => createHash('sha256').update(`${seed}\n${text}`).digest('hex');
  const counts = Array.from({ length: arms }, (_, arm) => held[arm] ?? 0);
  const dealt = new Map<string, number>();
  const blocks = [...Map.groupBy(posts, ({ block }) => block)].sort(([a], [b]) => (ticket(a) < ticket(b) ? -1 : 1));
  for (const [block, own] of blocks) {
    const inBlock = counts.map(() => 0);
    for (const post of own.toSorted((a, b) => (ticket(a.id) < ticket(b.id) ? -1 : 1))) {
      const fewest = Math.min(...inBlock);
      const open = counts.flatMap((_, arm) => (inBlock[arm] === fewest ? [arm] : []));
      // Of the arms that are due in this block the one with the fewest posts in all; the lot decides between equals.
      const least = Math.min(...open.map((arm) => counts[arm]!));
      const equal = open.filter((arm) => counts[arm] === least);
      const arm = equal.sort((a, b) =>
        ticket(`${block}/${post.id}/${a}`) < ticket(`${block}/${post.id}/${b}`) ? -1 : 1,
      )[0]!;
      inBlock[arm]!++;
      counts[arm]!++;
      dealt.set(post.id, arm);
    }
  }
  return dealt;
}
