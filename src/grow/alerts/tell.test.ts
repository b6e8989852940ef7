import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { openWorld } from '#src/world.ts';
import { createDatabase } from '#test/database.ts';
import { type Answer, type RecordedServer, startRecorded } from '#test/fakes/recorded.ts';
import { openPast, type Past } from '#test/measured.ts';
import { type Postbox, startSmtp } from '#test/smtp.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { raise } from './raise.ts';
import type { Severity } from './severity.ts';
import { waitAfter } from './target-state.ts';
import { tellAlerts } from './tell.ts';

let world: TestWorld;
let maya: Person;
let past: Past;
let server: RecordedServer;
let smtp: Postbox;
/** A second process on the same database. */
let other: Awaited<ReturnType<typeof openWorld>>;
let ruleId: string;
let raised = 0;

beforeAll(async () => {
  [server, smtp] = await Promise.all([startRecorded(), startSmtp()]);
  const database = await createDatabase();
  const config = { WEB_ALLOW: ['127.0.0.1', new URL(server.url).host, `127.0.0.1:${smtp.port}`] };
  world = await openTestWorld({ config, now: '2026-11-22T12:00:00Z', database });
  maya = await world.join();
  past = await openPast(world, maya);
  const { data, clock, secrets, publicUrl } = world.world;
  other = await openWorld({ config: world.world.config, data, publicUrl, server: database.server }, { clock, secrets });
  ruleId = (await maya.call.alertRules.create({ appId: past.appId, kind: 'anomaly', name: 'Any' })).id;
});
afterAll(async () => {
  await other.close();
  await past.close();
  await world.close();
  await Promise.all([server.close(), smtp.close()]);
});

const elsewhere = (): Context => ({ ...maya.context, db: other.db, web: other.web });
const raiseIn = (inside: Inside, severity: Severity = 'warning', title = `Alarm ${++raised}`) =>
  raise(inside, {
    appId: past.appId,
    kind: 'competitor',
    ruleId,
    subject: 'competitor:x',
    direction: null,
    title,
    body: 'Visits fell to <b>30</b>, below 50.',
    usual: 'It lay between 90 and 120.',
    advice: 'Look at the site.',
    severity,
    since: inside.clock.now(),
    path: '/competitors',
    dedupe: title,
    rows: [{ label: 'Visits', table: 'traffic_days', day: '2026-11-21', value: 30 }],
  });
const alarm = (severity?: Severity, title?: string) =>
  transaction(maya.context, (inside) => raiseIn(inside, severity, title));
const tell = () => tellAlerts(maya.context);
const messages = () =>
  past.query(
    `select m.kind, m.state, m.reason, (select count(*)::int from alert_deliveries d where d.alert_message_id = m.id) as alerts
     from alert_messages m order by created_at, id`,
  );
const attempts = () => past.query(`select outcome, said from alert_attempts order by sent_at, number`);
const only = async (input: Parameters<Person['call']['alertTargets']['create']>[0]) => {
  for (const { id } of (await maya.call.alertTargets.list({})).targets)
    await maya.call.alertTargets.remove({ targetId: id });
  return maya.call.alertTargets.create(input);
};
const target = async () => (await maya.call.alertTargets.list({})).targets[0]!;

test('in the app: several alerts of one run are one notice', async () => {
  await only({ kind: 'app' });
  await alarm();
  await alarm();
  await tell();
  expect((await maya.call.notices.list({})).notices).toMatchObject([
    { title: 'outpost.dev: Alarm 1 and 1 more', path: '/alerts' },
  ]);
  expect(await messages()).toMatchObject([{ kind: 'alerts', state: 'confirmed', alerts: 2 }]);
});

