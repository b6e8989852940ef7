import { spawn, spawnSync } from 'node:child_process';
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { program } from './binaries.ts';
import { environment, type Place, shortSocketPrefix, socketFolder } from './cluster.ts';
import { commandOf, isAlive, isZombie } from './process.ts';

/** A running server: its first process, and where it listens (a socket folder, or 127.0.0.1 on Windows). */
export type Postmaster = { pid: number; host: string; port: number; adopted: boolean };

/** A killed postmaster or its last backends can take a moment to disappear (1.6 s measured, under load). */
const patience = 20_000;
const passes = /lock file ".*" already exists|pre-existing shared memory block|could not create any TCP\/IP sockets/;
/** Recovery after a crash replays the log since the last checkpoint, and answers nothing until it is done. */
const recoveryPatience = 10 * 60_000;

/**
 * Starts the server of this cluster, or adopts the one that is already running (its Fanfare was killed).
 * `host` is where it listened before, when those who know that address are still there.
 * Throws with the end of the server's log when it does not come up.
 */
export async function bringUp(place: Place, say: (text: string) => void, host?: string): Promise<Postmaster> {
  const giveUp = Date.now() + patience;
  let waitingSaid = false;
  for (;;) {
    const found = await inspect(place);
    if (found.state === 'ready') return { pid: found.file.pid, ...address(found.file), adopted: true };
    if (found.state === 'starting') {
      await untilSettled(place, found.file.pid, say);
      continue;
    }
    let problem: string;
    if (found.state === 'stopping') {
      problem = `The server before this one (process ${found.file.pid}) does not end.`;
    } else {
      if (found.state === 'stale') await removeStale(place, found.file.pid);
      if (found.file && found.file.host !== host) await removeShortSocketFolder(found.file.host);
      const attempt = await launch(place, host, say);
      if ('pid' in attempt) return attempt;
      problem = attempt.said;
      if (!passes.test(problem)) throw failed(place, problem);
    }
    if (Date.now() > giveUp) throw failed(place, problem);
    if (!waitingSaid) say('Waiting for the database that was running before to end.');
    waitingSaid = true;
    await pause(200);
  }
}

/** Stops the server: sessions are ended, everything is written, then it exits. Returns when it has. */
export async function takeDown(place: Place, { pid, host }: Postmaster): Promise<void> {
  await signal(place, pid, 'fast');
  if (!(await isGoneWithin(place, pid, 60_000))) {
    // Safe: the log is on disk, the next start recovers.
    await signal(place, pid, 'immediate');
    if (!(await isGoneWithin(place, pid, 20_000))) {
      throw new Error(`The database (process ${pid}) does not stop. What it said last stands in ${place.log}.`);
    }
  }
  await removeShortSocketFolder(host);
}

/** Whether this process is the running server of this cluster. */
export async function isRunning(place: Place, pid: number): Promise<boolean> {
  return (await isAlive(pid)) && (await isPostmasterOf(place.cluster, pid));
}

/** Where the server of this cluster listens, if one is running and ready. */
export async function findRunning(place: Pick<Place, 'cluster'>): Promise<{ host: string; port: number } | undefined> {
  const found = await inspect(place);
  return found.state === 'ready' ? address(found.file) : undefined;
}

/** Makes the server read pg_hba.conf and pg_ident.conf again. */
export function reload(place: Place, pid: number): void {
  if (process.platform === 'win32') spawnSync(program(place.binaries, 'pg_ctl'), ['reload', '-D', place.cluster]);
  else process.kill(pid, 'SIGHUP');
}

type PidFile = { pid: number; host: string; port: number; status: string };
type Finding =
  | { state: 'none'; file?: PidFile }
  | { state: 'stale' | 'starting' | 'ready' | 'stopping'; file: PidFile };

async function inspect(place: Pick<Place, 'cluster'>): Promise<Finding> {
  const file = await readPidFile(place);
  if (!file) return { state: 'none' };
  if (await isZombie(file.pid)) return { state: 'stale', file };
  if (!(await isAlive(file.pid))) return { state: 'none', file };
  if (!(await isPostmasterOf(place.cluster, file.pid))) return { state: 'stale', file };
  if (file.status === 'ready') return { state: 'ready', file };
  return { state: file.status === 'stopping' ? 'stopping' : 'starting', file };
}

/**
 * The process id in the file has come to belong to somebody else, or to a dead process that nobody collects: in a container
 * both can last for ever, and PostgreSQL would refuse for as long. It still finds backends that outlived their postmaster,
 * by the shared memory block whose key it derives from the data directory.
 */
async function removeStale(place: Place, pid: number): Promise<void> {
  if ((await readPidFile(place))?.pid === pid) await rm(pidFile(place), { force: true });
}

function address({ host, port }: PidFile): Pick<Postmaster, 'host' | 'port'> {
  return { host, port };
}

