import { createReadStream } from 'node:fs';
import { call } from '@orpc/server';
import Papa from 'papaparse';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { eventOperations } from '#src/measure/events/server.ts';
import { type Counter, counters, type ImportedMetrics, keepImportedMetrics } from '#src/measure/metrics/imported.ts';
import { recordedPaymentOperations } from '#src/measure/revenue/recording.ts';
import type { Caller } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { importCosts } from '#src/plan/costs/import.ts';
import { refuse } from '#src/refusal.ts';
import { guessColumns, guessContent, missingColumns } from './columns.ts';
import { type StagedRow, stage, storeStaged, type ToldEvent } from './staged.ts';
import { type Content, type Counts, note, type Place, stableId, type Transfer } from './store.ts';
import { type Row, readRows } from './text.ts';
import { browserNamed, countryNamed, deviceNamed, minorOf, momentOf, systemNamed, wholeOf } from './words.ts';

type Cell = (column: string) => string;
type Line = { line: number; cell: Cell };
type Refused = { line: number; reason: string };
/** What is known while a file is read; `currency` stands where the file names none. */
type About = { context: Context; transfer: Transfer; appId: string; currency: string };
type Batch = { about: About; lines: Line[]; place: Place; refused: Refused[] };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHOWN = 5;

/** Names of the columns and the first rows of a CSV, what it seems to be, and which column is what. */
export async function previewCsv(path: string, asked: { content: Content | null; columns?: Record<string, string> }) {
  let head: string[] | null = null;
  const rows: string[][] = [];
  for await (const { cells } of readRows(createReadStream(path))) {
    if (head === null) head = cells.map((cell) => cell.replace(/^\uFEFF/, '').trim());
    else if (cells.some((cell) => cell !== '')) rows.push(cells.map((cell) => cell.slice(0, 200)));
    if (rows.length >= SHOWN) break;
  }
  if (head === null) throw refuse('invalid', 'empty_file', 'This file is empty.');
  const content = asked.content ?? guessContent(head);
  const columns = asked.columns ?? (content ? guessColumns(content, head) : {});
  return { head, rows, content, columns, missing: content ? missingColumns(content, columns) : [] };
}

const takers: Record<Content, (batch: Batch) => Promise<void>> = {
  events: takeEvents,
  conversions: takeConversions,
  payments: takePayments,
  post_metrics: takeMetrics,
  costs: takeCosts,
};
/** Costs are recognised as known by how many alike there are, so as many as possible go together. */
const AT_ONCE: Record<Content, number> = {
  events: 1000,
  conversions: 500,
  payments: 100,
  post_metrics: 500,
  costs: 5000,
};

/** Brings in a CSV, row by row, by the columns that were named. A row that cannot be taken is refused alone. */
export async function importCsv(context: Context, transfer: Transfer, path: string): Promise<void> {
  const { appId, content } = transfer;
  if (!appId || !content)
    throw refuse('invalid', 'content_missing', 'Say which app this file is for and what its rows are.');
  const about: About = { context, transfer, appId, currency: (await workspaceOf(context)).currency };
  if (transfer.place?.step !== 'storing') await readAll(about, content, path);
  if (content === 'events') await storeStaged(context, transfer, appId);
}

async function readAll(about: About, content: Content, path: string): Promise<void> {
  const { context, transfer } = about;
  const start = transfer.place?.line ?? 0;
  let head: string[] | null = null;
  let batch: Row[] = [];
  const keep = async (names: readonly string[]) => {
    const refused: Refused[] = [];
    const lines = batch.flatMap(({ line, cells }) => {
      if (cells.length === names.length) return [{ line, cell: cellOf(names, cells, transfer.settings.columns ?? {}) }];
      refused.push({ line, reason: `It has ${cells.length} cells where the first line names ${names.length}.` });
      return [];
    });
    const place = { step: 'reading', line: batch.at(-1)?.line ?? 0 };
    batch = [];
    await takers[content]({ about, lines, place, refused });
  };
  for await (const row of readRows(createReadStream(path))) {
    if (head === null) {
      head = row.cells.map((cell) => cell.replace(/^\uFEFF/, '').trim());
      transfer.settings.columns ??= guessColumns(content, head);
      const missing = missingColumns(content, transfer.settings.columns);
      if (missing.length > 0)
        throw refuse('invalid', 'columns_missing', `Say which column of the file is: ${missing.join(', ')}.`);
    } else if (row.line > start && row.cells.some((cell) => cell.trim() !== '')) batch.push(row);
    if (batch.length >= AT_ONCE[content]) await keep(head);
  }
  if (head === null) throw refuse('invalid', 'empty_file', 'This file is empty.');
  if (batch.length > 0) await keep(head);
  if (content === 'events')
    await transaction(context, (inside) => note(inside, transfer, { step: 'storing', line: 0 }, {}));
}

function cellOf(head: readonly string[], cells: readonly string[], columns: Readonly<Record<string, string>>): Cell {
  return (column) => {
    const name = columns[column];
    return name === undefined ? '' : (cells[head.indexOf(name)] ?? '').replaceAll('\u0000', '').trim();
  };
}

