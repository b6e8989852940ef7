import { createHash, createHmac } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { localCredential } from '#src/doors/local.ts';
import { signInPaths } from '#src/people/sign-in/paths.ts';
import { openSignIn } from '#src/people/sign-in.ts';
import { hashToken, randomToken } from '#src/secrets.ts';
import { type Browser, browserAt, PASSWORD } from '#test/browser-at.ts';
import { startSmtp } from '#test/smtp.ts';
import { codeOf } from '#test/totp.ts';
import { openTestWorld } from '#test/world.ts';

const post = await startSmtp();
/** The whole door, behind one proxy, so that everybody in a test has an address of their own. */
const tested = await openTestWorld({
  config: { TRUSTED_PROXIES: 1, WEB_ALLOW: [post.address] },
  now: new Date().toISOString(),
});
const app = httpApp(tested.world);
const again = httpApp(tested.world);
const database = new pg.Client(tested.owner);
const origin = tested.world.publicUrl;
let addresses = 0;

beforeAll(() => database.connect());
afterAll(async () => {
  await database.end();
  await tested.close();
  await post.close();
});

/** A browser of its own address, unless one is given. */
const browser = (address = `203.0.113.${++addresses}`, door = app) => browserAt(door, origin, address);

const rows = async <T extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
  (await database.query<T>(text, values)).rows;

const maya = browser();
beforeAll(async () => {
  const both = await Promise.all(
    ['maya@example.com', 'mallory@example.com'].map((email, index) =>
      (index === 0 ? maya : browser()).auth('/sign-up/email', { name: 'Maya', email, password: PASSWORD }),
    ),
  );
  // Two at the same moment: one becomes the owner, the other is refused, and nothing of them stays.
  expect(both.map(({ status }) => status).sort()).toEqual([
    200,
    expect.toSatisfy((status) => [403, 422].includes(status as number)),
  ]);
  const [owner] = await rows<{ email: string }>('select email from users');
  expect(await rows('select id from users')).toHaveLength(1);
  if (owner?.email !== 'maya@example.com') {
    await database.query("update users set email = 'maya@example.com'");
    await maya.signIn('maya@example.com');
  }
});

/** Somebody who belongs to Maya's workspace and has her password; every browser of theirs is signed in as by it. */
async function newcomer(email: string, role = 'editor'): Promise<Browser> {
  await database.query(
    `with made as (insert into users (name, email) values ('Ada', $1) returning id),
       pass as (insert into credentials (user_id, account_id, provider_id, password)
         select made.id, made.id::text, 'credential', c.password from made, credentials c limit 1)
     insert into memberships (workspace_id, user_id, role) select w.id, made.id, $2 from made, workspaces w where w.name = 'Maya’s workspace'`,
    [email, role],
  );
  return signedIn(email);
}

async function signedIn(email: string): Promise<Browser> {
  const token = randomToken(24);
  const made = await rows(
    `insert into sessions (user_id, token, expires_at) select id, $2, now() + interval '1 day' from users where email = $1 returning id`,
    [email, hashToken(token)],
  );
  expect(made).toHaveLength(1);
  const seal = createHmac('sha256', tested.world.secrets.derive('sign-in')).update(token).digest('base64');
  const one = browser();
  one.cookies.set('fanfare.session_token', encodeURIComponent(`${token}.${seal}`));
  return one;
}
const tokenOf = (link = '') => link.split('#')[1] ?? '';

