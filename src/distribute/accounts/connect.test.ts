import { afterAll, beforeAll, expect, test } from 'vitest';
import { finishConnection } from '#src/distribute/accounts.ts';
import { type FakeMastodon, startFakeMastodon } from '#test/fakes/mastodon/index.ts';
import { type Account, startPds } from '#test/fakes/pds/index.ts';
import { startDirectory } from '#test/fakes/pds/network.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let mastodon: FakeMastodon;
let directory: Awaited<ReturnType<typeof startDirectory>>;
let pds: Awaited<ReturnType<typeof startPds>>;
let world: TestWorld;
let maya: Person;
let bluesky: Account;

beforeAll(async () => {
  mastodon = await startFakeMastodon();
  directory = await startDirectory();
  pds = await startPds({ directoryUrl: directory.url, appViewUrl: null });
  bluesky = await pds.join('maya.test');
  const hosts = [mastodon.url, pds.url].map((url) => new URL(url).host);
  world = await openTestWorld({ config: { WEB_ALLOW: hosts } });
  maya = await world.join();
}, 30_000);
afterAll(async () => {
  await world?.close();
  await pds?.close();
  await directory?.close();
  await mastodon?.close();
});

async function atMastodon(): Promise<Awaited<ReturnType<typeof finishConnection>>> {
  const { url } = await maya.call.accounts.connect({ platform: 'mastodon', server: mastodon.url });
  const answer = await fetch(url, { redirect: 'manual' });
  const query = Object.fromEntries(new URL(answer.headers.get('location') ?? '').searchParams);
  return finishConnection(world.world, {
    platform: 'mastodon',
    userId: maya.userId,
    ...(query as { state: string; code: string }),
  });
}

test('every platform says how one connects, and what it takes', async () => {
  const { platforms } = await maya.call.accounts.platforms({});
  const ways = Object.fromEntries(platforms.map((platform) => [platform.id, platform.connect]));
  expect(ways).toMatchObject({ x: 'consent', mastodon: 'server', bluesky: 'keys', sandbox: 'nothing' });
  for (const { id, limits, keys, connect } of platforms) {
    expect(limits.length, id).toBeGreaterThan(0);
    expect(keys.length > 0, id).toBe(connect === 'keys');
    for (const field of keys) expect(field.help.length, `${id}.${field.name}`).toBeGreaterThan(20);
  }
});

test('at a server of one’s own choice Fanfare registers itself once, and again when the server forgot it', async () => {
  const connected = await atMastodon();
  expect(connected).toMatchObject({ handle: expect.stringMatching(/^maya/) });
  await atMastodon();
  const registered = () => mastodon.calls.filter((call) => call === 'POST /api/v1/apps').length;
  expect(registered()).toBe(1);
  const { accounts } = await maya.call.accounts.list({});
  expect(accounts).toMatchObject([{ platform: 'mastodon', serverUrl: mastodon.url, status: 'connected' }]);

  mastodon.state.apps.length = 0;
  const { url } = await maya.call.accounts.connect({ platform: 'mastodon', server: mastodon.url });
  const state = new URL(url).searchParams.get('state') ?? '';
  const forgotten = { platform: 'mastodon', userId: maya.userId, state, code: 'any' };
  expect(await finishConnection(world.world, forgotten)).toMatchObject({ problem: 'app_refused' });
  expect(await atMastodon()).toMatchObject({ handle: expect.stringMatching(/^maya/) });
  expect(registered()).toBe(2);
});

test('a server is named, is a server, and is no machine of the private network', async () => {
  const at = (server?: string) =>
    maya.call.accounts.connect({ platform: 'mastodon', ...(server === undefined ? {} : { server }) });
  await expect(at()).rejects.toMatchObject({ data: { reason: 'missing_server' } });
  await expect(at('not a server')).rejects.toMatchObject({ data: { reason: 'bad_url' } });
  await expect(at('http://169.254.169.254/')).rejects.toMatchObject({ data: { reason: 'private_address' } });
});

test('keys are tried before they are kept, and what is missing or wrong is said', async () => {
  const keys = { server: pds.url, handle: 'maya.test', appPassword: bluesky.appPassword };
  const connect = (given: Record<string, string>) =>
    maya.call.accounts.connectWithKeys({ platform: 'bluesky', keys: given });
  await expect(connect({ ...keys, appPassword: 'wrong' })).rejects.toThrow(/password/i);
  await expect(connect({ ...keys, appPassword: ' ' })).rejects.toMatchObject({ data: { reason: 'missing_field' } });
  await expect(connect({ ...keys, colour: 'red' })).rejects.toMatchObject({ data: { reason: 'unknown_field' } });
  expect((await maya.call.accounts.list({})).accounts.some((one) => one.platform === 'bluesky')).toBe(false);

  expect(await connect(keys)).toMatchObject({ handle: 'maya.test' });
  const { accounts } = await maya.call.accounts.list({});
  expect(accounts.find((one) => one.platform === 'bluesky')).toMatchObject({
    serverUrl: pds.url,
    accessEndsAt: null,
    status: 'connected',
  });
});
