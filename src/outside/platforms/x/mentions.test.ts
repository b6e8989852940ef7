import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { x } from './index.ts';

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

const HOUR = 3_600_000;
const byFriend = (text: string, more: { replyTo?: string; quoteOf?: string; at?: number } = {}) =>
  fake.addPost({ username: 'friend', text, ...more });

it.each(['new', 'old'] as const)(
  'tells replies, quotes and mentions apart, oldest first, in %s words',
  async (words) => {
    fake.speak(words);
    const now = Date.now();
    const own = fake.addPost({ username: 'maker', text: 'We shipped', at: now - 5 * HOUR });
    const reply = byFriend('Congrats & <3', { replyTo: own.id, at: now - 4 * HOUR });
    const quote = byFriend('@maker did it https://fanfare.dev/a', { quoteOf: own.id, at: now - 3 * HOUR });
    const mention = byFriend('Try what @maker makes', { at: now - 2 * HOUR });
    byFriend('Nothing about you', { at: now - HOUR });
    byFriend('@maker long ago', { at: now - 8 * 24 * HOUR });
    fake.addPost({ username: 'maker', text: '@maker is me', at: now - HOUR });

    const author = { platformUserId: '1000002', handle: 'friend', name: 'Finn Friend', followers: 9 };
    const read = await x.mentions(grant, null);
    expect(read).toMatchObject({
      ok: true,
      value: [
        {
          kind: 'reply',
          platformId: reply.id,
          url: `https://x.com/i/web/status/${reply.id}`,
          text: 'Congrats & <3',
          receivedAt: new Date(now - 4 * HOUR),
          replyTo: own.id,
          author,
        },
        { kind: 'quote', platformId: quote.id, text: '@maker did it https://fanfare.dev/a', replyTo: own.id, author },
        { kind: 'mention', platformId: mention.id, replyTo: null, author },
      ],
    });
    // In the old words the parent is a field and needs not come along.
    const billed = fake.ledger().reduce((sum, one) => sum + one.micros, 0);
    expect(billed).toBe(3 * 1_000 + 10_000 + (words === 'new' ? 5_000 : 0));
    expect(read.cost).toEqual({ item: 'x.mentions', micros: billed });

    const later = await x.mentions(grant, reply.id);
    expect(later.ok && later.value.map((one) => one.platformId)).toEqual([quote.id, mention.id]);
  },
);

it('reads all pages, and the whole of long posts', async () => {
  const now = Date.now();
  for (let n = 0; n < 120; n += 1) byFriend(`@maker ${n}`, { at: now - (121 - n) * 1_000 });
  const long = `@maker ${'a long story '.repeat(40)}end`;
  byFriend(long, { at: now });
  const read = await x.mentions(grant, null);
  expect(read.ok && read.value.length).toBe(121);
  expect(read.ok && read.value[0]?.text).toBe('@maker 0');
  expect(read.ok && read.value.at(-1)?.text).toBe(long);
  expect(fake.calls).toEqual(['GET /2/users/1000001/mentions 200', 'GET /2/users/1000001/mentions 200']);
});

it('finds nothing where there is nothing, and waits, asks or refuses where it cannot', async () => {
  expect(await x.mentions(grant, null)).toMatchObject({ ok: true, value: [] });
  fake.failBefore(1, 503, 'read');
  expect(await x.mentions(grant, null)).toMatchObject({ failure: { kind: 'later', code: 'unavailable' } });
  fake.loseAnswers(1, 'read');
  expect(await x.mentions(grant, null)).toMatchObject({ failure: { kind: 'later', code: 'unreachable' } });
  fake.rateLimit(1, 60, 'read');
  expect(await x.mentions(grant, null)).toMatchObject({ failure: { kind: 'later', code: 'rate_limited' } });
  fake.usageCap(true);
  expect(await x.mentions(grant, null)).toMatchObject({ failure: { kind: 'later', code: 'usage_capped' } });
  fake.usageCap(false);
  fake.advance(7_200_001);
  expect(await x.mentions(grant, null)).toMatchObject({ failure: { kind: 'reconnect' } });
});
