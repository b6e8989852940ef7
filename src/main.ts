import type { Server as HttpServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { type Config, readConfig } from '#src/config.ts';
import type { World } from '#src/context.ts';
import { defaultDataFolder, holdDataFolder, startEmbedded } from '#src/db/embedded.ts';
import { connectExternal } from '#src/db/external.ts';
import { migrate, SERVER_ROLE } from '#src/db/migrate.ts';
import { publishLoop } from '#src/distribute/publications.ts';
import { httpDoors } from '#src/doors/http/app.ts';
import { type Shortcut, takeShortcuts } from '#src/doors/http/shortcuts.ts';
import { startWorker } from '#src/doors/worker.ts';
import { openSecrets } from '#src/secrets.ts';
import { openWorld } from '#src/world.ts';

const say = (text: string) => console.log(text);
/** What has been started, to be stopped in reverse. */
const started: { name: string; stop(): Promise<void> }[] = [];
let stopping = false;

main().catch(async (error: unknown) => {
  console.error(`\nFanfare did not start. ${(error as Error).message}`);
  await stopAll();
  process.exit(1);
});

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true, strict: false });
  const demo = positionals.includes('demo');
  const config = demo ? byItself(readConfig()) : readConfig();
  const data = demo
    ? join(config.FANFARE_DATA ?? defaultDataFolder(), 'demo')
    : (config.FANFARE_DATA ?? defaultDataFolder());
  process.on('SIGINT', () => leave('SIGINT'));
  process.on('SIGTERM', () => leave('SIGTERM'));

  // The port is taken first: when it is not free there is no reason to start a database.
  const door = config.RUN === 'worker' ? null : await openDoor(config);
  const publicUrl = config.PUBLIC_URL ?? `http://localhost:${door?.port ?? config.PORT}`;
  const database = await openData(config, data, publicUrl);
  if (config.RUN !== 'worker') {
    const { buildIfStale } = await import('#web/build.ts');
    if ((await buildIfStale()) === 'built') say('Built the web page.');
  }
  const story = demo ? await import('#db/seed.ts') : null;
  const overrides = story ? { web: story.demoWeb(() => new Date()) } : {};
  const world = await openWorld({ config, data, publicUrl, server: database.server, demo }, overrides);
  started.push({ name: 'connections', stop: () => world.close() });
  if (story) {
    const login = await story.seed(world, database.owner, say);
    say(`\nThe demo’s login: ${login.email} / ${login.password}`);
  }
  if (config.RUN !== 'web') await startWork(world, database.owner);
  door?.open(httpDoors(world));
  say(door ? `\nFanfare is at ${publicUrl}\n` : '\nFanfare works in the background (RUN=worker).\n');
}

/** The demo keeps to itself: a database of its own, this machine's address, no model. */
function byItself(config: Config): Config {
  const { DATABASE_URL: _, PUBLIC_URL: __, AI_PROVIDER: ___, ...own } = config;
  return own;
}

type Door = { port: number; open(ready: { app: Hono; shortcuts: Shortcut[] }): void };

/** Listens at once, and answers "starting" until the application is there. */
function openDoor(config: Config): Promise<Door> {
  let app = new Hono();
  app.all('*', (request) => request.text('Fanfare is starting. Reload in a moment.', 503, { 'retry-after': '2' }));
  return new Promise((resolve, reject) => {
    const server: ServerType = serve(
      { fetch: (...all) => app.fetch(...all), port: config.PORT, hostname: config.HOST },
      ({ port }) => {
        started.push({ name: 'doors', stop: () => closeServer(server) });
        resolve({
          port,
          open(ready) {
            app = ready.app;
            takeShortcuts(server as HttpServer, ready.shortcuts);
          },
        });
      },
    );
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(
          new Error(
            `Port ${config.PORT} is taken by another program. Stop it, or choose another port: PORT=3001 npm start`,
          ),
        );
      else if (error.code === 'EACCES')
        reject(new Error(`Port ${config.PORT} needs more rights. Choose one above 1024: PORT=3000 npm start`));
      else reject(error);
    });
  });
}

/** The embedded database in the data folder, or the external one; migrated in either case. */
async function openData(config: Config, data: string, publicUrl: string) {
  if (config.DATABASE_URL) {
    const secrets = await openSecrets({ data, ...(config.FANFARE_SECRET ? { given: config.FANFARE_SECRET } : {}) });
    const external = await connectExternal(config.DATABASE_URL, {
      serverUrl: config.DATABASE_SERVER_URL,
      password: (database) => secrets.derive(`database role ${database}`),
    });
    await migrate(external.owner, { serverRole: external.serverRole, onStep: say });
    return external;
  }
  const hold = await holdDataFolder(data, publicUrl);
  started.push({ name: 'data folder', stop: () => hold.release() });
  const embedded = await startEmbedded({ data, account: config.FANFARE_DB_USER, onStep: say });
  started.push({ name: 'database', stop: () => embedded.stop() });
  const owner = embedded.connection('fanfare_owner');
  await migrate(owner, { onStep: say });
  return { owner, server: embedded.connection(SERVER_ROLE) };
}

async function startWork(world: World, owner: Parameters<typeof startWorker>[1]): Promise<void> {
  const worker = await startWorker(world, owner);
  started.push({ name: 'worker', stop: () => worker.stop() });
  const ending = new AbortController();
  const loop = publishLoop(world, ending.signal);
  started.push({
    name: 'publishing',
    async stop() {
      ending.abort();
      await loop;
    },
  });
}

function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Keep-alive connections of open browsers would hold the server for minutes.
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 2000).unref();
  });
}

function leave(signal: string): void {
  if (stopping) process.exit(130);
  say(`\nStopping (${signal}). Press Ctrl-C again to leave at once.`);
  stopAll().then(
    () => process.exit(0),
    (error: Error) => {
      console.error(error.message);
      process.exit(1);
    },
  );
}

async function stopAll(): Promise<void> {
  stopping = true;
  for (const one of started.splice(0).reverse())
    await one.stop().catch((error: Error) => console.error(`Could not stop the ${one.name}: ${error.message}`));
}