describe('sessions', () => {
  test('the database holds no cookie: a token stands there as its hash and opens nothing', async () => {
    const [cookie] = [...maya.cookies].filter(([name]) => name.endsWith('session_token'));
    const token = decodeURIComponent(cookie![1]).split('.')[0]!;
    const kept = await rows<{ token: string }>('select token from sessions');
    expect(kept.map((row) => row.token)).toContain(createHash('sha256').update(token).digest('hex'));
    expect(JSON.stringify(await rows('select * from sessions, users, verifications'))).not.toContain(token);
    const thief = browser();
    thief.cookies.set(cookie![0], kept[0]!.token);
    expect(await thief.isIn()).toBe(false);
    await expect(database.query("update sessions set token = 'plain'")).rejects.toThrow(/sessions_token_hashed/);
  });

  test('are listed, and ended one by one or all but this one; nobody ends another person’s', async () => {
    const ada = await newcomer('sessions@example.com');
    const [phone, laptop] = [await signedIn('sessions@example.com'), await signedIn('sessions@example.com')];
    const list = async (one: Browser) =>
      (
        (await one.call('GET', '/sessions')).body as unknown as {
          sessions: { id: string; current: boolean; address: string }[];
        }
      ).sessions;
    const seen = await list(ada);
    expect(seen).toHaveLength(3);
    expect(seen.filter(({ current }) => current)).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toContain('token');
    const [own] = (await list(phone)).filter(({ current }) => current);
    expect((await maya.call('POST', `/sessions/${own!.id}/revoke`, {})).status).toBe(404);
    expect(await phone.isIn()).toBe(true);
    expect((await ada.call('POST', `/sessions/${own!.id}/revoke`, {})).status).toBe(200);
    expect([await phone.isIn(), await laptop.isIn()]).toEqual([false, true]);
    expect((await ada.call('POST', '/sessions/revoke-others', {})).body).toEqual({ ended: 1 });
    expect([await ada.isIn(), await laptop.isIn(), await maya.isIn()]).toEqual([true, false, true]);
    await ada.auth('/sign-out');
    expect(await ada.isIn()).toBe(false);
  });

  test('a changed password ends the others, whatever was asked for', async () => {
    const ada = await newcomer('password@example.com');
    const other = await signedIn('password@example.com');
    const wrong = { currentPassword: 'another password', newPassword: 'one more password' };
    expect((await ada.auth('/change-password', wrong)).status).toBe(400);
    const change = { currentPassword: PASSWORD, newPassword: 'one more password', revokeOtherSessions: false };
    expect((await ada.auth('/change-password', change)).status).toBe(200);
    expect([await ada.isIn(), await other.isIn()]).toEqual([true, false]);
    expect((await browser().signIn('password@example.com')).status).toBe(401);
    expect((await browser().signIn('password@example.com', 'one more password')).status).toBe(200);
  });

  test('an e-mail address is changed with the password, and never to one that is taken', async () => {
    const ada = await newcomer('before@example.com');
    const change = (email: string, password = PASSWORD) => ada.auth('/account/email', { email, password });
    expect((await change('after@example.com', 'another password')).status).toBe(400);
    expect((await change('maya@example.com')).status).toBe(409);
    expect((await change('After@Example.com')).body).toEqual({ email: 'after@example.com' });
    expect((await ada.ask('GET', '/api/auth/get-session')).body).toMatchObject({
      user: { email: 'after@example.com' },
    });
  });
});

