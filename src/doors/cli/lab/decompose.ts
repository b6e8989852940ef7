import { table } from '#src/doors/cli/show.ts';
import { periodOf } from '#src/grow/decompose/period.ts';
import { decompose as parts } from '#src/grow/decompose.ts';
import { type SeriesRow, seriesOf } from './series.ts';
import { type Source, wrongAt } from './source.ts';
import { numberFlag, type Verb, WrongUse } from './verb.ts';

/** Rows shown to people; `--json` has all. */
const shown = 40;

export const decompose: Verb = {
  summary: 'trend, season and remainder of a series (STL)',
  file: 'FILE.csv',
  options: {
    period: { type: 'string', value: 'rows', text: 'rows of a season (found in the values)' },
    seasons: {
      type: 'string',
      value: 'count',
      text: 'seasons over which the season may change, odd, 7 at least (it stays the same)',
    },
    plain: { type: 'boolean', text: 'without the robust rounds: outliers pull at trend and season' },
  },
  example: `  timestamp,value
  2026-01-01,41
  2026-01-02,44

  fanfare lab decompose days.csv --period 7

  Trend, season and remainder add up to the value. Rows are evenly spaced; missing ones are filled in between for the
  fit and not answered.`,
  run({ source, options, width, note }) {
    const asked = numberFlag(options, 'period', { from: 2, whole: true });
    const seasons = numberFlag(options, 'seasons', { from: 7, whole: true });
    if (seasons !== undefined && seasons % 2 === 0)
      throw new WrongUse(`--seasons is odd, such as 7 or 13, not "${seasons}".`);
    const rows = [...seriesOf(source, note)];
    const { values, places, step } = evenly(source, rows);
    const late = rows.filter((row, index) => index > 0 && row.at <= rows[index - 1]!.at);
    if (late[0])
      note(
        `${source.name}:${late[0].line}: ${late.length} times are not after the one before; the order of the file counts.`,
      );
    if (places.length < values.length)
      note(`${source.name}: ${values.length - places.length} missing rows were filled in between for the fit.`);
    const period = asked ?? periodOf(values, step);
    if (period === null || values.length < 2 * period) {
      const reason =
        period === null
          ? 'no season was found in the values; say it with --period'
          : `two seasons of ${period} rows are needed, there are ${values.length}`;
      return { json: { enough: false, reason, period, rows: rows.length }, text: `Not enough data: ${reason}.` };
    }
    const { trend, season, remainder } = parts(values, {
      period,
      seasons: seasons ?? 'periodic',
      robust: options.plain !== true,
    });
    const answer = rows.map(({ stamp, value }, row) => {
      const place = places[row]!;
      return { timestamp: stamp, value, trend: trend[place]!, season: season[place]!, remainder: remainder[place]! };
    });
    const rounded = answer.slice(0, shown).map((row) => ({
      ...row,
      trend: Number(row.trend.toPrecision(6)),
      season: Number(row.season.toPrecision(6)),
      remainder: Number(row.remainder.toPrecision(6)),
    }));
    const rest = answer.length > shown ? `\n${answer.length - shown} more rows: use --json.` : '';
    return {
      json: { enough: true, period, found: asked === undefined, robust: options.plain !== true, rows: answer },
      text: `${answer.length} rows, season of ${period}${asked === undefined ? ' (found)' : ''}\n${table(rounded, { now: new Date(), ...(width ? { width } : {}) })}${rest}`,
    };
  },
};

/** The values at equal distances (the median of the file's), and the place of each row among them. */
function evenly(source: Source, rows: readonly SeriesRow[]): { values: number[]; places: number[]; step: number } {
  if (rows.length < 4) throw wrongAt(source, rows.at(-1)?.line ?? 1, `${rows.length} rows are too few for a season.`);
  const gaps = rows
    .slice(1)
    .map((row, index) => row.at - rows[index]!.at)
    .sort((a, b) => a - b);
  const step = gaps[gaps.length >> 1]!;
  if (step <= 0) throw wrongAt(source, rows[1]!.line, 'the times do not go forward.');
  const places: number[] = [0];
  for (let index = 1; index < rows.length; index++) {
    // Months and summer time are not of one length: each gap is so many steps, at least one.
    const steps = Math.max(1, Math.round((rows[index]!.at - rows[index - 1]!.at) / step));
    places.push(places[index - 1]! + steps);
  }
  const count = places.at(-1)! + 1;
  if (count > 10 * rows.length)
    throw wrongAt(source, rows[0]!.line, 'the times are too unevenly spaced to be a series.');
  const values = new Array<number>(count);
  for (let index = 0; index < rows.length; index++) {
    const [place, before] = [places[index]!, places[index - 1] ?? 0];
    values[place] = rows[index]!.value;
    for (let gap = before + 1; gap < place; gap++) {
      const share = (gap - before) / (place - before);
      values[gap] = rows[index - 1]!.value * (1 - share) + rows[index]!.value * share;
    }
  }
  return { values, places, step };
}
