import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { restoreLinkCodes } from '#src/distribute/links/restored.ts';
import { restoreAppKey } from '#src/measure/events/restored.ts';
import { restoreWorkspaceSettings } from '#src/people/workspaces/restored.ts';
import { refuse } from '#src/refusal.ts';
import { MANIFEST, type Manifest, manifestShape, schemaVersion } from './export.ts';
import { type Told, told } from './formats.ts';
import { assertRoom, note, say, type Transfer, withAside } from './store.ts';
import { READ_ONLY, readTables, type Table } from './tables.ts';
import { openZip, type Part, type Zip } from './zip-read.ts';

const AT_ONCE = 500;
/** PostgreSQL: foreign_key_violation. */
const MISSING = '23503';
const WITHOUT = 'It names a row that is not there, and came in without it.';

/** The manifest of an archive, after its files were found to be those it names. */
export async function readManifest(zip: Zip): Promise<Manifest> {
  const part = zip.parts.find(({ name }) => name === MANIFEST);
  if (!part || part.bytes > 5_000_000)
    throw refuse('invalid', 'no_manifest', 'This is no export of Fanfare: manifest.json is missing in it.');
  const pieces: Buffer[] = [];
  for await (const piece of await part.open()) pieces.push(piece as Buffer);
  let read: unknown;
  try {
    read = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  } catch {
    throw refuse('invalid', 'manifest_broken', 'The manifest of this export cannot be read.');
  }
  const manifest = manifestShape.safeParse(read);
  if (!manifest.success)
    throw refuse('invalid', 'manifest_broken', 'The manifest of this export is not one this version can read.');
  const { tables } = manifest.data;
  const twice = (of: (table: (typeof tables)[number]) => string) => new Set(tables.map(of)).size < tables.length;
  if (twice(({ name }) => name) || twice(({ file }) => file))
    throw refuse('invalid', 'manifest_broken', 'The manifest of this export names a table or a file twice.');
  return manifest.data;
}

/** Says why an archive cannot be brought into this workspace, or null. */
export async function whyNotHere(inside: Inside, manifest: Manifest, transferId: string): Promise<string | null> {
  if (!manifest.whole)
    return 'This export holds some kinds of rows only; it is for other programs. What can be brought back in is an export of everything.';
  if (manifest.schema > (await schemaVersion(inside)))
    return 'This export was made by a newer version of Fanfare. Update this one first.';
  const { rows } = await sql<{ apps: number; begun: boolean }>`
    select (select count(*) from apps where workspace_id = ${inside.workspaceId}) as apps,
      exists (select from transfers t where t.workspace_id = ${inside.workspaceId} and t.format = 'archive'
        and t.sha256 = (select sha256 from transfers where workspace_id = ${inside.workspaceId} and id = ${transferId})
        and (t.id = ${transferId} and t.place is not null or t.state in ('done', 'failed') and t.started_at is not null)) as begun
  `.execute(inside.tx);
  if ((rows[0]?.apps ?? 0) > 0 && !rows[0]?.begun)
    return 'An export is brought into an empty workspace, and this one has apps already. Create a new workspace and bring it in there.';
  return null;
}

/**
 * Brings a whole archive into an empty workspace, table by table, ids as they were. Each file is held against its
 * SHA-256 first. Goes on where it stopped; the same archive again changes nothing.
 */
export async function restore(context: Context, transfer: Transfer, path: string): Promise<void> {
  const zip = await openZip(path);
  try {
    const manifest = await readManifest(zip);
    const why = await transaction(context, (inside) => whyNotHere(inside, manifest, transfer.id));
    if (why) throw refuse('conflict', 'not_here', why);
    await checkFiles(zip, manifest);
    const tables = await transaction(context, ({ tx }) => readTables(tx));
    const brought = tables.filter(({ name }) => !READ_ONLY.includes(name));
    if (transfer.place === null)
      await transaction(context, async (inside) => {
        if (await isEmpty(inside)) {
          await clear(inside, brought);
          await restoreWorkspaceSettings(inside, manifest.workspace);
        }
        await note(inside, transfer, { step: '', line: 0 }, {});
      });
    const steps: Step[] = [
      ...brought.map((table) => ({ name: table.name, table, put: insertRows })),
      ...brought
        .filter(({ later }) => later.length > 0)
        .map((table) => ({ name: `${table.name}, what came later`, table, put: setLater })),
    ];
    const begun = steps.findIndex(({ name }) => name === transfer.place?.step);
    for (const step of steps.slice(Math.max(begun, 0))) await bring(context, transfer, zip, manifest, step);
    await finish(context, transfer, manifest, tables);
  } finally {
    zip.close();
  }
}

