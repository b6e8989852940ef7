import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { writeReports } from './reports.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
let reportId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-23T06:41:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
  await past.tracked('2026-10-01T00:00:00Z');
  await past.account();
  await past.visits(new Date('2026-11-10T10:00:00Z'), 200);
  await past.visits(new Date('2026-11-17T10:00:00Z'), 320);
  await past.signups(new Date('2026-11-18T10:00:00Z'), 4);
  await past.post(new Date('2026-11-17T09:00:00Z'), { title: 'Webhooks that wait', visits: 120, signups: 3 });
});
afterAll(async () => {
  await past.close();
  await world.close();
});

test('on Monday the week before is written, once', async () => {
  await writeReports(maya.context, 'weekly');
  await writeReports(maya.context, 'weekly');
  const { reports } = await maya.call.reports.list({ appId: past.appId });
  expect(reports).toMatchObject([
    {
      kind: 'weekly',
      periodStartsOn: '2026-11-16',
      periodEndsOn: '2026-11-22',
      title: 'outpost.dev: the week from 2026-11-16 to 2026-11-22',
    },
  ]);
  reportId = reports[0]!.id;
  const { content } = await maya.call.reports.get({ reportId });
  expect(content.sentences).toEqual([
    'Visits: 320, up from 200 the period before.',
    'Signups: 4, up from 0 the period before.',
    'Posts published: 1, up from 0 the period before.',
    '“Webhooks that wait” brought the most visits: 120.',
  ]);
  expect(content.posts).toMatchObject([{ title: 'Webhooks that wait', visits: 120, signups: 3 }]);
  expect(content.figures.find(({ metric }) => metric === 'followers')).toMatchObject({
    value: null,
    reason: 'No connected account has a follower count yet.',
  });
  expect(content.figures.find(({ metric }) => metric === 'mrr')).toMatchObject({
    value: '0',
    currency: 'USD',
    unit: 'money',
  });
});

test('it is frozen: later numbers do not change it, a correction is dated beside it', async () => {
  await past.visits(new Date('2026-11-18T10:00:00Z'), 1000);
  expect(await maya.call.reports.write({ appId: past.appId, kind: 'weekly', periodStartsOn: '2026-11-16' })).toEqual({
    id: reportId,
    isNew: false,
  });
  await maya.call.reports.correct({ reportId, text: '1,000 visits arrived late.' });
  const report = await maya.call.reports.get({ reportId });
  expect(report.content.figures[0]).toMatchObject({ metric: 'visits', value: '320' });
  expect(report.corrections).toMatchObject([{ text: '1,000 visits arrived late.', correctedAt: world.clock.now() }]);
});

test('a month can be written; a period that is open or does not begin there is refused', async () => {
  expect(await maya.call.reports.write({ appId: past.appId, kind: 'monthly' })).toMatchObject({ isNew: true });
  const appId = past.appId;
  await expect(maya.call.reports.write({ appId, kind: 'weekly', periodStartsOn: '2026-11-23' })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'This period is not over yet. Its report can be written afterwards.',
  });
  await expect(maya.call.reports.write({ appId, kind: 'weekly', periodStartsOn: '2026-11-17' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: 'A week begins on a Monday. Name one.',
  });
});

test('another workspace finds none of it', async () => {
  await expect(rival.call.reports.get({ reportId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.reports.write({ appId: past.appId, kind: 'weekly' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(rival.call.reports.correct({ reportId, text: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
