import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';
import { adjustments } from '#src/measure/ab-test/adjust.ts';
import { type Alternative, alternatives } from '#src/measure/ab-test/alternative.ts';
import { mostOutcomes } from '#src/measure/ab-test/fisher.ts';
import { sampleOf } from '#src/measure/ab-test/means.ts';
import type { Named, Question } from './answer.ts';
import { isCount, type Reader, reader } from './reader.ts';

/** What one object of the file asks. `note` hears of fields that are not used. */
export function questionOf(document: Document, value: unknown, at: Path, note: (text: string) => void): Question {
  if (!isFields(value)) throw document.wrong(at, 'an object with the groups to compare is expected.');
  const read = reader(document, value, at);
  const test = testOf(read);
  const { question, readers } = asked(document, value, at, read);
  const known = words[question.kind];
  if (test !== null && !known.includes(test))
    throw document.wrong([...at, 'test'], `for these fields it is one of ${known.join(', ')}.`);
  const exact = test !== null && exactWords.includes(test);
  const unused = [read, ...readers].flatMap((each) => each.unused());
  if (unused.length > 0) note(`not used: ${unused.join(', ')}.`);
  if (question.kind === 'shares') return sharesAs(document, at, question, { exact, always: test === 'always-valid' });
  if (question.kind !== 'table') return question;
  if (!exact) return sided(document, at, question);
  goThrough(document, at, question.table);
  return { ...question, exact };
}

/** Names of the tests, and what R calls them. */
const exactWords: readonly string[] = ['fisher', 'fisher.test', 'exact'];
const chiSquareWords = ['chi-square', 'chisq', 'chisq.test', 'pearson'];
const words: { [kind in Question['kind']]: readonly string[] } = {
  shares: ['shares', 'proportions', 'prop.test', ...chiSquareWords, ...exactWords, 'always-valid'],
  share: ['share', 'binomial', 'binom.test', 'exact'],
  rates: ['rates', 'poisson', 'poisson.test', 'exact'],
  means: ['means', 't', 't.test', 'welch'],
  table: ['table', ...chiSquareWords, ...exactWords],
  power: ['power', 'power.prop.test', 'power.t.test'],
  adjust: ['adjust', 'p.adjust'],
};

function testOf(read: Reader): string | null {
  const given = read.text('test');
  return given === undefined ? null : given.toLowerCase().replaceAll(/[\s_]+/g, '-');
}

type Asked = { question: Question; readers: readonly Reader[] };

function asked(document: Document, value: Fields, at: Path, read: Reader): Asked {
  if (Array.isArray(value.p) || Array.isArray(value.pValues)) {
    const ps = read.list('p', ['pValues']);
    if (ps.some((p) => p < 0 || p > 1)) throw document.wrong([...at, 'p'], 'a p value is between 0 and 1.');
    // R calls Benjamini and Hochberg's way "fdr" too.
    const by = read.choice('by', [...adjustments, 'fdr'] as const, ['method', 'adjust']) ?? 'holm';
    return { question: { kind: 'adjust', ps, by: by === 'fdr' ? 'BH' : by }, readers: [] };
  }
  if (value.table !== undefined) {
    const table = tableOf(document, read.any('table'), at);
    const correct = read.flag('correct') || read.flag('continuity');
    return { question: { kind: 'table', table, exact: false, correct, ...howOf(read) }, readers: [] };
  }
  const groups = groupsOf(document, value, at, read);
  if (groups.length === 0) return { question: power(document, at, read), readers: [] };
  const how = howOf(read);
  const readers = groups.map(({ read: own }) => own);
  const has = (names: readonly string[]) => readers.every((own) => names.some((name) => own.has(name)));
  const measured = readers.every((own) =>
    [values, ['mean', 'average']].some((names) => names.some((name) => own.has(name))),
  );
  if (measured) return { question: meansOf(document, groups, at, read, how), readers };
  if (has(exposures)) {
    const rates = groups.map(({ name, read: own }) => ({
      name,
      events: own.count('events', hits),
      exposure: own.above('exposure', exposures),
    }));
    if (rates.length !== 2) throw document.wrong(at, 'rates are compared two at a time.');
    return { question: { kind: 'rates', rates: [rates[0]!, rates[1]!], ...how }, readers };
  }
  const shares = groups.map(({ name, read: own, path }) => {
    const [successes, trials] = [own.count('successes', hits), own.count('trials', tries)];
    if (successes > trials) throw document.wrong(path, `${successes} successes of ${trials} trials cannot be.`);
    if (trials === 0) throw document.wrong(path, 'a group needs at least one trial.');
    return { name, successes, trials };
  });
  if (shares.length === 1) {
    const expected = read.share('expected', ['p', 'probability']) ?? readers[0]!.share('expected');
    if (expected === undefined)
      throw document.wrong(at, 'one group alone needs "expected", the share it is held against.');
    return { question: { kind: 'share', share: shares[0]!, expected, ...how }, readers };
  }
  const method = read.choice('method', ['fixed', 'always-valid'] as const) ?? 'fixed';
  const planned = read.number('planned', ['plannedTrials']) ?? null;
  const correct = read.flag('correct') || read.flag('continuity');
  return {
    question: { kind: 'shares', shares, correct, exact: false, always: method === 'always-valid', planned, ...how },
    readers,
  };
}

