import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Hono } from 'hono';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { sendReports } from '#src/grow/reports/send.ts';
import { runReports } from '#src/grow/reports.ts';
import type { MailOutcome } from '#src/outside/mail.ts';
import { type Postbox, startSmtp } from '#test/smtp.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const PUBLIC = 'https://fanfare.example';
let smtp: Postbox;
let world: TestWorld;
let app: Hono;
let maya: Person;
let appId: string;

beforeAll(async () => {
  smtp = await startSmtp();
  // A Friday in Berlin; the week, and the month, end on Sunday the 29th and Monday the 30th.
  world = await openTestWorld({
    now: '2026-11-20T12:00:00Z',
    config: { WEB_ALLOW: [smtp.address], PUBLIC_URL: PUBLIC },
  });
  app = httpApp(world.world);
  maya = await world.join();
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  const settings = {
    host: '127.0.0.1',
    port: smtp.port,
    encryption: 'none',
    fromAddress: 'reports@outpost.dev',
  } as const;
  await maya.call.mail.set(settings);
  await maya.call.reports.addRecipient({ appId, kind: 'weekly', address: maya.email });
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});

const run = () => runReports(maya.context);
const weeks = async () => (await maya.call.reports.list({ appId, kind: 'weekly' })).reports;
const mailsOf = async (reportId: string) => (await maya.call.reports.get({ reportId })).mails;
const got = (address: string) => smtp.to(address).length;

test('at eight on Monday in Berlin it is written and sent once, to a member without a way out', async () => {
  world.clock.set('2026-11-23T06:59:00Z');
  await run();
  expect(await weeks()).toEqual([]);
  expect((await maya.call.reports.schedule({ appId })).kinds[0]).toMatchObject({
    next: { name: 'Week 47, 16 to 22 November 2026', dueAt: new Date('2026-11-23T07:00:00Z') },
    time: '08:00',
    recipients: [{ address: maya.email, isMember: true }],
  });
  world.clock.set('2026-11-23T07:00:00Z');
  await Promise.all([run(), run()]);
  await run();
  const [week] = await weeks();
  expect(week).toMatchObject({
    periodStartsOn: '2026-11-16',
    mails: { confirmed: 1, waiting: 0, unknown: 0, failed: 0 },
  });
  const [{ mail, raw } = { mail: null, raw: '' }, ...more] = smtp.to(maya.email);
  expect(more).toEqual([]);
  expect(mail?.subject).toBe(`${week?.headline} (${week?.title})`);
  expect(mail?.headers.some(({ key }) => key === 'list-unsubscribe')).toBe(false);
  expect(mail?.messageId).toBe(`<${(await mailsOf(week!.id))[0]?.messageId}>`);
  expect(raw).toContain('multipart/alternative');
});

