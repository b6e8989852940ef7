/**
 * The doors of a house as a process of its own, for tests that kill it: says its port, answers until it is killed. Several
 * may stand on one database and one data folder.
 */
import { writeSync } from 'node:fs';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { ClientConfig } from 'pg';
import { readConfig } from '#src/config.ts';
import { httpDoors } from '#src/doors/http/app.ts';
import { takeShortcuts } from '#src/doors/http/shortcuts.ts';
import { openWorld } from '#src/world.ts';

export type HouseSettings = { server: ClientConfig; data: string };

const { server, data } = JSON.parse(process.argv[2] ?? '') as HouseSettings;
const world = await openWorld({
  config: readConfig({ LOG_LEVEL: 'silent' }),
  data,
  publicUrl: 'http://localhost:3000',
  server,
});
const { app, shortcuts } = httpDoors(world);
const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  writeSync(1, `${port}\n`);
});
takeShortcuts(listening as Server, shortcuts);
// Whoever started us and is gone closes this.
process.stdin.once('end', () => process.exit());
process.stdin.resume();
