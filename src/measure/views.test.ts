import { randomUUID } from 'node:crypto';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalog } from '#src/catalog.ts';
import { shared, transaction } from '#src/context.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { hashToken } from '#src/secrets.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let ada: Person;
let appId: string;
let otherApp: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join('Maya');
  ada = await world.join('Ada');
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  otherApp = (await maya.call.apps.register({ url: 'https://secret.dev' })).id;
  await traffic(appId, [
    ['total', '', 40],
    ['path', '/', 30],
    ['path', '/pricing', 10],
    ['country', 'DE', 40],
  ]);
  await traffic(otherApp, [
    ['total', '', 999],
    ['path', '/unreleased', 999],
  ]);
});
afterAll(() => world.close());

function traffic(app: string, rows: [string, string, number][]) {
  return transaction(maya.context, ({ tx, workspaceId }) =>
    tx
      .insertInto('trafficDays')
      .values(
        rows.map(([dimension, value, visits]) => ({
          workspaceId,
          appId: app,
          day: '2026-11-21',
          dimension: dimension as 'total',
          value,
          visits,
          visitors: visits,
          views: visits,
        })),
      )
      .execute(),
  );
}

/** Somebody with a link and nothing else. */
const stranger = (address: string | null = null) =>
  createRouterClient(catalog, {
    context: { world: world.world, who: null, workspaceId: null, address, requestId: 'test' },
  });

const settings = () => ({ appId, range: '7d', compare: 'previous', filters: [], tab: 'pages' });

async function link(more: { expiresAt?: string | null; withMoney?: boolean; settings?: Record<string, unknown> } = {}) {
  const { settings: own, ...options } = more;
  const { viewId } = await maya.call.views.save({
    name: 'Last week',
    page: 'analytics',
    settings: (own ?? settings()) as never,
  });
  const made = await maya.call.views.share({ viewId, ...options });
  return { viewId, ...made, token: made.url.split('/').at(-1) ?? '' };
}