describe('a second factor', () => {
  test('is asked for after the password; a code is good once, a recovery code too; guesses lock it', async () => {
    const ada = await newcomer('factor@example.com');
    expect((await ada.auth('/two-factor/enable', { password: 'another password' })).status).toBe(400);
    const { body } = await ada.auth('/two-factor/enable', { password: PASSWORD });
    const { totpURI, backupCodes } = body as unknown as { totpURI: string; backupCodes: string[] };
    expect(backupCodes).toHaveLength(10);
    expect((await browser().signIn('factor@example.com')).body).not.toHaveProperty('twoFactorRedirect');
    const first = codeOf(totpURI);
    expect((await ada.auth('/two-factor/verify-totp', { code: first })).status).toBe(200);
    const kept = JSON.stringify(await rows('select * from two_factors'));
    for (const secret of [...backupCodes, new URL(totpURI).searchParams.get('secret')!])
      expect(kept).not.toContain(secret);

    const phone = browser();
    expect((await phone.signIn('factor@example.com')).body).toMatchObject({ twoFactorRedirect: true });
    expect(await phone.isIn()).toBe(false);
    // The code with which it was switched on was seen already.
    const replayed = await phone.auth('/two-factor/verify-totp', { code: first, trustDevice: true });
    expect([replayed.status, replayed.body.message]).toEqual([401, expect.stringMatching(/used already/)]);
    expect(await phone.isIn()).toBe(false);
    await phone.signIn('factor@example.com');
    const next = await phone.auth('/two-factor/verify-totp', {
      code: codeOf(totpURI, Date.now() + 30_000),
      trustDevice: true,
    });
    expect(next.status, next.text).toBe(200);
    expect(await phone.isIn()).toBe(true);
    await phone.auth('/sign-out');
    expect((await phone.signIn('factor@example.com')).body, 'no browser is trusted').toMatchObject({
      twoFactorRedirect: true,
    });

    const recovered = await phone.auth('/two-factor/verify-backup-code', {
      code: backupCodes[0],
      disableSession: true,
    });
    expect(recovered.status, recovered.text).toBe(200);
    expect(await phone.isIn()).toBe(true);
    const laptop = browser();
    await laptop.signIn('factor@example.com');
    expect((await laptop.auth('/two-factor/verify-backup-code', { code: backupCodes[0] })).status).toBe(401);

    // New ones replace the old.
    const fresh = (await ada.auth('/two-factor/generate-backup-codes', { password: PASSWORD })).body as unknown as {
      backupCodes: string[];
    };
    expect((await laptop.auth('/two-factor/verify-backup-code', { code: backupCodes[1] })).status).toBe(401);
    expect((await laptop.auth('/two-factor/verify-backup-code', { code: fresh.backupCodes[1] })).status).toBe(200);

    // Ten wrong codes lock it, from whatever addresses they come; then no code is right.
    const wrong = String((Number(codeOf(totpURI)) + 5) % 1_000_000).padStart(6, '0');
    for (let round = 0; round < 2; round++) {
      const guesser = browser();
      await guesser.signIn('factor@example.com');
      for (let guess = 0; guess < 5; guess++) await guesser.auth('/two-factor/verify-totp', { code: wrong });
    }
    const honest = browser();
    await honest.signIn('factor@example.com');
    for (const [kind, code] of [
      ['totp', codeOf(totpURI, Date.now() + 30_000)],
      ['backup-code', fresh.backupCodes[2]],
    ])
      expect((await honest.auth(`/two-factor/verify-${kind}`, { code })).status).toBe(429);
    expect(await honest.isIn()).toBe(false);

    expect((await ada.auth('/two-factor/disable', { password: 'another password' })).status).toBe(400);
    expect((await ada.auth('/two-factor/disable', { password: PASSWORD })).status).toBe(200);
    expect((await browser().signIn('factor@example.com')).body).not.toHaveProperty('twoFactorRedirect');
  });
});

describe('a passkey', () => {
  test('is asked for without a name, added with the password only, and made-up answers are refused alike', async () => {
    const { body } = await browser().auth('/passkey/sign-in-options');
    expect(body).toMatchObject({ userVerification: 'required', rpId: 'localhost' });
    expect(body).not.toHaveProperty('allowCredentials.0');
    expect((await maya.auth('/passkey/add-options', { password: 'another password' })).status).toBe(400);
    expect((await browser().auth('/passkey/add-options', { password: PASSWORD })).status).toBe(401);
    const assertion = {
      id: 'AAAA',
      rawId: 'AAAA',
      type: 'public-key',
      response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' },
    };
    const somebody = browser();
    expect((await somebody.auth('/passkey/sign-in', { response: assertion })).status).toBe(401);
    await somebody.auth('/passkey/sign-in-options');
    expect((await somebody.auth('/passkey/sign-in', { response: assertion })).status).toBe(401);
    expect((await somebody.auth('/passkey/sign-in', { response: 'nonsense' })).status).toBe(400);
    const attestation = { ...assertion, response: { clientDataJSON: 'e30', attestationObject: 'AAAA' } };
    expect((await maya.auth('/passkey/add', { name: 'Mine', response: attestation })).status).toBe(400);
  });
});

