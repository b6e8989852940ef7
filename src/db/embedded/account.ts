import { spawnSync } from 'node:child_process';
import { chmod, chown, lchown, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join, parse } from 'node:path';

/** An operating system account that PostgreSQL runs as, because it refuses to run as root. */
export type Account = { name: string; uid: number; gid: number };

/**
 * The account that has to run the database in `cluster`, or undefined when that is our own one.
 * As root: the wanted account, else the one that owns an existing cluster, else `nobody`.
 * Throws when the wanted account does not exist, or when the cluster belongs to somebody else and we cannot become them.
 */
export async function databaseAccount(cluster: string, wanted?: string): Promise<Account | undefined> {
  if (process.platform === 'win32') return undefined;
  const owner = await stat(cluster).then(
    (found) => found.uid,
    () => undefined,
  );
  const self = process.getuid!();
  if (self !== 0) {
    requireOwnName(self);
    if (owner === undefined || owner === self) return undefined;
    throw new Error(
      `The database in ${cluster} belongs to ${nameOf(owner) ?? `user ${owner}`}, and Fanfare runs as ${userInfo().username}. ` +
        'Start Fanfare as that account or as root, or choose another folder with FANFARE_DATA.',
    );
  }
  if (wanted === undefined && owner) {
    const name = nameOf(owner);
    if (name) return lookUp(name);
  }
  const account = lookUp(wanted ?? 'nobody');
  if (account && account.uid !== 0) return account;
  throw new Error(
    account
      ? 'PostgreSQL refuses to run as root. Name an ordinary account with FANFARE_DB_USER.'
      : `There is no account named ${wanted ?? 'nobody'} to run the database as. Create it, or name another one with FANFARE_DB_USER.`,
  );
}

/** Makes a folder, if it is missing, that only the database's account can enter. */
export async function privateFolder(path: string, account: Account | undefined): Promise<string> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o700);
  if (account) await chown(path, account.uid, account.gid);
  return path;
}

/** Hands a folder and everything in it to the account; for root only. */
export async function handOver(path: string, account: Account): Promise<void> {
  await lchown(path, account.uid, account.gid);
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) await handOver(inner, account);
    else await lchown(inner, account.uid, account.gid);
  }
}

/**
 * Makes the data folder and lets the account pass through it. Returns its real path, the one the server is known by.
 * Throws, naming the folder that is in the way, when the account cannot get there.
 */
export async function dataFolder(path: string, account: Account | undefined): Promise<string> {
  await makeFolder(path);
  const root = await realpath(path);
  if (!account) return root;
  const { mode } = await stat(root);
  if ((mode & 0o001) === 0) await chmod(root, (mode & 0o777) | 0o011);
  for (const folder of pathTo(root)) {
    if (canEnter(folder, account)) continue;
    throw new Error(
      `The account ${account.name}, which runs the database, cannot enter ${folder}, so it cannot reach the data folder ${root}. ` +
        'Choose a folder that every account can pass through with FANFARE_DATA, for example /var/lib/fanfare.',
    );
  }
  return root;
}

/** Makes the folder that holds everything Fanfare keeps, closed to other accounts. An existing one stays as it is. */
export async function makeFolder(path: string): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true });
    if (made !== undefined && process.platform !== 'win32') await chmod(path, process.getuid!() === 0 ? 0o711 : 0o700);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The data folder ${path} cannot be made: ${reason}. Choose another one with FANFARE_DATA.`, {
      cause: error,
    });
  }
}

function requireOwnName(uid: number): void {
  try {
    userInfo();
  } catch (error) {
    throw new Error(
      `PostgreSQL needs the account it runs as to have a name, and user ${uid} has none in /etc/passwd. ` +
        'Start Fanfare as a named account or as root, or set DATABASE_URL to a PostgreSQL server.',
      { cause: error },
    );
  }
}

/** By `id` and not by /etc/passwd, which knows neither macOS accounts nor those of a directory server. */
function lookUp(name: string): Account | undefined {
  const uid = ask('id', ['-u', name]);
  const gid = ask('id', ['-g', name]);
  if (!uid || !gid) return undefined;
  // macOS prints nobody's -2 as 4294967294, which Node refuses: back to the signed form.
  return { name, uid: Number(uid) | 0, gid: Number(gid) | 0 };
}

function nameOf(uid: number): string | undefined {
  return ask('id', ['-nu', String(uid)]);
}

function ask(program: string, args: string[]): string | undefined {
  const answer = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return answer.status === 0 ? answer.stdout.trim() : undefined;
}

function pathTo(folder: string): string[] {
  const { root } = parse(folder);
  const path = [];
  for (let at = folder; at !== root; at = dirname(at)) path.unshift(at);
  return path;
}

/** Tried, not computed from the mode bits: access lists and mount options count too. */
function canEnter(folder: string, account: Account): boolean {
  const { uid, gid } = account;
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { uid, gid, cwd: '/', stdio: 'ignore' }).status === 0;
}
