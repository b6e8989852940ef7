/**
 * A process that writes and sends a workspace's reports until it is killed: `node test/send-reports.ts <settings>`. It
 * begins at the moment it reads from its input, works on the database and data folder of the test that started it.
 */
import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { readConfig } from '#src/config.ts';
import { asSystem } from '#src/context.ts';
import { runReports } from '#src/grow/reports.ts';
import { openWorld } from '#src/world.ts';

type Settings = {
  server: Parameters<typeof openWorld>[0]['server'];
  data: string;
  workspaceId: string;
  allow: string;
  publicUrl: string;
};
const { server, data, workspaceId, allow, publicUrl } = JSON.parse(process.argv[2] ?? '') as Settings;
const config = { ...readConfig({ LOG_LEVEL: 'silent' }), WEB_ALLOW: [allow] };
let now = '';
const world = await openWorld({ config, data, publicUrl, server }, { clock: { now: () => new Date(now) } });
// It is killed, so it would never keep what it compiled for the next one.
flushCompileCache();
now = (await once(process.stdin, 'data'))[0].toString();
await runReports(asSystem(world, workspaceId, 'test'));
await world.close();
