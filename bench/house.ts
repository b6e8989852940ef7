import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { createRouterClient } from '@orpc/server';
import { catalog } from '#src/catalog.ts';
import { readConfig } from '#src/config.ts';
import { asSystem, shared } from '#src/context.ts';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate, SERVER_ROLE } from '#src/db/migrate.ts';
import { httpDoors } from '#src/doors/http/app.ts';
import { takeShortcuts } from '#src/doors/http/shortcuts.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { openWorld } from '#src/world.ts';

/** A whole Fanfare for a bench: its own database in a folder of its own, one workspace with one app, its doors open. */
export async function openHouse(environment: Record<string, string> = {}) {
  const data = await mkdtemp(join(tmpdir(), 'fanfare-bench-'));
  const database = await startEmbedded({ data });
  await migrate(database.connection('fanfare_owner'));
  const world = await openWorld({
    config: readConfig({ LOG_LEVEL: 'silent', ...environment }),
    data,
    publicUrl: 'http://localhost:3000',
    server: database.connection(SERVER_ROLE),
  });
  const user = await shared(world, (tx) =>
    tx
      .insertInto('users')
      .values({ name: 'Bench', email: 'bench@example.com' })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  const workspaceId = await createWorkspace(world, { name: 'Bench', userId: user.id });
  const who = { kind: 'user', id: user.id, name: 'Bench', role: 'owner' } as const;
  const call = createRouterClient(catalog, {
    context: { world, who, workspaceId, address: null, requestId: 'bench' },
  });
  const { id: appId } = await call.apps.register({ url: 'https://bench.example' });
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
    async close() {
      server.close();
      server.closeAllConnections();
      await world.close();
      await database.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}
