import { readSource } from '#src/measure/source.ts';
import { refuse } from '#src/refusal.ts';
import type { DayReport } from './days.ts';
import { type Row, readRows } from './text.ts';
import { browserNamed, countryNamed, dayOf, deviceNamed, systemNamed, wholeOf } from './words.ts';
import type { Part } from './zip-read.ts';

/** Columns of GA4's reports and explorations, by their English names in lower case. */
const dimensions: Record<string, (value: string) => { dimension: string; value: string | null }[]> = {
  'page path and screen class': (value) => [{ dimension: 'path', value: value.replace(/\?.*$/, '') }],
  'page path': (value) => [{ dimension: 'path', value: value.replace(/\?.*$/, '') }],
  'page path + query string': (value) => [{ dimension: 'path', value: value.replace(/\?.*$/, '') }],
  hostname: (value) => [{ dimension: 'host', value: value.toLowerCase() }],
  country: (value) => [{ dimension: 'country', value: countryNamed(value) }],
  'country id': (value) => [{ dimension: 'country', value: countryNamed(value) }],
  'device category': (value) => [{ dimension: 'device', value: deviceNamed(value) }],
  browser: (value) => [{ dimension: 'browser', value: browserNamed(value) }],
  'operating system': (value) => [{ dimension: 'system', value: systemNamed(value) }],
  'event name': (value) => [{ dimension: 'event', value: value.slice(0, 64) }],
};
for (const about of ['session ', '']) {
  dimensions[`${about}source / medium`] = (value) => fromSource(...splitPair(value));
  dimensions[`${about}source`] = (value) => fromSource(value, null).filter(({ dimension }) => dimension === 'source');
  dimensions[`${about}medium`] = (value) => [{ dimension: 'medium', value: value.toLowerCase() }];
  dimensions[`${about}campaign`] = (value) => [
    { dimension: 'campaign', value: /^\((not set|direct|organic|referral)\)$/.test(value) ? null : value },
  ];
}
for (const name of [
  'session default channel group',
  'session primary channel group (default channel group)',
  'default channel group',
])
  dimensions[name] = (value) => [{ dimension: 'channel', value }];

const metrics: Record<string, 'visitors' | 'visits' | 'views' | 'engaged' | 'events'> = {
  'active users': 'visitors',
  'total users': 'visitors',
  users: 'visitors',
  sessions: 'visits',
  views: 'views',
  'engaged sessions': 'engaged',
  'event count': 'events',
};

function splitPair(value: string): [string, string | null] {
  const [source = '', medium] = value.split(' / ');
  return [source.trim(), medium?.trim() ?? null];
}

