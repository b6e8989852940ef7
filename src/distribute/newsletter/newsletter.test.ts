import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { sendDue } from '#src/distribute/newsletter/send.ts';
import { linkToken, openLinkToken } from '#src/distribute/newsletter/tokens.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { type Postbox, startSmtp } from '#test/smtp.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const PUBLIC = 'https://fanfare.example';
let smtp: Postbox;
let world: TestWorld;
let app: Hono;

beforeAll(async () => {
  smtp = await startSmtp();
  world = await openTestWorld({ config: { WEB_ALLOW: [smtp.address], PUBLIC_URL: PUBLIC } });
  app = httpApp(world.world);
});
afterAll(async () => {
  await world.close();
  await smtp.close();
});

/** Somebody with a mail server and a list. */
async function publisher(perMinute = 5_000) {
  const person = await world.join();
  const { id: appId } = await person.call.apps.register({ url: `outpost-${person.userId.slice(0, 8)}.dev` });
  await person.call.mail.set({
    host: '127.0.0.1',
    port: smtp.port,
    encryption: 'none',
    fromAddress: 'news@outpost.dev',
    perMinute,
  });
  const list = await person.call.mailingLists.create({
    appId,
    name: 'Outpost news',
    fromAddress: 'news@outpost.dev',
    postalAddress: 'Maya Lind, 1 Main Street, Oslo',
  });
  return { person, appId, listId: list.id, accountId: list.accountId };
}
type Publisher = Awaited<ReturnType<typeof publisher>>;

const send = (person: Person) => sendDue(person.context);
const letters = (person: Person) => person.call.newsletter.letters({});
const states = async ({ person, listId }: Publisher) =>
  Object.fromEntries(
    (await person.call.subscribers.list({ listId, limit: 200 })).subscribers.map((one) => [one.email, one.state]),
  );
const linkIn = (text: string, door: string) =>
  new RegExp(`${PUBLIC}(/letters/${door}/[\\w-]{64})`).exec(text)?.[1] ?? '';
const imported = ({ person, listId }: Publisher, emails: string[]) =>
  person.call.subscribers.import({
    listId,
    csv: `email\n${emails.join('\n')}\n`,
    consent: 'They ticked the box in our shop.',
  });

/** Writes a letter, has it published, and returns its publication. */
async function publish({ person, appId, accountId }: Publisher, text = 'Version 2 is out.\n\nhttps://outpost.dev/2') {
  const post = await person.call.posts.create({
    appId,
    title: 'Version 2',
    variants: [{ platform: 'newsletter', parts: [{ text }] }],
  });
  await person.call.posts.publishNow({ postId: post.id, accountIds: [accountId] });
  await publishDue(world.world);
}

test('people join by confirming in their inbox, and nobody learns who is on the list', async () => {
  const one = await publisher();
  const { lists } = await one.person.call.mailingLists.list({});
  const join = new URL(lists[0]!.subscribeUrl).pathname;
  expect(await (await app.request(join)).text()).toContain('Outpost news');
  const ask = (email: string) =>
    app.request(join, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email }),
    });
  const first = await ask('Ada@Example.com');
  expect([first.status, first.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  await ask('ada@example.com');
  expect(await send(one.person)).toBe(1);
  const [mail] = smtp.to('ada@example.com');
  expect(mail!.mail.subject).toBe('Please confirm: Outpost news');
  const confirm = linkIn(mail!.mail.text ?? '', 'confirm');

  expect((await app.request(confirm)).status).toBe(200);
  expect(await states(one)).toEqual({ 'ada@example.com': 'pending' });
  const confirmed = await app.request(confirm, { method: 'POST' });
  expect(await confirmed.text()).toContain('You are on the list');
  expect(await states(one)).toEqual({ 'ada@example.com': 'confirmed' });

  world.clock.forward('2 h');
  const again = await ask('ada@example.com');
  expect(await again.text()).toBe(await (await ask('new@example.com')).text());
  expect(await send(one.person)).toBe(1);
  expect(smtp.to('ada@example.com')).toHaveLength(1);

  const bad = await app.request(join, { method: 'POST', body: new URLSearchParams({ email: 'not an address' }) });
  expect(bad.status).toBe(400);
  expect((await app.request(`${join.slice(0, -2)}xx`, { method: 'POST' })).status).toBe(404);
  const many = await Promise.all(Array.from({ length: 12 }, (_, at) => ask(`x${at}@example.com`)));
  expect(many.map((answer) => answer.status)).toContain(429);
});

