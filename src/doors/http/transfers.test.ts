import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '#src/doors/cli/program.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let server: ServerType;
let url: string;
let folder: string;
const keys = new Map<string, string>();

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  folder = await mkdtemp(join(tmpdir(), 'fanfare-door-'));
  maya = await world.join();
  for (const scopes of [['read'], ['read', 'write']] as const)
    keys.set(scopes.join(), (await maya.call.keys.create({ name: scopes.join(), scopes: [...scopes] })).key);
  url = await new Promise<string>((resolve) => {
    server = serve({ fetch: httpApp(world.world).fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
});
afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
  await world.close();
});

const send = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/transfers/files?name=visits.csv`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'text/csv', ...headers },
  });

test('a file comes in with a key that may write, and from our own pages only', async () => {
  expect((await send('time,visitor\n')).status).toBe(401);
  expect((await send('time,visitor\n', { authorization: `Bearer ${keys.get('read')}` })).status).toBe(403);
  expect((await send('x', { origin: 'https://evil.example' })).status).toBe(403);
  const write = { authorization: `Bearer ${keys.get('read,write')}` };
  expect(await (await send('', write)).json()).toMatchObject({ message: expect.stringMatching(/body|empty/) });
  const form = await send('x', { ...write, 'content-type': 'multipart/form-data; boundary=x' });
  expect(form.status).toBe(400);
  const taken = await send('time,visitor,path\n2026-11-20T10:00:00Z,v1,/door\n', write);
  expect(taken.status).toBe(201);
  const { id: transferId } = (await taken.json()) as { id: string };
  const { id: appId } = await maya.call.apps.register({ url: 'https://door.example' });
  const start = await fetch(`${url}/api/v1/transfers/${transferId}/start`, {
    method: 'POST',
    body: JSON.stringify({ appId }),
    headers: { ...write, 'content-type': 'application/json' },
  });
  expect(await start.json()).toMatchObject({ id: transferId, format: 'csv' });
  await world.drain();
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({
    state: 'done',
    content: 'events',
    rowsDone: 1,
    fileName: 'visits.csv',
  });
});

test('an export is for the owner in person, and is handed out by its link only', async () => {
  const asked = await fetch(`${url}/api/v1/exports`, {
    method: 'POST',
    body: '{}',
    headers: { authorization: `Bearer ${keys.get('read,write')}`, 'content-type': 'application/json' },
  });
  expect(asked.status).toBe(403);
  const { id: transferId } = await maya.call.transfers.export({ kinds: ['visits'], format: 'csv' });
  await world.drain();
  const link = new URL((await maya.call.transfers.link({ transferId })).url);
  const answer = await fetch(`${url}${link.pathname}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="fanfare-2026-11-22-csv.zip"');
  expect(Number(answer.headers.get('content-length'))).toBe((await answer.arrayBuffer()).byteLength);
  expect((await fetch(`${url}${link.pathname}x`)).status).toBe(404);
  expect((await fetch(`${url}/transfers/${maya.workspaceId}/${transferId}/short`)).status).toBe(404);
});

test('the command line writes an export into a file', async () => {
  const to = join(folder, 'all.zip');
  let [out, err] = ['', ''];
  const line = runCli(['export', '--to', to, '--kinds', 'visits', '--workspace', maya.workspaceId], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    stdin: () => '',
    environment: { FANFARE_URL: url, FANFARE_DATA: world.data },
  });
  const working = setInterval(() => void world.drain().catch(() => undefined), 700);
  const code = await line.finally(() => clearInterval(working));
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/all\.zip: [\d,]+ bytes/);
  expect((await readFile(to)).subarray(0, 2).toString()).toBe('PK');
});
