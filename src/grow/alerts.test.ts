import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { mayTell } from './alerts/quiet.ts';
import { alertOnInsight, checkAlerts } from './alerts.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
let ruleId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
});
afterAll(async () => {
  await past.close();
  await world.close();
});

const waiting = async () => (await maya.call.alerts.list({ appId: past.appId })).alerts;
const threshold = {
  kind: 'threshold',
  name: 'Hardly any visits',
  metric: 'visits',
  comparison: 'below',
  value: 50,
} as const;

test('a number that is not measured raises nothing', async () => {
  ruleId = (await maya.call.alertRules.create({ appId: past.appId, ...threshold, releaseValue: 80, windowDays: 1 })).id;
  await checkAlerts(maya.context);
  expect(await waiting()).toEqual([]);
});

test('a crossed threshold raises one alert and one notice, however often it is checked', async () => {
  await past.tracked('2026-10-01T00:00:00Z');
  await past.visits(new Date('2026-11-22T08:00:00Z'), 30);
  await Promise.all([checkAlerts(maya.context), checkAlerts(maya.context)]);
  await checkAlerts(maya.context);
  expect(await waiting()).toMatchObject([
    { title: 'Hardly any visits', body: 'Visits in the last day: 30, below 50.', severity: 'warning', endedAt: null },
  ]);
  expect((await maya.call.notices.list({})).notices).toMatchObject([{ kind: 'alert', title: 'Hardly any visits' }]);
});

test('it does not flap: it ends only beyond the release value, and is then raised anew', async () => {
  await past.query(`update traffic_hours set visits = 60 where app_id = $1`, [past.appId]);
  await checkAlerts(maya.context);
  expect(await waiting()).toMatchObject([{ endedAt: null }]);
  await past.query(`update traffic_hours set visits = 90 where app_id = $1`, [past.appId]);
  await checkAlerts(maya.context);
  expect(await waiting()).toMatchObject([{ endedAt: new Date('2026-11-22T09:00:00Z') }]);
  world.clock.forward('1 h');
  await past.query(`update traffic_hours set visits = 40 where app_id = $1`, [past.appId]);
  await checkAlerts(maya.context);
  expect(await waiting()).toHaveLength(2);
});

test('acknowledged and snoozed alerts no longer wait; snoozed ones come back', async () => {
  const [first, second] = await waiting();
  await maya.call.alerts.acknowledge({ alertId: first!.id });
  await maya.call.alerts.snooze({ alertId: second!.id, until: '2026-11-22T12:00:00Z' });
  expect(await waiting()).toEqual([]);
  world.clock.forward('3 h');
  expect(await waiting()).toMatchObject([{ id: second!.id }]);
  const all = (await maya.call.alerts.list({ appId: past.appId, which: 'all' })).alerts;
  expect(all.find(({ id }) => id === first!.id)).toMatchObject({ acknowledgedByName: 'Maya Lind' });
  await expect(maya.call.alerts.snooze({ alertId: first!.id, until: '2026-11-01T00:00:00Z' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('a muted rule is silent; a removed one ends its alert', async () => {
  await past.query(`update traffic_hours set visits = 90 where app_id = $1`, [past.appId]);
  await checkAlerts(maya.context);
  await maya.call.alertRules.mute({ ruleId, until: '2026-11-23T00:00:00Z' });
  await past.query(`update traffic_hours set visits = 10 where app_id = $1`, [past.appId]);
  await checkAlerts(maya.context);
  expect((await maya.call.alerts.list({ appId: past.appId, which: 'all' })).alerts).toHaveLength(2);
  await maya.call.alertRules.mute({ ruleId, until: null });
  await checkAlerts(maya.context);
  expect((await waiting()).filter(({ endedAt }) => endedAt === null)).toHaveLength(1);
  await maya.call.alertRules.remove({ ruleId });
  expect((await waiting()).filter(({ endedAt }) => endedAt === null)).toEqual([]);
});

test('an insight raises an alert when a rule asks for its direction, once', async () => {
  await maya.call.alertRules.create({ appId: past.appId, kind: 'opportunity', name: 'Good news', severity: 'info' });
  const [insight] = await past.query(
    `insert into insights (workspace_id, app_id, detector, subject, sentence, direction, dedupe)
     values ($1, $2, 'standout_post', 'post:x', 'A post brought 900 visits.', 'up', 'x') returning id`,
    [maya.workspaceId, past.appId],
  );
  await alertOnInsight(maya.context, insight.id);
  await alertOnInsight(maya.context, insight.id);
  expect((await waiting()).filter(({ insightId }) => insightId === insight.id)).toMatchObject([
    { title: 'Good news', body: 'A post brought 900 visits.' },
  ]);
});

test('with a spent budget the alert is kept but nobody is told', async () => {
  await maya.call.alertTargets.create({ weeklyBudget: 0, timeZone: 'Europe/Berlin' });
  await expect(maya.call.alertTargets.create({})).rejects.toMatchObject({ code: 'CONFLICT' });
  const told = (await maya.call.notices.list({})).notices.length;
  await maya.call.alertRules.create({ appId: past.appId, ...threshold, name: 'Again few', windowDays: 1 });
  await checkAlerts(maya.context);
  expect((await waiting()).map(({ title }) => title)).toContain('Again few');
  expect((await maya.call.notices.list({})).notices).toHaveLength(told);
  expect(await past.query(`select state, reason from alert_deliveries`)).toMatchObject([
    { state: 'held', reason: expect.stringContaining('budget of 0') },
  ]);
});

test.each([
  [{ kind: 'threshold', name: 'x' }, 'A threshold needs'],
  [{ ...threshold, releaseValue: 10 }, 'would end before it begins'],
  [{ kind: 'anomaly', name: 'x', value: 3 }, 'leave the threshold out'],
] as const)('a rule that makes no sense is refused in words', async (rule, words) => {
  await expect(maya.call.alertRules.create({ appId: past.appId, ...rule })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining(words),
  });
});

test('another workspace finds none of it', async () => {
  const [alert] = await waiting();
  await expect(rival.call.alerts.acknowledge({ alertId: alert!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.alertRules.list({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await rival.call.alertTargets.list({})).toEqual({ targets: [] });
});

describe('quiet hours', () => {
  const target = { quietFrom: '22:00:00', quietUntil: '07:00:00', timeZone: 'Europe/Berlin', weeklyBudget: 10 };
  test.each([
    ['2026-11-22T22:30:00Z', 'warning', true],
    ['2026-11-22T05:59:00Z', 'warning', true],
    ['2026-11-22T06:00:00Z', 'warning', false],
    ['2026-11-22T12:00:00Z', 'warning', false],
    ['2026-11-22T22:30:00Z', 'urgent', false],
  ] as const)('%s %s', (at, severity, isHeld) => {
    expect(mayTell(target, 0, severity, new Date(at)) !== null).toBe(isHeld);
  });
});
