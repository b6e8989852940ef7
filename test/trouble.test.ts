import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import sharp, { type SharpOptions } from 'sharp';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { publishDue, publishLoop } from '#src/distribute/publications.ts';
import { httpApp, httpDoors } from '#src/doors/http/app.ts';
import { openHealth } from '#src/doors/http/health.ts';
import { killAll, startHouse, startPublisher } from '#test/chaos/processes.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { addressOf, until } from '#test/fanfare.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/** What happens when the machine fails, as docs/self-hosting.md has it. */
let x: FakeX;
let world: TestWorld;
let maya: Person;
let owner: pg.Client;
let appId: string;
let accountId: string;
let key: string;
let publicKey: string;

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';

beforeAll(async () => {
  x = await startFakeX();
  x.allowDuplicates(true);
  world = await openTestWorld({ now: new Date().toISOString(), config: configFor(x) });
  maya = await world.join();
  accountId = await connectX(world, maya, x);
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  await maya.call.tracking.set({ appId, hosts: ['outpost.dev'] });
  publicKey = (await maya.call.tracking.get({ appId })).publicKey;
  key = (await maya.call.keys.create({ name: 'Requests', scopes: ['read', 'write'] })).key;
  owner = new pg.Client(world.owner);
  await owner.connect();
});
afterEach(() => world.clock.set(new Date()));
afterAll(async () => {
  killAll();
  await owner.end();
  await world.close();
  await x.close();
});

const texts = () => x.posts('maker').map(({ text }) => text);
const authorization = () => ({ authorization: `Bearer ${key}` });
const LONG = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => [name, name.repeat(500)]));
const event = (props = {}, id: string = randomUUID()) => ({
  method: 'POST',
  headers: { 'user-agent': CHROME, 'content-type': 'text/plain', connection: 'close' },
  body: JSON.stringify({ app: publicKey, id, kind: 'pageview', url: 'https://outpost.dev/', props }),
});
const stored = async () =>
  Number(
    (await owner.query<{ count: string }>('select count(*) from events where app_id = $1', [appId])).rows[0]?.count,
  );

/** Nobody gets a connection any more, and those there are break. */
async function takeDatabaseAway(): Promise<() => Promise<void>> {
  const { database } = (await owner.query<{ database: string }>('select current_database() as database')).rows[0]!;
  const last = await world.world.db.pool.connect();
  await owner.query(`alter database ${database} connection limit 0`);
  const own = 'usename = current_user and datname = current_database()';
  // The one that sends the others away goes last.
  await last.query(`select pg_terminate_backend(pid) from pg_stat_activity where ${own} and pid <> pg_backend_pid()`);
  last.release(true);
  return async () => {
    await owner.query(`alter database ${database} connection limit -1`);
  };
}

test('database gone: health says so, calls are refused in words, events are kept, posts go out once when it is back', async () => {
  const { app, rest } = httpDoors(world.world);
  const health = openHealth({ phase: () => 'serving' }, () => world.world.db);
  const tell = () => app.request('/e', event());
  expect((await tell()).status).toBe(202);
  const ending = new AbortController();
  const loop = publishLoop(world.world, ending.signal);
  const postId = await draft(maya, ['Due while the database is away']);
  const comeBack = await takeDatabaseAway();
  expect(await health.readiness()).toEqual({ status: 'no_database' });
  const refused = await app.request('/api/v1/apps', { headers: authorization() });
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringMatching(/database cannot be reached/)]);
  expect((await tell()).status).toBe(202);
  await comeBack();
  expect((await app.request('/api/v1/apps', { headers: authorization() })).status).toBe(200);
  await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  await until('the loop to go on', async () => texts().length === 1);
  await until('the event that was kept to be stored', async () => (await stored()) === 2);
  ending.abort();
  await loop;
  await rest();
  expect(texts()).toEqual(['Due while the database is away']);
});

test('disk full: an upload is refused in words and leaves nothing, events that were acknowledged are all kept', async () => {
  const server = { ...world.owner, user: 'fanfare_server' };
  const house = await startHouse({ server, data: world.data }, { file: 65_536 });
  const url = `http://127.0.0.1:${house.said}`;
  const noise = {
    create: { width: 400, height: 400, channels: 3, noise: { type: 'gaussian', mean: 128, sigma: 60 } },
  } as const;
  const picture = await sharp(noise as unknown as SharpOptions)
    .png()
    .toBuffer();
  expect(picture.length).toBeGreaterThan(200_000);
  const send = (body: Buffer) =>
    fetch(`${url}/uploads`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { ...authorization(), 'content-type': 'image/png', connection: 'close' },
    });
  const refused = await send(picture);
  expect([refused.status, await refused.text()]).toEqual([507, expect.stringMatching(/disk is full/)]);
  expect(await readdir(join(world.data, 'incoming'))).toEqual([]);
  const small = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  expect((await send(small)).status).toBe(201);

  expect((await fetch(`${url}/e`, event())).status).toBe(202);
  const comeBack = await takeDatabaseAway();
  const tell = async () => {
    const id = randomUUID();
    return { id, status: (await fetch(`${url}/e`, event(LONG, id))).status };
  };
  const told: { id: string; status: number }[] = [];
  while (!told.some(({ status }) => status === 503) && told.length < 100)
    told.push(...(await Promise.all(Array.from({ length: 10 }, tell))));
  await comeBack();
  expect(new Set(told.map(({ status }) => status))).toEqual(new Set([202, 503]));
  const safe = told.filter(({ status }) => status === 202).map(({ id }) => id);
  await until('all that was acknowledged to be stored', async () => {
    const { rowCount } = await owner.query('select 1 from events where id = any($1)', [safe]);
    return rowCount === safe.length;
  });
  await house.kill();
});