describe('a webhook of one’s own', () => {
  let secret: string | null;
  test('gets signed JSON once, however many processes tell at the same time', async () => {
    ({ secret } = await only({ kind: 'webhook', address: `${server.url}/hooks/s3cret-path-of-mine` }));
    expect(await target()).toMatchObject({ address: new URL(server.url).host });
    await alarm();
    server.expect(['POST /hooks/s3cret-path-of-mine', { status: 204 }]);
    await Promise.all([tell(), tellAlerts(elsewhere()), tell(), tellAlerts(elsewhere())]);
    expect(server.problems()).toEqual([]);
    const asked = server.requests.at(-1)!;
    const body = new Webhook(secret!).verify(asked.text, asked.headers);
    expect(body).toMatchObject({
      type: 'alerts.raised',
      data: {
        alerts: [{ title: 'Alarm 3', severity: 'warning', rows: [{ label: 'Visits', day: '2026-11-21', value: 30 }] }],
      },
    });
  });

  test('is sent again under the same id when its sender was killed before the answer, for the receiver knows the id', async () => {
    world.clock.forward('1 h');
    await alarm();
    const killed: Context = {
      ...maya.context,
      web: { ...maya.context.web, call: () => new Promise<never>(() => undefined) },
    };
    void tellAlerts(killed);
    await until(async () => (await messages()).at(-1).state === 'sent');
    await tell();
    expect(await messages()).toMatchObject([{ state: 'confirmed' }, { state: 'sent' }]);
    world.clock.forward('11 min');
    server.expect(['POST /hooks/s3cret-path-of-mine', { status: 200 }]);
    await tell();
    await tell();
    expect(server.problems()).toEqual([]);
    expect(await messages()).toMatchObject([{ state: 'confirmed' }, { state: 'confirmed' }]);
    expect((await attempts()).map(({ outcome }) => outcome)).toEqual(['confirmed', 'unknown', 'confirmed']);
  });

  test('may not stand in a private network', async () => {
    await expect(
      maya.call.alertTargets.create({ kind: 'webhook', address: 'http://10.0.0.7/x' }),
    ).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: expect.stringContaining('private'),
    });
  });
});

describe('a Slack webhook', () => {
  const path = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXX';
  test('gets the words, without commands in them', async () => {
    await only({ kind: 'slack', address: `${server.url}${path}` });
    await alarm();
    server.expect([`POST ${path}`, { text: 'ok' }]);
    await tell();
    const { text } = server.requests.at(-1)!.json() as { text: string };
    expect(text).toContain(
      'outpost.dev: Alarm 5\nVisits fell to &lt;b&gt;30&lt;/b&gt;, below 50.\nSince 22 November 2026',
    );
    expect(text).toContain('Visits, 2026-11-21: 30');
    expect(text).toContain('What you can do: Look at the site.');
  });

  test.each([
    ['asked to wait', { status: 429, headers: { 'retry-after': '120' } }, 'prepared', 'later'],
    ['refused', { status: 400, text: 'invalid_payload' }, 'failed', 'refused'],
    ['broken', { status: 500 }, 'unknown', 'unknown'],
    ['lost', 'lose', 'unknown', 'unknown'],
  ] as const)('%s', async (_, answer, state, outcome) => {
    await only({ kind: 'slack', address: `${server.url}${path}` });
    await alarm();
    server.expect([`POST ${path}`, answer as Answer]);
    await tell();
    await tell();
    expect(server.problems()).toEqual([]);
    expect(await messages()).toMatchObject([{ state }]);
    expect(await attempts()).toMatchObject([{ outcome }]);
    expect(await target()).toMatchObject({ failures: 1, offAt: null, trouble: expect.stringMatching(/\.$/) });
    // Sooner than it asked for nothing is sent; then what waits goes out.
    world.clock.forward('3 min');
    if (state === 'prepared') server.expect([`POST ${path}`, { text: 'ok' }]);
    await tell();
    expect(server.problems()).toEqual([]);
    if (state === 'prepared') expect(await target()).toMatchObject({ failures: 0, failingSince: null, trouble: null });
    const told = JSON.stringify([await attempts(), await messages(), await target()]);
    expect(told).not.toContain('XXXXXXXX');
  });

  test('a sender killed before the answer leaves it unknown: nobody is told twice', async () => {
    await only({ kind: 'slack', address: `${server.url}${path}` });
    await alarm();
    const killed: Context = {
      ...maya.context,
      web: { ...maya.context.web, call: () => new Promise<never>(() => undefined) },
    };
    void tellAlerts(killed);
    await until(async () => (await messages()).at(-1)?.state === 'sent');
    world.clock.forward('11 min');
    await Promise.all([tell(), tellAlerts(elsewhere())]);
    expect(server.problems()).toEqual([]);
    expect(await messages()).toMatchObject([{ state: 'unknown', reason: expect.stringContaining('not sent twice') }]);
  });

  test('a removed one is switched off with a notice, keeps what waits, and a test that arrives switches it on again', async () => {
    const { id: targetId } = await only({ kind: 'slack', address: `${server.url}${path}` });
    await alarm();
    server.expect([`POST ${path}`, { status: 404, text: 'no_service' }]);
    await tell();
    expect(await target()).toMatchObject({
      offAt: expect.any(Date),
      trouble: expect.stringContaining('removed or switched off'),
    });
    expect((await maya.call.notices.list({})).notices).toMatchObject([
      { kind: 'alert_target_off', title: expect.stringContaining('Alerts no longer go to Webhook at 127.0.0.1') },
      {},
    ]);
    server.expect([`POST ${path}`, { status: 404, text: 'no_service' }]);
    expect(await maya.call.alertTargets.test({ targetId })).toMatchObject({ sent: false });
    server.expect([`POST ${path}`, { text: 'ok' }]);
    expect(await maya.call.alertTargets.test({ targetId })).toMatchObject({ sent: true });
    world.clock.forward('5 min');
    server.expect([`POST ${path}`, { text: 'ok' }]);
    await tell();
    expect(server.problems()).toEqual([]);
    expect(await messages()).toMatchObject([{ state: 'confirmed' }]);
  });

  test('one that fails for three days is switched off', async () => {
    await only({ kind: 'slack', address: `${server.url}${path}` });
    await alarm();
    for (let day = 0; day < 5; day++) {
      server.expect([`POST ${path}`, { status: 429 }]);
      await tell();
      expect((await target()).offAt === null).toBe(day < 4);
      world.clock.forward('1 d');
    }
  });
});

