import { type Adjustment, adjust } from '#src/measure/ab-test/adjust.ts';
import type { Alternative } from '#src/measure/ab-test/alternative.ts';
import { oddsRatio } from '#src/measure/ab-test/fisher.ts';
import {
  compareMeanWith,
  compareTwoMeans,
  powerOfMeans,
  type Sample,
  sampleOf,
  valuesToNotice,
} from '#src/measure/ab-test/means.ts';
import { alwaysValid } from '#src/measure/ab-test/sequential.ts';
import { testShares } from '#src/measure/ab-test/shares.ts';
import {
  type Comparison,
  chanceThatHigher,
  exactBinomial,
  independence,
  powerToNotice,
  rateRatio,
  type Share,
  trialsToNotice,
  wilson,
} from '#src/measure/uncertainty.ts';

export type Named<T> = T & { name: string };
type How = { confidence: number; alternative: Alternative };

export type Question =
  | ({
      kind: 'shares';
      shares: Named<Share>[];
      correct: boolean;
      exact: boolean;
      always: boolean;
      planned: number | null;
    } & How)
  | ({ kind: 'share'; share: Named<Share>; expected: number } & How)
  | ({ kind: 'rates'; rates: [Named<Rate>, Named<Rate>] } & How)
  | ({
      kind: 'means';
      samples: Named<Sample>[];
      pairs: number[] | null;
      pooled: boolean;
      expected: number | null;
    } & How)
  | ({ kind: 'table'; table: number[][]; exact: boolean; correct: boolean } & How)
  | ({ kind: 'power' } & (
      | { of: 'shares'; from: number; to: number }
      | { of: 'means'; difference: number; sd: number }
    ) & { perGroup: number | null; power: number | null; significance: number; sides: 1 | 2 })
  | { kind: 'adjust'; ps: number[]; by: Adjustment };

type Rate = { events: number; exposure: number };

/** `rows` are for people; everything else is the answer of `--json`. */
export type Answer = { test: string; sentence: string; rows: Row[]; [field: string]: unknown };
type Row = { [column: string]: unknown };

export function answerOf(question: Question): Answer {
  switch (question.kind) {
    case 'shares':
      return ofShares(question);
    case 'share':
      return ofShare(question);
    case 'rates':
      return ofRates(question);
    case 'means':
      return ofMeans(question);
    case 'table':
      return ofTable(question);
    case 'power':
      return ofPower(question);
    case 'adjust': {
      const adjusted = adjust(question.ps, question.by);
      const rows = question.ps.map((p, i) => ({ p, adjusted: adjusted[i] }));
      return { test: 'adjust', by: question.by, adjusted, rows, sentence: `Adjusted by ${question.by}.` };
    }
  }
}

function ofShares({ shares, correct, exact, always, planned, ...how }: Extract<Question, { kind: 'shares' }>): Answer {
  const rows = shares.map(({ name, successes, trials }) => ({
    group: name,
    successes,
    trials,
    share: successes / trials,
    ...ends(wilson(successes, trials, how.confidence)),
  }));
  const groups = rows.map(({ group, ...row }) => ({ name: group, ...row }));
  const [a, b] = shares;
  if (!a || !b || shares.length > 2) {
    const table = shares.map(({ successes, trials }) => [successes, trials - successes]);
    return { ...ofIndependence('shares', table, how), groups, rows };
  }
  if (exact) return { ...ofFisher(cells(b), cells(a), how), groups, rows };
  const common = {
    groups,
    chanceHigher: chanceThatHigher(a, b),
    ratio: b.successes / b.trials / (a.successes / a.trials),
  };
  if (always && planned !== null) {
    const at = (n: number, m: number) => variance(a) / n + variance(b) / m;
    const found = alwaysValid(
      {
        estimate: b.successes / b.trials - a.successes / a.trials,
        variance: at(a.trials, b.trials),
        planned: at(planned, planned),
      },
      how.confidence,
    );
    return { ...told('always-valid', 'difference', found, 0, how), planned, ...common, rows };
  }
  const found = testShares(a, b, { ...how, continuity: correct });
  if (found === null || isUniform(a.successes + b.successes, a.trials + b.trials))
    return { ...nothing('shares', allAlike, rows), ...common };
  return {
    ...told('shares', 'difference', found, 0, how),
    statistic: found.chiSquare,
    degrees: 1,
    correct,
    ...common,
    rows,
  };
}

const allAlike = 'all trials of all groups ended alike, so that there is nothing to tell them apart by';

function isUniform(successes: number, trials: number): boolean {
  return successes === 0 || successes === trials;
}

function cells({ successes, trials }: Share): [number, number] {
  return [successes, trials - successes];
}

/** Of one trial; the pooled share keeps it above zero while a group has only one kind of answer. */
function variance({ successes, trials }: Share): number {
  const share = (successes + 0.5) / (trials + 1);
  return share * (1 - share);
}

function ofShare({ share, expected, ...how }: Extract<Question, { kind: 'share' }>): Answer {
  const found = exactBinomial(share.successes, share.trials, expected, how.confidence, how.alternative);
  return { ...told('share', 'share', found, expected, how), expected, rows: [] };
}

function ofRates({ rates: [a, b], ...how }: Extract<Question, { kind: 'rates' }>): Answer {
  const found = rateRatio(a, b, how.confidence, how.alternative);
  const rows = [a, b].map(({ name, events, exposure }) => ({ group: name, events, exposure, rate: events / exposure }));
  if (found === null) return nothing('rates', 'nothing happened in either group', rows);
  return { ...told('rates', 'ratio', found, 1, how), rows };
}

