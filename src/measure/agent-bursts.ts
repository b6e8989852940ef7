import { binomialUpTo } from '#src/measure/distributions.ts';

/** A visit of people, as far as it matters here. `plain`: one page view, nothing else, from nowhere in particular. */
export type BurstVisit = { id: string; at: number; visitor: string; plain: boolean };

/** What is usual for an app: counted from its visits before the span that is looked at. */
export type Usual = {
  /** Visits it is counted from. */
  visits: number;
  /** Those of the same agent (browser, system, device, country). */
  sameAgent: number;
  /** Those that came directly, and how many of them saw one page only. */
  direct: number;
  bounced: number;
};

/** In milliseconds: visits of a burst come no further apart in all than this. */
export const WINDOW = 10 * 60_000;

/** With fewer visits before, what is usual is not known. */
const ENOUGH = 200;
/** The largest share that one browser on one system from one country has of an ordinary site's visits. */
const LARGEST_SHARE = 0.35;
const USUAL_BOUNCES = 0.8;
const MOST_PLAIN = 0.97;

/**
 * The visits of one agent to one page that are a burst: a program that comes from many addresses with one browser's
 * name. Nothing but the visits themselves is looked at. A crowd (a link on a front page, a newsletter) is not taken for
 * one, because three things have to hold at once for visits within ten minutes:
 *
 * - at least `atLeast` of them, nearly all plain and nearly all of different visitors;
 * - so many without a second page are chance in fewer than one in a thousand cases, by the app's own bounces;
 * - the agent's part of all visits to the page at that time is chance in fewer than one in a million: a crowd brings the
 *   usual mix of browsers and countries, a program its own.
 *
 * `others`: times of all other people's visits to the page. Both lists in the order of time.
 */
export function burstIn(
  visits: readonly BurstVisit[],
  others: readonly number[],
  usual: Usual,
  atLeast: number,
): string[] {
  const found = new Set<string>();
  let from = 0;
  let plain = 0;
  for (let to = 0; to < visits.length; to++) {
    plain += visits[to]?.plain ? 1 : 0;
    for (; timeOf(visits, to) - timeOf(visits, from) > WINDOW; from++) plain -= visits[from]?.plain ? 1 : 0;
    const count = to - from + 1;
    if (count < atLeast || plain < MOST_PLAIN * count) continue;
    // Only windows that cannot grow: each burst is judged whole.
    const next = visits[to + 1];
    if (next !== undefined && next.at - timeOf(visits, from) <= WINDOW) continue;
    const inside = visits.slice(from, to + 1);
    if (isBurst(inside, others, usual, atLeast)) for (const one of inside) if (one.plain) found.add(one.id);
  }
  return [...found];
}

function isBurst(inside: readonly BurstVisit[], others: readonly number[], usual: Usual, atLeast: number): boolean {
  const known = usual.visits >= ENOUGH;
  const count = inside.length;
  if (!known && count < 2 * atLeast) return false;
  const plain = inside.filter((one) => one.plain).length;
  const visitors = new Set(inside.map((one) => one.visitor)).size;
  if (plain < MOST_PLAIN * count || visitors < 0.9 * count) return false;
  const bounces = known && usual.direct >= 30 ? (usual.bounced + 1) / (usual.direct + 2) : USUAL_BOUNCES;
  if (atLeastByChance(plain, count, Math.min(bounces, 0.98)) >= 1e-3) return false;
  const [first, last] = [timeOf(inside, 0), timeOf(inside, count - 1)];
  const all = count + others.filter((at) => at >= first && at <= last).length;
  const share = known ? (usual.sameAgent + 1) / (usual.visits + 20) : LARGEST_SHARE;
  return atLeastByChance(count, all, Math.min(share, 0.98)) < 1e-6;
}

/** How likely `count` or more of `trials` are when each is with probability `share`. */
function atLeastByChance(count: number, trials: number, share: number): number {
  return 1 - binomialUpTo(count - 1, trials, share);
}

function timeOf(visits: readonly BurstVisit[], index: number): number {
  return visits[index]?.at ?? Number.NaN;
}