test('a confirmation ends after a week', async () => {
  const one = await publisher();
  await one.person.call.subscribers.add({ listId: one.listId, email: 'slow@example.com' });
  await send(one.person);
  world.clock.forward('8 d');
  const confirm = linkIn(smtp.to('slow@example.com')[0]!.mail.text ?? '', 'confirm');
  expect((await app.request(confirm, { method: 'POST' })).status).toBe(410);
  expect(await states(one)).toEqual({ 'slow@example.com': 'pending' });
});

test('a letter has what large mailboxes ask for, and one click ends it', async () => {
  const one = await publisher();
  await imported(one, ['reader@example.com', 'other@example.com']);
  await publish(one, 'Hello <you> & all.\n\n- one\n- two\n\nSee https://outpost.dev/a?b=1&c=2.');
  await world.drain();
  const got = smtp.to('reader@example.com')[0]!;
  expect(got.mail.subject).toBe('Version 2');
  expect(got.mail.from).toEqual({ name: 'Outpost news', address: 'news@outpost.dev' });
  const header = (name: string) => got.mail.headers.find(({ key }) => key === name)?.value;
  expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  expect(got.mail.html).toContain('Hello &lt;you&gt; &amp; all.');
  expect(got.mail.html).toContain('<li>one</li>');
  expect(got.mail.html).toContain('<a href="https://outpost.dev/a?b=1&amp;c=2">');
  expect(got.mail.text).toContain('Maya Lind, 1 Main Street, Oslo');
  const leave =
    /^<https:\/\/fanfare\.example(\/letters\/leave\/[\w-]{64})>$/.exec(header('list-unsubscribe') ?? '')?.[1] ?? '';

  const read = await app.request(linkIn(got.mail.text ?? '', 'read'));
  const copy = await read.text();
  expect(copy).toContain('Hello &lt;you&gt; &amp; all.');
  expect(copy).not.toContain('/letters/leave/');

  expect((await app.request(leave)).status).toBe(200);
  expect((await states(one))['reader@example.com']).toBe('confirmed');
  const oneClick = { method: 'POST', body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) };
  expect((await app.request(leave, oneClick)).status).toBe(200);
  expect((await app.request(leave, oneClick)).status).toBe(200);
  expect(await states(one)).toEqual({ 'reader@example.com': 'unsubscribed', 'other@example.com': 'confirmed' });
  expect((await letters(one.person)).letters[0]).toMatchObject({
    subject: 'Version 2',
    recipients: 2,
    sent: 2,
    unsubscribed: 1,
  });

  await publish(one, 'The next one.');
  await world.drain();
  expect(smtp.to('reader@example.com')).toHaveLength(1);
  expect(smtp.to('other@example.com')).toHaveLength(2);
});

