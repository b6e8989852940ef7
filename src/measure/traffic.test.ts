import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { openIntake } from '#src/measure/events/intake.ts';
import { addChanges } from '#src/measure/rollups.ts';
import type { Filter } from '#src/measure/traffic/shapes.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const BROWSERS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
];
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const ARRIVALS = [
  { url: '/', referrer: '' },
  { url: '/pricing', referrer: 'https://www.google.com/' },
  { url: '/blog/launch?utm_source=newsletter&utm_medium=email&utm_campaign=launch', referrer: '' },
  { url: '/', referrer: 'https://news.ycombinator.com/' },
];
/** True of every visit. */
const EVERYTHING: Filter[] = [{ dimension: 'source', operator: 'is_not', values: ['nowhere'] }];

let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-10-20T10:00:00Z' });
  maya = await world.join();
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin', currency: 'EUR' });
  appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
  await comeAndGo();
});
afterAll(() => world.close());

/** Ten days across the end of summer time: people who look around, some who sign up, a crawler each day. */
async function comeAndGo(): Promise<void> {
  const { publicKey } = await maya.call.tracking.get({ appId });
  const intake = openIntake(world.world);
  const send = async (
    visitor: number,
    kind: string,
    path: string,
    more: { referrer?: string; agent?: string } = {},
  ) => {
    const answer = await intake.receive({
      body: {
        app: publicKey,
        id: crypto.randomUUID(),
        kind,
        url: `https://outpost.dev${path}`,
        referrer: more.referrer ?? '',
        props: kind === 'pageview' ? {} : { plan: visitor % 2 ? 'pro' : 'free', place: 'header' },
      },
      address: `203.0.113.${visitor}`,
      userAgent: more.agent ?? (BROWSERS[visitor % BROWSERS.length] as string),
      doNotTrack: false,
      privacyControl: false,
    } as never);
    expect(answer).toMatchObject({ outcome: 'stored' });
  };
  for (let day = 0; day < 10; day++) {
    // Late in the evening in Berlin, so that visits run into the next day.
    world.clock.set(new Date(Date.UTC(2026, 9, 20 + day, day < 5 ? 21 : 22, 35)));
    for (let visitor = 1; visitor <= 6; visitor++) {
      const arrival = ARRIVALS[(visitor + day) % ARRIVALS.length] as (typeof ARRIVALS)[number];
      await send(visitor, 'pageview', arrival.url, { referrer: arrival.referrer });
      world.clock.forward('5 min');
      if (visitor % 3 === 0) continue;
      await send(visitor, 'pageview', visitor % 2 ? '/docs' : '/pricing');
      world.clock.forward('3 min');
      if (visitor % 2 === 0) await send(visitor, 'cta_click', '/pricing');
      if (visitor === 4 && day % 3 === 0) await send(visitor, 'signup', '/pricing');
    }
    await send(77, 'pageview', '/', { agent: GOOGLEBOT });
  }
  world.clock.set('2026-10-30T12:00:00Z');
  await intake.close?.();
  await transaction(maya.context, (inside) => addChanges(inside));
  await attribute(maya.context, appId);
}

const fixed = { range: 'custom', from: '2026-10-19', until: '2026-10-31' } as const;

