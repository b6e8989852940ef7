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
  const { checks } = await maya.call.insights.check({ appId: past.appId });
  const outcomes = Object.fromEntries(checks.map(({ detector, outcome }) => [detector, outcome]));
  expect(outcomes).toEqual({
    weekly_visits: 'found',
    standout_post: 'nothing_unusual',
    post_kinds: 'found',
    posting_times: 'nothing_unusual',
    source_signups: 'found',
    low_signups: 'not_enough_data',
    followers: 'nothing_unusual',
    content_hygiene: 'nothing_unusual',
    empty_week: 'found',
  });
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
  await expect(rival.call.insights.list({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