test('who bounces is not written to again, who is put off is, and who may have it is not', async () => {
  const one = await publisher();
  const [fine, gone, grey, lost, spam] = ['fine', 'gone', 'grey', 'lost', 'spam'].map(
    (name) => `${name}@ends.example`,
  ) as [string, string, string, string, string];
  await imported(one, [fine, gone, grey, lost, spam]);
  smtp.temper(gone, { at: 'rcpt', code: 550, text: '5.1.1 No such user' });
  smtp.temper(grey, { at: 'rcpt', code: 451, text: '4.7.1 Greylisted' });
  smtp.temper(lost, { at: 'answer' });
  smtp.temper(spam, { at: 'data', code: 554, text: '5.7.1 Not wanted' });
  await publish(one);
  await send(one.person);
  expect((await letters(one.person)).letters[0]).toMatchObject({
    recipients: 5,
    sent: 1,
    bounced: 1,
    due: 1,
    unknown: 1,
    failed: 1,
  });
  expect(await states(one)).toMatchObject({
    [gone]: 'bounced',
    [grey]: 'confirmed',
    [lost]: 'confirmed',
    [spam]: 'confirmed',
  });
  const { subscribers } = await one.person.call.subscribers.list({ listId: one.listId, state: 'bounced' });
  expect(subscribers[0]?.endedReason).toContain('550 5.1.1 No such user');

  smtp.temper(grey, null);
  smtp.temper(lost, null);
  expect(await send(one.person)).toBe(0);
  world.clock.forward('6 min');
  expect(await send(one.person)).toBe(1);
  expect([fine, grey, lost].map((address) => smtp.to(address).length)).toEqual([1, 1, 1]);
  expect((await letters(one.person)).letters[0]).toMatchObject({ sent: 2, due: 0, unknown: 1 });
});

test('a server that is away loses nothing, and people are told once', async () => {
  const one = await publisher();
  await imported(one, ['a@away.example', 'b@away.example']);
  await one.person.call.mail.set({ host: '127.0.0.1', port: 1, encryption: 'none', fromAddress: 'news@outpost.dev' });
  await publish(one);
  expect(await send(one.person)).toBe(0);
  world.clock.forward('6 min');
  expect(await send(one.person)).toBe(0);
  const told = (await one.person.call.notices.list({})).notices.filter(({ kind }) => kind === 'mail_server');
  expect(told).toHaveLength(1);
  await one.person.call.mail.set({
    host: '127.0.0.1',
    port: smtp.port,
    encryption: 'none',
    fromAddress: 'news@outpost.dev',
  });
  world.clock.forward('6 min');
  expect(await send(one.person)).toBe(2);
  expect((await one.person.call.notices.list({})).notices.filter(({ kind }) => kind === 'mail_server')).toEqual([]);
});

