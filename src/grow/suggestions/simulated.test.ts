import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { measureDoneSuggestions } from '#src/grow/suggestions.ts';
import { seeded } from '#src/measure/random.ts';
import { openPast, type Past } from '#test/measured.ts';
import { measuredCoverage, poisson, simulate } from '#test/simulated-business.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { effectOf } from './effect.ts';
import { impactOf, monthly } from './impact.ts';
import { categories } from './kind.ts';
import { kinds } from './kinds/index.ts';
import { asRatio, expectedOf, learnt } from './learn.ts';
import { priorOf, priors } from './priors.ts';
import { ranked } from './rank.ts';
import { measureResult } from './results.ts';

test('there are kinds enough, at least two in every category, and a belief with its reason about each', () => {
  expect(kinds.length).toBeGreaterThanOrEqual(40);
  for (const category of categories)
    expect(kinds.filter((kind) => kind.category === category).length, category).toBeGreaterThanOrEqual(2);
  expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length);
  expect(Object.keys(priors).sort()).toEqual(kinds.map(({ name }) => name).sort());
  for (const { name, category, when } of kinds) {
    expect(name.split('.')[0]).toBe(category);
    expect(when).toMatch(/\.$/);
    expect(priorOf(name).low).toBeLessThan(priorOf(name).high);
    expect(priorOf(name).reason.length).toBeGreaterThan(20);
  }
});

describe('in simulated businesses whose true effects are known', () => {
  const found = simulate(5, Object.values(priors), { businesses: 90 });

  test('our order realises more in equal hours than the largest number first, and far more than a random one', () => {
    expect(found.lead('ours', 'largest', 'hours').low).toBeGreaterThan(0);
    expect(found.lead('ours', 'random', 'hours').low).toBeGreaterThan(0.2);
    expect(found.lead('ours', 'largest', 'perHour').low).toBeGreaterThan(0);
  });

  test('what is expected beats the largest number for the first five done: the largest is too large', () => {
    expect(found.lead('expected', 'largest', 'first').low).toBeGreaterThan(0);
    expect(found.lead('ours', 'random', 'first').low).toBeGreaterThan(0.2);
  });

  test('the 90 % intervals of impact and of measured results hold the truth in 85 to 95 of 100', () => {
    expect(found.coverage.mean).toBeGreaterThan(0.85);
    expect(found.coverage.mean).toBeLessThan(0.95);
    for (const withControl of [true, false]) {
      const { coverage } = measuredCoverage(6, { runs: 500, withControl });
      expect(coverage).toBeGreaterThan(0.85);
      expect(coverage).toBeLessThan(0.95);
    }
  });
});

test('a kind learns from what was measured: exact results decide, noisy ones hardly move it', () => {
  const prior = { low: 0.98, high: 1.2, reason: 'x' };
  const none = asRatio(expectedOf(prior)).mid;
  const noisy = asRatio(expectedOf(prior, [{ log: Math.log(2), error: 1 }])).mid;
  const exact = asRatio(
    expectedOf(
      prior,
      Array.from({ length: 8 }, () => ({ log: 0, error: 0.02 })),
    ),
  ).mid;
  expect(noisy / none).toBeLessThan(1.01);
  expect(exact).toBeLessThan(1.03);
  expect(learnt(prior, [{ log: 0, error: 0.1 }]).kind.sd).toBeLessThan(learnt(prior, []).kind.sd);
});

test('for any counts the interval is in order, its mean within, and more work never ranks higher', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 5000 }), fc.double({ min: -0.5, max: 0.8, noNaN: true }), (count, mean) => {
      const flow = { unit: 'signups' as const, quantities: [monthly('signups', count, 84)] };
      const { signups, chance } = impactOf(flow, { mean, sd: 0.2 }, null, 3, 200);
      expect(signups!.low).toBeLessThanOrEqual(signups!.high);
      expect(signups!.mean).toBeLessThanOrEqual(signups!.high + Math.abs(signups!.high) + 1e-9);
      expect(chance).toBeGreaterThanOrEqual(0);
      const same = { money: count + 1, signups: null, impact: 3 };
      expect(
        ranked([
          { ...same, minutes: 600 },
          { ...same, minutes: 60 },
        ]),
      ).toEqual([1, 0]);
    }),
    { numRuns: 60 },
  );
});

test('too few weeks, or nothing counted, is said and not computed', () => {
  const week = (count: number) => ({ count, exposure: 1, control: { count: 40, exposure: 1 } });
  expect(effectOf([week(5), week(5)], [week(5)])).toMatch(/2 of the 4 whole weeks before/);
  expect(effectOf(Array(4).fill(week(20)), Array(3).fill(week(20)))).toMatch(/3 of the 4 whole weeks after/);
  expect(effectOf(Array(4).fill(week(1)), Array(4).fill(week(1)))).toMatch(/4 of the 10 needed were counted before/);
  const alone = (count: number) => ({ count, exposure: 1, control: null });
  expect(effectOf(Array(4).fill(alone(30)), Array(4).fill(alone(30)))).toMatch(/4 of the 8 whole weeks before/);
});

