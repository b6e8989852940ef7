import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { finishConnection, isLocalPath, openGrant } from '#src/distribute/accounts.ts';
import { configFor, connectX, consent } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let x: FakeX;
let world: TestWorld;
let maya: Person;
const tokenCalls = () => x.calls.filter((call) => call.startsWith('POST /2/oauth2/token')).length;

beforeAll(async () => {
  x = await startFakeX();
  world = await openTestWorld({ now: new Date().toISOString(), config: configFor(x) });
});
beforeEach(async () => {
  maya = await world.join();
  // The adapter counts a token's life from the real time.
  world.clock.set(new Date());
  x.authorizeAs('maker', true);
});
afterAll(async () => {
  await world.close();
  await x.close();
  expect(x.contractProblems).toEqual([]);
});

test('without a developer app it says what to enter first', async () => {
  await expect(maya.call.accounts.connect({ platform: 'x' })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'Enter the client id of your X developer app in Settings first.',
  });
  expect(await maya.call.accounts.developerApp({ platform: 'x' })).toMatchObject({
    clientId: null,
    secretIsSet: false,
    apiUrl: x.url,
    redirectUri: 'http://localhost:3000/oauth/x/callback',
  });
});

test('an account is connected when X has said who it is; the secret and the tokens are kept sealed', async () => {
  const accountId = await connectX(world, maya, x);
  const { accounts } = await maya.call.accounts.list({});
  expect(accounts).toMatchObject([{ id: accountId, handle: 'maker', status: 'connected', platformName: 'X' }]);
  const rows = await maya.context.db.transaction({ workspaceId: maya.workspaceId }, async (tx) => [
    ...(await tx.selectFrom('grants').select(['sealedAccess', 'sealedRefresh']).execute()),
    ...(await tx.selectFrom('developerApps').select('sealedClientSecret').execute()),
  ]);
  expect(JSON.stringify(rows)).not.toMatch(/access-|refresh-|fake-secret/);
});

test('connecting the same person again keeps the account, and a second account is a second one', async () => {
  const first = await connectX(world, maya, x);
  await maya.call.accounts.setPolicy({ accountId: first, missedPolicy: 'skip' });
  expect(await connectX(world, maya, x)).toBe(first);
  expect(await maya.call.accounts.get({ accountId: first })).toMatchObject({ missedPolicy: 'skip' });
  x.authorizeAs('friend');
  expect(await connectX(world, maya, x)).not.toBe(first);
  expect((await maya.call.accounts.list({})).accounts.map((one) => one.handle)).toEqual(
    expect.arrayContaining(['maker', 'friend']),
  );
});

test('a state is good once, for ten minutes, and for the person who began', async () => {
  await connectX(world, maya, x);
  const once = await consent(maya, '/welcome');
  expect(await finishConnection(world.world, once)).toMatchObject({ returnTo: '/welcome', handle: 'maker' });
  expect(await finishConnection(world.world, once)).toMatchObject({ problem: 'state_used', returnTo: '/welcome' });

  const late = await consent(maya);
  world.clock.forward('11 min');
  expect(await finishConnection(world.world, late)).toMatchObject({ problem: 'state_expired' });

  const rival = await world.join('Rival');
  const stolen = await consent(maya);
  expect(await finishConnection(world.world, { ...stolen, userId: rival.userId })).toMatchObject({
    problem: 'other_person',
  });
  // At 127.0.0.1 instead of localhost one is signed in, but not where the platform sends one back to.
  expect(await finishConnection(world.world, { ...stolen, userId: null })).toMatchObject({
    problem: 'other_person',
    message: expect.stringContaining('127.0.0.1 instead of localhost'),
  });
  expect(await finishConnection(world.world, { ...stolen, state: 'made-up' })).toMatchObject({
    problem: 'state_unknown',
  });
});

test('a platform of many servers can hold the same number twice, and an app for each server', async () => {
  const { workspaceId } = maya;
  await maya.context.db.transaction({ workspaceId }, async (tx) => {
    for (const serverUrl of ['https://mastodon.social', 'https://hachyderm.io']) {
      const platform = 'mastodon';
      await tx.insertInto('developerApps').values({ workspaceId, platform, serverUrl, clientId: serverUrl }).execute();
      await tx
        .insertInto('accounts')
        .values({
          workspaceId,
          platform,
          serverUrl,
          platformUserId: '1',
          handle: 'ada',
          name: 'Ada',
          status: 'removed',
        })
        .execute();
    }
  });
  expect((await maya.call.accounts.list({ removed: true })).accounts.length).toBe(2);
});

test('a denied consent, an expired code and a re-used code are told apart from success', async () => {
  await connectX(world, maya, x);
  const denied = await consent(maya);
  expect(
    await finishConnection(world.world, { ...denied, code: undefined, error: 'access_denied' } as typeof denied),
  ).toMatchObject({ problem: 'denied' });

  const late = await consent(maya);
  x.advance(31_000);
  expect(await finishConnection(world.world, late)).toMatchObject({ problem: 'code_refused' });

  const first = await consent(maya);
  const second = await consent(maya);
  await finishConnection(world.world, first);
  expect(await finishConnection(world.world, { ...second, code: first.code ?? '' })).toMatchObject({
    problem: 'code_refused',
  });
});

