import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { ensureCounted } from '#src/measure/attribution/days.ts';
import { creditLearnt, type Learnt, weighLearnt } from '#src/measure/attribution/learnt.ts';
import { netOut } from '#src/measure/attribution/net.ts';
import { allModels } from '#src/measure/attribution/settings.ts';
import { roundTogether } from '#src/measure/attribution/sums.ts';
import { markov, shapley } from '#src/measure/paths.ts';
import { giveBack, type Journey, keepJourneys } from '#test/journeys.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;
const now = new Date('2026-11-20T12:00:00Z');
const day = 86_400_000;

beforeAll(async () => {
  world = await openTestWorld({ now: now.toISOString() });
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  await maya.call.paymentSources.create({ appId, provider: 'stripe' });
  await maya.call.workspaces.update({ currency: 'USD' });
});
afterAll(() => world.close());

const touch = (id: string, channel: string, postId: string | null = null) => ({ id, channel, postId });
const learnt = (model: Learnt['model'], channels: [string, number][], posts: [string, number][] = []): Learnt => ({
  id: 'one',
  version: 1,
  model,
  channels: new Map(channels),
  posts: new Map(posts),
});

describe('one journey by a learnt model', () => {
  test('Markov: channels share by removal effect, touches of one channel share alike', () => {
    const model = learnt('markov', [
      ['A', 0.5],
      ['B', 1],
      ['C', 1],
    ]);
    expect(
      creditLearnt(model, [touch('1', 'A'), touch('2', 'B'), touch('3', 'C')], 1000n).map((one) => one.amount),
    ).toEqual([200n, 400n, 400n]);
    expect(weighLearnt(model, [touch('1', 'B'), touch('2', 'B'), touch('3', 'C')])).toEqual([0.25, 0.25, 0.5]);
  });

  test('Shapley: its distinct channels share alike, so that journeys sum to the exact values', () => {
    const model = learnt('shapley', []);
    const paths = [
      { channels: ['A', 'B', 'A'], conversions: 3, value: 3, losses: 2 },
      { channels: ['B'], conversions: 1, value: 1, losses: 5 },
    ];
    const sums: Record<string, number> = {};
    for (const path of paths)
      for (const credit of creditLearnt(
        model,
        path.channels.map((each, at) => touch(String(at), each)),
        1n,
      )) {
        const channel = path.channels[Number(credit.touchId)] ?? '';
        sums[channel] = (sums[channel] ?? 0) + credit.share * path.conversions;
      }
    for (const { channel, conversions } of shapley(paths)) expect(sums[channel]).toBeCloseTo(conversions, 12);
  });

  test('posts with volume share what their channel gets; a channel never seen weighs as the mean', () => {
    const model = learnt(
      'markov',
      [
        ['X', 0.6],
        ['Mail', 0.2],
      ],
      [
        ['p1', 0.3],
        ['p2', 0.1],
      ],
    );
    const weights = weighLearnt(model, [touch('1', 'X', 'p1'), touch('2', 'X', 'p2'), touch('3', 'Mail')]);
    expect(weights).toEqual([expect.closeTo(0.5625, 12), expect.closeTo(0.1875, 12), expect.closeTo(0.25, 12)]);
    expect(weighLearnt(model, [touch('1', 'New'), touch('2', 'X')])).toEqual([
      expect.closeTo(0.4, 12),
      expect.closeTo(0.6, 12),
    ]);
    expect(weighLearnt(learnt('markov', [['A', 0]]), [touch('1', 'A'), touch('2', 'A')])).toEqual([0.5, 0.5]);
  });

  test('any money over any journey sums to it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('markov' as const, 'shapley' as const),
        fc.array(
          fc.record({ channel: fc.constantFrom('A', 'B', 'C'), post: fc.constantFrom(null, 'p1', 'p2', 'p3') }),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
        fc.bigInt(-(10n ** 20n), 10n ** 20n),
        (model, steps, w, amount) => {
          const one = learnt(
            model,
            [
              ['A', w[0] ?? 0],
              ['B', w[1] ?? 0],
            ],
            [
              ['p1', w[2] ?? 0],
              ['p2', w[3] ?? 0],
            ],
          );
          const credits = creditLearnt(
            one,
            steps.map(({ channel, post }, at) => touch(String(at), channel, post)),
            amount,
          );
          expect(credits.reduce((sum, each) => sum + each.amount, 0n)).toBe(amount);
          expect(credits.reduce((sum, each) => sum + each.share, 0)).toBeCloseTo(1, 9);
        },
      ),
    );
  });
});

