import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { claim, noteTick } from '#src/distribute/publications/due.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { connectX, draft, putXAt } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, settableClock, type TestWorld } from '#test/world.ts';

/**
 * The machine's clock jumps: it slept, its battery was empty, somebody set it. X's own clock goes on as it should. X takes
 * the same text twice here, so that a second call shows.
 */
let x: FakeX;
let world: TestWorld;
let maya: Person;
let accountId: string;
const trueTime = settableClock('2026-11-23T09:00:00Z');

beforeAll(async () => {
  world = await openTestWorld();
});
beforeEach(async () => {
  trueTime.set('2026-11-23T09:00:00Z');
  world.clock.set(trueTime.now());
  x = await startFakeX({ clock: () => trueTime.now().getTime() });
  x.allowDuplicates(true);
  putXAt(world, x);
  maya = await world.join();
  accountId = await connectX(world, maya, x);
});
afterEach(async () => {
  await maya.call.publishing.pauseAll({ reason: 'over' });
  await x.close();
});
afterAll(() => world.close());

const DAY = 86_400_000;
const texts = () => x.posts('maker').map((post) => post.text);
const receipt = (publicationId: string) => maya.call.publications.get({ publicationId });

/** Both clocks go on. */
function pass(milliseconds: number): void {
  trueTime.set(new Date(trueTime.now().getTime() + milliseconds));
  jump(milliseconds);
}

/** Only the machine's does. */
function jump(milliseconds: number): void {
  world.clock.set(new Date(world.clock.now().getTime() + milliseconds));
}

/** So long until whatever has to be looked up is looked up. */
async function goOn(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes * 60; passed += 20) {
    pass(20_000);
    await publishDue(world.world);
  }
}

async function schedule(parts: string[], inMinutes: number): Promise<string> {
  const postId = await draft(maya, parts);
  const at = new Date(world.clock.now().getTime() + inMinutes * 60_000).toISOString();
  const scheduled = await maya.call.posts.schedule({ postId, accountIds: [accountId], at, evenIfSimilar: true });
  return scheduled.publications[0]?.publicationId ?? '';
}

/** Sends what is due and does something while X works on it. */
async function whileSending(run: () => void): Promise<void> {
  x.answerSlowly(250, 1);
  const before = x.posts('maker').length;
  const going = publishDue(world.world);
  while (x.posts('maker').length === before) await wait(5);
  run();
  await going;
}

test.each([
  ['publish', ['published', 'published', 'published']],
  ['ask', ['asking', 'asking', 'asking']],
  ['skip', ['skipped', 'skipped', 'skipped']],
] as const)('asleep for three days, policy "%s": what was due is late, once', async (missedPolicy, states) => {
  await maya.call.accounts.setPolicy({ accountId, missedPolicy, missedAfterMinutes: 60 });
  const ids: string[] = [];
  for (const n of [1, 2, 3]) ids.push(await schedule([`Late number ${n}`], n * 30));
  pass(3 * DAY);
  await goOn(45);
  const receipts = await Promise.all(ids.map(receipt));
  expect(receipts.map((one) => one.state)).toEqual(states);
  if (missedPolicy === 'publish') {
    expect(texts()).toEqual(['Late number 1', 'Late number 2', 'Late number 3']);
    const moments = x.posts('maker').map((post) => post.at);
    for (const [at, moment] of moments.entries())
      if (at > 0) expect(moment - (moments[at - 1] ?? 0)).toBeGreaterThanOrEqual(10 * 60_000);
  } else expect(texts()).toEqual([]);
  const { notices } = await maya.call.notices.list({});
  expect(notices.filter((one) => one.kind === 'publication_late').length).toBe(missedPolicy === 'ask' ? 1 : 0);
});

test('set back by a day while posts wait: each goes out once, at its moment', async () => {
  const first = await schedule(['At ten'], 60);
  const second = await schedule(['At noon'], 180);
  pass(61 * 60_000);
  await publishDue(world.world);
  expect(texts()).toEqual(['At ten']);
  jump(-DAY);
  await goOn(5);
  expect(texts()).toEqual(['At ten']);
  jump(DAY);
  await goOn(5);
  expect(texts()).toEqual(['At ten']);
  pass(2 * 3_600_000);
  await publishDue(world.world);
  expect(texts()).toEqual(['At ten', 'At noon']);
  for (const id of [first, second]) expect(await receipt(id)).toMatchObject({ state: 'published' });
});

