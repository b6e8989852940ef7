import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { costOfTime } from '#src/plan/costs.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
});
afterAll(() => world.close());

const eur = (minor: string) => ({ minor, currency: 'EUR' });

test('own time is exact for any amount: never off by more than half a minor unit', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.bigInt({ min: 0n, max: 10n ** 17n }), (minutes, rate) => {
      const doubled = 2n * (60n * costOfTime(minutes, rate) - BigInt(minutes) * rate);
      return doubled >= -60n && doubled <= 60n;
    }),
  );
  expect(costOfTime(1, 30n)).toBe(1n); // 0.5 rounds up
  expect(costOfTime(90, 6000n)).toBe(9000n);
});

test('money and own time are written down and summed by kind and currency', async () => {
  await maya.call.costs.add({ appId, day: '2026-11-01', kind: 'ads', amount: eur('1999') });
  await maya.call.costs.add({ appId, day: '2026-11-02', kind: 'ads', amount: eur('9007199254740993') });
  const time = await maya.call.costs.add({
    appId,
    day: '2026-11-03',
    kind: 'time',
    minutes: 50,
    hourlyRate: eur('5000'),
  });
  expect(time.amount).toEqual(eur('4167'));
  const { costs, totals } = await maya.call.costs.list({ appId });
  expect(costs.map((cost) => cost.day)).toEqual(['2026-11-03', '2026-11-02', '2026-11-01']);
  expect(totals).toEqual([
    { kind: 'ads', amount: eur('9007199254742992') }, // beyond what a float can hold
    { kind: 'time', amount: eur('4167') },
  ]);
  const page = await maya.call.costs.list({ appId, limit: 2 });
  expect((await maya.call.costs.list({ appId, limit: 2, cursor: page.cursor! })).costs).toMatchObject([
    { day: '2026-11-01' },
  ]);
  expect((await maya.call.costs.list({ appId, from: '2026-11-02', to: '2026-11-02' })).costs).toHaveLength(1);
});

test.each([
  [{ kind: 'ads' as const }, 'amount_missing'],
  [{ kind: 'ads' as const, amount: eur('1'), minutes: 5 }, 'minutes_without_time'],
  [{ kind: 'time' as const }, 'minutes_missing'],
  [{ kind: 'time' as const, minutes: 5 }, 'rate_missing'],
  [{ kind: 'time' as const, minutes: 5, amount: eur('1') }, 'amount_of_time'],
])('%o is refused by name', async (cost, reason) => {
  await expect(maya.call.costs.add({ appId, day: '2026-11-01', ...cost })).rejects.toMatchObject({ data: { reason } });
});

test('an amount is never a float or negative', async () => {
  for (const minor of ['12.5', '-3', '1e3'])
    await expect(
      maya.call.costs.add({ appId, day: '2026-11-01', kind: 'ads', amount: eur(minor) }),
    ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
});

test('an entry can be removed, but only in its own workspace', async () => {
  const { id: costId } = await maya.call.costs.add({ appId, day: '2026-11-09', kind: 'other', amount: eur('5') });
  await expect(rival.call.costs.remove({ costId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(
    rival.call.costs.add({ appId, day: '2026-11-09', kind: 'other', amount: eur('5') }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await maya.call.costs.remove({ costId });
  await expect(maya.call.costs.remove({ costId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