describe('a saved view', () => {
  test('is kept with what its page wants, renamed, saved over, removed', async () => {
    const { viewId } = await maya.call.views.save({
      name: 'Mine',
      page: 'revenue',
      settings: { grain: 'week', on: true },
    });
    await maya.call.views.rename({ viewId, name: 'My revenue' });
    expect((await maya.call.views.list({ page: 'revenue' })).views).toMatchObject([
      { viewId, name: 'My revenue', settings: { grain: 'week', on: true }, shares: 0 },
    ]);
    await maya.call.views.save({ viewId, name: 'My revenue', page: 'revenue', settings: { grain: 'month' } });
    expect((await maya.call.views.list({})).views[0]?.settings).toEqual({ grain: 'month' });
    await maya.call.views.remove({ viewId });
    expect((await maya.call.views.list({})).views).toEqual([]);
    await expect(maya.call.views.rename({ viewId, name: 'Gone' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is nobody else’s to see, change or share', async () => {
    const { viewId, shareId } = await link();
    expect((await ada.call.views.list({})).views).toEqual([]);
    const refused = { code: 'NOT_FOUND' };
    await expect(ada.call.views.rename({ viewId, name: 'Ada’s' })).rejects.toMatchObject(refused);
    await expect(ada.call.views.save({ viewId, name: 'x', page: 'analytics', settings: {} })).rejects.toMatchObject(
      refused,
    );
    await expect(ada.call.views.remove({ viewId })).rejects.toMatchObject(refused);
    await expect(ada.call.views.share({ viewId })).rejects.toMatchObject(refused);
    await expect(ada.call.views.shares({ viewId })).rejects.toMatchObject(refused);
    await expect(ada.call.views.revoke({ shareId })).rejects.toMatchObject(refused);
    await maya.call.views.remove({ viewId });
  });

  test('too large for its row is refused', async () => {
    const save = maya.call.views.save({ name: 'Large', page: 'analytics', settings: { text: 'x'.repeat(9000) } });
    await expect(save).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('a link to a view', () => {
  test('shows the page’s numbers to whoever has it, and no more than those', async () => {
    const { token, url } = await link();
    expect(url).toMatch(/^http:\/\/localhost:3000\/shared\/[\w-]{43}$/);
    const seen = await stranger().views.shared({ token });
    expect(seen).toMatchObject({ name: 'Last week', page: 'analytics', range: '7d', withMoney: false });
    expect(seen.figures.visits.value).toBe(40);
    expect(seen.figures.revenue).toBeNull();
    expect(seen.breakdowns.find((one) => one.dimension === 'path')?.rows.map((row) => row.value)).toEqual([
      '/',
      '/pricing',
    ]);
    const text = JSON.stringify(seen);
    for (const secret of [appId, otherApp, maya.workspaceId, maya.userId, maya.email, '/unreleased', '999'])
      expect(text).not.toContain(secret);
  });

  test('takes no questions: neither another app nor other filters can be asked through it', async () => {
    const { token } = await link();
    for (const more of [{ appId: otherApp }, { filters: [] }, { range: '12m' }, { dimension: 'event' }])
      await expect(stranger().views.shared({ token, ...more } as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    await expect(stranger().analytics.totals({ appId })).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(stranger().views.list({})).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('keeps the filters it was saved with', async () => {
    const filters = [{ dimension: 'country', operator: 'is', values: ['FR'] }];
    const { token } = await link({ settings: { ...settings(), filters } });
    const seen = await stranger().views.shared({ token });
    expect(seen.filters).toEqual(filters);
    expect(seen.figures.visits.value).toBe(0);
  });

  test('shows nothing else because of a key that may only write', async () => {
    const { viewId, token } = await link();
    const writer = createRouterClient(catalog, {
      context: {
        world: world.world,
        who: { kind: 'key', id: randomUUID(), scopes: ['read', 'write'] },
        workspaceId: maya.workspaceId,
        address: null,
        requestId: 'test',
      },
    });
    const refused = { code: 'FORBIDDEN' };
    const wider = { viewId, name: 'x', page: 'analytics', settings: { ...settings(), appId: otherApp } as never };
    await expect(writer.views.save(wider)).rejects.toMatchObject(refused);
    await expect(writer.views.share({ viewId })).rejects.toMatchObject(refused);
    await expect(writer.views.remove({ viewId })).rejects.toMatchObject(refused);
    expect((await stranger().views.shared({ token })).app.name).not.toContain('secret');
    const own = await writer.views.save({ name: 'Mine', page: 'analytics', settings: settings() as never });
    await writer.views.save({ ...wider, viewId: own.viewId });
    await maya.call.views.remove({ viewId: own.viewId });
  });

  test('with filters answers the same for half a minute, however often it is read, and ends at once all the same', async () => {
    const filters = [{ dimension: 'country', operator: 'is', values: ['PT'] }];
    const { token, viewId, shareId } = await link({ settings: { ...settings(), filters } });
    const questions = async () => {
      let asked = 0;
      const { db } = world.world;
      const counting = {
        ...world.world,
        db: {
          ...db,
          transaction: (...given: Parameters<typeof db.transaction>) => {
            asked++;
            return db.transaction(...given);
          },
        },
      } as typeof world.world;
      await createRouterClient(catalog, {
        context: { world: counting, who: null, workspaceId: null, address: null, requestId: 'test' },
      }).views.shared({ token });
      return asked;
    };
    expect(await questions()).toBe(3);
    expect(await questions()).toBe(2);
    const other = { ...settings(), filters: [{ ...filters[0], values: ['NL'] }] };
    await maya.call.views.save({ viewId, name: 'Last week', page: 'analytics', settings: other });
    expect((await stranger().views.shared({ token })).filters[0]?.values).toEqual(['NL']);
    world.clock.forward('31 s');
    expect(await questions()).toBe(3);
    await maya.call.views.revoke({ shareId });
    await expect(stranger().views.shared({ token })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('shows money only when it was made to', async () => {
    const hidden = await link({ settings: { ...settings(), measure: 'revenue' } });
    expect((await stranger().views.shared({ token: hidden.token })).series.map((one) => one.measure)).toEqual([
      'visitors',
    ]);
    const open = await link({ withMoney: true, settings: { ...settings(), measure: 'revenue' } });
    const seen = await stranger().views.shared({ token: open.token });
    expect(seen.series[0]?.measure).toBe('revenue');
    expect(seen.figures.revenue).not.toBeNull();
    expect(seen.breakdowns[0]?.rows[0]?.revenue).not.toBeNull();
  });

  test('ends when it is revoked, when its time is over, and with its view; all that ended is one answer', async () => {
    const ended = { code: 'NOT_FOUND', data: { reason: 'no_such_link' } };
    const revoked = await link();
    await maya.call.views.revoke({ shareId: revoked.shareId });
    await maya.call.views.revoke({ shareId: revoked.shareId });
    await expect(stranger().views.shared({ token: revoked.token })).rejects.toMatchObject(ended);
    const short = await link({ expiresAt: '2026-11-22T10:00:00Z' });
    const gone = await link();
    await maya.call.views.remove({ viewId: gone.viewId });
    await expect(stranger().views.shared({ token: gone.token })).rejects.toMatchObject(ended);
    await stranger().views.shared({ token: short.token });
    const { shares } = await maya.call.views.shares({ viewId: short.viewId });
    expect(shares).toMatchObject([{ open: true, lastReadAt: world.clock.now() }]);
    world.clock.forward('1 h');
    await expect(stranger().views.shared({ token: short.token })).rejects.toMatchObject(ended);
    for (const token of ['x', `${short.token}x`, short.token.slice(0, -1), hashToken(short.token), "' or 1=1 --", '%'])
      await expect(stranger().views.shared({ token })).rejects.toMatchObject(ended);
    await expect(
      maya.call.views.share({ viewId: short.viewId, expiresAt: '2026-11-22T09:30:00Z' }),
    ).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  test('is kept as a hash only', async () => {
    const { token } = await link();
    const rows = await shared(world.world, (tx) => tx.selectFrom('sharedViews').selectAll().execute());
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(rows.map((row) => row.tokenHash)).toContain(hashToken(token));
  });

  test('is refused for what cannot be shown: another page, unknown settings, an app of somebody else', async () => {
    const { viewId } = await maya.call.views.save({ name: 'Money', page: 'revenue', settings: {} });
    await expect(maya.call.views.share({ viewId })).rejects.toMatchObject({ data: { reason: 'not_shared' } });
    const theirs = await ada.call.views.save({
      name: 'Spy',
      page: 'analytics',
      settings: { ...settings(), appId } as never,
    });
    await expect(ada.call.views.share({ viewId: theirs.viewId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const mine = await link();
    await expect(
      maya.call.views.save({ viewId: mine.viewId, name: 'x', page: 'analytics', settings: { appId: 'nothing' } }),
    ).rejects.toMatchObject({ data: { reason: 'not_shared' } });
  });

  test('that is read too often waits, by link and by reader', async () => {
    const { token } = await link();
    for (let times = 0; times < 60; times++) await stranger('203.0.113.7').views.shared({ token });
    await expect(stranger('203.0.113.7').views.shared({ token })).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    for (let guess = 0; guess < 60; guess++)
      await stranger('203.0.113.8')
        .views.shared({ token: `guess${guess}` })
        .catch(() => undefined);
    await expect(stranger('203.0.113.8').views.shared({ token })).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await stranger('203.0.113.9').views.shared({ token });
    await shared(world.world, (tx) =>
      tx.updateTable('sharedViews').set({ reads: 240 }).where('tokenHash', '=', hashToken(token)).execute(),
    );
    await expect(stranger('203.0.113.9').views.shared({ token })).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    world.clock.forward('2 min');
    await stranger('203.0.113.9').views.shared({ token });
  });

  test('is no page for search engines, and its token goes to no other site', async () => {
    const { token } = await link();
    const page = await httpApp(world.world).request(`/shared/${token}`);
    expect(page.headers.get('x-robots-tag')).toContain('noindex');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('cache-control')).toContain('no-store');
  });
});

describe('beside the charts', () => {
  test('stand own notes and what went out, day by day', async () => {
    const { noteId } = await maya.call.annotations.add({ appId, day: '2026-11-20', title: 'Raised the price' });
    const campaign = await maya.call.campaigns.create({ appId, name: 'Launch week', objective: 'awareness' });
    await transaction(maya.context, async ({ tx }) => {
      await tx
        .updateTable('campaigns')
        .set({ status: 'active', startsOn: '2026-11-19' })
        .where('id', '=', campaign.id)
        .execute();
    });
    const { annotations } = await maya.call.annotations.list({ appId, range: '7d' });
    expect(annotations.map(({ kind, day, title }) => [kind, day, title])).toEqual([
      ['campaign', '2026-11-19', 'Launch week'],
      ['note', '2026-11-20', 'Raised the price'],
    ]);
    await expect(ada.call.annotations.list({ appId, range: '7d' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ada.call.annotations.remove({ noteId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await maya.call.annotations.remove({ noteId });
    expect((await maya.call.annotations.list({ appId, range: '7d' })).annotations).toHaveLength(1);
  });

  test('stands an overview: every figure with a value, or with what is missing', async () => {
    const { groups } = await maya.call.dashboards.overview({ appId, range: '30d' });
    expect(groups.map((group) => group.key)).toEqual([
      'app_performance',
      'marketing_roi',
      'growth',
      'competitive_position',
      'x_presence',
    ]);
    for (const figure of groups.flatMap((group) => group.figures)) {
      expect(figure.value === null, figure.key).toBe(figure.missing !== null);
      expect(figure.page).toMatch(/^\//);
    }
    expect(groups[0]?.figures[0]).toMatchObject({ key: 'visitors', value: 40 });
  });
});
