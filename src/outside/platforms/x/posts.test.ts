import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant, OutgoingMedia, OutgoingPart, ReplySettings } from '#src/outside/platform.ts';
import { contractOfX } from '#test/fakes/x/contract.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { outgoing } from '#test/outgoing.ts';
import { bodyOf, whyUnfit } from './body.ts';
import { x } from './index.ts';
import { PRICES } from './prices.ts';

let fake: FakeX;
let grant: Grant;

beforeEach(async () => {
  fake = await startFakeX();
  grant = { ...fake.connect('maker'), apiUrl: fake.url };
});

afterEach(async () => {
  expect(fake.contractProblems).toEqual([]);
  await fake.close();
});

const COMMUNITY = '1750000000000000000';

async function publish(part: Partial<OutgoingPart> & { text: string }) {
  const outcome = await x.publish(grant, outgoing(part));
  if (!outcome.ok) throw new Error(outcome.failure.reason);
  return outcome.value.platformId;
}

async function refusalOf(part: Partial<OutgoingPart> & { text: string }) {
  const outcome = await x.publish(grant, outgoing(part));
  if (outcome.ok || outcome.failure.kind !== 'refused') throw new Error('it was not refused');
  return outcome.failure;
}

function media(kind: OutgoingMedia['kind'], uploadedId: string | null = '1'): OutgoingMedia {
  return {
    kind,
    mediaType: kind === 'video' ? 'video/mp4' : kind === 'gif' ? 'image/gif' : 'image/png',
    bytes: 1,
    width: 1,
    height: 1,
    milliseconds: null,
    altText: null,
    publicUrl: null,
    uploadedId,
    read: async () => new Uint8Array(1),
  };
}

