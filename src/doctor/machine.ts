import { statfs } from 'node:fs/promises';
import { getHeapStatistics } from 'node:v8';
import type { World } from '#src/context.ts';
import { bytesInWords, type Check, lengthInWords, ok, problem, warning } from '#src/doctor/finding.ts';
import { callApi, isNoAnswer } from '#src/outside/http.ts';

/** What the machine gives us: its disk, its memory, its clock. */
export function machineChecks(world: World): Check[] {
  return [
    { id: 'disk', title: 'Disk', look: () => lookAtDisk(world.data) },
    { id: 'memory', title: 'Memory', look: async () => judgeMemory(getHeapStatistics()) },
    { id: 'clock', title: 'Clock', look: () => lookAtClock(world) },
  ];
}

/** The disk of the data folder: the embedded database, uploads, what is kept while the database is away. */
export async function lookAtDisk(folder: string) {
  const { bavail, blocks, bsize } = await statfs(folder);
  return judgeDisk(folder, bavail * bsize, blocks * bsize);
}

export function judgeDisk(folder: string, free: number, whole: number) {
  const says = `${bytesInWords(free)} of ${bytesInWords(whole)} are free at ${folder}.`;
  const todo =
    'Free some space, or move the data folder to a larger disk (FANFARE_DATA). A full disk stops uploads, and then the database.';
  // A day of a busy site's events and a backup fit into the first; PostgreSQL's own log of changes needs the second.
  if (free < 300e6) return problem(says, todo);
  if (free < 2e9 || free < whole * 0.05) return warning(says, todo);
  return ok(says);
}

export function judgeMemory({
  used_heap_size: used,
  heap_size_limit: limit,
}: {
  used_heap_size: number;
  heap_size_limit: number;
}) {
  const says = `${bytesInWords(used)} of at most ${bytesInWords(limit)} are in use.`;
  const todo =
    'Give the process more: NODE_OPTIONS=--max-old-space-size=4096 (megabytes), or a larger machine. Without memory it ends; what was under way is taken up at the next start.';
  if (used > limit * 0.9) return problem(says, todo);
  if (used > limit * 0.75) return warning(says, todo);
  return ok(says);
}

/** Against the database's clock, and against that of a server on the internet when one can be asked. */
async function lookAtClock(world: World) {
  const sent = performance.now();
  const { rows } = await world.db.pool.query<{ at: Date }>('select clock_timestamp() as at');
  const way = (performance.now() - sent) / 2;
  const database = world.clock.now().getTime() - way - (rows[0]?.at.getTime() ?? Number.NaN);
  return judgeClock(database, world.demo ? null : await outsideClock(world));
}

/** Whoever is asked for the time is asked once a minute at most, however often the doctor is called. */
const ASKED_AGAIN = 60_000;
const asked = new Map<string, { at: number; ahead: Promise<number | null> }>();

/** Milliseconds by which this machine’s clock is ahead of a server’s far away; null when none answered. To a second. */
function outsideClock({ config: { GITHUB_API_URL: url } }: World): Promise<number | null> {
  const known = asked.get(url);
  if (known && performance.now() - known.at < ASKED_AGAIN) return known.ahead;
  const ahead = callApi({ method: 'HEAD', url, timeoutMs: 3_000 }).then((answer) => {
    const told = isNoAnswer(answer) ? Number.NaN : Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(told) ? null : Date.now() - told - 500;
  });
  asked.set(url, { at: performance.now(), ahead });
  return ahead;
}

/** Leases are good for a minute: clocks that differ by half of it let two processes hold one (publications/due.ts). */
export function judgeClock(database: number, outside: number | null) {
  const todo = 'Let the machine set its clock by NTP (systemd-timesyncd, chrony). Posts go out by this clock.';
  const apart = (by: number) => `${lengthInWords(Math.abs(by))} ${by > 0 ? 'ahead of' : 'behind'}`;
  if (Math.abs(database) > 30_000) return problem(`This clock is ${apart(database)} the database’s.`, todo);
  if (outside !== null && Math.abs(outside) > 60_000)
    return problem(`This clock is ${apart(outside)} the internet’s.`, todo);
  if (Math.abs(database) > 5_000) return warning(`This clock is ${apart(database)} the database’s.`, todo);
  if (outside !== null && Math.abs(outside) > 5_000)
    return warning(`This clock is ${apart(outside)} the internet’s.`, todo);
  if (outside === null) return ok('It agrees with the database’s. No clock on the internet could be asked.');
  return ok('It agrees with the database’s and with the internet’s.');
}
