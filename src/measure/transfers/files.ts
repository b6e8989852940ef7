import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { asSystem, type Context, transaction, userOf, type World } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';
import { hashToken } from '#src/secrets.ts';
import { assertRoom, fileOf } from './store.ts';

export const MOST_FILE_BYTES = 4_000_000_000;
/** Files and exports in an hour: each may keep the machine busy for minutes. */
const MOST_AN_HOUR = 60;
/** Files that came in and were not begun; with one more the oldest goes. */
const MOST_UPLOADED = 5;
/** How often the disk is looked at while a file comes in. */
const LOOK_EVERY = 100_000_000;

/** Keeps somebody from filling the disk. Called in the transaction that begins an import or export. */
export async function assertNotTooMany(context: Context): Promise<void> {
  const { rows } = await transaction(context, ({ tx, workspaceId, clock }) =>
    sql<{ lately: number }>`select count(*) as lately from transfers
      where workspace_id = ${workspaceId} and requested_at > ${new Date(clock.now().getTime() - 3_600_000)}`.execute(
      tx,
    ),
  );
  if ((rows[0]?.lately ?? 0) >= MOST_AN_HOUR)
    throw refuse(
      'too_many',
      'transfers',
      `At most ${MOST_AN_HOUR} imports and exports are begun in an hour. Try again later.`,
    );
}

/** Keeps a file that comes in, piece by piece, until somebody says what to do with it. Returns its transfer. */
export async function keepUpload(
  context: Context,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ id: string; bytes: number }> {
  await assertNotTooMany(context);
  await assertRoom(context, 0);
  const id = randomUUID();
  const path = await fileOf(context, id);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    await pipeline(
      pieces,
      async function* (source: AsyncIterable<Uint8Array>) {
        for await (const piece of source) {
          const looked = Math.floor(bytes / LOOK_EVERY);
          bytes += piece.length;
          if (Math.floor(bytes / LOOK_EVERY) > looked) await assertRoom(context, 0);
          if (bytes > MOST_FILE_BYTES)
            throw refuse(
              'invalid',
              'file_too_large',
              `Files may have up to ${MOST_FILE_BYTES / 1e9} GB. Send it in pieces.`,
            );
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(path, { mode: 0o600 }),
    );
    if (bytes === 0) throw refuse('invalid', 'empty_file', 'This file is empty.');
    const gone = await transaction(context, async (inside) => {
      const old = await inside.tx
        .selectFrom('transfers')
        .select('id')
        .where('state', '=', 'uploaded')
        .orderBy('requestedAt', 'desc')
        .orderBy('id')
        .offset(MOST_UPLOADED - 1)
        .forUpdate()
        .execute();
      const ids = old.map((one) => one.id);
      const now = inside.clock.now();
      if (ids.length > 0)
        await inside.tx
          .updateTable('transfers')
          .set({ state: 'cancelled', finishedAt: now, fileRemovedAt: now })
          .where('id', 'in', ids)
          .execute();
      await inside.tx
        .insertInto('transfers')
        .values({
          workspaceId: inside.workspaceId,
          id,
          direction: 'import',
          format: 'csv',
          state: 'uploaded',
          fileName: name.slice(0, 200),
          bytes,
          sha256: hash.digest('hex'),
          requestedBy: userOf(inside),
          requestedAt: inside.clock.now(),
        })
        .execute();
      await audit(inside, { operation: 'transfers.upload', subject: id, after: { name: name.slice(0, 200), bytes } });
      return ids;
    });
    for (const one of gone) await rm(await fileOf(context, one), { force: true });
    return { id, bytes };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** The finished export behind a download link, or null: not there, not that token, or the link has expired. */
export async function exportBehind(
  world: World,
  { workspaceId, transferId, token }: { workspaceId: string; transferId: string; token: string },
): Promise<{ path: string; bytes: number; name: string } | null> {
  const row = await transaction(asSystem(world, workspaceId, 'download'), ({ tx, clock }) =>
    tx
      .selectFrom('transfers')
      .select(['bytes', 'format', 'finishedAt'])
      .where('id', '=', transferId)
      .where('direction', '=', 'export')
      .where('state', '=', 'done')
      .where('fileRemovedAt', 'is', null)
      .where('linkHash', '=', hashToken(token))
      .where('linkExpiresAt', '>', clock.now())
      .executeTakeFirst(),
  );
  if (!row || row.bytes === null) return null;
  const day = row.finishedAt?.toISOString().slice(0, 10) ?? '';
  return { path: await fileOf(world, transferId), bytes: row.bytes, name: `fanfare-${day}-${row.format}.zip` };
}
