import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { createRouterClient } from '@orpc/server';
import { catalog } from '#src/catalog.ts';
import { readConfig } from '#src/config.ts';
import { asSystem, shared, type World } from '#src/context.ts';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate, SERVER_ROLE } from '#src/db/migrate.ts';
import { httpDoors } from '#src/doors/http/app.ts';
import { takeShortcuts } from '#src/doors/http/shortcuts.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { openWorld } from '#src/world.ts';

/** What a kept house is about: whose it is, and the time up to which it was filled. */
type Kept = { workspaceId: string; userId: string; appId: string; until: string };

/**
 * A whole Fanfare for a bench: its own database in a folder of its own, one workspace with one app, its doors open. With
 * `keep` the folder stays; a house that was kept there (`remember`) is opened again as it was, at the time it was.
 */
export async function openHouse(environment: Record<string, string> = {}, keep?: string) {
  if (keep !== undefined) await mkdir(keep, { recursive: true });
  const data = keep ?? (await mkdtemp(join(tmpdir(), 'fanfare-bench-')));
  const note = join(data, 'bench.json');
  const kept = await readFile(note, 'utf8').then(
    (text) => JSON.parse(text) as Kept,
    () => null,
  );
  // Without its note a folder holds what was never filled to the end.
  if (kept === null) await rm(join(data, 'postgres'), { recursive: true, force: true });
  const database = await startEmbedded({ data });
  await migrate(database.connection('fanfare_owner'));
  const behind = kept === null ? 0 : Date.now() - Date.parse(kept.until);
  const now = () => new Date(Date.now() - behind);
  const world = await openWorld(
    {
      config: readConfig({ LOG_LEVEL: 'silent', ...environment }),
      data,
      publicUrl: 'http://localhost:3000',
      server: database.connection(SERVER_ROLE),
    },
    { clock: { now } },
  );
  const userId = kept?.userId ?? (await addUser(world));
  const workspaceId = kept?.workspaceId ?? (await createWorkspace(world, { name: 'Bench', userId }));
  const who = { kind: 'user', id: userId, name: 'Bench', role: 'owner' } as const;
  const call = createRouterClient(catalog, {
    context: { world, who, workspaceId, address: null, requestId: 'bench' },
  });
  const appId = kept?.appId ?? (await call.apps.register({ url: 'https://bench.example' })).id;
  const { app, shortcuts } = httpDoors(world);
  const server = await new Promise<Server>((resolve) => {
    const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening as Server));
  });
  takeShortcuts(server, shortcuts);
  return {
    world,
    call,
    appId,
    context: { ...asSystem(world, workspaceId, 'bench'), who },
    owner: database.connection('fanfare_owner'),
    port: (server.address() as AddressInfo).port,
    now,
    /** It was filled before. */
    filled: kept !== null,
    /** Leaves the house to be opened again; it is filled up to `until`. */
    remember: (until: Date) =>
      writeFile(note, JSON.stringify({ workspaceId, userId, appId, until: until.toISOString() } satisfies Kept)),
    async close() {
      server.close();
      server.closeAllConnections();
      await world.close();
      await database.stop();
      if (keep === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

async function addUser(world: World): Promise<string> {
  const { id } = await shared(world, (tx) =>
    tx
      .insertInto('users')
      .values({ name: 'Bench', email: 'bench@example.com' })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  return id;
}