test('decimals are rounded together', () => {
  expect(roundTogether(['0.5', '0.5'])).toEqual([1n, 0n]);
  expect(roundTogether(['-0.5', '-0.5', '2.25'])).toEqual([0n, -1n, 2n]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { maxLength: 30 }), (hundredths) => {
      const parts = roundTogether(
        hundredths.map(
          (each) =>
            `${each < 0 ? '-' : ''}${Math.trunc(Math.abs(each) / 100)}.${String(Math.abs(each) % 100).padStart(2, '0')}`,
        ),
      );
      const total = hundredths.reduce((sum, each) => sum + each, 0);
      const sum = Number(parts.reduce((all, each) => all + each, 0n));
      expect(Math.abs(sum * 100 - total)).toBeLessThanOrEqual(50);
      for (const [at, part] of parts.entries())
        expect(Math.abs(Number(part) * 100 - (hundredths[at] ?? 0))).toBeLessThanOrEqual(100);
    }),
  );
});

/** What every total should be, read from the credits themselves. */
async function totals() {
  return transaction(maya.context, async ({ tx }) => {
    const { rows } = await sql<Record<string, unknown>>`
      select dimension, day::text as day, model, value, currency, round(signups::numeric, 6) as signups, round(customers::numeric, 6) as customers,
        conversions, amount_minor, net_minor from credit_days where app_id = ${appId} order by 1, 2, 3, 4, 5`.execute(
      tx,
    );
    const ways = await sql<Record<string, unknown>>`
      select day::text as day, kind, path, took, conversions, touches, seconds from journey_days where app_id = ${appId}
      order by 1, 2, 3, 4`.execute(tx);
    return { days: rows, ways: ways.rows };
  });
}
async function recount() {
  await transaction(maya.context, async (inside) => {
    await inside.tx.deleteFrom('creditZones').where('appId', '=', appId).execute();
    await ensureCounted(inside, appId);
  });
}