describe('an invitation', () => {
  test('lets one new person in, once, for seven days, and not after it was withdrawn', async () => {
    const invite = async (email: string) => {
      const { body } = await maya.call('POST', '/invitations', { email, role: 'viewer' });
      return { id: body.id!, token: tokenOf(body.link), body };
    };
    const join = (token: string) => browser().auth('/invitation/join', { token, name: 'Eve', password: PASSWORD });
    const first = await invite('eve@example.com');
    expect(first.body).toMatchObject({ mailed: false, message: expect.stringMatching(/No mail server/) });
    expect(JSON.stringify(await rows('select * from invitations'))).not.toContain(first.token);
    expect((await browser().auth('/invitation/look', { token: first.token })).body).toMatchObject({
      workspace: 'Maya’s workspace',
      email: 'eve@example.com',
      role: 'viewer',
      invitedBy: 'Maya',
    });
    // Invited again: the first link is good for nothing.
    const second = await invite('eve@example.com');
    const gone = await join(first.token);
    const [one, other] = await Promise.all([join(second.token), join(second.token)]);
    expect([one.status, other.status].sort()).toEqual([
      200,
      expect.toSatisfy((status) => [404, 409].includes(status as number)),
    ]);
    const used = await join(second.token);
    const unknown = await join('made-up');
    const withdrawn = await invite('mallory@example.com');
    expect((await maya.call('DELETE', `/invitations/${withdrawn.id}`)).status).toBe(200);
    const late = await invite('late@example.com');
    tested.clock.forward('7 d');
    const answers = [gone, used, unknown, await join(withdrawn.token), await join(late.token)];
    tested.clock.set(new Date());
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(404);
    expect(await rows("select name from users where email like 'eve%'")).toHaveLength(1);
    expect((await maya.call('POST', '/invitations', { email: 'eve@example.com', role: 'viewer' })).status).toBe(409);
  });

  test('brings a signed-in person into a second workspace, where this browser then is, and back', async () => {
    const ada = await newcomer('second@example.com', 'viewer');
    const { body: made } = await ada.call('POST', '/workspaces', { name: 'Ada alone' });
    const current = async () => (await ada.call('GET', '/workspace')).body as unknown as { id: string; name: string };
    expect((await current()).name).toBe('Maya’s workspace');
    expect((await ada.call('POST', `/workspaces/${made.id}/enter`, {})).status).toBe(200);
    expect((await current()).name).toBe('Ada alone');
    const { body } = await ada.call('POST', '/invitations', { email: 'somebody@example.com', role: 'editor' });
    expect((await maya.auth('/invitation/accept', { token: tokenOf(body.link) })).status).toBe(200);
    expect((await maya.auth('/invitation/accept', { token: tokenOf(body.link) })).status).toBe(404);
    const listed = (await maya.call('GET', '/workspaces')).body as unknown as {
      workspaces: { id: string; role: string }[];
    };
    expect(listed.workspaces.map(({ role }) => role)).toEqual(['owner', 'editor']);
    expect((await maya.call('GET', '/workspace')).body).toMatchObject({ id: made.id });
    expect((await maya.call('GET', '/invitations')).status, 'an editor there').toBe(403);
    await maya.call('POST', `/workspaces/${listed.workspaces[0]!.id}/enter`, {});
    expect((await browser().call('POST', `/workspaces/${made.id}/enter`, {})).status).toBe(401);
    const eve = await signedIn('eve@example.com');
    expect((await eve.call('POST', `/workspaces/${made.id}/enter`, {})).status).toBe(404);
  });
});