/** The same archive for the second time must not take away what has come since. */
async function isEmpty({ tx }: Inside): Promise<boolean> {
  return (await tx.selectFrom('apps').select('id').limit(1).executeTakeFirst()) === undefined;
}

/** What a new workspace has by itself (built-in templates and the like) gives way to what the archive has. */
async function clear(inside: Inside, tables: readonly Table[]): Promise<void> {
  for (const { name, appendOnly } of [...tables].reverse())
    if (!appendOnly)
      await sql`delete from ${sql.table(name)} where workspace_id = ${inside.workspaceId}`.execute(inside.tx);
}

async function checkFiles(zip: Zip, manifest: Manifest): Promise<void> {
  for (const { file, sha256 } of manifest.tables) {
    const part = zip.parts.find(({ name }) => name === file);
    if (!part) throw refuse('invalid', 'file_missing', `The file ${file} is missing in this export.`);
    const hash = createHash('sha256');
    for await (const piece of await part.open()) hash.update(piece as Buffer);
    if (hash.digest('hex') !== sha256)
      throw refuse(
        'invalid',
        'file_changed',
        `The file ${file} was changed after the export was made. Nothing was brought in.`,
      );
  }
}

/** Rows are put in, or a column of rows that are there. Returns how many rows were new. */
type Put = (inside: Inside, table: Table, columns: Table['columns'], rows: readonly Told[]) => Promise<number>;
type Step = { name: string; table: Table; put: Put };
type Source = { part: Part; format: Manifest['format']; columns: Table['columns'] };

function sourceOf(zip: Zip, manifest: Manifest, table: Table): Source | null {
  const listed = manifest.tables.find(({ name }) => name === table.name);
  const part = zip.parts.find(({ name }) => name === listed?.file);
  if (!listed || !part || listed.rows === 0) return null;
  const columns = table.columns.filter(({ name }) => listed.columns.some((column) => column.name === name));
  return { part, format: manifest.format, columns };
}

async function bring(
  context: Context,
  transfer: Transfer,
  zip: Zip,
  manifest: Manifest,
  { name, table, put }: Step,
): Promise<void> {
  const source = sourceOf(zip, manifest, table);
  if (!source) return;
  const start = transfer.place?.step === name ? transfer.place.line : 0;
  await inBatches(context, transfer, source, async (batch) => {
    const rows = batch.filter(({ line }) => line > start);
    const last = batch.at(-1)?.line ?? 0;
    if (rows.length === 0) return;
    await transaction(context, async (inside) => {
      const { taken, refused } = await takeRows(inside, rows, (some) => put(inside, table, source.columns, some));
      const counts =
        put === insertRows
          ? { done: taken, known: Math.max(rows.length - taken - refused.length, 0), refused }
          : // What could not be read was refused when its row was to be put in.
            { refused: refused.filter(({ code }) => code === MISSING).map(({ line }) => ({ line, reason: WITHOUT })) };
      const named = counts.refused.map(({ line, reason }) => ({ file: source.part.name, line, reason }));
      await note(inside, transfer, { step: name, line: last }, { ...counts, refused: named });
    });
  });
}

async function inBatches(
  context: Context,
  transfer: Transfer,
  { part, format, columns }: Source,
  use: (batch: Told[]) => Promise<void>,
): Promise<void> {
  await assertRoom(context, part.bytes);
  await withAside(context, transfer.id, async (path) => {
    await pipeline(await part.open(), createWriteStream(path, { mode: 0o600 }));
    let batch: Told[] = [];
    let size = 0;
    for await (const row of told(format, columns, path)) {
      batch.push(row);
      size += row.json.length;
      if (batch.length < AT_ONCE && size < 4_000_000) continue;
      await use(batch);
      batch = [];
      size = 0;
    }
    if (batch.length > 0) await use(batch);
  });
}

/** All at once; when one of them does not fit, one by one, so that the others are taken. */
async function takeRows(inside: Inside, rows: readonly Told[], put: (rows: readonly Told[]) => Promise<number>) {
  const refused: { line: number; code: string; reason: string }[] = [];
  const whole = await attempt(inside, () => put(rows));
  if (typeof whole === 'number') return { taken: whole, refused };
  let taken = 0;
  for (const row of rows) {
    const one = await attempt(inside, () => put([row]));
    if (typeof one === 'number') taken += one;
    else refused.push({ line: row.line, ...one });
  }
  return { taken, refused };
}