describe('models learnt from the app’s own journeys', () => {
  const paths = [
    { channels: ['Organic Social', 'Organic Search'], conversions: 60, value: 60, losses: 240 },
    { channels: ['Organic Search'], conversions: 40, value: 40, losses: 310 },
    { channels: ['Organic Social', 'Email', 'Direct'], conversions: 50, value: 50, losses: 50 },
    { channels: ['Email'], conversions: 70, value: 70, losses: 130 },
    { channels: ['Direct'], conversions: 10, value: 10, losses: 240 },
  ];
  const journeysOf = (part: number): Journey[] =>
    paths.flatMap(({ channels, conversions, losses }) =>
      Array.from({ length: Math.floor((conversions + losses) * part) }, (_, index) => ({
        steps: channels.map((channel, at) => ({
          hours: (channels.length - at) * 30,
          channel,
          direct: channel === 'Direct',
        })),
        at: new Date(now.getTime() - day - (index % 30) * day),
        ...(index < Math.floor(conversions * part) ? { ends: { kind: 'signup' as const } } : {}),
      })),
    );

  test('below the floor there is none, and it is said what is missing', async () => {
    await keepJourneys(maya, appId, journeysOf(0.1));
    await attribute(maya.context, appId);
    const answer = await maya.call.attribution.learn({ appId });
    expect(answer).toMatchObject({
      enough: false,
      conversions: 23,
      paths: 120,
      floor: { conversions: 200, paths: 1000 },
    });
    const compared = await maya.call.attribution.compare({ appId, range: '90d' });
    expect(compared.models.filter((one) => !one.enough).map((one) => [one.model, one.reason?.slice(0, 15)])).toEqual([
      ['markov', 'Not enough data'],
      ['shapley', 'Not enough data'],
    ]);
    expect(compared.rows[0]?.byModel.map((cell) => cell.model)).toEqual(allModels.slice(0, 6));
    expect((await maya.call.attribution.models({ appId })).versions).toEqual([]);
  });

  test('above it their weights are those of the published methods on these paths', async () => {
    await keepJourneys(maya, appId, journeysOf(0.9));
    await attribute(maya.context, appId);
    expect(await maya.call.attribution.learn({ appId })).toMatchObject({ enough: true, conversions: 230, paths: 1200 });
    const { versions } = await maya.call.attribution.models({ appId });
    const [first, second] = versions;
    expect(first).toMatchObject({
      model: 'markov',
      version: 1,
      paths: 1200,
      conversions: 230,
      windowDays: 30,
      markovOrder: 1,
    });
    const expected = markov(paths);
    for (const { channel, removalEffect, conversions } of expected.credits) {
      const own = first?.channels.find((one) => one.value === channel);
      expect(own?.weight).toBeCloseTo(removalEffect, 9);
      expect(own?.conversions).toBeCloseTo(conversions, 6);
    }
    for (const { channel, conversions } of shapley(paths))
      expect(second?.channels.find((one) => one.value === channel)?.conversions).toBeCloseTo(conversions, 9);
    await maya.call.attribution.learn({ appId });
    expect((await maya.call.attribution.models({ appId })).versions.map((one) => one.version)).toEqual([1, 1]);
  });

  test('every conversion has credits by all eight, side by side', async () => {
    const compared = await maya.call.attribution.compare({ appId, range: '90d', by: 'channel' });
    expect(compared.models.every((one) => one.enough)).toBe(true);
    expect(compared.conversions).toBe(compared.totals.signups);
    for (const model of allModels) {
      const sum = compared.rows.reduce(
        (all, row) => all + (row.byModel.find((cell) => cell.model === model)?.signups ?? 0),
        0,
      );
      expect(sum).toBeCloseTo(compared.totals.signups - compared.unattributed.signups, 3);
    }
    const shapleyOf = (channel: string) =>
      compared.rows.find((row) => row.key === channel)?.byModel.find((cell) => cell.model === 'shapley')?.signups ?? 0;
    expect(shapleyOf('Email')).toBeCloseTo(50 / 3 + 70, 2);
  });

  test('a new version changes no credit that is given; what comes next is by it', async () => {
    const [before] = await keepJourneys(maya, appId, [
      {
        steps: [
          { hours: 5, channel: 'Email' },
          { hours: 2, channel: 'Organic Search' },
        ],
        at: new Date(now.getTime() - 3_600_000),
        ends: { kind: 'signup' },
      },
    ]);
    await attribute(maya.context, appId);
    const shares = async (conversionId: string) => {
      const { touches, versions } = await maya.call.attribution.receipt({ conversionId });
      return { markov: touches.map((one) => one.credits.find((credit) => credit.model === 'markov')?.share), versions };
    };
    const frozen = await shares(before!);
    expect(frozen.versions).toEqual([
      { model: 'markov', version: 1 },
      { model: 'shapley', version: 1 },
    ]);
    await keepJourneys(
      maya,
      appId,
      Array.from({ length: 200 }, () => ({
        steps: [{ hours: 1, channel: 'Email' }],
        at: new Date(now.getTime() - day),
      })),
    );
    await maya.call.tracking.set({ appId, markovOrder: 2 });
    await maya.call.attribution.learn({ appId });
    expect((await maya.call.attribution.models({ appId })).versions.map((one) => one.version)).toEqual([2, 2]);
    expect(await shares(before!)).toEqual(frozen);
    const [after] = await keepJourneys(maya, appId, [
      {
        steps: [
          { hours: 5, channel: 'Email' },
          { hours: 2, channel: 'Organic Search' },
        ],
        at: new Date(now.getTime() - 3_600_000),
        ends: { kind: 'signup' },
      },
    ]);
    await attribute(maya.context, appId);
    expect((await shares(after!)).versions.map((one) => one.version)).toEqual([2, 2]);
  });

  test('whatever was paid and given back, all eight models sum to the money, and the totals are those of the credits', async () => {
    const journeys = fc.record({
      minor: fc.bigInt({ min: 1n, max: 10n ** 12n }),
      tax: fc.integer({ min: 0, max: 30 }),
      back: fc.integer({ min: 0, max: 100 }),
      currency: fc.constantFrom('USD', 'EUR', 'JPY'),
      steps: fc.array(
        fc.record({
          hours: fc.integer({ min: 0, max: 900 }),
          channel: fc.constantFrom('Email', 'Organic Social', 'Direct', 'New'),
        }),
        { maxLength: 7 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(journeys, { minLength: 1, maxLength: 4 }), async (list) => {
        const ids = await keepJourneys(
          maya,
          appId,
          list.map(({ minor, tax, currency, steps }, at) => ({
            steps: steps.map((step) => ({ ...step, direct: step.channel === 'Direct' })),
            at: new Date(now.getTime() - 2 * 3_600_000 - at * day),
            ends: { kind: 'purchase' as const, minor, currency, tax: (minor * BigInt(tax)) / 100n },
          })),
        );
        await attribute(maya.context, appId);
        for (const [at, conversionId] of ids.entries()) {
          const { minor, back, tax } = list[at]!;
          if (back > 0) {
            const paymentId = await giveBack(maya, conversionId, (minor * BigInt(back)) / 100n);
            await transaction(maya.context, (inside) => netOut(inside, paymentId));
          }
          const rest = minor - (minor * BigInt(back)) / 100n;
          const taxed = (minor * BigInt(tax)) / 100n;
          const net = rest - (2n * taxed * rest + minor) / (2n * minor);
          const sums = await transaction(maya.context, ({ tx }) =>
            tx
              .selectFrom('credits')
              .select((eb) => [
                'model',
                eb.fn.sum<string>('amountMinor').as('minor'),
                eb.fn.sum<string>('netMinor').as('net'),
              ])
              .select((eb) => eb.fn.sum<string>('share').as('share'))
              .where('conversionId', '=', conversionId)
              .groupBy('model')
              .execute(),
          );
          expect(sums.map((sum) => sum.model).sort()).toEqual([...allModels].sort());
          for (const sum of sums) {
            expect(BigInt(sum.minor)).toBe(minor);
            expect(BigInt(sum.net)).toBe(net);
            expect(Number(sum.share)).toBeCloseTo(1, 9);
          }
        }
      }),
      { numRuns: 12 },
    );
    const kept = await totals();
    expect(kept.days.length).toBeGreaterThan(100);
    await recount();
    expect(await totals()).toEqual(kept);
    const by = await transaction(maya.context, ({ tx }) =>
      tx
        .selectFrom('creditDays')
        .select((eb) => [
          'dimension',
          'model',
          eb.fn.sum<string>('netMinor').as('net'),
          eb.fn.sum<string>('amountMinor').as('minor'),
        ])
        .where('appId', '=', appId)
        .where('currency', '=', 'USD')
        .groupBy(['dimension', 'model'])
        .execute(),
    );
    expect(new Set(by.map((row) => `${row.net} ${row.minor}`)).size).toBe(1);
  });

  test('another time zone counts every day anew', async () => {
    const before = await totals();
    await maya.call.workspaces.update({ timeZone: 'Pacific/Kiritimati' });
    await attribute(maya.context, appId);
    const after = await totals();
    expect(after).not.toEqual(before);
    const sum = (rows: Record<string, unknown>[]) =>
      rows.filter((row) => row.dimension === 'total').reduce((all, row) => all + Number(row.conversions), 0);
    expect(sum(after.days)).toBe(sum(before.days));
    await recount();
    expect(await totals()).toEqual(after);
  });

  test('another workspace finds none of it', async () => {
    const rival = await world.join('Rival');
    for (const call of [
      () => rival.call.attribution.compare({ appId }),
      () => rival.call.attribution.paths({ appId }),
      () => rival.call.attribution.models({ appId }),
      () => rival.call.attribution.learn({ appId }),
      () => rival.call.attribution.receipt({ conversionId: randomUUID() }),
    ])
      await expect(call()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