describe('what a post can carry', () => {
  it('asks in a poll', async () => {
    await publish({ text: 'Tabs or spaces?', poll: { minutes: 1_440, options: ['Tabs', 'Spaces'] } });
    expect(fake.posts()).toMatchObject([{ poll: { options: ['Tabs', 'Spaces'], minutes: 1_440 } }]);
  });

  it('says who may answer, once for the whole thread', async () => {
    const wire: Record<ReplySettings, string | null> = {
      everyone: null,
      following: 'following',
      mentioned: 'mentionedUsers',
      subscribers: 'subscribers',
      verified: 'verified',
    };
    for (const [replySettings, expected] of Object.entries(wire) as [ReplySettings, string | null][]) {
      const id = await publish({ text: `First, ${replySettings}`, replySettings });
      await publish({ text: `Second, ${replySettings}`, replySettings, replyTo: id });
      expect(
        fake
          .posts()
          .slice(-2)
          .map((post) => post.replySettings),
      ).toEqual([expected, null]);
    }
  });

  it('posts into a community, by its number or its address', async () => {
    const first = await publish({ text: 'Hello', community: COMMUNITY });
    await publish({ text: 'And more', community: COMMUNITY, replyTo: first });
    await publish({ text: 'Hello again', community: `https://x.com/i/communities/${COMMUNITY}` });
    expect(fake.posts().map((post) => post.communityId)).toEqual([COMMUNITY, null, COMMUNITY]);
    expect(await refusalOf({ text: 'Hi', community: '5' })).toMatchObject({
      code: 'forbidden',
      reason: expect.stringContaining('a member of it'),
    });
    expect(await refusalOf({ text: 'Hi', community: 'Build in Public' })).toMatchObject({ code: 'community_unknown' });
  });

  it('writes long posts where the account may, and says so where not', async () => {
    const long = 'Long story. '.repeat(100);
    expect(await refusalOf({ text: long })).toMatchObject({
      code: 'forbidden',
      reason: expect.stringContaining('280 characters need X Premium'),
    });
    fake.setUser('maker', { subscriptionType: 'Basic' });
    const me = await x.profile(grant);
    expect(me.ok && me.value.longPosts).toBe(true);
    await publish({ text: long });
    expect(fake.posts()[0]?.text).toBe(long.trim());
  });

  it.each<[string, Partial<OutgoingPart>]>([
    ['media_and_poll', { media: [media('image')], poll: { minutes: 5, options: ['a', 'b'] } }],
    ['media_mix', { media: [media('image'), media('video')] }],
    ['media_mix', { media: [media('gif'), media('gif')] }],
    ['media_mix', { media: Array.from({ length: 5 }, () => media('image')) }],
    ['media_missing', { media: [media('image', null)] }],
    ['poll_options', { poll: { minutes: 5, options: ['only'] } }],
    ['poll_options', { poll: { minutes: 5, options: ['a', 'b', 'c', 'd', 'e'] } }],
    ['poll_options', { poll: { minutes: 5, options: ['a', 'x'.repeat(26)] } }],
    ['poll_options', { poll: { minutes: 5, options: ['a', ' '] } }],
    ['poll_time', { poll: { minutes: 4, options: ['a', 'b'] } }],
    ['poll_time', { poll: { minutes: 10_081, options: ['a', 'b'] } }],
  ])('refuses in words and without a call: %s', async (code, part) => {
    const refusal = await refusalOf({ text: 'Hi', ...part });
    expect(refusal.code).toBe(code);
    expect(refusal.reason).toMatch(/^[A-Z].*\.$/);
    expect(fake.calls).toEqual([]);
  });

  it('keeps what X said for the receipt, without the token', async () => {
    const fine = await x.publish(grant, outgoing({ text: 'Hi' }));
    expect(fine.said).toMatch(/^HTTP 201 \{"data":\{"id":"\d+"/);
    const twice = await x.publish(grant, outgoing({ text: 'Hi' }));
    expect(twice.said).toMatch(/^HTTP 403 .*duplicate content/);
    fake.loseAnswers(1);
    const lost = await x.publish(grant, outgoing({ text: 'Ho' }));
    expect(lost.said).toContain('broke before the answer was complete');
    expect([fine, twice, lost].some((one) => one.said?.includes(grant.token))).toBe(false);
  });

  it.skipIf(!contractOfX())("never sends a body that X's document does not know", () => {
    const contract = contractOfX();
    const some = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
    const kinds = fc.constantFrom<OutgoingMedia['kind']>('image', 'gif', 'video');
    const part = fc.record({
      text: fc.string({ unit: 'grapheme', maxLength: 300 }),
      replyTo: some(fc.constant('1800000000000000000')),
      media: fc.array(
        kinds.map((kind) => media(kind)),
        { maxLength: 2 },
      ),
      poll: some(
        fc.record({
          minutes: fc.integer({ min: 1, max: 10_085 }),
          options: fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 26 }), {
            minLength: 1,
            maxLength: 5,
          }),
        }),
      ),
      community: some(fc.constantFrom(COMMUNITY, ` https://twitter.com/i/communities/${COMMUNITY}/ `, 'a/b')),
      replySettings: some(fc.constantFrom(...x.limits.replySettings)),
    });
    let sent = 0;
    fc.assert(
      fc.property(part, (given) => {
        const whole = outgoing(given);
        if (whyUnfit(whole)) return;
        sent += 1;
        const body: unknown = JSON.parse(JSON.stringify(bodyOf(whole)));
        const query = new URLSearchParams();
        const asked = { method: 'POST', path: '/2/tweets', query, type: 'application/json', body };
        expect(contract?.checkRequest(asked)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
    expect(sent).toBeGreaterThan(100);
  });
});

describe('afterwards', () => {
  it('reposts once, however often it is asked', async () => {
    const id = await publish({ text: 'Evergreen' });
    expect(await x.repost(grant, id)).toEqual({ ok: true, value: null, cost: { item: 'x.repost', micros: 15_000 } });
    expect(await x.repost(grant, id)).toEqual({ ok: true, value: null });
    expect(fake.reposts('maker')).toEqual([id]);
    expect(fake.ledger().map((one) => one.item)).toEqual(['post', 'repost']);
    const own = await x.ownPosts(grant, new Date(Date.now() - 60_000));
    expect(own).toMatchObject({ ok: true, value: [{ platformId: id }], cost: { micros: 1_000 } });
    expect(await x.repost(grant, '5')).toMatchObject({ ok: false, failure: { kind: 'refused', code: 'http_404' } });
    const other = await publish({ text: 'Another' });
    fake.failAfter(1, 503);
    expect(await x.repost(grant, other)).toMatchObject({ failure: { kind: 'later' }, cost: { micros: 15_000 } });
    expect(await x.repost(grant, other)).toEqual({ ok: true, value: null });
  });

  it('removes what is there, and is content with what is not', async () => {
    const id = await publish({ text: 'Oops' });
    expect(await x.remove(grant, id)).toEqual({ ok: true, value: null, cost: { item: 'x.delete', micros: 10_000 } });
    expect(await x.remove(grant, id)).toEqual({ ok: true, value: null });
    expect(await x.remove(grant, '5')).toEqual({ ok: true, value: null });
    expect(fake.posts()).toEqual([]);
    const theirs = fake.addPost({ username: 'friend', text: 'Mine' });
    expect(await x.remove(grant, theirs.id)).toMatchObject({ failure: { kind: 'refused', code: 'forbidden' } });
    const last = await publish({ text: 'Last' });
    fake.loseAnswers(1);
    expect(await x.remove(grant, last)).toMatchObject({ failure: { kind: 'later' }, cost: { micros: 10_000 } });
    expect(await x.remove(grant, last)).toEqual({ ok: true, value: null });
    fake.advance(7_200_001);
    expect(await x.remove(grant, last)).toMatchObject({ failure: { kind: 'reconnect' } });
  });

  it('knows a post by its address', () => {
    for (const host of ['x.com', 'www.x.com', 'twitter.com', 'mobile.twitter.com'])
      expect(x.idOfUrl(`https://${host}/maker/status/1800000000000000000?s=20`)).toBe('1800000000000000000');
    expect(x.idOfUrl('https://x.com/i/web/status/1800000000000000000')).toBe('1800000000000000000');
    for (const other of ['https://x.com/maker', 'https://example.com/maker/status/1', 'x', 'https://x.com/a/status/b'])
      expect(x.idOfUrl(other)).toBe(null);
  });

  it('has a price for everything that costs', () => {
    const listed = PRICES.items.map(({ item }) => item as string);
    const priced = [
      ...x.priceOf({ text: 'a', describedMedia: 2, answersOther: false }),
      ...x.priceOf({ text: 'fanfare.dev', describedMedia: 0, answersOther: true }),
      ...x.priceOf({ text: 'a', describedMedia: 0, answersOther: true }),
    ];
    expect(priced.map(({ micros }) => micros)).toEqual([15_000, 5_000, 5_000, 200_000, 10_000]);
    for (const { item } of priced) expect(listed).toContain(item);
  });
});
