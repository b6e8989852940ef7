import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { takeUnfinished, withMark } from '#src/db/backup.ts';
import { runCli } from '#src/doors/cli/program.ts';
import { addAsset } from '#src/understand/assets.ts';
import { createDatabase, type TestDatabase } from '#test/database.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let house: TestWorld;
let maya: Person;
let folder: string;
const targets: TestDatabase[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-kept-'));
  chmodSync(folder, 0o711);
  house = await openTestWorld();
  maya = await house.join();
  await maya.call.keys.create({ name: 'Deploy', scopes: ['read'] });
  const picture = join(folder, 'picture.png');
  await sharp({ create: { width: 8, height: 8, channels: 3, background: '#2a4d69' } }).toFile(picture);
  await addAsset(maya.context, { path: picture, appId: null, altText: 'Blue', kind: null });
});

afterAll(async () => {
  await house.close();
  for (const target of targets) await target.drop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

test('backup writes one file while the server runs, restore fills an empty database, move takes it to another', async () => {
  const here = {
    FANFARE_DATA: house.data,
    DATABASE_URL: urlOf(house.owner),
    DATABASE_SERVER_URL: urlOf({ ...house.owner, user: 'fanfare_server' }),
  };
  const file = join(folder, 'all.backup');
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, 'an old oak tree by the river\n');
  const made = await fanfare(['backup', file, '--passphrase-file', passphrase], here);
  expect(made).toMatchObject({ code: 0 });
  expect(made.out).toMatch(/\d+ rows of 2\d\d tables, 1 media files/);
  expect(made.out).toContain('secret is in it, encrypted');
  expect((await maya.call.backups.list({})).backups[0]).toMatchObject({
    kind: 'command_line',
    path: file,
    state: 'done',
  });

  const away = { FANFARE_DATA: join(folder, 'away'), DATABASE_URL: await another() };
  expect((await fanfare(['restore', file], away)).err).toContain('encrypted. Give its passphrase');
  const restored = await fanfare(['restore', file, '--passphrase-file', passphrase], away);
  expect(restored).toMatchObject({ code: 0 });
  expect(restored.out).toContain('secret was in the backup and is in its place');
  expect(readFileSync(join(folder, 'away', 'secret.key'), 'utf8')).toBe(
    readFileSync(join(house.data, 'secret.key'), 'utf8'),
  );
  expect(await namesIn(away.DATABASE_URL)).toEqual(['Deploy']);
  const [picture] = readdirSync(join(house.data, 'media'));
  expect(readFileSync(join(folder, 'away', 'media', picture!))).toEqual(
    readFileSync(join(house.data, 'media', picture!)),
  );
  expect((await fanfare(['restore', file, '--passphrase-file', passphrase], away)).err).toContain('Add --replace');

  const to = await another();
  const moved = await fanfare(['move', to], away);
  expect(moved).toMatchObject({ code: 0 });
  expect(moved.out).toMatch(/moved and compared one by one.*Set DATABASE_URL to the new address/s);
  expect(await namesIn(to)).toEqual(['Deploy']);
  // A server that is running would go on writing into the old one.
  await maya.call.keys.list({});
  expect((await fanfare(['move', await another()], here)).err).toContain('A Fanfare is connected');
  expect((await fanfare(['move', 'embedded'], { FANFARE_DATA: away.FANFARE_DATA })).code).toBe(2);
});

test('where there is no Fanfare nothing is backed up, and none is made', async () => {
  const empty = join(folder, 'empty');
  const said = await fanfare(['backup'], { FANFARE_DATA: empty });
  expect(said).toMatchObject({ code: 1, err: expect.stringContaining(`There is no Fanfare in ${empty}.`) });
  expect(existsSync(empty)).toBe(false);
});

test('a restore that was killed is spoken of once, at the next start', async () => {
  const data = join(folder, 'killed');
  let left = '';
  await withMark(data, 'restore', 'a.backup', async () => {
    left = readFileSync(join(data, 'unfinished.json'), 'utf8');
  });
  expect(await takeUnfinished(data)).toBe(null);
  writeFileSync(join(data, 'unfinished.json'), left);
  expect(await takeUnfinished(data)).toContain('The restore from a.backup');
  expect(await takeUnfinished(data)).toBe(null);
});

/** The programs of another major version, such as /usr/lib/postgresql/15/bin. */
const OTHER = process.env.FANFARE_TEST_OTHER_POSTGRES;

test.skipIf(!OTHER)(
  `the data folder’s database moves to another major version and back (${OTHER ?? 'set FANFARE_TEST_OTHER_POSTGRES to its bin folder'})`,
  async () => {
    const file = join(folder, 'embedded.backup');
    const here = {
      FANFARE_DATA: house.data,
      DATABASE_URL: urlOf(house.owner),
      DATABASE_SERVER_URL: urlOf({ ...house.owner, user: 'fanfare_server' }),
    };
    expect((await fanfare(['backup', file], here)).code).toBe(0);
    const data = join(folder, 'embedded');
    mkdirSync(data);
    writeFileSync(join(data, 'secret.key'), readFileSync(join(house.data, 'secret.key')));
    expect(await fanfare(['restore', file], { FANFARE_DATA: data })).toMatchObject({ code: 0 });

    const other = startOther(OTHER!, join(folder, 'other'));
    try {
      const moved = await fanfare(['move', other.url], { FANFARE_DATA: data });
      expect(moved).toMatchObject({ code: 0 });
      expect(await namesIn(other.url)).toEqual(['Deploy']);
      expect((await fanfare(['move', other.url], { FANFARE_DATA: data })).err).toContain('was moved to');
      const back = { FANFARE_DATA: data, DATABASE_URL: other.url };
      expect((await fanfare(['move', 'embedded'], back)).err).toContain('not empty');
      expect((await fanfare(['move', 'embedded', '--replace'], back)).out).toContain('Unset DATABASE_URL');
      const again = await fanfare(['backup', join(folder, 'again.backup')], { FANFARE_DATA: data });
      expect(again).toMatchObject({ code: 0 });
    } finally {
      other.stop();
    }
  },
);

/** A throwaway server; as root it runs as nobody. */
function startOther(bin: string, at: string): { url: string; stop(): void } {
  mkdirSync(at, { mode: 0o711 });
  const asNobody = process.getuid?.() === 0;
  const run = (program: string, args: string[]) => {
    const command = asNobody
      ? ['setpriv', '--reuid=nobody', '--clear-groups', join(bin, program)]
      : [join(bin, program)];
    execFileSync(command[0]!, [...command.slice(1), ...args], { cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] });
  };
  if (asNobody) spawnSync('chown', ['nobody', at]);
  const cluster = join(at, 'data');
  run('initdb', ['-D', cluster, '-U', 'boss', '--encoding=UTF8', '--locale=C', '-A', 'trust']);
  run('pg_ctl', [
    '-D',
    cluster,
    '-o',
    `-k ${at} -c listen_addresses='' -c fsync=off`,
    '-l',
    join(at, 'log'),
    '-w',
    'start',
  ]);
  run('psql', [
    '-q',
    '-h',
    at,
    '-U',
    'boss',
    'postgres',
    '-c',
    'create role owner login createrole createdb',
    '-c',
    'create database fanfare owner owner',
  ]);
  return {
    url: `postgres://owner@localhost/fanfare?host=${encodeURIComponent(at)}`,
    stop: () => run('pg_ctl', ['-D', cluster, '-m', 'immediate', 'stop']),
  };
}

async function another(): Promise<string> {
  const target = await createDatabase();
  targets.push(target);
  return urlOf(target.owner);
}

async function fanfare(argv: string[], environment: Record<string, string>) {
  let [out, err] = ['', ''];
  const code = await runCli(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    interactive: false,
    stdin: () => '',
    environment,
  });
  if (process.env.SHOW) console.log(argv.join(' '), '\n', out, err);
  return { code, out, err };
}

async function namesIn(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>('select name from api_keys');
  await client.end();
  return rows.map(({ name }) => name);
}

function urlOf({ host, port, user, database, password }: pg.ClientConfig): string {
  const login = typeof password === 'string' ? `${user}:${encodeURIComponent(password)}` : user;
  return `postgres://${login}@localhost:${port}/${database}?host=${encodeURIComponent(host!)}`;
}
