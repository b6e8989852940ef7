import { shared, type World } from '#src/context.ts';
import { readMigrations } from '#src/db/migrate.ts';
import { type Check, lengthInWords, ok, problem, unknown, warning } from '#src/doctor/finding.ts';
import { countSealed } from '#src/people/secrets/reseal.ts';

const DAY = 86_400_000;

/** The database, what is done with it by itself, and what can be had back of it. */
export function databaseChecks(world: World): Check[] {
  return [
    { id: 'database', title: 'Database', look: () => lookAtDatabase(world) },
    { id: 'migrations', title: 'Schema', look: () => lookAtMigrations(world) },
    { id: 'partitions', title: 'Partitions', look: () => lookAtPartitions(world) },
    { id: 'queue', title: 'Work that happens by itself', look: () => lookAtQueue(world) },
    { id: 'publishing', title: 'Publishing', look: () => lookAtPublishing(world) },
    { id: 'backups', title: 'Backups', look: () => lookAtBackups(world) },
    { id: 'secrets', title: 'Stored credentials', look: () => lookAtSecrets(world) },
  ];
}

async function lookAtDatabase(world: World) {
  const { rows } = await world.db.pool.query<{ version: string; role: string; above: boolean; owns: number }>(
    `select current_setting('server_version') as version, current_user as role, rolsuper or rolbypassrls as above,
       (select count(*)::int from pg_class where relowner = r.oid) as owns
     from pg_roles r where rolname = current_user`,
  );
  const { version, role, above, owns } = rows[0]!;
  const says = `PostgreSQL ${version} answers; Fanfare is logged in as ${role}.`;
  const isFree = above || owns > 0;
  if (!isFree) return ok(`${says} That role owns nothing and is held to one workspace at a time.`);
  return problem(
    `${says} That role ${above ? 'may pass by row-level security' : 'owns tables'}, so workspaces are not kept apart by the database.`,
    'Give DATABASE_SERVER_URL a login role that owns nothing and has neither SUPERUSER nor BYPASSRLS, or leave it out.',
  );
}

async function lookAtMigrations(world: World) {
  const { rows } = await world.db.pool.query<{ name: string }>('select applied_migrations() as name');
  const there = new Set(rows.map(({ name }) => name));
  const known = (await readMigrations()).map(({ name }) => name);
  const missing = known.filter((name) => !there.has(name));
  const newer = [...there].filter((name) => !known.includes(name));
  if (newer.length > 0)
    return problem(
      `The schema is newer than this program (${newer.at(-1)}).`,
      'Start the newer version everywhere; processes of different versions should share a database for moments only.',
    );
  if (missing.length > 0)
    return problem(
      `The schema lacks ${missing.join(', ')}.`,
      'Restart Fanfare: it brings the schema up to date at its start.',
    );
  return ok(`The schema is up to date (${known.at(-1)}).`);
}

/** By the bounds of the partitions themselves: `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO (…)`. */
async function lookAtPartitions(world: World) {
  const { rows } = await world.db.pool.query<{ parent: string; until: string | null }>(
    `select p.relname as parent,
       max(substring(pg_get_expr(c.relpartbound, c.oid) from $$TO \\('([^']+)'\\)$$)) as until
     from pg_partitioned_table t join pg_class p on p.oid = t.partrelid
       left join pg_inherits i on i.inhparent = p.oid left join pg_class c on c.oid = i.inhrelid
     group by p.relname order by p.relname`,
  );
  const now = world.clock.now();
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 2, 1));
  const short = rows.filter(({ until }) => until === null || new Date(until) < next);
  if (short.length === 0) return ok(`All ${rows.length} tables by month have next month’s partition.`);
  return warning(
    `Next month’s partition is missing for ${short.map(({ parent }) => parent).join(', ')}.`,
    'A worker makes them every day (RUN=all or RUN=worker), and so does each start. Until then rows go to a spare partition: nothing is lost.',
  );
}

