import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import type { Json } from '#src/db/types.ts';
import { day, done, id, numberCursor, operation, pageInput } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { hashToken, randomToken } from '#src/secrets.ts';
import { appOf } from '#src/understand/apps.ts';
import { assertNotTooMany } from './files.ts';
import { preview } from './preview.ts';
import { removeFile } from './run.ts';
import { contents, exportFormats, importFormats, transferOf } from './store.ts';
import { kindsOfRows, type RowKind } from './tables.ts';

const LINK_MINUTES = 30;
const kinds = Object.keys(kindsOfRows) as [RowKind, ...RowKind[]];

const shown = z.object({
  id,
  appId: id.nullable(),
  direction: z.enum(['import', 'export']),
  format: z.enum([...importFormats, 'ndjson', 'parquet']),
  content: z.enum(contents).nullable(),
  state: z.enum(['uploaded', 'waiting', 'running', 'done', 'failed', 'cancelled']),
  fileName: z.string().nullable(),
  bytes: z.int().nullable(),
  rowsDone: z.int(),
  /** Rows that stood there already. */
  rowsKnown: z.int(),
  rowsRefused: z.int(),
  message: z.string().nullable(),
  summary: z.array(z.string()),
  /** Whether the file is still kept: an export can be fetched then. */
  hasFile: z.boolean(),
  requestedAt: z.date(),
  finishedAt: z.date().nullable(),
});

function select({ tx }: Inside) {
  return tx
    .selectFrom('transfers')
    .select(['id', 'appId', 'direction', 'format', 'content', 'state', 'fileName', 'bytes', 'rowsDone', 'rowsKnown'])
    .select(['rowsRefused', 'message', 'summary', 'requestedAt', 'finishedAt', 'fileRemovedAt']);
}

type Row = Awaited<ReturnType<ReturnType<typeof select>['executeTakeFirstOrThrow']>>;
const toShown = ({ fileRemovedAt, ...row }: Row) =>
  ({ ...row, hasFile: fileRemovedAt === null }) as z.input<typeof shown>;

const choice = {
  transferId: id,
  format: z.enum(importFormats).optional().describe('Left out: by what lies in the file.'),
  content: z.enum(contents).optional().describe('What the rows of a CSV are; left out: by its columns.'),
  columns: z
    .record(z.string().max(60), z.string().max(300))
    .optional()
    .describe('Of a CSV: our column and the one of the file, e.g. {"time": "Paid at"}. Left out: by their names.'),
};

