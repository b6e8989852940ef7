import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { composePages } from '#src/distribute/assisted.ts';
import { byHost } from '#src/distribute/channels/numbers.ts';
import { channelKinds, hostsOf, places, suits } from '#src/distribute/channels/places.ts';
import { categories } from '#src/understand/findings.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: new Date().toISOString() });
  maya = await world.join();
  rival = await world.join('Rival');
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
});
afterAll(() => world.close());

test('a channel is added, changed, counted and removed', async () => {
  const { id: channelId } = await maya.call.channels.create({ appId, name: 'Show HN', kind: 'community' });
  await expect(maya.call.channels.create({ appId, name: 'Show HN', kind: 'press' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await maya.call.channels.update({
    channelId,
    status: 'preparing',
    nextStep: 'Write the text',
    nextStepOn: '2026-12-01',
  });
  await maya.call.links.create({ appId, channelId, destination: 'https://outpost.dev' });
  expect((await maya.call.channels.list({ appId })).channels).toMatchObject([
    {
      name: 'Show HN',
      status: 'preparing',
      nextStep: 'Write the text',
      place: null,
      numbers: { links: 1, clicks: 0, visits: 0, signups: 0, enough: false, costPerSignup: null },
    },
  ]);
  await expect(rival.call.channels.update({ channelId, status: 'active' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(rival.call.channels.list({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await maya.call.channels.remove({ channelId });
  expect((await maya.call.links.list({ appId })).links.length).toBe(1);
});

test('places are taken on with their customs, limits and first step, each once', async () => {
  await maya.call.apps.update({ appId, category: 'developer_tools' });
  const { category, places: shown } = await maya.call.channels.places({ appId });
  expect(category).toBe('developer_tools');
  expect(shown[0]?.fit).toBe('made_for');
  expect(shown.at(-1)?.fit).toBe('other');
  expect((await maya.call.channels.places({ appId, kind: 'press' })).places.every((one) => one.kind === 'press')).toBe(
    true,
  );
  const taken = await maya.call.channels.adopt({ appId, placeIds: ['producthunt', 'hackernews', 'producthunt'] });
  expect(taken.channels.map((one) => one.placeId)).toEqual(['producthunt', 'hackernews']);
  expect(await maya.call.channels.adopt({ appId, placeIds: ['hackernews', 'x'] })).toMatchObject({
    channels: [{ placeId: 'x' }],
    alreadyThere: ['hackernews'],
  });
  const { channels } = await maya.call.channels.list({ appId });
  const hunt = channels.find((one) => one.place?.id === 'producthunt');
  expect(hunt).toMatchObject({ name: 'Product Hunt', kind: 'directory', status: 'idea', platform: 'producthunt' });
  expect(hunt?.customs).toContain('never ask for votes');
  expect(hunt?.limits).toContain('tagline 60');
  expect(hunt?.nextStep).toMatch(/^Follow the people/);
  expect(hunt?.nextStepOn).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect((await maya.call.channels.places({ appId })).places.find((one) => one.id === 'producthunt')?.channelId).toBe(
    hunt?.id,
  );
  await expect(maya.call.channels.adopt({ appId, placeIds: ['myspace'] })).rejects.toMatchObject({
    data: { reason: 'place_unknown' },
  });
  await expect(rival.call.channels.adopt({ appId, placeIds: ['x'] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('what channels brought', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  });
  afterAll(() => shop.world.close());

  test('links of posts become the channel’s when it is taken on; visits without a link count by their host', async () => {
    const { maya: ada, appId: app, world: w } = shop;
    await ada.call.channels.adopt({ appId: app, placeIds: ['x', 'linkedin'] });
    const channel = async (placeId: string) =>
      (await ada.call.channels.list({ appId: app })).channels.find((one) => one.place?.id === placeId)!;
    expect((await channel('x')).numbers).toMatchObject({ links: 1, visits: 0 });
    for (let person = 0; person < 11; person++) {
      const ff = await shop.visit(`${CHROME} ${person}`);
      w.clock.forward('1 min');
      await ada.call.events.send({ appId: app, events: [{ kind: 'signup', person: `p${person}`, ff }] });
    }
    await shop.tell('checkout.session.completed', shop.checkout('cus_p1', 'p1'));
    await shop.tell('charge.succeeded', shop.charge('cus_p1', 'pi_p1'));
    await shop.settle();
    expect((await channel('x')).numbers).toMatchObject({
      clicks: 11,
      visits: 11,
      signups: 11,
      customers: 1,
      revenue: { minor: '1200', currency: 'USD' },
      enough: false,
    });
    const { id: channelId } = await channel('x');
    const day = '2026-11-10';
    await ada.call.costs.add({ appId: app, day, kind: 'ads', amount: { minor: '2200', currency: 'USD' }, channelId });
    await ada.call.costs.add({
      ...{ appId: app, day, kind: 'time', minutes: 90, channelId },
      hourlyRate: { minor: '4400', currency: 'EUR' },
    });
    expect((await channel('x')).numbers).toMatchObject({
      cost: { minor: '2200' },
      otherCost: [{ minor: '6600', currency: 'EUR' }],
      minutes: 90,
      enough: true,
      costPerSignup: { minor: '200', currency: 'USD' },
      payback: 0.545,
    });
    expect((await channel('linkedin')).numbers).toMatchObject({ visits: 0, enough: false, costPerSignup: null });
    expect((await ada.call.channels.list({ appId: app, days: 1 })).from).toBe(day);
  });

  test('a host belongs to the most exact channel', () => {
    const channels = [
      { id: 'search', hosts: ['google.com'] },
      { id: 'news', hosts: ['news.google.com'] },
      { id: 'none', hosts: [] },
    ];
    expect(
      ['www.google.com', 'news.google.com:443', 'GOOGLE.com', 'notgoogle.com', null].map((host) =>
        byHost(channels, host),
      ),
    ).toEqual(['search', 'news', 'search', null, null]);
  });
});

describe('the known places', () => {
  test('are many, of all kinds, each once, with manners and sources', () => {
    expect(places.length).toBeGreaterThanOrEqual(60);
    expect(new Set(places.map((place) => place.id)).size).toBe(places.length);
    expect(new Set(places.map((place) => place.name.toLowerCase())).size).toBe(places.length);
    for (const kind of channelKinds)
      expect(places.filter((place) => place.kind === kind).length, kind).toBeGreaterThanOrEqual(2);
    for (const place of places) {
      const addresses = [place.url, place.submitUrl, ...place.sources.map((source) => source.url)].filter((url) => url);
      for (const url of addresses) expect(new URL(url ?? '').protocol, place.id).toBe('https:');
      expect(place.sources.length, place.id).toBeGreaterThan(0);
      for (const { seen } of place.sources) expect(seen ?? '2026-11', place.id).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
      expect(place.customs.length, place.id).toBeGreaterThan(0);
      expect(place.limits.length, place.id).toBeGreaterThan(0);
      for (const words of [...place.customs, ...place.limits, place.next])
        expect(words, place.id).toMatch(/^[^!—]+[.]$/);
      for (const host of hostsOf(place)) expect(host, place.id).toMatch(/^(?!www\.)[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    }
  });

  test('fit every category somewhere, and their steps for a launch are sane', () => {
    for (const category of categories)
      expect(places.filter((place) => suits(place, category) > 0).length, category).toBeGreaterThan(10);
    const steps = places.flatMap((place) => (place.launch ?? []).map((step) => ({ place, step })));
    expect(steps.length).toBeGreaterThan(20);
    for (const { place, step } of steps) {
      expect(Math.abs(step.days), place.id).toBeLessThanOrEqual(180);
      expect(Number.isInteger(step.days)).toBe(true);
      if (step.makes === 'task') expect(Object.keys(composePages), place.id).toContain(place.platform);
      if (step.at) expect(step.at.time).toMatch(/^[0-2]\d:[0-5]\d$/);
    }
  });
});
