const day = 86_400_000;
/** No alarm before so many rows: four weeks, so that each weekday was seen four times. */
export const dailyRowsNeeded = 28;
/** Rows that make the level; rows that make the weekdays. */
const levelRows = 56;
const weekdayRows = 84;
/** The latest rows stay out of the level, or a change would soon be what is usual. */
const guard = 7;
/** Rows without an alarm after one. */
const silence = 14;
/** The changes (ratios to the expected) the sums are sharpest for: one upward, one downward, one for what stops. */
const changes = [1.6, 0.6, 0.1];
/** What a sum reaches by chance once in some hundred days (by simulation; the bench prints it). */
const limit = 5.5;
/** Weight of "all weekdays are alike", in counts. */
const alike = 6;

type Row = { at: number; weekday: number; value: number; regime: number; incident: boolean };
type Sum = { ratio: number; value: number; since: number };

/** What a day was expected to have, and how far the evidence of a change has come: an alarm is due at 1. */
export type DailyJudgement = {
  reached: number;
  direction: 'up' | 'down';
  expected: number | null;
  /** Variance ÷ mean. */
  dispersion: number;
  /** Index of the row at which the change began, as the sum sees it. */
  since: number;
  silent: boolean;
};

/**
 * Watches amounts that come once a day (or more seldom) and are never negative: one-sided cumulative sums of the
 * log-likelihood ratio (Page 1954; for counts Lucas 1985) of a Poisson variable with the dispersion measured from the
 * series (quasi-likelihood, McCullagh & Nelder 1989), around level × weekday. After an alarm it is silent for 14 rows;
 * then what came since is the new level, unless the old one is back. Whole numbers are never believed to scatter less than a
 * Poisson count. Only rows before the judged one make its expectation.
 */
export function dailyWatch(): (at: number, value: number) => DailyJudgement {
  const rows: Row[] = [];
  let [regime, quietUntil, pearson, pearsonWeight] = [0, -1, 3, 3];
  let alarm: { since: number; level: number } | null = null;
  let whole = true;
  let sums = fresh(0);
  return (at, value) => {
    const index = rows.length;
    whole &&= Number.isInteger(value);
    if (alarm && index > quietUntil) {
      settle(rows, alarm);
      regime = rows.at(-1)?.regime ?? regime;
      alarm = null;
    }
    const weekday = Math.floor(at / day) % 7;
    const dispersion = Math.max(whole ? 1 : Number.MIN_VALUE, pearson / pearsonWeight);
    const level = levelOf(rows, regime);
    const expected = level === null ? null : level.mean * weekdayFactor(rows, weekday, dispersion);
    const row = { at, weekday, value, regime, incident: false };
    rows.push(row);
    const silent = index <= quietUntil;
    if (level === null || expected === null || expected <= 0) {
      sums = fresh(index);
      return { reached: 0, direction: 'up', expected, dispersion, since: index, silent };
    }
    if (!silent) {
      const deviation = (value - expected) ** 2 / expected;
      pearson = 0.985 * pearson + Math.min(deviation, 9 * dispersion);
      pearsonWeight = 0.985 * pearsonWeight + 1;
    }
    // An expectation from few rows is uncertain itself, and for as many days as a sum runs wrong in the same direction.
    const spread = dispersion * (1 + (10 * expected) / level.sum);
    sums = sums.map((sum) => further(sum, { value, expected, spread, index }));
    const sum = sums.reduce((most, each) => (each.value > most.value ? each : most));
    const direction = sum.ratio > 1 ? ('up' as const) : ('down' as const);
    const reached = index < dailyRowsNeeded || silent ? 0 : sum.value / limit;
    const { since } = sum;
    if (reached >= 1) {
      alarm = { since, level: level.mean };
      quietUntil = index + silence;
      regime++;
      for (let each = since; each <= index; each++) rows[each]!.regime = regime;
    }
    if (reached >= 1 || silent) sums = fresh(index + 1);
    return { reached, direction, expected, dispersion, since, silent };
  };
}

function fresh(since: number): Sum[] {
  return changes.map((ratio) => ({ ratio, value: 0, since }));
}

function further(
  { ratio, value: sum, since }: Sum,
  { value, expected, spread, index }: { value: number; expected: number; spread: number; index: number },
): Sum {
  const next = sum + (value * Math.log(ratio) - expected * (ratio - 1)) / spread;
  return next <= 0 ? { ratio, value: 0, since: index + 1 } : { ratio, value: next, since };
}

/**
 * When the last week is like the old level, what happened was an incident: its rows are left out and the old level goes on.
 * Otherwise the rows since the change are the new level.
 */
function settle(rows: Row[], { since, level }: { since: number; level: number }): void {
  const week = rows.slice(-7);
  const before = rows[since - 1];
  if (!before || week.length < 7) return;
  const mean = week.reduce((total, { value }) => total + value, 0) / 7;
  const own = week.reduce((total, { value }) => total + (value - mean) ** 2, 0) / 6;
  if (Math.abs(mean - level) > 2.6 * Math.sqrt(Math.max(own, level) / 7)) return;
  for (let index = since; index < rows.length; index++) {
    rows[index]!.regime = before.regime;
    rows[index]!.incident = index < rows.length - 7;
  }
}

function levelOf(rows: readonly Row[], regime: number): { mean: number; sum: number } | null {
  const own: number[] = [];
  for (let index = rows.length - 1; index >= 0 && own.length < levelRows + guard; index--) {
    const row = rows[index]!;
    if (row.regime === regime && !row.incident) own.push(row.value);
  }
  const used = own.slice(Math.min(guard, Math.floor(own.length / 4)));
  if (used.length < 7) return null;
  const sum = used.reduce((total, value) => total + value, 0);
  return { mean: sum / used.length, sum: Math.max(sum, Number.MIN_VALUE) };
}

/** This weekday's share of the level, drawn to 1 while little is known. */
function weekdayFactor(rows: readonly Row[], weekday: number, dispersion: number): number {
  const from = Math.max(0, rows.length - weekdayRows);
  const levels = new Map<number, { sum: number; rows: number }>();
  for (let index = from; index < rows.length; index++) {
    const { regime, value } = rows[index]!;
    const level = levels.get(regime) ?? { sum: 0, rows: 0 };
    level.sum += value;
    level.rows++;
    levels.set(regime, level);
  }
  let [seen, usual] = [alike * dispersion, alike * dispersion];
  for (let index = from; index < rows.length; index++) {
    const row = rows[index]!;
    if (row.weekday !== weekday || row.incident) continue;
    const level = levels.get(row.regime)!;
    seen += row.value;
    usual += level.sum / level.rows;
  }
  return seen / usual;
}
