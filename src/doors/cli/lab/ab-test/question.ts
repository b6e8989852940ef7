import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';
import { adjustments } from '#src/measure/ab-test/adjust.ts';
import { alternatives } from '#src/measure/ab-test/alternative.ts';
import { sampleOf } from '#src/measure/ab-test/means.ts';
import type { Named, Question } from './answer.ts';

/** What one object of the file asks. */
export function questionOf(document: Document, value: unknown, at: Path): Question {
  if (!isFields(value)) throw document.wrong(at, 'an object with the groups to compare is expected.');
  const read = reader(document, value, at);
  const how = {
    confidence: read.share('confidence', ['conf_level', 'confLevel', 'conf.level']) ?? 0.95,
    alternative: read.choice('alternative', alternatives) ?? 'two.sided',
  };
  const test = typeof value.test === 'string' ? value.test : null;
  if (Array.isArray(value.p) || Array.isArray(value.pValues)) {
    const ps = read.list('p', ['pValues']);
    if (ps.some((p) => p < 0 || p > 1)) throw document.wrong([...at, 'p'], 'a p value is between 0 and 1.');
    return { kind: 'adjust', ps, by: read.choice('by', adjustments, ['method', 'adjust']) ?? 'holm' };
  }
  if (value.table !== undefined) return { kind: 'table', table: tableOf(document, value.table, at), test, ...how };
  const groups = groupsOf(document, value, at);
  if (groups.length === 0) return power(document, value, at, read);
  const first = groups[0]!;
  const has = (names: readonly string[]) => groups.every(({ fields }) => names.some((name) => name in fields));
  if (has(values) || (has(['mean', 'average']) && has(['sd', 'stddev', 'std']))) {
    const samples = groups.map(({ name, fields, path }) =>
      sample(reader(document, fields, path), name, path, document),
    );
    const listed = groups.map(({ fields }) => values.map((each) => fields[each]).find(Array.isArray) as number[]);
    const expected = read.number('expected', ['mu']);
    return {
      kind: 'means',
      samples,
      pairs: read.flag('paired') ? pairsOf(document, listed, at) : null,
      pooled: read.flag('pooled') || read.flag('var.equal') || read.flag('equalVariance'),
      expected: expected ?? null,
      ...how,
    };
  }
  if (has(exposures)) {
    const rates = groups.map(({ name, fields, path }) => {
      const each = reader(document, fields, path);
      return { name, events: each.count('events', hits), exposure: each.above('exposure', exposures) };
    });
    if (rates.length !== 2) throw document.wrong(at, 'rates are compared two at a time.');
    return { kind: 'rates', rates: [rates[0]!, rates[1]!], ...how };
  }
  const shares = groups.map(({ name, fields, path }) => {
    const each = reader(document, fields, path);
    const [successes, trials] = [each.count('successes', hits), each.count('trials', tries)];
    if (successes > trials) throw document.wrong(path, `${successes} successes of ${trials} trials cannot be.`);
    if (trials === 0) throw document.wrong(path, 'a group needs at least one trial.');
    return { name, successes, trials };
  });
  if (shares.length === 1) {
    const expected = read.share('expected', ['p', 'probability']) ?? first.fields.expected;
    if (typeof expected !== 'number')
      throw document.wrong(at, 'one group alone needs "expected", the share it is held against.');
    return { kind: 'share', share: shares[0]!, expected, ...how };
  }
  const method = read.choice('method', ['fixed', 'always-valid'] as const) ?? 'fixed';
  const planned = read.number('planned', ['plannedTrials']);
  if (method === 'always-valid' && !(planned !== undefined && planned > 0))
    throw document.wrong(at, 'always-valid needs "planned", the trials per group planned before the start.');
  return {
    kind: 'shares',
    shares,
    correct: read.flag('correct') || read.flag('continuity'),
    test,
    planned: method === 'always-valid' ? (planned ?? null) : null,
    ...how,
  };
}

const hits = ['conversions', 'events', 'clicks', 'count', 'x', 'signups', 'converted', 'hits'];
const tries = ['visitors', 'n', 'users', 'impressions', 'total', 'views', 'size', 'sessions'];
const exposures = ['exposure', 'time', 'T', 'days'];
const values = ['values', 'data'];

type Group = { name: string; fields: Fields; path: Path };

/** Groups as a list, or by their names. */
function groupsOf(document: Document, value: Fields, at: Path): Group[] {
  for (const name of ['groups', 'variants', 'arms']) {
    const list = value[name];
    if (list === undefined) continue;
    if (!Array.isArray(list) || list.length === 0) throw document.wrong([...at, name], 'a list of groups is expected.');
    return list.map((each: unknown, index) => {
      if (!isFields(each)) throw document.wrong([...at, name, index], 'a group is an object.');
      const own = each.name ?? each.id ?? each.arm;
      return { name: typeof own === 'string' ? own : `group ${index + 1}`, fields: each, path: [...at, name, index] };
    });
  }
  const named = Object.entries(value).flatMap(([name, each]) =>
    isFields(each) ? [{ name, fields: each, path: [...at, name] }] : [],
  );
  // {"successes": [15, 25], "trials": [50, 50]}, as R takes them.
  const many = [...['successes'], ...hits].find((name) => Array.isArray(value[name]));
  const of = ['trials', ...tries, ...exposures].find((name) => Array.isArray(value[name]));
  if (named.length === 0 && many !== undefined && of !== undefined) {
    const [tops, bottoms] = [value[many] as unknown[], value[of] as unknown[]];
    if (tops.length !== bottoms.length) throw document.wrong([...at, of], `as many as in "${many}" are expected.`);
    return tops.map((top, index) => ({
      name: `group ${index + 1}`,
      fields: { [many]: top, [of]: bottoms[index] },
      path: [...at, many, index],
    }));
  }
  const alone = ['successes', 'values', 'mean', ...hits].some((name) => name in value);
  return named.length > 0 ? named : alone ? [{ name: 'group', fields: value, path: at }] : [];
}