test('a process that is killed while it sends does not send twice', async () => {
  const one = await publisher();
  const emails = ['1', '2', '3', '4'].map((name) => `${name}@kill.example`);
  await imported(one, emails);
  smtp.temper(emails[1]!, { at: 'silence' });
  await publish(one);
  const settings = {
    server: { ...world.world.db.pool.options },
    data: world.data,
    workspaceId: one.person.workspaceId,
    allow: smtp.address,
    now: world.clock.now(),
    publicUrl: PUBLIC,
  };
  const child = spawn(process.execPath, ['test/send-letters.ts', JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  while (smtp.to(emails[1]!).length === 0) await new Promise((wait) => setTimeout(wait, 20));
  child.kill('SIGKILL');
  await ended;
  smtp.temper(emails[1]!, null);

  await send(one.person);
  world.clock.forward('11 min');
  await send(one.person);
  expect(emails.map((address) => smtp.to(address).length)).toEqual([1, 1, 1, 1]);
  expect((await letters(one.person)).letters[0]).toMatchObject({ sent: 3, unknown: 1, due: 0 });
});

test('two hundred people get a letter once each, though it is published twice and sent by two at once', async () => {
  const one = await publisher();
  const emails = Array.from({ length: 200 }, (_, at) => `n${at}@many.example`);
  expect(await imported(one, emails)).toMatchObject({ added: 200, bad: [] });
  await publish(one);
  const { letters: rows } = await letters(one.person);
  expect(rows[0]).toMatchObject({ recipients: 200, due: 200 });
  const context = one.person.context;
  const newsletter = world.world.platforms.get('newsletter')!;
  const part = await context.db.transaction({ workspaceId: one.person.workspaceId }, (tx) =>
    tx
      .selectFrom('publicationParts')
      .select(['id', 'text'])
      .where('publicationId', '=', rows[0]!.publicationId)
      .executeTakeFirstOrThrow(),
  );
  const again = await newsletter.publish(
    { token: one.person.workspaceId, platformUserId: one.listId, apiUrl: '' },
    {
      text: part.text,
      idempotencyKey: part.id,
      replyTo: null,
      firstTriedAt: world.clock.now(),
      media: [],
      poll: null,
      title: 'Version 2',
      tags: [],
      canonicalUrl: null,
      community: null,
      replySettings: null,
    },
  );
  expect(again).toMatchObject({ ok: true, value: { platformId: rows[0]!.publicationId } });
  await Promise.all([world.drain(), send(one.person), send(one.person)]);
  await world.drain();
  const counts = emails.map((address) => smtp.to(address).length);
  expect(counts).toEqual(emails.map(() => 1));
  expect((await letters(one.person)).letters[0]).toMatchObject({ recipients: 200, sent: 200, due: 0 });
});

test('no more mails go out in a minute than the server takes', async () => {
  const one = await publisher(3);
  await imported(
    one,
    Array.from({ length: 7 }, (_, at) => `p${at}@pace.example`),
  );
  await publish(one);
  expect([await send(one.person), await send(one.person)]).toEqual([3, 0]);
  world.clock.forward('2 min');
  // Two workers at once share the minute.
  const [first, second] = await Promise.all([send(one.person), send(one.person)]);
  expect(first + second).toBe(3);
});

test('a letter is refused in words when something is missing', async () => {
  const one = await publisher();
  const post = await one.person.call.posts.create({
    appId: one.appId,
    title: 'Hi',
    variants: [{ platform: 'newsletter', parts: [{ text: 'Hello' }] }],
  });
  await one.person.call.posts.publishNow({ postId: post.id, accountIds: [one.accountId] });
  await publishDue(world.world);
  const { publications } = await one.person.call.publications.list({ postId: post.id });
  expect(publications[0]).toMatchObject({
    state: 'failed',
    reason: expect.stringContaining('Nobody on this list'),
  });
});

test('addresses come in and go out as CSV; who left is never imported again', async () => {
  const one = await publisher();
  const csv = '\uFEFFName;E-Mail\nAda;ADA@csv.example\nBob;\nCy;cy@csv.example\nAda;ada@csv.example\n';
  const { listId } = one;
  const dry = await one.person.call.subscribers.import({ listId, csv, dryRun: true });
  expect(dry).toEqual({
    added: 2,
    known: 0,
    ended: 0,
    bad: [{ line: 3, reason: 'There is no e-mail address in this line.' }],
  });
  await one.person.call.subscribers.import({ listId, csv });
  expect(await states(one)).toEqual({ 'ada@csv.example': 'pending', 'cy@csv.example': 'pending' });
  expect(await send(one.person)).toBe(2);
  const { ended } = await one.person.call.newsletter.recordBounce({
    email: 'cy@csv.example',
    kind: 'complaint',
    reason: 'Marked as spam',
  });
  expect(ended).toBe(1);
  expect(await imported(one, ['cy@csv.example', '+cmd@csv.example'])).toMatchObject({ added: 1, ended: 1 });
  const file = (await one.person.call.subscribers.export({ listId })).csv;
  expect(file.split('\n')[0]).toBe('email,state,source,asked_at,confirmed_at,ended_at');
  expect(file).toContain("'+cmd@csv.example");
  const { subscribers } = await one.person.call.subscribers.list({ listId, search: 'ada' });
  await one.person.call.subscribers.remove({ subscriberId: subscribers[0]!.id });
  expect(Object.keys(await states(one))).not.toContain('ada@csv.example');
});

test('whoever is removed is forgotten in what was sent to them as well, and so is a list that goes', async () => {
  const one = await publisher();
  await imported(one, ['ada@gone.example', 'ben@gone.example']);
  await publish(one);
  await send(one.person);
  const addresses = () =>
    transaction(one.person.context, ({ tx }) =>
      tx.selectFrom('mailDeliveries').select(['address', 'state']).orderBy('address').execute(),
    );
  const { subscribers } = await one.person.call.subscribers.list({ listId: one.listId, search: 'ada' });
  await one.person.call.subscribers.remove({ subscriberId: subscribers[0]!.id });
  expect(await addresses()).toEqual([
    { address: '', state: 'sent' },
    { address: 'ben@gone.example', state: 'sent' },
  ]);
  await one.person.call.mailingLists.remove({ listId: one.listId });
  expect((await addresses()).map(({ address }) => address)).toEqual(['', '']);
  expect((await letters(one.person)).letters[0]).toMatchObject({ recipients: 2, sent: 2 });
});

test('a bounce that a provider reports by message id ends the subscription', async () => {
  const one = await publisher();
  await imported(one, ['later@bounce.example']);
  await publish(one);
  await send(one.person);
  const messageId = smtp.to('later@bounce.example')[0]!.mail.messageId ?? '';
  expect(await one.person.call.newsletter.recordBounce({ messageId, kind: 'hard', reason: 'Mailbox deleted' })).toEqual(
    { ended: 1 },
  );
  expect((await letters(one.person)).letters[0]).toMatchObject({ bounced: 1, sent: 0 });
});

test('links hold for one purpose, one row and one workspace', async () => {
  const one = await publisher();
  const rival = await publisher();
  const { secrets } = world.world;
  const { workspaceId } = one.person;
  const token = linkToken(secrets, 'leave', workspaceId, one.listId);
  expect(openLinkToken(secrets, 'leave', token)).toEqual({ workspaceId, row: one.listId });
  expect(openLinkToken(secrets, 'confirm', token)).toBeNull();
  for (let at = 0; at < token.length; at += 7) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    expect(openLinkToken(secrets, 'leave', changed)).toBeNull();
  }
  await expect(rival.person.call.subscribers.list({ listId: one.listId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.person.call.mailingLists.remove({ listId: one.listId })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a removed list sends nothing more, and its history stays', async () => {
  const one = await publisher();
  await imported(one, ['x@removed.example']);
  await publish(one);
  await one.person.call.mailingLists.remove({ listId: one.listId });
  expect(await send(one.person)).toBe(0);
  expect(smtp.to('x@removed.example')).toEqual([]);
  expect((await one.person.call.accounts.list({ removed: true })).accounts[0]).toMatchObject({ status: 'removed' });
});

test('a test mail confirms the settings, and a password is never shown or sent in the open', async () => {
  const person = await world.join();
  await expect(person.call.mail.test({})).rejects.toMatchObject({ data: { reason: 'no_mail_server' } });
  const open = { host: '127.0.0.1', port: smtp.port, encryption: 'none' as const, fromAddress: 'news@outpost.dev' };
  await expect(person.call.mail.set({ ...open, username: 'maya', password: 'geheim-1' })).rejects.toMatchObject({
    data: { reason: 'password_in_the_open' },
  });
  await person.call.mail.set({ ...open, encryption: 'tls', username: 'maya', password: 'geheim-1' });
  await person.call.mail.set({ ...open, encryption: 'tls', username: 'maya', perMinute: 5 });
  expect((await person.call.mail.show({})).settings).toMatchObject({
    passwordIsSet: true,
    perMinute: 5,
    confirmedAt: null,
  });
  await expect(
    person.call.mail.set({ ...open, host: 'evil.example', encryption: 'tls', username: 'maya' }),
  ).rejects.toMatchObject({ data: { reason: 'missing_password' } });
  expect(JSON.stringify(await person.call.mail.show({}))).not.toContain('geheim');
  await person.call.mail.set(open);
  expect(await person.call.mail.test({})).toMatchObject({ sent: true, to: person.email });
  expect(smtp.to(person.email)).toHaveLength(1);
  expect((await person.call.mail.show({})).settings?.confirmedAt).toEqual(world.clock.now());
  smtp.temper(person.email, { at: 'rcpt', code: 550, text: '5.1.1 No such user' });
  expect(await person.call.mail.test({})).toMatchObject({
    sent: false,
    message: expect.stringContaining('No such user'),
  });
  await person.call.mail.clear({});
  expect((await person.call.mail.show({})).settings).toBeNull();
});
