import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared } from '#src/context.ts';
import { startWorker } from '#src/doors/worker.ts';
import { enqueue } from '#src/jobs.ts';
import { openLog } from '#src/log.ts';
import { onTrail } from '#src/trail.ts';
import { until } from '#test/fanfare.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let owner: pg.Client;
const lines: { requestId?: string; msg: string }[] = [];

beforeAll(async () => {
  const log = openLog('warn', { write: (line) => void lines.push(JSON.parse(line)) });
  world = await openTestWorld({ overrides: { log } });
  owner = new pg.Client(world.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await world.close();
});

const react = (workspaceId: string) =>
  shared(world.world, (tx) => enqueue({ tx }, 'react', { workspaceId, activityId: randomUUID() }));

test('a job carries the id of the request that it comes of into every line it logs', async () => {
  await onTrail({ requestId: 'asked-by-maya' }, () => react('no workspace'));
  await expect(onTrail({ requestId: 'drained' }, () => world.drain())).resolves.toBeUndefined();
  const failed = lines.filter(({ msg }) => msg.includes('A workspace id is a UUID'));
  expect(failed.length).toBeGreaterThan(0);
  await owner.query('delete from graphile_worker._private_jobs');
});

test('a job stays with a worker that lives, and is handed back at once by one that leaves before it is done', async () => {
  const maya = await world.join();
  const holder = async () => {
    const { rows } = await owner.query<{ by: string | null }>('select locked_by as by from graphile_worker.jobs');
    return rows[0]?.by;
  };
  await owner.query('begin; lock table activities in access exclusive mode');
  const worker = await startWorker(world.world, world.owner);
  await react(maya.workspaceId);
  const first = await until('the job to be taken', holder);
  // A worker that starts looks for jobs of dead ones before anything else.
  const other = await startWorker(world.world, world.owner);
  expect(await holder()).toBe(first);
  await other.stop();
  await other.release();
  const stopped = worker.stop();
  await worker.release();
  expect(await holder()).toBeNull();
  await owner.query('rollback');
  await stopped;
  await world.drain();
  expect(await holder()).toBeUndefined();
});
