import { request as ask } from 'node:http';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpDoors } from '#src/doors/http/app.ts';
import { openHealth } from '#src/doors/http/health.ts';
import { type Door, openDoor } from '#src/doors/http/server.ts';
import { type Life, openLife } from '#src/doors/life.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let life: Life;
let door: Door;
let isDatabaseThere = true;

beforeAll(async () => {
  world = await openTestWorld({ config: { PUBLIC_URL: 'https://fanfare.example' } });
  life = openLife(() => undefined);
  const alive = () => (isDatabaseThere ? world.world.db.alive() : Promise.reject(new Error('away')));
  door = await openDoor(
    { port: 0, host: '127.0.0.1' },
    openHealth(life, () => ({ alive })),
  );
});
afterAll(async () => {
  await door.close(0);
  await world.close();
});

type Said = { status: number; body: string; headers: Record<string, string | string[] | undefined> };

/** As a proxy asks, which may name any host. */
function get(path: string, host = 'fanfare.example', headers: Record<string, string> = {}): Promise<Said> {
  return new Promise((done, fail) => {
    const sent = ask({ port: door.port, host: '127.0.0.1', path, headers: { host, ...headers } }, (answer) => {
      let body = '';
      answer.on('data', (piece) => {
        body += piece;
      });
      answer.on('end', () => done({ status: answer.statusCode ?? 0, body, headers: answer.headers }));
    });
    sent.on('error', fail);
    sent.end();
  });
}

test('starting and migrating it is alive and not ready', async () => {
  expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  expect(await get('/readyz')).toMatchObject({ status: 503, body: '{"status":"starting"}' });
  expect((await get('/')).body).toMatch(/is starting/);
  life.enter('migrating');
  expect(await get('/readyz')).toMatchObject({ status: 503, body: '{"status":"migrating"}' });
});

test('serving it is ready as long as the database answers, however often it is asked', async () => {
  door.open(httpDoors(world.world));
  life.enter('serving');
  expect((await get('/readyz?by=proxy')).body).toBe('{"status":"ready"}');
  isDatabaseThere = false;
  await expect.poll(async () => (await get('/readyz')).body, { interval: 60 }).toBe('{"status":"no_database"}');
  expect((await get('/healthz')).status).toBe(200);
  isDatabaseThere = true;
  await expect.poll(async () => (await get('/readyz')).status, { interval: 60 }).toBe(200);
  const many = await Promise.all(Array.from({ length: 100 }, () => get('/readyz')));
  expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
});

test('on a short domain it is health and nobody’s code', async () => {
  const maya = await world.join();
  await maya.call.workspaces.update({ linkDomain: 'go.outpost.dev' });
  const { id: appId } = await maya.call.apps.register({ url: 'https://outpost.dev' });
  const made = (code: string) => maya.call.links.create({ appId, destination: 'https://outpost.dev/a', code });
  await made('launch');
  expect((await get('/launch', 'go.outpost.dev')).status).toBe(302);
  expect((await get('/readyz', 'go.outpost.dev')).body).toBe('{"status":"ready"}');
  for (const code of ['healthz', 'readyz']) await expect(made(code)).rejects.toThrow(/is taken/);
});

test('every answer has the id of its request: the one it brought, else a new one', async () => {
  const named = await get('/api/v1/apps', undefined, { 'x-request-id': 'from-the-proxy.1' });
  expect(named).toMatchObject({ status: 401, headers: { 'x-request-id': 'from-the-proxy.1' } });
  const odd = await get('/api/v1/apps', undefined, { 'x-request-id': 'two words' });
  expect(odd.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
});

test('leaving it answers what is under way, takes nothing new and breaks off what never ends', async () => {
  const slow = new Hono();
  const { promise: gone, resolve: go } = Promise.withResolvers<void>();
  slow.get('/slow', async (request) => gone.then(() => request.text('done')));
  door.open({ app: slow, shortcuts: [] });
  const open = Array.from({ length: 64 }, () => get('/slow'));
  const stream = get('/slow', undefined, { accept: 'text/event-stream' }).catch(() => 'broken off');
  await get('/healthz');
  const leaving = life.leave();
  const closing = door.close(10_000);
  expect(await stream).toBe('broken off');
  await expect(get('/slow')).rejects.toThrow(/ECONNREFUSED/);
  go();
  expect(new Set((await Promise.all(open)).map(({ body }) => body))).toEqual(new Set(['done']));
  await Promise.all([leaving, closing]);
  expect(life.phase()).toBe('leaving');
});
