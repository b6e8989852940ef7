import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem } from '#src/context.ts';
import { openWeb } from '#src/outside/web.ts';
import { analyse } from '#src/understand/analyse.ts';
import { type Site, startSite } from '#test/site.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let site: Site;
let world: TestWorld;
let maya: Person;
/** Called before each page is fetched, with its path: where a test breaks in. */
let beforeFetch: (path: string) => Promise<void> | void = () => {};

const body = (words: string) =>
  `<html lang="en"><title>Kettle</title><h1>Tea timers for remote teams</h1><p>${words}</p><h2>Shared timers</h2>
   <p>Everyone sees when the tea is ready, wherever they are.</p><a href="/pricing">Pricing</a><a href="/about">About</a></html>`;

beforeAll(async () => {
  site = await startSite();
  for (const path of ['/', '/pricing', '/about'])
    site.pages.set(path, body(`Kettle rings when your tea is ready at ${path}.`));
  const web = openWeb({ allow: [site.host], userAgent: 'Fanfare test' });
  const fetchPage: typeof web.fetchPage = async (url, limits) => {
    await beforeFetch(new URL(url.includes('://') ? url : `http://${url}`).pathname);
    return web.fetchPage(url, limits);
  };
  world = await openTestWorld({ config: { WEB_ALLOW: [site.host] }, overrides: { web: { ...web, fetchPage } } });
  maya = await world.join();
});
afterAll(async () => {
  await world.close();
  await site.close();
});

const context = () => asSystem(world.world, maya.workspaceId, 'test');
const read = (appId: string, signal?: AbortSignal) => analyse(context(), appId, signal ? { signal } : {});
const latest = async (appId: string) => (await maya.call.analyses.latest({ appId })).analysis!;
const path = (name: string) => {
  site.pages.set(`/${name}`, body('Kettle rings when your tea is ready, and it says so out loud.'));
  return `${site.url}/${name}`;
};

/** Aborts as soon as the reading has begun its nth transaction: a process that dies between two commits. */
function dyingAfter(transactions: number) {
  const killed = new AbortController();
  let left = transactions;
  const real = context();
  const db: typeof real.db = {
    ...real.db,
    transaction: (reach, run) => {
      if (left-- <= 0) {
        killed.abort(new Error('killed'));
        throw killed.signal.reason;
      }
      return real.db.transaction(reach, run);
    },
  };
  return { context: { ...real, db }, signal: killed.signal };
}

test('a process killed between any two commits leaves nothing half-written, and the next one finishes the reading', async () => {
  const { id: whole } = await maya.call.apps.register({ url: path('whole') });
  await read(whole);
  const expected = await maya.call.knowledge.list({ appId: whole });
  expect(expected.counts.proposed).toBeGreaterThan(0);

  const { id: appId } = await maya.call.apps.register({ url: path('killed') });
  let survived = false;
  for (let transactions = 0; !survived; transactions++) {
    const dying = dyingAfter(transactions);
    const ended = await analyse(dying.context, appId, { signal: dying.signal }).then(
      () => true,
      () => false,
    );
    survived = ended;
    if (!ended) {
      expect(['waiting', 'running']).toContain((await latest(appId)).state);
      expect((await maya.call.knowledge.list({ appId })).groups).toEqual([]);
      expect(transactions).toBeLessThan(40);
    }
  }
  expect(await latest(appId)).toMatchObject({ state: 'done' });
  const { counts } = await maya.call.knowledge.list({ appId });
  expect(counts).toEqual(expected.counts);
  const { pages } = await maya.call.pages.list({ appId });
  expect(pages.map((page) => page.versions)).toEqual([1, 1, 1]);
});

test('two processes on the same reading write it down once', async () => {
  const { id: appId } = await maya.call.apps.register({ url: path('twice') });
  await Promise.all([read(appId), read(appId)]);
  const { groups } = await maya.call.knowledge.list({ appId });
  const statements = groups.flatMap((group) => group.facts.map((fact) => `${group.kind} ${fact.statement}`));
  expect(new Set(statements).size).toBe(statements.length);
  expect(await latest(appId)).toMatchObject({ state: 'done', facts: { found: statements.length } });
});

test('a reading that waits can be cancelled, and is then not run', async () => {
  const { id: appId } = await maya.call.apps.register({ url: path('waiting') });
  await maya.call.analyses.cancel({ analysisId: (await latest(appId)).id });
  await read(appId);
  expect(await latest(appId)).toMatchObject({ state: 'cancelled', steps: Array(6).fill({ state: 'skipped' }) });
});

test('a reading that runs can be cancelled; what it had found is thrown away', async () => {
  const { id: appId } = await maya.call.apps.register({ url: path('running') });
  const { id: analysisId } = await latest(appId);
  beforeFetch = async (asked) => {
    if (asked === '/about') await maya.call.analyses.cancel({ analysisId });
  };
  await read(appId);
  beforeFetch = () => {};
  const analysis = await latest(appId);
  expect(analysis.state).toBe('cancelled');
  expect(analysis.steps.map((step) => step.state)).toEqual([
    'done',
    'skipped',
    'skipped',
    'skipped',
    'skipped',
    'skipped',
  ]);
  expect((await maya.call.knowledge.list({ appId })).groups).toEqual([]);
  await expect(maya.call.analyses.cancel({ analysisId })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('while a reading is open, starting another one gives the open one', async () => {
  const { id: appId } = await maya.call.apps.register({ url: path('open') });
  const { id } = await latest(appId);
  expect(await maya.call.analyses.start({ appId })).toEqual({ analysisId: id });
});

test('progress names the pages while they are read', async () => {
  const { id: appId } = await maya.call.apps.register({ url: path('progress') });
  const seen: (string | null | undefined)[] = [];
  beforeFetch = async (asked) => {
    if (asked === '/about') seen.push((await latest(appId)).steps[1]?.message);
  };
  await read(appId);
  beforeFetch = () => {};
  expect(seen).toEqual(['1 read; reading /pricing and /about']);
});

test('a fault on our side is said without its insides, and the reading can be run again', async () => {
  const { id: appId } = await maya.call.apps.register({ url: path('fault') });
  beforeFetch = () => {
    throw new Error('secret detail');
  };
  await expect(read(appId)).rejects.toThrow('secret detail');
  beforeFetch = () => {};
  expect((await latest(appId)).failure).toEqual({ code: 'fault', message: expect.not.stringContaining('secret') });
  world.clock.forward('1 h');
  await maya.call.analyses.start({ appId });
  await read(appId);
  expect((await latest(appId)).state).toBe('done');
});
