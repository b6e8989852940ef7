import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded } from '#src/measure/random.ts';
import { openPast, type Past } from '#test/measured.ts';
import { namesWinner } from '#test/simulated-posts.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { dayMs } from './detectors/detector.ts';
import { deal } from './experiments/lots.ts';
import { endAnswered } from './experiments.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
let experimentId: string;
const questions: string[] = [];
const numbers: string[] = [];

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
  await past.account();
  for (let index = 0; index < 8; index++) {
    const at = new Date(world.clock.now().getTime() - (10 + index * 3) * dayMs);
    questions.push(await past.post(at, { title: `Question ${index}`, visits: 20 + (index % 3) * 4 }));
    numbers.push(await past.post(at, { title: `Number ${index}`, visits: 60 + (index % 4) * 5 }));
  }
});
afterAll(async () => {
  await past.close();
  await world.close();
});

/** What the platform told of a post a day after it went out. */
async function counted(postId: string, impressions: number | null, likes: number) {
  const [part] = await past.query(
    `insert into publication_parts (workspace_id, publication_id, position, text, text_hash)
     select workspace_id, id, 0, '', '' from publications where post_id = $1
     returning id, (select published_at + interval '1 day' from publications p where p.id = publication_id) as taken_at`,
    [postId],
  );
  const row = { publication_part_id: part.id, taken_at: part.taken_at, impressions, likes };
  await past.insert('post_metrics', { ...row, post_id: postId });
  await past.insert('metric_snapshots', row);
}

const wanted = () => ({ appId: past.appId, name: 'Hooks', kind: 'hook', metric: 'visits' }) as const;

test('with few posts the result says how many are missing', async () => {
  const few = await maya.call.experiments.create({
    ...wanted(),
    arms: [
      { arm: 'Question', postIds: questions.slice(0, 2) },
      { arm: 'Number', postIds: numbers.slice(0, 2) },
    ],
  });
  const { comparisons } = await maya.call.experiments.result({ experimentId: few.id });
  expect(comparisons).toMatchObject([
    {
      outcome: 'not_enough_data',
      ratio: null,
      message: 'Number against Question: not enough data. 2 of 5 posts a side have been out for seven days.',
    },
  ]);
  await maya.call.experiments.end({ experimentId: few.id });
});

