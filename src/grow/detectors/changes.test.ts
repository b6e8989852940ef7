import { expect, test } from 'vitest';
import { claimable } from '#src/grow/insights.ts';
import { type Chance, seeded } from '#src/measure/random.ts';
import { dailyCounts } from '#test/anomalies.ts';
import { judgeAnomalies, type MetricDays } from './anomalies.ts';
import { daysBefore } from './detector.ts';
import { judgeFunnels } from './funnel-steps.ts';
import type { ShapedPost } from './measured-posts.ts';
import { judgeMovers } from './movers.ts';
import { judgeFatigue, judgePostFormats } from './post-shapes.ts';
import { judgeCosts, judgeRecurring } from './recurring.ts';
import { judgeShare } from './shares.ts';

const until = new Date('2026-11-16T00:00:00Z');
const weeks = (count: number) => Array.from({ length: count }, (_, index) => daysBefore(until, (count - index) * 7));
const around = (chance: Chance, mean: number, spread = 0.25) =>
  Math.max(0, Math.round(mean * Math.exp(spread * chance.normal()) + Math.sqrt(mean) * 0.5 * chance.normal()));
const binomial = (chance: Chance, trials: number, share: number) =>
  Array.from({ length: trials }).filter(() => chance.uniform() < share).length;
const sources = {
  subject: 'source',
  metric: 'visits',
  table: 'traffic_days',
  of: (name: string) => `Visits from ${name}`,
};
const signups = {
  subject: 'signups',
  metric: 'signups',
  table: 'traffic_hours',
  label: 'Visits that end in a signup',
  parts: ['signups', 'visits'],
  good: 'up',
  stake: 'high',
} as const;
const movers = (chance: Chance, last = 1) =>
  Array.from({ length: 12 }, (_, index) => ({
    key: `${index}`,
    name: `site${index}.example`,
    rowId: null,
    weeks: weeks(9).map((startsAt, week) => ({
      startsAt,
      count: around(chance, 20 + 10 * index) * (week === 8 && index === 3 ? last : 1),
    })),
  }));
const shares = (chance: Chance, share: number, later = share) =>
  weeks(12).map((startsAt, week) => {
    const trials = around(chance, 300);
    return { startsAt, trials, successes: binomial(chance, trials, week < 8 ? share : later) };
  });
const posts = (chance: Chance, tired = 1): ShapedPost[] =>
  Array.from({ length: 40 }, (_, index) => ({
    id: `post-${index}`,
    title: `Post ${index}`,
    kind: 'educational',
    hook: index % 2 === 0 ? 'question' : 'story',
    template: null,
    publishedAt: daysBefore(until, 170 - 4 * index),
    visits: around(chance, 25, 0.5) / (index % 2 === 0 && index >= 20 ? tired : 1),
    parts: 1 + chance.below(2),
    media: chance.below(2),
    characters: 100 + chance.below(400),
  }));

test('where nothing changed, 60 looks at some thirty comparisons each claim something in at most four', () => {
  let loud = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const chance = seeded(seed);
    const judged = [
      { name: 'source_visits', ...judgeMovers(movers(chance), sources) },
      { name: 'signup_rate', ...judgeShare(shares(chance, 0.04), signups) },
      { name: 'bounce_share', ...judgeShare(shares(chance, 0.5), { ...signups, subject: 'bounces' }) },
      { name: 'post_formats', ...judgePostFormats(posts(chance)) },
      { name: 'fatigue', ...judgeFatigue(posts(chance)) },
    ];
    if (claimable(judged).length > 0) loud++;
  }
  expect(loud).toBeLessThanOrEqual(4);
});