describe('the people of a workspace', () => {
  test('are listed, change roles, leave and are removed; the last owner stays', async () => {
    const ada = await newcomer('member@example.com', 'editor');
    const members = async (one: Browser) =>
      (
        (await one.call('GET', '/members')).body as unknown as {
          members: { userId: string; email: string; role: string; you: boolean; guarded: boolean | null }[];
        }
      ).members;
    const of = async (email: string) => (await members(maya)).find((one) => one.email === email)!;
    const [owner, member] = [await of('maya@example.com'), await of('member@example.com')];
    expect([owner.you, member.role, member.guarded]).toEqual([true, 'editor', false]);
    expect((await members(ada)).every(({ guarded }) => guarded === null)).toBe(true);
    const setRole = (by: Browser, userId: string, role: string) => by.call('PUT', `/members/${userId}/role`, { role });
    expect((await setRole(ada, member.userId, 'owner')).status).toBe(403);
    expect((await setRole(maya, owner.userId, 'viewer')).body.message).toMatch(/needs an owner/);
    expect((await maya.call('POST', '/members/leave', {})).status).toBe(409);
    expect((await maya.call('DELETE', `/members/${owner.userId}`)).status).toBe(409);
    await setRole(maya, member.userId, 'owner');
    // Two owners who go at the same moment: one may.
    const both = await Promise.all([setRole(maya, member.userId, 'viewer'), setRole(ada, owner.userId, 'viewer')]);
    expect(both.map(({ status }) => status).sort()).toEqual([
      200,
      expect.toSatisfy((status) => [403, 409].includes(status as number)),
    ]);
    await database.query("update memberships set role = 'owner' where user_id = $1", [owner.userId]);
    await database.query("update memberships set role = 'viewer' where user_id = $1", [member.userId]);
    expect((await ada.call('GET', '/members')).status).toBe(200);
    expect((await maya.call('DELETE', `/members/${member.userId}`)).status).toBe(200);
    expect((await ada.call('GET', '/members')).status, 'at once').toBe(401);
    const operations = await rows<{ operation: string }>('select operation from audit_log');
    expect(operations.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['invitations.create', 'invitations.accept', 'members.setRole', 'members.remove']),
    );
  });
});

describe('a forgotten password', () => {
  const local = () => ({ authorization: `Bearer ${localCredential(tested.world.secrets)}` });

  test('is said to need a mail server while none is set, to everybody alike', async () => {
    const ask = (email: string) => browser().auth('/request-password-reset', { email });
    const [known, unknown] = [await ask('maya@example.com'), await ask('nobody@example.com')];
    expect(known.status).toBe(503);
    expect(known.body.message).toMatch(/fanfare reset-password/);
    expect(unknown.text).toBe(known.text);
  });

  test('is replaced by a mailed link, once; who asks learns nothing, and everybody is signed out', async () => {
    const ada = await newcomer('forgotten@example.com');
    const mail = { host: '127.0.0.1', port: post.port, encryption: 'none', fromAddress: 'fanfare@example.com' };
    expect((await maya.call('PUT', '/mail', mail)).status).toBe(200);
    const ask = (email: string) => browser().auth('/request-password-reset', { email, redirectTo: '/x' });
    const [known, unknown] = [await ask('forgotten@example.com'), await ask('nobody@example.com')];
    expect([known.status, unknown.text]).toEqual([200, known.text]);
    await vi.waitUntil(() => post.received.length === 1, 5_000);
    const token = /\/reset-password#([\w-]+)/.exec(post.received[0]!.mail.text ?? '')?.[1] ?? '';
    expect(token.length).toBeGreaterThan(20);
    expect(JSON.stringify(await rows('select * from verifications'))).not.toContain(token);
    const set = (newPassword: string) => browser().auth('/reset-password', { token, newPassword });
    expect((await set('short')).status).toBe(400);
    expect((await set('a new long password')).status).toBe(200);
    expect((await set('a third long password')).status).toBe(400);
    expect(await ada.isIn()).toBe(false);
    expect((await browser().signIn('forgotten@example.com', 'a new long password')).status).toBe(200);
    await maya.call('DELETE', '/mail');
  });

  test('is replaced by a link from the server’s own machine, which nobody else makes', async () => {
    await newcomer('owner@example.com');
    const make = (headers: Record<string, string>, json: object = {}) =>
      browser().ask('POST', '/api/v1/setup/reset-link', { email: 'Owner@example.com', ...json }, headers);
    expect((await maya.call('POST', '/setup/reset-link', { email: 'owner@example.com' })).status).toBe(403);
    expect((await make({})).status).toBe(401);
    expect((await make({ authorization: 'Bearer fflocal_made-up' })).status).toBe(401);
    const made = await make(local());
    const token = tokenOf(made.body.link);
    expect(made.body.link).toBe(`${origin}/reset-password#${token}`);
    expect((await browser().auth('/reset-password', { token, newPassword: 'from the machine' })).status).toBe(200);
    expect((await browser().signIn('owner@example.com', 'from the machine')).status).toBe(200);
    await database.query("update users set two_factor_enabled = true where email = 'owner@example.com'");
    await make(local(), { withoutSecondFactor: true });
    expect(await rows('select id from users where two_factor_enabled and email = $1', ['owner@example.com'])).toEqual(
      [],
    );
  });
});