describe('totals', () => {
  test('say what came, by whose days, and that visitors are daily ones', async () => {
    const answer = await maya.call.analytics.totals({ appId, ...fixed });
    expect(answer).toMatchObject({
      timeZone: 'Europe/Berlin',
      currency: 'EUR',
      days: { from: '2026-10-19', until: '2026-10-31' },
      visitorsAre: 'daily',
      countedFrom: 'totals',
      outside: null,
    });
    expect(answer.figures.visits.value).toBe(60);
    expect(answer.figures.views.value).toBe(100);
    expect(answer.figures.bounceRate.value).toBeCloseTo(20 / 60);
    expect(answer.figures.viewsPerVisit.value).toBeCloseTo(100 / 60);
    expect(answer.figures.signups.value).toBe(4);
    expect(answer.figures.visits.before).toBe(0);
    expect(answer.figures.visits.change).toBeNull();
  });

  test('give no rate of fewer than 30 visits', async () => {
    const { figures } = await maya.call.analytics.totals({
      appId,
      range: 'custom',
      from: '2026-10-21',
      until: '2026-10-22',
    });
    expect(figures.visits.value).toBeGreaterThan(0);
    expect(figures.bounceRate.value).toBeNull();
    expect(figures.visitSeconds.value).toBeNull();
  });

  test('are empty for an app nobody has come to, and refused for one of somebody else', async () => {
    const other = (await maya.call.apps.register({ url: 'https://quiet.dev' })).id;
    const answer = await maya.call.analytics.totals({ appId: other, range: 'all' });
    expect(answer).toMatchObject({ began: null, previousDays: null });
    expect(answer.figures.visitors.value).toBe(0);
    const ada = await world.join('Ada');
    await expect(ada.call.analytics.totals({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a filter that everything passes', () => {
  test('gives the figures of the totals, one by one', async () => {
    const kept = await maya.call.analytics.totals({ appId, ...fixed });
    const counted = await maya.call.analytics.totals({ appId, ...fixed, filters: EVERYTHING });
    expect(counted.countedFrom).toBe('visits');
    expect(counted.figures).toEqual(kept.figures);
    expect(counted.conversionsByKind).toEqual(kept.conversionsByKind);
  });

  test.each(['hour', 'day', 'week', 'month'] as const)('gives the same line by %s', async (by) => {
    const asked = { appId, by, measures: ['visitors', 'visits', 'views', 'visitSeconds', 'signups'] as const };
    const range = by === 'hour' ? ({ range: 'custom', from: '2026-10-24', until: '2026-10-26' } as const) : fixed;
    const kept = await maya.call.analytics.series({ ...asked, measures: [...asked.measures], ...range });
    const counted = await maya.call.analytics.series({
      ...asked,
      measures: [...asked.measures],
      ...range,
      filters: EVERYTHING,
    });
    expect(counted.points).toEqual(kept.points);
    expect(counted.series).toEqual(kept.series);
  });

  test.each([
    'path',
    'entry',
    'exit',
    'host',
    'source',
    'medium',
    'channel',
    'referrer',
    'campaign',
    'content',
    'term',
    'country',
    'device',
    'browser',
    'system',
    'event',
    'post',
  ] as const)('gives the same rows by %s', async (dimension) => {
    const asked = { appId, ...fixed, dimension, limit: 100 };
    const kept = await maya.call.analytics.breakdown(asked);
    const counted = await maya.call.analytics.breakdown({ ...asked, filters: EVERYTHING });
    // How many visits an event happened in is known only from the visits.
    const same = (rows: typeof kept.rows) =>
      dimension === 'event' ? rows.map(({ value, views }) => ({ value, views })) : rows;
    expect(same(counted.rows)).toEqual(same(kept.rows));
    expect(counted.sum).toBe(kept.sum);
  });
});

describe('filters', () => {
  const visits = async (...filters: Filter[]) =>
    (await maya.call.analytics.totals({ appId, ...fixed, filters })).figures.visits.value;
  const is = (dimension: Filter['dimension'], ...values: string[]): Filter => ({ dimension, operator: 'is', values });

  test('and their opposite make the whole', async () => {
    const sides: Filter[] = [
      is('source', 'Google'),
      is('path', '/docs'),
      is('event', 'cta_click'),
      is('campaign', 'launch'),
      is('country', ''),
      { dimension: 'entry', operator: 'contains', values: ['BLOG'] },
    ];
    for (const filter of sides) {
      const opposite: Filter =
        filter.operator === 'is'
          ? { ...filter, operator: 'is_not' }
          : { ...filter, operator: 'is_not', values: ['/blog/launch'] };
      expect(
        [(await visits(filter)) ?? 0, (await visits(opposite)) ?? 0].reduce((a, b) => a + b),
        filter.dimension,
      ).toBe(60);
    }
  });

  test('narrow: by several values, by page seen, by event done', async () => {
    expect(await visits(is('source', 'Google', 'Hacker News'))).toBe(
      ((await visits(is('source', 'Google'))) ?? 0) + ((await visits(is('source', 'Hacker News'))) ?? 0),
    );
    expect(await visits(is('event', 'cta_click'))).toBe(20);
    expect(await visits(is('path', '/docs'))).toBe(20);
    expect(await visits(is('path', '/docs'), is('event', 'cta_click'))).toBe(0);
    expect(await visits(is('device', 'toaster'))).toBe(0);
  });

  test('take what looks like SQL, a pattern or an id for what it is', async () => {
    expect(await visits(is('path', "'; drop table visits; --"))).toBe(0);
    expect(await visits({ dimension: 'entry', operator: 'contains', values: ['%', '_'] })).toBe(0);
    expect(await visits(is('post', 'not-an-id'), is('goal', 'nor-this'), is('campaignId', 'nor-that'))).toBe(0);
  });

  test('by a goal count the visits in which it was reached', async () => {
    const goal = await maya.call.goals.create({ appId, name: 'Asked for a demo', eventKind: 'demo' });
    expect(await visits(is('goal', goal.id))).toBe(0);
  });
});

describe('a line', () => {
  test('by the hour has 25 of them when a clock goes back, each compared with the same time of day', async () => {
    const line = await maya.call.analytics.series({
      appId,
      range: 'custom',
      from: '2026-10-25',
      until: '2026-10-25',
      by: 'hour',
    });
    expect(line.points).toHaveLength(25);
    expect(line.points.slice(1, 5).map(({ at }) => at)).toEqual([
      '2026-10-25T01:00+02:00',
      '2026-10-25T02:00+02:00',
      '2026-10-25T02:00+01:00',
      '2026-10-25T03:00+01:00',
    ]);
    expect(line.points[2]?.previousAt).toBe('2026-10-24T02:00+02:00');
    expect(line.points[3]?.previousAt).toBe(null);
    expect(line.series[0]?.previous?.[3]).toBeNull();
    expect(line.points[24]?.previousAt).toBe('2026-10-24T23:00+02:00');
  });

  test('by the week begins on Mondays and says which weeks are cut', async () => {
    const line = await maya.call.analytics.series({
      appId,
      range: 'custom',
      from: '2026-10-15',
      until: '2026-10-27',
      by: 'week',
    });
    expect(line.points.map(({ at, partial }) => [at, partial])).toEqual([
      ['2026-10-15', true],
      ['2026-10-19', false],
      ['2026-10-26', true],
    ]);
  });

  test('by the hour is refused for a long range', async () => {
    await expect(maya.call.analytics.series({ appId, range: '30d', by: 'hour' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
  });
});

describe('a breakdown', () => {
  test('pages, searches, sorts either way, and shares of the whole', async () => {
    const first = await maya.call.analytics.breakdown({ appId, ...fixed, dimension: 'path', limit: 2 });
    expect(first).toMatchObject({ sort: 'views', count: 4, cursor: '2', sum: 100 });
    const rest = await maya.call.analytics.breakdown({
      appId,
      ...fixed,
      dimension: 'path',
      limit: 2,
      cursor: first.cursor ?? '',
    });
    expect(rest.cursor).toBeNull();
    const shares = [...first.rows, ...rest.rows].map((row) => row.share ?? 0);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1);
    const least = await maya.call.analytics.breakdown({ appId, ...fixed, dimension: 'path', order: 'least', limit: 1 });
    expect(least.rows[0]?.value).toBe(rest.rows.at(-1)?.value);
    const found = await maya.call.analytics.breakdown({ appId, ...fixed, dimension: 'path', search: 'DOC' });
    expect(found.rows.map((row) => row.value)).toEqual(['/docs']);
    expect(found.sum).toBe(100);
  });
});

test('events show how often, their properties and how the values share', async () => {
  const all = await maya.call.analytics.events({ appId, ...fixed });
  expect(all.events).toMatchObject([
    { kind: 'cta_click', times: 20, visits: null },
    { kind: 'signup', times: 4 },
  ]);
  const one = await maya.call.analytics.events({ appId, ...fixed, kind: 'cta_click', filters: EVERYTHING });
  expect(one.events).toMatchObject([{ kind: 'cta_click', times: 20, visits: 20 }]);
  expect(one.properties).toMatchObject({ times: 20, read: 20 });
  expect(one.properties?.names).toContainEqual({
    name: 'place',
    times: 20,
    count: 1,
    values: [{ value: 'header', times: 20, share: 1 }],
  });
});

test('bots stand by name and day, beside the people', async () => {
  const answer = await maya.call.analytics.agents({ appId, ...fixed });
  expect(answer.people.visits).toBe(60);
  const google = answer.agents.find((agent) => agent.agentClass === 'bot');
  expect(google).toMatchObject({ name: expect.stringContaining('Google'), visits: 10 });
  expect(google?.byDay.reduce((a, b) => a + b)).toBe(10);
});

test('the week shows the hours on the clock of the workspace, on both sides of a clock change', async () => {
  const { weekdays } = await maya.call.analytics.week({ appId, ...fixed });
  const byHour = Array.from({ length: 24 }, (_, hour) =>
    weekdays.reduce((sum, day) => sum + (day[hour]?.total ?? 0), 0),
  );
  expect(byHour.reduce((a, b) => a + b)).toBe(60);
  expect(byHour.flatMap((total, hour) => (total > 0 ? [hour] : []))).toEqual([0, 23]);
});

test('live shows who is there now, without bots, and nobody half an hour later', async () => {
  world.clock.set('2026-11-02T10:00:00Z');
  const { publicKey } = await maya.call.tracking.get({ appId });
  const intake = openIntake(world.world);
  const view = (visitor: number, url: string, userAgent = BROWSERS[0] as string) =>
    intake.receive({
      body: {
        app: publicKey,
        id: crypto.randomUUID(),
        kind: 'pageview',
        url: `https://outpost.dev${url}`,
        referrer: 'https://t.co/x',
        props: {},
      },
      address: `198.51.100.${visitor}`,
      userAgent,
      doNotTrack: false,
      privacyControl: false,
    } as never);
  await view(1, '/');
  world.clock.forward('10 min');
  await view(1, '/docs');
  await view(2, '/docs');
  await view(3, '/', GOOGLEBOT);
  const now = await maya.call.analytics.live({ appId });
  expect(now).toMatchObject({ visitors5: 2, visitors30: 2, pages: [{ path: '/docs', visitors: 2 }] });
  expect(now.minutes).toHaveLength(30);
  expect(now.minutes.reduce((sum, minute) => sum + minute.views, 0)).toBe(3);
  expect(now.events.map((event) => event.path)).toEqual(expect.arrayContaining(['/docs', '/']));
  expect(now.events).toHaveLength(3);
  world.clock.forward('31 min');
  expect(await maya.call.analytics.live({ appId })).toMatchObject({ visitors5: 0, visitors30: 0, events: [] });
});
