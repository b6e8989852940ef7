import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { type Looked, standouts } from './alerts/opportunities.ts';
import { digestAfter, mayTell, quietUntil } from './alerts/quiet.ts';
import { startAlerts } from './alerts/rules.ts';
import { firings, step, type Threshold, watched } from './alerts/threshold.ts';
import { alertOnCompetitor, alertOnInsight, checkAlerts } from './alerts.ts';

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
  // The starters have a test of their own, at the end; here each rule is made by hand.
  await past.insert('alert_starts', { app_id: past.appId, started_at: '2026-11-01T00:00:00Z' });
});
afterAll(async () => {
  await past.close();
  await world.close();
});

const list = async (which: 'waiting' | 'history' | 'all' | 'snoozed' = 'waiting') =>
  (await maya.call.alerts.list({ appId: past.appId, which })).alerts;
const visitsOn = (day: string, visits: number) =>
  past.query(
    `insert into traffic_days (workspace_id, app_id, day, dimension, value, visits) values ($1, $2, $3, 'total', '', $4)
     on conflict (workspace_id, app_id, dimension, day, value) do update set visits = excluded.visits`,
    [maya.workspaceId, past.appId, day, visits],
  );
const threshold = {
  kind: 'threshold',
  name: 'Hardly any visits',
  metric: 'visits',
  comparison: 'below',
  value: 50,
} as const;

test('a number that is not measured raises nothing', async () => {
  const rule = { appId: past.appId, ...threshold, releaseValue: 80, windowDays: 1 };
  ruleId = (await maya.call.alertRules.create(rule)).id;
  await checkAlerts(maya.context);
  expect(await list()).toEqual([]);
  expect(await maya.call.alertRules.preview(rule)).toMatchObject({
    fired: [],
    missing: expect.stringContaining('measured'),
  });
});

test('two checks at once raise one alert, which says what, since when, how unusual, on which rows and what to do', async () => {
  await past.tracked('2026-10-01T00:00:00Z');
  for (let day = 1; day <= 19; day++) await visitsOn(`2026-11-${String(day).padStart(2, '0')}`, 100 + day);
  await visitsOn('2026-11-20', 40);
  await visitsOn('2026-11-21', 30);
  await Promise.all([checkAlerts(maya.context), checkAlerts(maya.context)]);
  await checkAlerts(maya.context);
  const alerts = await list();
  expect(alerts).toMatchObject([
    {
      title: 'Hardly any visits',
      body: 'Visits in a day: 30, below 50.',
      usual: 'In the 14 days before it lay between 40 and 119.',
      advice: expect.stringContaining('tracker'),
      severity: 'warning',
      since: new Date('2026-11-20T00:00:00Z'),
      value: 30,
      endedAt: null,
    },
  ]);
  expect(alerts[0]!.rows.at(-1)).toMatchObject({ table: 'traffic_days', day: '2026-11-21', value: 30 });
});

test('a second rule that sees the same thing raises no second alert', async () => {
  const same = await maya.call.alertRules.create({ appId: past.appId, ...threshold, value: 60, windowDays: 1 });
  await checkAlerts(maya.context);
  expect(await list()).toHaveLength(1);
  await maya.call.alertRules.remove({ ruleId: same.id });
});

test('it ends only beyond the release value, with the closing value; what comes again within a day opens the same one', async () => {
  await visitsOn('2026-11-21', 60);
  await checkAlerts(maya.context);
  expect(await list()).toMatchObject([{ endedAt: null }]);
  await visitsOn('2026-11-21', 90);
  await checkAlerts(maya.context);
  expect(await list()).toEqual([]);
  expect(await list('history')).toMatchObject([{ endedAt: new Date('2026-11-22T09:00:00Z'), closingValue: 90 }]);
  world.clock.forward('2 h');
  await visitsOn('2026-11-21', 20);
  await checkAlerts(maya.context);
  expect(await list('all')).toMatchObject([{ endedAt: null, reopened: 1 }]);
});

