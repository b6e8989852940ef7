import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { dayMs } from './detectors/detector.ts';

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
    { outcome: 'not_enough_data', ratio: null, message: expect.stringContaining('2 of the 5 posts') },
  ]);
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
    /^Number brought 2\.\d+ times the visits per post of Question \(95 % interval/,
  );
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