function ofMeans({ samples, pairs, pooled, expected, ...how }: Extract<Question, { kind: 'means' }>): Answer {
  const rows = samples.map(({ name, n, mean, sd }) => ({ group: name, n, mean, sd }));
  const [a, b] = samples;
  const found =
    pairs !== null
      ? compareMeanWith(sampleOf(pairs), 0, how)
      : a && b
        ? compareTwoMeans(a, b, { ...how, pooled })
        : a && compareMeanWith(a, expected ?? 0, how);
  if (!found) return nothing('means', 'a group has fewer than two values, or nothing scatters', rows);
  const { t, degrees, ...compared } = found;
  const name = pairs === null && !b ? 'mean' : 'difference';
  return {
    ...told('means', name, compared, pairs === null && !b ? (expected ?? 0) : 0, how),
    statistic: t,
    degrees,
    rows,
  };
}

function ofTable({ table, exact, correct, ...how }: Extract<Question, { kind: 'table' }>): Answer {
  const [first, second] = table;
  const isSquare = first !== undefined && second !== undefined && table.length === 2 && first.length === 2;
  if (exact) {
    if (!isSquare) return nothing('fisher', 'the exact test takes two rows of two columns', []);
    return ofFisher([first[0]!, first[1]!], [second[0]!, second[1]!], how);
  }
  if (!correct || !isSquare) return ofIndependence('table', table, how);
  const sides = [first, second].map((row) => ({ successes: row[0]!, trials: row[0]! + row[1]! }));
  const found = testShares(sides[0]!, sides[1]!, { ...how, continuity: true });
  if (found === null) return nothing('table', emptyLine, []);
  return chiSquare('table', { chiSquare: found.chiSquare, degrees: 1, p: found.p }, how);
}

const emptyLine = 'a row or a column of the table is all zero';

function ofFisher(first: [number, number], second: [number, number], how: How): Answer {
  const sums = [first[0] + first[1], second[0] + second[1], first[0] + second[0], first[1] + second[1]];
  if (sums.includes(0)) return nothing('fisher', emptyLine, []);
  return told('fisher', 'odds ratio', oddsRatio([first, second], how), 1, how);
}

function ofIndependence(test: string, table: number[][], how: How): Answer {
  const columns = table[0]?.map((_, column) => table.reduce((sum, row) => sum + (row[column] ?? 0), 0)) ?? [];
  const rows = table.map((row) => row.reduce((sum, each) => sum + each, 0));
  if ([...rows, ...columns].includes(0)) return nothing(test, test === 'shares' ? allAlike : emptyLine, []);
  return chiSquare(test, independence(table), how);
}

function ofPower(question: Extract<Question, { kind: 'power' }>): Answer {
  const { perGroup, power, significance, sides } = question;
  const common = { test: 'power', significance, sides, rows: [] };
  if (perGroup !== null) {
    const reached =
      question.of === 'shares'
        ? powerToNotice(question.from, question.to, perGroup, (significance * 2) / sides)
        : powerOfMeans({ ...question, perGroup }, { significance, sides });
    return {
      ...common,
      perGroup,
      power: reached,
      sentence: `Power ${number(reached)} with ${perGroup} in each group.`,
    };
  }
  const wanted = power ?? 0.8;
  const needed =
    question.of === 'shares'
      ? trialsToNotice(question.from, question.to, wanted, (significance * 2) / sides)
      : valuesToNotice(question, { power: wanted, significance, sides });
  return {
    ...common,
    perGroup: needed,
    power: wanted,
    sentence: `${Math.ceil(needed)} in each group (${number(needed)}) for a power of ${wanted}.`,
  };
}

function told(test: string, name: string, { estimate, interval, p }: Comparison, none: number, how: How): Answer {
  const percent = Number((how.confidence * 100).toPrecision(6));
  const differs = p < 1 - how.confidence;
  const verdict = differs
    ? estimate > none
      ? 'higher than chance explains'
      : 'lower than chance explains'
    : 'no difference that chance would not explain';
  return {
    test,
    estimate: { [name]: estimate },
    interval,
    confidence: how.confidence,
    alternative: how.alternative,
    p,
    verdict,
    sentence: `${name[0]?.toUpperCase()}${name.slice(1)} ${number(estimate)}, ${percent} % interval ${number(interval.low)} to ${number(interval.high)}, p = ${number(p)}: ${verdict}.`,
    rows: [],
  };
}

function chiSquare(
  test: string,
  { chiSquare: statistic, degrees, p }: ReturnType<typeof independence>,
  { confidence }: How,
): Answer {
  const verdict =
    p < 1 - confidence
      ? 'the groups differ by more than chance explains'
      : 'no difference that chance would not explain';
  return {
    test,
    statistic,
    degrees,
    p,
    verdict,
    sentence: `Chi-square ${number(statistic)} on ${degrees} ${degrees === 1 ? 'degree' : 'degrees'} of freedom, p = ${number(p)}: ${verdict}.`,
    rows: [],
  };
}

function nothing(test: string, why: string, rows: Row[]): Answer {
  return { test, verdict: 'not enough data', reason: why, sentence: `Not enough data: ${why}.`, rows };
}

function ends(interval: { low: number; high: number } | null): { low: number | null; high: number | null } {
  return { low: interval?.low ?? null, high: interval?.high ?? null };
}

/** Seven digits, as R prints. */
function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(7))) : value > 0 ? 'infinite' : '−infinite';
}
