import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shiftedStudent, student, studentQuantile, studentTwoSided } from '#src/measure/distributions.ts';
import { seeded } from '#src/measure/random.ts';
import { adjust } from './adjust.ts';
import { oddsRatio } from './fisher.ts';
import { compareMeanWith, compareTwoMeans, powerOfMeans, sampleOf, valuesToNotice } from './means.ts';
import { alwaysValid, alwaysValidMeans } from './sequential.ts';

const digits = (value: number, count: number) => Number(value.toPrecision(count));

describe('R 4.2.2 says the same, to all its digits', () => {
  test('fisher.test: the lady who says whether milk or tea went in first', () => {
    const tea = oddsRatio([
      [3, 1],
      [1, 3],
    ]);
    expect(digits(tea.p, 4)).toBe(0.4857);
    expect(digits(tea.estimate, 7)).toBe(6.408309);
    expect(digits(tea.interval.low, 7)).toBe(0.2117329);
    expect(digits(tea.interval.high, 10)).toBe(621.9337505);
  });

  test('power.t.test', () => {
    expect(digits(valuesToNotice({ difference: 1, sd: 1 }, { power: 0.9 }), 6)).toBe(22.0211);
    expect(digits(powerOfMeans({ difference: 1, sd: 1, perGroup: 20 }), 7)).toBe(0.8689528);
  });

  test('p.adjust', () => {
    const ps = [0.01, 0.02, 0.03, 0.04, 0.05];
    expect(adjust(ps, 'BH').map((p) => digits(p, 3))).toEqual([0.05, 0.05, 0.05, 0.05, 0.05]);
    expect(adjust(ps, 'holm').map((p) => digits(p, 3))).toEqual([0.05, 0.08, 0.09, 0.09, 0.09]);
    expect(adjust(ps, 'hochberg').map((p) => digits(p, 3))).toEqual([0.05, 0.05, 0.05, 0.05, 0.05]);
    expect(adjust([0.01, 0.04, 0.03, 0.005], 'BH')).toEqual([0.02, 0.04, 0.04, 0.02]);
    expect(adjust([], 'BH')).toEqual([]);
    expect(adjust([0.03, 0.5, 0.01], 'bonferroni').map((p) => digits(p, 3))).toEqual([0.09, 1, 0.03]);
  });

  test('t.test: the sleep of ten patients under two drugs (Student 1908)', () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const welch = compareTwoMeans(sampleOf(second), sampleOf(first));
    expect(digits(welch?.t ?? 0, 5)).toBe(-1.8608);
    expect(digits(welch?.degrees ?? 0, 5)).toBe(17.776);
    expect(digits(welch?.p ?? 0, 4)).toBe(0.07939);
    expect(digits(welch?.interval.low ?? 0, 7)).toBe(-3.365483);
    expect(digits(welch?.interval.high ?? 0, 6)).toBe(0.205483);
    const paired = compareMeanWith(sampleOf(first.map((each, i) => each - (second[i] ?? 0))), 0);
    expect(digits(paired?.t ?? 0, 5)).toBe(-4.0621);
    expect(digits(paired?.p ?? 0, 4)).toBe(0.002833);
  });
});

test("Student's t: known quantiles, and the shifted one without a shift is the plain one", () => {
  expect(digits(studentQuantile(0.975, 10), 7)).toBe(2.228139);
  expect(digits(studentQuantile(0.95, 1), 7)).toBe(6.313752);
  expect(digits(studentQuantile(0.025, 10), 7)).toBe(-2.228139);
  expect(digits(studentQuantile(0.995, 30), 5)).toBe(2.75);
  expect(studentTwoSided(2.228139, 10)).toBeCloseTo(0.05, 6);
  expect(studentTwoSided(0, 7)).toBe(1);
  fc.assert(
    fc.property(
      fc.double({ min: -8, max: 8, noNaN: true }),
      fc.integer({ min: 1, max: 200 }),
      fc.double({ min: -6, max: 6, noNaN: true }),
      (t, degrees, shift) => {
        expect(shiftedStudent(t, degrees, 0)).toBeCloseTo(student(t, degrees), 10);
        const here = shiftedStudent(t, degrees, shift);
        expect(here).toBeGreaterThanOrEqual(0);
        expect(shiftedStudent(t + 0.5, degrees, shift)).toBeGreaterThanOrEqual(here - 1e-12);
        expect(shiftedStudent(t, degrees, shift + 0.5)).toBeLessThanOrEqual(here + 1e-12);
      },
    ),
    { numRuns: 60 },
  );
});