function power(document: Document, value: Fields, at: Path, read: Reader): Question {
  const common = {
    perGroup: read.number('perGroup', ['n']) ?? null,
    power: read.share('power') ?? null,
    significance: read.share('significance', ['sig.level', 'alpha', 'sigLevel']) ?? 0.05,
    sides: value.alternative === 'one.sided' || value.alternative === 'greater' ? (1 as const) : (2 as const),
  };
  if ((common.perGroup === null) === (common.power === null))
    throw document.wrong(at, 'there is no group to compare; for power, one of "perGroup" and "power" is expected.');
  const [from, to] = [read.share('from', ['p1', 'baseline']), read.share('to', ['p2'])];
  if (from !== undefined && to !== undefined) return { kind: 'power', of: 'shares', from, to, ...common };
  const [difference, sd] = [read.number('difference', ['delta']), read.number('sd')];
  if (difference !== undefined && difference !== 0)
    return { kind: 'power', of: 'means', difference, sd: sd ?? 1, ...common };
  throw document.wrong(at, 'power is of two shares ("from", "to") or of a "difference" of means with its "sd".');
}

function sample(read: Reader, name: string, at: Path, document: Document): Named<ReturnType<typeof sampleOf>> {
  const listed = values.some((each) => read.has(each)) ? read.list('values', values) : null;
  if (listed !== null) return { name, ...sampleOf(listed) };
  const [n, mean, sd] = [
    read.number('n', ['size', 'count']),
    read.number('mean', ['average']),
    read.number('sd', ['stddev', 'std']),
  ];
  if (n === undefined || mean === undefined || sd === undefined || n < 2 || sd < 0)
    throw document.wrong(at, '"n" (from 2), "mean" and "sd" are expected, or "values".');
  return { name, n, mean, sd };
}

function pairsOf(document: Document, listed: number[][], at: Path): number[] {
  const [a, b] = listed;
  if (listed.length !== 2 || !a || !b || a.length !== b.length)
    throw document.wrong(at, 'pairs are two lists of values of one length.');
  return b.map((each, index) => each - (a[index] ?? 0));
}

function tableOf(document: Document, value: unknown, at: Path): number[][] {
  const rows = Array.isArray(value) ? value : [];
  const width = Array.isArray(rows[0]) ? rows[0].length : 0;
  const whole = rows.every(
    (row) => Array.isArray(row) && row.length === width && row.every((each) => Number.isSafeInteger(each) && each >= 0),
  );
  if (rows.length < 2 || width < 2 || !whole)
    throw document.wrong([...at, 'table'], 'rows of whole numbers from zero are expected, at least two of two.');
  return rows as number[][];
}

type Reader = ReturnType<typeof reader>;

/** Fields by any of their names, each held to what it has to be. */
function reader(document: Document, fields: Fields, at: Path) {
  const find = (name: string, also: readonly string[] = []) =>
    [name, ...also].find((each) => fields[each] !== undefined);
  const number = (name: string, also?: readonly string[]): number | undefined => {
    const found = find(name, also);
    if (found === undefined) return undefined;
    const value = fields[found];
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw document.wrong([...at, found], 'a number is expected.');
    return value;
  };
  return {
    number,
    has: (name: string) => name in fields,
    flag: (name: string) => fields[name] === true,
    share(name: string, also?: readonly string[]) {
      const value = number(name, also);
      if (value !== undefined && !(value > 0 && value < 1))
        throw document.wrong([...at, find(name, also) ?? name], 'a share between 0 and 1 is expected.');
      return value;
    },
    count(name: string, also: readonly string[]) {
      const value = number(name, also);
      if (value === undefined || !Number.isSafeInteger(value) || value < 0)
        throw document.wrong([...at, find(name, also) ?? name], `"${name}" is a whole number from zero.`);
      return value;
    },
    above(name: string, also: readonly string[]) {
      const value = number(name, also);
      if (value === undefined || value <= 0)
        throw document.wrong([...at, find(name, also) ?? name], `"${name}" is a number above zero.`);
      return value;
    },
    choice<T extends string>(name: string, of: readonly T[], also?: readonly string[]): T | undefined {
      const found = find(name, also);
      if (found === undefined) return undefined;
      const chosen = of.find((each) => each === fields[found]);
      if (chosen === undefined) throw document.wrong([...at, found], `one of ${of.join(', ')} is expected.`);
      return chosen;
    },
    list(name: string, also: readonly string[]): number[] {
      const found = find(name, also) ?? name;
      const list = fields[found];
      if (
        !Array.isArray(list) ||
        list.length === 0 ||
        !list.every((each) => typeof each === 'number' && Number.isFinite(each))
      )
        throw document.wrong([...at, found], 'a list of numbers is expected.');
      return list;
    },
  };
}