test('its text is whole by itself, its pictures are PNG within the mail', async () => {
  const { mail } = smtp.to(maya.email)[0]!;
  const text = mail.text ?? '';
  expect(text).toContain('What happened\n-------------');
  expect(text).toMatch(/^Signups {2,}0 {2}before 0$/m);
  expect(text).toContain('No visit of this period came by a post.');
  expect(text).toContain('Read it in Fanfare: https://fanfare.example/reports/');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(100);
  const [picture] = mail.attachments;
  expect(picture).toMatchObject({ mimeType: 'image/png', disposition: 'inline', related: true });
  expect(mail.html).toContain(`src="cid:${picture?.contentId?.replace(/[<>]/g, '')}"`);
  expect(mail.html).toMatch(/<img [^>]*alt="Visits by day: /);
});

test('after two weeks off the older one is written and only the newest is mailed', async () => {
  world.clock.set('2026-12-09T10:00:00Z');
  await run();
  expect((await weeks()).map((one) => [one.periodStartsOn, one.mails.confirmed])).toEqual([
    ['2026-11-30', 1],
    ['2026-11-23', 0],
    ['2026-11-16', 1],
  ]);
  expect(got(maya.email)).toBe(2);
  expect((await maya.call.reports.list({ appId, kind: 'monthly' })).reports).toHaveLength(1);
});

test('who is no member can leave by a link, which looking at does not use up', async () => {
  const guest = 'guest@elsewhere.example';
  await maya.call.reports.addRecipient({ appId, kind: 'weekly', address: guest });
  world.clock.set('2026-12-14T07:00:00Z');
  await run();
  const { mail } = smtp.to(guest)[0]!;
  const path = /<https:\/\/fanfare\.example(\/letters\/report\/[\w-]{64})>/.exec(
    mail.headers.find(({ key }) => key === 'list-unsubscribe')?.value ?? '',
  )?.[1];
  expect(mail.text).toContain(`Stop these mails: ${PUBLIC}${path}`);
  const recipients = async () => (await maya.call.reports.schedule({ appId })).kinds[0]?.recipients;
  expect(await (await app.request(path!)).text()).toContain('Send me no more of these reports');
  expect(await recipients()).toMatchObject([{ address: guest, leftAt: null }, {}]);
  const left = await app.request(path!, { method: 'POST', body: 'List-Unsubscribe=One-Click' });
  expect(left.status).toBe(200);
  expect(await recipients()).toMatchObject([{ address: guest, leftAt: world.clock.now() }, {}]);
  await expect(maya.call.reports.addRecipient({ appId, kind: 'weekly', address: guest })).rejects.toMatchObject({
    message: `${guest} unsubscribed from this report on 2026-12-14, so it is not sent there again.`,
  });
  expect((await app.request('/letters/report/x', { method: 'POST' })).status).toBe(404);
});

test('a mail that was certainly not taken is tried again; one nobody knows of is said, and sent again only when asked', async () => {
  const [late, lost] = ['late@guests.example', 'lost@guests.example'];
  for (const address of [late, lost]) await maya.call.reports.addRecipient({ appId, kind: 'weekly', address });
  smtp.temper(late, { at: 'rcpt', code: 451, text: '4.7.1 Greylisted, come back' });
  smtp.temper(lost, { at: 'answer' });
  world.clock.set('2026-12-21T07:00:00Z');
  await run();
  const { id } = (await weeks())[0]!;
  const state = async (address: string) => (await mailsOf(id)).find((one) => one.address === address);
  expect(await state(late)).toMatchObject({ state: 'prepared', reason: expect.stringContaining('Greylisted') });
  expect(await state(lost)).toMatchObject({ state: 'unknown', reason: expect.stringContaining('may have arrived') });
  smtp.temper(late, null);
  smtp.temper(lost, null);
  world.clock.forward('1 h');
  await run();
  expect([got(late), got(lost)]).toEqual([1, 1]);
  expect(await state(late)).toMatchObject({ state: 'confirmed', reason: null });
  expect((await maya.call.notices.list({})).notices.map(({ title }) => title)).toContain(
    'A report may not have arrived',
  );
  await maya.call.reports.send({ reportId: id, address: lost });
  await sendReports(maya.context);
  const [first, second] = smtp.to(lost).map(({ mail }) => mail.messageId);
  expect(second).toBe(first);
  await expect(maya.call.reports.send({ reportId: id, address: lost })).rejects.toMatchObject({ code: 'CONFLICT' });
  for (const address of [late, lost]) await maya.call.reports.removeRecipient({ appId, kind: 'weekly', address });
});

test('an answer that comes after its mail was given up and asked for again takes nothing back and sends nothing', async () => {
  const address = 'slow@guests.example';
  await maya.call.reports.addRecipient({ appId, kind: 'weekly', address });
  const { id: reportId } = (await weeks())[0]!;
  const state = async () => (await mailsOf(reportId)).find((one) => one.address === address)?.state;
  const ask = () => maya.call.reports.send({ reportId, address });
  const late = Promise.withResolvers<MailOutcome>();
  const held = { open: () => ({ send: () => late.promise, close: () => undefined }), check: async () => null };
  await ask();
  const slow = sendReports({ ...maya.context, mail: held });
  while ((await state()) !== 'sent') await pause(10);
  world.clock.forward('11 min');
  await run();
  expect(await state()).toBe('unknown');
  await ask();
  await run();
  late.resolve({ kind: 'later', about: 'server', reason: 'Come back.', code: 451 });
  await slow;
  await run();
  expect([await state(), got(address)]).toEqual(['confirmed', 1]);
});

test('a report that cannot be drawn keeps no other from being sent', async () => {
  const address = 'behind@guests.example';
  await maya.call.reports.addRecipient({ appId, kind: 'weekly', address });
  const [newest, ...older] = await weeks();
  const owner = new pg.Client(world.owner);
  await owner.connect();
  const broken = older.at(-1)!.id;
  const { rows } = await owner.query(`select content from reports where id = $1`, [broken]);
  await owner.query(`update reports set content = '{}' where id = $1`, [broken]);
  await owner.query(
    `insert into report_deliveries (workspace_id, report_id, address, due_at) values ($1, $2, $3, $4)`,
    [maya.workspaceId, broken, address, '2026-01-01'],
  );
  await maya.call.reports.send({ reportId: newest!.id, address });
  await expect(sendReports(maya.context)).rejects.toThrow('1 reports could not be drawn');
  expect(got(address)).toBe(1);
  await owner.query(`update reports set content = $2 where id = $1`, [broken, rows[0].content]);
  await owner.query(`delete from report_deliveries where report_id = $1 and address = $2`, [broken, address]);
  await owner.end();
  for (const guest of [address, 'slow@guests.example'])
    await maya.call.reports.removeRecipient({ appId, kind: 'weekly', address: guest });
});

/** A process that will run the reports, as another one beside this, as soon as it is told to. */
function another() {
  const settings = {
    server: { ...world.world.db.pool.options },
    data: world.data,
    workspaceId: maya.workspaceId,
    allow: smtp.address,
    publicUrl: PUBLIC,
  };
  const child = spawn(process.execPath, ['test/send-reports.ts', JSON.stringify(settings)], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'fanfare-compile-cache') },
  });
  const ended = once(child, 'exit');
  return {
    begin: () => child.stdin.write(world.clock.now().toISOString()),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('killed while it writes, before it sends, or before it hears the answer: nobody gets it twice', async () => {
  // They start together: loading is most of what they take.
  const children = [another(), another(), another()];
  const owner = new pg.Client(world.owner);
  await owner.connect();
  const blocked = async () => {
    const waits =
      'select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())';
    while ((await owner.query(waits)).rowCount === 0) await pause(20);
  };
  const killedWhile = async (table: string) => {
    await owner.query(`begin; lock table ${table} in access exclusive mode`);
    const child = children.pop()!;
    child.begin();
    await blocked();
    await child.kill();
    await owner.query('rollback');
  };
  const sent = got(maya.email);
  world.clock.set('2026-12-28T07:00:00Z');
  await killedWhile('report_deliveries');
  expect((await weeks())[0]).toMatchObject({ periodStartsOn: '2026-12-14' });
  await killedWhile('mail_settings');
  expect((await weeks())[0]).toMatchObject({ periodStartsOn: '2026-12-21', mails: { confirmed: 0, waiting: 1 } });
  expect(got(maya.email)).toBe(sent);
  smtp.temper(maya.email, { at: 'silence' });
  const child = children.pop()!;
  child.begin();
  while (got(maya.email) === sent) await pause(20);
  await child.kill();
  smtp.temper(maya.email, null);
  await owner.end();

  await run();
  expect((await weeks())[0]?.mails).toMatchObject({ waiting: 1, unknown: 0 });
  world.clock.forward('11 min');
  await Promise.all([run(), run()]);
  expect((await weeks())[0]?.mails).toMatchObject({ confirmed: 0, waiting: 0, unknown: 1 });
  expect(got(maya.email)).toBe(sent + 1);
});

test('without a mail server the mails wait, and that is said', async () => {
  await maya.call.mail.clear({});
  await maya.call.reports.setTime({ appId, kind: 'weekly', time: '17:30' });
  world.clock.set('2027-01-04T16:29:00Z');
  await run();
  expect((await weeks())[0]?.periodStartsOn).toBe('2026-12-21');
  world.clock.set('2027-01-04T16:30:00Z');
  await run();
  expect((await weeks())[0]).toMatchObject({ periodStartsOn: '2026-12-28', mails: { waiting: 1 } });
  expect((await maya.call.notices.list({})).notices.map(({ title }) => title)).toContain(
    'Reports wait for a mail server',
  );
});