async function lookAtQueue(world: World) {
  const { rows } = await world.db.pool.query<{ due: number; running: number; failed: number; oldest: Date | null }>(
    'select due, running, failed, oldest_due_at as oldest from queue_state()',
  );
  const { due, running, failed, oldest } = rows[0]!;
  const lag = oldest ? world.clock.now().getTime() - oldest.getTime() : 0;
  const says = `${due} ${due === 1 ? 'job is' : 'jobs are'} due, ${running} under way.`;
  const lagging = `${says} The oldest has waited for ${lengthInWords(lag)}.`;
  const todo =
    'See that a worker runs (RUN=all or RUN=worker) and look into its log. With much to do, start another one.';
  if (lag > 10 * 60_000) return problem(lagging, todo);
  if (lag > 2 * 60_000) return warning(lagging, todo);
  if (failed > 0)
    return warning(
      `${says} ${failed} ${failed === 1 ? 'was' : 'were'} given up after many tries.`,
      'The page “What happens by itself” (Flow) says which and why.',
    );
  return ok(says);
}

async function lookAtPublishing(world: World) {
  const now = world.clock.now();
  const [ticks, due] = await shared(world, async (tx) => [
    await tx
      .selectFrom('publishers')
      .select((eb) => eb.fn.max('tickedAt').as('last'))
      .executeTakeFirstOrThrow(),
    await tx
      .selectFrom('duePublications')
      .select((eb) => [eb.fn.countAll<number>().as('waiting'), eb.fn.min('lookAt').as('oldest')])
      .executeTakeFirstOrThrow(),
  ]);
  const since = ticks.last ? now.getTime() - ticks.last.getTime() : null;
  if (since === null || since > 30_000)
    return problem(
      since === null ? 'No process publishes.' : `No process has looked at the queue for ${lengthInWords(since)}.`,
      'Start one with RUN=all or RUN=worker. Posts that are due go out when it runs, or ask first when they are too late.',
    );
  const late = due.oldest ? now.getTime() - due.oldest.getTime() : 0;
  if (late > 5 * 60_000)
    return warning(
      `Publishing runs, but something has been due for ${lengthInWords(late)}.`,
      'The calendar and the receipts of the posts say what they wait for.',
    );
  return ok(`Publishing runs; ${due.waiting} ${due.waiting === 1 ? 'post waits' : 'posts wait'} for their time.`);
}

async function lookAtBackups(world: World) {
  if (world.demo) return unknown('The demo is not backed up.');
  const now = world.clock.now().getTime();
  const rows = await shared(world, (tx) =>
    tx
      .selectFrom('backups')
      .select(['startedAt', 'finishedAt', 'verifiedAt', 'error', 'verifyError'])
      .where('removedAt', 'is', null)
      .orderBy('startedAt', 'desc')
      .limit(20)
      .execute(),
  );
  const good = rows.find((row) => row.finishedAt !== null && row.error === null);
  const todo = 'Make one with “fanfare backup” or under Settings, Backups, and keep a copy on another machine.';
  if (!good) return warning(rows[0]?.error ? `The last backup failed: ${rows[0].error}` : 'There is no backup.', todo);
  const age = now - good.startedAt.getTime();
  const made = `The last backup is ${lengthInWords(age)} old`;
  if (good.verifyError)
    return problem(`${made}, and it could not be restored: ${good.verifyError}`, 'Make a new one and verify it.');
  if (rows[0]?.error) return warning(`${made}; the one after it failed: ${rows[0].error}`, todo);
  if (age > 3 * DAY) return warning(`${made}.`, todo);
  if (!rows.some((row) => row.verifiedAt !== null))
    return warning(
      `${made}. None was verified yet.`,
      'Verify one under Settings, Backups: it is restored and compared row by row.',
    );
  return ok(`${made}, and one was verified.`);
}

async function lookAtSecrets(world: World) {
  const { columns } = await countSealed(world);
  const sum = (what: 'values' | 'older' | 'unreadable') => columns.reduce((all, one) => all + one[what], 0);
  const unreadable = sum('unreadable');
  if (unreadable > 0)
    return problem(
      `${unreadable} of ${sum('values')} stored credentials were sealed with a secret that this process does not have (${columns
        .filter((one) => one.unreadable > 0)
        .map((one) => `${one.table}.${one.column}`)
        .join(', ')}).`,
      'Start with the FANFARE_SECRET, or the secret.key in the data folder, under which they were stored; else enter those credentials again.',
    );
  return ok(`All ${sum('values')} stored credentials can be opened.`);
}