describe('in a small business of real rows', () => {
  let world: TestWorld;
  let maya: Person;
  let past: Past;
  beforeAll(async () => {
    world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
    maya = await world.join();
    past = await openPast(world, maya);
  });
  afterAll(async () => {
    await past.close();
    await world.close();
  });

  test('of ten pages that were worked on, the measured intervals hold the true effects', async () => {
    const chance = seeded(21);
    const truths = Array.from({ length: 10 }, (_, page) => ({
      path: `/p${page}`,
      ratio: Math.exp(0.35 * chance.normal()),
    }));
    await past.tracked('2026-05-01T00:00:00Z');
    const rows: { day: number; value: string; visits: number }[] = [];
    for (let day = 0; day < 150; day++) {
      const mood = Math.exp(0.3 * Math.sin(day / 9) + 0.1 * chance.normal());
      for (const { path, ratio } of truths)
        rows.push({ day, value: path, visits: poisson(chance, 12 * mood * (day >= 84 ? ratio : 1)) });
      rows.push({ day, value: '/', visits: poisson(chance, 150 * mood) });
    }
    await past.query(
      `insert into traffic_days (workspace_id, app_id, day, dimension, value, visits, visitors)
       select $1, $2, date '2026-06-01' + r.day, 'path', r.value, r.visits, r.visits
       from jsonb_to_recordset($3::jsonb) as r (day int, value text, visits int)`,
      [maya.workspaceId, past.appId, JSON.stringify(rows)],
    );
    for (const { path } of truths) {
      const id = randomUUID();
      await past.insert('suggestions', {
        id,
        app_id: past.appId,
        kind: 'ux.leaky_entry',
        subject: path,
        category: 'ux',
        title: path,
        reasoning: 'Because.',
        priority: 'low',
        effort: 1,
        impact: 1,
        source: 'built_in',
        state: 'done',
        // The others were worked on too, so only the home page stands beside it.
        measure: JSON.stringify({ of: 'visits', dimension: 'path', values: [path] }),
        settle_days: 0,
        dedupe: path,
      });
      for (const [to, at] of [
        ['accepted', '2026-08-24T06:00:00Z'],
        ['done', '2026-08-24T09:00:00Z'],
      ])
        await past.insert('suggestion_decisions', {
          suggestion_id: id,
          to_state: to,
          decided_by: 'system',
          decided_at: at,
        });
    }
    await measureDoneSuggestions(maya.context);
    const { results } = await maya.call.suggestions.results({ appId: past.appId });
    const held = results.filter(({ title, effectLow, effectHigh }) => {
      const ratio = truths.find(({ path }) => path === title)?.ratio ?? 0;
      return (effectLow ?? 9) <= ratio && ratio <= (effectHigh ?? 0);
    });
    expect(results).toHaveLength(10);
    expect(held.length).toBeGreaterThanOrEqual(8);
    expect(results.every(({ settled, method }) => settled && method === 'difference_in_differences')).toBe(true);
  });

  test('a week is seven days of the workspace, also for what is counted by the moment', async () => {
    await maya.call.workspaces.update({ timeZone: 'Australia/Brisbane' });
    const listId = randomUUID();
    await past.insert('mailing_lists', {
      id: listId,
      app_id: past.appId,
      name: 'Letter',
      from_address: 'letter@outpost.dev',
      created_at: '2026-05-31T00:00:00Z',
    });
    // One in the last hour of a local week and two in the first of the next, for twenty weeks from 1 June.
    for (let week = 0; week < 20; week++)
      for (const [index, minutes] of [7 * 1440 - 30, 15, 45].entries())
        await past.insert('subscribers', {
          mailing_list_id: listId,
          email: `${week}.${index}@example.com`,
          confirmed_at: new Date(Date.parse('2026-05-31T14:00:00Z') + (week * 7 * 1440 + minutes) * 60_000),
        });
    const result = await transaction(maya.context, (inside) =>
      measureResult(
        inside,
        { id: randomUUID(), appId: past.appId, measure: { of: 'subscribers' }, working: {}, settleDays: 6 },
        new Date('2026-07-26T21:00:00Z'),
        new Date('2026-07-26T21:30:00Z'),
      ),
    );
    expect(result?.weeks.map(({ from, count }) => `${from}: ${count}`)).toEqual(
      ['06-01', '06-08', '06-15', '06-22', '06-29', '07-06', '07-13', '07-20', '08-03', '08-10', '08-17', '08-24']
        .concat(['08-31', '09-07', '09-14', '09-21'])
        .map((day) => `2026-${day}: 3`),
    );
  });
});
