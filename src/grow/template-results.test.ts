import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { dayMs } from './detectors/detector.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
let names: Map<string, string>;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
  await past.account();
  const { templates } = await maya.call.templates.list({});
  names = new Map(templates.map((template) => [template.name, template.id]));
});
afterAll(async () => {
  await past.close();
  await world.close();
});

/** Posts from a template, some days apart, the youngest eight days out. */
async function posts(template: string | null, visits: readonly number[]) {
  for (const [index, brought] of visits.entries()) {
    const at = new Date(world.clock.now().getTime() - (8 + index * 4) * dayMs);
    const id = await past.post(at, { title: `${template ?? 'Own words'} ${index}`, visits: brought });
    if (template) await past.query('update posts set template_id = $1 where id = $2', [names.get(template), id]);
  }
}

test('before the tracker’s first event nothing is said', async () => {
  const { missing, templates } = await maya.call.templates.results({ appId: past.appId });
  expect(missing).toMatch(/tracker/);
  expect(templates).toEqual([]);
});

test('with few posts it says how many are missing, never a number', async () => {
  await past.tracked('2026-01-01T00:00:00Z');
  await posts('Plain launch', [30, 28, 31]);
  const { templates } = await maya.call.templates.results({ appId: past.appId });
  expect(templates).toMatchObject([
    { outcome: 'not_enough_data', ratio: null, low: null, message: expect.stringMatching(/of the 5 posts/) },
  ]);
});

test('each template stands against all posts, drawn to their average, with the posts it rests on', async () => {
  await posts('Problem and promise', [60, 72, 55, 80, 64, 70, 66, 58, 75, 62]);
  await posts('A decision', [20, 25, 14, 30, 22, 18, 26, 21, 24]);
  await posts('Price first', [22, 28, 19, 24, 31, 20]);
  await posts(null, [20, 26, 18, 31, 25, 22, 24, 17, 29, 23, 21, 27]);
  const { templates, measuredPosts, visitsPerPost } = await maya.call.templates.results({ appId: past.appId });
  expect(measuredPosts).toBe(40);
  const of = (name: string) => templates.find((one) => one.templateId === names.get(name))!;
  const good = of('Problem and promise');
  expect(good).toMatchObject({ outcome: 'better', measuredPosts: 10 });
  expect(good.low).toBeGreaterThan(1);
  expect(good.message).toMatch(/10 posts, 7 days each; 95% interval .* of all 40 posts/);
  expect(good.posts.map((post) => post.visits)).toContain(80);
  // Drawn to the average: less than its own posts alone would say.
  expect(good.ratio).toBeLessThan(good.visitsPerPost! / visitsPerPost!);
  expect(of('A decision')).toMatchObject({ outcome: 'worse' });
  expect(of('Plain launch')).toMatchObject({ outcome: 'not_enough_data', ratio: null });
  await expect(rival.call.templates.results({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
