import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { dayMs } from './detectors/detector.ts';
import { findAllInsights } from './insights.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;

/** Sunday; the last whole week ended on Monday the 16th. */
const now = new Date('2026-11-22T09:00:00Z');
const monday = new Date('2026-11-16T00:00:00Z');
const before = (days: number, hour = 10) => new Date(monday.getTime() - days * dayMs + hour * 3_600_000);

beforeAll(async () => {
  world = await openTestWorld({ now: now.toISOString() });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
});
afterAll(async () => {
  await past.close();
  await world.close();
});

test('a new app: nothing is claimed, and every question says what is missing', async () => {
  const { found, checks } = await maya.call.insights.check({ appId: past.appId });
  expect(found).toBe(0);
  expect(checks.map(({ outcome }) => outcome)).toEqual(checks.map(() => 'not_enough_data'));
  expect(checks.find(({ detector }) => detector === 'weekly_visits')?.message).toContain('tracker');
  expect(await maya.call.insights.list({ appId: past.appId })).toEqual({ insights: [], cursor: null });
});

test('with a past, what stands out is found with its evidence, and only that', async () => {
  await past.tracked('2026-04-01T00:00:00Z');
  await past.account();
  for (let index = 0; index < 36; index++) {
    const isStrong = index % 4 === 0;
    await past.post(before(8 + index * 4, 8 + (index % 3) * 5), {
      title: `${isStrong ? 'How to' : 'Buy'} ${index}`,
      kind: isStrong ? 'educational' : 'promotional',
      link: 'https://outpost.dev/',
      visits: isStrong ? 60 + (index % 7) * 3 : 14 + (index % 5),
    });
  }
  const weeks = [400, 420, 380, 410, 395, 405, 415, 390, 1200];
  for (const [index, visits] of weeks.entries()) await past.visits(before(7 * (weeks.length - index)), visits);
  for (const [source, visits, signups] of [
    ['x.com', 800, 24],
    ['news.ycombinator.com', 500, 16],
    ['outpost.blog', 400, 60],
  ] as const)
    await past.insert('traffic_days', {
      app_id: past.appId,
      day: '2026-11-10',
      dimension: 'source',
      value: source,
      visits,
      signups,
    });
  for (let week = 0; week <= 9; week++)
    await past.insert('account_snapshots', {
      account_id: past.accountId,
      day: before(7 * week, 0)
        .toISOString()
        .slice(0, 10),
      followers: 1000 - week * 10 + (week % 2),
    });
  // Two looks at once find it once, and neither closes what the other opened.
  const looks = await Promise.all([1, 2].map(() => maya.call.insights.check({ appId: past.appId })));
  const open = await maya.call.insights.list({ appId: past.appId, state: 'open' });
  expect(looks.reduce((sum, { found }) => sum + found, 0)).toBe(open.insights.length);
  expect(open.insights).toHaveLength(
    new Set(looks.flatMap(({ checks }) => checks.flatMap((each) => each.insightIds))).size,
  );
  const { checks } = looks[0]!;
  const outcomes = Object.fromEntries(checks.map(({ detector, outcome }) => [detector, outcome]));
  expect(outcomes).toMatchObject({
    weekly_visits: 'found',
    standout_post: 'nothing_unusual',
    post_kinds: 'found',
    post_formats: 'not_enough_data',
    posting_times: 'nothing_unusual',
    fatigue: 'nothing_unusual',
    source_visits: 'found',
    source_signups: 'found',
    low_signups: 'not_enough_data',
    followers: 'nothing_unusual',
    content_hygiene: 'nothing_unusual',
    empty_week: 'found',
    recurring_revenue: 'not_enough_data',
  });
  expect(Object.values(outcomes).filter((outcome) => outcome === 'found')).toHaveLength(5);
  const { insights } = await maya.call.insights.list({ appId: past.appId });
  const kind = insights.find(({ subject }) => subject === 'kind:educational');
  expect(kind).toMatchObject({ direction: 'up', sampleAfter: 9 });
  expect(kind?.sentence).toMatch(
    /^Posts of the kind “educational” bring \d+ visits each, the others \d+: 4\.\d times as many \(\d+ posts against \d+\)/,
  );
  expect(kind?.effectLow).toBeGreaterThan(2);
  expect(insights.find(({ detector }) => detector === 'source_signups')?.subject).toMatch(/^source:/);
  const shown = await maya.call.insights.get({ insightId: kind?.id ?? '' });
  expect(shown.evidence.filter(({ tableName }) => tableName === 'posts')).toHaveLength(9);
  expect(shown.evidence[1]?.rowId).not.toBeNull();
});

test('looking again in the same week finds nothing new; each finding was recorded once', async () => {
  const { insights } = await maya.call.insights.list({ appId: past.appId });
  expect((await maya.call.insights.check({ appId: past.appId })).found).toBe(0);
  await findAllInsights(maya.context);
  const recorded = await past.query(`select subject_id from activities where name = 'insight.found'`);
  expect(recorded.map((row) => row.subject_id).sort()).toEqual(insights.map(({ id }) => id).sort());
  expect(new Set(recorded.map((row) => row.subject_id)).size).toBe(recorded.length);
});

