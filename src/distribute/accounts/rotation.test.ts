import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { readConfig } from '#src/config.ts';
import { asSystem, type World } from '#src/context.ts';
import { finishConnection, openGrant } from '#src/distribute/accounts.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { openWorld } from '#src/world.ts';
import { killAll, startPublisher } from '#test/chaos/processes.ts';
import { draft } from '#test/connected.ts';
import { type OAuthServer, startOAuthServer } from '#test/fakes/oauth-server.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/**
 * Tokens against a real OAuth server whose refresh tokens are good for one use: a second one ends the whole grant. Each
 * `Elsewhere` is what another process would have: its own connections, and nothing shared but the database.
 */
const REFRESHERS = 20;

let server: OAuthServer;
let world: TestWorld;
let maya: Person;
let accountId: string;
const others: Awaited<ReturnType<typeof openWorld>>[] = [];

beforeAll(async () => {
  server = await startOAuthServer('http://localhost:3000/oauth/x/callback');
  world = await openTestWorld({
    now: new Date().toISOString(),
    config: { X_API_URL: server.url, X_AUTHORIZE_URL: server.app.authorizeUrl },
  });
  for (let n = 0; n < REFRESHERS; n += 1) others.push(await elsewhere());
});
beforeEach(async () => {
  world.clock.set(new Date());
  maya = await world.join();
  const { clientId, clientSecret } = server.app;
  await maya.call.accounts.setDeveloperApp({ platform: 'x', clientId, clientSecret });
  accountId = await connect();
  server.answers.length = 0;
  server.ended.length = 0;
  server.posts.length = 0;
});
afterEach(() => maya.call.publishing.pauseAll({ reason: 'over' }));
afterAll(async () => {
  killAll();
  for (const other of others) await other.close();
  await world.close();
  await server.close();
});

const grantIn = (where: World) => openGrant(asSystem(where, maya.workspaceId, 'test'), accountId);
const status = async () => (await maya.call.accounts.get({ accountId })).status;

test('twenty refreshers in twenty processes: one refresh for each expiry, and no grant is lost', async () => {
  for (let expiry = 1; expiry <= 5; expiry += 1) {
    world.clock.forward('2 h');
    const grants = await Promise.all(others.map(grantIn));
    expect(server.answers).toEqual(Array(expiry).fill('refresh_token 200'));
    expect(grants.map((one) => (one.ok ? one.version : one.failure.reason))).toEqual(
      Array(REFRESHERS).fill(expiry + 1),
    );
    expect(new Set(grants.map((one) => (one.ok ? one.grant.token : ''))).size).toBe(1);
  }
  expect(server.ended).toEqual([]);
  expect(await status()).toBe('connected');
});

test('a new token is stored before it is used', async () => {
  const { publicationId } = await publishNow('Said with a fresh token');
  world.clock.forward('2 h');
  await publishDue(world.world);
  expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'published' });
  expect(server.answers).toEqual(['refresh_token 200']);
  const [post] = server.posts;
  expect(await stored()).toMatchObject({ access: post?.token, version: 2 });
});

test('killed between the refresh and the call: the next process goes on with the token that was stored', async () => {
  const { publicationId } = await publishNow('Out once');
  await expireSoon();
  const publisher = await startPublisher({
    server: { ...world.owner, user: 'fanfare_server' },
    data: world.data,
    config: { X_API_URL: server.url, X_AUTHORIZE_URL: server.app.authorizeUrl },
    stopAt: { step: 'sent', part: 0 },
  });
  await publisher.kill();
  expect(server.answers).toEqual(['refresh_token 200']);
  expect(server.posts).toEqual([]);
  const { access, version } = await stored();
  expect(version).toBe(2);
  expect(await grantIn(world.world)).toMatchObject({ ok: true, grant: { token: access }, version: 2 });
  expect(server.answers).toEqual(['refresh_token 200']);
  expect(server.ended).toEqual([]);
  expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'publishing', partsOut: 0 });
});

test('killed while it holds the refresh token: that grant is gone, a person connects again, the queue goes on', async () => {
  const { publicationId } = await publishNow('Waits for a person');
  await expireSoon();
  // The pair was given out and nobody has stored it: nothing on our side can bring it back.
  const dead = Promise.withResolvers<void>();
  server.onTokens(async () => {
    server.onTokens(() => undefined);
    await (await publisher).kill();
    dead.resolve();
  });
  const publisher = startPublisher({
    server: { ...world.owner, user: 'fanfare_server' },
    data: world.data,
    config: { X_API_URL: server.url, X_AUTHORIZE_URL: server.app.authorizeUrl },
  });
  (await publisher).go();
  await dead.promise;
  world.clock.set(new Date(Date.now() + 2 * 60_000));
  await publishDue(world.world);
  expect(server.answers).toEqual(['refresh_token 200', 'refresh_token 400']);
  expect(await status()).toBe('reconnect');
  expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'scheduled', partsOut: 0 });
  expect(server.posts).toEqual([]);

  expect(await connect()).toBe(accountId);
  world.clock.forward('1 min');
  await publishDue(world.world);
  expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'published' });
  expect(server.posts.map((post) => post.text)).toEqual(['Waits for a person']);
});

