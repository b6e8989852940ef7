import { createHash } from 'node:crypto';
import { type FileHandle, mkdtemp, open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromFile, load, openBackup, openSnapshot, type Source, writeBackup } from '#src/db/backup.ts';
import { applyMigration, makeListOfMigrations, migrate, migrateQueue, readMigrations } from '#src/db/migrate.ts';
import { createBareDatabase, createDatabase, type TestDatabase } from '#test/database.ts';
import { openFiller } from '#test/rows.ts';
import { openTestWorld, personOf, type TestWorld } from '#test/world.ts';

/** An age at which a backup was made, with rows in every table, to be restored by the program of today. */
const OLD = '0006_grow.sql';
const PASSPHRASE = 'a long enough passphrase';
const MEDIA = Buffer.from('not really a picture, but as many bytes as one wants'.repeat(10_000));
const NAME = createHash('sha256').update(MEDIA).digest('hex');

let folder: string;
let grown: TestDatabase;
let target: TestDatabase;
let path: string;
const clients: pg.Client[] = [];
const handles: FileHandle[] = [];
let world: TestWorld | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-backup-'));
  path = join(folder, 'all.backup');
  [grown, target] = await Promise.all([createBareDatabase(), createDatabase()]);
});

afterAll(async () => {
  for (const handle of handles) await handle.close();
  for (const client of clients) await client.end();
  await world?.close();
  await target.drop();
  await rm(folder, { recursive: true, force: true });
});

test('rows in every table of every earlier schema go through every later migration', async () => {
  const client = await connect(grown.owner);
  await makeListOfMigrations(client);
  await migrateQueue(grown.owner);
  const filler = openFiller(client);
  for (const migration of await readMigrations()) {
    await client.query('begin');
    await applyMigration(client, migration);
    await client.query('select make_partitions()');
    await filler.fill(migration.sql);
    await client.query('commit');
    if (migration.name === OLD) await keep(join(folder, 'old.backup'));
  }
  const steps: string[] = [];
  await migrate(grown.owner, { onStep: (text) => steps.push(text) });
  expect(steps).toEqual([]);
  const empty = Object.entries(await rowsOf(client)).filter(
    ([table, { rows }]) => rows === 0 && !table.startsWith('graphile_worker.'),
  );
  expect(empty.map(([table]) => table)).toEqual([]);
});

test('the program of today starts on what came through, and reads it', async () => {
  world = await openTestWorld({ database: grown });
  const client = await connect(grown.owner);
  const { rows } = await client.query(
    'select u.id, u.name, u.email, m.workspace_id from memberships m join users u on u.id = m.user_id order by m.ctid limit 1',
  );
  const { workspace_id: workspaceId, ...user } = rows[0];
  const { call } = personOf(world.world, user, workspaceId, 'owner');
  const shown = await Promise.all([
    call.apps.list({}).then(({ apps }) => apps.length),
    call.posts.list({}).then(({ posts }) => posts.length),
    call.keys.list({}).then(({ keys }) => keys.length),
    call.links.list({}).then(({ links }) => links.length),
  ]);
  expect(shown.every((count) => count > 0)).toBe(true);
});

