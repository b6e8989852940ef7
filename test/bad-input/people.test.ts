import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cookieOf, type House, keyOf, openHouse, operations, refusal } from '#test/bad-input/house.ts';
import { smallestInput } from '#test/bad-input/inputs.ts';
import { type Stock, stockBoth } from '#test/bad-input/stock.ts';
import { configFor } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';

let x: FakeX;
let house: House;
let own: Stock;

beforeAll(async () => {
  x = await startFakeX();
  house = await openHouse({ config: configFor(x) });
  ({ own } = await stockBoth(house));
});
afterAll(async () => {
  await house.close();
  await x.close();
});

const all = [...operations.values()];

describe('who may not', () => {
  test('nobody gets past the sign-in, by any operation', async () => {
    const before = await house.stored();
    for (const operation of all.filter(({ reach }) => reach !== 'everyone')) {
      const said = await refusal(await house.call(operation, smallestInput(operation, own), 'nobody'), 401);
      expect(said.data?.reason, operation.name).toBe('sign_in');
    }
    expect(await house.stored()).toEqual(before);
  });

  test('an unknown, a revoked and an expired key are not told apart', async () => {
    const make = (json: object) =>
      house.asked<{ id: string; key: string }>('POST', '/keys', { name: 'A key', scopes: ['read', 'write'], ...json });
    const revoked = await make({});
    const expired = await make({ expiresAt: new Date(house.clock.now().getTime() + 3_600_000).toISOString() });
    const asked = (key: string) => house.send('GET', '/api/v1/apps', { as: { key } });
    expect([(await asked(revoked.key)).status, (await asked(expired.key)).status]).toEqual([200, 200]);
    await house.asked('POST', `/keys/${revoked.id}/revoke`, {});
    const now = house.clock.now();
    house.clock.forward('2 h');
    const said = new Set<string>();
    for (const key of [revoked.key, expired.key, 'ff_unknown', 'nonsense', 'local_nonsense', 'a'.repeat(10_000)])
      said.add(JSON.stringify(await refusal(await asked(key), 401)));
    expect(said.size).toBe(1);
    house.clock.set(now);
  });

  test('a key does what its scopes say and nothing else, by every operation', async () => {
    const key = await house.asked<{ key: string }>('POST', '/keys', { name: 'Reader', scopes: ['read'] });
    const before = await house.stored();
    for (const operation of all.filter(
      ({ reach, access, role }) => reach === 'workspace' && (access !== 'read' || role === 'owner'),
    )) {
      const said = await refusal(await house.call(operation, smallestInput(operation, own), { key: key.key }), 403);
      expect(said.message, operation.name).toMatch(/^This key may not do that|No key may do it/);
    }
    expect(await house.stored()).toEqual(before);
  });

  test('a viewer looks, and changes nothing by any operation', async () => {
    const { id } = await house.asked<{ id: string }>('GET', '/workspace');
    await house.query("update memberships set role = 'viewer' where workspace_id = $1", [id]);
    const before = await house.stored();
    for (const operation of all.filter(({ reach, role }) => reach === 'workspace' && role !== 'viewer')) {
      const said = await refusal(await house.call(operation, smallestInput(operation, own)), 403);
      expect(said.message, operation.name).toMatch(
        /This needs the role (editor|owner) in this workspace; yours is viewer/,
      );
    }
    expect(await house.stored()).toEqual(before);
    expect((await house.send('GET', '/api/v1/apps')).status).toBe(200);
    await house.query("update memberships set role = 'owner' where workspace_id = $1", [id]);
  });
});

describe('another website', () => {
  const foreign = ['https://evil.example', 'http://localhost:3000.evil.example', 'null', 'not an address', '://'];
  test.each(foreign)('with our cookie and the origin %s gets nothing done', async (origin) => {
    const before = await house.stored();
    for (const path of [
      '/api/v1/apps',
      '/rpc/apps/register',
      '/uploads',
      '/api/auth/sign-out',
      '/api/auth/update-user',
    ]) {
      const answer = await house.send('POST', path, { headers: { origin }, json: { url: 'evil.dev', name: 'Evil' } });
      await refusal(answer, 403);
    }
    expect(await house.stored()).toEqual(before);
    expect((await house.send('GET', '/api/v1/apps')).status).toBe(200);
  });
});