test('a snoozed alert comes back for as long as it holds; an acknowledged one does not', async () => {
  const [alert] = await list();
  const alertId = alert!.id;
  await maya.call.alerts.snooze({ alertId, until: '2026-11-22T14:00:00Z' });
  expect([await list(), await list('snoozed')]).toMatchObject([[], [{ id: alertId }]]);
  world.clock.forward('4 h');
  await checkAlerts(maya.context);
  expect(await list()).toMatchObject([{ id: alertId, snoozedUntil: null }]);
  await maya.call.alerts.acknowledge({ alertId });
  expect(await list()).toEqual([]);
  expect(await list('history')).toMatchObject([{ acknowledgedByName: 'Maya Lind' }]);
  await expect(maya.call.alerts.snooze({ alertId, until: '2026-12-01T00:00:00Z' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await expect(maya.call.alerts.snooze({ alertId, until: '2026-11-01T00:00:00Z' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('a muted rule and a muted subject are silent until they are not', async () => {
  await maya.call.alertRules.remove({ ruleId });
  const rule = await maya.call.alertRules.create({ appId: past.appId, ...threshold, windowDays: 1 });
  world.clock.forward('1 h');
  await maya.call.alertRules.mute({ ruleId: rule.id, until: '2026-11-30T00:00:00Z' });
  await checkAlerts(maya.context);
  expect(await list()).toEqual([]);
  await maya.call.alertRules.mute({ ruleId: rule.id, until: null });
  await checkAlerts(maya.context);
  const [alert] = await list();
  await maya.call.alerts.mute({ alertId: alert!.id, until: null });
  await visitsOn('2026-11-21', 200);
  await checkAlerts(maya.context);
  world.clock.forward('2 d');
  await visitsOn('2026-11-23', 5);
  await checkAlerts(maya.context);
  expect(await list()).toEqual([]);
  expect((await maya.call.alerts.muted({ appId: past.appId })).mutes).toMatchObject([{ subject: 'metric:visits' }]);
  await maya.call.alerts.unmute({ appId: past.appId, subject: 'metric:visits' });
  await checkAlerts(maya.context);
  expect(await list()).toMatchObject([{ body: 'Visits in a day: 5, below 50.' }]);
  // A changed rule speaks in its own words; the old alert, measured by others, does not open again.
  world.clock.forward('1 min');
  await maya.call.alertRules.change({ ruleId: rule.id, ...threshold, value: 40, windowDays: 1 });
  await checkAlerts(maya.context);
  expect(await list()).toMatchObject([{ body: 'Visits in a day: 5, below 40.', reopened: 0 }]);
});

test('a preview counts the days on which the rule would have fired', async () => {
  const { fired, missing } = await maya.call.alertRules.preview({
    appId: past.appId,
    ...threshold,
    value: 104,
    windowDays: 1,
  });
  expect(missing).toBeNull();
  // From the first day until it passed the release value of 114, then the 20th, then the 22nd, of which nothing was counted.
  expect(fired.map(({ day }) => day)).toEqual(['2026-10-01', '2026-11-20', '2026-11-22']);
});

test('a rate on fewer than 30 says what is missing instead of a number', async () => {
  const { fired, missing, seen } = await maya.call.alertRules.preview({
    appId: past.appId,
    kind: 'threshold',
    name: 'Few sign up',
    metric: 'churnRate',
    comparison: 'above',
    value: 5,
  });
  expect(fired).toEqual([]);
  expect(missing).toBe('Not enough data: 0 of the 30 paying subscriptions needed.');
  expect(seen.every(({ value }) => value === null)).toBe(true);
});

test('every metric can be read', async () => {
  const metrics = [
    'visits',
    'signups',
    'conversionRate',
    'revenue',
    'mrr',
    'churnRate',
    'refunds',
    'cost',
    'budgetUsed',
  ] as const;
  const more = ['followers', 'failedPosts', 'replies', 'mentions', 'inboxWaiting'] as const;
  await past.insert('cost_entries', {
    app_id: past.appId,
    day: '2026-11-22',
    kind: 'ads',
    amount_minor: 4200,
    currency: 'USD',
  });
  for (const metric of [...metrics, ...more]) {
    const asked = {
      appId: past.appId,
      kind: 'threshold',
      name: metric,
      metric,
      comparison: 'above',
      value: 1,
      windowDays: 3,
    } as const;
    const { seen } = await maya.call.alertRules.preview(asked);
    expect([metric, seen.length > 50]).toEqual([metric, true]);
    if (metric === 'cost') expect(seen.at(-1)).toMatchObject({ value: 4200 });
  }
});

test('anomalies, rises and competitors raise alerts by their own rules, once each', async () => {
  await maya.call.alertRules.create({ appId: past.appId, kind: 'anomaly', name: 'Unusual', least: 'medium' });
  await maya.call.alertRules.create({
    appId: past.appId,
    kind: 'opportunity',
    opportunity: 'changes',
    name: 'Good news',
    severity: 'info',
  });
  await maya.call.alertRules.create({ appId: past.appId, kind: 'competitor', name: 'Moves', least: 'high' });
  const insight = (subject: string, kind: string, severity: string, direction: string) =>
    past.query(
      `insert into insights (workspace_id, app_id, detector, subject, sentence, kind, severity, direction, dedupe)
       values ($1, $2, 'anomalies', $3, 'It changed.', $4, $5, $6, $3) returning id`,
      [maya.workspaceId, past.appId, subject, kind, severity, direction],
    );
  const [low] = await insight('metric:clicks', 'anomaly', 'low', 'down');
  const [high] = await insight('metric:signups', 'anomaly', 'high', 'down');
  const [rise] = await insight('post:x', 'comparison', 'low', 'up');
  for (const { id } of [low, high, rise, high, rise]) await alertOnInsight(maya.context, id);
  const { id: competitorId } = (
    await past.query(
      `insert into competitors (workspace_id, app_id, name, state) values ($1, $2, 'Tunnelry', 'watched') returning id`,
      [maya.workspaceId, past.appId],
    )
  )[0];
  const changes = await past.query(
    `insert into competitor_changes (workspace_id, competitor_id, kind, severity, sentence)
     values ($1, $2, 'price', 'high', 'Pro costs $12.'), ($1, $2, 'page', 'low', 'A word.') returning id`,
    [maya.workspaceId, competitorId],
  );
  for (const { id } of [...changes, ...changes]) await alertOnCompetitor(maya.context, id);
  const raised = (await list()).filter(({ kind }) => kind !== 'threshold');
  expect(raised.map(({ title, body }) => `${title}: ${body}`).sort()).toEqual([
    'Good news: It changed.',
    'Tunnelry changed a price: Pro costs $12.',
    'Unusual: It changed.',
  ]);
  await past.query(`update insights set closed_at = now() where id = $1`, [high.id]);
  await checkAlerts(maya.context);
  expect((await list()).map(({ title }) => title)).not.toContain('Unusual');
});

test('a mention by a large account and new phrases of competitors are opportunities', async () => {
  await past.account();
  await maya.call.alertRules.create({
    appId: past.appId,
    kind: 'opportunity',
    opportunity: 'mentions',
    name: 'Large',
    severity: 'info',
  });
  await maya.call.alertRules.create({
    appId: past.appId,
    kind: 'opportunity',
    opportunity: 'keywords',
    name: 'Gaps',
    severity: 'info',
  });
  world.clock.forward('1 h');
  const at = world.clock.now();
  for (const [handle, followers] of [
    ['big', 50_000],
    ['small', 12],
  ] as const) {
    const [contact] = await past.query(
      `insert into contacts (workspace_id, platform, platform_user_id, handle, followers) values ($1, 'sandbox', $2, $2, $3) returning id`,
      [maya.workspaceId, handle, followers],
    );
    const item = {
      account_id: past.accountId,
      contact_id: contact.id,
      kind: 'mention',
      platform_id: handle,
      text: 'Try Outpost',
      received_at: at,
    };
    await past.insert('inbox_items', item);
  }
  for (const phrase of ['tunnel server', 'local tunnel'])
    await past.insert('keywords', {
      app_id: past.appId,
      phrase,
      kind: 'primary',
      intent: 'commercial',
      score: 0.5,
      source: 'competitors',
      found_at: at,
    });
  await checkAlerts(maya.context);
  await checkAlerts(maya.context);
  const titles = (await list()).filter(({ kind }) => kind === 'opportunity').map(({ title }) => title);
  expect(titles.sort()).toEqual([
    '2 phrases that only competitors use',
    '@big speaks of you to 50,000 followers',
    'Good news',
  ]);
  // Who has seen one is told of the next; phrases of another day are news even while the first wait.
  const large = (await list()).find(({ title }) => title.startsWith('@big'))!;
  await maya.call.alerts.acknowledge({ alertId: large.id });
  world.clock.forward('1 d');
  const { accountId: account_id } = past;
  const [big] = await past.query(`select id from contacts where handle = 'big'`);
  await past.insert('inbox_items', {
    account_id,
    contact_id: big.id,
    kind: 'mention',
    platform_id: 'big2',
    text: 'Still good',
    received_at: world.clock.now(),
  });
  await past.insert('keywords', {
    app_id: past.appId,
    phrase: 'expose port',
    kind: 'primary',
    intent: 'commercial',
    score: 0.4,
    source: 'competitors',
    found_at: world.clock.now(),
  });
  await checkAlerts(maya.context);
  const open = (await list()).filter(({ kind }) => kind === 'opportunity');
  expect(open.map(({ body }) => body)).toEqual(
    expect.arrayContaining(['A mention: “Still good”', expect.stringContaining('“expose port”.')]),
  );
  const payback = { appId: past.appId, kind: 'opportunity', opportunity: 'payback', name: 'Soon' } as const;
  expect(await maya.call.alertRules.preview(payback)).toMatchObject({ fired: [] });
});

test.each([
  [{ kind: 'threshold', name: 'x' }, 'A threshold needs'],
  [{ ...threshold, releaseValue: 10 }, 'would end before it begins'],
  [{ kind: 'anomaly', name: 'x', windowDays: 3 }, 'has no threshold'],
  [{ kind: 'opportunity', name: 'x' }, 'An opportunity needs'],
] as const)('a rule that makes no sense is refused in words', async (rule, words) => {
  await expect(maya.call.alertRules.create({ appId: past.appId, ...rule })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining(words),
  });
});

test('another workspace finds none of it', async () => {
  const [alert] = await list();
  await expect(rival.call.alerts.acknowledge({ alertId: alert!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.alertRules.list({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await rival.call.alertTargets.list({})).toEqual({ targets: [] });
});

test('a new app gets a handful of rules once, and removed ones stay removed', async () => {
  const app = await rival.call.apps.register({ url: 'https://rival.example' });
  await startAlerts(rival.context, app.id);
  const { rules } = await rival.call.alertRules.list({ appId: app.id });
  expect(rules.length).toBeLessThanOrEqual(6);
  await rival.call.alertRules.remove({ ruleId: rules[0]!.id });
  await startAlerts(rival.context, app.id);
  expect((await rival.call.alertRules.list({ appId: app.id })).rules).toHaveLength(rules.length - 1);
  expect((await rival.call.alertTargets.list({})).targets).toMatchObject([{ kind: 'app' }]);
});

describe('hysteresis', () => {
  const rule = fc
    .record({ value: fc.integer({ min: 20, max: 1000 }), gap: fc.integer({ min: 1, max: 19 }), isAbove: fc.boolean() })
    .map(
      ({ value, gap, isAbove }): Threshold => ({
        metric: 'visits',
        comparison: isAbove ? 'above' : 'below',
        value,
        release: isAbove ? value - gap : value + gap,
        windowDays: 1,
      }),
    );
  const days = (values: number[]) => values.map((value, index) => ({ day: String(index), value, missing: null }));

  test('noise that does not cross the whole band opens once at most and ends nothing', () => {
    fc.assert(
      fc.property(rule, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 60 }), (one, noise) => {
        const side = one.comparison === 'above' ? 1 : -1;
        // From just beyond the release value to far beyond the threshold.
        const values = noise.map((share) => one.release + side * (0.01 + share * 40));
        expect(firings(one, days(values)).fired.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('whatever the numbers do, between two alerts they were at or beyond the release value', () => {
    fc.assert(
      fc.property(rule, fc.array(fc.integer({ min: 0, max: 1100 }), { maxLength: 80 }), (one, values) => {
        const fired = firings(one, days(values)).fired.map(({ day }) => Number(day));
        for (const [index, at] of fired.entries()) {
          if (index === 0) continue;
          const between = values.slice(fired[index - 1]! + 1, at);
          expect(
            between.some((value) => (one.comparison === 'above' ? value <= one.release : value >= one.release)),
          ).toBe(true);
        }
      }),
    );
    expect(step(true, { metric: 'visits', comparison: 'above', value: 5, release: 3, windowDays: 1 }, null)).toBe(true);
  });

  test('a sum that must not fall is taken over whole days, one that must not rise includes today', () => {
    const seen = (comparison: 'above' | 'below') =>
      watched(
        { metric: 'signups', comparison, value: 1, release: 1, windowDays: 2 },
        ['2026-11-20', '2026-11-21', '2026-11-22'].map((day) => ({ day, part: 4, base: null })),
        '2026-11-22',
      ).map(({ day, value }) => [day, value]);
    expect(seen('below')).toEqual([['2026-11-21', 8]]);
    expect(seen('above')).toEqual([
      ['2026-11-21', 8],
      ['2026-11-22', 8],
    ]);
  });
});

describe('quiet hours', () => {
  const berlin = {
    quietFrom: '22:00',
    quietUntil: '07:00',
    timeZone: 'Europe/Berlin',
    weeklyBudget: 10,
    urgentPasses: true,
  };
  test.each([
    ['2026-11-22T22:30:00Z', 'warning', 'quiet'],
    ['2026-11-22T05:59:00Z', 'warning', 'quiet'],
    ['2026-11-22T06:00:00Z', 'warning', null],
    ['2026-11-22T12:00:00Z', 'warning', null],
    ['2026-11-22T22:30:00Z', 'urgent', null],
    // The clock is set forward on 29 March and back on 25 October: the night is an hour shorter, then longer.
    ['2026-03-29T04:59:00Z', 'warning', 'quiet'],
    ['2026-03-29T05:00:00Z', 'warning', null],
    ['2026-10-25T05:59:00Z', 'warning', 'quiet'],
    ['2026-10-25T06:00:00Z', 'warning', null],
  ] as const)('%s %s', (at, severity, held) => {
    expect(mayTell(berlin, 0, severity, new Date(at))?.for ?? null).toBe(held);
  });

  test('an hour that comes twice is not quiet once more after the end', () => {
    const early = { ...berlin, quietUntil: '02:30' };
    const quiet = ['00:15', '00:45', '01:15', '01:45'].map(
      (time) => quietUntil(early, new Date(`2026-10-25T${time}:00Z`)) !== null,
    );
    expect(quiet).toEqual([true, false, false, false]);
  });

  test('what is over the budget waits for Monday morning, urgent alerts do not', () => {
    const now = new Date('2026-11-22T12:00:00Z');
    expect(mayTell(berlin, 10, 'warning', now)).toMatchObject({
      for: 'budget',
      until: new Date('2026-11-23T07:00:00Z'),
    });
    expect(mayTell(berlin, 10, 'urgent', now)).toBeNull();
    expect(mayTell({ ...berlin, urgentPasses: false }, 10, 'urgent', now)).toMatchObject({ for: 'budget' });
    expect(digestAfter({ ...berlin, quietUntil: '09:00' }, now)).toEqual(new Date('2026-11-23T08:00:00Z'));
  });
});

test('a post stands out against what the same account had at the same age, and only there', () => {
  const hour = 3_600_000;
  const post = (index: number, at3h: number, at24h: number, accountId = 'a'): Looked => {
    const publishedAt = new Date(Date.UTC(2026, 9, 1 + index));
    const look = (hours: number, engagement: number) => ({
      at: new Date(publishedAt.getTime() + hours * hour),
      engagement,
    });
    return {
      postId: `${accountId}${index}`,
      accountId,
      title: 'Post',
      publishedAt,
      looks: [look(3, at3h), look(24, at24h)],
    };
  };
  const usual = Array.from({ length: 10 }, (_, index) => post(index, 4 + (index % 3), 30));
  const since = new Date('2026-10-01T00:00:00Z');
  expect(standouts([...usual, post(10, 5, 31)], 3, since)).toEqual([]);
  expect(standouts([...usual, post(10, 25, 31)], 3, since)).toMatchObject([
    { subject: 'post:a10', value: 25, usual: 'More than 10 of the 10 earlier posts at the same age.' },
  ]);
  expect(standouts([...usual, post(10, 25, 31, 'b')], 3, since)).toEqual([]);
  expect(standouts([...usual.slice(0, 6), post(10, 25, 31)], 3, since)).toEqual([]);
});
