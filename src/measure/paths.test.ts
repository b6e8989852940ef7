import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import { type CreditModel, creditTouches } from './credit.ts';
import { creditPaths, markov, type Path, shapley } from './paths.ts';

const bryl: Path[] = [
  { channels: ['C1', 'C2', 'C3'], conversions: 1, value: 1, losses: 0 },
  { channels: ['C1'], conversions: 0, value: 0, losses: 1 },
  { channels: ['C2', 'C3'], conversions: 0, value: 0, losses: 1 },
];

test('the worked example (Bryl 2016)', () => {
  const { probability, credits } = markov(bryl);
  expect(probability).toBeCloseTo(1 / 3, 12);
  expect(credits.map((each) => each.removalEffect)).toEqual([expect.closeTo(0.5, 12), 1, 1]);
  expect(credits.map((each) => each.conversions)).toEqual([0.2, 0.4, 0.4].map((share) => expect.closeTo(share, 12)));
});

const csv = published('attribution/PathData.csv');
const json = published('attribution/expected.json');

describe.skipIf(csv === null || json === null)(
  '10,000 published journeys (skipped where shared/data is absent)',
  () => {
    type Figures = Record<string, Record<string, number>>;
    const expected: {
      p_conversion_from_start: number;
      heuristics: Figures;
      markov_order_1: Figures;
      shapley: Figures;
    } = JSON.parse(json ?? '{}');
    const paths: Path[] = (csv ?? '')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [path = '', conversions, value, losses] = line.split(',');
        const channels = path.replaceAll('"', '').split(' > ');
        return { channels, conversions: Number(conversions), value: Number(value), losses: Number(losses) };
      });

    test('first, last, linear', () => {
      const at = new Date(0);
      for (const model of ['first', 'last', 'linear'] satisfies CreditModel[]) {
        const sums: Record<string, number> = {};
        for (const { channels, conversions } of paths) {
          const touches = channels.map((channel, id) => ({
            id: String(id).padStart(6, '0'),
            channel,
            at,
            direct: false,
          }));
          for (const { touchId, share } of creditTouches(model, touches, at, 1n)) {
            const channel = channels[Number(touchId)] ?? '';
            sums[channel] = (sums[channel] ?? 0) + share * conversions;
          }
        }
        for (const [channel, figures] of Object.entries(expected.heuristics)) {
          expect(sums[channel]).toBeCloseTo(figures[model] ?? Number.NaN, model === 'linear' ? 8 : 12);
        }
      }
    });

    test('Markov of order 1', () => {
      const { probability, credits } = markov(paths);
      expect(probability).toBeCloseTo(expected.p_conversion_from_start, 10);
      expect(credits.map((each) => each.channel).sort()).toEqual(Object.keys(expected.markov_order_1).sort());
      for (const credit of credits) {
        const figures = expected.markov_order_1[credit.channel] ?? {};
        expect(credit.removalEffect).toBeCloseTo(figures.re_conv ?? Number.NaN, 9);
        expect(credit.conversions).toBeCloseTo(figures.conv ?? Number.NaN, 7);
        expect(credit.removalEffectOnValue).toBeCloseTo(figures.re_val ?? Number.NaN, 9);
      }
    });

    test('Shapley', () => {
      for (const credit of shapley(paths)) {
        expect(credit.conversions).toBeCloseTo(expected.shapley[credit.channel]?.conv ?? Number.NaN, 7);
        expect(credit.value).toBeCloseTo(expected.shapley[credit.channel]?.value ?? Number.NaN, 7);
      }
    });

    test('higher orders keep the total', () => {
      const total = paths.reduce((sum, each) => sum + each.conversions, 0);
      for (const order of [2, 3] as const) {
        const { credits } = markov(paths, order);
        expect(credits.reduce((sum, each) => sum + each.conversions, 0)).toBeCloseTo(total, 6);
      }
    });
  },
);

test('credits sum to the conversions, whatever the paths', () => {
  const anyPath = fc.record({
    channels: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
    conversions: fc.nat(20),
    value: fc.nat(1000),
    losses: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(anyPath), fc.constantFrom(1 as const, 2 as const, 3 as const), (list, order) => {
      const paths = list.map((each) => ({ ...each, value: each.conversions === 0 ? 0 : each.value }));
      const total = paths.reduce((sum, each) => sum + each.conversions, 0);
      const sum = (credits: { conversions: number }[]) => credits.reduce((all, each) => all + each.conversions, 0);
      expect(sum(markov(paths, order).credits)).toBeCloseTo(total, 6);
      expect(sum(shapley(paths))).toBeCloseTo(total, 6);
    }),
  );
});

test('nothing gives nothing', () => {
  expect(markov([])).toEqual({ probability: 0, credits: [] });
  expect(shapley([])).toEqual([]);
});