test('a table turned around has the inverse odds and the same probability', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 4, maxLength: 4 }),
      ([a = 1, b = 1, c = 1, d = 1]) => {
        const one = oddsRatio([
          [a, b],
          [c, d],
        ]);
        const other = oddsRatio([
          [c, d],
          [a, b],
        ]);
        // R's tolerance: the two sides are found by different ways.
        expect(Math.abs(other.estimate * one.estimate - 1)).toBeLessThan(0.05);
        expect(other.p).toBeCloseTo(one.p, 9);
        expect(one.interval.low).toBeLessThanOrEqual(one.estimate * 1.01);
        expect(one.interval.high).toBeGreaterThanOrEqual(one.estimate * 0.99);
      },
    ),
    { numRuns: 60 },
  );
});

test('looked at a hundred times, no difference is called one in at most 5 % of runs; a real one is found', () => {
  const { uniform } = seeded(20_261_122);
  const calledOne = (rateA: number, rateB: number) => {
    const [a, b] = [
      { hits: 0, seen: 0 },
      { hits: 0, seen: 0 },
    ];
    const planned = (2 * 0.1 * 0.9) / 2500;
    for (let look = 0; look < 100; look++) {
      for (let i = 0; i < 50; i++) {
        a.seen++;
        b.seen++;
        if (uniform() < rateA) a.hits++;
        if (uniform() < rateB) b.hits++;
      }
      const [p, q] = [a.hits / a.seen, b.hits / b.seen];
      const variance = (p * (1 - p)) / a.seen + (q * (1 - q)) / b.seen;
      if (variance > 0 && alwaysValid({ estimate: q - p, variance, planned }).p <= 0.05) return true;
    }
    return false;
  };
  const runs = 400;
  const wrong = Array.from({ length: runs }).filter(() => calledOne(0.1, 0.1)).length;
  const right = Array.from({ length: 100 }).filter(() => calledOne(0.1, 0.14)).length;
  expect(wrong / runs).toBeLessThanOrEqual(0.05);
  expect(right).toBeGreaterThan(90);
});

test('so with posts, few and far apart in what they brought, one of which goes around the world now and then', () => {
  const { uniform, normal } = seeded(7);
  /** Visits of a post: log-normal, a factor of 2.7 either way, every fiftieth twenty times as many. */
  const brought = (typical: number) =>
    Math.log(0.5 + Math.floor(typical * Math.exp(normal()) * (uniform() < 0.02 ? 20 : 1)));
  const calledOne = (times: number) => {
    const [a, b]: [number[], number[]] = [[], []];
    for (let look = 0; look < 100; look++) {
      a.push(brought(30));
      b.push(brought(30 * times));
      const found = alwaysValidMeans(sampleOf(a), sampleOf(b));
      if (found !== null && found.p <= 0.05) {
        expect(found.interval.low > 0 || found.interval.high < 0).toBe(true);
        return true;
      }
    }
    return false;
  };
  const runs = 300;
  expect(Array.from({ length: runs }).filter(() => calledOne(1)).length / runs).toBeLessThanOrEqual(0.05);
  expect(Array.from({ length: 50 }).filter(() => calledOne(2.5)).length).toBeGreaterThan(45);
});
