import { studentQuantile, studentTwoSided } from '#src/measure/distributions.ts';

/**
 * What a done suggestion changed. Weekly counts, before and after:
 *
 * - with a control (pages, channels or posts that were not touched): difference in differences. Given how many were
 *   counted in a week in all, the touched part is binomial, its log odds a + δ × after, with the exposures as an offset.
 *   What moves both alike (season, a launch, an outage of the tracker) drops out;
 * - without: a Poisson count a + b × week + δ × after, so that a trend there already was is not taken for the effect.
 *
 * Counts scatter more than these laws say, so variances are multiplied by φ = Pearson's statistic ÷ degrees of freedom,
 * never below 1 (quasi-likelihood: Wedderburn 1974; McCullagh & Nelder 1989, chapters 4 and 6), and the interval is
 * Student's. Fitted by Newton's method.
 */
export type Week = {
  count: number;
  /** Visits or subscriptions the count came from; 1 for a plain count. */
  exposure: number;
  control: { count: number; exposure: number } | null;
};

export type Found = {
  /** log(after ÷ before), with its standard error. */
  log: number;
  error: number;
  /** After ÷ before with its interval. */
  ratio: number;
  low: number;
  high: number;
  p: number;
  /** φ: how much more the weeks scatter than counts alone would. */
  dispersion: number;
  degrees: number;
  method: 'difference_in_differences' | 'trend';
};

/** Fewer weeks than these say too little about their scatter. */
export const weeksNeeded = { before: { control: 4, trend: 8 }, after: 4 } as const;
const countsNeeded = 10;

/** The effect with its 90 % interval, or a sentence that says what is missing. */
export function effectOf(before: readonly Week[], after: readonly Week[], confidence = 0.9): Found | string {
  const weeks = [...before, ...after];
  const control = weeks.every((week) => week.control !== null);
  const needed = weeksNeeded.before[control ? 'control' : 'trend'];
  if (before.length < needed)
    return `Not enough data: ${before.length} of the ${needed} whole weeks before it are measured${control ? '' : ' (with nothing to compare against, its own trend needs eight)'}.`;
  if (after.length < weeksNeeded.after)
    return `Not enough data yet: ${after.length} of the ${weeksNeeded.after} whole weeks after it are over.`;
  const few = lacking('before', total(before), false) ?? lacking('after', total(after), false);
  if (few) return few;
  if (weeks.some((week) => week.exposure <= 0 || (week.control && week.control.exposure <= 0)))
    return 'Not enough data: in one of the weeks there was nothing that could be counted.';
  if (control) {
    const fewControls = lacking('before', total(before, true), true) ?? lacking('after', total(after, true), true);
    if (fewControls) return fewControls;
  }
  const rows = weeks.map((week, index) => {
    const isAfter = index >= before.length ? 1 : 0;
    return week.control
      ? {
          x: [1, isAfter],
          y: week.count,
          trials: week.count + week.control.count,
          offset: Math.log(week.exposure / week.control.exposure),
        }
      : {
          x: [1, isAfter, (index - (weeks.length - 1) / 2) / weeks.length],
          y: week.count,
          trials: null,
          offset: Math.log(week.exposure),
        };
  });
  const fit = fitted(rows.filter(({ trials }) => trials !== 0));
  if (!fit) return 'Not enough data: the weeks differ too much to be fitted.';
  const reach = studentQuantile(1 - (1 - confidence) / 2, fit.degrees) * fit.error;
  return {
    log: fit.log,
    error: fit.error,
    ratio: Math.exp(fit.log),
    low: Math.exp(fit.log - reach),
    high: Math.exp(fit.log + reach),
    p: studentTwoSided(fit.log / fit.error, fit.degrees),
    dispersion: fit.dispersion,
    degrees: fit.degrees,
    method: control ? 'difference_in_differences' : 'trend',
  };
}

/** `trials` null: Poisson, else binomial; both with their natural link. */
type Row = { x: number[]; y: number; trials: number | null; offset: number };