async function attempt(inside: Inside, run: () => Promise<number>): Promise<number | { code: string; reason: string }> {
  await sql`savepoint rows`.execute(inside.tx);
  try {
    const taken = await run();
    await sql`release savepoint rows`.execute(inside.tx);
    return taken;
  } catch (error) {
    const { code = '', message, constraint } = error as { code?: string; message: string; constraint?: string };
    await sql`rollback to savepoint rows`.execute(inside.tx);
    if (!/^2[23]/.test(code)) throw error;
    if (code === MISSING) return { code, reason: 'It belongs to a row that is not there.' };
    if (code.startsWith('23')) return { code, reason: `It breaks a rule of its table (${constraint ?? message}).` };
    return { code, reason: `It cannot be read: ${message}.` };
  }
}

async function insertRows(
  { tx, workspaceId }: Inside,
  table: Table,
  columns: Table['columns'],
  rows: readonly Told[],
): Promise<number> {
  if (rows.some(({ json }) => json === ''))
    throw Object.assign(new Error('the number of cells is wrong'), { code: '22000' });
  const json = `[${rows.map((row) => row.json).join(',')}]`;
  const names = columns.map(({ name }) => sql.ref(name));
  const values = columns.map(({ name, user }) => {
    if (table.later.includes(name)) return sql`null`;
    if (!user) return sql.ref(`r.${name}`);
    // People are not part of an archive: who is no member here is left out, whoever else's name an archive knows.
    return sql`(select m.user_id from memberships m where m.workspace_id = ${workspaceId} and m.user_id = ${sql.ref(`r.${name}`)})`;
  });
  const into = sql`${sql.table(table.name)} (workspace_id${names.length > 0 ? sql`, ${sql.join(names)}` : sql``})`;
  const { numAffectedRows } = await sql`
    insert into ${into}
    select ${workspaceId}::uuid${names.length > 0 ? sql`, ${sql.join(values)}` : sql``}
    from json_populate_recordset(null::${sql.table(table.name)}, ${json}::json) r
    on conflict (${sql.join(['workspace_id', ...table.key].map((name) => sql.ref(name)))}) do nothing`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** Columns that name rows which came after them. No row is new by that. */
async function setLater(
  { tx, workspaceId }: Inside,
  table: Table,
  _: Table['columns'],
  rows: readonly Told[],
): Promise<number> {
  // What somebody has changed since the first time stays.
  const set = table.later.map((name) => sql`${sql.ref(name)} = coalesce(t.${sql.ref(name)}, r.${sql.ref(name)})`);
  const same = table.key.map((name) => sql`t.${sql.ref(name)} = r.${sql.ref(name)}`);
  const any = table.later.map((name) => sql`r.${sql.ref(name)} is not null`);
  const json = `[${rows.flatMap((row) => row.json || []).join(',')}]`;
  await sql`
    update ${sql.table(table.name)} t set ${sql.join(set)}
    from json_populate_recordset(null::${sql.table(table.name)}, ${json}::json) r
    where t.workspace_id = ${workspaceId} and ${sql.join(same, sql` and `)} and (${sql.join(any, sql` or `)})`.execute(
    tx,
  );
  return 0;
}

async function finish(
  context: Context,
  transfer: Transfer,
  manifest: Manifest,
  tables: readonly Table[],
): Promise<void> {
  const sentences: string[] = [];
  await transaction(context, async (inside) => {
    const { taken, nowhere } = await restoreLinkCodes(inside);
    if (taken > 0)
      sentences.push(
        `${taken} tracked links have codes that are in use on this installation already: they keep their numbers, and their short addresses lead to where they led before.`,
      );
    if (nowhere > 0)
      sentences.push(`${nowhere} tracked links lead to what is no address: they keep their numbers and stay closed.`);
    let keys = 0;
    for (const { appId, publicKey } of manifest.appKeys) if (!(await restoreAppKey(inside, appId, publicKey))) keys++;
    if (keys > 0)
      sentences.push(
        `${keys} apps got a new tracking key, because theirs is in use on this installation. Change the snippet in their pages.`,
      );
  });
  const unknown = manifest.tables.filter(({ name }) => !tables.some((table) => table.name === name));
  if (unknown.length > 0)
    sentences.push(`Not known to this version and left out: ${unknown.map(({ name }) => name).join(', ')}.`);
  sentences.push(
    'Accounts have to be connected again and payment providers need their keys again: secrets are never part of an export. Nothing that was scheduled goes out by itself; schedule it again. The audit log was left in the file.',
  );
  await say(context, transfer.id, sentences);
}
