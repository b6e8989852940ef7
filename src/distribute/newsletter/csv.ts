import Papa from 'papaparse';
import { z } from 'zod';

/** Rows of one file at most: more is taken in several. */
const MOST = 20_000;
/** An address as people have them; lower case, since mailboxes are told apart without it. */
export const emailAddress = z.email().max(254).toLowerCase();

export type ReadAddresses = { emails: string[]; bad: { line: number; reason: string }[] };

/**
 * The addresses of a file: the column named email (or e-mail, mail, address), or else the first one that holds addresses.
 * Lines are counted from 1 as a person sees them. An address twice is taken once.
 */
export function readAddresses(csv: string): ReadAddresses {
  const { data } = Papa.parse<string[]>(csv.replace(/^\uFEFF/, '').trimEnd(), { skipEmptyLines: false });
  const names = (data[0] ?? []).map((name) => name.trim().toLowerCase());
  const named = names.findIndex((name) => /^(e-?mail( address)?|mail|address)$/.test(name));
  const guessed = (data[0] ?? []).findIndex((cell) => emailAddress.safeParse(cell.trim()).success);
  const column = named >= 0 ? named : guessed >= 0 ? guessed : 0;
  const hasHead = named >= 0 || guessed < 0;
  const emails = new Set<string>();
  const bad: ReadAddresses['bad'] = [];
  for (const [at, row] of data.entries()) {
    const line = at + 1;
    if ((at === 0 && hasHead) || row.every((cell) => cell.trim() === '')) continue;
    if (emails.size >= MOST) {
      bad.push({
        line,
        reason: `Only ${MOST.toLocaleString('en')} addresses are taken at once. Import the rest after.`,
      });
      break;
    }
    const parsed = emailAddress.safeParse((row[column] ?? '').trim());
    if (parsed.success) emails.add(parsed.data);
    else bad.push({ line, reason: 'There is no e-mail address in this line.' });
  }
  return { emails: [...emails], bad };
}

/** Rows as a file. Cells that a spreadsheet would run as a formula are quoted. */
export function writeCsv(rows: Record<string, string>[], columns: string[]): string {
  return `${Papa.unparse(rows, { columns, escapeFormulae: true, newline: '\n' })}\n`;
}
