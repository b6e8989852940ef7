import { existsSync, readFileSync } from 'node:fs';
import { combinedSurprise, silenced } from '#src/grow/anomaly/general.ts';
import { alarmingSurprise, alarmThreshold, anomalyScores, type Point } from '#src/grow/anomaly.ts';
import { seeded } from '#src/measure/random.ts';

const folder = new URL('../../shared/data/anomaly/', import.meta.url);

export type Labelled = { name: string; folder: string; points: Point[]; windows: { from: number; to: number }[] };

/** The published series with their windows (first and last row of each); null where they are absent. */
export function labelledSeries(): Labelled[] | null {
  const list = new URL('windows.json', folder);
  if (!existsSync(list)) return null;
  const windows = JSON.parse(readFileSync(list, 'utf8')) as Record<string, [string, string][]>;
  return Object.entries(windows).map(([name, given]) => {
    const lines = readFileSync(new URL(name, folder), 'utf8').trim().split('\n').slice(1);
    const points = lines.map((line) => {
      const [stamp = '', value] = line.split(',');
      return { at: time(stamp), value: Number(value) };
    });
    return {
      name,
      folder: name.split('/')[0]!,
      points,
      windows: given.map(([from, to]) => {
        const inside = points.flatMap(({ at }, row) => (at >= time(from) && at <= time(to) ? [row] : []));
        return { from: inside[0]!, to: inside.at(-1)! };
      }),
    };
  });
}

function time(stamp: string): number {
  return Date.parse(`${stamp.slice(0, 19).replace(' ', 'T')}Z`);
}

export type Detections = { series: Labelled; alarms: number[] };

/**
 * The rules of the Numenta benchmark, standard profile: the first 15 % (750 rows at most) do not count; the earliest alarm
 * of a window earns the more the earlier it is, a missed window costs 1, an alarm outside of windows up to 0.11. 0 is
 * what no alarm at all earns, 100 what one at the beginning of each window does.
 */
export function benchmarkScore(all: readonly Detections[]): number {
  const windows = all.reduce((sum, { series }) => sum + series.windows.length, 0);
  const raw = all.reduce((sum, each) => sum + earned(each), 0);
  return (100 * (raw + windows)) / (2 * windows);
}

function earned({ series: { points, windows }, alarms }: Detections): number {
  const probation = Math.min(Math.floor(0.15 * points.length), 750);
  const found = new Set<number>();
  let raw = 0;
  for (const row of alarms) {
    if (row < probation) continue;
    const window = windows.findIndex(({ from, to }) => row >= from && row <= to);
    if (window !== -1) {
      if (found.has(window)) continue;
      found.add(window);
      const { from, to } = windows[window]!;
      raw += sigmoid(-(to - row + 1) / (to - from + 1)) / sigmoid(-1);
      continue;
    }
    const before = windows.findLast(({ to }) => to < row);
    const late = before ? (row - before.to) / (before.to - before.from) : Number.POSITIVE_INFINITY;
    raw += late > 3 ? -0.11 : 0.11 * sigmoid(late);
  }
  return raw - (windows.length - found.size);
}

function sigmoid(y: number): number {
  return 2 / (1 + Math.exp(5 * y)) - 1;
}

/** The product's own alarms. */
export function detect(all: readonly Labelled[]): Detections[] {
  return all.map((series) => ({
    series,
    alarms: anomalyScores(series.points).flatMap((score, row) => (score >= alarmThreshold ? [row] : [])),
  }));
}