function howOf(read: Reader) {
  return {
    confidence: read.share('confidence', ['conf_level', 'confLevel', 'conf.level']) ?? 0.95,
    alternative: read.choice('alternative', alternatives) ?? 'two.sided',
  };
}

type Shares = Extract<Question, { kind: 'shares' }>;

/** What cannot be done with so many groups, or in one direction, is refused rather than answered by another test. */
function sharesAs(document: Document, at: Path, given: Shares, asked: { exact: boolean; always: boolean }): Shares {
  const question = { ...given, exact: asked.exact, always: given.always || asked.always };
  const { shares, exact, always, planned, alternative } = question;
  if (always && !(planned !== null && planned > 0))
    throw document.wrong(at, 'always-valid needs "planned", the trials per group planned before the start.');
  if (always && alternative !== 'two.sided')
    throw document.wrong([...at, 'alternative'], 'always-valid looks at both directions.');
  if ((exact || always) && shares.length > 2)
    throw document.wrong(at, `${exact ? 'the exact test' : 'always-valid'} compares two groups.`);
  if (exact)
    goThrough(
      document,
      at,
      shares.map(({ successes, trials }) => [successes, trials - successes]),
    );
  return shares.length > 2 ? sided(document, at, question) : question;
}

function goThrough(document: Document, at: Path, [first = [], second = []]: readonly (readonly number[])[]): void {
  const [[a = 0, b = 0], [c = 0, d = 0]] = [first, second];
  if (Math.min(a + b, c + d, a + c, b + d) > mostOutcomes)
    throw document.wrong(
      at,
      'the exact test goes through each outcome, a million at most; at such counts chi-square says the same.',
    );
}

/** A chi-square over more than two groups, or of a table, has no direction. */
function sided<T extends { alternative: Alternative }>(document: Document, at: Path, question: T): T {
  if (question.alternative !== 'two.sided')
    throw document.wrong(
      [...at, 'alternative'],
      'this test has no direction; two groups or "test": "fisher" have one.',
    );
  return question;
}

function meansOf(
  document: Document,
  groups: readonly Group[],
  at: Path,
  read: Reader,
  how: ReturnType<typeof howOf>,
): Question {
  if (groups.length > 2) throw document.wrong(at, 'means are compared two at a time.');
  const paired = read.flag('paired');
  const samples = groups.map(({ name, read: own, path }) => sample(own, name, path, document));
  return {
    kind: 'means',
    samples,
    pairs: paired ? pairsOf(document, groups, at) : null,
    pooled: samples.length === 2 && !paired && ['pooled', 'var.equal', 'equalVariance'].some(read.flag),
    expected: samples.length === 1 ? (read.number('expected', ['mu']) ?? null) : null,
    ...how,
  };
}

const hits = ['conversions', 'events', 'clicks', 'count', 'x', 'signups', 'converted', 'hits'];
const tries = ['visitors', 'n', 'users', 'impressions', 'total', 'views', 'size', 'sessions'];
const exposures = ['exposure', 'time', 'T', 'days'];
const values = ['values', 'data'];

type Group = { name: string; path: Path; read: Reader };

/** Groups as a list, or by their names. */
function groupsOf(document: Document, value: Fields, at: Path, read: Reader): Group[] {
  const group = (name: string, fields: Fields, path: Path) => ({ name, path, read: reader(document, fields, path) });
  for (const name of ['groups', 'variants', 'arms']) {
    const list = read.any(name);
    if (list === undefined) continue;
    if (!Array.isArray(list) || list.length === 0) throw document.wrong([...at, name], 'a list of groups is expected.');
    return list.map((each: unknown, index) => {
      if (!isFields(each)) throw document.wrong([...at, name, index], 'a group is an object.');
      const found = group(`group ${index + 1}`, each, [...at, name, index]);
      return { ...found, name: ['name', 'id', 'arm'].map(found.read.label).find((own) => own !== null) ?? found.name };
    });
  }
  const missing = Object.keys(value).find((name) => value[name] === null);
  if (missing !== undefined) throw document.wrong([...at, missing], 'a value is expected, not null.');
  const named = Object.entries(value).flatMap(([name, each]) =>
    isFields(read.group(name)) && isFields(each) ? [group(name, each, [...at, name])] : [],
  );
  // {"successes": [15, 25], "trials": [50, 50]}, as R takes them.
  const many = [...['successes'], ...hits].find((name) => Array.isArray(value[name]));
  const of = ['trials', ...tries, ...exposures].find((name) => Array.isArray(value[name]));
  if (named.length === 0 && many !== undefined && of !== undefined) {
    const [tops, bottoms] = [read.any(many) as unknown[], read.any(of) as unknown[]];
    if (tops.length !== bottoms.length) throw document.wrong([...at, of], `as many as in "${many}" are expected.`);
    return tops.map((top, index) => {
      const fields = { [many]: top, [of]: bottoms[index] };
      return group(`group ${index + 1}`, fields, [...at, many, index]);
    });
  }
  const alone = ['successes', 'values', 'mean', ...hits].some((name) => name in value);
  return named.length > 0 ? named : alone ? [{ name: 'group', path: at, read }] : [];
}

