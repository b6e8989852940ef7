import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
const xId = randomUUID();

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
  await past.account();
  await past.insert('accounts', {
    id: xId,
    platform: 'x',
    platform_user_id: '77',
    handle: 'maya',
    name: 'Maya',
    status: 'connected',
  });
});
afterAll(async () => {
  await past.close();
  await world.close();
});

type Told = {
  accountId?: string;
  impressions?: number | null;
  likes?: number;
  removedAt?: string;
  replyTo?: string;
  takenAt?: Date;
  /** How the likes grew, by day after it was out. */
  looks?: number[];
};

/** A post that went out with one part, and what the platform counted for it. */
async function publish(at: string, told: Told = {}): Promise<string> {
  const postId = randomUUID();
  const publicationId = randomUUID();
  const partId = randomUUID();
  const out = new Date(at);
  const taken = told.takenAt ?? new Date(Math.min(out.getTime() + 29 * 86_400_000, Date.parse('2026-11-22T08:00:00Z')));
  await past.insert('posts', {
    id: postId,
    app_id: past.appId,
    title: `Post of ${at}`,
    status: 'published',
    source: told.replyTo ? 'reply' : 'person',
  });
  await past.insert('publications', {
    id: publicationId,
    post_id: postId,
    account_id: told.accountId ?? xId,
    post_version: 1,
    due_at: out,
    state: 'published',
    scheduled_by: 'test',
    published_at: out,
    removed_at: told.removedAt ?? null,
    reply_to: told.replyTo ?? null,
  });
  await past.insert('publication_parts', {
    id: partId,
    publication_id: publicationId,
    position: 0,
    text: 'Words',
    text_hash: partId,
    state: 'confirmed',
    published_at: out,
  });
  const impressions = told.impressions === undefined ? 1000 : told.impressions;
  for (const [day, likes] of (told.looks ?? []).entries())
    await past.insert('metric_snapshots', {
      publication_part_id: partId,
      taken_at: new Date(out.getTime() + day * 86_400_000),
      impressions,
      likes,
    });
  await past.insert('post_metrics', {
    publication_part_id: partId,
    post_id: postId,
    taken_at: taken,
    impressions,
    likes: told.looks?.at(-1) ?? told.likes ?? 10,
  });
  return postId;
}

test('a best time is silent below 30 posts, and says how many there are', async () => {
  for (let week = 0; week < 10; week++)
    await publish(new Date(Date.parse('2026-03-02T09:30:00Z') + week * 604_800_000).toISOString(), {
      likes: 60 + week,
    });
  // Too young to be held against the others, a reply, and another account: none of them counts.
  await publish('2026-11-21T20:00:00Z');
  await publish('2026-10-01T20:00:00Z', { replyTo: '1' });
  await publish('2026-10-01T20:00:00Z', { accountId: past.accountId });
  const best = await maya.call.timing.best({ accountId: xId });
  expect(best).toMatchObject({ verdict: 'not_enough_data', posts: 10, needed: 30, slots: [] });
  expect(best.reason).toBe('Not enough data: 10 of the 30 posts needed so far.');
});

