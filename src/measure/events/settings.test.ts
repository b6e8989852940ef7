import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { intake } from '#src/doors/http/intake.ts';
import { trackerPaths } from '#src/measure/events/tracking.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-20T10:00:00Z' });
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
});
afterAll(() => world.close());

describe('the script’s own name', () => {
  test('is the installation’s, cannot be guessed, and is served with its event path beside /t.js and /e', async () => {
    const { scriptPath, snippet } = await maya.call.tracking.get({ appId });
    expect(scriptPath).toMatch(/^\/[0-9a-f]{10}\.js$/);
    expect(snippet).toContain(`src="http://localhost:3000${scriptPath}"`);
    const own = scriptPath.replace('.js', '');
    expect(trackerPaths(world.world)).toEqual({ scripts: ['/t.js', scriptPath], events: ['/e', own] });
    const door = intake(world.world);
    const { publicKey } = await maya.call.tracking.get({ appId });
    const event = { app: publicKey, id: randomUUID(), kind: 'pageview', url: 'https://outpost.dev/' };
    const answer = await door.request(own, { method: 'POST', body: JSON.stringify(event) });
    expect([answer.status, await answer.json()]).toEqual([202, { stored: true }]);
  });

  test('can be chosen; from a path of one’s own domain the line says so', async () => {
    const named = { ...world.world, config: { ...world.world.config, TRACKER_NAME: 'hello' } };
    expect(trackerPaths(named)).toEqual({ scripts: ['/t.js', '/hello.js'], events: ['/e', '/hello'] });
    const scriptUrl = 'https://outpost.dev/hello.js';
    const shown = await maya.call.tracking.set({ appId, scriptUrl, keptQueryParameters: ['tab', 'plan'] });
    expect(shown.snippet).toBe(
      `<script defer src="${scriptUrl}" data-app="${shown.publicKey}" data-keep="tab plan"></script>`,
    );
    for (const wrong of ['https://outpost.dev/hello', 'javascript:alert(1).js', 'https://a.b/"><script>.js'])
      await expect(maya.call.tracking.set({ appId, scriptUrl: wrong })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect((await maya.call.tracking.set({ appId, scriptUrl: null })).scriptUrl).toBeNull();
  });
});

describe('a batch from the app’s server', () => {
  test('answers each event by itself, whatever the others are', async () => {
    const now = world.clock.now().getTime();
    const id = randomUUID();
    const events = [
      { id, kind: 'exported', person: 'u1', props: { rows: 12 } },
      { id, kind: 'exported', person: 'u1' },
      { kind: '' },
      { id: 'no uuid', kind: 'exported' },
      { kind: 'exported', occurredAt: new Date(now + 3_600_000).toISOString() },
      { kind: 'exported', occurredAt: new Date(now - 400 * 86_400_000).toISOString() },
      { kind: 'exported', occurredAt: new Date(now - 86_400_000).toISOString() },
      { kind: 'signup', person: 'u2', unheardOf: 1 },
    ];
    const answer = await maya.call.events.sendBatch({ appId, events });
    expect(answer).toMatchObject({ stored: 2, duplicates: 1, refused: 5 });
    expect(answer.events.map(({ index, outcome, reason }) => [index, outcome, reason])).toEqual([
      [0, 'stored', undefined],
      [1, 'duplicate', undefined],
      [2, 'refused', 'malformed'],
      [3, 'refused', 'malformed'],
      [4, 'refused', 'in_the_future'],
      [5, 'refused', 'too_old'],
      [6, 'stored', undefined],
      [7, 'refused', 'malformed'],
    ]);
    expect(answer.events[3]).toMatchObject({ id: 'no uuid', message: expect.stringContaining('id') });
    expect(await maya.call.events.sendBatch({ appId, events: events.slice(0, 1) })).toMatchObject({ duplicates: 1 });
    const { refusals } = await maya.call.tracking.get({ appId });
    expect(refusals).toContainEqual(expect.objectContaining({ reason: 'malformed', times: 3 }));
  });

  test('a thousand at once, and no more; another workspace’s app is not there', async () => {
    const events = Array.from({ length: 1000 }, (_, at) => ({
      id: randomUUID(),
      kind: 'exported',
      person: `many${at % 20}`,
    }));
    expect(await maya.call.events.sendBatch({ appId, events })).toMatchObject({ stored: 1000 });
    await expect(maya.call.events.sendBatch({ appId, events: [...events, {}] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const rival = await world.join('Rival');
    await expect(rival.call.events.sendBatch({ appId, events: [{}] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