test('a wrong client secret blames the developer app, and nothing half-connected is left', async () => {
  await maya.call.accounts.setDeveloperApp({ platform: 'x', clientId: x.app.clientId, clientSecret: 'wrong' });
  expect(await finishConnection(world.world, await consent(maya))).toMatchObject({ problem: 'app_refused' });
  await connectX(world, maya, x);
  x.failBefore(1, 503, 'read');
  const rival = await world.join('Rival');
  await rival.call.accounts.setDeveloperApp({
    platform: 'x',
    clientId: x.app.clientId,
    clientSecret: x.app.clientSecret,
  });
  expect(await finishConnection(world.world, await consent(rival))).toMatchObject({ problem: 'not_confirmed' });
  expect((await rival.call.accounts.list({})).accounts).toEqual([]);
});

test('a developer app leads to no private network, so that nobody looks into it through us', async () => {
  for (const address of ['http://169.254.169.254/latest', 'http://localhost:5432', 'https://db.internal/x'])
    for (const field of ['apiUrl', 'authorizeUrl'])
      await expect(
        maya.call.accounts.setDeveloperApp({ platform: 'linkedin', clientId: 'me', [field]: address }),
      ).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  await maya.call.accounts.setDeveloperApp({ platform: 'x', clientId: 'me', apiUrl: `${x.url}/` });
});

test('a stored client secret goes to no other address unless a person enters it again', async () => {
  const app = { platform: 'x', clientId: x.app.clientId };
  await maya.call.accounts.setDeveloperApp({ ...app, clientSecret: x.app.clientSecret });
  const elsewhere = { ...app, apiUrl: 'https://x.example.com' };
  await expect(maya.call.accounts.setDeveloperApp(elsewhere)).rejects.toMatchObject({
    data: { reason: 'secret_again' },
  });
  expect(await maya.call.accounts.developerApp({ platform: 'x' })).toMatchObject({ apiUrl: x.url });
  await maya.call.accounts.setDeveloperApp({ ...elsewhere, clientSecret: 'another' });
  await maya.call.accounts.setDeveloperApp({ ...app, apiUrl: null, clientSecret: x.app.clientSecret });
});

test('twenty who need a token at once renew it exactly once, and all get the new one', async () => {
  const accountId = await connectX(world, maya, x);
  const before = tokenCalls();
  world.clock.forward('110 min');
  const grants = await Promise.all(Array.from({ length: 20 }, () => openGrant(maya.context, accountId)));
  expect(tokenCalls() - before).toBe(1);
  const tokens = grants.map((one) => (one.ok ? one.grant.token : one.failure.reason));
  expect(new Set(tokens).size).toBe(1);
  expect(grants.every((one) => one.ok && one.version === 2)).toBe(true);
});

test('two processes renew it once as well: the row is the lock', async () => {
  const accountId = await connectX(world, maya, x);
  const before = tokenCalls();
  world.clock.forward('110 min');
  // Another database handle is another process to the in-process sharing.
  const other = { ...maya.context, db: { ...maya.context.db } };
  x.answerSlowly(150, 1, 'token');
  const both = await Promise.all([openGrant(maya.context, accountId), openGrant(other, accountId)]);
  expect(tokenCalls() - before).toBe(1);
  expect(both.every((one) => one.ok && one.version === 2)).toBe(true);
});

test('no answer to a renewal is asked again once with the same token, and does not disconnect', async () => {
  const accountId = await connectX(world, maya, x);
  world.clock.forward('110 min');
  x.failBefore(1, 503, 'token');
  expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: true, version: 2 });

  // Still good for two minutes: it is used, though it could not be renewed.
  world.clock.forward('118 min');
  x.failBefore(2, 503, 'token');
  expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: true, version: 2 });
  world.clock.forward('3 min');
  x.failBefore(2, 503, 'token');
  expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: false, failure: { kind: 'later' } });
  expect(await maya.call.accounts.get({ accountId })).toMatchObject({ status: 'connected' });
  expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: true, version: 3 });
});

test('a grant that is gone asks a person to connect again, once', async () => {
  const accountId = await connectX(world, maya, x);
  x.revoke('maker');
  world.clock.forward('110 min');
  for (let n = 0; n < 3; n += 1)
    expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: false, failure: { kind: 'reconnect' } });
  expect((await maya.call.accounts.get({ accountId })).status).toBe('reconnect');
  const { notices } = await maya.call.notices.list({});
  expect(notices.filter((notice) => notice.kind === 'account_reconnect').length).toBe(1);
  expect(await connectX(world, maya, x)).toBe(accountId);
  expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: true });
});

test('a disconnected account forgets its tokens', async () => {
  const accountId = await connectX(world, maya, x);
  await maya.call.accounts.disconnect({ accountId });
  expect((await maya.call.accounts.list({})).accounts).toEqual([]);
  expect(await openGrant(maya.context, accountId)).toMatchObject({ ok: false, failure: { kind: 'reconnect' } });
});

test('the sandbox is connected by choosing a handle', async () => {
  const { id, handle } = await maya.call.accounts.connectSandbox({ handle: '@Ada' });
  expect(handle).toBe('ada');
  expect(await openGrant(maya.context, id)).toMatchObject({ ok: true, grant: { token: 'Ada' } });
});

test('accounts of another workspace are not found', async () => {
  const accountId = await connectX(world, maya, x);
  const rival = await world.join('Rival');
  for (const call of [rival.call.accounts.get, rival.call.accounts.resume, rival.call.accounts.disconnect])
    await expect(call({ accountId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.accounts.setPolicy({ accountId, missedPolicy: 'skip' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test.each([
  ['/settings/accounts?tab=x', true],
  ['//evil.example', false],
  ['/\\evil.example', false],
  ['https://evil.example', false],
  ['/a\nb', false],
  ['settings', false],
])('%j as a path to come back to: %s', (path, local) => {
  expect(isLocalPath(path)).toBe(local);
});
