import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let x: FakeX;
let world: TestWorld;
let maya: Person;
let accountId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-10T09:00:00Z' });
  x = await startFakeX({ clock: () => world.clock.now().getTime() });
  putXAt(world, x);
  maya = await world.join();
  accountId = await connectX(world, maya, x);
});
afterAll(async () => {
  await x.close();
  await world.close();
});

async function scheduled(texts: string[], at: string) {
  const postId = await draft(maya, texts);
  await maya.call.posts.schedule({ postId, accountIds: [accountId], at, evenIfSimilar: true });
}

test('what is scheduled this month is added up, by the prices of the workspace', async () => {
  expect(await maya.call.spend.forecast({})).toEqual({ until: new Date('2026-12-01T00:00:00Z'), accounts: [] });
  await scheduled(['One', 'Two'], '2026-11-12T09:00:00Z');
  await scheduled(['With https://outpost.dev'], '2026-11-30T23:59:00Z');
  await scheduled(['Next month'], '2026-12-01T00:00:00Z');
  expect((await maya.call.spend.forecast({})).accounts).toEqual([{ accountId, publications: 2, micros: 230_000 }]);
  await maya.call.spend.setPrice({ platform: 'x', item: 'x.post', micros: 20_000 });
  expect((await maya.call.spend.forecast({})).accounts).toMatchObject([{ micros: 240_000 }]);
  const other = await world.join('Somebody Else');
  expect((await other.call.spend.forecast({})).accounts).toEqual([]);
});

test('whoever looks sees who holds publishing, why and until when', async () => {
  const until = '2026-11-10T12:00:00Z';
  await maya.call.publishing.pauseAll({ reason: 'Bad news today', until });
  await maya.call.accounts.pause({ accountId, reason: 'A new voice first' });
  expect(await maya.call.publishing.status({})).toMatchObject({
    paused: { reason: 'Bad news today', pausedByName: 'Maya Lind', until: new Date(until) },
    accounts: [{ handle: 'maker', reason: 'A new voice first', pausedByName: 'Maya Lind' }],
  });
});
