import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { installedPackage } from './embedded/binaries.ts';
import { commandOf, isAlive } from './embedded/process.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded.ts';

const onWindows = process.platform === 'win32';
const asRoot = !onWindows && process.getuid!() === 0;

let folder: string;
let data: string;
let steps: string[];
let leftovers: (() => Promise<unknown>)[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare embedded '));
  await chmod(folder, 0o755);
  data = join(folder, 'our data');
  steps = [];
  leftovers = [];
});

afterEach(async () => {
  for (const end of leftovers.reverse()) await end();
  const pid = await postmaster().catch(() => undefined);
  if (pid !== undefined && (await commandOf(pid))?.includes(folder)) {
    process.kill(pid, 'SIGQUIT');
    await until(async () => !(await isAlive(pid)));
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

describe('a first and a second start', () => {
  test('make the database once, and keep what is in it; the path may have spaces', async () => {
    const first = await start();
    expect(first.adopted).toBe(false);
    expect(first.version).toMatch(/^18\.\d+$/);
    await ask(first, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start();
    expect(await ask(second, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(steps).toEqual(['Making the database.']);
  });

  test('give UTF-8 and the builtin locale, though the machine says LANG=C', async () => {
    const script = await run({ env: { LANG: 'C', LC_ALL: 'C' } });
    expect(script.lines).toEqual(['ready false']);
    const server = await start();
    const [database] = await ask(
      server,
      `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider, datlocale as locale
         from pg_database where datname = 'fanfare'`,
    );
    expect(database).toEqual({ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' });
    expect(await ask(server, "select lower('ÄÉ') as small")).toEqual([{ small: 'äé' }]);
  });

  test('give three roles, of which the server owns nothing, and listen to nobody else', async () => {
    const server = await start();
    const roles = await ask(
      server,
      `select rolname, rolsuper, rolcreaterole, rolcreatedb, rolinherit, rolbypassrls, rolcanlogin
         from pg_roles where rolname like 'fanfare%' order by 1`,
      'postgres',
    );
    const plain = { rolsuper: false, rolcreatedb: false, rolinherit: true, rolbypassrls: false, rolcanlogin: true };
    expect(roles).toEqual([
      { rolname: 'fanfare_owner', rolcreaterole: true, ...plain },
      { rolname: 'fanfare_server', rolcreaterole: false, ...plain },
    ]);
    await expect(ask(server, 'create table theirs ()', 'fanfare_server')).rejects.toThrow('permission denied');
    if (onWindows) return;
    expect(await ask(server, 'show listen_addresses')).toEqual([{ listen_addresses: '' }]);
    const { host } = server.connection('fanfare_server');
    expect((await stat(host!)).mode & 0o777).toBe(0o700);
    await ask(server, 'create role stranger login', 'postgres');
    const stranger = new pg.Client({ ...server.connection('postgres'), user: 'stranger' });
    await expect(stranger.connect()).rejects.toThrow('Peer authentication failed');
  });

  test.skipIf(onWindows)('find a short folder for the socket when the path is too long for one', async () => {
    data = join(folder, 'a'.repeat(60), 'b'.repeat(60));
    const server = await start();
    const { host } = server.connection('postgres');
    expect(host!.length).toBeLessThan(90);
    expect((await stat(host!)).mode & 0o777).toBe(0o700);
    await server.stop();
    expect(existsSync(host!)).toBe(false);
  });

  test('keep the settings that the operator adds', async () => {
    await (await start()).stop();
    await writeFile(join(data, 'postgres', 'own.conf'), 'work_mem = 9MB\n');
    expect(await ask(await start(), 'show work_mem')).toEqual([{ work_mem: '9MB' }]);
  });

  test('say what to do with a database of another major version', async () => {
    await (await start()).stop();
    await writeFile(join(data, 'postgres', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toThrow(
      /was made by PostgreSQL 17, and this version of Fanfare brings PostgreSQL 18/,
    );
  });

  test('show what PostgreSQL said when it does not come up', async () => {
    await (await start()).stop();
    await writeFile(join(data, 'postgres', 'own.conf'), 'work_mem = plenty\n');
    await expect(start()).rejects.toThrow(/did not start[\s\S]*invalid value for parameter "work_mem"/);
  });
});

describe('after a violent end', () => {
  test('of Fanfare, its database goes on and is adopted', async () => {
    const killed = await run({ stay: true });
    const before = await postmaster();
    await kill(killed.child);
    expect(await isAlive(before)).toBe(true);
    const server = await start();
    expect(server.adopted).toBe(true);
    expect(await postmaster()).toBe(before);
    expect(await ask(server, 'select count(*)::int as found from sign')).toEqual([{ found: 1 }]);
    await server.stop();
    expect(await isAlive(before)).toBe(false);
  });

  test('of Fanfare and its database, nothing that was confirmed is lost', async () => {
    const killed = await run({ stay: true });
    const before = await postmaster();
    process.kill(before, 'SIGKILL');
    await kill(killed.child);
    const server = await start();
    expect(server.adopted).toBe(false);
    expect(await ask(server, 'select count(*)::int as found from sign')).toEqual([{ found: 1 }]);
  });

  test.skipIf(onWindows)('of the database alone, it is started again at the same address', async () => {
    const server = await start();
    const before = await postmaster();
    process.kill(before, 'SIGKILL');
    await until(
      async () => (await postmaster().catch(() => before)) !== before && steps.at(-1)?.includes('running again'),
    );
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(steps).toContain('The database stopped by itself. Starting it again.');
  });

  test('while the database was being made, it is made anew', async () => {
    for (const moment of [50, 250, 450]) {
      const killed = await run({ stay: true, untilReady: false });
      await until(async () => (await readdir(data).catch(() => [])).some((name) => name.includes('.init-')));
      await pause(moment);
      await kill(killed.child);
      const server = await start();
      expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
      await server.stop();
      expect((await readdir(data)).filter((name) => name.includes('.init-'))).toEqual([]);
      await rm(data, { recursive: true });
    }
  });

  test.skipIf(onWindows)('the process id it left may belong to somebody else by now', async () => {
    const first = await start();
    const owner = await stat(join(data, 'postgres'));
    const file = join(data, 'postgres', 'postmaster.pid');
    const lines = (await readFile(file, 'utf8')).split('\n');
    const { host } = first.connection('postgres');
    await first.stop();
    // Of the server's own account, which PostgreSQL itself would wait for for ever.
    const somebody = spawn('sleep', ['60'], { uid: owner.uid, gid: owner.gid, cwd: '/' });
    leftovers.push(async () => somebody.kill('SIGKILL'));
    for (const left of [file, join(host!, '.s.PGSQL.5432.lock')]) {
      await writeFile(left, [somebody.pid, ...lines.slice(1)].join('\n'), { mode: 0o600 });
      await chown(left, owner.uid, owner.gid);
    }
    const server = await start();
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(somebody.exitCode).toBe(null);
  });
});

describe('two starts at once', () => {
  test('on one folder end up with one server and one database', async () => {
    const both = await Promise.all([start(), start()]);
    expect(both.map((server) => server.adopted).sort()).toEqual([false, true]);
    for (const server of both) expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('from two processes as well', async () => {
    const both = await Promise.all([run({ stay: true }), run({ stay: true })]);
    expect(both.flatMap(({ lines }) => lines).sort()).toEqual(['ready false', 'ready true']);
  });
});

describe('the programs', () => {
  test.skipIf(onWindows)('run though the install script was blocked', async () => {
    const server = await start({ packageFolder: await packageWithoutLinks(join(folder, 'a package')) });
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(existsSync(join(folder, 'a package', 'native', 'lib', 'libicuuc.so.60'))).toBe(process.platform === 'linux');
  });

  test.runIf(asRoot)('are copied to the data folder when the account cannot reach them', async () => {
    await mkdir(join(folder, 'closed'), { mode: 0o700 });
    const packageFolder = await packageWithoutLinks(join(folder, 'closed', 'package'));
    const server = await start({ packageFolder });
    expect(await ask(server, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(steps[0]).toMatch(/^Copying PostgreSQL to /);
    await server.stop();
    steps = [];
    await start({ packageFolder });
    expect(steps).toEqual([]);
  });
});

describe('accounts', () => {
  test.runIf(asRoot)(
    'as root the server runs as nobody, or as the named account, which takes the files over',
    async () => {
      const server = await start();
      expect((await stat(`/proc/${await postmaster()}`)).uid).toBe((await stat(join(data, 'postgres'))).uid);
      expect((await stat(join(data, 'postgres'))).uid).not.toBe(0);
      await server.stop();
      const named = await start({ account: 'daemon' });
      expect(await ask(named, 'select 1 as one')).toEqual([{ one: 1 }]);
      await named.stop();
      await start();
      expect((await readFile(`/proc/${await postmaster()}/status`, 'utf8')).match(/Uid:\t(\d+)/)![1]).toBe('1');
    },
  );

  test.runIf(asRoot)('as root a name that does not exist, and a closed folder, are explained', async () => {
    await expect(start({ account: 'no-such-one' })).rejects.toThrow(/no account named no-such-one.*FANFARE_DB_USER/);
    await expect(start({ account: 'root' })).rejects.toThrow(/refuses to run as root.*FANFARE_DB_USER/);
    await mkdir(join(folder, 'closed'), { mode: 0o700 });
    data = join(folder, 'closed', 'data');
    await expect(start()).rejects.toThrow(new RegExp(`nobody, .* cannot enter ${folder}/closed, .*FANFARE_DATA`));
  });

  test.runIf(asRoot)('an ordinary user starts, is killed, and adopts as well', async () => {
    const ordinary = { uid: 65534, gid: 65534 };
    await mkdir(data);
    await chown(data, ordinary.uid, ordinary.gid);
    const killed = await run({ stay: true, ...ordinary });
    expect(killed.lines).toEqual(['ready false']);
    await kill(killed.child);
    expect((await run({ ...ordinary })).lines).toEqual(['ready true']);
  });

  test.runIf(asRoot)('an ordinary user is told whose the database is', async () => {
    await (await start({ account: 'daemon' })).stop();
    const refused = await run({ uid: 65534, gid: 65534 });
    expect(refused.errors).toMatch(/belongs to daemon, and Fanfare runs as nobody.*FANFARE_DATA/);
  });
});

async function start(options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded({ data, onStep: (text) => steps.push(text), ...options });
  leftovers.push(() => server.stop());
  return server;
}

async function ask(
  server: EmbeddedServer,
  sql: string,
  role: 'postgres' | 'fanfare_owner' | 'fanfare_server' = 'fanfare_owner',
) {
  const client = new pg.Client(server.connection(role));
  await client.connect();
  return (await client.query(sql).finally(() => client.end())).rows;
}

async function postmaster(): Promise<number> {
  return Number((await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** A Fanfare of its own process: starts the database, says so, and stops it again unless it is to `stay` until it is killed. */
async function run(options: {
  stay?: boolean;
  untilReady?: boolean;
  uid?: number;
  gid?: number;
  env?: Record<string, string>;
}) {
  const script = `const server = await startEmbedded({ data: process.argv[1] });
     const client = new pg.Client(server.connection('fanfare_owner'));
     await client.connect();
     await client.query('select pg_advisory_lock(1)');
     await client.query('create table if not exists sign as select 1 as one');
     await client.end();
     console.log('ready', server.adopted);
     if (${Boolean(options.stay)}) setInterval(() => {}, 1000); else await server.stop();`;
  const imports = `import pg from ${JSON.stringify(import.meta.resolve('pg'))};
    import { startEmbedded } from ${JSON.stringify(new URL('embedded.ts', import.meta.url).href)};\n`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', imports + script, data], {
    uid: options.uid,
    gid: options.gid,
    cwd: '/',
    env: { PATH: process.env.PATH, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  leftovers.push(() => kill(child));
  const lines: string[] = [];
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const output = createInterface(child.stdout).on('line', (line) => lines.push(line));
  const ended = new Promise((done) => child.once('close', done));
  if (options.untilReady !== false) {
    await (options.stay ? Promise.race([new Promise((done) => output.once('line', done)), ended]) : ended);
    if (options.stay && lines.length === 0) throw new Error(errors);
  }
  return { child, lines, errors };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
}

async function until(holds: () => Promise<unknown>): Promise<void> {
  while (!(await holds())) await pause(10);
}

/** As npm leaves it when it blocks install scripts. */
async function packageWithoutLinks(to: string): Promise<string> {
  await cp(installedPackage(), to, { recursive: true, verbatimSymlinks: true });
  const links: { target: string }[] = JSON.parse(await readFile(join(to, 'native', 'pg-symlinks.json'), 'utf8'));
  for (const { target } of links) await rm(join(to, target), { force: true });
  return to;
}
