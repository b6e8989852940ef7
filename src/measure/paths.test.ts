import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import { type CreditModel, creditTouches } from './credit.ts';
import { markov, type Path, shapley } from './paths.ts';

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
