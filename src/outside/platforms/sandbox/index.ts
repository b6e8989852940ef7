/**
 * The sandbox: a pretend platform without a network, for trying the product, for the demo and for tests. It is honest
 * about what makes publishing hard: it has no idempotency key, it refuses the same text twice within ten minutes, and
 * what it took it keeps, whatever becomes of the caller.
 */
import { createHash, randomInt } from 'node:crypto';
import type { Failure, Grant, Mention, OwnPost, Platform, PublishedPart } from '#src/outside/platform.ts';
import { countText, MAX_LENGTH, URL_LENGTH } from '#src/outside/platforms/x/count.ts';
import { type Audience, idAt, metricsAt, timeOf } from './audience.ts';
import { mentionsOf, since } from './mentions.ts';
import { append, readPosts, type StoredPost } from './store.ts';

export { type Audience, metricsAt } from './audience.ts';

/** Everything of a platform; what it can read it always can. */
export type Sandbox = Platform & {
  ownPosts: NonNullable<Platform['ownPosts']>;
  metrics: NonNullable<Platform['metrics']>;
  mentions: NonNullable<Platform['mentions']>;
};

/**
 * The sandbox with its memory in a folder of its own, made when first needed. The token of a grant is the account's
 * handle: whoever connects chooses it. It counts texts as X does. Nothing has a price. A made-up history brings its own
 * time, and may say whom a text reaches.
 */
export function openSandbox(
  folder: string,
  now: () => Date = () => new Date(),
  audienceOf: (text: string) => Audience | undefined = () => undefined,
): Sandbox {
  return {
    id: 'sandbox',
    name: 'Sandbox',
    limits: {
      length: MAX_LENGTH,
      lengthWithLongPosts: null,
      urlLength: URL_LENGTH,
      threads: true,
      firstReply: true,
      media: {
        images: 4,
        gifs: 1,
        videos: 1,
        mixed: false,
        imageBytes: 5_000_000,
        imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
        gifBytes: 15_000_000,
        videoBytes: 512_000_000,
        videoTypes: ['video/mp4', 'video/quicktime'],
        videoMilliseconds: [500, 140_000],
      },
      altTextLength: 1_000,
      poll: { options: 4, optionLength: 25, minutes: [5, 10_080] },
      replySettings: [],
      community: null,
      title: null,
      rates: [],
    },
    measureText: countText,
    comparable: (text) => text.normalize('NFC').trim(),
    priceOf: () => [],
    oauth: null,
    keys: null,
    refresh: null,
    upload: null,
    uploadState: null,
    idempotentFor: 0,
    repost: null,
    remove: null,

    async profile(grant) {
      const handle = handleOf(grant);
      const userId = userIdOf(grant);
      const own = (await readPosts(folder)).filter((post) => post.userId === userId);
      const at = now();
      const gained = own.reduce((sum, post) => sum + (metricsAt(post.id, at, post.audience).follows ?? 0), 0);
      return {
        ok: true,
        value: {
          platformUserId: userId,
          handle,
          name: handle,
          avatarUrl: null,
          followers: 120 + gained,
          following: 80,
          posts: own.length,
          longPosts: false,
        },
      };
    },

    async publish(grant, part) {
      const { length, left, valid } = countText(part.text);
      if (part.text.trim() === '') return refused('empty', 'The text is empty.');
      if (left < 0) return refused('too_long', `The text has ${length} characters, the sandbox takes ${MAX_LENGTH}.`);
      if (!valid) return refused('invalid_request', 'The text holds a character that cannot be published.');
      if (part.replyTo !== null && !(await isThere(folder, grant, part.replyTo, now())))
        return refused('reply_not_allowed', 'The post this one answers is not there.');
      return add(folder, grant, part, now(), audienceOf(part.text));
    },

    async ownPosts(grant, since) {
      const userId = userIdOf(grant);
      const own = (await readPosts(folder)).filter((post) => post.userId === userId && new Date(post.at) >= since);
      return { ok: true, value: own.sort((a, b) => (BigInt(a.id) > BigInt(b.id) ? -1 : 1)).map(ownPostOf) };
    },

    async metrics(grant, platformIds) {
      const userId = userIdOf(grant);
      const at = now();
      const own = (await readPosts(folder)).filter((post) => post.userId === userId && platformIds.includes(post.id));
      return { ok: true, value: own.map((post) => metricsAt(post.id, at, post.audience)) };
    },

    async mentions(grant, known) {
      const at = now();
      return { ok: true, value: since(await writtenTo(folder, grant, at), known, at) };
    },
  };
}

/**
 * Tells the sandbox of a post in the past, as if it had been published then: for a made-up history such as the demo's.
 * Its counters at any moment since are `metricsAt(platformId, moment)`.
 *
 * @throws when the account posted the same text within ten minutes of it.
 */
export async function addPastPost(
  folder: string,
  grant: Pick<Grant, 'token'>,
  post: { text: string; replyTo: string | null; publishedAt: Date },
): Promise<PublishedPart> {
  const added = await add(folder, grant, post, post.publishedAt);
  if (!added.ok) throw new Error(added.failure.reason);
  return added.value;
}

async function writtenTo(folder: string, grant: Pick<Grant, 'token'>, at: Date): Promise<Mention[]> {
  const userId = userIdOf(grant);
  const own = (await readPosts(folder)).filter((post) => post.userId === userId);
  return mentionsOf(own, handleOf(grant), at);
}

/** Whether there is a post that can be answered: one of an account here, or of the pretend people. */
async function isThere(folder: string, grant: Pick<Grant, 'token'>, id: string, at: Date): Promise<boolean> {
  if ((await readPosts(folder)).some((post) => post.id === id)) return true;
  return (await writtenTo(folder, grant, at)).some((mention) => mention.platformId === id);
}

/** The account's id, which follows from its handle. */
export function userIdOf(grant: Pick<Grant, 'token'>): string {
  return BigInt(`0x${createHash('sha256').update(handleOf(grant)).digest('hex').slice(0, 14)}`).toString();
}

function handleOf(grant: Pick<Grant, 'token'>): string {
  return (
    grant.token
      .toLowerCase()
      .replace(/[^a-z0-9_]/g, '')
      .slice(0, 15) || 'sandbox'
  );
}

type Added = { ok: true; value: PublishedPart } | { ok: false; failure: Failure };

async function add(
  folder: string,
  grant: Pick<Grant, 'token'>,
  part: { text: string; replyTo: string | null },
  at: Date,
  audience?: Audience,
): Promise<Added> {
  const id = idAt(at, randomInt(2 ** 22));
  const text = part.text.normalize('NFC').trim();
  const about = { id, userId: userIdOf(grant), text, replyTo: part.replyTo, at: at.toISOString() };
  const post: StoredPost = audience ? { ...about, audience } : about;
  if (await append(folder, post))
    return { ok: true, value: { platformId: id, url: urlOf(id), publishedAt: timeOf(id) } };
  // As on X: the answer is the same when the first of the two was ours and its answer was lost.
  const reason = 'The sandbox says that a post with this text exists already, so it may have been published.';
  return { ok: false, failure: { kind: 'unknown', code: 'duplicate', reason } };
}

function refused(code: string, reason: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { kind: 'refused', code, reason } };
}

function ownPostOf(post: StoredPost): OwnPost {
  return {
    platformId: post.id,
    url: urlOf(post.id),
    text: post.text,
    replyTo: post.replyTo,
    publishedAt: timeOf(post.id),
  };
}

function urlOf(id: string): string {
  return `sandbox:/posts/${id}`;
}