test('disk full: a backup that does not fit leaves nothing behind and is said to have failed', async () => {
  const folder = join(world.data, 'full');
  await mkdir(folder);
  const file = join(folder, 'whole.backup');
  const environment = {
    ...process.env,
    FANFARE_DATA: world.data,
    DATABASE_URL: addressOf(world.owner),
    DATABASE_SERVER_URL: addressOf({ ...world.owner, user: 'fanfare_server' }),
  };
  const limited = 'ulimit -c 0; ulimit -f 4; exec "$0" "$@"';
  const child = spawn('/bin/sh', ['-c', limited, process.execPath, 'bin/fanfare.js', 'backup', file], {
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text;
  });
  expect((await once(child, 'exit'))[0]).toBe(1);
  expect(said).toMatch(/EFBIG|too large|disk/i);
  expect(await readdir(folder)).toEqual([]);
  const { rows } = await owner.query('select error from backups');
  expect(rows).toEqual([{ error: expect.stringMatching(/EFBIG|too large|disk/i) }]);
});

test('disk of the database full: nothing is half-written, and the one who asked is told', async () => {
  await owner.query(`create function full_disk() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file "base/1": No space left on device' using errcode = 'disk_full'; end $$`);
  await owner.query('create trigger full_disk before insert on audit_log for each row execute function full_disk()');
  const send = () =>
    httpApp(world.world).request('/api/v1/links', {
      method: 'POST',
      headers: { ...authorization(), 'content-type': 'application/json' },
      body: JSON.stringify({ appId, destination: 'https://outpost.dev/a', code: 'whole' }),
    });
  const refused = await send();
  expect([refused.status, await refused.text()]).toEqual([507, expect.stringMatching(/disk is full/)]);
  await owner.query('drop function full_disk cascade');
  expect((await send()).status).toBe(200);
});

test('out of memory: the process dies, its lease returns, nothing is posted twice', async () => {
  const posts = texts().length;
  const postId = await draft(maya, ['Sent with the last byte', 'And then the rest']);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  const { publicationId } = publications[0]!;
  const publisher = await startPublisher(
    {
      server: { ...world.owner, user: 'fanfare_server' },
      data: world.data,
      config: configFor(x),
      stopAt: { step: 'answered', part: 0, exhausts: true },
    },
    { memory: 80 },
  );
  await publisher.ended;
  expect(texts().slice(posts)).toEqual(['Sent with the last byte']);
  expect(await publishDue(world.world)).toBe(0);
  for (let n = 0; n < 8; n += 1) {
    world.clock.forward('3 min');
    await publishDue(world.world);
  }
  expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'published', partsOut: 2 });
  expect(texts().slice(posts)).toEqual(['Sent with the last byte', 'And then the rest']);
});

test('the clock jumps a day ahead and an hour back: people stay signed in, every event has its day, jobs go on', async () => {
  const fresh = await openTestWorld({ now: '2026-11-20T10:00:00Z' });
  vi.useFakeTimers({ toFake: ['Date'], now: fresh.clock.now() });
  const { app, rest } = httpDoors(fresh.world);
  const at = (moment: string) => {
    fresh.clock.set(moment);
    vi.setSystemTime(new Date(moment));
  };
  const account = { name: 'Ann', email: 'ann@example.com', password: 'a long enough password' };
  const signUp = await app.request('/api/auth/sign-up/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: fresh.world.publicUrl },
    body: JSON.stringify(account),
  });
  const cookie = signUp.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const who = async () => {
    const answer = await app.request('/api/auth/get-session', { headers: { cookie } });
    return ((await answer.json()) as { user?: { name: string } } | null)?.user?.name;
  };
  const ann = await fresh.join('Ann Other');
  const { id } = await ann.call.apps.register({ url: 'https://outpost.dev' });
  await ann.call.tracking.set({ appId: id, hosts: ['outpost.dev'] });
  const { publicKey: own } = await ann.call.tracking.get({ appId: id });
  for (const moment of ['2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z', '2026-11-20T09:00:00Z']) {
    at(moment);
    expect([moment, await who()]).toEqual([moment, 'Ann']);
    const told = {
      ...event(),
      body: JSON.stringify({ app: own, id: randomUUID(), kind: 'pageview', url: 'https://outpost.dev/' }),
    };
    expect((await app.request('/e', told)).status).toBe(202);
    await fresh.drain();
  }
  await rest();
  const days = new pg.Client(fresh.owner);
  await days.connect();
  const { rows } = await days.query(`select day, views from traffic_days where dimension = 'total' order by day`);
  const jobs = await days.query(
    'select 1 from graphile_worker.jobs where locked_by is not null or last_error is not null',
  );
  await days.end();
  vi.useRealTimers();
  await fresh.close();
  expect(rows.map(({ views }) => views)).toEqual([2, 1]);
  expect(jobs.rows).toEqual([]);
});