test('then the hour that does better is named in the zone of the workspace, though the account grew tenfold', async () => {
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
  for (let day = 0; day < 70; day++) {
    const level = 10 + day * 1.5;
    const at = new Date(Date.parse('2026-05-11T18:10:00Z') + day * 86_400_000);
    const monday = at.getUTCDay() === 1;
    if (monday) at.setUTCHours(9);
    await publish(at.toISOString(), { likes: Math.round(level * (monday ? 6 : 1) + (day % 3)) });
  }
  const best = await maya.call.timing.best({ accountId: xId });
  expect(best).toMatchObject({ verdict: 'best', posts: 80, timeZone: 'Europe/Berlin' });
  expect(best.slots[0]).toMatchObject({ name: 'Monday 11:00', weekday: 1, atTime: '11:00', hour: 11 });
  expect(best.slots[0]?.low).toBeGreaterThan(1);
  // Monday 11:00 in Berlin, which has winter time by then.
  expect(best.slots[0]?.nextAt.toISOString()).toBe('2026-11-23T10:00:00.000Z');
  expect((await maya.call.timing.best({ platform: 'bluesky' })).posts).toBe(0);
  await expect(rival.call.timing.best({ accountId: xId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('presence shows the account on X first: followers by day, growth with its interval, posts and their best', async () => {
  for (let day = 0; day < 36; day++)
    await past.insert('account_snapshots', {
      account_id: xId,
      day: new Date(Date.parse('2026-10-18T00:00:00Z') + day * 86_400_000).toISOString().slice(0, 10),
      followers: 1000 + 3 * day + (day % 7 === 0 ? 1 : 0),
    });
  const loud = await publish('2026-11-03T10:00:00Z', { likes: 90, impressions: 4000 });
  const gone = await publish('2026-11-04T10:00:00Z', { likes: 30, removedAt: '2026-11-06T10:00:00Z' });
  const shown = await maya.call.presence.show({
    appId: past.appId,
    range: 'custom',
    from: '2026-10-24',
    until: '2026-11-22',
  });
  expect(shown.accounts.map(({ platform }) => platform)).toEqual(['x', 'sandbox']);
  const account = shown.account;
  expect(account).toMatchObject({
    accountId: xId,
    followers: { value: 1106 },
    // With the young one of the day before; the reply is none.
    posts: { value: 3 },
    impressions: { value: 6000 },
    engagement: { value: 130 },
    profileClicks: { value: null },
    replies: { sent: 0, share: { value: null } },
  });
  expect(account?.growthPerWeek.value).toBeCloseTo(21, 0);
  expect(account?.growthPerWeek.low).toBeLessThanOrEqual(21.01);
  expect(account?.engagementRate.value).toBeCloseTo(130 / 6000, 10);
  expect(account?.best.map(({ postId, removed }) => [postId, removed]).slice(0, 2)).toEqual([
    [loud, false],
    [gone, true],
  ]);
  expect(account?.followersByDay).toHaveLength(30);
  const other = await maya.call.presence.show({ appId: past.appId, accountId: past.accountId, range: '7d' });
  expect(other.account).toMatchObject({ platform: 'sandbox', followers: { value: null }, posts: { value: 0 } });
  expect(other.account?.growthPerWeek.reason).toBe('Not enough data: 0 of the 4 weeks needed so far.');
  await expect(rival.call.presence.show({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('platforms are compared with medians and what remains after shrinking; below the floors nothing is named', async () => {
  const asked = { appId: past.appId, range: 'custom', from: '2026-01-01', until: '2026-11-22' } as const;
  const { rows } = await maya.call.platforms.compare(asked);
  const [x, sandbox] = [rows.find(({ key }) => key === 'x'), rows.find(({ key }) => key === 'sandbox')];
  expect(x).toMatchObject({ posts: 83, removed: 1, medianImpressions: { value: 1000, low: 1000, high: 1000 } });
  expect(x?.medianEngagement.low).toBeLessThan(x?.medianEngagement.value ?? 0);
  expect(x?.against.reason).toBe('Not enough data: there is nothing to compare it with yet.');
  expect(sandbox).toMatchObject({
    posts: 1,
    medianImpressions: { value: null, reason: 'Not enough data: 1 of the 10 posts needed so far.' },
  });
  for (let day = 1; day < 10; day++)
    await publish(`2026-09-0${day}T10:00:00Z`, { accountId: past.accountId, likes: 3, impressions: null });
  const again = await maya.call.platforms.compare({ ...asked, by: 'account' });
  const account = again.rows.find(({ key }) => key === past.accountId);
  expect(account).toMatchObject({ name: 'outpost', platform: 'sandbox', posts: 10 });
  // Three likes against some sixty: drawn towards 1, and below it.
  expect(account?.against.high).toBeLessThan(1);
  expect(account?.engagementRate.value).toBeCloseTo(0.01, 10);
});

test('a post tells every counter by account and day; what a platform does not tell is null, never zero', async () => {
  const postId = await publish('2026-11-10T10:00:00Z', { looks: [2, 5, 5, 9], removedAt: '2026-11-14T00:00:00Z' });
  const { accounts } = await maya.call.metrics.post({ postId });
  expect(accounts).toHaveLength(1);
  expect(accounts[0]).toMatchObject({ platform: 'x', now: { likes: 9, impressions: 1000, follows: null } });
  expect(accounts[0]?.removedAt).toEqual(new Date('2026-11-14T00:00:00Z'));
  expect(accounts[0]?.days.map(({ day, total, gained }) => [day, total.likes, gained.likes, gained.follows])).toEqual([
    ['2026-11-10', 2, 2, null],
    ['2026-11-11', 5, 3, null],
    ['2026-11-12', 5, 0, null],
    ['2026-11-13', 9, 4, null],
  ]);
  expect(accounts[0]?.engagementRate.value).toBeCloseTo(0.009, 10);
  await expect(rival.call.metrics.post({ postId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