describe('a backup', () => {
  test('is made while rows are written, encrypted, with the media and the secret, as of one moment', async () => {
    const client = await connect(grown.owner);
    await client.query(`select enqueue('react', '{"workspaceId": "x"}'::json, 'a job')`);
    let writing = true;
    const pairs = (async () => {
      const writer = await connect(grown.owner);
      for (let at = 0; writing; at++)
        await writer.query(
          `with one as (insert into users (name, email) values ('Pair', 'pair${at}@example.com') returning id)
           insert into sessions (user_id, token, expires_at) select id, encode(sha256('pair${at}'), 'hex'), now() from one`,
        );
    })();
    const written = await keep(path, PASSPHRASE);
    writing = false;
    await pairs;
    expect(written).toMatchObject({ encrypted: true, contents: { missing: [], secret: { id: 'this one' } } });
    expect(written.sha256).toBe(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
    expect((await readFile(path, 'latin1')).includes('pair0@example.com')).toBe(false);
    expect((await readdir(folder)).filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    // What was written meanwhile is not the backup's; the rest of the tests compare with what is.
    await client.query(`delete from users where name = 'Pair'`);
  });

  test('brings back every row of every table', async () => {
    const file = await openBackup(path, PASSPHRASE);
    const loaded = await load(target.owner, fromFile(file));
    const client = await connect(target.owner);
    const pairs = await client.query(
      `select (select count(*) from users where name = 'Pair') as users, (select count(*) from sessions s join users u on u.id = s.user_id where u.name = 'Pair') as sessions`,
    );
    expect(pairs.rows[0].users).toBe(pairs.rows[0].sessions);
    await client.query(`delete from users where name = 'Pair'`);
    const [here, there] = [await rowsOf(client), await rowsOf(await connect(grown.owner))];
    expect(Object.keys(here).length).toBeGreaterThan(200);
    expect(here).toEqual(there);
    expect(loaded.tables).toBe(Object.keys(here).length);
    expect(await file.secret()).toBe('the secret');
    const media = [];
    for await (const chunk of file.media(file.contents.media[0]!)) media.push(chunk);
    expect(Buffer.concat(media)).toEqual(MEDIA);
    await file.close();
  });

  test('leaves the queue, the sequences, the partitions and the isolation right', async () => {
    const client = await connect(target.owner);
    const job = await client.query(`select key from graphile_worker.jobs where key = 'a job'`);
    expect(job.rowCount).toBe(1);
    // The next numbers come after those that are there.
    await client.query(`select enqueue('react', '{}'::json, 'another')`);
    const { rows } = await client.query(`select workspace_id from traffic_changes limit 1`);
    await client.query(`insert into traffic_changes (workspace_id, changes) values ($1, '{}')`, [rows[0].workspace_id]);
    const same = `select c.relname, c.relrowsecurity, c.relacl::text, pg_get_expr(c.relpartbound, c.oid) as bound,
      (select json_agg(json_build_array(k.conname, pg_get_constraintdef(k.oid)) order by k.conname) from pg_constraint k where k.conrelid = c.oid) as constraints,
      (select json_agg(p.polname) from pg_policy p where p.polrelid = c.oid) as policies
      from pg_class c where c.relnamespace in ('public'::regnamespace, 'part'::regnamespace) and c.relkind in ('r', 'p') order by c.relname`;
    const [here, there] = [await client.query(same), await (await connect(grown.owner)).query(same)];
    expect(here.rows).toEqual(there.rows);
    const server = await connect(target.server);
    expect((await server.query('select from apps')).rowCount).toBe(0);
    await server.query(`set fanfare.workspace = '${rows[0].workspace_id}'`);
    expect((await server.query('select from apps')).rowCount).toBeGreaterThan(0);
    await server.end();
  });

  test('is refused where somebody works, unless it is to replace; an older one is brought up to date', async () => {
    const file = await openBackup(join(folder, 'old.backup'));
    await expect(load(target.owner, fromFile(file))).rejects.toThrow('not empty');
    const loaded = await load(target.owner, fromFile(file), { replace: true });
    expect(loaded.upgraded[0]).toBe('0007_distribute_further.sql');
    const client = await connect(target.owner);
    expect((await client.query('select from posts')).rowCount).toBeGreaterThan(0);
    expect((await client.query('select from report_schedules')).rows).toBeDefined();
    await file.close();
  });

  test('that breaks off in the middle leaves what was there', async () => {
    const client = await connect(target.owner);
    const before = await rowsOf(client);
    const file = await openBackup(path, PASSPHRASE);
    const whole = fromFile(file);
    const torn: Source = {
      ...whole,
      rows: (table) => {
        if (table.name === 'workspaces') throw new Error('the disk is gone');
        return whole.rows(table);
      },
    };
    await expect(load(target.owner, torn, { replace: true })).rejects.toThrow('the disk is gone');
    const changed: Source = {
      ...whole,
      tally: (table) => (table.name === 'activities' ? { rows: 1, digest: '0'.repeat(32) } : whole.tally(table)),
    };
    await expect(load(target.owner, changed, { replace: true })).rejects.toThrow(
      'activities are not those of the source',
    );
    expect(await rowsOf(client)).toEqual(before);
    await file.close();
  });

  test('of a newer Fanfare is refused in words, and so is a database of one', async () => {
    const file = await openBackup(path, PASSPHRASE);
    const { head, ...rest } = fromFile(file);
    const newer = { ...head, migrations: [...head.migrations, { name: '9001_later.sql', sha256: '0'.repeat(64) }] };
    await expect(load(target.owner, { head: newer, ...rest }, { replace: true })).rejects.toThrow(
      /made by a newer Fanfare \(it has 9001_later\.sql\)/,
    );
    await file.close();
    const client = await connect(target.owner);
    await client.query(`insert into migrations (name, sha256) values ('9001_later.sql', 'x')`);
    await expect(migrate(target.owner)).rejects.toThrow(
      /newer Fanfare \(it has 9001_later\.sql\)\. Start that version/,
    );
    await client.query(`delete from migrations where name = '9001_later.sql'`);
  });

  test('does not open without its passphrase, or when a byte of it was changed or its end is missing', async () => {
    await expect(openBackup(path)).rejects.toThrow('encrypted. Give its passphrase');
    await expect(openBackup(path, 'another passphrase')).rejects.toThrow('passphrase is not the one');
    await expect(openBackup(join(folder, 'none'))).rejects.toThrow('cannot be read (ENOENT)');
    const old = join(folder, 'old.backup');
    const handle = await open(old, 'r+');
    handles.push(handle);
    const { size } = await handle.stat();
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, Math.floor(size / 3));
    await handle.write(Buffer.from([byte[0]! ^ 1]), 0, 1, Math.floor(size / 3));
    const file = await openBackup(old);
    const readAll = async () => {
      for (const table of file.contents.tables) for await (const _ of file.rows(table));
      for (const one of file.contents.media) for await (const _ of file.media(one));
    };
    await expect(readAll()).rejects.toThrow('is damaged');
    await file.close();
    await truncate(old, size - 5);
    await expect(openBackup(old)).rejects.toThrow('is not complete');
  });
});

async function keep(to: string, passphrase?: string) {
  const snapshot = await openSnapshot(grown.owner);
  try {
    const beside = {
      media: async () =>
        (async function* () {
          yield MEDIA;
        })(),
      secret: { id: 'this one', text: 'the secret' },
    };
    return await writeBackup(to, { ...snapshot, media: async () => [NAME] }, beside, { passphrase });
  } finally {
    await snapshot.close();
  }
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on('error', () => undefined);
  await client.connect();
  clients.push(client);
  return client;
}

/** Of each table how many rows there are, and a hash of their text: made without anything of ours. */
async function rowsOf(client: pg.Client): Promise<Record<string, { rows: number; hash: string }>> {
  const tables = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relkind in ('r', 'p') and not c.relispartition
     and c.relnamespace in ('public'::regnamespace, 'graphile_worker'::regnamespace) and c.oid <> 'graphile_worker.migrations'::regclass`,
  );
  const text = tables.rows.map(
    ({ name }) =>
      `select '${name}' as name, count(*)::int as rows, coalesce(md5(string_agg(t::text, E'\\n' order by t::text collate "C")), '') as hash from ${name} t`,
  );
  const { rows } = await client.query<{ name: string; rows: number; hash: string }>(text.join(' union all '));
  return Object.fromEntries(rows.map(({ name, ...about }) => [name, about]));
}
