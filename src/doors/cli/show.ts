import { minorUnits } from '#src/outside/payments/currency.ts';

export type Page = {
  /** Columns to fit into; absent: as wide as it comes (a pipe). */
  width?: number;
  now: Date;
};

type Row = Record<string, unknown>;

/** An answer for people: a list as a table, one row as its fields, lists inside it below their names. */
export function show(value: unknown, page: Page): string {
  if (value === null || value === undefined) return 'Done.';
  if (!isRow(value) && !Array.isArray(value)) return cell(value, page);
  if (Array.isArray(value)) return isTable(value) ? table(value, page) : value.map((one) => cell(one, page)).join('\n');
  return fields(value, page).join('\n');
}

function fields(row: Row, page: Page): string[] {
  const entries = Object.entries(row).filter(([, value]) => value !== undefined);
  const tables = entries.filter(([, value]) => isTable(value));
  const groups = entries.filter(([, value]) => isRow(value) && !isMoney(value));
  const plain = entries.filter(([, value]) => !isTable(value) && (!isRow(value) || isMoney(value)));
  // A list operation answers with one list and perhaps a cursor: the table is all there is to say.
  if (
    tables.length === 1 &&
    groups.length === 0 &&
    plain.every(([name, value]) => /cursor$/i.test(name) || isEmptyList(value))
  )
    return [
      table(tables[0]![1] as Row[], page),
      ...plain.flatMap(([name, value]) => (/cursor$/i.test(name) && value ? [`More: --cursor ${String(value)}`] : [])),
    ];
  if (entries.length === 1 && isEmptyList(entries[0]![1])) return [`No ${words(entries[0]![0]).toLowerCase()} yet.`];
  const label = Math.max(0, ...plain.map(([name]) => words(name).length));
  return [
    ...plain.map(([name, value]) => `${words(name).padEnd(label)}  ${indent(cell(value, page), label + 2)}`),
    ...groups.flatMap(([name, value]) => [
      '',
      words(name),
      ...fields(value as Row, page).map((line) => `  ${line.replaceAll('\n', '\n  ')}`),
    ]),
    ...tables.flatMap(([name, value]) => ['', words(name), table(value as Row[], page)]),
  ];
}

/** Rows under their column names. What does not fit is cut with an ellipsis, widest column first, then left out and named. */
export function table(rows: Row[], page: Page): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) =>
    rows.some((row) => !isEmpty(row[name]) && (!isRow(row[name]) || isMoney(row[name]))),
  );
  const columns = names.map((name) => {
    const cells = rows.map((row) => cell(row[name], page).replaceAll(/\s*\n\s*/g, ' '));
    const title = words(name);
    return {
      title,
      cells,
      width: Math.max(length(title), ...cells.map(length)),
      right: rows.every((row) => isNumeric(row[name])),
      whole: rows.every((row) => isWhole(row[name])),
    };
  });
  const left: string[] = [];
  if (page.width !== undefined) {
    const total = () => columns.reduce((sum, column) => sum + column.width + 2, -2);
    const MINIMUM = 20;
    while (total() > page.width && columns.length > 1) {
      const widest = columns
        .filter((column) => !column.whole && column.width > MINIMUM)
        .sort((a, b) => b.width - a.width)[0];
      if (widest)
        widest.width = Math.max(
          MINIMUM,
          widest.width - Math.max(1, Math.min(total() - page.width, widest.width - MINIMUM, 8)),
        );
      else left.unshift(columns.pop()!.title);
    }
  }
  const line = (texts: string[]) =>
    columns
      .map((column, at) => fitted(texts[at]!, column.width, column.right))
      .join('  ')
      .trimEnd();
  const body = [line(columns.map((column) => column.title)), line(columns.map((column) => '─'.repeat(column.width)))];
  rows.forEach((_, at) => {
    body.push(line(columns.map((column) => column.cells[at]!)));
  });
  if (left.length > 0) body.push(`Not shown: ${left.join(', ').toLowerCase()} (--json has everything)`);
  return body.join('\n');
}

/** One value: dates local and short, money with its currency, lists with commas. */
export function cell(value: unknown, page: Page): string {
  if (isEmpty(value)) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Math.round(value * 1e4) / 1e4);
  if (typeof value === 'string') return MOMENT.test(value) ? moment(new Date(value), page.now) : printable(value);
  if (isMoney(value)) return money(value);
  if (Array.isArray(value)) return value.map((one) => cell(one, page)).join(', ');
  return printable(JSON.stringify(value));
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** `22 Nov 10:26`, with the year when it is not this one. */
export function moment(at: Date, now: Date): string {
  const sameYear = at.getFullYear() === now.getFullYear();
  const date = at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
  return `${date} ${at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })}`;
}

/** Minor units with their currency, exactly: the digits never pass through a float. */
export function money({ minor, currency }: { minor: string; currency: string }): string {
  const decimals = minorUnits(currency);
  const negative = minor.startsWith('-');
  const digits = minor.replace('-', '').padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${negative ? '-' : ''}${whole}${decimals > 0 ? `.${digits.slice(-decimals)}` : ''} ${currency}`;
}

/** `nextRunAt` → `Next run`; `appId` → `App id`. */
function words(name: string): string {
  const text = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/ (at|on)$/, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Text from web pages and models may carry control characters that would speak to the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

function fitted(text: string, width: number, right: boolean): string {
  const long = length(text);
  if (long > width) return `${cut(text, width - 1)}…`;
  return right ? ' '.repeat(width - long) + text : text + ' '.repeat(width - long);
}

function cut(text: string, width: number): string {
  let taken = '';
  for (const { segment } of graphemes.segment(text)) {
    if (length(taken + segment) > width) break;
    taken += segment;
  }
  return taken + ' '.repeat(width - length(taken));
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const WIDE =
  /\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u;

/** Columns a text takes in a terminal: emoji and East Asian characters take two. */
function length(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the printable range of ASCII
  if (/^[\u0000-\u007f]*$/.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

function indent(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`);
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function isTable(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => isRow(one) && !isMoney(one));
}
function isMoney(value: unknown): value is { minor: string; currency: string } {
  return isRow(value) && typeof value.minor === 'string' && typeof value.currency === 'string';
}
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '' || isEmptyList(value);
}
function isNumeric(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'number' || isMoney(value);
}
/** Ids, numbers, dates and yes/no are useless when cut. */
function isWhole(value: unknown): boolean {
  return (
    isNumeric(value) ||
    typeof value === 'boolean' ||
    (typeof value === 'string' && (MOMENT.test(value) || /^[0-9a-f-]{36}$/.test(value)))
  );
}
