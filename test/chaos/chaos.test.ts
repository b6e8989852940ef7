import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishDue } from '#src/distribute/publications.ts';
import { killAll, startPublisher } from '#test/chaos/processes.ts';
import { openArena } from '#test/chaos/rounds.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import { createDatabase } from '#test/database.ts';
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

test('two rounds of the long form: everything dies, everything is out once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-chaos-'));
  const arena = await openArena(folder, await createDatabase());
  const lose = { name: 'loseAnswers', n: 1, target: 'create' } as const;
  expect(await arena.play(1, { parts: 3, faults: [lose], duplicate: false, deaths: [60], xDies: 20 })).toEqual([]);
  expect(await arena.play(2, { parts: 1, faults: [], duplicate: true, deaths: [100], xDies: null })).toEqual([]);
  expect(await arena.close()).toMatchObject({ posts: 4, duplicates: 0, lost: 0, wrong: 0 });
  await rm(folder, { recursive: true });
});