test('a server in trouble disconnects nobody: errors and lines cut before the work are asked again', async () => {
  for (const trouble of ['error', 'cut before'] as const) {
    world.clock.forward('2 h');
    server.fail(trouble, trouble);
    expect(await grantIn(world.world)).toMatchObject({ ok: false, failure: { kind: 'later' } });
    expect(await status()).toBe('connected');
    expect(await grantIn(world.world)).toMatchObject({ ok: true });
  }
  expect(server.answers).toEqual(['refresh_token 200', 'refresh_token 200']);
  expect(server.ended).toEqual([]);
});

test('an answer that was lost costs the grant: the token was used up, and nobody here has the new one', async () => {
  world.clock.forward('2 h');
  server.fail('cut after');
  expect(await grantIn(world.world)).toMatchObject({ ok: false, failure: { kind: 'reconnect' } });
  expect(server.answers).toEqual(['refresh_token 200', 'refresh_token 400']);
  expect(server.ended.length).toBe(1);
  expect(await status()).toBe('reconnect');
});

test('only "the grant is gone" disconnects; what waits goes out after the account is connected again', async () => {
  const first = await publishNow('First in the queue');
  const second = await publishNow('Second in the queue');
  await server.revokeAll();
  world.clock.forward('2 h');
  for (let n = 0; n < 3; n += 1) {
    await publishDue(world.world);
    world.clock.forward('1 min');
  }
  expect(await status()).toBe('reconnect');
  expect(server.answers).toEqual(['refresh_token 400']);
  for (const { publicationId } of [first, second])
    expect(await maya.call.publications.get({ publicationId })).toMatchObject({ state: 'scheduled', partsOut: 0 });
  const { notices } = await maya.call.notices.list({});
  expect(notices.filter((notice) => notice.kind === 'account_reconnect').length).toBe(1);

  expect(await connect()).toBe(accountId);
  for (let n = 0; n < 4; n += 1) {
    world.clock.forward('1 min');
    await publishDue(world.world);
  }
  expect(server.posts.map((post) => post.text)).toEqual(['First in the queue', 'Second in the queue']);
});

/** What another process has. */
async function elsewhere() {
  const { config, publicUrl } = world.world;
  const connection = { ...world.owner, user: 'fanfare_server' };
  return openWorld(
    { config: { ...readConfig({ LOG_LEVEL: 'silent' }), ...config }, data: world.data, publicUrl, server: connection },
    { clock: world.clock },
  );
}

/** The whole dance, as a browser does it: the server's own cookies, and its page of consent. */
async function connect(): Promise<string> {
  const { url } = await maya.call.accounts.connect({ platform: 'x', returnTo: '/settings/accounts' });
  const cookies = new Map<string, string>();
  let next = url;
  while (!next.startsWith('http://localhost:3000/')) {
    const answer = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=', 2);
      cookies.set(name, value);
    }
    const location = answer.headers.get('location');
    if (!location) throw new Error(`${answer.status} of ${next}: ${await answer.text()}`);
    next = new URL(location, next).href;
  }
  const query = Object.fromEntries(new URL(next).searchParams) as { state: string; code?: string };
  const connected = await finishConnection(world.world, { platform: 'x', userId: maya.userId, ...query });
  if ('problem' in connected) throw new Error(connected.message);
  return connected.accountId;
}

async function publishNow(text: string) {
  const postId = await draft(maya, [text]);
  await maya.call.accounts.setPolicy({ accountId, missedPolicy: 'publish', missedAfterMinutes: 525_600 });
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  return { publicationId: publications[0]?.publicationId ?? '' };
}

async function stored() {
  const { secrets, db } = maya.context;
  const row = await db.transaction({ workspaceId: maya.workspaceId }, (tx) =>
    tx
      .selectFrom('grants')
      .select(['sealedAccess', 'version'])
      .where('accountId', '=', accountId)
      .executeTakeFirstOrThrow(),
  );
  const place = { table: 'grants', row: accountId, column: 'sealed_access' };
  return { access: secrets.open(place, row.sealedAccess), version: row.version };
}

/** A process of its own has the machine's clock: it finds a token that is about to end. */
async function expireSoon(): Promise<void> {
  const [expiresAt, refreshedAt] = [new Date(Date.now() + 10_000), new Date(Date.now() - 7_190_000)];
  await maya.context.db.transaction({ workspaceId: maya.workspaceId }, (tx) =>
    tx.updateTable('grants').set({ expiresAt, refreshedAt }).where('accountId', '=', accountId).execute(),
  );
}
