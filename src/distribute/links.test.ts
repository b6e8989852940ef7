import fc from 'fast-check';
import { Hono } from 'hono';
import pg from 'pg';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { destinationIn, locationOf } from '#src/distribute/links/address.ts';
import { openRedirectDoor } from '#src/doors/http/redirect.ts';
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
  door = new Hono().route('/', openRedirectDoor(world.world).door);
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
  for (const visitor of visitors) expect(visitor).toMatch(/^[\w-]{16}$/);
});

test('a changed destination leads elsewhere from now on and remembers where it led', async () => {
  const { id: linkId, code } = await maya.call.links.create({
    appId,
    destination: 'https://outpost.dev',
    code: 'talk',
  });
  expect(code).toBe('talk');
  await maya.call.links.update({ linkId, destination: 'https://outpost.dev/slides' });
  expect((await follow('talk')).headers.get('location')).toMatch(/^https:\/\/outpost\.dev\/slides\?ff=/);
  expect((await maya.call.links.history({ linkId })).changes).toMatchObject([
    { field: 'destination', from: 'https://outpost.dev/', to: 'https://outpost.dev/slides', changedBy: 'Maya Lind' },
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

test('UTM parameters and the end can be changed, and every change is kept', async () => {
  const { id: linkId, code } = await maya.call.links.create({
    appId,
    destination: 'https://outpost.dev',
    utmSource: 'flyer',
  });
  await maya.call.links.update({ linkId, utmSource: 'poster', utmCampaign: 'autumn' });
  expect((await follow(code)).headers.get('location')).toMatch(/\?utm_source=poster&utm_campaign=autumn&ff=/);
  await maya.call.links.update({ linkId, utmSource: null, utmCampaign: null });
  expect((await follow(code)).headers.get('location')).toMatch(/^https:\/\/outpost\.dev\/\?ff=/);
  const { changes } = await maya.call.links.history({ linkId });
  expect(changes.map(({ field, from, to }) => [field, from, to])).toEqual(
    expect.arrayContaining([
      ['utm', 'utm_source=flyer', 'utm_source=poster&utm_campaign=autumn'],
      ['utm', 'utm_source=poster&utm_campaign=autumn', null],
    ]),
  );
  expect((await linkOf(linkId)).changes).toBe(2);
  await expect(maya.call.links.update({ linkId })).rejects.toMatchObject({ data: { reason: 'nothing_to_change' } });
});

test('after its end a link leads to the page chosen for that', async () => {
  const { id: linkId, code } = await maya.call.links.create({
    appId,
    destination: 'https://outpost.dev/sale',
    fallbackUrl: 'https://outpost.dev/over',
    expiresAt: new Date(world.clock.now().getTime() + 60_000).toISOString(),
  });
  expect((await follow(code)).headers.get('location')).toContain('/sale');
  world.clock.forward('2 min');
  const ended = await follow(code);
  expect([ended.status, ended.headers.get('location')]).toEqual([302, 'https://outpost.dev/over']);
  expect(await linkOf(linkId)).toMatchObject({ ended: true, clicks: 1 });
  await maya.call.links.update({ linkId, expiresAt: null });
  expect((await follow(code)).headers.get('location')).toContain('/sale');
});

describe('a destination', () => {
  const tricks = [
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    'javascript://outpost.dev/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:msgbox(1)',
    'file:///etc/passwd',
    'blob:https://outpost.dev/1',
    'view-source:https://outpost.dev',
    'intent://outpost.dev#Intent;scheme=javascript;end',
    'ftp://outpost.dev',
    '//outpost.dev',
    '\\\\outpost.dev',
    '/pricing',
    'outpost.dev',
    'https://',
    'https:///',
    'https://user:secret@outpost.dev',
    'https://outpost.dev@evil.example',
    'ｊavascript:alert(1)',
    '{{link}}',
    'javascript&colon;alert(1)',
    'http://localhost:3000/l/talk',
  ];
  test.each(tricks)('%j is none', async (destination) => {
    await expect(maya.call.links.create({ appId, destination })).rejects.toMatchObject({
      data: { reason: 'destination' },
    });
    const { id: linkId } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
    for (const change of [{ destination }, { fallbackUrl: destination }])
      await expect(maya.call.links.update({ linkId, ...change })).rejects.toMatchObject({
        data: { reason: 'destination' },
      });
  });

  test('whatever is typed, what is kept is an http address without a login, as a browser reads it', async () => {
    const own = { publicUrl: 'http://localhost:3000', domain: 'go.outpost.dev' };
    const prefixes = fc.constantFrom(
      '',
      ' ',
      '\t',
      '\u0000',
      'https://',
      'HTTPS:',
      'http:/',
      'javascript:',
      'data:',
      '//',
    );
    fc.assert(
      fc.property(prefixes, fc.string({ unit: 'grapheme', maxLength: 60 }), (prefix, rest) => {
        let kept: string;
        try {
          kept = destinationIn(prefix + rest, own);
        } catch (error) {
          expect(error).toMatchObject({ reason: 'destination' });
          return;
        }
        const url = new URL(kept);
        expect(['http:', 'https:']).toContain(url.protocol);
        expect([url.username, url.password]).toEqual(['', '']);
        expect(kept).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
        const nothing = { utmSource: null, utmMedium: null, utmCampaign: null, utmContent: null, utmTerm: null };
        expect(new URL(locationOf({ destination: kept, ...nothing }, 'x')).origin).toBe(url.origin);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a short domain', () => {
  const on = (host: string, path: string, init: RequestInit = {}) =>
    door.request(path, { ...init, headers: { host, 'user-agent': SAFARI } });

  test('is the workspace’s own, and links are written with it', async () => {
    await maya.call.workspaces.update({ linkDomain: 'Go.Outpost.dev' });
    const { url, code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev/x', code: 'short' });
    expect(url).toBe('https://go.outpost.dev/short');
    expect((await linkOf((await maya.call.links.list({ search: 'short' })).links[0]!.id)).url).toBe(url);
    expect((await on('go.outpost.dev', `/${code}`)).headers.get('location')).toContain('https://outpost.dev/x?ff=');
    expect((await on('GO.outpost.dev:443', `/l/${code}`)).status).toBe(302);
    expect((await on('localhost:3000', `/l/${code}`)).status).toBe(302);
    expect((await on('localhost:3000', `/${code}`)).status).toBe(404);
  });

  test('leads nowhere but to the links of its workspace', async () => {
    const rival = await world.join('Rival');
    const theirs = (await rival.call.apps.register({ url: 'rival.dev' })).id;
    await rival.call.links.create({ appId: theirs, destination: 'https://rival.dev', code: 'theirs' });
    expect((await on('go.outpost.dev', '/theirs')).status).toBe(404);
    for (const path of ['/', '/sign-in', '/api/v1/apps', '/assets/x.js', '/l/', '/a/b'])
      expect((await on('go.outpost.dev', path)).status, path).toBe(404);
    expect((await on('go.outpost.dev', '/short', { method: 'POST' })).status).toBe(405);
    await expect(rival.call.workspaces.update({ linkDomain: 'go.outpost.dev' })).rejects.toMatchObject({
      data: { reason: 'link_domain_taken' },
    });
    for (const linkDomain of ['https://go.outpost.dev', 'localhost', '10.0.0.1', 'a b.dev', ''])
      await expect(rival.call.workspaces.update({ linkDomain }), linkDomain).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
  });

  test('says what to write into its DNS, and which server answers it', async () => {
    const shown = await maya.call.links.domain({});
    expect(shown).toMatchObject({ domain: 'go.outpost.dev', example: 'https://go.outpost.dev/launch', check: null });
    expect(shown.instructions[0]).toContain('CNAME record: go.outpost.dev points to localhost');
    const proof = await (await on('go.outpost.dev', '/.well-known/fanfare')).text();
    expect(proof).toMatch(/^fanfare \S{20,}$/);
    await maya.call.workspaces.update({ linkDomain: null });
    expect((await on('go.outpost.dev', '/short')).status).toBe(404);
    expect((await maya.call.links.domain({})).example).toBe('http://localhost:3000/l/launch');
  });

  test('is no destination of a link', async () => {
    await maya.call.workspaces.update({ linkDomain: 'go.outpost.dev' });
    await expect(maya.call.links.create({ appId, destination: 'https://go.outpost.dev/short' })).rejects.toMatchObject({
      data: { reason: 'destination' },
    });
    await maya.call.workspaces.update({ linkDomain: null });
  });
});

test('many who follow links at once share a look-up and a commit', async () => {
  const { id: linkId, code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
  const { db } = world.world;
  let transactions = 0;
  let lookups = 0;
  const counting = {
    ...world.world,
    db: {
      ...db,
      line: (...all: Parameters<typeof db.line>) => {
        transactions++;
        return db.line(...all);
      },
      pool: {
        query: (...all: Parameters<typeof db.pool.query>) => {
          lookups++;
          return db.pool.query(...all);
        },
      } as unknown as typeof db.pool,
    } as typeof db,
  };
  const busy = new Hono().route('/', openRedirectDoor(counting).door);
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => busy.request(`/l/${code}`, { headers: { 'user-agent': SAFARI } })),
  );
  expect(new Set(answers.map((answer) => answer.headers.get('location'))).size).toBe(60);
  expect(lookups).toBeLessThan(30);
  expect(transactions).toBeLessThan(30);
  expect(await linkOf(linkId)).toMatchObject({ clicks: 60 });
});

test('clicks are counted by day, by where they came from and by what followed', async () => {
  const { id: linkId, code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev' });
  await follow(code);
  await follow(code, SAFARI, { headers: { referer: 'https://news.ycombinator.com/' } });
  await follow(code, 'Twitterbot/1.0');
  const counted = await maya.call.links.clicks({ linkId, days: 7 });
  expect(counted.days).toHaveLength(7);
  expect(counted.days.at(-1)).toMatchObject({ people: 2, others: 1 });
  expect(counted.visitors).toBe(1);
  expect(counted.sources.map((source) => source.host).sort()).toEqual(['news.ycombinator.com', 't.co']);
  expect(counted.others).toMatchObject([{ clicks: 1 }]);
});

test('the QR code is an SVG or a PNG of the link’s address', async () => {
  const { id: linkId, url } = await maya.call.links.create({
    appId,
    destination: 'https://outpost.dev',
    code: 'paper',
  });
  const drawn = await maya.call.links.qr({ linkId });
  expect(drawn).toMatchObject({ url, fileName: 'paper.svg', png: null });
  expect(drawn.svg).toMatch(/^<svg /);
  const { png } = await maya.call.links.qr({ linkId, format: 'png', width: 300 });
  const { width, format } = await sharp(Buffer.from(png ?? '', 'base64')).metadata();
  expect(format).toBe('png');
  expect(Math.abs((width ?? 0) - 300)).toBeLessThan(40);
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

test('a link that changes is followed as it is now by everyone who comes after, and every click is counted once', async () => {
  const { id: linkId, code } = await maya.call.links.create({ appId, destination: 'https://outpost.dev/1' });
  for (const page of ['2', '3', '4']) {
    expect((await follow(code)).headers.get('location')).toContain(`/${Number(page) - 1}`);
    await maya.call.links.update({ linkId, destination: `https://outpost.dev/${page}` });
    const answers = await Promise.all(Array.from({ length: 20 }, () => follow(code)));
    for (const answer of answers) expect(answer.headers.get('location')).toContain(`/${page}?ff=`);
  }
  expect(await linkOf(linkId)).toMatchObject({ clicks: 63 });
});
