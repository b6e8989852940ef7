import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared } from '#src/context.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { enqueue } from '#src/jobs.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { addressOf, until } from '#test/fanfare.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { buildIfStale } from '#web/build.ts';

/** The real program in processes of its own on the test's database, told to stop in the middle of everything. */
let world: TestWorld;
let maya: Person;
let x: FakeX;
let owner: pg.Client;
let key: string;
let accountId: string;
let postId: string;
let all: Program;
let web: Program;

type Program = { child: ChildProcess; url: string; said(): string; ended: Promise<number | null> };

beforeAll(async () => {
  x = await startFakeX();
  world = await openTestWorld({ now: new Date().toISOString(), config: configFor(x) });
  maya = await world.join();
  accountId = await connectX(world, maya, x);
  key = (await maya.call.keys.create({ name: 'Requests', scopes: ['read'] })).key;
  owner = new pg.Client(world.owner);
  await owner.connect();
  postId = await draft(maya, ['First of two', 'Second of two']);
  // Else each of them would build the page.
  await buildIfStale();
  [all, web] = await Promise.all([startProgram('all'), startProgram('web')]);
}, 180_000);
afterAll(async () => {
  for (const one of [all, web]) one?.child.kill('SIGKILL');
  await owner.end();
  await world.close();
  await x.close();
});

function run(what: 'all' | 'web', more: Record<string, string> = {}) {
  const env = {
    ...process.env,
    ...configFor(x),
    RUN: what,
    PORT: '0',
    LOG_LEVEL: 'warn',
    FANFARE_DATA: world.data,
    DATABASE_URL: addressOf(world.owner),
    DATABASE_SERVER_URL: addressOf({ ...world.owner, user: 'fanfare_server' }),
    ...more,
  };
  return spawn(process.execPath, ['bin/fanfare.js', 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function startProgram(what: 'all' | 'web'): Promise<Program> {
  const child = run(what);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text;
    });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const url = await until('the program to start', async () => {
    if (child.exitCode !== null) throw new Error(said);
    return /Fanfare is at (\S+)/.exec(said)?.[1];
  });
  return { child, url, said: () => said, ended };
}

const list = (url: string) => fetch(`${url}/api/v1/apps`, { headers: { authorization: `Bearer ${key}` } });
const count = async (sql: string) => Number((await owner.query<{ count: string }>(sql)).rows[0]?.count);
/** Statements that wait for the lock we hold. */
const waiting = () =>
  count(
    `select count(*) from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`,
  );

test('told to stop while it publishes, works on a job and has 64 requests open, it loses none of them', async () => {
  x.answerSlowly(1_000, 1);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  await until('the call to X', async () => (await count(`select count(*) from attempts where phase = 'sent'`)) === 1);
  await owner.query('begin; lock table apps, activities in access exclusive mode');
  const job = { workspaceId: maya.workspaceId, activityId: randomUUID() };
  await shared(world.world, (tx) => enqueue({ tx }, 'react', job, { key: 'held' }));
  const open = Array.from({ length: 64 }, () => list(all.url).then(({ status }) => status));
  await until('requests to wait', async () => (await waiting()) >= 3);
  // Doors are opened in the order of knocking: whoever knocked before this is inside.
  await fetch(`${all.url}/healthz`);
  all.child.kill('SIGTERM');
  await until('the program to leave', () =>
    fetch(`${all.url}/readyz`).then(
      ({ ok }) => !ok,
      () => true,
    ),
  );
  await owner.query('commit');
  expect(new Set(await Promise.all(open))).toEqual(new Set([200]));
  expect(await all.ended).toBe(0);
  expect(all.said()).toMatch(/Stopping \(SIGTERM\)/);
  expect(all.said()).not.toMatch(/did not end|Could not stop/);

  expect(x.posts('maker').map(({ text }) => text)).toEqual(['First of two']);
  expect(await count('select count(*) from due_publications where lease_holder is not null')).toBe(0);
  expect(await count('select count(*) from publishers')).toBe(0);
  expect(await count('select count(*) from graphile_worker.jobs where locked_by is not null')).toBe(0);
  world.clock.set(new Date());
  await publishDue(world.world);
  expect(x.posts('maker').map(({ text }) => text)).toEqual(['First of two', 'Second of two']);
  const { publicationId } = publications[0]!;
  expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'published' });
});

test('told a second time it ends at once', async () => {
  await owner.query('begin; lock table apps in access exclusive mode');
  const open = list(web.url).catch(() => 'broken off');
  await until('the request to wait', async () => (await waiting()) === 1);
  web.child.kill('SIGTERM');
  await until('it to have heard', async () => web.said().includes('Stopping (SIGTERM)'));
  web.child.kill('SIGTERM');
  expect(await web.ended).toBe(130);
  expect(await open).toBe('broken off');
  await owner.query('rollback');
});

test('with its database away at the start it ends with a sentence', async () => {
  const child = run('web', { DATABASE_URL: 'postgres://fanfare@127.0.0.1:9/fanfare' });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text;
  });
  expect((await once(child, 'exit'))[0]).toBe(1);
  expect(said).toMatch(/Fanfare did not start\. DATABASE_URL cannot be reached: .* Check address, user and password/);
});