function power(document: Document, at: Path, read: Reader): Question {
  const asked = {
    perGroup: read.number('perGroup', ['n']) ?? null,
    power: read.share('power') ?? null,
    significance: read.share('significance', ['sig.level', 'alpha', 'sigLevel']) ?? 0.05,
  };
  if (asked.perGroup === null && asked.power === null)
    throw document.wrong(at, 'there is no group to compare; for power, one of "perGroup" and "power" is expected.');
  if (asked.perGroup !== null && asked.power !== null)
    throw document.wrong(at, 'of "perGroup" and "power" one is given and the other answered.');
  if (asked.perGroup !== null && asked.perGroup < 2)
    throw document.wrong([...at, 'perGroup'], 'two in each group are the least.');
  const alternative = read.choice('alternative', [...alternatives, 'one.sided'] as const) ?? 'two.sided';
  const sides = alternative === 'two.sided' ? (2 as const) : (1 as const);
  if (asked.power !== null && asked.power <= asked.significance / sides)
    throw document.wrong([...at, 'power'], 'chance alone reaches as much; a power above the significance is expected.');
  const common = { ...asked, sides };
  const [from, to] = [read.share('from', ['p1', 'baseline']), read.share('to', ['p2'])];
  if (from !== undefined && to !== undefined) {
    if (from === to) throw document.wrong(at, 'no number of trials shows a difference that is not there.');
    return { kind: 'power', of: 'shares', from, to, ...common };
  }
  const [difference, sd] = [read.number('difference', ['delta']), read.number('sd') ?? 1];
  if (difference === undefined)
    throw document.wrong(at, 'power is of two shares ("from", "to") or of a "difference" of means with its "sd".');
  if (!(sd > 0)) throw document.wrong([...at, 'sd'], 'a number above zero is expected.');
  // Below, the answer is more values than anybody has.
  if (Math.abs(difference) < sd * 1e-4)
    throw document.wrong([...at, 'difference'], 'a difference of at least a ten-thousandth of "sd" is expected.');
  return { kind: 'power', of: 'means', difference, sd, ...common };
}

function sample(read: Reader, name: string, at: Path, document: Document): Named<ReturnType<typeof sampleOf>> {
  const listed = values.some((each) => read.has(each)) ? read.list('values', values) : null;
  const summary = listed
    ? sampleOf(listed)
    : {
        n: read.number('n', ['size', 'count']) ?? 0,
        mean: read.number('mean', ['average']) ?? Number.NaN,
        sd: read.number('sd', ['stddev', 'std']) ?? Number.NaN,
      };
  const { n, mean, sd } = summary;
  if (listed === null && !(Number.isSafeInteger(n) && n >= 2 && sd >= 0 && !Number.isNaN(mean)))
    throw document.wrong(at, '"n" (a whole number from 2), "mean" and "sd" are expected, or "values".');
  if (!Number.isFinite(mean) || !Number.isFinite(sd ** 2) || !Number.isFinite(mean ** 2))
    throw document.wrong(at, 'the values are too large to reckon with.');
  return { name, ...summary };
}

function pairsOf(document: Document, groups: readonly Group[], at: Path): number[] {
  const [a, b] = groups.map(({ read }) => (values.some(read.has) ? read.list('values', values) : null));
  if (!a || !b || a.length !== b.length) throw document.wrong(at, 'pairs are two lists of values of one length.');
  return b.map((each, index) => each - a[index]!);
}

function tableOf(document: Document, value: unknown, at: Path): number[][] {
  const rows = Array.isArray(value) ? value : [];
  const width = Array.isArray(rows[0]) ? rows[0].length : 0;
  const whole = rows.every((row) => Array.isArray(row) && row.length === width && row.every(isCount));
  if (rows.length < 2 || width < 2 || !whole)
    throw document.wrong([...at, 'table'], 'rows of whole numbers from zero are expected, at least two rows of two.');
  return rows as number[][];
}
