/** Gives the browser a file that was made here. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const anchor = Object.assign(document.createElement('a'), { href: url, download: name });
  anchor.click();
  URL.revokeObjectURL(url);
}

export type Cell = string | number | boolean | bigint | Date | null | undefined;
export interface Rows {
  columns: string[];
  rows: Cell[][];
}

/**
 * Rows as CSV (RFC 4180) with a byte order mark, which spreadsheets need to read anything but English. A text that a
 * spreadsheet would take for a formula gets an apostrophe before it: names of pages and campaigns come from strangers.
 */
export function csvOf({ columns, rows }: Rows): string {
  return `\uFEFF${[columns, ...rows].map((row) => `${row.map(written).join(',')}\r\n`).join('')}`;
}

function written(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (cell instanceof Date) return cell.toISOString();
  if (typeof cell !== 'string') return String(cell);
  const harmless = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
