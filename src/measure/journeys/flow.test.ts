import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { openIntake } from '#src/measure/events/intake.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { flowOf } from './flow.ts';

const sequences = [
  { done: ['/', '/', '/pricing', 'signup'], visits: 5 },
  { done: ['/', '/docs'], visits: 3 },
  { done: ['/blog', '/', '/pricing'], visits: 2 },
  { done: ['/docs'], visits: 1 },
];

describe('a flow', () => {
  test('begins where visits began, keeps the most frequent and puts the rest together', () => {
    const flow = flowOf(sequences, { steps: 3, top: 1 });
    expect(flow.visits).toBe(11);
    expect(flow.steps).toEqual([
      [
        { what: '/', visits: 8, ended: 0 },
        { what: null, visits: 3, ended: 1 },
      ],
      [
        { what: '/pricing', visits: 5, ended: 0 },
        { what: null, visits: 5, ended: 3 },
      ],
      [
        { what: 'signup', visits: 5, ended: 5 },
        { what: null, visits: 2, ended: 2 },
      ],
    ]);
    expect(flow.links[0]).toEqual({ step: 0, from: '/', to: '/pricing', visits: 5 });
    expect(flow.ways[0]).toEqual({ done: ['/', '/pricing', 'signup'], visits: 5 });
  });

  test('goes from a start to an end, and alone leads up to an end', () => {
    const from = flowOf(sequences, { start: '/', end: '/pricing', steps: 4, top: 5 });
    expect(from.visits).toBe(7);
    expect(from.ways).toEqual([{ done: ['/', '/pricing'], visits: 7 }]);
    const up = flowOf(sequences, { end: '/pricing', steps: 3, top: 5 });
    expect(up.steps.map((step) => step.map(({ what, visits }) => [what, visits]))).toEqual([
      [['/blog', 2]],
      [['/', 7]],
      [['/pricing', 7]],
    ]);
  });

  test('loses nobody: what comes in goes on or ends', () => {
    const { steps, links } = flowOf(sequences, { steps: 3, top: 2 });
    for (const [step, nodes] of steps.entries())
      for (const node of nodes) {
        const on = links.filter((link) => link.step === step && link.from === node.what);
        expect(on.reduce((sum, link) => sum + link.visits, 0) + node.ended).toBe(node.visits);
      }
  });
});

describe('journeys at the door', () => {
  let world: TestWorld;
  let maya: Person;
  beforeAll(async () => {
    world = await openTestWorld({ now: '2026-11-20T10:00:00Z' });
    maya = await world.join();
  });
  afterAll(() => world.close());

  test('are those of people, in the range, and of one’s own app', async () => {
    const { id: appId } = await maya.call.apps.register({ url: 'https://outpost.dev' });
    const { publicKey } = await maya.call.tracking.get({ appId });
    const intake = openIntake(world.world);
    for (const [visitor, kind, path] of [
      [1, 'pageview', '/'],
      [1, 'pageview', '/pricing'],
      [1, 'signup', '/pricing'],
      [2, 'pageview', '/'],
    ] as const) {
      await intake.receive({
        body: { app: publicKey, id: crypto.randomUUID(), kind, url: `https://outpost.dev${path}`, referrer: '' },
        address: `203.0.113.${visitor}`,
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
        doNotTrack: false,
        privacyControl: false,
      } as never);
      world.clock.forward('1 min');
    }
    await intake.close?.();
    await transaction(maya.context, (inside) => addChanges(inside));
    const all = await maya.call.journeys.show({ appId, range: '7d' });
    expect(all).toMatchObject({ visits: 2, oneIn: 1 });
    expect(all.steps[0]).toEqual([{ what: '/', visits: 2, ended: 1 }]);
    const up = await maya.call.journeys.show({ appId, range: '7d', end: 'signup', steps: 3 });
    expect(up.ways).toEqual([{ done: ['/', '/pricing', 'signup'], visits: 1 }]);
    const ada = await world.join('Ada');
    await expect(ada.call.journeys.show({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
