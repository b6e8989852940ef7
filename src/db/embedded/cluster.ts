import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Account, handOver, privateFolder } from './account.ts';
import { type Binaries, program } from './binaries.ts';
import { isAlive } from './process.ts';

/** Where one database lives and who runs it. All paths are real ones, without symbolic links. */
export type Place = {
  /** PostgreSQL's own data directory, inside Fanfare's data folder. */
  cluster: string;
  /** Where the server writes what it has to say, also when nobody is listening. */
  log: string;
  account: Account | undefined;
  binaries: Binaries;
  /** Windows only: the password of all roles. Elsewhere the operating system says who we are. */
  password: string | undefined;
};

export const roles = ['postgres', 'fanfare_owner', 'fanfare_server'] as const;
export const shortSocketPrefix = 'fanfare-socket-';
export type Role = (typeof roles)[number];

/** The environment of PostgreSQL's programs: their messages must not depend on the machine's language, we read them. */
export const environment = { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT, LC_ALL: 'C' };

/**
 * Makes the database cluster if there is none yet. It is made aside and renamed: one that was cut short during creation
 * can start and yet lack its first database (seen 5 times of 12 kills). Throws when the existing one is of another major version.
 */
export async function ensureCluster(place: Place, say: (text: string) => void): Promise<void> {
  const { cluster, account, binaries } = place;
  await removeUnfinished(cluster);
  const made = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (made !== undefined) {
    const major = binaries.version.split('.')[0];
    if (made.trim() !== major) {
      throw new Error(
        `${cluster} was made by PostgreSQL ${made.trim()}, and this version of Fanfare brings PostgreSQL ${major}. ` +
          'With the version of Fanfare that made it, run "fanfare backup FILE"; then move that folder aside and run "fanfare restore FILE" with this one.',
      );
    }
    if (account && (await stat(cluster)).uid !== account.uid) await handOver(cluster, account);
    return;
  }
  say('Making the database.');
  const aside = await privateFolder(`${cluster}.init-${process.pid}-${randomBytes(4).toString('hex')}`, account);
  inTheMaking.add(basename(aside));
  try {
    await initdb(place, aside);
    await writeSettings({ ...place, cluster: aside });
    await rename(aside, cluster);
    await syncFolder(dirname(cluster));
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    // Another starter was quicker: its cluster is as good as ours.
    if (!existsSync(join(cluster, 'PG_VERSION'))) throw error;
  } finally {
    inTheMaking.delete(basename(aside));
  }
}

/** Writes who may log in. Our own account may log in as each of the roles, over the socket, without a password; nobody else may. */
export async function writeAccess(place: Place): Promise<{ changed: boolean }> {
  if (place.password !== undefined) {
    const access = 'host all all 127.0.0.1/32 scram-sha-256\n';
    return { changed: await writeOwned(place, 'pg_hba.conf', access) };
  }
  const self = `"${userInfo().username.replaceAll('"', '""')}"`;
  const names = roles.map((role) => `fanfare ${self} ${role}\n`).join('');
  const identities = await writeOwned(place, 'pg_ident.conf', names);
  const access = await writeOwned(place, 'pg_hba.conf', 'local all all peer map=fanfare\n');
  return { changed: identities || access };
}

/** Writes postgresql.conf anew, so that an update of Fanfare can change it. `fast` gives up safety for speed: only for tests. */
export async function writeSettings(place: Place, fast = false): Promise<void> {
  const settings = [
    '# Written by Fanfare at each start. Your own settings belong in own.conf beside this file.',
    "cluster_name = 'fanfare'",
    `shared_buffers = ${fast ? '64MB' : '128MB'}`,
    `max_connections = ${fast ? 200 : 60}`,
    // A restore changes the whole schema in one transaction: some 4,000 tables, indexes and partitions.
    'max_locks_per_transaction = 256',
    'log_min_messages = warning',
    'log_checkpoints = off',
    "log_line_prefix = '%m [%p] %q%u@%d '",
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "lc_messages = 'C'",
    ...(fast
      ? [
          'fsync = off',
          'synchronous_commit = off',
          'full_page_writes = off',
          'wal_level = minimal',
          'max_wal_senders = 0',
          'checkpoint_timeout = 1h',
          'autovacuum = off',
        ]
      : []),
    "include_if_exists = 'own.conf'",
  ];
  await writeOwned(place, 'postgresql.conf', `${settings.join('\n')}\n`);
  if (!existsSync(join(place.cluster, 'own.conf'))) await writeOwned(place, 'own.conf', '# Your own settings.\n');
}

