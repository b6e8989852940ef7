import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { intake } from '#src/doors/http/intake.ts';
import { localDay, periodsOf } from '#src/measure/dashboards/days.ts';
import { openIntake } from '#src/measure/events/intake.ts';
import { collectAccounts, collectMetrics, nextLook } from '#src/measure/metrics.ts';
import type { Outcome, Platform, PostMetrics } from '#src/outside/platform.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';

let world: TestWorld;
let maya: Person;
let appId: string;
let postId: string;
let accountId: string;
/** What the platform says next of the post, and how often it was asked. */
let answer: Outcome<PostMetrics[]>;
let asked = 0;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-01T12:00:00Z' });
  const sandbox = world.world.platforms.get('sandbox') as Platform;
  // The sandbox keeps its own time; here its numbers are told so that days can be compared.
  const told: Platform = {
    ...sandbox,
    metrics: async () => {
      asked++;
      return answer;
    },
  };
  world.world.platforms = new Map([['sandbox', told]]);
  maya = await world.join();
  maya.context.platforms = world.world.platforms;
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  accountId = (await maya.call.accounts.connectSandbox({ handle: 'maya' })).id;
  postId = await published('2026-11-01T12:00:00Z', '1001');
});
afterAll(() => world.close());

function published(at: string, platformId: string) {
  return transaction(maya.context, async ({ tx, workspaceId }) => {
    const post = await tx
      .insertInto('posts')
      .values({ workspaceId, appId, title: 'Hello', status: 'published', source: 'person' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const publication = await tx
      .insertInto('publications')
      .values({
        workspaceId,
        postId: post.id,
        accountId,
        postVersion: 1,
        dueAt: at,
        state: 'published',
        scheduledBy: 'system',
        publishedAt: at,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('publicationParts')
      .values({
        workspaceId,
        publicationId: publication.id,
        position: 0,
        text: 'Hello',
        textHash: 'x',
        state: 'confirmed',
        platformId,
        publishedAt: at,
      })
      .execute();
    return post.id;
  });
}

const says = (impressions: number, platformId = '1001'): Outcome<PostMetrics[]> => ({
  ok: true,
  value: [
    {
      platformId,
      impressions,
      views: null,
      likes: 3,
      replies: 0,
      reposts: 0,
      quotes: 0,
      bookmarks: 0,
      linkClicks: null,
      profileClicks: null,
      follows: null,
    },
  ],
  cost: { item: 'post.read', micros: 1000 },
});

describe('the numbers of a post', () => {
  test('are looked at often while it is young, daily later, and not after day 29', () => {
    const at = new Date('2026-11-01T12:00:00Z');
    const later = (minutes: number) => new Date(at.getTime() + minutes * 60_000);
    expect(nextLook(at, later(1))).toEqual(later(16));
    expect(nextLook(at, later(180))).toEqual(later(240));
    expect(nextLook(at, later(3 * 1440))).toEqual(later(4 * 1440));
    expect(nextLook(at, later(28.5 * 1440))).toEqual(later(29 * 1440));
    expect(nextLook(at, later(29 * 1440))).toBeNull();
  });

  test('are kept, not asked for again before their time, and what reading costs is in the ledger', async () => {
    answer = says(100);
    expect(await collectMetrics(maya.context)).toBe(1);
    expect(await collectMetrics(maya.context)).toBe(0);
    world.clock.forward('20 min');
    answer = says(160);
    expect(await collectMetrics(maya.context)).toBe(1);
    const post = await maya.call.dashboards.post({ postId });
    const { accounts } = await maya.call.metrics.post({ postId });
    expect(accounts[0]?.days.map((each) => each.total.impressions)).toEqual([160]);
    expect(post.totals).toMatchObject({ impressions: 160, likes: 3, linkClicks: null });
    const spent = await transaction(maya.context, ({ tx }) =>
      tx.selectFrom('platformSpend').select('micros').execute(),
    );
    expect(spent).toEqual([{ micros: 1000 }, { micros: 1000 }]);
  });

  test('stay when the platform does not answer, and when it no longer knows the post', async () => {
    world.clock.forward('1 d');
    answer = { ok: false, failure: { kind: 'later', until: world.clock.now(), reason: 'Too many requests.' } };
    expect(await collectMetrics(maya.context)).toBe(0);
    answer = { ok: true, value: [] };
    expect(await collectMetrics(maya.context)).toBe(0);
    const before = asked;
    await collectMetrics(maya.context);
    expect(asked).toBe(before);
    expect((await maya.call.dashboards.post({ postId })).totals.impressions).toBe(160);
  });

  test('grow by day on Home: a counter’s differences, not its sums', async () => {
    world.clock.forward('1 d');
    answer = says(400);
    await maya.call.metrics.collect({});
    const home = await maya.call.dashboards.home({ range: '7d' });
    expect(home.days.slice(-3)).toEqual(['2026-11-01', '2026-11-02', '2026-11-03']);
    expect(home.kpis.impressions).toMatchObject({ value: 400, series: [0, 0, 0, 0, 160, 0, 240] });
    expect(home.funnel[0]).toMatchObject({ key: 'saw', value: 400 });
  });

  test('are read by one process at a time: two at once pay for one read, and a dead reader is waited for', async () => {
    world.clock.forward('1 d');
    const before = asked;
    const both = await Promise.all([collectMetrics(maya.context), collectMetrics(maya.context)]);
    expect(both.toSorted()).toEqual([0, 1]);
    expect(asked).toBe(before + 1);

    world.clock.forward('1 d');
    const claimedUntil = new Date(world.clock.now().getTime() + 35_000);
    await transaction(maya.context, ({ tx }) => tx.updateTable('accountReads').set({ claimedUntil }).execute());
    expect(await collectMetrics(maya.context)).toBe(0);
    const reading = maya.call.metrics.collect({});
    world.clock.forward('1 min');
    expect(await reading).toMatchObject({ parts: 1 });
  });

  test('are not read beyond the budget of the month, which is said once', async () => {
    await maya.call.accounts.setPolicy({ accountId, monthlyBudgetMicros: 5500 });
    world.clock.forward('1 d');
    expect(await collectMetrics(maya.context)).toBe(1);
    const before = asked;
    const stopped = async () => {
      const { notices } = await maya.call.notices.list({});
      return notices.filter((notice) => notice.kind === 'reading_stopped');
    };
    expect(await stopped()).toEqual([]);
    world.clock.forward('1 d');
    expect(await collectMetrics(maya.context, 'all')).toBe(0);
    const [notice, ...more] = await stopped();
    expect(more).toEqual([]);
    expect(notice?.body).toContain('$0.006 of the monthly budget of $0.0055 is spent');
    await maya.call.notices.read({ noticeId: notice?.id ?? '' });
    world.clock.forward('1 d');
    expect(await collectMetrics(maya.context)).toBe(0);
    expect(await stopped()).toEqual([]);
    expect(asked).toBe(before);
    await maya.call.accounts.setPolicy({ accountId, monthlyBudgetMicros: null });
    expect(await collectMetrics(maya.context)).toBe(1);
  });

  test('have a last look on day 29', async () => {
    world.clock.set('2026-11-30T12:00:00Z');
    answer = says(900);
    await collectMetrics(maya.context);
    world.clock.forward('1 d');
    expect(await collectMetrics(maya.context)).toBe(0);
  });

  test('with a lost grant the account asks to be connected again', async () => {
    await published('2026-12-01T11:00:00Z', '1002');
    answer = { ok: false, failure: { kind: 'reconnect', reason: 'The grant was revoked.' } };
    await collectMetrics(maya.context);
    const { notices } = await maya.call.notices.list({});
    expect(notices.map((notice) => notice.kind)).toContain('account_reconnect');
  });
});

test('followers are kept once a day and shown as a level', async () => {
  const person = await world.join('Ada');
  await person.call.accounts.connectSandbox({ handle: 'ada' });
  expect(await collectAccounts(person.context)).toBe(1);
  expect(await collectAccounts(person.context)).toBe(0);
  const home = await person.call.dashboards.home({ range: '7d' });
  expect(home.kpis.followers.value).toBeGreaterThanOrEqual(120);
  expect(home.kpis.followers.previousValue).toBe(home.kpis.followers.value);
});

test('an account that is connected is no growth, and one that posts for another app is not counted for this one', async () => {
  const person = await world.join('Lou');
  const [mine, other] = [
    (await person.call.apps.register({ url: 'https://lou.dev' })).id,
    (await person.call.apps.register({ url: 'https://elsewhere.dev' })).id,
  ];
  const old = (await person.call.accounts.connectSandbox({ handle: 'lou' })).id;
  const young = (await person.call.accounts.connectSandbox({ handle: 'big_lou' })).id;
  const day = (back: number) => new Date(world.clock.now().getTime() - back * 86_400_000).toISOString().slice(0, 10);
  await transaction(person.context, async ({ tx, workspaceId, clock }) => {
    const snapshots: [string, number, number][] = [
      [old, 400, 20],
      [old, 200, 100],
      [old, 9, 110],
      [old, 2, 130],
      [young, 1, 10_000],
      [young, 0, 10_005],
    ];
    await tx
      .insertInto('accountSnapshots')
      .values(snapshots.map(([id, back, count]) => ({ workspaceId, accountId: id, day: day(back), followers: count })))
      .execute();
    const post = await tx
      .insertInto('posts')
      .values({ workspaceId, appId: other, title: 'Big', status: 'published', source: 'person' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('publications')
      .values({
        workspaceId,
        postId: post.id,
        accountId: young,
        postVersion: 1,
        dueAt: clock.now(),
        state: 'published',
        scheduledBy: 'system',
      })
      .execute();
  });
  const all = (await person.call.dashboards.home({ range: '7d' })).kpis.followers;
  expect(all).toMatchObject({ value: 10_135, previousValue: 10_110 });
  expect(all.series).toEqual([10_110, 10_110, 10_110, 10_110, 10_130, 10_130, 10_135]);
  expect(all.previous[0]).toBe(10_100);
  const one = (await person.call.dashboards.home({ range: '7d', appId: mine })).kpis.followers;
  expect(one).toMatchObject({ value: 130, previousValue: 110 });
});

test('a workspace with nothing yet gets a Home of zeros and its first steps', async () => {
  const person = await world.join('New');
  for (const range of ['7d', '30d', '90d', '12m'] as const) {
    const home = await person.call.dashboards.home({ range });
    expect(home.kpis.visitors.value).toBe(0);
    expect(home.days).toHaveLength(home.previousDays.length);
    expect(home.firstSteps).toMatchObject({ appRegistered: false, trackerSeen: false, firstWeekPlanned: false });
  }
  await expect(person.call.dashboards.home({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('days', () => {
  test('are those of the workspace’s time zone, also when a clock changes', () => {
    const berlin = periodsOf('7d', new Date('2026-10-27T22:30:00Z'), 'Europe/Berlin').current;
    expect(berlin.days).toEqual([
      '2026-10-21',
      '2026-10-22',
      '2026-10-23',
      '2026-10-24',
      '2026-10-25',
      '2026-10-26',
      '2026-10-27',
    ]);
    expect(berlin.from).toEqual(new Date('2026-10-20T22:00:00Z'));
    expect(berlin.until).toEqual(new Date('2026-10-27T23:00:00Z'));
    expect(localDay(new Date('2026-10-27T22:59:59Z'), 'Europe/Berlin')).toBe('2026-10-27');
  });

  test('hold the visitors of their own hours', async () => {
    const person = await world.join('Zoe');
    const own = (await person.call.apps.register({ url: 'https://zoe.dev' })).id;
    await transaction(person.context, ({ tx, workspaceId }) =>
      tx.updateTable('workspaces').set({ timeZone: 'America/New_York' }).where('id', '=', workspaceId).execute(),
    );
    const { publicKey } = await person.call.tracking.get({ appId: own });
    const events = openIntake(world.world);
    const look = async (at: string) => {
      world.clock.set(at);
      const request = { userAgent: `${CHROME} Reader/${at}`, acceptLanguage: 'en', address: null, proxyCountry: null };
      const body = { app: publicKey, id: randomUUID(), kind: 'pageview', url: 'https://zoe.dev/' };
      await events.receive({ ...request, body, doNotTrack: false, privacyControl: false });
    };
    await look('2026-12-03T23:30:00Z');
    await look('2026-12-04T00:30:00Z');
    await events.close();
    world.clock.set('2026-12-05T10:00:00Z');
    const home = await person.call.dashboards.home({ appId: own, range: '7d' });
    expect(home.days.slice(-3)).toEqual(['2026-12-03', '2026-12-04', '2026-12-05']);
    expect(home.kpis.visitors.series.slice(-3)).toEqual([2, 0, 0]);
  });
});

test('the script is served, or says how to build it', async () => {
  const response = await intake(world.world).request('/t.js');
  expect([200, 404]).toContain(response.status);
  if (response.status === 200) expect(response.headers.get('cache-control')).toContain('max-age=86400');
});
