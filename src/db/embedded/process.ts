import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Whether a process with this id exists. A killed one that its parent has not yet collected does not count. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it exists and is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !(await isZombie(pid));
}

/** Whether the process was killed and still stands in the table, where PostgreSQL takes it for a live one. */
export async function isZombie(pid: number): Promise<boolean> {
  return (await statFields(pid))?.[0] === 'Z';
}

/** When the process began, in words that only compare equal for the same process; undefined where the system cannot say. */
export async function birthOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return (await statFields(pid))?.[19];
  if (process.platform === 'win32') return undefined;
  return ps(pid, 'lstart=');
}

/** The command line of a process, or undefined when it is gone or the system cannot say. */
export async function commandOf(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return words.split('\0').join(' ').trim() || undefined;
  }
  if (process.platform === 'win32') {
    const list = spawnSync('tasklist', ['/fi', `PID eq ${pid}`, '/fo', 'csv', '/nh'], { encoding: 'utf8' });
    return list.stdout?.trim() || undefined;
  }
  return ps(pid, 'command=');
}

/** /proc/PID/stat from its third field on; the second, the name in brackets, may itself hold spaces and brackets. */
async function statFields(pid: number): Promise<string[] | undefined> {
  if (process.platform !== 'linux') return undefined;
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return line?.slice(line.lastIndexOf(')') + 2).split(' ');
}

function ps(pid: number, column: string): string | undefined {
  const run = spawnSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8' });
  return run.status === 0 ? run.stdout.trim() || undefined : undefined;
}