function fitted(rows: readonly Row[]): { log: number; error: number; dispersion: number; degrees: number } | null {
  const width = rows[0]?.x.length ?? 0;
  const degrees = rows.length - width;
  if (degrees < 2) return null;
  let at: number[] = start(rows, width);
  for (let step = 0; step < 50; step++) {
    const { score, information } = slope(rows, at, width);
    const inverse = inverted(information);
    if (!inverse) return null;
    const move = inverse.map((line) => line.reduce((all, each, j) => all + each * (score[j] ?? 0), 0));
    const largest = Math.max(...move.map(Math.abs));
    const damp = largest > 2 ? 2 / largest : 1;
    at = at.map((each, i) => each + damp * (move[i] ?? 0));
    if (largest < 1e-10) break;
  }
  const inverse = inverted(slope(rows, at, width).information);
  const variance = inverse?.[1]?.[1];
  if (variance === undefined || !(variance > 0) || at.some((each) => !Number.isFinite(each))) return null;
  const pearson = rows.reduce((all, row) => {
    const { mean, spread } = expected(row, at);
    return all + (row.y - mean) ** 2 / Math.max(spread, 1e-12);
  }, 0);
  const dispersion = Math.max(1, pearson / degrees);
  return { log: at[1] ?? 0, error: Math.sqrt(variance * dispersion), dispersion, degrees };
}

function start(rows: readonly Row[], width: number): number[] {
  const y = rows.reduce((all, row) => all + row.y, 0);
  const rest = rows.reduce((all, row) => all + (row.trials === null ? Math.exp(row.offset) : row.trials - row.y), 0);
  return [Math.log((y + 0.5) / (rest + 0.5)), ...Array.from({ length: width - 1 }, () => 0)];
}

function expected(row: Row, at: readonly number[]): { mean: number; spread: number } {
  const linear = row.offset + row.x.reduce((all, each, i) => all + each * (at[i] ?? 0), 0);
  if (row.trials === null) {
    const mean = Math.exp(Math.min(linear, 50));
    return { mean, spread: mean };
  }
  const share = 1 / (1 + Math.exp(-linear));
  return { mean: row.trials * share, spread: row.trials * share * (1 - share) };
}

function slope(rows: readonly Row[], at: readonly number[], width: number) {
  const score = Array.from({ length: width }, () => 0);
  const information = Array.from({ length: width }, () => Array.from({ length: width }, () => 0));
  for (const row of rows) {
    const { mean, spread } = expected(row, at);
    row.x.forEach((a, i) => {
      score[i] = (score[i] ?? 0) + a * (row.y - mean);
      row.x.forEach((b, j) => {
        const line = information[i];
        if (line) line[j] = (line[j] ?? 0) + a * b * spread;
      });
    });
  }
  return { score, information };
}

/** By elimination with pivots; null when singular. */
function inverted(matrix: readonly (readonly number[])[]): number[][] | null {
  const size = matrix.length;
  const work = matrix.map((line, i) => [...line, ...line.map((_, j) => (i === j ? 1 : 0))]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let i = column; i < size; i++)
      if (Math.abs(work[i]?.[column] ?? 0) > Math.abs(work[pivot]?.[column] ?? 0)) pivot = i;
    const found = work[pivot];
    const own = work[column];
    const head = found?.[column] ?? 0;
    if (!found || !own || Math.abs(head) < 1e-12) return null;
    work[pivot] = own;
    const line = found.map((each) => each / head);
    work[column] = line;
    for (let i = 0; i < size; i++) {
      const other = work[i];
      const factor = other?.[column] ?? 0;
      if (i !== column && other) work[i] = other.map((each, j) => each - factor * (line[j] ?? 0));
    }
  }
  return work.map((line) => line.slice(size));
}

function total(weeks: readonly Week[], ofControl = false): number {
  return weeks.reduce((all, week) => all + (ofControl ? (week.control?.count ?? 0) : week.count), 0);
}

function lacking(when: 'before' | 'after', count: number, ofControl: boolean): string | null {
  if (count >= countsNeeded) return null;
  const what = ofControl ? 'counted where nothing was changed' : 'counted';
  return `Not enough data: ${count} of the ${countsNeeded} needed were ${what} ${when} it.`;
}
