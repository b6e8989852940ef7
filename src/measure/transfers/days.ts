import { createReadStream } from 'node:fs';
import { type Context, transaction } from '#src/context.ts';
import { type ImportedDay, type ImportedOrigin, keepImportedDays } from '#src/measure/rollups/imported-days.ts';
import { refuse } from '#src/refusal.ts';
import { readGoogle } from './google-analytics.ts';
import { readPlausible } from './plausible.ts';
import { note, say, type Transfer } from './store.ts';
import { isZip, openZip, type Part } from './zip-read.ts';

/** What a row of a daily report adds to a total. */
export type DayRow = Partial<ImportedDay> & Pick<ImportedDay, 'day' | 'dimension' | 'value'>;
/** What was understood of a file: rows, refusals with their line, what to say. */
export type DayReport = {
  rows: DayRow[];
  refused: { file: string; line: number; reason: string }[];
  said: string[];
};

/** Totals in one import; a year of a busy site has some hundred thousand. */
const MOST = 2_000_000;
const AT_ONCE = 2000;
const MEASURES = ['visitors', 'visits', 'views', 'bounces', 'seconds'] as const;

type Read = { totals: Map<string, ImportedDay>; refused: DayReport['refused']; said: Set<string>; files: string[] };

/** What lies in a file of daily totals, without bringing anything in. */
export async function previewDays(format: string, path: string) {
  const { totals, refused, said, files } = await readAll(format, path, 200_000);
  const days = [...new Set([...totals.values()].map(({ day }) => day))].sort();
  const dimensions = [...new Set([...totals.values()].map(({ dimension }) => dimension))];
  return {
    files,
    from: days[0] ?? null,
    until: days.at(-1) ?? null,
    dimensions,
    totals: totals.size,
    refused,
    said: [...said],
  };
}

/** Brings in daily totals of Plausible or Google Analytics. The same file again changes nothing. */
export async function importDays(context: Context, transfer: Transfer, path: string): Promise<void> {
  const appId = transfer.appId;
  if (!appId) throw refuse('invalid', 'app_missing', 'Say which app these visits are of.');
  const { totals, refused, said } = await readAll(transfer.format, path, MOST);
  const origin = transfer.format as ImportedOrigin;
  const all = [...totals.values()];
  const begun = transfer.place?.line ?? 0;
  if (transfer.place === null)
    await transaction(context, (inside) => note(inside, transfer, { step: 'days', line: 0 }, { refused }));
  for (let from = begun; from < all.length; from += AT_ONCE) {
    const batch = all.slice(from, from + AT_ONCE);
    await transaction(context, async (inside) => {
      const done = await keepImportedDays(inside, appId, origin, batch);
      await note(inside, transfer, { step: 'days', line: from + batch.length }, { done, known: batch.length - done });
    });
  }
  await say(context, transfer.id, [...said]);
}

async function readAll(format: string, path: string, most: number): Promise<Read> {
  const read: Read = { totals: new Map(), refused: [], said: new Set(), files: [] };
  const add = (report: DayReport) => {
    read.refused.push(...report.refused);
    for (const sentence of report.said) read.said.add(sentence);
    for (const row of report.rows) addTo(read.totals, row, most);
  };
  if (format === 'plausible') {
    if (!(await isZip(path)))
      throw refuse(
        'invalid',
        'no_zip',
        'Plausible exports a zip file with tables named imported_….csv. Send it as it is.',
      );
    const zip = await openZip(path);
    try {
      for (const part of zip.parts) if (await readPlausible(part, add)) read.files.push(part.name);
    } finally {
      zip.close();
    }
    if (read.files.length === 0)
      throw refuse('invalid', 'no_tables', 'There is no table imported_….csv of Plausible in this zip file.');
  } else
    for (const part of await googleParts(path)) {
      await readGoogle(part, add);
      read.files.push(part.name);
    }
  return read;
}

async function googleParts(path: string): Promise<Part[]> {
  if (await isZip(path))
    throw refuse(
      'invalid',
      'zip',
      'Google Analytics exports one CSV file for a report. Send the CSV files one by one.',
    );
  return [{ name: 'report.csv', bytes: 0, open: async () => createReadStream(path) }];
}

function addTo(totals: Map<string, ImportedDay>, row: DayRow, most: number): void {
  const value = row.value.replaceAll('\u0000', '').slice(0, 1000);
  const key = `${row.day} ${row.dimension} ${value}`;
  const known = totals.get(key);
  if (!known && totals.size >= most)
    throw refuse(
      'invalid',
      'too_many_totals',
      `More than ${most.toLocaleString('en')} daily totals are in this file. Export a shorter range.`,
    );
  const { day, dimension } = row;
  const sum = known ?? { day, dimension, value, visitors: 0, visits: 0, views: 0, bounces: 0, seconds: 0 };
  for (const measure of MEASURES) sum[measure] += row[measure] ?? 0;
  totals.set(key, sum);
}
