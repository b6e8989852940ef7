import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem } from '#src/context.ts';
import { analyse, lookForChanges } from '#src/understand/analyse.ts';
import { diffLines } from '#src/understand/pages/diff.ts';
import { type Site, type SitePage, startSite } from '#test/site.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let site: Site;
let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;

const html = (title: string, body: string, head = '') =>
  `<!doctype html><html lang="en"><head><title>${title}</title><meta name="viewport" content="width=device-width">${head}</head><body><main>${body}</main></body></html>`;
const tagged =
  (text: string): SitePage =>
  (request, response) => {
    const etag = `"${text.length}"`;
    if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { 'content-type': 'text/html', etag }).end(text);
  };
const pricing = (price: string, head = '') =>
  html(
    'Pricing of Ledgerly',
    `<h1>Pricing</h1><h3>Solo</h3><p>${price} per month</p><p>Used by 1,200 freelancers in Finland.</p>`,
    head,
  );

beforeAll(async () => {
  site = await startSite({
    '/': tagged(
      html(
        'Ledgerly: bookkeeping',
        '<h1>Bookkeeping for freelancers</h1><p>It reads your bank statements for you.</p><a href="/pricing">Pricing</a><a href="/gone">Tour</a>',
      ),
    ),
    '/pricing': tagged(pricing('$9')),
  });
  world = await openTestWorld({ config: { WEB_ALLOW: [site.host] } });
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: site.url })).id;
  await read();
});
afterAll(async () => {
  await world.close();
  await site.close();
});

const read = () => analyse(asSystem(world.world, maya.workspaceId, 'test'), appId);
const again = async () => {
  world.clock.forward('1 d');
  await maya.call.analyses.start({ appId });
  await read();
};
const latest = async () => (await maya.call.analyses.latest({ appId })).analysis!;
const checklist = () => maya.call.findings.list({ appId });
const finding = async (rule: string, path: string) =>
  (await checklist()).rules.find((one) => one.rule === rule)?.pages.find((one) => one.url === site.url + path);

test('the checklist says what was found on which page, why it matters, and how to mend it', async () => {
  const { rules, counts, readAt } = await checklist();
  expect(readAt).toEqual(world.clock.now());
  expect(rules[0]?.severity).toBe('fix');
  expect(counts.fix).toBeGreaterThan(1);
  expect(await finding('description', '/pricing')).toMatchObject({
    message: 'The page has no description.',
    quote: null,
    why: expect.stringContaining('Results pages'),
    fix: expect.stringContaining('<meta name="description"'),
    ignored: null,
  });
  expect(await finding('broken_links', '/')).toMatchObject({
    quote: 'Tour',
    message: expect.stringContaining('/gone (HTTP 404)'),
  });
  const { pages } = await latest();
  expect(pages.find((one) => one.url.endsWith('/gone'))).toMatchObject({ outcome: 'missing', source: 'link' });
});

