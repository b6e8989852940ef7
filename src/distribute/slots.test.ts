import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstFree, instantsOf } from '#src/distribute/slots.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
});
afterAll(() => world.close());

const next = (slot: { weekday: number; atTime: string; timeZone: string }, after: string) =>
  firstFree([slot], new Date(after), new Set())?.toISOString();

test('a slot keeps its local time when the clocks change', () => {
  const monday = { weekday: 1, atTime: '09:00', timeZone: 'Europe/Berlin' };
  expect(next(monday, '2026-10-18T00:00:00Z')).toBe('2026-10-19T07:00:00.000Z');
  expect(next(monday, '2026-10-25T12:00:00Z')).toBe('2026-10-26T08:00:00.000Z');
});

test('in the hour that does not exist it goes out an hour later, in the hour that comes twice once', () => {
  // New York, 8 March 2026: 02:00 becomes 03:00. 1 November 2026: 01:30 comes twice.
  const gap = { weekday: 7, atTime: '02:30', timeZone: 'America/New_York' };
  expect(next(gap, '2026-03-07T00:00:00Z')).toBe('2026-03-08T07:30:00.000Z');
  const twice = { weekday: 7, atTime: '01:30', timeZone: 'America/New_York' };
  expect(next(twice, '2026-10-31T12:00:00Z')).toBe('2026-11-01T05:30:00.000Z');
  expect(next(twice, '2026-11-01T05:30:00Z')).toBe('2026-11-08T06:30:00.000Z');
});

test('in every zone: once a week, in order, on the right day at the right time unless that time does not exist', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 1439 }),
      fc.date({ min: new Date('2020-01-01'), max: new Date('2029-12-31'), noInvalidDate: true }),
      (timeZone, weekday, minute, after) => {
        const atTime = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
        const instants = instantsOf({ weekday, atTime, timeZone }, after);
        let before = after;
        for (let n = 0; n < 4; n += 1) {
          const at = instants.next().value as Date;
          expect(at > before).toBe(true);
          const days = (at.getTime() - before.getTime()) / 86_400_000;
          expect(days).toBeLessThanOrEqual(7 + 1.1);
          const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
          const asked = Temporal.PlainTime.from(atTime);
          if (local.toPlainTime().equals(asked)) expect(local.dayOfWeek).toBe(weekday);
          else {
            // Only where the wall clock jumped over it.
            const jump = local.subtract({ hours: 25 }).offsetNanoseconds !== local.add({ hours: 1 }).offsetNanoseconds;
            expect(jump).toBe(true);
          }
          before = at;
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('the next free slot is the first that no post has taken', async () => {
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'ada' });
  expect(await maya.call.slots.next({ accountId })).toEqual({ at: null });
  await maya.call.slots.add({ accountId, weekdays: [1, 4], atTime: '09:30', timeZone: 'Europe/Berlin' });
  await maya.call.slots.add({ accountId, weekdays: [1], atTime: '09:30', timeZone: 'Europe/Berlin' });
  const { slots } = await maya.call.slots.list({ accountId });
  expect(slots.map((slot) => [slot.weekday, slot.atTime])).toEqual([
    [1, '09:30'],
    [4, '09:30'],
  ]);
  const app = await maya.call.apps.register({ url: 'outpost.dev' });
  for (const [text, due] of [
    ['First post', '2026-11-23T08:30:00.000Z'],
    ['Another one', '2026-11-26T08:30:00.000Z'],
    ['A third, quite different', '2026-11-30T08:30:00.000Z'],
  ] as const) {
    const post = await maya.call.posts.create({ appId: app.id, variants: [{ platform: 'x', parts: [{ text }] }] });
    const { publications } = await maya.call.posts.schedule({
      postId: post.id,
      accountIds: [accountId],
      nextSlot: true,
      evenIfSimilar: true,
    });
    expect(publications[0]?.dueAt.toISOString()).toBe(due);
  }
  await maya.call.slots.remove({ slotId: slots[0]?.id ?? '' });
  expect((await maya.call.slots.list({})).slots.length).toBe(1);
});

test('a zone that is none is refused', async () => {
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'bob' });
  await expect(
    maya.call.slots.add({ accountId, weekdays: [1], atTime: '09:30', timeZone: 'Mars/Olympus' }),
  ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});
