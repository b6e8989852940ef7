/**
 * The sandbox's pretend audience. Every number follows from a post's id and the time that has passed, so that two
 * looks at the same moment agree, later looks never show less, and a made-up past can be told as it would have been.
 */
import type { PostMetrics } from '#src/outside/platform.ts';

/** Ids are snowflakes as on X: milliseconds since this moment, and 22 more bits. */
const EPOCH = 1_288_834_974_657;

/** An id for a post made then; `salt` tells posts of the same millisecond apart. */
export function idAt(at: Date, salt: number): string {
  return `${(BigInt(at.getTime() - EPOCH) << 22n) | (BigInt(salt) & 0x3fffffn)}`;
}

/** When the post with this id was made. */
export function timeOf(id: string): Date {
  return new Date(Number(BigInt(id) >> 22n) + EPOCH);
}

/** Whom a made-up post reaches in the end, and how many of them came along against a usual post (1). */
export type Audience = { reach: number; pull: number };

/**
 * The counters of a post as the sandbox shows them at a moment: all zero before the post exists. How many it reaches is
 * left to chance, unless an audience is given.
 */
export function metricsAt(platformId: string, at: Date, audience?: Audience): PostMetrics {
  const hours = Math.max(0, at.getTime() - timeOf(platformId).getTime()) / 3_600_000;
  // Most of what a post reaches it reaches on the first day, a little trickles in for weeks.
  const grown = 0.85 * (1 - Math.exp(-hours / 9)) + 0.15 * (1 - Math.exp(-hours / 240));
  const chance = chances(platformId);
  // Log-normal: half of the posts reach fewer than 900 people, one in fifty more than 9,000.
  const usual = 900 * Math.exp(1.12 * normal(chance(), chance()));
  const reach = audience?.reach ?? usual;
  const pull = audience?.pull ?? 1;
  const share = (rate: number) => Math.floor(reach * grown * rate * (0.6 + 0.8 * chance()));
  return {
    platformId,
    impressions: Math.floor(reach * grown),
    views: null,
    likes: share(0.018),
    replies: share(0.0025),
    reposts: share(0.003),
    quotes: share(0.0005),
    bookmarks: share(0.004),
    linkClicks: share(0.009 * pull),
    profileClicks: share(0.007),
    follows: share((audience ? 0.006 : 0.0016) * pull),
  };
}

/** A stream of numbers in [0, 1) that depends on the seed alone (mulberry32 over an FNV-1a hash). */
export function chances(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Box and Muller 1958: two uniform numbers make a normal one. */
function normal(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
}