test('what is set aside stays aside with its reason, until it is taken back', async () => {
  const { id: findingId } = (await finding('canonical', '/pricing'))!;
  await maya.call.findings.ignore({ findingId, reason: 'The site has one address for everything.' });
  world.clock.forward('1 h');
  await again();
  expect(await finding('canonical', '/pricing')).toMatchObject({
    id: findingId,
    ignored: { reason: 'The site has one address for everything.', by: 'Maya Lind' },
  });
  expect((await checklist()).counts.ignored).toBe(1);
  await maya.call.findings.reopen({ findingId });
  expect((await finding('canonical', '/pricing'))?.ignored).toBeNull();
  await expect(maya.call.findings.reopen({ findingId })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(rival.call.findings.ignore({ findingId, reason: 'Mine.' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.findings.list({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a page that has not changed is not sent again, and costs no second version', async () => {
  const { pages } = await latest();
  expect(pages.filter((one) => one.outcome === 'unchanged').map((one) => one.url)).toEqual([
    `${site.url}/`,
    `${site.url}/pricing`,
  ]);
  expect((await maya.call.pages.list({ appId })).pages.map((one) => one.versions)).toEqual([1, 1]);
});

test('a mended page closes its finding, a changed one shows what came and went and which facts fell', async () => {
  site.pages.set(
    '/pricing',
    tagged(
      pricing(
        '$12',
        '<meta name="description" content="What Ledgerly costs: one plan for freelancers, and nothing hidden in it.">',
      ),
    ),
  );
  await again();
  const { fixed } = await checklist();
  expect(fixed).toMatchObject([{ rule: 'description', url: `${site.url}/pricing`, resolvedAt: world.clock.now() }]);
  const { changes } = await maya.call.pages.changes({ appId });
  expect(changes).toMatchObject([
    {
      page: { url: `${site.url}/pricing` },
      lines: [
        { kind: 'removed', text: '$9 per month' },
        { kind: 'added', text: '$12 per month' },
      ],
      facts: [{ statement: expect.stringMatching(/Solo.*9/), state: 'retired' }],
    },
  ]);
  const pageId = changes[0]!.page.id;
  const page = await maya.call.pages.get({ pageId });
  expect(page).toMatchObject({
    versions: 2,
    said: {
      prices: [{ plan: 'Solo', amount: '12', currency: 'USD', interval: 'month' }],
      claims: [{ quote: 'Used by 1,200 freelancers in Finland.', number: '1,200' }],
    },
    delivery: { encoding: null, redirects: [], blocking: 0 },
    history: [{ changes: [{}, {}] }, { changes: [] }],
  });
  await expect(rival.call.pages.get({ pageId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('by the week the pages are looked at; where nothing changed, nothing is analysed anew', async () => {
  const system = asSystem(world.world, maya.workspaceId, 'test');
  await lookForChanges(system);
  expect((await latest()).state).toBe('done');
  world.clock.forward('7 d');
  await lookForChanges(system);
  expect(await latest()).toMatchObject({ state: 'waiting', reason: 'schedule' });
  await read();
  const unchanged = await latest();
  expect(unchanged).toMatchObject({ state: 'done', reason: 'schedule', facts: { found: 0, seenAgain: 0 } });
  expect(unchanged.steps.at(-1)?.message).toBe('Nothing has changed since the last reading.');
  expect(unchanged.steps[3]).toMatchObject({ state: 'skipped' });
  const { groups } = await maya.call.knowledge.list({ appId, kind: 'pricing' });
  const fact = groups[0]?.facts.find(({ missingSince }) => missingSince === null);
  expect(fact?.lastSeenAt).toEqual(unchanged.finishedAt);
  expect(fact?.evidence[0]?.seenAt).toEqual(unchanged.finishedAt);
  world.clock.forward('7 d');
  site.pages.set('/pricing', tagged(pricing('$15', '<meta name="description" content="Short.">')));
  await lookForChanges(system);
  await read();
  expect((await latest()).facts.found).toBeGreaterThan(0);
});

test('where a site writes its addresses otherwise, pages are told once, and what fell on them falls', async () => {
  site.pages.set('/pricing', (_, response) => void response.writeHead(301, { location: '/pricing/' }).end());
  site.pages.set('/pricing/', tagged(pricing('$19')));
  await again();
  const { pages } = await maya.call.pages.list({ appId });
  expect(pages.map((one) => [one.url.slice(site.url.length), one.goneAt === null])).toEqual([
    ['/', true],
    ['/pricing', false],
    ['/pricing/', true],
  ]);
  const { groups } = await maya.call.knowledge.list({ appId, kind: 'pricing', state: 'proposed' });
  expect(groups[0]?.facts.map((one) => one.statement)).toEqual([expect.stringMatching(/Solo.*19/)]);
  const { fixed, counts } = await checklist();
  expect(fixed.every((one) => one.url !== `${site.url}/pricing`)).toBe(true);
  expect(counts.fixed).toBe(fixed.length);
});

test('lines that came and went are told in order, and nothing is told of what stayed', () => {
  expect(diffLines('a\nb\nc', 'a\nx\nc\nd')).toEqual([
    { kind: 'removed', text: 'b' },
    { kind: 'added', text: 'x' },
    { kind: 'added', text: 'd' },
  ]);
  expect(diffLines('a\nb', 'a\nb\n')).toEqual([]);
  const long = Array.from({ length: 2_000 }, (_, at) => `line ${at}`);
  expect(diffLines(long.join('\n'), [...long.slice(0, 900), 'new', ...long.slice(901)].join('\n'))).toEqual([
    { kind: 'removed', text: 'line 900' },
    { kind: 'added', text: 'new' },
  ]);
});
