import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishDue } from '#src/distribute/publications.ts';
import type { Round } from '#test/chaos/plan.ts';
import { killAll, startPublisher } from '#test/chaos/processes.ts';
import { openArena, openServer } from '#test/chaos/rounds.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/**
 * The publisher as a process of its own, killed with SIGKILL at each step. It stops by itself at the step (its log
 * blocks), so that the death is always at the same place. `npm run chaos` is the long form, with deaths at any moment.
 */
let x: FakeX;
let world: TestWorld;
let maya: Person;
let accountId: string;

beforeAll(async () => {
  x = await startFakeX();
  // X refuses the same text twice; only where it does not would a second call show.
  x.allowDuplicates(true);
  world = await openTestWorld({ now: new Date().toISOString(), config: configFor(x) });
  maya = await world.join();
  accountId = await connectX(world, maya, x);
});
afterAll(async () => {
  killAll();
  await world.close();
  await x.close();
});

const quiet: Round = { parts: 1, firstReply: false, faults: [], duplicate: false, lag: 0, revoked: null };

async function dieAt(step: string, part: number): Promise<void> {
  const publisher = await startPublisher({
    server: { ...world.owner, user: 'fanfare_server' },
    data: world.data,
    config: configFor(x),
    stopAt: { step, part },
  });
  expect(publisher.said).toBe(`stopped at ${step} ${part}`);
  await publisher.kill();
}

test.each([
  ['prepared', 0],
  ['sent', 0],
  ['answered', 0],
  ['confirmed', 0],
  ['sent', 1],
  ['answered', 2],
] as const)('killed at "%s" of part %i: every part is out once, under its parent', async (step, part) => {
  world.clock.set(new Date());
  const name = `${step} ${part}`;
  const postId = await draft(maya, [`First ${name}`, `Second ${name}`, `Third ${name}`]);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  const publicationId = publications[0]?.publicationId ?? '';
  await dieAt(step, part);

  // While the dead one's lease holds nobody touches it.
  world.clock.set(new Date());
  expect(await publishDue(world.world)).toBe(0);
  for (let n = 0; n < 12; n += 1) {
    world.clock.forward('3 min');
    await publishDue(world.world);
  }
  const receipt = await maya.call.publications.get({ publicationId });
  expect(receipt).toMatchObject({ state: 'published', partsOut: 3, reason: null });
  const posts = x.posts('maker').filter((post) => post.text.endsWith(name));
  expect(posts.map((post) => post.text)).toEqual([`First ${name}`, `Second ${name}`, `Third ${name}`]);
  expect(posts.map((post) => post.replyTo)).toEqual([null, posts[0]?.id, posts[1]?.id]);
  const adopted = receipt.texts.flatMap((text) => text.attempts).filter((attempt) => attempt.adopted);
  expect(adopted.length).toBe(step === 'answered' ? 1 : 0);
  expect(receipt.costMicros).toBe(3 * 15_000);
});

test('two heats of the long form: all of it dies, one and two processes publish, everything is out once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-chaos-'));
  const server = await openServer(folder);
  try {
    const arena = await openArena(folder, { database: server.database, lanes: 8, killDatabase: server.kill });
    const everything: Partial<Round>[] = [
      { parts: 3, faults: [{ name: 'loseAnswers', n: 1, target: 'create' }] },
      { firstReply: true, faults: [{ name: 'answerSlowly', n: 1, ms: 600, target: 'create' }], lag: 8_000 },
      { parts: 2, faults: [{ name: 'commitLate', n: 1, ms: 20_000 }] },
      { parts: 2, faults: [{ name: 'answerTwice', n: 2 }], revoked: 40 },
      { parts: 2, faults: [{ name: 'hearTwice', n: 1 }] },
      { parts: 2, faults: [{ name: 'rateLimit', n: 1, resetSeconds: 30, target: 'create' }] },
      { parts: 2, duplicate: true, faults: [{ name: 'failAfter', n: 1, status: 502, target: 'create' }] },
      { faults: [{ name: 'failBefore', n: 1, status: 503, target: 'create' }] },
    ];
    const rounds = everything.map((one) => ({ ...quiet, ...one }));
    expect(await arena.play(1, { rounds, workers: 1, deaths: [60], xDies: 20, databaseDies: null })).toEqual([]);
    expect(await arena.play(9, { rounds, workers: 2, deaths: [100, 5], xDies: null, databaseDies: 150 })).toEqual([]);
    const parts = rounds.reduce((sum, one) => sum + one.parts + (one.firstReply ? 1 : 0), 0);
    expect(await arena.close()).toMatchObject({ posts: 2 * parts, duplicates: 0, lost: 0, wrong: 0 });
  } finally {
    killAll();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);

test('two processes publish at once: each post once, each account in its order', async () => {
  world.clock.set(new Date());
  const people = await Promise.all(['Ada', 'Ben', 'Cleo', 'Dag'].map((name) => world.join(name)));
  const words = (name: number) => [1, 2, 3, 4, 5].map((n) => `Number ${n} of person ${name}`);
  for (const [name, person] of people.entries()) {
    const account = await connectX(world, person, x);
    for (const text of words(name)) {
      const postId = await draft(person, [text]);
      await person.call.posts.publishNow({ postId, accountIds: [account], evenIfSimilar: true });
    }
  }
  const settings = { server: { ...world.owner, user: 'fanfare_server' }, data: world.data, config: configFor(x) };
  const both = await Promise.all([startPublisher(settings), startPublisher(settings)]);
  for (const one of both) one.go();
  const states = async () =>
    (await Promise.all(people.map((person) => person.call.publications.list({})))).flatMap(({ publications }) =>
      publications.map((one) => one.state),
    );
  while (!(await states()).every((state) => state === 'published')) await wait(50);
  for (const one of both) await one.kill();
  const texts = x.posts('maker').map((post) => post.text);
  for (const name of people.keys())
    expect(texts.filter((text) => text.endsWith(`of person ${name}`))).toEqual(words(name));
});