/** Probability to convert by following the transitions one by one, `removed` being a loss: slow, and plain to see. */
function followed(paths: readonly Path[], order: number, removed: string | null): number {
  const next = new Map<string, Map<string, number>>();
  const count = (from: string, to: string, times: number) => {
    const row = next.get(from) ?? new Map<string, number>();
    row.set(to, (row.get(to) ?? 0) + times);
    next.set(from, row);
  };
  for (const { channels, conversions, losses } of paths) {
    const states = ['start', ...channels.map((_, i) => channels.slice(Math.max(0, i + 1 - order), i + 1).join('>'))];
    for (let i = 1; i < states.length; i++) count(states[i - 1]!, states[i]!, conversions + losses);
    count(states.at(-1)!, 'converted', conversions);
    count(states.at(-1)!, 'lost', losses);
  }
  let where = new Map([['start', 1]]);
  let converted = 0;
  for (let step = 0; step < 3000; step++) {
    const after = new Map<string, number>();
    for (const [state, share] of where) {
      const row = next.get(state) ?? new Map<string, number>();
      const total = [...row.values()].reduce((sum, each) => sum + each, 0);
      for (const [to, times] of row) {
        const part = (share * times) / total;
        if (times === 0 || to === 'lost' || (removed !== null && to.split('>').at(-1) === removed)) continue;
        if (to === 'converted') converted += part;
        else after.set(to, (after.get(to) ?? 0) + part);
      }
    }
    where = after;
  }
  return converted;
}

test('every order agrees with following the chain step by step', () => {
  const path = fc.record({
    channels: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 5 }),
    conversions: fc.nat(5),
    value: fc.constant(0),
    losses: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(
      fc.array(path, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(1 as const, 2 as const, 3 as const),
      (paths, order) => {
        const { probability, credits } = markov(paths, order);
        const all = followed(paths, order, null);
        expect(probability).toBeCloseTo(all, 9);
        for (const { channel, removalEffect } of credits) {
          expect(removalEffect).toBeCloseTo(all === 0 ? 0 : 1 - followed(paths, order, channel) / all, 8);
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('paths that turn around a million times before they end', () => {
  const around = Array.from({ length: 20_000 }, (_, i) => (i % 2 === 0 ? 'a' : 'b'));
  const paths: Path[] = [
    { channels: [...around, 'c'], conversions: 1, value: 5, losses: 0 },
    { channels: around, conversions: 0, value: 0, losses: 1 },
  ];
  for (const order of [1, 2, 3] as const) {
    const { probability, credits } = markov(paths, order);
    expect(probability).toBeCloseTo(0.5, 6);
    expect(credits.map(({ removalEffect }) => removalEffect)).toEqual([1, 1, 1].map((each) => expect.closeTo(each, 6)));
    expect(credits.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(5, 9);
  }
});

test('hundreds of channels', () => {
  const paths = Array.from({ length: 3000 }, (_, i): Path => {
    const channels = Array.from({ length: 1 + (i % 4) }, (_, j) => `channel ${(i * 7 + j * j * 31) % 400}`);
    return { channels, conversions: i % 3, value: i % 3, losses: 1 };
  });
  const { credits } = markov(paths);
  expect(credits).toHaveLength(400);
  expect(credits.reduce((sum, { conversions }) => sum + conversions, 0)).toBeCloseTo(2999 + 1, 0);
});

describe('the rules over paths', () => {
  const paths: Path[] = [
    { channels: ['search', 'x', 'mail', '(direct)'], conversions: 2, value: 100, losses: 5 },
    { channels: ['direct'], conversions: 1, value: 10, losses: 0 },
  ];
  const credited = (model: CreditModel, options?: Parameters<typeof creditPaths>[2]) =>
    Object.fromEntries(creditPaths(model, paths, options).map(({ channel, value }) => [channel, value]));

  test.each([
    ['first', { search: 100, x: 0, mail: 0, '(direct)': 0, direct: 10 }],
    ['last', { search: 0, x: 0, mail: 0, '(direct)': 100, direct: 10 }],
    ['last_non_direct', { search: 0, x: 0, mail: 100, '(direct)': 0, direct: 10 }],
    ['linear', { search: 25, x: 25, mail: 25, '(direct)': 25, direct: 10 }],
    ['position', { search: 40, x: 10, mail: 10, '(direct)': 40, direct: 10 }],
  ] as const)('%s', (model, expected) => {
    const found = credited(model);
    for (const [channel, value] of Object.entries(expected)) expect(found[channel]).toBeCloseTo(value, 10);
  });

  test('time decay by steps', () => {
    const found = credited('time_decay', { halfLife: 1 });
    expect([found.search, found.x, found.mail, found['(direct)']]).toEqual(
      [1, 2, 4, 8].map((part) => expect.closeTo((100 * part) / 15, 10)),
    );
  });

  test('which channel is direct may be said', () => {
    expect(credited('last_non_direct', { isDirect: (channel) => channel === 'mail' })).toMatchObject({
      '(direct)': 100,
    });
  });
});
