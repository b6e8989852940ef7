import { table } from '#src/doors/cli/show.ts';
import { type IntervalKind, kaplanMeier, logRank, type Observed } from '#src/measure/survival.ts';
import { type Column, numberOf, recordsOf } from './csv.ts';
import { type Source, wrongAt } from './source.ts';
import { choice, numberFlag, type Verb, WrongUse } from './verb.ts';

const kinds: readonly IntervalKind[] = ['log-log', 'log', 'plain'];

export const survival: Verb = {
  summary: 'Kaplan-Meier curves with censoring, and the log-rank test between groups',
  file: 'FILE.csv',
  options: {
    interval: { type: 'string', value: 'kind', text: `${kinds.join(' | ')} (log-log)` },
    confidence: { type: 'string', value: 'share', text: 'of the intervals (0.95)' },
  },
  example: `  time,status,group
  6,1,new
  6,0,new
  1,1,old

  fanfare lab survival months.csv

  status: 1 or true = it happened, 0 or false = not until then (censored); 1 and 2 as in R: 2 = it happened.`,
  run({ source, options, width, note }) {
    const interval = choice(options, 'interval', kinds) ?? 'log-log';
    const confidence = numberFlag(options, 'confidence', { above: 0 }) ?? 0.95;
    if (confidence >= 1) throw new WrongUse('--confidence is a share below 1, such as 0.95.');
    const groups = groupsOf(source, note);
    const curves = [...groups].map(([group, rows]) => ({ group, ...kaplanMeier(rows, { interval, confidence }) }));
    const test = groups.size > 1 ? logRank([...groups.values()]) : null;
    const page = { now: new Date(), ...(width ? { width } : {}) };
    const text = curves.map(({ group, n, events, median, steps }) => {
      const title = `${group === null ? '' : `${group}: `}${n} observed, ${events} events, median ${median.time ?? 'not reached'} (${median.low ?? '–'} to ${median.high ?? '–'})`;
      if (steps.length === 0) return title;
      const rows = steps.map(({ interval: around, ...step }) => ({
        ...step,
        low: around?.low ?? null,
        high: around?.high ?? null,
      }));
      return `${title}\n${table(rows, page)}`;
    });
    if (test)
      text.push(
        `Log-rank test: chi-square ${test.chiSquare.toFixed(4)} on ${test.degrees} degrees of freedom, p = ${test.p.toPrecision(4)}`,
      );
    return { json: { confidence, interval, groups: curves, logRank: test }, text: text.join('\n\n') };
  },
};

const columns = {
  time: { name: 'time', also: ['duration', 'tenure', 'days', 'weeks', 'months', 'futime', 't'] },
  status: { name: 'status', also: ['event', 'churned', 'lost', 'died', 'death', 'observed', 'fustat', 'cens'] },
  group: { name: 'group', also: ['strata', 'arm', 'cohort', 'segment', 'treatment', 'rx', 'x'], optional: true },
} satisfies { [name: string]: Column };

/** Numbers and flags, so that a million rows stay small until they are counted. */
function groupsOf(source: Source, note: (text: string) => void): Map<string | null, Iterable<Observed>> {
  const groups = new Map<string | null, { times: number[]; codes: number[] }>();
  const seen = new Map<number, number>();
  for (const record of recordsOf(source, columns, { isData: (cells) => numberOf(cells[0]) !== null, told: note })) {
    const time = numberOf(record.get('time'));
    if (time === null || time < 0)
      throw wrongAt(source, record.line, `time is a number from zero, not "${record.get('time')}".`);
    const code = codeOf(record.get('status') ?? '');
    if (code === null) throw wrongAt(source, record.line, `status is 0 or 1, not "${record.get('status')}".`);
    if (!seen.has(code)) seen.set(code, record.line);
    const name = record.get('group') ?? null;
    const group = groups.get(name) ?? { times: [], codes: [] };
    group.times.push(time);
    group.codes.push(code);
    groups.set(name, group);
  }
  const asInR = seen.has(2);
  if (asInR && seen.has(0))
    throw wrongAt(source, Math.max(seen.get(0)!, seen.get(2)!), 'status is coded 0 and 1, or 1 and 2, not both.');
  const event = asInR ? 2 : 1;
  return new Map(
    [...groups].map(([name, { times, codes }]) => {
      function* rows(): Generator<Observed> {
        for (const [i, time] of times.entries()) yield { time, event: codes[i] === event };
      }
      return [name, { [Symbol.iterator]: rows }];
    }),
  );
}

function codeOf(text: string): number | null {
  const word = text.trim().toLowerCase();
  if (['true', 't', 'yes', 'y'].includes(word)) return 1;
  if (['false', 'f', 'no', 'n'].includes(word)) return 0;
  const number = numberOf(word);
  return number === 0 || number === 1 || number === 2 ? number : null;
}
