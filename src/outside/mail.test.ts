import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Letter, type MailServer, openMail } from '#src/outside/mail.ts';
import { type Postbox, startSmtp } from '#test/smtp.ts';

let smtp: Postbox;
let locked: Postbox;
beforeAll(async () => {
  smtp = await startSmtp();
  locked = await startSmtp({ user: { name: 'maya', password: 'right' } });
});
afterAll(async () => {
  await smtp.close();
  await locked.close();
});

const letter = (to: string, more: Partial<Letter> = {}): Letter => ({
  from: { name: 'Outpost', address: 'news@outpost.dev' },
  to,
  replyTo: null,
  subject: 'Version 2 is out',
  text: 'Hello.\n',
  html: null,
  messageId: 'one@outpost.dev',
  headers: {},
  ...more,
});
const at = (box: Postbox, more: Partial<MailServer> = {}): MailServer => ({
  host: '127.0.0.1',
  port: box.port,
  encryption: 'none',
  username: null,
  password: null,
  ...more,
});
const mail = () => openMail({ allow: [smtp.address, locked.address], name: 'fanfare.example' });

test('a letter arrives as it was written, and one connection serves several', async () => {
  const line = mail().open(at(smtp));
  const before = smtp.connections();
  const written = letter('ada@example.com', {
    subject: 'Grüße from Łódź 🚀',
    text: 'Zeile eins\n.\nZwei – “drei”',
    html: '<p>Zeile</p>',
    replyTo: 'maya@outpost.dev',
    headers: {
      'List-Unsubscribe': '<https://x.example/leave/abc>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  });
  expect(await line.send(written)).toMatchObject({ kind: 'accepted' });
  expect(await line.send(letter('bob@example.com'))).toMatchObject({ kind: 'accepted' });
  line.close();
  expect(smtp.connections() - before).toBe(1);
  const { mail: got, raw } = smtp.to('ada@example.com')[0]!;
  expect(got).toMatchObject({
    subject: 'Grüße from Łódź 🚀',
    from: { name: 'Outpost', address: 'news@outpost.dev' },
    replyTo: [{ address: 'maya@outpost.dev' }],
    messageId: '<one@outpost.dev>',
  });
  expect(got.text?.trim()).toBe('Zeile eins\n.\nZwei – “drei”');
  expect(got.html).toContain('<p>Zeile</p>');
  expect(raw).toMatch(/^List-Unsubscribe: <https:\/\/x\.example\/leave\/abc>\r?$/m);
});

test('a header cannot be smuggled in', async () => {
  const line = mail().open(at(smtp));
  await line.send(
    letter('eve@example.com', {
      subject: 'Hi\r\nBcc: everyone@example.com',
      from: { name: 'X\r\nBcc: a@b.c', address: 'news@outpost.dev' },
    }),
  );
  line.close();
  const { mail: got } = smtp.to('eve@example.com')[0]!;
  expect(got.headers.some(({ key }) => key === 'bcc')).toBe(false);
});

test('each way a mail can fail is told apart', async () => {
  const line = mail().open(at(smtp));
  const ended = async (to: string, temper: Parameters<Postbox['temper']>[1]) => {
    smtp.temper(to, temper);
    const outcome = await line.send(letter(to));
    return [outcome.kind, 'about' in outcome ? outcome.about : null, 'code' in outcome ? outcome.code : null];
  };
  expect(await ended('nobody@example.com', { at: 'rcpt', code: 550, text: '5.1.1 No such user' })).toEqual([
    'refused',
    'recipient',
    550,
  ]);
  expect(await ended('nobody2@example.com', { at: 'rcpt', code: 550, text: 'No such user here' })).toEqual([
    'refused',
    'recipient',
    550,
  ]);
  expect(await ended('late@example.com', { at: 'data', code: 550, text: '5.1.1 No such user' })).toEqual([
    'refused',
    'recipient',
    550,
  ]);
  expect(await ended('spam@example.com', { at: 'data', code: 554, text: '5.7.1 Looks like spam' })).toEqual([
    'refused',
    'letter',
    554,
  ]);
  expect(await ended('relay@example.com', { at: 'rcpt', code: 550, text: '5.7.1 Relaying denied' })).toEqual([
    'refused',
    'letter',
    550,
  ]);
  expect(await ended('grey@example.com', { at: 'rcpt', code: 451, text: '4.7.1 Greylisted, come back' })).toEqual([
    'later',
    'recipient',
    451,
  ]);
  expect(await ended('full@example.com', { at: 'data', code: 452, text: '4.2.2 Mailbox full' })).toEqual([
    'later',
    'recipient',
    452,
  ]);
  expect(await ended('busy@example.com', { at: 'rcpt', code: 421, text: 'Closing down' })).toEqual([
    'later',
    'server',
    421,
  ]);
  expect((await ended('lost@example.com', { at: 'answer' }))[0]).toBe('unknown');
  expect(smtp.to('lost@example.com')).toHaveLength(1);
  expect(await line.send(letter('after@example.com'))).toMatchObject({ kind: 'accepted' });
  line.close();
});

test('a server that is not there, or wants nobody, is waited for; a private one is not asked', async () => {
  const gone = await startSmtp();
  await gone.close();
  const open = openMail({ allow: [gone.address, locked.address], name: 'x' });
  expect(await open.open(at(gone)).send(letter('a@example.com'))).toMatchObject({ kind: 'later', about: 'server' });
  const wrong = at(locked, { username: 'maya', password: 'wrong' });
  const refused = await open.open(wrong).send(letter('a@example.com'));
  expect(refused).toMatchObject({
    kind: 'later',
    about: 'server',
    code: 535,
    reason: expect.stringContaining('user name and password'),
  });
  expect(JSON.stringify(refused)).not.toContain('wrong');
  expect(
    await open.open(at(locked, { username: 'maya', password: 'right' })).send(letter('a@example.com')),
  ).toMatchObject({ kind: 'accepted' });
  expect(await open.open(at(smtp)).send(letter('a@example.com'))).toMatchObject({
    kind: 'later',
    reason: expect.stringMatching(/port|private/),
  });
  expect(await open.open(at(smtp, { port: 25, host: '10.0.0.5' })).send(letter('a@example.com'))).toMatchObject({
    reason: expect.stringContaining('private network'),
  });
  expect(await open.open(at(smtp, { port: 587, host: 'localhost' })).send(letter('a@example.com'))).toMatchObject({
    reason: expect.stringContaining('private network'),
  });
  expect(
    await openMail({ allow: [smtp.address], name: 'x' })
      .open(at(smtp, { encryption: 'starttls' }))
      .send(letter('a@example.com')),
  ).toMatchObject({ kind: 'later', about: 'server' });
});