const tell = (text: string) => `“${text.slice(0, 60)}”`;

async function takeEvents({ about, lines, place, refused }: Batch): Promise<void> {
  const rows: StagedRow[] = [];
  for (const { line, cell } of lines) {
    const read = eventOf(cell, about.currency);
    if ('reason' in read) refused.push({ line, reason: read.reason });
    else rows.push({ file: '', line, event: read });
  }
  await transaction(about.context, async (inside) => {
    await stage(inside, about.transfer, rows);
    await note(inside, about.transfer, place, { refused });
  });
}

function eventOf(cell: Cell, fallback: string): ToldEvent | { reason: string } {
  const at = momentOf(cell('time'));
  if (!at) return { reason: `${tell(cell('time'))} is no time. Write it as 2026-11-22T09:00:00Z.` };
  if (cell('visitor') === '') return { reason: 'The visitor is missing.' };
  const page = URL.canParse(cell('path')) ? new URL(cell('path')) : null;
  const query = new URLSearchParams(page?.search ?? '');
  for (const tag of ['utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'utm_term'])
    if (cell(tag) !== '') query.set(tag, cell(tag));
  const currency = cell('currency').toUpperCase() || fallback;
  const minor = cell('value') === '' ? null : minorOf(cell('value'), currency);
  if (cell('value') !== '' && minor === null)
    return { reason: `${tell(cell('value'))} is no amount of ${currency.slice(0, 10)}.` };
  const id = cell('id').toLowerCase();
  const referrer = cell('referrer');
  return {
    at,
    kind: (cell('kind') || 'pageview').replace(/^(page_?view|\$pageview|view)$/i, 'pageview').slice(0, 64),
    visitor: cell('visitor'),
    host: (cell('host') || page?.hostname || '').toLowerCase(),
    path: page?.pathname ?? (cell('path').replace(/[?#].*$/, '') || '/'),
    query: query.toString(),
    referrer: referrer === '' ? null : URL.canParse(referrer) ? referrer : `https://${referrer}`,
    country: countryNamed(cell('country')),
    device: deviceNamed(cell('device')),
    browser: browserNamed(cell('browser')),
    system: systemNamed(cell('system')),
    value: minor === null ? null : { minor, currency },
    id: UUID.test(id) ? id : null,
  };
}

/** An import goes the way a program with a key would go, so that nothing is judged by a second set of rules. */
function asCaller({ context }: About): { context: Caller } {
  const { who, workspaceId, address } = context;
  return { context: { world: context, who, workspaceId, address, requestId: 'import' } };
}

async function takeConversions({ about, lines, place, refused }: Batch): Promise<void> {
  const { context, transfer, appId } = about;
  const events = lines.flatMap(({ line, cell }) => {
    const at = momentOf(cell('time'));
    const currency = cell('currency').toUpperCase() || about.currency;
    const minor = cell('value') === '' ? null : minorOf(cell('value'), currency);
    const kind = cell('kind') || 'signup';
    const reason = !at
      ? `${tell(cell('time'))} is no time. Write it as 2026-11-22T09:00:00Z.`
      : cell('person') === ''
        ? 'The person is missing.'
        : cell('value') !== '' && minor === null
          ? `${tell(cell('value'))} is no amount of ${currency.slice(0, 10)}.`
          : null;
    if (!at || reason !== null) {
      refused.push({ line, reason: reason ?? '' });
      return [];
    }
    const event = {
      id: stableId(appId, kind, cell('person'), at.toISOString()),
      kind,
      person: cell('person'),
      occurredAt: at.toISOString(),
      ...(cell('email') === '' ? {} : { email: cell('email') }),
      ...(UUID.test(cell('click').toLowerCase()) ? { ff: cell('click').toLowerCase() } : {}),
      ...(minor === null ? {} : { value: { minor, currency } }),
    };
    return [{ line, at, event }];
  });
  const stored = await transaction(context, (inside) => storedEvents(inside, appId, events));
  const fresh = events.filter(({ event }) => !stored.has(event.id));
  const counts: Counts = { done: 0, known: events.length - fresh.length, refused };
  if (fresh.length > 0) {
    const input = { appId, events: fresh.map(({ event }) => event) };
    const sent = await call(eventOperations.sendBatch, input, asCaller(about));
    counts.done = sent.stored;
    counts.known = (counts.known ?? 0) + sent.duplicates;
    for (const one of sent.events)
      if (one.outcome === 'refused')
        refused.push({ line: fresh[one.index]?.line ?? 0, reason: one.message ?? 'It was not accepted.' });
  }
  await transaction(context, (inside) => note(inside, transfer, place, counts));
}

async function storedEvents(
  { tx }: Inside,
  appId: string,
  events: readonly { at: Date; event: { id: string } }[],
): Promise<Set<string>> {
  if (events.length === 0) return new Set();
  const rows = await tx
    .selectFrom('events')
    .select('id')
    .where('appId', '=', appId)
    .where(
      'occurredAt',
      'in',
      events.map(({ at }) => at),
    )
    .where(
      'id',
      'in',
      events.map(({ event }) => event.id),
    )
    .execute();
  return new Set(rows.map(({ id }) => id));
}

async function takePayments({ about, lines, place, refused }: Batch): Promise<void> {
  const { context, transfer, appId } = about;
  let done = 0;
  let known = 0;
  for (const { line, cell } of lines) {
    const at = momentOf(cell('time'));
    const currency = cell('currency').toUpperCase() || about.currency;
    const [minor, taxMinor, feeMinor] = ['amount', 'tax', 'fee'].map((column) => minorOf(cell(column), currency));
    const wrong = (['amount', 'tax', 'fee'] as const).find(
      (column, at_) => (column === 'amount' || cell(column) !== '') && ![minor, taxMinor, feeMinor][at_],
    );
    if (!at) refused.push({ line, reason: `${tell(cell('time'))} is no time. Write it as 2026-11-22T09:00:00Z.` });
    else if (wrong || !minor)
      refused.push({
        line,
        reason: `${tell(cell(wrong ?? 'amount'))} is no ${wrong ?? 'amount'} in ${currency.slice(0, 10)}. Write it as 12.50.`,
      });
    else {
      const who = {
        ...(cell('person') ? { person: cell('person') } : {}),
        ...(cell('email') ? { email: cell('email') } : {}),
      };
      const input = {
        appId,
        reference:
          cell('reference') || stableId(appId, at.toISOString(), minor, currency, cell('person') || cell('email')),
        amount: { minor, currency },
        ...(taxMinor ? { taxMinor } : {}),
        ...(feeMinor ? { feeMinor } : {}),
        ...(Object.keys(who).length > 0 ? { customer: who } : {}),
        ...(cell('click') ? { metadata: { ff: cell('click') } } : {}),
        paidAt: at.toISOString(),
      };
      try {
        const { recorded } = await call(recordedPaymentOperations.record, input, asCaller(about));
        if (recorded) done++;
        else known++;
      } catch (error) {
        refused.push({ line, reason: wordsOf(error) });
      }
    }
  }
  await transaction(context, (inside) => note(inside, transfer, place, { done, known, refused }));
}

/** What an operation said of an input it did not take; a fault of ours is no fault of the row. */
function wordsOf(error: unknown): string {
  const {
    status = 500,
    message = '',
    cause,
  } = error as { status?: number; message?: string; cause?: { issues?: { message: string }[] } };
  if (status >= 500) throw error;
  return cause?.issues?.[0]?.message ?? message;
}

async function takeMetrics({ about, lines, place, refused }: Batch): Promise<void> {
  const { context, transfer } = about;
  await transaction(context, async (inside) => {
    const wanted = lines.map((line) => ({ ...line, key: remoteId(line.cell('post')) }));
    const parts = await partsNamed(
      inside,
      wanted.map(({ key }) => key),
    );
    const metrics = new Map<string, ImportedMetrics>();
    for (const { line, cell, key } of wanted) {
      const part = parts.get(key);
      const counts: Partial<Record<Counter, number>> = {};
      const wrong = counters.find((name) => {
        const count = cell(name) === '' ? null : wholeOf(cell(name));
        if (count !== null) counts[name] = count;
        return cell(name) !== '' && count === null;
      });
      if (!part)
        refused.push({
          line,
          reason: `${tell(cell('post'))} is no post that is known here. Bring in the posts first.`,
        });
      else if (wrong) refused.push({ line, reason: `${tell(cell(wrong))} in ${wrong} is no count.` });
      else
        metrics.set(part.id, {
          publicationPartId: part.id,
          postId: part.postId,
          at: momentOf(cell('time')) ?? inside.clock.now(),
          ...counts,
        });
    }
    const done = await keepImportedMetrics(inside, [...metrics.values()]);
    await note(inside, transfer, place, { done, known: metrics.size - done, refused });
  });
}

/** The platform's id in an address of a post, or the id itself. */
function remoteId(text: string): string {
  return /\/status\/(\d+)/.exec(text)?.[1] ?? text;
}

async function partsNamed({ tx }: Inside, keys: readonly string[]) {
  if (keys.length === 0) return new Map<string, { id: string; postId: string }>();
  const rows = await tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select(['publicationParts.id', 'publications.postId', 'platformId', 'platformUrl'])
    .where((eb) => eb.or([eb('platformId', 'in', [...keys]), eb('platformUrl', 'in', [...keys])]))
    .execute();
  return new Map(
    rows.flatMap((row) => [row.platformId, row.platformUrl].flatMap((key) => (key ? [[key, row] as const] : []))),
  );
}

async function takeCosts({ about, lines, place, refused }: Batch): Promise<void> {
  const { context, transfer, appId } = about;
  const columns = ['date', 'amount', 'channel', 'kind', 'currency', 'campaign', 'note'];
  const csv = Papa.unparse([columns, ...lines.map(({ cell }) => columns.map((column) => cell(column)))]);
  await transaction(context, async (inside) => {
    const { added, already, problems } = await importCosts(inside, { appId, csv });
    for (const { line, reason } of problems) refused.push({ line: lines[line - 2]?.line ?? place.line, reason });
    await note(inside, transfer, place, { done: added, known: already, refused });
  });
}