/**
 * A folder for the server's socket that only its account can enter: `run` beside the cluster, or a short one in the
 * temporary folder when the path would be too long (PostgreSQL stops at 107 bytes). `before` is the one it had until now.
 */
export async function socketFolder(place: Place, before?: string): Promise<string> {
  if (before) return await privateFolder(before, place.account);
  const usual = join(dirname(place.cluster), 'run');
  if (Buffer.byteLength(join(usual, '.s.PGSQL.5432.lock')) <= 100) return await privateFolder(usual, place.account);
  const base = Buffer.byteLength(tmpdir()) <= 60 ? tmpdir() : '/tmp';
  return await privateFolder(await mkdtemp(join(base, shortSocketPrefix)), place.account);
}

/** The password of the roles on Windows, made at the first start and kept in the data folder. */
export async function rolePassword(root: string): Promise<string | undefined> {
  if (process.platform !== 'win32') return undefined;
  const file = join(root, 'postgres.password');
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept) return kept.trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600, flag: 'wx' });
  return password;
}

async function initdb(place: Place, aside: string): Promise<void> {
  const login =
    place.password === undefined
      ? ['--auth-local=peer', '--auth-host=reject']
      : ['--auth=scram-sha-256', `--pwfile=${join(dirname(place.cluster), 'postgres.password')}`];
  const always = ['-D', aside, '-U', 'postgres', '--encoding=UTF8', '--locale-provider=builtin', '--no-instructions'];
  // Without these a machine with LANG=C gets SQL_ASCII. The builtin locale does not change when the system's libraries do.
  const first = await runInitdb(place, [...always, ...login, '--locale=C.UTF-8']);
  if (first.code === 0) return;
  if (!/invalid locale name|locale.*not/i.test(first.output)) throw initdbFailed(first);
  // macOS, Windows and an old glibc have no C.UTF-8 of their own: theirs is C, and the builtin one still decides.
  for (const name of await readdir(aside)) await rm(join(aside, name), { recursive: true, force: true });
  const second = await runInitdb(place, [...always, ...login, '--locale=C', '--builtin-locale=C.UTF-8']);
  if (second.code !== 0) throw initdbFailed(second);
}

function initdbFailed({ output }: { output: string }): Error {
  return new Error(`The database could not be made. PostgreSQL said:\n${output.trim()}`);
}

async function runInitdb(place: Place, args: string[]): Promise<{ code: number | null; output: string }> {
  const { uid, gid } = place.account ?? {};
  return await new Promise((done) => {
    const run = spawn(program(place.binaries, 'initdb'), args, { uid, gid, env: environment, cwd: '/' });
    let output = '';
    run.stdout.on('data', (text) => (output += text));
    run.stderr.on('data', (text) => (output += text));
    run.on('error', (error) => done({ code: null, output: error.message }));
    run.on('close', (code) => done({ code, output }));
  });
}

const inTheMaking = new Set<string>();

/** Clusters of starters that were killed while making them. */
async function removeUnfinished(cluster: string): Promise<void> {
  const prefix = `${basename(cluster)}.init-`;
  for (const name of await readdir(dirname(cluster))) {
    if (!name.startsWith(prefix)) continue;
    const maker = Number.parseInt(name.slice(prefix.length), 10);
    // A container starts again with the same process id: what bears ours may have been made by one before us.
    if (maker === process.pid ? !inTheMaking.has(name) : !(await isAlive(maker))) {
      // The killed starter's initdb may still be writing into it.
      await rm(join(dirname(cluster), name), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
  }
}

async function writeOwned(place: Place, name: string, text: string): Promise<boolean> {
  const file = join(place.cluster, name);
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return false;
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(aside, text);
  await chmod(aside, 0o600);
  if (place.account) await chown(aside, place.account.uid, place.account.gid);
  await rename(aside, file);
  return true;
}

/** Without it a power cut can undo the renaming. Windows cannot open folders, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}
