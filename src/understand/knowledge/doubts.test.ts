import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { conflictsIn, type Doubted, staleness } from './doubts.ts';

const now = new Date('2026-11-20T09:00:00Z');
const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
const fact = (over: Partial<Doubted>): Doubted => ({
  id: 'one',
  kind: 'feature',
  statement: 'It relays webhooks.',
  state: 'proposed',
  source: 'built_in',
  detail: {},
  lastSeenAt: ago(1),
  missingSince: null,
  decidedAt: null,
  ...over,
});
const price = (id: string, detail: Doubted['detail']) =>
  fact({ id, kind: 'pricing', detail: { plan: 'Solo', currency: 'USD', interval: 'month', ...detail } });

describe('what speaks against facts', () => {
  test('two prices of one plan billed alike; another interval or plan is none', () => {
    const others = [price('c', { amount: 90, interval: 'year' }), price('d', { amount: 29, plan: 'Team' })];
    expect(conflictsIn([price('a', { amount: 9 }), price('b', { amount: 12, plan: 'SOLO' }), ...others])).toEqual([
      { factIds: ['a', 'b'], reason: 'Two prices of Solo: 9 and 12.' },
    ]);
    expect(conflictsIn([price('a', { amount: 9 }), { ...price('b', { amount: 12 }), state: 'retired' }])).toEqual([]);
  });

  test('words to say that are words not to say', () => {
    const say = fact({ id: 'a', kind: 'do_say', statement: 'Say “customers”, not “users”.' });
    const avoid = (words: string) => fact({ id: 'b', kind: 'dont_say', statement: `Do not say “${words}”.` });
    expect(conflictsIn([avoid('Customers'), say])).toMatchObject([{ factIds: ['a', 'b'] }]);
    expect(conflictsIn([avoid('users'), say])).toEqual([]);
  });

  test('time: gone from the pages, long unseen, long unasked', () => {
    expect(staleness(fact({}), now)).toBeNull();
    expect(staleness(fact({ missingSince: ago(2) }), now)).toBe('Your pages no longer say it.');
    expect(staleness(fact({ lastSeenAt: ago(90) }), now)).toBe('Last seen 90 days ago.');
    expect(staleness(fact({ source: 'person', lastSeenAt: ago(120), decidedAt: ago(120) }), now)).toBeNull();
    expect(staleness(fact({ source: 'person', decidedAt: ago(200) }), now)).toBe('You said it 200 days ago.');
    expect(staleness(fact({ missingSince: ago(2), state: 'retired' }), now)).toBeNull();
  });
});

describe('at the door', () => {
  let world: TestWorld;
  let maya: Person;
  let appId: string;
  beforeAll(async () => {
    world = await openTestWorld();
    maya = await world.join();
    appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  });
  afterAll(() => world.close());

  test('an empty house has six groups, and none of them is sure', async () => {
    const { groups, conflicts } = await maya.call.knowledge.overview({ appId });
    expect(groups).toHaveLength(6);
    for (const group of groups) expect(group).toMatchObject({ facts: 0, complete: 0, sure: null });
    expect(conflicts).toEqual([]);
  });

  test('a group is as complete as its kinds have facts; a contradiction is shown; a fact knows its posts', async () => {
    const say = { appId, kind: 'do_say', statement: 'Say “tunnel”.' } as const;
    await maya.call.knowledge.add(say);
    await maya.call.knowledge.add({ appId, kind: 'dont_say', statement: 'Do not say “tunnel”.' });
    const { id: factId } = await maya.call.knowledge.add({
      appId,
      kind: 'feature',
      statement: 'It replays 500 events.',
    });
    const { groups, conflicts } = await maya.call.knowledge.overview({ appId });
    expect(groups.find(({ key }) => key === 'how-it-sounds')).toMatchObject({ complete: 0.4, sure: 1, conflicts: 1 });
    expect(conflicts).toMatchObject([
      { reason: '“tunnel” is to be said and not to be said.', facts: [{ kind: 'do_say' }, { kind: 'dont_say' }] },
    ]);
    expect((await maya.call.knowledge.get({ factId })).uses).toEqual({ posts: [], strategyItems: [], audiences: [] });
    const { id: postId } = await maya.call.posts.create({
      appId,
      title: 'Replay',
      variants: [{ platform: 'sandbox', parts: [{ text: 'Replay 1,234 events at once.' }] }],
    });
    const post = await maya.call.posts.get({ postId });
    const claim = post.variants[0]!.parts[0]!.claims[0]!;
    await maya.call.posts.supportClaim({ postId, claimId: claim.id, factId });
    expect((await maya.call.knowledge.get({ factId })).uses.posts).toEqual([
      { id: postId, title: 'Replay', status: 'draft' },
    ]);
  });
});
