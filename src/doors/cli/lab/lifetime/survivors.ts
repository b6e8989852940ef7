import { numberOf, rowsOf } from '#src/doors/cli/lab/csv.ts';
import { documentOf, isFields } from '#src/doors/cli/lab/json.ts';
import { given, type Source, textOf, wrongAt } from '#src/doors/cli/lab/source.ts';
import { type Answer, type Bench, numberFlag, WrongUse } from '#src/doors/cli/lab/verb.ts';
import {
  fitSbg,
  sbgInterval,
  sbgPeriods,
  sbgResidual,
  sbgRetention,
  sbgSurvival,
  tenuresOf,
} from '#src/measure/lifetime.ts';
import { fitText, sheet } from './show.ts';

/** How many customers 100 % stands for unless said: as in the paper's own spreadsheet. */
const usualCohort = 1000;

/** Shifted-beta-geometric from the survivors of one cohort. */
export function sbg({ source, options, width }: Bench): Answer {
  const said = numberFlag(options, 'customers', { above: 0 });
  const { survivors, unit } = cohortOf(source, said);
  const periods = numberFlag(options, 'fit', { from: 1, whole: true }) ?? survivors.length - 1;
  if (periods > survivors.length - 1)
    throw new WrongUse(`--fit ${periods}: the file has ${survivors.length - 1} periods.`);
  const horizon = numberFlag(options, 'horizon', { from: 1, whole: true }) ?? Math.max(12, survivors.length - 1);
  const discount = numberFlag(options, 'discount', { above: 0 }) ?? 0.1;
  const observed = tenuresOf(survivors.slice(0, periods + 1));
  const fit = fitSbg(observed);
  const isSure = unit === 'counts' || said !== undefined;
  if (!fit.enough) return { json: { model: 'sbg', enough: false, reason: fit.reason }, text: fit.reason };
  const { parameters, logLikelihood, customers } = fit;
  const projections = Array.from({ length: horizon + 1 }, (_, period) => ({
    period,
    observed: survivors[period] === undefined ? null : survivors[period] / survivors[0]!,
    survival: sbgSurvival(parameters, period),
    retention: period === 0 ? null : sbgRetention(parameters, period),
  }));
  const residual = Array.from({ length: horizon + 1 }, (_, renewals) => ({
    renewals,
    periods: sbgResidual(parameters, renewals, discount),
  }));
  const lifetime = {
    horizon,
    discount,
    periods: sbgPeriods(parameters, { horizon, discount }),
    interval: isSure
      ? sbgInterval(observed, parameters, 0.95, (each) => sbgPeriods(each, { horizon, discount }))
      : null,
  };
  const json = {
    model: 'sbg',
    enough: true,
    fittedPeriods: periods,
    unit,
    customers,
    parameters,
    standardErrors: isSure ? fit.standardErrors : null,
    logLikelihood,
    logLikelihoodPerCustomer: logLikelihood / customers,
    projections,
    residual,
    lifetime,
  };
  const { interval } = lifetime;
  const range = interval === null ? '' : ` (95 %: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
  const text = [
    fitText(fit, width, isSure),
    sheet(projections, width),
    `A new customer pays ${lifetime.periods.toFixed(3)} periods within ${horizon}, each discounted by ${discount}${range}.`,
    `Periods still to come just before a renewal, discounted by ${discount} each:\n${sheet(residual, width)}`,
    ...(isSure
      ? []
      : [
          `Percentages do not say how many customers there are: taken as ${customers}, without intervals (--customers).`,
        ]),
  ];
  return { json, text: text.join('\n\n') };
}

type Cohort = { survivors: number[]; unit: 'counts' | 'percent' | 'shares' };

/** Percentages and shares become customers, so many as 100 % is said to stand for. */
function cohortOf(source: Source, said: number | undefined): Cohort {
  const values = valuesOf(source);
  values.forEach(({ value, line }, index) => {
    if (value < 0) throw wrongAt(source, line, `survivors are numbers from zero, not ${value}.`);
    const before = values[index - 1]?.value;
    if (before !== undefined && value > before)
      throw wrongAt(source, line, `${value} survivors, more than the ${before} before.`);
  });
  const numbers = values.map(({ value }) => value);
  const [first = 0] = numbers;
  const isWhole = numbers.every(Number.isInteger);
  const unit =
    first === 100 || (!isWhole && first > 1 && first < 100)
      ? 'percent'
      : first <= 1 && (!isWhole || first === 1)
        ? 'shares'
        : 'counts';
  // Parts of a customer there are not: a list that begins below the whole begins after the first period.
  const full = unit === 'percent' ? 100 : unit === 'shares' ? 1 : first;
  const complete = first === full ? numbers : [full, ...numbers];
  if (complete.length < 2)
    throw wrongAt(
      source,
      values.at(-1)?.line ?? 1,
      'at least two numbers are needed: the start and one period after it.',
    );
  if (unit === 'counts' && said === undefined) return { survivors: complete, unit };
  return { survivors: complete.map((each) => (each / full) * (said ?? usualCohort)), unit };
}

type Value = { value: number; line: number | null };

function valuesOf(source: Source): Value[] {
  const text = textOf(source);
  const again = given(source.name, () => [text]);
  return /^\s*[[{]/.test(text) ? fromJson(again) : fromRows(again);
}

function fromJson(source: Source): Value[] {
  const document = documentOf(source);
  const { value } = document;
  const name = isFields(value)
    ? ['survivors', 'survival', 'percent', 'customers', 'S'].find((each) => Array.isArray(value[each]))
    : undefined;
  const list = isFields(value) && name !== undefined ? value[name] : value;
  if (!Array.isArray(list)) throw document.wrong([], 'a list of survivors per period is expected.');
  return list.map((each: unknown, index) => {
    const number = isFields(each) ? (each.survivors ?? each.survival ?? each.customers ?? each.percent) : each;
    if (typeof number !== 'number') {
      throw document.wrong(
        name === undefined ? [index] : [name, index],
        `a number is expected, not ${JSON.stringify(number) ?? 'nothing'}.`,
      );
    }
    return { value: number, line: null };
  });
}

/** One number per line, or the last of several columns that is named so; a first line without numbers is a header. */
function fromRows(source: Source): Value[] {
  const values: Value[] = [];
  let column: number | null = null;
  let expected: number | null = null;
  let isFirst = true;
  for (const { line, cells } of rowsOf(source)) {
    const wasFirst = isFirst;
    isFirst = false;
    if (wasFirst && cells.every((cell) => withoutSign(cell) === null)) {
      const named = cells.findIndex((cell) =>
        /surviv|percent|customers|alive|remaining|active|retained|count|%/i.test(cell),
      );
      column = named === -1 ? cells.length - 1 : named;
      continue;
    }
    // A period before the number is checked, so that a missing one is not taken for a loss.
    column ??= cells.length - 1;
    const value = withoutSign(cells[column] ?? '');
    if (value === null) throw wrongAt(source, line, `a number of survivors is expected, not "${cells[column] ?? ''}".`);
    const period = column === 1 && cells.length === 2 ? numberOf(cells[0]) : null;
    if (period !== null && expected !== null && period !== expected) {
      throw wrongAt(source, line, `period ${period} follows period ${expected - 1}.`);
    }
    expected = period === null ? null : period + 1;
    values.push({ value, line });
  }
  return values;
}

function withoutSign(cell: string): number | null {
  return numberOf(cell.replace(/\s*%\s*$/, ''));
}