test('a source with six times its visits is the one that is claimed, its size drawn towards the others', () => {
  const judged = judgeMovers(movers(seeded(5), 6), sources);
  const claims = claimable([{ name: 'source_visits', ...judged }]);
  expect(claims.map(({ subject }) => subject)).toEqual(['source:3']);
  expect(claims[0]!.sentence).toMatch(
    /^Visits from site3\.example: \d+ in the week from 9 November 2026, usually about \d\d a week \(/,
  );
  const { ratio, low, high } = claims[0]!.effect!;
  expect(ratio).toBeGreaterThan(3);
  expect(ratio).toBeLessThan(11);
  expect(low).toBeGreaterThan(1);
  expect(high).toBeGreaterThan(ratio);
  expect(claims[0]!.evidence).toHaveLength(9);
});

test('shares, formats that tire, funnels, recurring revenue and costs: what was planted is found, too little is said', () => {
  const chance = seeded(8);
  const halved = claimable([{ name: 'signup_rate', ...judgeShare(shares(chance, 0.08, 0.04), signups) }]);
  expect(halved).toMatchObject([{ direction: 'down', severity: 'high', startsAt: daysBefore(until, 28) }]);
  expect(judgeShare(shares(chance, 0.001), signups).missing).toContain('on the rarer side');
  const tired = claimable([{ name: 'fatigue', ...judgeFatigue(posts(chance, 4)) }]);
  expect(tired.map(({ subject }) => subject)).toContain('fatigue:hook:question');
  expect(judgeFatigue(posts(chance).slice(0, 8)).missing).toContain('10 measured posts');
  const funnel = { funnelId: 'f', name: 'Trial', steps: ['Visit', 'Sign up', 'Pay'], startsAt: until };
  const found = judgeFunnels([{ ...funnel, before: [1000, 200, 60], after: [1000, 100, 8] }]);
  expect(found.candidates.map(({ subject, p }) => [subject, p! < 0.001])).toEqual([
    ['funnel:f:1', true],
    ['funnel:f:2', true],
  ]);
  expect(judgeFunnels([{ ...funnel, before: [20, 5, 1], after: [20, 4, 1] }]).missing).toContain(
    'at most 20 began one',
  );
  const mrr = [100, 103, 105, 108, 111, 114, 118, 121, 90].map((euros, week) => ({
    startsAt: weeks(9)[week]!,
    minor: euros * 100_000,
    subscriptions: 400,
  }));
  expect(judgeRecurring('EUR', mrr).candidates).toMatchObject([{ direction: 'down', severity: 'high' }]);
  expect(judgeRecurring('EUR', mrr).candidates[0]!.p).toBeLessThan(0.01);
  expect(judgeRecurring('EUR', mrr.slice(0, 4)).missing).toContain('6 weeks and 10 subscriptions');
  const spent = [100, 90, 110, 105, 95, 400].map((euros, week) => ({ startsAt: weeks(6)[week]!, minor: euros * 100 }));
  expect(judgeCosts('EUR', spent, 12).candidates[0]).toMatchObject({ direction: 'up', severity: 'medium' });
  expect(judgeCosts('EUR', spent, 3).missing).toContain('10 entries');
});

test('a main number that stops is an anomaly with its beginning, and over two weeks after', () => {
  const metric = (stops: number, length: number): MetricDays => ({
    name: 'signups',
    label: 'Signups',
    table: 'conversions',
    good: 'up',
    stake: 'high',
    days: dailyCounts(4, length, { mean: 6, weekend: 0.5, scatter: 0 }, (day) =>
      day >= stops && day < stops + 5 ? 0 : 1,
    ).map((value, day) => ({
      day: new Date(Date.UTC(2026, 0, 5) + day * 86_400_000).toISOString().slice(0, 10),
      value,
    })),
  });
  const [found] = judgeAnomalies([metric(98, 101)]).candidates;
  expect(found).toMatchObject({ kind: 'anomaly', severity: 'high', direction: 'down', metric: 'signups' });
  expect(found!.sentence).toContain('none at all');
  expect(found!.startsAt!.toISOString().slice(0, 10)).toBe('2026-04-13');
  expect(found!.effect!.high).toBeLessThan(0.6);
  expect(judgeAnomalies([metric(98, 130)]).candidates).toEqual([]);
  expect(judgeAnomalies([metric(98, 20)])).toMatchObject({
    candidates: [],
    missing: expect.stringContaining('signups (20 days)'),
  });
});
