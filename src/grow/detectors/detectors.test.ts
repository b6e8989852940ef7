import { expect, test } from 'vitest';
import { claimable } from '#src/grow/insights.ts';
import { daysBefore, weekMs } from './detector.ts';
import { judgeFollowers } from './followers.ts';
import type { MeasuredPost } from './measured-posts.ts';
import { judgePostingTimes, judgePostKinds } from './post-groups.ts';
import { judgeLowSignups, judgeSourceSignups } from './signup-rates.ts';
import { judgeStandoutPosts } from './standout-post.ts';
import { judgeWeeklyVisits } from './weekly-visits.ts';

const until = new Date('2026-11-16T00:00:00Z');
const runs = 100;

/** Half a year of an app in which nothing depends on anything: every difference is chance. */
function quietHalfYear(random: Random) {
  const kinds = ['educational', 'promotional', 'milestone'];
  const posts = Array.from(
    { length: 60 },
    (_, index): MeasuredPost => ({
      id: `post-${index}`,
      title: `Post ${index}`,
      kind: random.pick(kinds),
      hook: random.pick(['question', 'number', 'story']),
      template: random.pick(['A', 'B']),
      publishedAt: new Date(daysBefore(until, 7 + (index / 60) * 170).getTime() + random.uniform() * 86_400_000),
      visits: random.scattered(20, 1.5),
    }),
  ).filter((post) => post.publishedAt < daysBefore(until, 7));
  const weeks = Array.from({ length: 9 }, (_, index) => ({
    startsAt: daysBefore(until, (9 - index) * 7),
    visits: random.scattered(400, 30),
  }));
  const arrivals = (count: number) =>
    Array.from({ length: count }, (_, index) => {
      const visits = 40 + random.scattered(300, 1);
      return {
        key: `${index}`,
        name: `Place ${index}`,
        table: 'visits',
        rowId: null,
        visits,
        signups: random.binomial(visits, 0.04),
      };
    });
  let count = 500;
  const account = {
    accountId: 'account',
    handle: 'maya',
    followers: Array.from({ length: 10 }, (_, index) => {
      count += random.scattered(12, 3) - 4;
      return { at: new Date(until.getTime() - (9 - index) * weekMs), count };
    }),
  };
  return [
    { name: 'standout_post', ...judgeStandoutPosts(posts, until) },
    { name: 'post_kinds', ...judgePostKinds(posts) },
    { name: 'posting_times', ...judgePostingTimes(posts, 'Europe/Berlin') },
    { name: 'weekly_visits', ...judgeWeeklyVisits(weeks) },
    { name: 'source_signups', ...judgeSourceSignups(arrivals(6), until) },
    { name: 'low_signups', ...judgeLowSignups(arrivals(8), 'page', until) },
    { name: 'followers', ...judgeFollowers([account]) },
  ];
}

test('where nothing differs, nothing is claimed in at least 95 of 100 runs, though each looks at many things', () => {
  let silent = 0;
  let looked = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const judged = quietHalfYear(openRandom(seed));
    looked += judged.flatMap(({ candidates }) => candidates).length;
    if (claimable(judged).length === 0) silent++;
  }
  expect(looked / runs).toBeGreaterThan(15);
  expect(silent).toBeGreaterThanOrEqual(95);
});

test('a kind of post that brings four times as many visits is claimed, with an interval that leaves out one', () => {
  const random = openRandom(7);
  const posts = Array.from({ length: 40 }, (_, index): MeasuredPost => {
    const kind = index % 4 === 0 ? 'problem_solution' : 'promotional';
    return {
      id: `post-${index}`,
      title: `Post ${index}`,
      kind,
      hook: null,
      template: null,
      publishedAt: daysBefore(until, 20 + index),
      visits: random.scattered(kind === 'problem_solution' ? 80 : 20, 4),
    };
  });
  const found = claimable([{ name: 'post_kinds', ...judgePostKinds(posts) }]);
  const better = found.find(({ direction }) => direction === 'up');
  expect(better).toMatchObject({ subject: 'kind:problem_solution', sampleAfter: 10, sampleBefore: 30 });
  expect(better?.effect?.low).toBeGreaterThan(1);
  expect(better?.effect?.ratio).toBeGreaterThan(2);
});

test('a post that brought eight times the usual is claimed; one among posts that scatter as widely is not', () => {
  const post = (visits: number, days: number): MeasuredPost => ({
    id: `post-${days}`,
    title: 'A post',
    kind: null,
    hook: null,
    template: null,
    publishedAt: daysBefore(until, days),
    visits,
  });
  const steady = [11, 9, 12, 10, 13, 8, 10, 11].map((visits, index) => post(visits, 30 + index));
  const wild = [1, 90, 4, 60, 2, 33, 7, 120].map((visits, index) => post(visits, 30 + index));
  const claims = (posts: MeasuredPost[]) => claimable([{ name: 'standout_post', ...judgeStandoutPosts(posts, until) }]);
  expect(claims([...steady, post(85, 10)])).toMatchObject([{ direction: 'up' }]);
  expect(claims([...wild, post(150, 10)])).toEqual([]);
});

test('a page that many enter and nobody signs up from is claimed; one that does better is not this detector’s affair', () => {
  const page = (key: string, visits: number, signups: number) => ({
    key,
    name: key,
    table: 'visits',
    rowId: null,
    visits,
    signups,
  });
  const judged = judgeLowSignups([page('/', 900, 45), page('/blog/x', 600, 0), page('/demo', 300, 40)], 'page', until);
  const found = claimable([{ name: 'low_signups', ...judged }]);
  expect(found.map(({ subject }) => subject)).toEqual(['page:/blog/x']);
  expect(found[0]?.sentence).toContain('600 visits began on /blog/x and none signed up; of the 1,200 others 7.1% did.');
});

test('below the floor a detector says what is missing', () => {
  expect(judgeWeeklyVisits([{ startsAt: until, visits: 900 }])).toMatchObject({
    candidates: [],
    missing: 'Not enough data: 0 of the 4 whole weeks before last week needed.',
  });
  expect(judgeFollowers([]).missing).toContain('no connected account');
  expect(judgePostKinds([]).missing).toContain('5 measured posts with visits are needed');
  expect(judgeSourceSignups([], until).missing).toContain('0 visits and 0 signups');
  expect(judgeStandoutPosts([], until).missing).toBe('No post completed its first seven days last week.');
});

// Seeded chance ---------------------------------------------------------------------------------------------------------

type Random = ReturnType<typeof openRandom>;

function openRandom(seed: number) {
  let state = seed * 2_654_435_761;
  // mulberry32
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const poisson = (mean: number) => {
    if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    let [count, product] = [0, uniform()];
    while (product > Math.exp(-mean)) {
      count++;
      product *= uniform();
    }
    return count;
  };
  /** Gamma by Marsaglia and Tsang (2000), shape at least 1. */
  const gamma = (shape: number): number => {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return {
    uniform,
    pick: <T>(from: readonly T[]): T => from[Math.floor(uniform() * from.length)] as T,
    /** A negative binomial count: far more scattered than a Poisson count of this mean. */
    scattered: (mean: number, shape: number) => poisson((gamma(shape) * mean) / shape),
    binomial: (trials: number, share: number) =>
      Array.from({ length: trials }, uniform).filter((u) => u < share).length,
  };
}