export const transferOperations = {
  list: operation({
    summary: 'List imports and exports, newest first.',
    route: 'GET /transfers',
    access: 'read',
    role: 'editor',
    input: z.strictObject({ ...pageInput, cursor: numberCursor }),
    output: z.object({ transfers: z.array(shown), cursor: z.string().nullable() }),
    run: (context, { limit, cursor }) =>
      transaction(context, async (inside) => {
        const from = Number(cursor ?? 0);
        const rows = await select(inside)
          .orderBy('requestedAt', 'desc')
          .orderBy('id')
          .offset(from)
          .limit(limit)
          .execute();
        return { transfers: rows.map(toShown), cursor: rows.length === limit ? String(from + limit) : null };
      }),
  }),
  get: operation({
    summary: 'Show an import or export: how far it is, what came of it.',
    route: 'GET /transfers/{transferId}',
    access: 'read',
    role: 'editor',
    input: z.strictObject({ transferId: id }),
    output: shown,
    run: (context, { transferId }) =>
      transaction(context, async (inside) => {
        const row = await select(inside).where('id', '=', transferId).executeTakeFirst();
        if (!row) throw notFound('import or export');
        return toShown(row);
      }),
  }),
  refusals: operation({
    summary: 'List the rows an import did not take, with line and reason.',
    route: 'GET /transfers/{transferId}/refusals',
    access: 'read',
    role: 'editor',
    input: z.strictObject({ transferId: id, ...pageInput, cursor: numberCursor }),
    output: z.object({
      refusals: z.array(z.object({ file: z.string(), line: z.int(), reason: z.string() })),
      cursor: z.string().nullable(),
    }),
    run: (context, { transferId, limit, cursor }) =>
      transaction(context, async (inside) => {
        await transferOf(inside, transferId);
        const from = Number(cursor ?? 0);
        const refusals = await inside.tx
          .selectFrom('transferRefusals')
          .select(['file', 'line', 'reason'])
          .where('transferId', '=', transferId)
          .orderBy('file')
          .orderBy('line')
          .offset(from)
          .limit(limit)
          .execute();
        return { refusals, cursor: refusals.length === limit ? String(from + limit) : null };
      }),
  }),
  preview: operation({
    summary:
      'Look into an uploaded file: what it is, which column is what, what would be brought in. Nothing is written.',
    route: 'POST /transfers/{transferId}/preview',
    access: 'write',
    long: true,
    input: z.strictObject(choice),
    output: z.object({
      format: z.enum(importFormats),
      content: z.enum(contents).nullable(),
      found: z.array(z.string()),
      head: z.array(z.string()),
      rows: z.array(z.array(z.string())),
      columns: z.record(z.string(), z.string()),
      missing: z.array(z.string()),
      refused: z.array(z.object({ file: z.string(), line: z.int(), reason: z.string() })),
      obstacle: z.string().nullable(),
    }),
    run: (context, { transferId, ...asked }) => preview(context, transferId, asked),
  }),
  start: operation({
    summary: 'Bring in an uploaded file: X archive, CSV, Plausible, Umami, Google Analytics, or an export of Fanfare.',
    route: 'POST /transfers/{transferId}/start',
    access: 'write',
    long: true,
    input: z.strictObject({
      ...choice,
      appId: id.optional().describe('The app it is for; an export of Fanfare needs none.'),
    }),
    output: z.object({ id, format: z.enum(importFormats) }),
    run: async (context, { transferId, appId, ...asked }) => {
      if (appId) await transaction(context, (inside) => appOf(inside, appId));
      const seen = await preview(context, transferId, asked);
      if (seen.format === 'archive')
        assertOwner(context, 'An export is brought in by an owner of the workspace, signed in.');
      if (seen.obstacle) throw refuse('conflict', 'not_here', seen.obstacle);
      if (seen.format !== 'archive' && !appId) throw refuse('invalid', 'app_missing', 'Say which app this is for.');
      if (seen.format === 'csv' && !seen.content)
        throw refuse(
          'invalid',
          'content_missing',
          'Say what the rows are: events, conversions, payments, post_metrics or costs.',
        );
      if (seen.missing.length > 0)
        throw refuse('invalid', 'columns_missing', `Say which column of the file is: ${seen.missing.join(', ')}.`);
      return transaction(context, async (inside) => {
        if (appId) await appOf(inside, appId);
        const { numUpdatedRows } = await inside.tx
          .updateTable('transfers')
          .set({
            appId: seen.format === 'archive' ? null : (appId ?? null),
            format: seen.format,
            content: seen.content,
            settings: JSON.stringify(seen.format === 'csv' ? { columns: seen.columns } : {}) as Json,
            state: 'waiting',
          })
          .where('id', '=', transferId)
          .where('state', '=', 'uploaded')
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw refuse('conflict', 'started', 'This file is being brought in already.');
        await audit(inside, {
          operation: 'transfers.start',
          subject: transferId,
          after: { format: seen.format, content: seen.content },
        });
        await record(inside, 'transfer.requested', {
          subjectId: transferId,
          detail: { direction: 'import', format: seen.format },
        });
        return { id: transferId, format: seen.format };
      });
    },
  }),
  export: operation({
    summary: 'Export everything, or some kinds of rows and days, as NDJSON, CSV or Parquet in a zip file.',
    route: 'POST /exports',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      format: z.enum(exportFormats).default('ndjson'),
      kinds: z
        .array(z.enum(kinds))
        .max(kinds.length)
        .optional()
        .describe('Left out: everything, which can be brought back in.'),
      from: day.optional().describe('First day, by the workspace’s time zone.'),
      until: day.optional().describe('Last day.'),
    }),
    output: z.object({ id }),
    run: (context, { format, ...settings }) => {
      if (settings.from && settings.until && settings.from > settings.until)
        throw refuse('invalid', 'range', 'The first day is after the last one.');
      return transaction(context, async (inside) => {
        await assertNotTooMany(inside);
        const { id: transferId } = await inside.tx
          .insertInto('transfers')
          .values({
            workspaceId: inside.workspaceId,
            direction: 'export',
            format,
            state: 'waiting',
            settings: JSON.stringify(settings) as Json,
            requestedBy: userOf(inside),
            requestedAt: inside.clock.now(),
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        await audit(inside, { operation: 'transfers.export', subject: transferId, after: { format, ...settings } });
        await record(inside, 'transfer.requested', { subjectId: transferId, detail: { direction: 'export', format } });
        return { id: transferId };
      });
    },
  }),
  link: operation({
    summary: 'Make a link by which a finished export can be downloaded for half an hour.',
    route: 'POST /transfers/{transferId}/link',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ transferId: id }),
    output: z.object({ url: z.string(), expiresAt: z.date() }),
    run: (context, { transferId }) =>
      transaction(context, async (inside) => {
        const { workspaceId, clock, publicUrl } = inside;
        const token = randomToken();
        const expiresAt = new Date(clock.now().getTime() + LINK_MINUTES * 60_000);
        await transferOf(inside, transferId);
        const { numUpdatedRows } = await inside.tx
          .updateTable('transfers')
          .set({ linkHash: hashToken(token), linkExpiresAt: expiresAt })
          .where('id', '=', transferId)
          .where('direction', '=', 'export')
          .where('state', '=', 'done')
          .where('fileRemovedAt', 'is', null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n)
          throw refuse('conflict', 'no_file', 'There is no file to fetch: it is not finished, or a week is over.');
        await audit(inside, { operation: 'transfers.link', subject: transferId });
        return { url: `${publicUrl}/transfers/${workspaceId}/${transferId}/${token}`, expiresAt };
      }),
  }),
  cancel: operation({
    summary: 'Cancel an import or export, or remove its file. What was brought in already stays.',
    route: 'POST /transfers/{transferId}/cancel',
    access: 'write',
    input: z.strictObject({ transferId: id }),
    output: done,
    run: async (context, { transferId }) => {
      await transaction(context, async (inside) => {
        const { direction } = await transferOf(inside, transferId);
        if (direction === 'export')
          assertOwner(inside, 'Exports are cancelled by an owner of the workspace, signed in.');
        await inside.tx
          .updateTable('transfers')
          .set({ state: 'cancelled', finishedAt: inside.clock.now(), claimedUntil: null })
          .where('id', '=', transferId)
          .where('state', 'in', ['uploaded', 'waiting', 'running'])
          .execute();
        await audit(inside, { operation: 'transfers.cancel', subject: transferId });
      });
      await removeFile(context, transferId);
      return { done: true };
    },
  }),
};

function assertOwner({ who }: Context, sentence: string): void {
  if (who.kind !== 'user' || who.role !== 'owner') throw refuse('forbidden', 'role', sentence);
}