test('Discord and Telegram are asked who they are, then told; no one is pinged', async () => {
  const hook = '/api/webhooks/1234567890/abcdefghijkl';
  server.expect([`GET ${hook}`, { json: { id: '1234567890', name: 'Alerts', channel_id: '5', guild_id: '7' } }]);
  await only({ kind: 'discord', address: `${server.url}${hook}` });
  await alarm('warning', '@everyone look');
  server.expect([`POST ${hook}`, { json: { id: '9', channel_id: '5', timestamp: '2026-11-22T12:00:00+00:00' } }]);
  await tell();
  expect(server.requests.at(-1)!.json()).toMatchObject({
    content: expect.stringContaining('@everyone look'),
    allowed_mentions: { parse: [] },
  });
  const bot = '/bot123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11';
  server.expect(
    [`POST ${bot}/getMe`, { json: { ok: true, result: { id: 1 } } }],
    [`POST ${bot}/getChat`, { json: { ok: true, result: { id: 42, type: 'private' } } }],
    [`POST ${bot}/getChatMemberCount`, { json: { ok: true, result: 2 } }],
  );
  await only({ kind: 'telegram', token: bot.slice(4), chat: '42', server: server.url });
  await alarm();
  server.expect([
    `POST ${bot}/sendMessage`,
    { json: { ok: true, result: { message_id: 1, date: 1, chat: { id: 42, type: 'private' } } } },
  ]);
  await tell();
  expect(server.problems()).toEqual([]);
  expect(await messages()).toMatchObject([{ state: 'confirmed' }]);
  const row = await past.query(`select address, sealed_secret from alert_targets`);
  expect(JSON.stringify(row)).not.toContain('ABC-DEF');
});

