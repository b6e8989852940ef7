import Papa from 'papaparse';

/**
 * The columns of a table of posts, in the order in which they are written. Only `text` is needed.
 *
 * - `post`: any name; rows with the same one are one post, on several platforms or accounts
 * - `date`: 2026-11-22, `time`: 09:30 (with an offset, 09:30+01:00, where the clock shows it twice),
 *   `time_zone`: Europe/Berlin, else that of the import. Both empty: the account's next free slot, or a draft without a day
 * - `platform` and `account` (its handle): an account schedules the post there; a platform alone makes a draft for it
 * - `title`, `text` (parts of a thread between lines that hold only `---`), `link` (where `{{link}}` leads)
 * - `campaign`: its name or slug; `tags`: words that are added to the text as hashtags
 * - `media`: ids of pictures or videos that were uploaded, one on a line, with the number of its part before it when that is
 *   not the first (`2 018f…`); `alt_texts`: their descriptions, one on a line in the same order
 * - `status` is written for information and not read
 */
export const columns = [
  'post',
  'date',
  'time',
  'time_zone',
  'platform',
  'account',
  'title',
  'text',
  'link',
  'campaign',
  'tags',
  'media',
  'alt_texts',
  'status',
] as const;
export type Column = (typeof columns)[number];
export type CsvRow = Record<Column, string>;
/** `line` is that of the file, counted from 1, where the row begins. */
export type CsvProblem = { line: number; column: Column | null; reason: string };

export const MOST_ROWS = 1000;
const DELIMITERS = [',', ';', '\t'];

/** A table of rows as RFC 4180 CSV. Cells that a spreadsheet would run as a formula get a `'` in front. */
export function writeCsv(rows: readonly CsvRow[]): string {
  const fields = [...columns];
  const data = rows.map((row) => fields.map((column) => disarmed(row[column])));
  return `${Papa.unparse({ fields, data }, { newline: '\r\n' })}\r\n`;
}

/** Reads a table with a line of column names, separated by commas, semicolons or tabs. Empty lines are left out. */
export function readCsv(text: string): { rows: { line: number; row: CsvRow }[]; problems: CsvProblem[] } {
  const source = text.replace(/^\uFEFF/, '');
  const rows: { line: number; row: CsvRow }[] = [];
  const problems: CsvProblem[] = [];
  let names: (Column | null)[] | undefined;
  let line = 1;
  let read = 0;
  Papa.parse<string[]>(source, {
    delimiter: delimiterOf(source),
    step: ({ data: cells, errors, meta }, parser) => {
      const at = line;
      line += linesIn(source.slice(read, meta.cursor));
      read = meta.cursor;
      for (const error of errors) problems.push({ line: at, column: null, reason: wordsFor(error.message) });
      if (cells.every((cell) => cell.trim() === '')) return;
      if (!names) {
        names = namesOf(cells, at, problems);
        return;
      }
      if (rows.length === MOST_ROWS) {
        problems.push({
          line: at,
          column: null,
          reason: `At most ${MOST_ROWS} rows are read at once. Split the file.`,
        });
        parser.abort();
        return;
      }
      if (cells.length > names.length)
        problems.push({ line: at, column: null, reason: 'This row has more cells than there are columns.' });
      const row = Object.fromEntries(columns.map((column) => [column, ''])) as CsvRow;
      for (const [index, name] of names.entries()) if (name) row[name] = armed(cells[index] ?? '');
      rows.push({ line: at, row });
    },
  });
  if (!names) problems.push({ line: 1, column: null, reason: 'The file is empty. Its first line names the columns.' });
  return { rows, problems };
}

/** The parts of a thread as one text: between them a line that holds only `---`. */
export function joinParts(parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll(/^(\\*---[ \t]*)$/gm, '\\$1')).join('\n---\n');
}

export function splitParts(text: string): string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n---[ \t]*\n/)
    .map((part) => part.replaceAll(/^\\(\\*---[ \t]*)$/gm, '$1'));
}

function namesOf(cells: readonly string[], line: number, problems: CsvProblem[]): (Column | null)[] {
  const names = cells.map((cell) => nameOf(cell));
  for (const [index, name] of names.entries())
    if (!name && cells[index]?.trim())
      problems.push({
        line,
        column: null,
        reason: `There is no column “${cells[index].trim().slice(0, 40)}”. Columns are: ${columns.join(', ')}.`,
      });
  if (!names.includes('text')) problems.push({ line, column: 'text', reason: 'There is no column named text.' });
  return names;
}

function nameOf(cell: string): Column | null {
  const plain = cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  const name = { timezone: 'time_zone', zone: 'time_zone', alt_text: 'alt_texts', handle: 'account' }[plain] ?? plain;
  return columns.find((column) => column === name) ?? null;
}

/** By the line of names: what separates the most of those we know. */
function delimiterOf(source: string): string {
  const head =
    source
      .slice(0, 2000)
      .split(/\r?\n/)
      .find((line) => line.trim() !== '') ?? '';
  const known = (delimiter: string) =>
    head.split(delimiter).filter((cell) => nameOf(cell.replaceAll('"', '')) !== null).length;
  return DELIMITERS.reduce((best, one) => (known(one) > known(best) ? one : best));
}

/** OWASP, "CSV injection" (seen 2026-11): these first characters make a spreadsheet compute the cell. */
const FORMULA = /^'*[=+\-@\t\r]/;

function disarmed(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

function armed(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}

function linesIn(text: string): number {
  return text.match(/\r\n|\n|\r/g)?.length ?? 0;
}

function wordsFor(message: string): string {
  if (/quote/i.test(message)) return 'A quotation mark is not closed, or stands in a cell that is not in quotes.';
  return message;
}
