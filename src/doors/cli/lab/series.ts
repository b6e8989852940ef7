import { type Column, numberOf, recordsOf } from './csv.ts';
import { type Source, wrongAt } from './source.ts';

const columns = {
  timestamp: { name: 'timestamp', also: ['time', 'date', 'day', 'datetime', 'ds', 'at', 'month'] },
  value: { name: 'value', also: ['y', 'count', 'amount', 'number'] },
} satisfies { [name: string]: Column };

export type SeriesRow = {
  line: number;
  /** As the file says it. */
  stamp: string;
  /** ms since 1970; a stamp without a zone is taken as UTC. */
  at: number;
  value: number;
};

/** Rows of a file with a time and a number each, in its order. */
export function* seriesOf(source: Source, note: (text: string) => void): Generator<SeriesRow> {
  const isData = (cells: string[]) => timeOf(cells[0]) !== null && numberOf(cells[1]) !== null;
  for (const record of recordsOf(source, columns, { isData, told: note })) {
    const stamp = record.get('timestamp')?.trim() ?? '';
    const at = timeOf(stamp);
    if (at === null)
      throw wrongAt(source, record.line, `timestamp is a time such as 2026-11-22 09:00:00, not "${stamp}".`);
    const value = numberOf(record.get('value'));
    if (value === null) throw wrongAt(source, record.line, `value is a number, not "${record.get('value')}".`);
    yield { line: record.line, stamp, at, value };
  }
}

const written =
  /^(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/i;

/** ISO 8601 (date, or date and time), a month, or seconds or milliseconds since 1970. */
function timeOf(text: string | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  if (/^\d{9,13}(\.\d+)?$/.test(trimmed)) {
    const number = Number(trimmed);
    return number < 1e11 ? number * 1000 : number;
  }
  const parts = written.exec(trimmed);
  if (!parts) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = parts;
  const [y, mo, d] = [Number(year), Number(month), Number(day ?? '1')];
  const at = Date.UTC(y, mo - 1, d, Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0));
  const read = new Date(Date.UTC(y, mo - 1, d));
  if (read.getUTCMonth() !== mo - 1 || read.getUTCDate() !== d) return null;
  if (Number(hour ?? 0) > 24 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60) return null;
  const ms = fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000;
  return at + ms - offsetOf(zone);
}

function offsetOf(zone: string | undefined): number {
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '');
  if (!parts) return 0;
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 60 + Number(parts[3])) * 60_000;
}