describe('what a stranger may try', () => {
  test('what the library offers beyond our list is not there', async () => {
    const endpoints = Object.values(openSignIn(tested.world).api) as {
      path?: string;
      options: { method: string | string[] };
    }[];
    const offered = endpoints.flatMap(({ path, options }) =>
      path ? [options.method].flat().map((method) => ({ method, path })) : [],
    );
    const closed = offered.filter(({ method, path }) => signInPaths.get(path)?.method !== method);
    expect(closed.length).toBeGreaterThan(20);
    const before = await rows('select count(*) from rate_limits');
    for (const { method, path } of closed) {
      const answer = await maya.ask(method, `/api/auth${path}`, method === 'POST' ? {} : undefined);
      expect([path, answer.status]).toEqual([path, 404]);
    }
    expect(await rows('select count(*) from rate_limits')).toEqual(before);
    for (const path of signInPaths.keys()) expect(offered.map((one) => one.path)).toContain(path);
  });

  test('what only the server decides is not taken from outside', async () => {
    const decided = () => rows('select founder, two_factor_enabled, email_verified, email, id from users order by id');
    const before = await decided();
    for (const field of [
      { founder: false },
      { twoFactorEnabled: true },
      { emailVerified: true },
      { email: 'x@example.com' },
    ])
      await maya.auth('/update-user', { name: 'Maya', ...field });
    expect(await decided()).toEqual(before);
    expect((await maya.ask('GET', '/api/auth/get-session')).text).not.toMatch(/"token"|founder/);
  });

  test('no address leads away from here', async () => {
    for (const foreign of [
      'https://evil.example',
      '//evil.example',
      'https:evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const answer = await browser().ask('POST', '/api/auth/sign-in/email', {
        email: 'maya@example.com',
        password: PASSWORD,
        callbackURL: foreign,
      });
      expect([foreign, answer.status, answer.headers.get('location')]).toEqual([foreign, 403, null]);
    }
  });

  test('sign-up tells nobody apart once there is an owner', async () => {
    const attempt = (email: string, password = PASSWORD) =>
      browser().auth('/sign-up/email', { name: 'Eve', email, password });
    const answers = [
      await attempt('maya@example.com'),
      await attempt('nobody@example.com'),
      await attempt('x', 'short'),
    ];
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(403);
  });

  test('every door counts, in the database, for all processes together', async () => {
    for (const [path, { method, perMinute }] of signInPaths) {
      const address = `198.51.100.${++addresses}`;
      const [one, other] = [browser(address), browser(address, again)];
      const ask = async (by: Browser) =>
        (await by.ask(method, `/api/auth${path}`, method === 'GET' ? undefined : {})).status;
      const first = await ask(one);
      const [counted] = await rows('update rate_limits set count = $2 where key like $1 returning key', [
        `%${address}%${path}%`,
        perMinute - 1,
      ]);
      expect([path, counted]).toEqual([path, { key: expect.any(String) }]);
      expect([path, [first, await ask(other)].includes(429), await ask(one), await ask(other)]).toEqual([
        path,
        false,
        429,
        429,
      ]);
    }
  });
});
