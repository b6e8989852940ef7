import { createReadStream } from 'node:fs';
import { type Context, transaction } from '#src/context.ts';
import { refuse } from '#src/refusal.ts';
import { type StagedRow, stage, storeStaged, type ToldEvent } from './staged.ts';
import { note, type Transfer } from './store.ts';
import { type Row, readRows } from './text.ts';
import { browserNamed, countryNamed, deviceNamed, momentOf, systemNamed } from './words.ts';
import { isZip, openZip, type Part } from './zip-read.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NEEDED = ['session_id', 'url_path', 'created_at'] as const;
const AT_ONCE = 1000;
const MOST_SESSIONS = 2_000_000;

type Session = { browser: string; os: string; device: string; country: string };
type Files = { events: Part[]; sessions: Part | null; close(): void };

/** What lies in an Umami export, without bringing anything in. */
export async function previewUmami(path: string) {
  const files = await filesOf(path);
  try {
    for await (const { cells } of readRows(await (files.events[0] as Part).open()))
      return { files: files.events.map(({ name }) => name), columns: headOf(cells, files.events[0]?.name ?? '') };
    throw refuse('invalid', 'empty_file', 'This file is empty.');
  } finally {
    files.close();
  }
}

/**
 * Brings in the events of an Umami export (the table website_event as CSV, or the zip of its cloud), row by row. Visits
 * are made from them as from one's own: an hour of silence is two visits here, whatever Umami called them.
 */
export async function importUmami(context: Context, transfer: Transfer, path: string): Promise<void> {
  const appId = transfer.appId;
  if (!appId) throw refuse('invalid', 'app_missing', 'Say which app these visits are of.');
  if (transfer.place?.step !== 'storing') {
    const files = await filesOf(path);
    try {
      const sessions = files.sessions ? await readSessions(files.sessions) : new Map<string, Session>();
      const names = files.events.map(({ name }) => name);
      const begun = Math.max(names.indexOf(transfer.place?.step ?? ''), 0);
      for (const part of files.events.slice(begun)) await readEvents(context, transfer, part, sessions);
    } finally {
      files.close();
    }
    await transaction(context, (inside) => note(inside, transfer, { step: 'storing', line: 0 }, {}));
  }
  await storeStaged(context, transfer, appId);
}

async function filesOf(path: string): Promise<Files> {
  if (!(await isZip(path))) {
    const open = async () => createReadStream(path);
    return { events: [{ name: 'website_event.csv', bytes: 0, open }], sessions: null, close: () => undefined };
  }
  const zip = await openZip(path);
  const named = (what: RegExp) => zip.parts.filter(({ name }) => what.test(name));
  const events = named(/(^|\/)(website_)?events?[^/]*\.csv$/i).filter(({ name }) => !/event_data/.test(name));
  if (events.length === 0) {
    zip.close();
    throw refuse(
      'invalid',
      'no_events',
      'There is no website_event.csv in this zip file. Send the export as Umami made it.',
    );
  }
  return { events, sessions: named(/(^|\/)sessions?\.csv$/i)[0] ?? null, close: () => zip.close() };
}

function headOf(cells: readonly string[], file: string): string[] {
  const head = cells.map((cell) =>
    cell
      .replace(/^\uFEFF/, '')
      .trim()
      .toLowerCase(),
  );
  const missing = NEEDED.filter((name) => !head.includes(name));
  if (missing.length > 0)
    throw refuse(
      'invalid',
      'columns_missing',
      `${file} has no column ${missing.join(', ')}. Is it the table website_event of Umami?`,
    );
  return head;
}

async function readSessions(part: Part): Promise<Map<string, Session>> {
  const sessions = new Map<string, Session>();
  let head: string[] | null = null;
  for await (const { cells } of readRows(await part.open())) {
    if (head === null) {
      head = cells.map((cell) => cell.trim().toLowerCase());
      continue;
    }
    const cell = cellsOf(head, cells);
    if (sessions.size < MOST_SESSIONS)
      sessions.set(cell('session_id'), {
        browser: cell('browser'),
        os: cell('os'),
        device: cell('device'),
        country: cell('country'),
      });
  }
  return sessions;
}

const cellsOf = (head: readonly string[], cells: readonly string[]) => (name: string) => {
  const text = (cells[head.indexOf(name)] ?? '').trim();
  return text === 'NULL' || text === '\\N' ? '' : text;
};

async function readEvents(
  context: Context,
  transfer: Transfer,
  part: Part,
  sessions: ReadonlyMap<string, Session>,
): Promise<void> {
  const start = transfer.place?.step === part.name ? transfer.place.line : 0;
  let head: string[] | null = null;
  let batch: Row[] = [];
  const keep = async (names: readonly string[]) => {
    const last = batch.at(-1)?.line ?? 0;
    const rows: StagedRow[] = [];
    const refused: { file: string; line: number; reason: string }[] = [];
    for (const row of batch) {
      const read = eventOf(names, row, sessions);
      if ('reason' in read) refused.push({ file: part.name, line: row.line, reason: read.reason });
      else rows.push({ file: part.name, line: row.line, event: read });
    }
    batch = [];
    await transaction(context, async (inside) => {
      await stage(inside, transfer, rows);
      await note(inside, transfer, { step: part.name, line: last }, { refused });
    });
  };
  for await (const row of readRows(await part.open())) {
    if (head === null) head = headOf(row.cells, part.name);
    else if (row.line > start && row.cells.some((cell) => cell !== '')) batch.push(row);
    if (batch.length >= AT_ONCE) await keep(head);
  }
  if (head === null) throw refuse('invalid', 'empty_file', `${part.name} is empty.`);
  if (batch.length > 0) await keep(head);
}

function eventOf(
  head: readonly string[],
  { cells }: Row,
  sessions: ReadonlyMap<string, Session>,
): ToldEvent | { reason: string } {
  if (cells.length !== head.length)
    return { reason: `It has ${cells.length} cells where the first line names ${head.length}.` };
  const cell = cellsOf(head, cells);
  const at = momentOf(cell('created_at'));
  if (!at) return { reason: `“${cell('created_at').slice(0, 40)}” is no time.` };
  const visitor = cell('session_id');
  if (visitor === '') return { reason: 'The session is missing.' };
  const custom = cell('event_type') === '2' || (cell('event_type') === '' && cell('event_name') !== '');
  if (custom && cell('event_name') === '') return { reason: 'The name of the event is missing.' };
  const session = sessions.get(visitor);
  const tags = [
    'utm_source',
    'utm_medium',
    'utm_campaign',
    'utm_content',
    'utm_term',
    'gclid',
    'fbclid',
    'msclkid',
    'ttclid',
    'twclid',
  ];
  const query = new URLSearchParams(cell('url_query'));
  for (const tag of tags) if (cell(tag) !== '' && !query.has(tag)) query.set(tag, cell(tag));
  const from = cell('referrer_domain');
  const id = cell('event_id').toLowerCase();
  return {
    at,
    kind: custom ? cell('event_name').slice(0, 64) : 'pageview',
    visitor,
    host: (cell('hostname') || '').toLowerCase(),
    path: cell('url_path') || '/',
    query: query.toString(),
    referrer: from === '' ? null : `https://${from}${cell('referrer_path')}`,
    country: countryNamed(cell('country') || session?.country || ''),
    device: deviceNamed(cell('device') || session?.device || ''),
    browser: browserNamed(cell('browser') || session?.browser || ''),
    system: systemNamed(cell('os') || session?.os || ''),
    id: UUID.test(id) ? id : null,
  };
}
