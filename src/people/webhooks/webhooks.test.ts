import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activities, activityNames } from '#src/activities.ts';
import { record } from '#src/activity.ts';
import { type Context, transaction } from '#src/context.ts';
import { sendSigned } from '#src/outside/hooks.ts';
import { react } from '#src/reactions.ts';
import { openWorld } from '#src/world.ts';
import { createDatabase } from '#test/database.ts';
import { type Answer, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';
import { deliverWaiting, sweepNotes } from './deliver.ts';
import { WAITS } from './state.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let server: RecordedServer;
/** A second process on the same database. */
let other: Awaited<ReturnType<typeof openWorld>>;
const PATH = '/hooks/my-secret-path-0123456789';

beforeAll(async () => {
  server = await startRecorded();
  const database = await createDatabase();
  const config = { WEB_ALLOW: [new URL(server.url).host] };
  world = await openTestWorld({ config, now: '2026-11-22T12:00:00Z', database });
  maya = await world.join();
  rival = await world.join('Rival');
  const { data, clock, secrets, publicUrl } = world.world;
  other = await openWorld({ config: world.world.config, data, publicUrl, server: database.server }, { clock, secrets });
});
afterAll(async () => {
  await other.close();
  await world.close();
  await server.close();
});

const make = (chosen: string[] = ['post.approved'], path = PATH) =>
  maya.call.webhooks.create({ url: `${server.url}${path}`, activities: chosen as ['*'] });
const alone = async (...wanted: Parameters<typeof make>) => {
  for (const { id } of (await maya.call.webhooks.list({})).webhooks) await maya.call.webhooks.remove({ webhookId: id });
  return make(...wanted);
};
/** Something happens, and the worker looks at it. */
const happens = async (name: 'post.approved' | 'post.changed', who: Person = maya) => {
  const subjectId = '018f3c1e-5b7a-4d2e-9c64-1f0a7b3d5e90';
  const activityId = await transaction(who.context, (inside) =>
    record(inside, name, { subjectId, detail: { version: 2 } }),
  );
  await react(world.world, { workspaceId: who.workspaceId, activityId });
  return activityId;
};
const deliver = (webhookId: string, by = world.world) =>
  deliverWaiting(by, { workspaceId: maya.workspaceId, webhookId });
const answers = (...all: Answer[]) => server.expect(...all.map((answer): [string, Answer] => [`POST ${PATH}`, answer]));
const log = async (webhookId: string) => (await maya.call.webhooks.deliveries({ webhookId })).deliveries;
const standing = async () => (await maya.call.webhooks.list({})).webhooks[0]!;
const notices = async () => (await maya.call.notices.list({})).notices;

describe('a note of what happened', () => {
  test('comes signed, once, to those who asked for that activity, however many processes send', async () => {
    const { id, secret } = await alone();
    await make(['post.changed'], '/other');
    const activityId = await happens('post.approved');
    await react(world.world, { workspaceId: maya.workspaceId, activityId });
    await happens('post.approved', rival);
    answers({ status: 204 });
    await Promise.all([deliver(id), deliver(id, other), deliver(id)]);
    expect(server.problems()).toEqual([]);
    const asked = server.requests.at(-1)!;
    expect(new Webhook(secret).verify(asked.text, asked.headers)).toEqual({
      type: 'post.approved',
      timestamp: '2026-11-22T12:00:00.000Z',
      data: {
        activityId,
        workspaceId: maya.workspaceId,
        subjectId: '018f3c1e-5b7a-4d2e-9c64-1f0a7b3d5e90',
        actor: `user:${maya.userId}`,
        detail: { version: 2 },
      },
    });
    expect(() => new Webhook(secret).verify(`${asked.text} `, asked.headers)).toThrow();
    expect(await log(id)).toMatchObject([
      { id: asked.headers['webhook-id'], state: 'delivered', attempts: [{ number: 1, status: 204 }] },
    ]);
  });

  test('of all kinds goes to a webhook that asked for *', async () => {
    const { id } = await alone(['post.changed', '*']);
    expect((await standing()).activities).toEqual(['*']);
    await happens('post.approved');
    await happens('post.changed');
    answers({ status: 200 }, { status: 200 });
    await deliver(id);
    expect((await log(id)).map(({ activity, state }) => [activity, state]).sort()).toEqual([
      ['post.approved', 'delivered'],
      ['post.changed', 'delivered'],
    ]);
  });

  test('is sent again under the same id when its sender was killed before the answer', async () => {
    const { id } = await alone();
    await happens('post.approved');
    const hanging: Context['web'] = { ...world.world.web, call: () => new Promise<never>(() => undefined) };
    void deliver(id, { ...world.world, web: hanging });
    await expect.poll(async () => (await log(id))[0]?.state).toBe('sending');
    await deliver(id);
    expect(server.problems()).toEqual([]);
    world.clock.forward('3 min');
    answers({ status: 200 });
    await deliver(id);
    expect(await log(id)).toMatchObject([
      {
        id: server.requests.at(-1)!.headers['webhook-id'],
        state: 'delivered',
        attempts: [
          { number: 1, status: null, settledAt: null },
          { number: 2, status: 200 },
        ],
      },
    ]);
  });
});

describe('a receiver in trouble', () => {
  test('is tried after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h … under one id, with the answers kept', async () => {
    const { id } = await alone();
    await happens('post.approved');
    const failures: Answer[] = [
      { status: 500, text: `Oops at ${PATH}` },
      'lose',
      { status: 404 },
      'half',
      { status: 302, headers: { location: '/elsewhere' } },
    ];
    answers(...failures, { status: 200 });
    const from = server.requests.length;
    for (const wait of [0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000]) {
      world.clock.set(new Date(world.clock.now().getTime() + wait - 1));
      if (wait > 0) await deliver(id);
      world.clock.set(new Date(world.clock.now().getTime() + 1));
      await deliver(id);
    }
    expect(server.problems()).toEqual([]);
    const asked = server.requests.slice(from);
    expect(new Set(asked.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(asked.map(({ text }) => text)).size).toBe(1);
    const [delivery] = await log(id);
    expect(delivery).toMatchObject({ state: 'delivered', reason: null });
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([500, null, 404, null, 302, 200]);
    expect(delivery?.attempts[0]?.answer).toBe('HTTP 500 Oops at …');
    expect(await standing()).toMatchObject({ failures: 0, failingSince: null, waiting: 0, failed: 0 });
  });

  test('that cannot be reached is left alone for a while, and one note it chokes on holds up no other', async () => {
    const { id } = await alone();
    await happens('post.approved');
    await happens('post.approved');
    answers('lose');
    await deliver(id);
    expect(server.problems()).toEqual([]);
    expect((await log(id)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    expect((await standing()).waitsUntil).toEqual(new Date(world.clock.now().getTime() + 5_000));
    world.clock.forward('5 s');
    answers({ status: 500 }, { status: 200 });
    await deliver(id);
    expect((await log(id)).map(({ state }) => state).sort()).toEqual(['delivered', 'waiting']);
  });

  test('that asks to wait is not called before', async () => {
    const { id } = await alone();
    await happens('post.approved');
    answers({ status: 429, headers: { 'retry-after': '3600' } });
    await deliver(id);
    world.clock.forward('59 min');
    await deliver(id);
    expect(server.problems()).toEqual([]);
    world.clock.forward('1 min');
    answers({ status: 200 });
    await deliver(id);
    expect((await log(id))[0]?.state).toBe('delivered');
  });

  test('that says it is gone is switched off at once; what waits is kept until a test arrives', async () => {
    const { id } = await alone();
    await happens('post.approved');
    answers({ status: 410 });
    await deliver(id);
    expect(await standing()).toMatchObject({ switchedOffReason: expect.stringContaining('410'), waiting: 1 });
    expect((await notices())[0]).toMatchObject({ kind: 'webhook_off', path: '/settings/webhooks' });
    await happens('post.approved');
    world.clock.forward('1 h');
    await deliver(id);
    expect(await log(id)).toHaveLength(1);
    await expect(maya.call.webhooks.replay({ webhookId: id })).rejects.toThrow('switched off');
    answers({ status: 200 }, { status: 200 });
    expect(await maya.call.webhooks.test({ webhookId: id })).toMatchObject({ arrived: true, status: 200 });
    await deliver(id);
    expect(server.problems()).toEqual([]);
    expect((await log(id)).map(({ activity, state }) => [activity, state])).toEqual([
      [null, 'delivered'],
      ['post.approved', 'delivered'],
    ]);
  });

  test('that takes nothing for five days is switched off, with one notice', async () => {
    const { id } = await alone();
    const before = (await notices()).length;
    await happens('post.approved');
    const attempts = WAITS.length + 1;
    answers(...Array.from({ length: attempts }, (): Answer => ({ status: 500 })));
    for (const wait of [0, ...WAITS]) {
      expect((await standing()).switchedOffAt).toBeNull();
      world.clock.set(new Date(world.clock.now().getTime() + wait));
      await deliver(id);
    }
    expect(server.problems()).toEqual([]);
    expect(await standing()).toMatchObject({ switchedOffAt: world.clock.now(), failures: attempts, failed: 1 });
    expect(await notices()).toHaveLength(before + 1);
    await maya.call.webhooks.update({ webhookId: id, isOn: true });
    answers({ status: 200 });
    expect(await maya.call.webhooks.replay({ webhookId: id })).toEqual({ waiting: 1 });
    await deliver(id);
    const [delivery] = await log(id);
    expect(delivery).toMatchObject({ state: 'delivered' });
    expect(delivery?.attempts).toHaveLength(attempts + 1);
    expect(server.requests.at(-1)!.headers['webhook-id']).toBe(delivery?.id);
  });

  test('that never answers costs no more than the time limit', async () => {
    answers('hang');
    const note = { address: `${server.url}${PATH}`, secrets: ['whsec_AAAA'], id: 'n', payload: '{}', timeoutMs: 60 };
    const { answer } = await sendSigned(world.world.web, note);
    expect(answer).toMatchObject({ noAnswer: true, reason: expect.stringContaining('did not answer within') });
  });
});

describe('for the person who runs it', () => {
  test('a new secret takes over within a day: until then both signatures are there', async () => {
    const { id, secret: old } = await alone();
    const { secret, previousUntil } = await maya.call.webhooks.rotate({ webhookId: id });
    expect(previousUntil).toEqual(new Date(world.clock.now().getTime() + 86_400_000));
    const verifies = async (...secrets: string[]) => {
      await happens('post.approved');
      answers({ status: 200 });
      await deliver(id);
      const asked = server.requests.at(-1)!;
      for (const one of secrets) new Webhook(one).verify(asked.text, asked.headers);
      return () => new Webhook(old).verify(asked.text, asked.headers);
    };
    await verifies(old, secret);
    world.clock.forward('1 d');
    expect(await verifies(secret)).toThrow();
    const { rows } = await query('select sealed_secret, sealed_previous_secret from webhooks');
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6, 20));
  });

  test('what was sent can be sent again, page after page of the log', async () => {
    const { id } = await alone();
    for (let n = 0; n < 5; n++) await happens('post.approved');
    answers(...Array.from({ length: 5 }, (): Answer => ({ status: 200 })));
    await deliver(id);
    const first = await maya.call.webhooks.deliveries({ webhookId: id, limit: 3 });
    const second = await maya.call.webhooks.deliveries({ webhookId: id, limit: 3, cursor: first.cursor! });
    const ids = [...first.deliveries, ...second.deliveries].map((one) => one.id);
    expect([ids.length, new Set(ids).size, second.cursor]).toEqual([5, 5, null]);
    answers({ status: 200 });
    await maya.call.webhooks.replay({ webhookId: id, deliveryId: ids[0]! });
    await deliver(id);
    expect(server.requests.at(-1)!.headers['webhook-id']).toBe(ids[0]);
    expect((await log(id)).find((one) => one.id === ids[0])?.attempts).toHaveLength(2);
  });

  test('nobody reaches into another workspace, nor a viewer into this one', async () => {
    const { id: webhookId } = await alone();
    for (const asked of ['rotate', 'test', 'deliveries', 'replay', 'remove', 'update'] as const)
      await expect(rival.call.webhooks[asked]({ webhookId })).rejects.toThrow('There is no webhook');
    expect((await rival.call.webhooks.list({})).webhooks).toEqual([]);
    const viewer = personOf(
      world.world,
      { id: rival.userId, name: 'V', email: 'v@example.com' },
      maya.workspaceId,
      'viewer',
    );
    await expect(viewer.call.webhooks.list({})).rejects.toThrow('role editor');
    await expect(viewer.call.webhooks.rotate({ webhookId })).rejects.toThrow('role editor');
  });

  test('what cannot be an address, or no activity, is refused in words', async () => {
    const add = (url: string, chosen: string[]) => maya.call.webhooks.create({ url, activities: chosen as ['*'] });
    await expect(add('http://169.254.169.254/latest', ['*'])).rejects.toThrow('private network');
    await expect(add('ftp://hooks.example.com', ['*'])).rejects.toThrow('https://');
    await expect(add('https://hooks.example.com', ['post.exploded'])).rejects.toThrow();
    await expect(add('https://hooks.example.com', [])).rejects.toThrow();
  });

  test('the log is forgotten after 30 days, what waits is not', async () => {
    // What happened before a webhook was added is nothing to it.
    world.clock.forward('1 s');
    const { id } = await alone();
    await happens('post.approved');
    answers({ status: 200 });
    await world.drain();
    expect((await log(id)).map(({ state }) => state)).toEqual(['delivered']);
    await happens('post.approved');
    world.clock.forward('31 d');
    await sweepNotes(maya.context);
    expect((await log(id)).map(({ state }) => state)).toEqual(['waiting']);
  });

  test('every activity is listed with its meaning', async () => {
    const listed = (await maya.call.webhooks.activities({})).activities;
    expect(listed.map(({ name }) => name)).toEqual(activityNames);
    expect(listed.every(({ says }) => /^[A-Z].+\.$/.test(says))).toBe(true);
    expect(activities['post.approved'].detail).toEqual({ version: 2 });
  });
});

async function query(text: string) {
  const { default: pg } = await import('pg');
  const client = new pg.Client(world.owner);
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(text);
  } finally {
    await client.end();
  }
}
