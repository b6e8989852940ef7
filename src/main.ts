import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bucketOf, type Config, readConfig } from '#src/config.ts';
import type { World } from '#src/context.ts';
import { refuseMoved, takeUnfinished } from '#src/db/backup.ts';
import { defaultDataFolder, holdDataFolder, startEmbedded } from '#src/db/embedded.ts';
import { connectExternal } from '#src/db/external.ts';
import { migrate, SERVER_ROLE } from '#src/db/migrate.ts';
import { joinOthers } from '#src/db/scale/together.ts';
import { holdRestored, publishLoop } from '#src/distribute/publications.ts';
import { httpDoors } from '#src/doors/http/app.ts';
import { openHealth } from '#src/doors/http/health.ts';
import { type Metrics, openMetrics } from '#src/doors/http/metrics.ts';
import { type Door, noDoors, openDoor } from '#src/doors/http/server.ts';
import { Leaving, openLife } from '#src/doors/life.ts';
import { startWorker } from '#src/doors/worker.ts';
import { openMediaStore } from '#src/outside/media.ts';
import { startTraces } from '#src/outside/traces.ts';
import { openSecrets } from '#src/secrets.ts';
import { openWorld } from '#src/world.ts';

const say = (text: string) => console.log(text);
/** For the requests under way when it leaves, in milliseconds: a little less than all the work is given. */
const LAST_ANSWERS = 15_000;

const life = openLife((text) => console.error(text));
let world: Awaited<ReturnType<typeof openWorld>> | null = null;
const health = openHealth(life, () => world?.db ?? null);
const starting = start();
starting.catch(async (error: unknown) => {
  if (error instanceof Leaving) return;
  console.error(`\nFanfare did not start. ${(error as Error).message}`);
  await life.leave();
  process.exit(1);
});

async function start(): Promise<void> {
  process.on('SIGINT', () => leave('SIGINT'));
  process.on('SIGTERM', () => leave('SIGTERM'));
  const { positionals } = parseArgs({ allowPositionals: true, strict: false });
  const demo = positionals.includes('demo');
  const config = demo ? byItself(readConfig()) : readConfig();
  const data = demo
    ? join(config.FANFARE_DATA ?? defaultDataFolder(), 'demo')
    : (config.FANFARE_DATA ?? defaultDataFolder());

  // The port is taken first: when it is not free there is no reason to start a database.
  const traces = await startTraces(config);
  if (traces) life.keep('folder', 'traces', () => traces.stop());
  const metrics = config.METRICS_TOKEN ? openMetrics(config.METRICS_TOKEN) : null;
  const door = await openDoorFor(config, metrics);
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${door?.port ?? config.PORT}`;
  const database = await openData(config, data, publicUrl);
  if (config.RUN !== 'worker') {
    const { buildIfStale } = await import('#web/build.ts');
    if ((await buildIfStale()) === 'built') say('Built the web page.');
  }
  const story = demo ? await import('#db/seed.ts') : null;
  const overrides = story ? { web: story.demoWeb(() => new Date()) } : {};
  const opened = await openWorld({ config, data, publicUrl, ...database, demo }, overrides);
  world = opened;
  life.keep('connections', 'connections to the database', () => opened.close());
  if (story) {
    const login = await story.seed(opened, database.owner, say);
    say(`\nThe demo’s login: ${login.email} / ${login.password}`);
  }
  if (config.RUN !== 'web') await startWork(opened, database.owner, metrics);
  life.enter('serving');
  if (config.RUN === 'worker') {
    metrics?.watch(opened);
    door?.open(noDoors());
    say('\nFanfare works in the background (RUN=worker).\n');
    return;
  }
  const doors = httpDoors(opened);
  metrics?.watch(opened, doors.events);
  life.keep('work', 'requests', async () => {
    await door?.close(LAST_ANSWERS);
    await doors.rest();
  });
  door?.open(doors);
  say(`\nFanfare is at ${publicUrl}\n`);
}

/** The demo keeps to itself: a database of its own, this machine's address, no model. */
function byItself(config: Config): Config {
  const { DATABASE_URL: _, PUBLIC_URL: __, AI_PROVIDER: ___, ...own } = config;
  return own;
}

/** A worker has a door for questions about its health only, and does without one where the port is taken. */
async function openDoorFor(config: Config, metrics: Metrics | null): Promise<Door | null> {
  const own = config.PUBLIC_URL ? new URL(config.PUBLIC_URL).host : null;
  const at = { port: config.PORT, host: config.HOST, own };
  try {
    const door = await openDoor(at, health, metrics);
    life.keep('work', 'door', () => door.close(LAST_ANSWERS));
    return door;
  } catch (error) {
    if (config.RUN !== 'worker' || error instanceof Leaving) throw error;
    say(`${(error as Error).message}\nThis worker does without: nobody can ask it how it is.`);
    return null;
  }
}

/** The embedded database in the data folder, or the external one; migrated in either case. */
async function openData(config: Config, data: string, publicUrl: string) {
  const unfinished = await takeUnfinished(data);
  if (unfinished) say(unfinished);
  if (config.DATABASE_URL) {
    const secrets = await openSecrets({ data, given: config.FANFARE_SECRET, before: config.FANFARE_SECRET_BEFORE });
    const external = await connectExternal(config.DATABASE_URL, {
      serverUrl: config.DATABASE_SERVER_URL,
      password: (database) => secrets.derive(`database role ${database}`),
    });
    const media = openMediaStore({ folder: join(data, 'media'), bucket: bucketOf(config) });
    const others = await joinOthers(config.DATABASE_URL, config.RUN, await media.place());
    life.keep('folder', 'place among the others', () => others.leave());
    life.enter('migrating');
    await migrate(external.owner, { serverRole: external.serverRole, onStep: say });
    return external;
  }
  const hold = await holdDataFolder(data, publicUrl);
  life.keep('folder', 'data folder', () => hold.release());
  await refuseMoved(data);
  const embedded = await startEmbedded({ data, account: config.FANFARE_DB_USER, onStep: say });
  life.keep('database', 'database', () => embedded.stop());
  const owner = embedded.connection('fanfare_owner');
  life.enter('migrating');
  await migrate(owner, { onStep: say });
  return { owner, server: embedded.connection(SERVER_ROLE) };
}

async function startWork(
  world: World,
  owner: Parameters<typeof startWorker>[1],
  metrics: Metrics | null,
): Promise<void> {
  // Before anything is sent: what was due when a restored backup was made may be out already.
  const held = await holdRestored(world);
  if (held)
    say(
      `This database was restored from a backup. What was due by then may be out already: ${held.publications} posts wait for your yes, ${held.letters} letters are not sent again.`,
    );
  const worker = await startWorker(world, owner, metrics?.job);
  life.keep('work', 'jobs', () => worker.stop());
  life.keep('leases', 'jobs', () => worker.release());
  const ending = new AbortController();
  const loop = publishLoop(world, ending.signal);
  life.keep('work', 'publishing', async () => {
    ending.abort();
    await loop;
  });
}

function leave(signal: string): void {
  if (life.phase() === 'leaving') process.exit(130);
  say(`\nStopping (${signal}). Press Ctrl-C again to leave at once.`);
  life.leave(starting).then(() => process.exit(0));
}
