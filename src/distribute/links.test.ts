import { Hono } from 'hono';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { redirectDoor } from '#src/doors/http/redirect.ts';
import { draft } from '#test/connected.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;
let door: Hono;

beforeAll(async () => {
  world = await openTestWorld({ now: new Date().toISOString() });
  maya = await world.join();
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  door = new Hono().route('/', redirectDoor(world.world));
});
afterAll(() => world.close());

const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15';
const follow = (code: string, agent = SAFARI, init: RequestInit = {}) =>
  door.request(`/l/${code}`, {
    ...init,
    headers: { 'user-agent': agent, referer: 'https://t.co/abc', ...init.headers },
  });
const linkOf = async (linkId: string) => {
  const found = (await maya.call.links.list({})).links.find((link) => link.id === linkId);
  if (!found) throw new Error('no such link');
  return found;
};

test('a post’s own link carries its origin and the click', async () => {
  const postId = await draft(maya, ['Look: {{link}}'], {
    linkUrl: 'https://outpost.dev/pricing?plan=a&utm_source=mine',
  });
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'ada' });
  await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  const { links } = await maya.call.links.list({ postId });
  expect(links.length).toBe(1);
  const answer = await follow(links[0]?.code ?? '');
  expect(answer.status).toBe(302);
  expect(answer.headers.get('cache-control')).toContain('no-store');
  const to = new URL(answer.headers.get('location') ?? '');
  expect(to.origin + to.pathname).toBe('https://outpost.dev/pricing');
  const { ff, ...query } = Object.fromEntries(to.searchParams);
  expect(query).toEqual({
    plan: 'a',
    utm_source: 'mine',
    utm_medium: 'social',
    utm_campaign: 'fanfare',
    utm_content: postId.slice(0, 8),
  });
  const click = await maya.context.db.transaction({ workspaceId: maya.workspaceId }, (tx) =>
    tx
      .selectFrom('clicks')
      .selectAll()
      .where('id', '=', ff ?? '')
      .executeTakeFirst(),
  );
  expect(click).toMatchObject({ postId, appId, agentClass: 'human', referrerHost: 't.co' });
});

test('people, previews and bots are told apart; a HEAD request counts nothing', async () => {
  const { id, code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
  expect(code).toMatch(/^[A-Za-z0-9]{7}$/);
  await follow(code);
  await follow(code, 'Twitterbot/1.0');
  await follow(code, 'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)');
  expect((await follow(code, SAFARI, { method: 'HEAD' })).status).toBe(302);
  expect(await linkOf(id)).toMatchObject({ clicks: 1, otherClicks: 2 });
});

test('the same person twice is one visitor for a day, without an address kept; whoever asks not to be told apart is not', async () => {
  const { id, code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
  await follow(code);
  await follow(code);
  await follow(code, `${SAFARI} Mobile`);
  await follow(code, SAFARI, { headers: { dnt: '1' } });
  await follow(code, SAFARI, { headers: { 'sec-gpc': '1' } });
  const clicks = await maya.context.db.transaction({ workspaceId: maya.workspaceId }, (tx) =>
    tx.selectFrom('clicks').select('visitor').where('linkId', '=', id).execute(),
  );
  const visitors = clicks.map(({ visitor }) => visitor).filter((visitor) => visitor !== null);
  expect([clicks.length, visitors.length, new Set(visitors).size]).toEqual([5, 3, 2]);
  for (const visitor of visitors) expect(visitor).toMatch(/^[\w-]{22}$/);
});

test('a changed destination leads elsewhere from now on and remembers where it led', async () => {
  const { id: linkId, code } = await maya.call.links.create({
    appId,
    destination: 'https://outpost.dev',
    code: 'talk',
  });
  expect(code).toBe('talk');
  await maya.call.links.changeDestination({ linkId, destination: 'https://outpost.dev/slides' });
  expect((await follow('talk')).headers.get('location')).toMatch(/^https:\/\/outpost\.dev\/slides\?ff=/);
  expect((await linkOf(linkId)).changes).toMatchObject([
    { fromDestination: 'https://outpost.dev/', toDestination: 'https://outpost.dev/slides' },
  ]);
  await expect(maya.call.links.create({ appId, destination: 'https://a.dev', code: 'talk' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

test('an unknown link and one that has ended each say so on a page', async () => {
  const unknown = await follow('nowhere');
  expect(unknown.status).toBe(404);
  expect(await unknown.text()).toContain('There is no such link');
  const expiresAt = new Date(world.clock.now().getTime() + 60_000).toISOString();
  const { code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev', expiresAt });
  expect((await follow(code)).status).toBe(302);
  world.clock.forward('2 min');
  const ended = await follow(code);
  expect(ended.status).toBe(410);
  expect(await ended.text()).toContain('This link has ended');
});

test('whoever follows a link arrives, even when the click cannot be stored', async () => {
  const { code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
  const owner = new pg.Client(world.owner);
  await owner.connect();
  await owner.query('revoke insert on clicks from fanfare_app');
  const answer = await follow(code);
  await owner.query('grant insert on clicks to fanfare_app');
  await owner.end();
  expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://outpost.dev/']);
  expect((await follow(code)).headers.get('location')).toContain('?ff=');
});

test.each([['javascript:alert(1)'], ['ftp://a.dev'], ['outpost.dev'], ['https://user:secret@a.dev']])(
  '%s is no destination',
  async (destination) => {
    await expect(maya.call.links.create({ appId, destination })).rejects.toMatchObject({
      data: { reason: 'destination' },
    });
  },
);

test('the QR code is an SVG of the link’s address', async () => {
  const { id: linkId, url } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
  const drawn = await maya.call.links.qr({ linkId });
  expect(drawn.url).toBe(url);
  expect(drawn.svg).toMatch(/^<svg /);
});

test('links are listed page by page', async () => {
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await maya.call.links.list({ limit: 2, ...(cursor ? { cursor } : {}) });
    seen.push(...page.links.map((link) => link.id));
    cursor = page.cursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.length).toBeGreaterThan(4);
});