test('by e-mail: readable in plain text, escaped in HTML, in one mail; without a mail server it is refused', async () => {
  await expect(maya.call.alertTargets.create({ kind: 'email', address: 'maya@example.com' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await maya.call.mail.set({
    host: '127.0.0.1',
    port: smtp.port,
    encryption: 'none',
    fromAddress: 'fanfare@example.com',
  });
  await only({ kind: 'email', address: 'maya@example.com' });
  await alarm('urgent', 'No visits');
  await alarm('info', 'A small thing');
  await tell();
  await tell();
  expect(smtp.received).toHaveLength(1);
  const { mail } = smtp.received[0]!;
  expect(mail.subject).toBe('Urgent: outpost.dev: No visits and 1 more');
  expect(mail.text).toMatch(/Urgent: outpost\.dev: No visits\nVisits fell[\s\S]*outpost\.dev: A small thing/);
  expect(mail.html).toContain('&lt;b&gt;30&lt;/b&gt;');
  world.clock.forward('1 h');
  smtp.temper('maya@example.com', { at: 'data', code: 451, text: '4.3.0 Later' });
  await alarm();
  await tell();
  smtp.temper('maya@example.com', null);
  world.clock.forward('5 min');
  await tell();
  expect(smtp.received).toHaveLength(2);
  expect((await attempts()).map(({ outcome }) => outcome)).toEqual(['confirmed', 'later', 'confirmed']);
});

test('quiet hours gather the night into one morning message; urgent alerts pass', async () => {
  await only({ kind: 'app' });
  const before = (await maya.call.notices.list({})).notices.length;
  const told = async () => (await maya.call.notices.list({})).notices.length - before;
  await maya.call.alertSettings.set({ weeklyBudget: 3, quietFrom: '22:00', quietUntil: '08:00', urgentPasses: true });
  world.clock.set('2026-12-01T23:00:00Z');
  await alarm();
  await tell();
  world.clock.set('2026-12-02T03:00:00Z');
  await alarm();
  await tell();
  expect(await told()).toBe(0);
  const [alert] = (await maya.call.alerts.list({ appId: past.appId })).alerts;
  expect(alert!.deliveries).toMatchObject([{ state: 'waiting', reason: 'Quiet hours until 08:00 (UTC).' }]);
  await alarm('urgent');
  await tell();
  expect(await told()).toBe(1);
  world.clock.set('2026-12-02T08:00:00Z');
  await tell();
  expect(await told()).toBe(2);
  expect((await messages()).map(({ alerts }) => alerts)).toEqual([1, 2]);
});

test('what is over the weekly budget comes in one digest on Monday, with nothing lost', async () => {
  world.clock.set('2026-12-02T12:00:00Z');
  for (let index = 0; index < 4; index++) {
    world.clock.forward('1 h');
    await alarm();
    await Promise.all([tell(), tellAlerts(elsewhere())]);
  }
  expect((await messages()).map(({ kind, alerts }) => [kind, alerts])).toEqual([
    ['alerts', 1],
    ['alerts', 2],
    ['alerts', 1],
  ]);
  world.clock.set('2026-12-07T07:59:00Z');
  await tell();
  expect(await messages()).toHaveLength(3);
  world.clock.set('2026-12-07T08:00:00Z');
  await Promise.all([tell(), tellAlerts(elsewhere())]);
  expect((await messages()).at(-1)).toMatchObject({ kind: 'digest', alerts: 3, state: 'confirmed' });
  expect((await maya.call.notices.list({})).notices[0]).toMatchObject({ title: 'What waited this week: 3 alerts' });
});

test('a hundred alerts within the hour are one message at once and one later, cut to what a mail program shows', async () => {
  await maya.call.alertSettings.set({ weeklyBudget: 10, quietFrom: '22:00', quietUntil: '08:00', urgentPasses: true });
  world.clock.set('2026-12-09T12:00:00Z');
  const address = 'storm@example.com';
  await only({ kind: 'email', address });
  for (let batch = 0; batch < 4; batch++) {
    await transaction(maya.context, async (inside) => {
      for (let index = 0; index < 25; index++) await raiseIn(inside);
    });
    await Promise.all([tell(), tellAlerts(elsewhere())]);
    expect((await messages()).map(({ alerts }) => alerts)).toEqual([25]);
    world.clock.forward('5 min');
  }
  const [alert] = (await maya.call.alerts.list({ appId: past.appId })).alerts;
  expect(alert!.deliveries[0]!.reason).toContain('the next goes out after 13:00 (UTC)');
  await alarm('urgent', 'The site is down');
  await tell();
  await alarm();
  world.clock.set('2026-12-09T13:00:00Z');
  await tell();
  // The urgent one does not wait, and takes with it what did.
  expect((await messages()).map(({ alerts }) => alerts)).toEqual([25, 76]);
  const { mail, raw } = smtp.to(address).at(-1)!;
  expect(mail.subject).toBe('Urgent: outpost.dev: The site is down and 75 more');
  expect(mail.text).toContain('And 51 more.');
  expect(mail.html).toContain('And 51 more.');
  expect(raw.length).toBeLessThan(100_000);
});

test('a place that is down for a day gets what waited as one message, by day, and its budget is not used up meanwhile', async () => {
  const address = 'away@example.com';
  await only({ kind: 'email', address });
  smtp.temper(address, { at: 'rcpt', code: 451, text: '4.3.0 Later' });
  world.clock.set('2026-12-16T12:00:00Z');
  for (let time = 0; time < 4; time++) {
    await alarm();
    await tell();
    world.clock.forward('3 h');
  }
  expect((await messages()).map(({ alerts }) => alerts)).toEqual([1]);
  smtp.temper(address, null);
  const cameAt: number[] = [];
  for (const hour of [2, 7, 8, 16, 17, 18]) {
    world.clock.set(`2026-12-17T${String(hour).padStart(2, '0')}:00:00Z`);
    const before = smtp.to(address).length;
    if (hour === 7) await alarm('urgent', 'The house burns');
    await tell();
    if (smtp.to(address).length > before) cameAt.push(hour);
  }
  // In the night only the urgent one comes; the rest by day, in two messages: what was tried before, and what waited behind.
  expect(smtp.to(address)[0]!.mail.subject).toBe('Urgent: outpost.dev: The house burns');
  expect(cameAt.filter((hour) => hour < 8).length).toBeLessThanOrEqual(1);
  const told = await messages();
  expect(told.map(({ alerts }) => alerts).sort()).toEqual([1, 1, 3]);
  expect(told.every(({ state }) => state === 'confirmed')).toBe(true);
});

test('what was acknowledged or snoozed in the night is not told in the morning', async () => {
  await only({ kind: 'app' });
  world.clock.set('2026-12-20T23:00:00Z');
  for (const title of ['Seen', 'Put off', 'Left']) await alarm('warning', title);
  await tell();
  const find = async (title: string) =>
    (await maya.call.alerts.list({ appId: past.appId, which: 'all' })).alerts.find((one) => one.title === title)!;
  await maya.call.alerts.acknowledge({ alertId: (await find('Seen')).id });
  await maya.call.alerts.snooze({ alertId: (await find('Put off')).id, until: '2026-12-22T09:00:00Z' });
  world.clock.set('2026-12-21T08:00:00Z');
  await tell();
  expect((await messages()).map(({ alerts }) => alerts)).toEqual([1]);
  expect((await find('Seen')).deliveries).toMatchObject([
    { state: 'dropped', reason: 'It was acknowledged before it was told.' },
  ]);
  expect((await find('Put off')).deliveries).toMatchObject([{ state: 'dropped' }]);
});

test('a clock that was years ahead for a while silences nothing', async () => {
  await maya.call.alertSettings.set({ weeklyBudget: 1, quietFrom: null, quietUntil: null, urgentPasses: false });
  const path = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXX';
  await only({ kind: 'slack', address: `${server.url}${path}` });
  world.clock.set('2031-01-01T12:00:00Z');
  await alarm();
  const stuck = () => new Promise<never>(() => undefined);
  void tellAlerts({ ...maya.context, web: { ...maya.context.web, call: stuck } });
  await until(async () => (await messages()).at(-1)?.state === 'sent');
  world.clock.set('2026-12-28T12:00:00Z');
  await alarm();
  server.expect([`POST ${path}`, { text: 'ok' }]);
  await tell();
  expect(server.problems()).toEqual([]);
  expect((await messages()).map(({ state }) => state).sort()).toEqual(['confirmed', 'unknown']);
});

test('waits grow and are spread', () => {
  expect([1, 2, 5].map((failures) => waitAfter(failures, 0.5))).toEqual([60_000, 120_000, 960_000]);
  expect([waitAfter(30, 0), waitAfter(30, 1)]).toEqual([16_200_000, 27_000_000]);
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((done) => setTimeout(done, 10));
}
