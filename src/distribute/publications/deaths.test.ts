import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishDue } from '#src/distribute/publications.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/**
 * The publisher as a process of its own, killed with SIGKILL at each step. It stops by itself at the step (its log
 * blocks), so that the death is always at the same place.
 */
let x: FakeX;
let world: TestWorld;
let maya: Person;
let accountId: string;
let children: ChildProcess[] = [];

beforeAll(async () => {
  x = await startFakeX();
  world = await openTestWorld({ now: new Date().toISOString(), config: configFor(x) });
  maya = await world.join();
  accountId = await connectX(world, maya, x);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await world.close();
  await x.close();
});

async function dieAt(step: string, part: number): Promise<void> {
  const program = fileURLToPath(new URL('../../../test/publisher.ts', import.meta.url));
  const settings = {
    server: { ...world.owner, user: 'fanfare_server' },
    data: world.data,
    config: configFor(x),
    stopAt: { step, part },
  };
  const child = spawn(process.execPath, [program, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(String(said).trim()).toBe(`stopped at ${step} ${part}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  children = children.filter((one) => one !== child);
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
