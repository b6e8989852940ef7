import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writingDoor } from '#src/doors/http/writing.ts';
import { openSignIn } from '#src/people/sign-in.ts';
import { type FakeModel, startFakeModel } from '#test/fakes/model.ts';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let model: FakeModel;
let maya: Person;
let appId: string;
let server: ServerType;
let url: string;

beforeAll(async () => {
  world = await openTestWorld();
  model = await startFakeModel();
  maya = await world.join();
  appId = await knownApp(maya);
  await maya.call.ai.set({ provider: 'openai-compatible', baseUrl: model.url, model: 'tiny' });
  const door = writingDoor(world.world, openSignIn(world.world), { before: 500, after: 100 });
  server = serve({ fetch: door.fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise((ready) => server.once('listening', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream/writing`;
});
afterAll(async () => {
  if ('closeAllConnections' in server) server.closeAllConnections();
  server.close();
  await Promise.all([world.close(), model.close()]);
});

async function open(person: Person, subject?: string, signal?: AbortSignal) {
  const { key } = await person.call.keys.create({ name: 'watch', scopes: ['read'] });
  return fetch(subject ? `${url}?subject=${subject}` : url, {
    headers: { authorization: `Bearer ${key}` },
    ...(signal ? { signal } : {}),
  });
}

/** Everything a stream said until its end. */
async function heard(answer: Response): Promise<{ event: string; texts: string[] }[]> {
  const events = (await answer.text()).split('\n\n').filter((one) => one.startsWith('event:'));
  return events.map((one) => {
    const { calls = [] } = JSON.parse(/^data: (.*)$/m.exec(one)?.[1] ?? '{}') as { calls?: { arrived: string[] }[] };
    return { event: /^event: (\w+)/.exec(one)?.[1] ?? '', texts: calls.flatMap((call) => call.arrived) };
  });
}

test('what a model writes is heard before it is done, by its own workspace alone, until the call ends', async () => {
  const rival = await world.join('Rival');
  const begun = '{\n  "drafts": [\n    {\n      "kind": "educational",\n      "title": "Sleep",\n      "parts": [\n';
  model.program({
    pieces: [`${begun}        "A laptop that closes loses its \\"webhooks\\" for`],
    everyMs: 1,
    hangs: true,
  });
  const writing = maya.call.drafts.write({ appId, count: 1 });
  const answers = await Promise.all([open(maya, appId), open(maya), open(rival), open(maya, maya.workspaceId)]);
  const { headers } = answers[0];
  expect(headers.get('content-type')).toBe('text/event-stream');
  expect(headers.get('cache-control')).toBe('no-store, no-transform');
  expect(headers.get('x-accel-buffering')).toBe('no');
  const streams = answers.map(heard);
  const unfinished = 'A laptop that closes loses its "webhooks" for';
  await expect
    .poll(async () => (await maya.call.ai.running({})).calls, { timeout: 5_000 })
    .toMatchObject([{ arrived: [unfinished], subject: appId }]);
  const [call] = (await maya.call.ai.running({})).calls;
  await maya.call.ai.cancel({ callId: call!.id });
  expect(await writing).toEqual({
    postIds: [],
    method: 'model',
    reason: 'The writing was cancelled. Nothing was kept.',
  });
  const [own, all, theirs, other] = await Promise.all(streams);
  for (const told of [own, all])
    expect(told?.slice(-3)).toEqual([
      { event: 'calls', texts: [unfinished] },
      { event: 'calls', texts: [] },
      { event: 'end', texts: [] },
    ]);
  for (const told of [theirs, other]) expect(told).toEqual([{ event: 'end', texts: [] }]);
});

test('a stream is for those who may look, for rows that can be, and so many at once', async () => {
  expect((await fetch(url)).status).toBe(401);
  expect((await open(maya, 'everything')).status).toBe(400);
  const leaving = new AbortController();
  const opened = await Promise.all(Array.from({ length: 21 }, () => open(maya, undefined, leaving.signal)));
  expect(opened.map((answer) => answer.status).sort()).toEqual([...Array(20).fill(200), 429]);
  expect(await opened.find((answer) => answer.status === 429)?.json()).toMatchObject({
    message: 'Too many pages watch the model at once. Close some and reload.',
  });
  leaving.abort();
  await expect.poll(async () => (await open(maya)).status, { timeout: 5_000 }).toBe(200);
});
