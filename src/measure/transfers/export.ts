import { rename, rm, stat } from 'node:fs/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import packageJson from '#package' with { type: 'json' };
import { type Context, type Inside, transaction } from '#src/context.ts';
import { localDay } from '#src/measure/local-days.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { type Format, formats, written } from './formats.ts';
import { asideOf, fileOf, note, type Transfer } from './store.ts';
import { type Cells, kindsOfRows, type Range, readTables, rowsOf, type Table, timeOf } from './tables.ts';
import { writeZip } from './zip-write.ts';

export const MANIFEST = 'manifest.json';

/** What lies in an archive; the last file written, so that its counts are those of the files. */
export const manifestShape = z.object({
  what: z.literal('fanfare export'),
  version: z.literal(1),
  made: z.string(),
  program: z.string(),
  /** The newest migration: an older program does not read a newer archive. */
  schema: z.string(),
  format: z.enum(formats),
  whole: z.boolean(),
  workspace: z.object({ id: z.string(), name: z.string(), timeZone: z.string(), currency: z.string() }),
  /** The public keys that stand in the apps' pages. */
  appKeys: z.array(z.object({ appId: z.string(), publicKey: z.string() })),
  tables: z.array(
    z.object({
      name: z.string(),
      file: z.string(),
      rows: z.number(),
      bytes: z.number(),
      sha256: z.string(),
      columns: z.array(z.object({ name: z.string(), type: z.string() })),
    }),
  ),
});
export type Manifest = z.output<typeof manifestShape>;

/**
 * Writes the archive of a workspace: a file per table and the manifest. All of it is what stood there at one moment
 * (one snapshot), however long the writing takes. Begun again after a restart, it starts from the beginning: a later
 * moment is as good. Returns the size in bytes and the rows.
 */
export async function exportAll(context: Context, transfer: Transfer): Promise<{ bytes: number; rows: number }> {
  await transaction(context, async (inside) => {
    while ((await addChanges(inside)) > 0);
  });
  const format = z.enum(formats).parse(transfer.format);
  const { timeZone } = await workspaceOf(context);
  const path = await asideOf(context, transfer.id);
  const zip = await writeZip(path);
  try {
    const manifest = await context.db.transaction({ workspaceId: context.workspaceId }, async (tx) => {
      await sql`set transaction isolation level repeatable read read only`.execute(tx);
      const inside: Inside = { ...context, tx };
      const found: Manifest['tables'] = [];
      for (const table of wanted(await readTables(tx), transfer.settings.kinds)) {
        let rows = 0;
        const file = `${table.name}.${format}`;
        const counted = async function* (): AsyncGenerator<Cells[]> {
          for await (const batch of rowsOf(inside, table, rangeOf(transfer, table, timeZone))) {
            rows += batch.length;
            yield batch;
            await transaction(context, (other) => note(other, transfer, null, { done: batch.length }));
          }
        };
        const aside = await asideOf(context, transfer.id);
        const pieces = written(format, table.columns, counted(), aside);
        const { bytes, sha256 } = await zip.add(file, pieces, format !== 'parquet');
        const columns = table.columns.map(({ name, type }) => ({ name, type }));
        found.push({ name: table.name, file, rows, bytes, sha256, columns });
      }
      return describe(inside, format, found, transfer);
    });
    await zip.add(MANIFEST, once(JSON.stringify(manifest, null, 2)));
    await zip.finish();
    await rename(path, await fileOf(context, transfer.id));
    const { size } = await stat(await fileOf(context, transfer.id));
    return { bytes: size, rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0) };
  } catch (error) {
    await zip.abandon().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

function wanted(tables: Table[], kinds: Transfer['settings']['kinds']): Table[] {
  if (!kinds || kinds.length === 0) return tables;
  const names = new Set<string>(kinds.flatMap((kind) => kindsOfRows[kind]));
  return tables.filter(({ name }) => names.has(name));
}

/** Days of the workspace's zone, both included, as the table's own time column counts. */
function rangeOf({ settings }: Transfer, table: Table, timeZone: string): Range {
  const column = table.columns.find(({ name }) => name === timeOf[table.name]);
  if (!column || (!settings.from && !settings.until)) return null;
  const from = settings.from ?? '1970-01-01';
  const until = settings.until ?? '2199-12-30';
  const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
  const start = (day: string) => localDay(timeZone, noon(day));
  if (column.kind !== 'moment') return { from, until: new Date(noon(until) + 86_400_000).toISOString().slice(0, 10) };
  const [first, last] = [start(from), start(until)];
  return { from: new Date(first.from), until: new Date(last.until) };
}

async function describe(
  inside: Inside,
  format: Format,
  tables: Manifest['tables'],
  transfer: Transfer,
): Promise<Manifest> {
  const { id, name, timeZone, currency } = await workspaceOf(inside);
  const schema = await schemaVersion(inside);
  const appKeys = await inside.tx
    .selectFrom('appKeys')
    .select(['appId', 'publicKey'])
    .where('workspaceId', '=', inside.workspaceId)
    .orderBy('appId')
    .execute();
  const { kinds = [], from, until } = transfer.settings;
  return {
    what: 'fanfare export',
    version: 1,
    made: inside.clock.now().toISOString(),
    program: packageJson.version,
    schema,
    format,
    whole: kinds.length === 0 && !from && !until,
    workspace: { id, name, timeZone, currency },
    appKeys,
    tables,
  };
}

/** The name of the newest migration. */
export async function schemaVersion({ tx }: Inside): Promise<string> {
  const { rows } = await sql<{ name: string }>`select max(name) as name from migrations`.execute(tx);
  return rows[0]?.name ?? '';
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