test('with enough posts the arms are compared with their uncertainty, in the order given', async () => {
  experimentId = (
    await maya.call.experiments.create({
      ...wanted(),
      arms: [
        { arm: 'Question', postIds: questions },
        { arm: 'Number', postIds: numbers },
      ],
    })
  ).id;
  const result = await maya.call.experiments.result({ experimentId });
  expect(result.arms).toMatchObject([
    { arm: 'Question', measuredPosts: 8 },
    { arm: 'Number', measuredPosts: 8 },
  ]);
  expect(result.comparisons).toMatchObject([{ arm: 'Number', against: 'Question', outcome: 'better' }]);
  expect(result.comparisons[0]?.low).toBeGreaterThan(2);
  expect(result.comparisons[0]?.message).toMatch(
    /^Number brought 2\.\d+ times the visits per post of Question \(95% interval/,
  );
});

test('a post is in one running experiment at a time, also when two are begun at once', async () => {
  const again = {
    ...wanted(),
    name: 'Again',
    arms: [
      { arm: 'A', postIds: [questions[0]!, numbers[1]!] },
      { arm: 'B', postIds: [numbers[0]!] },
    ],
  };
  await expect(maya.call.experiments.create(again)).rejects.toMatchObject({
    code: 'CONFLICT',
    message:
      '“Number 0” and 2 more are in the running experiment “Hooks” already. End that one first, or choose other posts.',
  });
  await maya.call.experiments.end({ experimentId });
  const begun = await Promise.allSettled([1, 2, 3, 4].map(() => maya.call.experiments.create(again)));
  expect(begun.filter(({ status }) => status === 'rejected').map((one) => 'reason' in one && one.reason.code)).toEqual([
    'CONFLICT',
    'CONFLICT',
    'CONFLICT',
  ]);
  const { experiments } = await maya.call.experiments.list({ appId: past.appId });
  const [one, ...more] = experiments.filter(({ name, state }) => name === 'Again' && state === 'running');
  expect(more).toEqual([]);
  await maya.call.experiments.end({ experimentId: one!.id });
});

test('equal arms are told from chance by nothing, and the conclusion says so', async () => {
  const { id } = await maya.call.experiments.create({
    ...wanted(),
    arms: [
      { arm: 'First half', postIds: questions.filter((_, index) => index < 5) },
      { arm: 'Same', postIds: [...questions.slice(5), ...numbers.slice(0, 2)] },
    ],
  });
  const { conclusion } = await maya.call.experiments.end({ experimentId: id });
  expect(conclusion).toContain('no difference that chance would not explain');
  await expect(maya.call.experiments.end({ experimentId: id })).rejects.toMatchObject({ code: 'CONFLICT' });
  const { experiments } = await maya.call.experiments.list({ appId: past.appId });
  expect(experiments.find((one) => one.id === id)).toMatchObject({ state: 'ended', conclusion });
});

test('a post in two arms, two arms of one name and a foreign post are refused', async () => {
  const arms = (first: string[], second: string[], name = 'B') => [
    { arm: 'A', postIds: first },
    { arm: name, postIds: second },
  ];
  const [q, n] = [questions[0]!, numbers[0]!];
  await expect(maya.call.experiments.create({ ...wanted(), arms: arms([q], [q]) })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  await expect(maya.call.experiments.create({ ...wanted(), arms: arms([q], [n], 'A') })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  await expect(
    maya.call.experiments.create({ ...wanted(), arms: arms([q], ['00000000-0000-4000-8000-000000000000']) }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.experiments.result({ experimentId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a fixed experiment shows nothing before it has its posts, and is judged on the first of them only', async () => {
  const arms = [
    { arm: 'Question', postIds: questions },
    { arm: 'Number', postIds: numbers },
  ];
  const early = await maya.call.experiments.create({ ...wanted(), method: 'fixed', postsPerArm: 9, arms });
  const waiting = await maya.call.experiments.result({ experimentId: early.id });
  expect(waiting.comparisons).toMatchObject([{ outcome: 'not_yet', ratio: null, missingPosts: 2 }]);
  expect(waiting.arms[0]).toMatchObject({ measuredPosts: 8, total: null });
  expect(waiting.arms[0]?.posts[0]?.value).toBeNull();
  await endAnswered(maya.context);
  const state = async (wantedId: string) =>
    (await maya.call.experiments.list({ appId: past.appId })).experiments.find(({ id }) => id === wantedId);
  expect(await state(early.id)).toMatchObject({ state: 'running', decidedArm: null });
  await maya.call.experiments.end({ experimentId: early.id });

  const full = await maya.call.experiments.create({ ...wanted(), method: 'fixed', postsPerArm: 6, arms });
  expect((await maya.call.experiments.result({ experimentId: full.id })).comparisons).toMatchObject([
    { outcome: 'better', message: expect.stringContaining('6 posts against 6') },
  ]);
  await endAnswered(maya.context);
  expect(await state(full.id)).toMatchObject({
    state: 'ended',
    endedBy: 'rule',
    decidedArm: 'Number',
    arms: ['Question', 'Number'],
    posts: 16,
  });
});

test('a rate is compared where the platform tells impressions, and one that tells none is unknown, not nought', async () => {
  for (const [index, id] of questions.entries()) await counted(id, 1000 + index * 50, 20 + index);
  for (const [index, id] of numbers.entries()) await counted(id, index < 6 ? 1000 + index * 40 : null, 60 + index);
  const { id } = await maya.call.experiments.create({
    ...wanted(),
    metric: 'engagement_rate',
    method: 'fixed',
    postsPerArm: 6,
    arms: [
      { arm: 'Question', postIds: questions },
      { arm: 'Number', postIds: numbers },
    ],
  });
  const { arms, comparisons } = await maya.call.experiments.result({ experimentId: id });
  expect(arms).toMatchObject([{ measuredPosts: 8 }, { measuredPosts: 6 }]);
  expect(arms[1]?.posts.filter(({ isMeasured }) => !isMeasured)).toMatchObject([{ isOver: true }, { isOver: true }]);
  expect(comparisons).toMatchObject([{ arm: 'Number', outcome: 'better' }]);
  expect(comparisons[0]?.ratio).toBeCloseTo(2.9, 0);
  await maya.call.experiments.end({ experimentId: id });
});

test('posts are dealt by lot, the same way from the same seed, and later ones even the arms out', async () => {
  const coming: string[] = [];
  for (let index = 0; index < 16; index++) coming.push(await past.draft(`Coming ${index}`));
  const lots = { ...wanted(), arms: [{ arm: 'Short' }, { arm: 'Long' }] };
  await expect(
    maya.call.experiments.create({ ...lots, postIds: [...coming, questions[0]!, questions[1]!] }),
  ).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringMatching(/^“Question 0” and 1 more are out/) });
  const { id } = await maya.call.experiments.create({ ...lots, postIds: coming.slice(0, 11) });
  const before = await maya.call.experiments.result({ experimentId: id });
  expect(before.seed).not.toBeNull();
  expect(before.arms.map(({ posts }) => posts.length).sort()).toEqual([5, 6]);
  const { dealt } = await maya.call.experiments.deal({ experimentId: id, postIds: coming.slice(11) });
  await expect(maya.call.experiments.deal({ experimentId: id, postIds: [coming[0]!] })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect(dealt).toHaveLength(5);
  const after = await maya.call.experiments.result({ experimentId: id });
  expect(after.arms.map(({ posts }) => posts.length)).toEqual([8, 8]);
  await expect(rival.call.experiments.deal({ experimentId: id, postIds: [questions[0]!] })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('within each block no arm gets two posts more than another', () => {
  const posts = Array.from({ length: 61 }, (_, index) => ({ id: `post ${index}`, block: `block ${index % 7}` }));
  const dealt = deal(posts, 3, 'seed');
  expect(deal(posts.toReversed(), 3, 'seed')).toEqual(dealt);
  expect([...deal(posts, 3, 'another seed')]).not.toEqual([...dealt]);
  for (const own of Map.groupBy(posts, ({ block }) => block).values()) {
    const counts = [0, 1, 2].map((arm) => own.filter(({ id }) => dealt.get(id) === arm).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test('an experiment looked at after every post names a winner in at most 5 % of runs when there is none', () => {
  const chance = seeded(11);
  const runs = 250;
  expect(
    Array.from({ length: runs }).filter(() => namesWinner(chance, { viral: 0.02 })).length / runs,
  ).toBeLessThanOrEqual(0.05);
  expect(Array.from({ length: 40 }).filter(() => namesWinner(chance, { times: 3 })).length).toBeGreaterThan(36);
});
