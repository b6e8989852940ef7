/** Values looked at; a season longer than a third of them cannot be told from a trend. */
const most = 20_000;
const valley = 0.15;
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const calendar = [hour, day, 7 * day, 365.25 * day];
const months = { at: 30.4 * day, rows: 12 };

/**
 * How many rows a season has, from the autocorrelation of the values without their slow course: the first peak that is
 * nearly as high as the highest one, moved to an hour, day, week or year of the calendar when it is within 3 % of one.
 * Null when nothing repeats (below 0.3, or within what chance gives).
 */
export function periodOf(values: readonly number[], step: number): number | null {
  const used = values.slice(-most);
  const longest = Math.floor(used.length / 3);
  if (longest < 2) return null;
  const rest = withoutCourse(used, longest);
  const power = rest.reduce((sum, value) => sum + value * value, 0);
  if (power <= 1e-18 * used.reduce((sum, value) => sum + value * value, 0)) return null;
  const correlations = Array.from({ length: longest + 1 }, (_, lag) => {
    let sum = 0;
    for (let row = lag; row < rest.length; row++) sum += rest[row]! * rest[row - lag]!;
    // Fewer pairs at long lags would make every long season look weak.
    return ((sum / power) * rest.length) / (rest.length - lag);
  });
  const floor = Math.max(0.3, 2.6 / Math.sqrt(used.length));
  let lowest = 1;
  const peaks = correlations.flatMap((height, lag) => {
    lowest = Math.min(lowest, height);
    // What is close is alike: a season shows only after a valley.
    return lag >= 2 &&
      height >= Math.max(floor, lowest + valley) &&
      height >= correlations[lag - 1]! &&
      height >= (correlations[lag + 1] ?? height)
      ? [{ lag, height }]
      : [];
  });
  const highest = Math.max(...peaks.map(({ height }) => height));
  const early = peaks.find(({ height }) => height >= 0.85 * highest);
  if (!early) return null;
  // Noise puts small peaks on the way up to the one that is meant.
  const { lag } = peaks
    .filter((peak) => peak.lag >= early.lag && peak.lag <= 1.3 * early.lag)
    .reduce((best, peak) => (peak.height > best.height ? peak : best));
  return onCalendar(lag, step);
}

function onCalendar(lag: number, step: number): number {
  if (Math.abs(step - months.at) < 0.1 * months.at) return Math.abs(lag - months.rows) <= 1 ? months.rows : lag;
  const rows = calendar.map((length) => Math.round(length / step)).filter((count) => count >= 2);
  return rows.find((count) => Math.abs(count - lag) <= Math.max(0.5, 0.03 * count)) ?? lag;
}

/** What is left after a straight line and, for long series, a wide moving average. */
function withoutCourse(values: readonly number[], width: number): Float64Array {
  const rows = values.length;
  const middle = (rows - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  const spread = values.reduce((sum, _, row) => sum + (row - middle) ** 2, 0);
  const slope = values.reduce((sum, value, row) => sum + (row - middle) * (value - mean), 0) / spread;
  const straight = Float64Array.from(values, (value, row) => value - mean - slope * (row - middle));
  const sums = new Float64Array(rows + 1);
  for (let row = 0; row < rows; row++) sums[row + 1] = sums[row]! + straight[row]!;
  return straight.map((value, row) => {
    const [from, to] = [Math.max(0, row - width), Math.min(rows, row + width + 1)];
    return value - (sums[to]! - sums[from]!) / (to - from);
  });
}
