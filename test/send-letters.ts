/** A process of its own that sends what is due, so that a test can kill it: takes the world's settings as JSON. */
import { readConfig } from '#src/config.ts';
import { asSystem } from '#src/context.ts';
import { sendDue } from '#src/distribute/newsletter/send.ts';
import { openWorld } from '#src/world.ts';

const { server, data, workspaceId, allow, now, publicUrl } = JSON.parse(process.argv[2] ?? '{}');
const config = { ...readConfig({ LOG_LEVEL: 'silent' }), WEB_ALLOW: [allow] };
const clock = { now: () => new Date(now) };
const world = await openWorld({ config, data, publicUrl, server }, { clock });
process.stdout.write('ready\n');
await sendDue(asSystem(world, workspaceId, 'test'));
await world.close();
