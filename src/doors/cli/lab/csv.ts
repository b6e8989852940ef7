import { type Line, linesOf, type Source, wrongAt } from './source.ts';

/** A record and the line it begins on. */
export type Row = { line: number; cells: string[] };

/**
 * Records of a CSV file (RFC 4180), one at a time: quoted fields may hold the delimiter, doubled quotes and line ends.
 * The delimiter (comma, semicolon, tab, or spaces) is read from the first line. Empty lines are passed over.
 */
export function* rowsOf(source: Source): Generator<Row> {
  let delimiter: string | null = null;
  let open: Line | null = null;
  for (const { line, text } of linesOf(source)) {
    const whole: Line = open ? { line: open.line, text: `${open.text}\n${text}` } : { line, text };
    if (whole.text.trim() === '') continue;
    if (whole.text.includes('"') && quotes(whole.text) % 2 === 1) {
      open = whole;
      continue;
    }
    open = null;
    delimiter ??= delimiterOf(whole.text);
    yield { line: whole.line, cells: cellsOf(source, whole, delimiter) };
  }
  if (open) throw wrongAt(source, open.line, 'a quoted field begins here and does not end.');
}

function quotes(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++;
  return count;
}

function delimiterOf(text: string): string {
  const bare = text.replaceAll(/"[^"]*"/g, '');
  const best = [',', ';', '\t']
    .map((each) => ({ each, count: bare.split(each).length - 1 }))
    .reduce((a, b) => (b.count > a.count ? b : a));
  return best.count > 0 ? best.each : /\S\s+\S/.test(bare.trim()) ? ' ' : ',';
}

function cellsOf(source: Source, { line, text }: Line, delimiter: string): string[] {
  if (delimiter === ' ' && !text.includes('"')) return text.trim().split(/\s+/);
  if (!text.includes('"')) return text.split(delimiter).map((cell) => cell.trim());
  const cells: string[] = [];
  const field = /\s*"((?:[^"]|"")*)"\s*|([^"]*)/y;
  for (let at = 0; ; ) {
    const end = text.indexOf(delimiter, at);
    const isQuoted = /^\s*"/.test(text.slice(at, at + 50));
    if (isQuoted) {
      field.lastIndex = at;
      const match = field.exec(text);
      if (match?.[1] === undefined) throw wrongAt(source, line, 'a quoted field is not closed before the next begins.');
      cells.push(match[1].replaceAll('""', '"'));
      at = field.lastIndex;
    } else {
      cells.push(text.slice(at, end === -1 ? undefined : end).trim());
      at = end === -1 ? text.length : end;
    }
    if (at >= text.length) return cells;
    if (text[at] !== delimiter) throw wrongAt(source, line, `after a quoted field a "${delimiter}" is expected.`);
    at += 1;
    if (at === text.length) return [...cells, ''];
  }
}

/** A column: its name in messages, other names it goes by, and whether it can be missing. */
export type Column = { name: string; also?: readonly string[]; optional?: boolean };

export type Entry<Name extends string> = {
  line: number;
  get(name: Name): string | undefined;
  has(name: Name): boolean;
};

/**
 * Records with their cells by name. A first row that names the first column, or that is no data (`isData`), is the header: columns
 * are then found by name. Without any known name, or without a header, they stand in the order of `columns`. `told`
 * hears of columns that are not used.
 */
export function* recordsOf<Name extends string>(
  source: Source,
  columns: { [name in Name]: Column },
  {
    isData,
    order,
    told,
  }: { isData(cells: string[]): boolean; order?: readonly (Name | null)[]; told?(text: string): void },
): Generator<Entry<Name>> {
  const names = Object.keys(columns) as Name[];
  const rows = rowsOf(source);
  const first = rows.next();
  if (first.done) throw wrongAt(source, 1, 'the file is empty.');
  let places = new Map<Name, number>();
  const inOrder = (list: readonly (Name | null)[], width: number) =>
    new Map(list.flatMap((name, index) => (name !== null && index < width ? [[name, index] as const] : [])));
  const { cells, line } = first.value;
  const headless = order !== undefined || isData(cells);
  if (headless) places = inOrder(order ?? names, cells.length);
  else {
    places = byName(names, columns, cells);
    if (places.size === 0) places = inOrder(names, cells.length);
    else {
      const used = new Set(places.values());
      const unused = cells.filter((_, index) => !used.has(index));
      if (unused.length > 0) told?.(`${source.name}: not used: ${unused.map((each) => `"${each}"`).join(', ')}.`);
    }
  }
  const missing = names.filter((name) => !columns[name].optional && !places.has(name));
  if (missing.length > 0) {
    const wanted = missing.map((name) => columns[name].name).join(', ');
    const found = headless ? `${cells.length} columns` : cells.map((each) => `"${each}"`).join(', ');
    throw wrongAt(source, line, `there is no column for ${wanted}; found ${found}.`);
  }
  const width = cells.length;
  const recordOf = (row: Row): Entry<Name> => {
    if (row.cells.length !== width) {
      throw wrongAt(source, row.line, `${row.cells.length} fields, where the first line has ${width}.`);
    }
    return {
      line: row.line,
      has: (name) => places.has(name),
      get: (name) => {
        const place = places.get(name);
        return place === undefined ? undefined : row.cells[place];
      },
    };
  };
  if (headless) yield recordOf(first.value);
  for (const row of rows) yield recordOf(row);
}

function byName<Name extends string>(
  names: readonly Name[],
  columns: { [name in Name]: Column },
  cells: readonly string[],
): Map<Name, number> {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const found = new Map<Name, number>();
  for (const name of names) {
    const known = [name, columns[name].name, ...(columns[name].also ?? [])].map(plain);
    // The earlier a name stands in the list, the better it fits.
    const place = known.map((each) => cells.findIndex((cell) => plain(cell) === each)).find((index) => index !== -1);
    if (place !== undefined && ![...found.values()].includes(place)) found.set(name, place);
  }
  return found;
}

/** A number as people and programs write it; null when it is none, or larger than a number holds. */
export function numberOf(text: string | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}
