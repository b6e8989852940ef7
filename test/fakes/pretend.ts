import type {
  Failure,
  Limits,
  Outcome,
  OutgoingMedia,
  OutgoingPart,
  OwnPost,
  Platform,
  PublishedPart,
  Uploaded,
} from '#src/outside/platform.ts';

export type PretendPost = OutgoingPart & { id: string; mediaIds: string[] };

/**
 * A platform in memory on which one can try what the engine has to be able to do for any: media given ahead, polls,
 * keys that it knows again, timelines nobody may read. It does what it is told before (`next…`), else what is asked.
 */
export function openPretend(settings: { limits?: Partial<Limits>; idempotentFor?: number; readable?: boolean } = {}) {
  const posts: PretendPost[] = [];
  const uploads: { id: string; altText: string | null; bytes: number; kind: string; mediaType: string }[] = [];
  const calls: string[] = [];
  const planned: ({ failure: Failure; done?: boolean } | 'throw')[] = [];
  const plannedUploads: (Failure | 'unready' | 'throw')[] = [];
  const profile = { longPosts: true };
  const unready = new Set<string>();
  const during: { upload: (() => Promise<void>) | null } = { upload: null };

  const platform: Platform = {
    id: 'pretend',
    name: 'Pretend',
    limits: { ...LIMITS, ...settings.limits },
    measureText: (text) => ({ length: text.length, valid: true }),
    comparable: (text) => text.trim(),
    priceOf: ({ describedMedia, answersOther }) => [
      answersOther ? { item: 'pretend.reply', micros: 500 } : { item: 'pretend.post', micros: 1_000 },
      ...Array.from({ length: describedMedia }, () => ({ item: 'pretend.described', micros: 200 })),
    ],
    prices: {
      asOf: '2026-11-01',
      source: 'https://pretend.example/prices',
      items: [
        { item: 'pretend.post', micros: 1_000, what: 'A post' },
        { item: 'pretend.reply', micros: 500, what: 'A reply to somebody' },
        { item: 'pretend.described', micros: 200, what: 'The description of a picture' },
      ],
    },
    oauth: null,
    keys: {
      fields: [{ name: 'key', label: 'Key', help: 'Any.', secret: true, example: 'abc' }],
      open: async ({ key }) => ({
        ok: true,
        value: {
          tokens: { access: key ?? '', refresh: null, expiresIn: null, scopes: [] },
          profile: profileOf(profile.longPosts),
          apiUrl: 'https://pretend.example',
        },
      }),
    },
    refresh: null,
    profile: async () => {
      calls.push('profile');
      return { ok: true, value: profileOf(profile.longPosts), cost: { item: 'pretend.profile', micros: 10 } };
    },
    upload: async (_grant, media, step) => {
      calls.push('upload');
      await during.upload?.();
      await step();
      const told = plannedUploads.shift();
      if (told === 'throw') throw new Error('The adapter stumbled.');
      if (told && told !== 'unready') return { ok: false, failure: told, said: 'HTTP 500 no' };
      const id = `m${uploads.length + 1}`;
      uploads.push({ id, altText: media.altText, bytes: (await bytesOf(media)).length, ...shapeOf(media) });
      if (told) unready.add(id);
      const described = media.altText ? { cost: { item: 'pretend.described', micros: 200 } } : {};
      return { ok: true, value: { ...uploaded(id, !told), reusable: true }, ...described };
    },
    uploadState: async (_grant, mediaId): Promise<Outcome<Uploaded>> => {
      calls.push('uploadState');
      return { ok: true, value: uploaded(mediaId, !unready.has(mediaId)) };
    },
    publish: async (_grant, part) => {
      calls.push('publish');
      const told = planned.shift();
      if (told === 'throw') throw new Error('The adapter stumbled.');
      const same = posts.find((post) => post.idempotencyKey === part.idempotencyKey);
      const known = settings.idempotentFor ? same : undefined;
      const cost = platform.priceOf({ text: part.text, describedMedia: 0, answersOther: false })[0];
      if (told && !told.done) return { ok: false, failure: told.failure, said: 'HTTP 503 away' };
      const post = known ?? {
        ...part,
        id: `p${posts.length + 1}`,
        mediaIds: part.media.map((one) => one.uploadedId ?? ''),
      };
      if (!known) posts.push(post);
      if (told) return { ok: false, failure: told.failure, said: 'HTTP 502 lost' };
      return { ok: true, value: publishedOf(post), said: `HTTP 201 ${post.id}`, ...(cost ? { cost } : {}) };
    },
    idOfUrl: (url) => /\/posts\/(\w+)$/.exec(url)?.[1] ?? null,
    idempotentFor: settings.idempotentFor ?? 0,
    ownPosts: settings.readable
      ? async (): Promise<Outcome<OwnPost[]>> => {
          calls.push('ownPosts');
          const own = posts.map((post) => ({ ...publishedOf(post), text: post.text, replyTo: post.replyTo }));
          return { ok: true, value: own.reverse() };
        }
      : null,
    metrics: null,
    mentions: null,
    repost: null,
    remove: null,
  };

  return {
    platform,
    posts,
    uploads,
    calls,
    profile,
    /** What happens elsewhere at the moment of a call. */
    during,
    /** The next call to publish ends like this; `done`: and yet the post is there. */
    nextPublish: (failure: Failure | 'throw', done = false) => {
      planned.push(failure === 'throw' ? failure : { failure, done });
    },
    nextUpload: (told: Failure | 'unready' | 'throw') => {
      plannedUploads.push(told);
    },
    /** What was being converted is ready. */
    convert: () => unready.clear(),
  };
}

const LIMITS: Limits = {
  length: 100,
  lengthWithLongPosts: 1_000,
  urlLength: null,
  threads: true,
  firstReply: true,
  media: {
    images: 2,
    gifs: 1,
    videos: 1,
    mixed: false,
    imageBytes: 40_000,
    imageTypes: ['image/jpeg', 'image/png'],
    gifBytes: 40_000,
    videoBytes: 40_000,
    videoTypes: ['video/mp4'],
    videoMilliseconds: [500, 60_000],
  },
  altTextLength: 200,
  poll: { options: 4, optionLength: 20, minutes: [5, 1_440] },
  replySettings: ['everyone', 'following'],
  community: { label: 'Corner', required: false },
  title: { length: 100, required: false },
  rates: [],
};

function profileOf(longPosts: boolean) {
  const unknown = { avatarUrl: null, followers: null, following: null, posts: null };
  return { platformUserId: 'u1', handle: 'maker', name: 'Maker', ...unknown, longPosts };
}

function uploaded(mediaId: string, ready: boolean): Uploaded {
  return { mediaId, ready, expiresAt: null };
}

function shapeOf({ kind, mediaType }: OutgoingMedia) {
  return { kind, mediaType };
}

async function bytesOf(media: OutgoingMedia): Promise<Uint8Array> {
  const half = Math.floor(media.bytes / 2);
  return Buffer.concat([await media.read(0, half), await media.read(half, media.bytes)]);
}

function publishedOf(post: PretendPost): PublishedPart {
  return { platformId: post.id, url: `https://pretend.example/posts/${post.id}`, publishedAt: post.firstTriedAt };
}