describe('connecting an account of X', () => {
  beforeAll(async () => {
    const { clientId, clientSecret } = x.app;
    await house.asked('PUT', '/accounts/developer-app', { platform: 'x', clientId, clientSecret });
  });

  const begin = async () => (await house.asked<{ url: string }>('POST', '/accounts/connect', { platform: 'x' })).url;
  const back = async (consented: Response) => {
    const { pathname, search } = new URL(consented.headers.get('location') ?? '');
    return pathname + search;
  };
  const consent = async () => back(await fetch(await begin(), { redirect: 'manual' }));
  const open = async (path: string, as: 'maya' | 'nobody' = 'maya') => {
    const answer = await house.send('GET', path, { as });
    expect(answer.status).toBe(303);
    return answer.headers.get('location');
  };
  const accounts = async () =>
    (await house.query<{ count: string }>("select count(*) from accounts where platform = 'x'"))[0]?.count;

  test('a sign-in that took longer than 10 minutes is begun anew', async () => {
    const path = await consent();
    const now = house.clock.now();
    house.clock.forward('11 min');
    expect(await open(path)).toBe('/settings/accounts?problem=state_expired');
    house.clock.set(now);
    expect(await accounts()).toBe('0');
  });

  test('who says no, and whose code X no longer takes, is told so', async () => {
    const url = new URL(await begin());
    const refused = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams([...url.searchParams, ['decision', 'deny']]),
    });
    expect(await open(await back(refused))).toBe('/settings/accounts?problem=denied');
    const slow = await consent();
    x.advance(31_000);
    expect(await open(slow)).toBe('/settings/accounts?problem=code_refused');
    expect(await open(slow)).toBe('/settings/accounts?problem=state_used');
    expect(await accounts()).toBe('0');
  });

  test('somebody else’s browser, another platform and a made-up state connect nothing and use nothing up', async () => {
    const path = await consent();
    expect(await open(path, 'nobody')).toBe('/settings/accounts?problem=other_person');
    expect(await open(path.replace('/x/', '/bluesky/'))).toBe('/settings/accounts?problem=state_unknown');
    expect(await open('/oauth/x/callback?state=made-up&code=1')).toBe('/settings/accounts?problem=state_unknown');
    expect(await open('/oauth/x/callback?error=access_denied')).toBe('/settings/accounts?problem=state_unknown');
    await refusal(await house.send('GET', '/oauth/x/callback?state=%00'), 400);
    expect(await accounts()).toBe('0');
    expect(await open(path)).toBe('/settings/accounts?connected=maker');
    expect(await accounts()).toBe('1');
  });

  test('a code or a state is good once', async () => {
    const grants = await house.query('select version, sealed_access from grants');
    const [first, second] = [await consent(), await consent()];
    const codeOf = (path: string) => new URLSearchParams(path.split('?')[1]).get('code') ?? '';
    const stolen = second.replace(codeOf(second), codeOf(first));
    expect(await open(stolen)).toBe('/settings/accounts?problem=code_refused');
    expect(await open(first)).toBe('/settings/accounts?problem=code_refused');
    expect(await open(second)).toBe('/settings/accounts?problem=state_used');
    expect(await house.query('select version, sealed_access from grants')).toEqual(grants);
  });
});

describe('signing in', () => {
  const auth = (path: string, json: unknown, headers: Record<string, string> = {}) =>
    house.send('POST', `/api/auth${path}`, { as: 'nobody', json, headers: { origin: house.origin, ...headers } });

  test('a wrong password and an unknown person are answered alike', async () => {
    const before = await house.stored();
    const wrong = await auth('/sign-in/email', { email: 'maya@example.com', password: 'another password' });
    const unknown = await auth('/sign-in/email', { email: 'nobody@example.com', password: 'another password' });
    expect(cookieOf(wrong) + cookieOf(unknown)).toBe('');
    expect(await refusal(wrong, 401)).toEqual(await refusal(unknown, 401));
    expect(await house.stored()).toEqual(before);
  });

  test('sign-up is closed after the owner; what is no name, address or password is said', async () => {
    const before = await house.stored();
    const person = { name: 'Eve', email: 'eve@example.com', password: 'a long password' };
    expect((await refusal(await auth('/sign-up/email', person), 403)).message).toMatch(/has its owner/);
    // Closed for everybody, before anything of it is looked at.
    for (const unfit of [{ password: 'short' }, { name: 'E\u0000ve' }, { email: 'maya@example.com' }])
      expect((await refusal(await auth('/sign-up/email', { ...person, ...unfit }), 403)).message).toMatch(
        /has its owner/,
      );
    await refusal(await auth('/sign-in/email', {}), 400);
    await refusal(await auth('/sign-in/email', { ...person, email: 'a\u0000@example.com' }), 400);
    await refusal(await auth('/sign-in/email', { ...person, email: 'a'.repeat(2_000_000) }), 413);
    await refusal(await auth('/reset-password', { newPassword: 'a long password', token: 'used or made up' }), 400);
    for (const name of ['M\u0000', 'M\ud800', 'M'.repeat(1000), ' ', 5])
      await refusal(await house.send('POST', '/api/auth/update-user', { json: { name } }), 400);
    expect(await house.stored()).toEqual(before);
  });

  test('who tries too often waits, and is told so', async () => {
    const attempt = () => auth('/sign-in/email', { email: 'maya@example.com', password: 'another password' });
    let answer = await attempt();
    for (let tries = 0; tries < 12 && answer.status !== 429; tries++) answer = await attempt();
    expect((await refusal(answer, 429)).message).toMatch(/too many/i);
    expect(answer.headers.get('x-retry-after')).toMatch(/^\d+$/);
  });
});

test('keys of the rival open the rival’s workspace and no other', async () => {
  const key = await keyOf(house.rival, ['read']);
  const { apps } = (await (await house.send('GET', '/api/v1/apps', { as: { key } })).json()) as {
    apps: { id: string }[];
  };
  expect(apps.map(({ id }) => id)).not.toContain(own.appId);
  await refusal(await house.send('GET', `/api/v1/apps/${own.appId}`, { as: { key } }), 404);
});
