import { dailyWatch } from './anomaly/daily.ts';
import { combinedSurprise, silenced } from './anomaly/general.ts';
import { spacing } from './anomaly/spacing.ts';

/** A measured value; `at` in ms since 1970, in the zone whose hours and weekdays are meant. */
export type Point = { at: number; value: number };

/** A score from here on is an alarm, whatever the series. */
export const alarmThreshold = 0.5;

/** The combined surprise at which the score is the threshold: chosen on 31 published series, one for all of them. */
export const alarmingSurprise = 2.4;
const day = 86_400_000;
/** Sums of squares of larger values leave what a number holds. */
const largest = 1e100;

/**
 * Scores a series row by row, 0 (as usual) to 1, an alarm from `alarmThreshold` on. The answer for a row rests on the rows
 * until then and nothing else: the beginning of a series has the same scores as the whole. After an alarm the scores stay
 * below the threshold for a while, so that one incident is one alarm.
 *
 * Amounts that come once a day or more seldom are judged as counts (`dailyWatch`), everything else by how rare its
 * deviations are (`combinedSurprise`). Rows whose stamps are missing, doubled or late are taken as they come.
 */
export function anomalyWatch(): (point: Point) => number {
  const step = spacing();
  const isAmount = amounts();
  const surprise = combinedSurprise();
  const quiet = silenced(alarmThreshold);
  const daily = dailyWatch();
  return ({ at, value: given }) => {
    const value = Math.min(largest, Math.max(-largest, given));
    const general = quiet(at, 1 - 2 ** (-surprise(at, value) / alarmingSurprise));
    const isDaily = step(at) >= day / 2;
    const amount = isAmount(value);
    if (!isDaily) return general;
    const { reached } = daily(at, value);
    return amount ? 1 - 2 ** -reached : general;
  };
}

/** The scores of all rows, in their order. */
export function anomalyScores(points: Iterable<Point>): number[] {
  return Array.from(points, anomalyWatch());
}

/** Whether the values until now are amounts of something: never negative, and whole numbers or near zero at times. */
function amounts(): (value: number) => boolean {
  let [least, sum, rows, whole] = [0, 0, 0, true];
  return (value) => {
    least = rows === 0 ? value : Math.min(least, value);
    sum += value;
    rows++;
    whole &&= Number.isInteger(value);
    return least >= 0 && (whole || least < sum / rows / 2);
  };
}