/** What each folder earns with the threshold that is best for the others, and the score of all together. */
export function leaveOneFolderOut(all: readonly Labelled[]): number {
  const surprising = all.map((series) => {
    const surprise = combinedSurprise();
    return { series, surprises: series.points.map(({ at, value }) => surprise(at, value)) };
  });
  const levels = Array.from({ length: 21 }, (_, index) => alarmingSurprise - 0.5 + index * 0.05);
  const by = levels.map((level) =>
    surprising.map(({ series, surprises }) => {
      const quiet = silenced(level);
      const alarms = surprises.flatMap((value, row) => (quiet(series.points[row]!.at, value) >= level ? [row] : []));
      return { series, alarms };
    }),
  );
  const folders = [...new Set(all.map((series) => series.folder))];
  return benchmarkScore(
    folders.flatMap((left) => {
      const scores = by.map((each) => benchmarkScore(each.filter(({ series }) => series.folder !== left)));
      const best = by[scores.indexOf(Math.max(...scores))]!;
      return best.filter(({ series }) => series.folder === left);
    }),
  );
}

export type Counting = { mean: number; weekend: number; scatter: number };

/** Daily counts with a weekly season: Poisson, or with gamma-distributed means (negative binomial) when `scatter` is above 0. */
export function dailyCounts(
  seed: number,
  days: number,
  { mean, weekend, scatter }: Counting,
  change = (_day: number) => 1,
) {
  const chance = seeded(seed);
  const week = [1, 1.05, 1.1, 1.05, 0.95, weekend, weekend];
  const share = week.reduce((sum, one) => sum + one, 0) / 7;
  return Array.from({ length: days }, (_, day) => {
    const expected = ((mean * week[day % 7]!) / share) * change(day);
    return poisson(chance, scatter > 0 ? expected * scatter * gamma(chance, 1 / scatter) : expected);
  });
}

function poisson(chance: ReturnType<typeof seeded>, mean: number): number {
  let [count, product] = [0, chance.uniform()];
  const end = Math.exp(-mean);
  while (product > end) {
    product *= chance.uniform();
    count++;
  }
  return count;
}

/** Marsaglia & Tsang 2000, for shapes of 1 and more. */
function gamma(chance: ReturnType<typeof seeded>, shape: number): number {
  const d = shape - 1 / 3;
  for (;;) {
    const x = chance.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(chance.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

const dayMs = 86_400_000;
const firstMonday = Date.UTC(2026, 0, 5);

/** The days of a simulated metric on which the product raises an alarm. */
export function alarmDays(counts: readonly number[]): number[] {
  return anomalyScores(counts.map((value, day) => ({ at: firstMonday + day * dayMs, value }))).flatMap((score, day) =>
    score >= alarmThreshold ? [day] : [],
  );
}

export const countings: Counting[] = [0.5, 1, 2, 5, 10, 20, 35].flatMap((mean) =>
  [0, 0.1, 0.25].map((scatter, index) => ({ mean, scatter, weekend: [1, 0.7, 0.4][index]! })),
);

/** False alarms of metrics in which nothing changes, per 60 days. */
export function falseAlarms(counting: Counting, { metrics, days }: { metrics: number; days: number }): number {
  let alarms = 0;
  for (let metric = 0; metric < metrics; metric++)
    alarms += alarmDays(dailyCounts(7919 * metric + counting.mean * 100 + 1, days, counting)).length;
  return (60 * alarms) / (metrics * days);
}

/** Days from a change to its alarm: the median and the ninth decile of those noticed within 60 days, and how many were. */
export function delays(counting: Counting, ratio: number, metrics: number) {
  const begins = 100;
  const found = Array.from({ length: metrics }, (_, metric) => {
    const counts = dailyCounts(104_729 * metric + 17, begins + 60, counting, (day) =>
      day < begins + (metric % 7) ? 1 : ratio,
    );
    const day = alarmDays(counts).find((each) => each >= begins + (metric % 7));
    return day === undefined ? null : day - begins - (metric % 7) + 1;
  })
    .filter((delay) => delay !== null)
    .sort((a, b) => a - b);
  return {
    median: found[found.length >> 1] ?? null,
    late: found[Math.floor(found.length * 0.9)] ?? null,
    noticed: found.length / metrics,
  };
}
