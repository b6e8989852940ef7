import { levelChange } from './level.ts';
import { seasonalExcess } from './season.ts';
import { surprises } from './surprise.ts';

/** After an alarm nothing is one for so many rows, two weeks at most: one incident is one alarm. */
const silentRows = 80;
const silentTime = 14 * 86_400_000;

/**
 * How unusual a row is by three questions, each answered with how rare such an answer was until now (`surprises`): is the
 * value outside what this time of day and week usually has, has the level of the last 6 rows moved from the 200 before
 * them, has that of the last 24? Their root mean square: one large surprise or several moderate ones.
 */
export function combinedSurprise(): (at: number, value: number) => number {
  const season = seasonalExcess();
  const questions = [
    season,
    ...[6, 24].map((rows) => {
      const change = levelChange(rows, 200);
      return (_at: number, value: number) => change(value);
    }),
  ].map((ask) => ({ ask, rare: surprises() }));
  return (at, value) => {
    let squares = 0;
    for (const { ask, rare } of questions) squares += rare(ask(at, value)) ** 2;
    return Math.sqrt(squares / questions.length);
  };
}

/** Halves the scores after an alarm, so that none of them is one. */
export function silenced(threshold: number): (at: number, score: number) => number {
  let [row, alarmRow, alarmAt] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return (at, score) => {
    row++;
    if (row - alarmRow <= silentRows && at - alarmAt <= silentTime) return Math.min(score, threshold) / 2;
    if (score >= threshold) [alarmRow, alarmAt] = [row, at];
    return score;
  };
}
