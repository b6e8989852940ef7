import { readSource } from '#src/measure/source.ts';
import type { DayReport, DayRow } from './days.ts';
import { readRows } from './text.ts';
import { browserNamed, countryNamed, dayOf, deviceNamed, systemNamed, wholeOf } from './words.ts';
import type { Part } from './zip-read.ts';

type Cell = (name: string) => string;
type Numbers = (name: string) => number;
type Reader = {
  needs: string[];
  rows(cell: Cell, number: Numbers): { dimension: string; value: string | null; measures: Measures }[];
};
type Measures = Partial<Pick<DayRow, 'visitors' | 'visits' | 'views' | 'bounces' | 'seconds'>>;

const whole = (number: Numbers): Measures => ({
  visitors: number('visitors'),
  visits: number('visits'),
  views: number('pageviews'),
  bounces: number('bounces'),
  seconds: number('visit_duration'),
});
const simple = (column: string, dimension: string, named: (text: string) => string | null): Reader => ({
  needs: [column, 'visitors'],
  rows: (cell, number) => [{ dimension, value: named(cell(column)), measures: whole(number) }],
});

/** The tables of a Plausible export (its documentation of exports, as read in November 2026) and what they tell us. */
const tables: Record<string, Reader> = {
  visitors: { needs: ['visitors'], rows: (_, number) => [{ dimension: 'total', value: '', measures: whole(number) }] },
  pages: {
    needs: ['page'],
    // Here visits and visitors of a path are those that came in there: the table of entry pages has them.
    rows: (cell, number) => [
      { dimension: 'path', value: cell('page') || null, measures: { views: number('pageviews') } },
    ],
  },
  entry_pages: {
    needs: ['entry_page'],
    rows: (cell, number) => [
      {
        dimension: 'path',
        value: cell('entry_page') || null,
        measures: {
          visitors: number('visitors'),
          visits: number('entrances'),
          bounces: number('bounces'),
          seconds: number('visit_duration'),
        },
      },
    ],
  },
  exit_pages: {
    needs: ['exit_page'],
    rows: (cell, number) => [
      {
        dimension: 'exit',
        value: cell('exit_page') || null,
        measures: {
          visitors: number('visitors'),
          visits: number('exits'),
          views: number('pageviews'),
          bounces: number('bounces'),
          seconds: number('visit_duration'),
        },
      },
    ],
  },
  sources: {
    needs: ['source'],
    rows: (cell, number) => {
      const tags = new URLSearchParams();
      const names = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'];
      for (const name of names) if (cell(name) !== '') tags.set(name, cell(name));
      const direct = /^(direct.*|)$/i.test(cell('source'));
      if (!direct && !tags.has('utm_source') && cell('referrer') === '') tags.set('utm_source', cell('source'));
      const referrer = cell('referrer') === '' ? null : `https://${cell('referrer').replace(/^https?:\/\//, '')}`;
      const from = readSource({ url: `https://site.invalid/?${tags}`, referrer });
      const host = referrer !== null && URL.canParse(referrer) ? new URL(referrer).hostname : null;
      const measures = whole(number);
      return [
        { dimension: 'source', value: from.source ?? 'Direct', measures },
        { dimension: 'medium', value: from.medium ?? '(none)', measures },
        { dimension: 'channel', value: from.channel, measures },
        { dimension: 'referrer', value: host, measures },
        { dimension: 'campaign', value: from.campaign, measures },
        { dimension: 'content', value: from.content, measures },
        { dimension: 'term', value: from.term, measures },
      ];
    },
  },
  locations: simple('country', 'country', countryNamed),
  devices: simple('device', 'device', deviceNamed),
  browsers: simple('browser', 'browser', browserNamed),
  operating_systems: simple('operating_system', 'system', systemNamed),
  custom_events: {
    needs: ['name', 'events'],
    rows: (cell, number) => [
      { dimension: 'event', value: cell('name').slice(0, 64) || null, measures: { views: number('events') } },
    ],
  },
};

/** Reads one table of the export; false when the file is none of them. Rows are handed on some thousands at a time. */
export async function readPlausible(part: Part, add: (report: DayReport) => void): Promise<boolean> {
  const name = /(?:^|\/)imported_([a-z_]+?)(?:_\d{8}_\d{8})?\.csv$/.exec(part.name)?.[1] ?? '';
  const reader = tables[name];
  if (!reader) return false;
  let head: string[] | null = null;
  let report: DayReport = { rows: [], refused: [], said: [] };
  for await (const { line, cells } of readRows(await part.open())) {
    if (head === null) {
      head = cells.map((text) =>
        text
          .replace(/^\uFEFF/, '')
          .trim()
          .toLowerCase(),
      );
      const missing = ['date', ...reader.needs].filter((column) => !head?.includes(column));
      if (missing.length > 0) {
        add({
          rows: [],
          refused: [
            { file: part.name, line, reason: `The column ${missing.join(', ')} is missing; the table was left out.` },
          ],
          said: [],
        });
        return true;
      }
      continue;
    }
    if (cells.every((text) => text === '')) continue;
    const columns: string[] = head;
    const cell = (column: string) => (cells[columns.indexOf(column)] ?? '').trim();
    const wrong: string[] = [];
    const number = (column: string) => {
      const text = cell(column);
      const read = text === '' ? 0 : wholeOf(text);
      if (read === null || read > 2_000_000_000) wrong.push(`“${text.slice(0, 40)}” in ${column} is no count.`);
      return read ?? 0;
    };
    const day = dayOf(cell('date'));
    const rows = reader.rows(cell, number);
    const reason =
      cells.length !== head.length
        ? `It has ${cells.length} cells where the first line names ${head.length}.`
        : day === null
          ? `“${cell('date').slice(0, 40)}” is no day.`
          : wrong[0];
    if (reason !== undefined || day === null) report.refused.push({ file: part.name, line, reason: reason ?? '' });
    else
      for (const { dimension, value, measures } of rows)
        if (value !== null) report.rows.push({ day, dimension, value, ...measures });
    if (report.rows.length < 5000) continue;
    add(report);
    report = { rows: [], refused: [], said: [] };
  }
  add(report);
  return true;
}