/** The eight lines that the server keeps in postmaster.pid (PostgreSQL 18, src/include/utils/pidfile.h). */
async function readPidFile(place: Pick<Place, 'cluster'>): Promise<PidFile | undefined> {
  const text = await readFile(pidFile(place), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const host = (process.platform === 'win32' ? lines[5] : lines[4])?.trim() ?? '';
  return { pid, port: Number(lines[3]), host, status: lines[7]?.trim() ?? '' };
}

function pidFile(place: Pick<Place, 'cluster'>): string {
  return join(place.cluster, 'postmaster.pid');
}

/** By its command line, which every process may read; /proc/PID/cwd needs a right that root lacks in a container. */
async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  const command = await commandOf(pid);
  if (command === undefined) return false;
  if (process.platform === 'win32') return command.toLowerCase().includes('postgres.exe');
  return /(^|\/)postgres -D /.test(command) && command.includes(` -D ${cluster} -c `);
}

async function untilSettled(place: Place, pid: number, say: (text: string) => void): Promise<void> {
  const giveUp = Date.now() + recoveryPatience;
  for (let looks = 0; Date.now() < giveUp; looks++) {
    const file = await readPidFile(place);
    if (file?.pid !== pid || file.status === 'ready' || !(await isAlive(pid))) return;
    if (looks === 100) say('The database is recovering what was not yet written when it was stopped.');
    await pause(looks < 40 ? 10 : 50);
  }
  throw failed(place, 'It has been starting for ten minutes.');
}

async function launch(
  place: Place,
  host: string | undefined,
  say: (text: string) => void,
): Promise<Postmaster | { said: string }> {
  await keepLogShort(place.log);
  const log = await open(place.log, 'a', 0o600);
  try {
    const before = (await log.stat()).size;
    const started = process.platform === 'win32' ? await startOnWindows(place) : await startOnUnix(place, host, log.fd);
    if (started) {
      await untilSettled(place, started, say);
      const file = await readPidFile(place);
      if (file?.pid === started && file.status === 'ready') return { pid: started, ...address(file), adopted: false };
    }
    return { said: (await readFile(place.log)).subarray(before).toString('utf8') };
  } finally {
    await log.close();
  }
}

/** Detached, so that Ctrl-C reaches us and not the database under our feet. Resolves to its process id once it has its pid file. */
async function startOnUnix(place: Place, before: string | undefined, log: number): Promise<number | undefined> {
  const host = await socketFolder(place, before);
  // A socket lock of a killed server names a process id that may by now be somebody else's.
  for (const name of await readdir(host)) if (name.startsWith('.s.PGSQL.')) await rm(join(host, name), { force: true });
  const { uid, gid } = place.account ?? {};
  const quoted = `"${host.replaceAll('"', '""')}"`;
  const args = ['-D', place.cluster, '-c', 'listen_addresses=', '-c', 'port=5432'];
  args.push('-c', 'unix_socket_permissions=0700', '-c', `unix_socket_directories=${quoted}`);
  const child = spawn(program(place.binaries, 'postgres'), args, {
    uid,
    gid,
    env: environment,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  const ended = new Promise<undefined>((done, fail) => {
    child.once('exit', () => done(undefined));
    child.once('error', fail);
  });
  const noted = (async () => {
    while (child.exitCode === null && child.signalCode === null) {
      if ((await readPidFile(place))?.pid === child.pid) return child.pid;
      await pause(10);
    }
    return undefined;
  })();
  return await Promise.race([noted, ended]);
}

/** By pg_ctl, which gives up administrator rights first. A taken port is the retry's business: each attempt draws another. */
async function startOnWindows(place: Place): Promise<number | undefined> {
  const port = 20_000 + Math.floor(Math.random() * 40_000);
  const options = `-c listen_addresses=127.0.0.1 -c port=${port}`;
  const args = ['start', '-D', place.cluster, '-l', place.log, '-w', '-t', '60', '-o', options];
  await new Promise((done, fail) => {
    const run = spawn(program(place.binaries, 'pg_ctl'), args, { env: environment, stdio: 'ignore' });
    run.once('exit', done);
    run.once('error', fail);
  });
  return (await readPidFile(place))?.pid;
}

async function signal(place: Place, pid: number, mode: 'fast' | 'immediate'): Promise<void> {
  if (!(await isRunning(place, pid))) return;
  if (process.platform === 'win32') {
    spawnSync(program(place.binaries, 'pg_ctl'), ['stop', '-D', place.cluster, '-m', mode, '-W']);
    return;
  }
  try {
    process.kill(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGoneWithin(place: Place, pid: number, limit: number): Promise<boolean> {
  const giveUp = Date.now() + limit;
  while (Date.now() < giveUp) {
    if (!(await isAlive(pid))) return true;
    // A process on its way out has lost its command line, and still counts.
    if ((await commandOf(pid)) !== undefined && !(await isPostmasterOf(place.cluster, pid))) return true;
    await pause(10);
  }
  return false;
}

async function removeShortSocketFolder(host: string): Promise<void> {
  if (basename(host).startsWith(shortSocketPrefix)) await rm(host, { recursive: true, force: true });
}

/** One older file is kept. A server that still writes goes on writing to that one. */
async function keepLogShort(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 10_000_000) await rename(log, `${log}.1`);
}

function failed(place: Place, said: string): Error {
  const last = said.trim().split('\n').slice(-8).join('\n');
  return new Error(`The database did not start. What it said (more stands in ${place.log}):\n${last || '(nothing)'}`);
}