function fromSource(source: string, medium: string | null): { dimension: string; value: string | null }[] {
  if (source === '(not set)') return [];
  const tags = new URLSearchParams();
  if (source !== '(direct)' && source !== '') tags.set('utm_source', source);
  if (medium !== null && !/^\(/.test(medium)) tags.set('utm_medium', medium);
  const from = readSource({ url: `https://site.invalid/?${tags}`, referrer: null });
  return [
    { dimension: 'source', value: from.source ?? 'Direct' },
    { dimension: 'medium', value: from.medium ?? '(none)' },
    { dimension: 'channel', value: from.channel },
  ];
}

/**
 * Reads a report as Google Analytics 4 exports it: lines that begin with # tell the range, then tables with a line of
 * names each. A table needs a column of days, or a range of one day; without either its numbers belong to no day, and it
 * is left out in words. Sums over all rows are left out.
 */
export async function readGoogle(part: Part, add: (report: DayReport) => void): Promise<void> {
  const report: DayReport = { rows: [], refused: [], said: [] };
  const range: { from: string | null; until: string | null } = { from: null, until: null };
  let table: Table | 'left out' | null = null;
  let tables = 0;
  let hasLines = false;
  for await (const row of readRows(await part.open())) {
    const first = (row.cells[0] ?? '').replace(/^\uFEFF/, '').trim();
    hasLines ||= first !== '';
    const told = /^#\s*(start|end) date:?\s*(\d{8})/i.exec(row.cells.join(','));
    if (told) range[told[1]?.toLowerCase() === 'start' ? 'from' : 'until'] = dayOf(told[2] ?? '');
    if (first.startsWith('#') || row.cells.every((cell) => cell.trim() === '')) {
      table = null;
      continue;
    }
    if (table === null) {
      const head = tableOf(row, range);
      if (typeof head === 'string') {
        report.said.push(head);
        table = 'left out';
      } else {
        table = head;
        tables++;
      }
    } else if (table !== 'left out') readRow(part.name, table, row, report);
  }
  if (!hasLines) throw refuse('invalid', 'empty_file', 'This file is empty.');
  if (tables === 0)
    throw refuse(
      'invalid',
      'no_days',
      `${report.said[0] ?? 'No table with days was found.'} Add the dimension Date to the report, or export an exploration with it.`,
    );
  add(report);
}

type Table = {
  width: number;
  dayAt: number;
  day: (text: string) => string | null;
  dims: {
    at: number;
    read: (value: string) => { dimension: string; value: string | null }[];
    path: boolean;
    event: boolean;
  }[];
  metrics: { at: number; what: (typeof metrics)[string] }[];
};

function tableOf({ cells, line }: Row, range: { from: string | null; until: string | null }): Table | string {
  const names = cells.map((cell) =>
    cell
      .replace(/^\uFEFF/, '')
      .trim()
      .toLowerCase(),
  );
  const known = names.flatMap((name, at) =>
    dimensions[name]
      ? [{ at, read: dimensions[name], path: name.startsWith('page path'), event: name === 'event name' }]
      : [],
  );
  const counted = names.flatMap((name, at) => (metrics[name] ? [{ at, what: metrics[name] }] : []));
  const { from, until } = range;
  const dayAt = names.indexOf('date');
  const nthAt = names.indexOf('nth day');
  const title = cells[0]?.slice(0, 60) ?? '';
  if (counted.length === 0)
    return `The table of line ${line} (“${title}”) has none of the columns Active users, Sessions, Views or Event count.`;
  const base = { width: cells.length, dims: known, metrics: counted };
  if (dayAt >= 0) return { ...base, dayAt, day: dayOf };
  if (nthAt >= 0 && from !== null)
    return {
      ...base,
      dayAt: nthAt,
      day: (text) =>
        /^\d{1,5}$/.test(text)
          ? new Date(Date.parse(from) + Number(text) * 86_400_000).toISOString().slice(0, 10)
          : null,
    };
  if (from !== null && from === until && known.length > 0) return { ...base, dayAt: -1, day: () => from };
  return `The table of line ${line} (“${title}”) has no days, so it was left out.`;
}

function readRow(file: string, table: Table, { cells, line }: Row, report: DayReport): void {
  const refuseRow = (reason: string) => report.refused.push({ file, line, reason });
  const text = (at: number) => (cells[at] ?? '').trim();
  if (cells.some((cell) => /^grand total$/i.test(cell.trim())) || /^(totals?|\(other\))$/i.test(text(0))) return;
  if (cells.length !== table.width) {
    refuseRow(`It has ${cells.length} cells where the line of names has ${table.width}.`);
    return;
  }
  const day = table.day(text(table.dayAt));
  if (day === null) {
    // Explorations put the sums over all days first, with nothing where the day stands.
    if (text(table.dayAt) !== '')
      refuseRow(`“${text(table.dayAt).slice(0, 40)}” is no day. Days are written 20261122.`);
    return;
  }
  const told: Partial<Record<(typeof metrics)[string], number>> = {};
  for (const { at, what } of table.metrics) {
    const count = wholeOf(text(at));
    if (count === null || count > 2_000_000_000) {
      refuseRow(`“${text(at).slice(0, 40)}” is no count.`);
      return;
    }
    told[what] ??= count;
  }
  const { visitors, visits, views, engaged, events } = told;
  const bounces = visits !== undefined && engaged !== undefined ? Math.max(visits - engaged, 0) : 0;
  const measures = { visitors: visitors ?? 0, visits: visits ?? 0, views: views ?? 0, bounces };
  if (table.dims.length === 0) report.rows.push({ day, dimension: 'total', value: '', ...measures });
  for (const { at, read, path, event } of table.dims)
    for (const { dimension, value } of read(text(at))) {
      if (value === null || value === '' || value === '(not set)') continue;
      // Google's users and sessions of a page are those that saw it; here they are those that came in there.
      if (path) report.rows.push({ day, dimension, value, views: views ?? 0 });
      else if (event) report.rows.push({ day, dimension, value, views: events ?? 0 });
      else report.rows.push({ day, dimension, value, ...measures });
    }
}