test('a day that leaves what is usual is an anomaly with its course and what came together with it, open until it is over', async () => {
  const crash = 120;
  for (let day = crash; day > 0; day--) {
    const at = new Date(now.getTime() - day * dayMs);
    await past.insert('traffic_days', {
      app_id: past.appId,
      day: at.toISOString().slice(0, 10),
      dimension: 'total',
      value: '',
      visits: day <= 2 ? 4 : 60 + ((day * 7) % 11) - (at.getUTCDay() % 6 === 0 ? 25 : 0),
    });
  }
  await maya.call.annotations.add({ appId: past.appId, day: '2026-11-20', title: 'Moved to another host' });
  await maya.call.insights.check({ appId: past.appId });
  const found = await maya.call.insights.list({ appId: past.appId, state: 'open', kind: 'anomaly' });
  expect(found.insights).toHaveLength(1);
  const [anomaly] = found.insights;
  expect(anomaly).toMatchObject({
    subject: 'metric:visits',
    metric: 'visits',
    severity: 'high',
    direction: 'down',
    chance: null,
    coincidences: [{ kind: 'note', day: '2026-11-20', title: 'Moved to another host' }],
  });
  expect(anomaly?.score).toBeGreaterThan(0.5);
  expect(anomaly?.effectHigh).toBeLessThan(0.5);
  expect(anomaly?.startsAt?.toISOString().slice(0, 10)).toBe('2026-11-20');
  expect(anomaly?.sentence).toMatch(/^On 20 November 2026 there were 4 visits where about \d\d were to be expected/);
  expect(anomaly?.course.slice(-3).map(({ value }) => value)).toEqual([expect.any(Number), 4, 4]);
  expect(anomaly?.course.at(-2)?.expected).toBeGreaterThan(40);

  const looked = await maya.call.insights.looked({ appId: past.appId });
  expect(looked.lookedAt).toEqual(now);
  expect(looked.checks.find(({ detector }) => detector === 'anomalies')?.outcome).toBe('found');
  expect(looked.checks.find(({ detector }) => detector === 'churn_rate')?.message).toContain('Not enough data');

  // The days after it are as before: the anomaly is over once they are judged again.
  for (let day = 0; day < 17; day++)
    await past.insert('traffic_days', {
      app_id: past.appId,
      day: new Date(now.getTime() + day * dayMs).toISOString().slice(0, 10),
      dimension: 'total',
      value: '',
      visits: 62,
    });
  world.clock.set(new Date(now.getTime() + 5 * dayMs).toISOString());
  await maya.call.insights.check({ appId: past.appId });
  const later = await maya.call.insights.get({ insightId: anomaly!.id });
  expect(later).toMatchObject({ closedAt: null, foundAt: now });
  expect(later.seenAt).not.toEqual(now);
  world.clock.set(new Date(now.getTime() + 17 * dayMs).toISOString());
  await maya.call.insights.check({ appId: past.appId });
  expect((await maya.call.insights.get({ insightId: anomaly!.id })).closedAt).not.toBeNull();
});

test('what is put away stays silent for 28 days', async () => {
  const emptyWeek = async () =>
    (await maya.call.insights.list({ appId: past.appId, state: 'open' })).insights.filter(
      ({ detector }) => detector === 'empty_week',
    );
  const [first] = await emptyWeek();
  await maya.call.insights.dismiss({ insightId: first!.id });
  const at = world.clock.now().getTime();
  await maya.call.insights.check({ appId: past.appId });
  expect(await emptyWeek()).toEqual([]);
  world.clock.set(new Date(at + 29 * dayMs).toISOString());
  await maya.call.insights.check({ appId: past.appId });
  expect((await emptyWeek()).map(({ id }) => id)).not.toContain(first!.id);
  expect(await emptyWeek()).toHaveLength(1);
  world.clock.set(now.toISOString());
});

test('a list is read page by page', async () => {
  const all = (await maya.call.insights.list({ appId: past.appId })).insights.map(({ id }) => id);
  const read: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await maya.call.insights.list({ appId: past.appId, limit: 2, ...(cursor ? { cursor } : {}) });
    read.push(...page.insights.map(({ id }) => id));
    cursor = page.cursor ?? undefined;
  } while (cursor);
  expect(read).toEqual(all);
  await expect(maya.call.insights.list({ appId: past.appId, cursor: 'x' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('another workspace finds none of it', async () => {
  const { insights } = await maya.call.insights.list({ appId: past.appId });
  await expect(rival.call.insights.get({ insightId: insights[0]!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.insights.check({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.insights.looked({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.insights.dismiss({ insightId: insights[0]!.id })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(rival.call.insights.list({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
