import { fitAt, type Smoother, smooth } from './decompose/loess.ts';

export type Decomposition = {
  period: number;
  trend: Float64Array;
  season: Float64Array;
  remainder: Float64Array;
};

export type DecompositionOptions = {
  /** Rows of a season, 2 at least. */
  period: number;
  /** Seasons over which the season may change (odd, 7 at least); `periodic`: it stays the same. */
  seasons?: number | 'periodic';
  /** Whether outliers are kept out of trend and season. */
  robust?: boolean;
};

/**
 * Trend, season and remainder of evenly spaced values: STL (Cleveland, Cleveland, McRae & Terpenning 1990, J. Official
 * Statistics 6: 3–73), with the spans and steps of the authors' program and of R's `stl`. The three sum to the
 * values. At least two seasons of values are needed.
 */
export function decompose(
  values: readonly number[],
  { period, seasons = 'periodic', robust = true }: DecompositionOptions,
): Decomposition {
  const rows = values.length;
  if (period < 2 || rows < 2 * period)
    throw new RangeError(`Two seasons of ${period} rows are needed, there are ${rows}.`);
  const data = Float64Array.from(values);
  const spans = spansOf(period, seasons === 'periodic' ? 10 * rows + 1 : seasons);
  let trend: Float64Array = new Float64Array(rows);
  let season: Float64Array = new Float64Array(rows);
  let weights: Float64Array | null = null;
  const [rounds, repeats] = robust ? [16, 1] : [1, 2];
  for (let round = 0; round < rounds; round++) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const cycles = smoothCycles(
        data.map((value, row) => value - trend[row]!),
        period,
        spans.season,
        weights,
      );
      const slow = smooth(averages(averages(averages(cycles, period), period), 3), spans.low, null);
      season = data.map((_, row) => cycles[row + period]! - slow[row]!);
      trend = smooth(
        data.map((value, row) => value - season[row]!),
        spans.trend,
        weights,
      );
    }
    if (round < rounds - 1) weights = robustness(data.map((value, row) => value - trend[row]! - season[row]!));
  }
  if (seasons === 'periodic') season = sameEachCycle(season, period);
  return exact(data, period, trend, season);
}

function spansOf(period: number, seasons: number): { season: Smoother; trend: Smoother; low: Smoother } {
  const odd = (span: number) => Math.max(3, Math.ceil(span) + (Math.ceil(span) % 2 === 0 ? 1 : 0));
  const of = (span: number, degree: 0 | 1) => ({ span, degree, jump: Math.ceil(span / 10) });
  const season = odd(seasons);
  return { season: of(season, 0), trend: of(odd((1.5 * period) / (1 - 1.5 / season)), 1), low: of(odd(period), 1) };
}

/** Each place of the cycle smoothed along the cycles, with one cycle more at both ends. */
function smoothCycles(
  values: Float64Array,
  period: number,
  smoother: Smoother,
  weights: Float64Array | null,
): Float64Array {
  const all = new Float64Array(values.length + 2 * period);
  for (let place = 0; place < period; place++) {
    const take = (from: Float64Array) => from.filter((_, row) => row % period === place);
    const own = take(values);
    const ownWeights = weights ? take(weights) : null;
    const inner = smooth(own, smoother, ownWeights);
    const last = own.length - 1;
    const reach = Math.min(smoother.span, own.length) - 1;
    const before = fitAt(own, -1, { from: 0, to: reach }, smoother, ownWeights) ?? inner[0]!;
    const after = fitAt(own, own.length, { from: last - reach, to: last }, smoother, ownWeights) ?? inner[last]!;
    all[place] = before;
    inner.forEach((value, cycle) => {
      all[(cycle + 1) * period + place] = value;
    });
    all[(own.length + 1) * period + place] = after;
  }
  return all;
}

/** Moving averages of `length` rows; each as many rows shorter. */
function averages(values: Float64Array, length: number): Float64Array {
  const means = new Float64Array(values.length - length + 1);
  let sum = 0;
  for (let row = 0; row < values.length; row++) {
    sum += values[row]!;
    if (row >= length) sum -= values[row - length]!;
    if (row >= length - 1) means[row - length + 1] = sum / length;
  }
  return means;
}

/** Bisquare weights: 0 from six times the median absolute remainder on. */
function robustness(remainder: Float64Array): Float64Array {
  const sizes = remainder.map(Math.abs);
  const sorted = sizes.toSorted();
  const limit = 3 * (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!);
  return sizes.map((size) => (size <= 0.001 * limit ? 1 : size <= 0.999 * limit ? (1 - (size / limit) ** 2) ** 2 : 0));
}

function sameEachCycle(season: Float64Array, period: number): Float64Array {
  const [sums, counts] = [new Float64Array(period), new Float64Array(period)];
  season.forEach((value, row) => {
    sums[row % period]! += value;
    counts[row % period]! += 1;
  });
  return season.map((_, row) => sums[row % period]! / counts[row % period]!);
}

/** Trend and season on a grid far finer than they are known, so that adding the three up does not round where the digits of the values allow it. */
function exact(data: Float64Array, period: number, trend: Float64Array, season: Float64Array): Decomposition {
  const largest = [data, trend, season].reduce(
    (most, each) => each.reduce((a, b) => Math.max(a, Math.abs(b)), most),
    0,
  );
  const grid = largest > 0 ? 2 ** (Math.floor(Math.log2(largest)) - 44) : 1;
  const onGrid = (values: Float64Array) => values.map((value) => Math.round(value / grid) * grid);
  const [even, wave] = [onGrid(trend), onGrid(season)];
  return { period, trend: even, season: wave, remainder: data.map((value, row) => value - (even[row]! + wave[row]!)) };
}