test.each([
  ['two hours ahead', 2 * 3_600_000],
  ['three days ahead', 3 * DAY],
  ['two hours back', -2 * 3_600_000],
  ['three days back', -3 * DAY],
])('%s while a thread is in our hands: every part once, in order', async (_, milliseconds) => {
  const id = await schedule(['One', 'Two', 'Three'], 1);
  pass(60_000);
  await whileSending(() => jump(milliseconds));
  await goOn(6);
  expect(texts()).toEqual(['One', 'Two', 'Three']);
  expect(await receipt(id)).toMatchObject({ state: 'published', partsOut: 3 });
  const posts = x.posts('maker');
  expect(posts.map((post) => post.replyTo)).toEqual([null, posts[0]?.id, posts[1]?.id]);
});

test.each([
  ['two hours ahead', 2 * 3_600_000],
  ['three days ahead', 3 * DAY],
])('%s before the outcome of a call is known: looked up, not sent again', async (_, milliseconds) => {
  const id = await schedule(['Whatever became of this'], 1);
  pass(60_000);
  x.loseAnswers(1);
  await publishDue(world.world);
  jump(milliseconds);
  await goOn(6);
  expect(texts()).toEqual(['Whatever became of this']);
  expect(await receipt(id)).toMatchObject({ state: 'published' });
});

test.each([
  ['two hours back', -2 * 3_600_000],
  ['three days back', -3 * DAY],
])(
  '%s before the outcome of a call is known: looked up, not sent again, and nothing waits for the clock',
  async (_, by) => {
    const id = await schedule(['Whatever became of this'], 1);
    const next = await schedule(['Right behind it'], 2);
    pass(60_000);
    await tick();
    x.loseAnswers(1);
    await publishDue(world.world);
    jump(by);
    await tick();
    await goOn(6);
    expect(texts()).toEqual(['Whatever became of this']);
    expect(await receipt(id)).toMatchObject({ state: 'published' });
    jump(-by);
    await goOn(1);
    expect(texts()).toEqual(['Whatever became of this', 'Right behind it']);
    expect(await receipt(next)).toMatchObject({ state: 'published' });
  },
);

test('killed on a clock a day ahead, which is set right then: taken up by the next one', async () => {
  const id = await schedule(['In dead hands'], 1);
  pass(60_000);
  jump(DAY);
  expect((await claim(world.world, 'dead', 10)).map((one) => one.publicationId)).toContain(id);
  jump(-DAY);
  await goOn(2);
  expect(await receipt(id)).toMatchObject({ state: 'published' });
  expect(texts()).toEqual(['In dead hands']);
});

test('a clock that was a day ahead when the call was made is set right: looked up, not sent again', async () => {
  const id = await schedule(['Said on the wrong day'], 24 * 60);
  jump(DAY);
  await tick();
  x.loseAnswers(1);
  await publishDue(world.world);
  expect(texts()).toEqual(['Said on the wrong day']);
  jump(-DAY);
  await tick();
  await goOn(6);
  expect(texts()).toEqual(['Said on the wrong day']);
  expect(await receipt(id)).toMatchObject({ state: 'published' });
});

test('a clock that stays hours ahead, as with a wrong zone: looked up, not sent again', async () => {
  jump(DAY / 2);
  const id = await schedule(['Said at the wrong hour'], 0);
  x.loseAnswers(1);
  await publishDue(world.world);
  await goOn(6);
  expect(texts()).toEqual(['Said at the wrong hour']);
  expect(await receipt(id)).toMatchObject({ state: 'published' });
});

test('a token renewed on a clock a day ahead is renewed when it is refused, and nobody has to connect again', async () => {
  jump(DAY);
  const first = await schedule(['Renewed tomorrow'], 0);
  await publishDue(world.world);
  expect(await receipt(first)).toMatchObject({ state: 'published' });
  jump(-DAY);
  pass(3 * 3_600_000);
  await schedule(['After the token ended'], 0);
  await goOn(2);
  expect((await maya.call.accounts.get({ accountId })).status).toBe('connected');
  expect(texts()).toEqual(['Renewed tomorrow', 'After the token ended']);
});

/** What the loop does every ten seconds. */
async function tick(): Promise<void> {
  await noteTick(world.world, 'loop', world.clock.now());
}
