import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { accountOfArchive } from '#src/distribute/accounts/imported.ts';
import { keepImportedPublications, knownOnPlatform } from '#src/distribute/publications/imported.ts';
import { keepImportedMetrics } from '#src/measure/metrics/imported.ts';
import { keepImportedParts, keepImportedPosts } from '#src/plan/posts/imported.ts';
import { refuse } from '#src/refusal.ts';
import { note, say, stableId, type Transfer } from './store.ts';
import { readElements } from './text.ts';
import { openZip, type Part, type Zip } from './zip-read.ts';

const account = z.object({
  account: z.object({
    accountId: z.string().max(40),
    username: z.string().max(100),
    accountDisplayName: z.string().max(200).optional(),
  }),
});
const count = z.coerce.number().int().min(0).catch(0);
const tweet = z.object({
  tweet: z.object({
    id_str: z.string().regex(/^\d{1,25}$/),
    full_text: z.string(),
    created_at: z.string(),
    favorite_count: count,
    retweet_count: count,
    in_reply_to_status_id_str: z.string().nullish(),
    in_reply_to_user_id_str: z.string().nullish(),
    entities: z
      .object({
        urls: z.array(z.object({ url: z.string(), expanded_url: z.string() })).catch([]),
        media: z.array(z.object({ url: z.string() })).catch([]),
      })
      .partial()
      .catch({}),
    extended_entities: z
      .object({ media: z.array(z.unknown()).catch([]) })
      .partial()
      .optional()
      .catch(undefined),
  }),
});
const noteTweet = z.object({ noteTweet: z.object({ createdAt: z.string(), core: z.object({ text: z.string() }) }) });
type Tweet = z.output<typeof tweet>['tweet'];

/** Where a post of the account stands: in a thread under another one of its own, or alone. */
type Placed = { root: string; position: number };

const AT_ONCE = 200;

/** What lies in an archive, without bringing anything in. */
export async function previewXArchive(path: string) {
  const zip = await openZip(path);
  try {
    const { username } = await readAccount(zip);
    const all = await survey(zip);
    return { handle: username, ...all.counts };
  } finally {
    zip.close();
  }
}

/**
 * Brings in one's own posts of an X archive as published posts with their likes and reposts, a thread as one post with
 * its parts. Replies to others are kept apart as answers; reposts of others are counted and left out. Ids follow from
 * those of X, so a newer archive adds what is new. Posts that went out by Fanfare are not taken up twice.
 */
export async function importXArchive(context: Context, transfer: Transfer, path: string): Promise<void> {
  const appId = transfer.appId;
  if (!appId) throw refuse('invalid', 'app_missing', 'Say which app these posts are for.');
  const zip = await openZip(path);
  try {
    const owner = await readAccount(zip);
    const { id: accountId, isNew } = await transaction(context, (inside) =>
      accountOfArchive(inside, {
        platform: 'x',
        platformUserId: owner.accountId,
        handle: owner.username,
        name: owner.accountDisplayName ?? owner.username,
      }),
    );
    const { places, counts, long } = await survey(zip);
    const start = transfer.place?.line ?? 0;
    let line = 0;
    let batch: { line: number; text: string }[] = [];
    // Whatever stands first in a thread has to be there before what hangs on it: two rounds over the file.
    for (const round of ['roots', 'threads'] as const) {
      for (const part of tweetFiles(zip))
        for await (const text of readElements(await part.open())) {
          line++;
          if (line <= start) continue;
          batch.push({ line, text });
          if (batch.length < AT_ONCE) continue;
          await take(context, transfer, { appId, accountId, owner: owner.username, places, long, round }, batch);
          batch = [];
        }
      if (batch.length > 0)
        await take(context, transfer, { appId, accountId, owner: owner.username, places, long, round }, batch);
      batch = [];
    }
    await say(context, transfer.id, [
      ...(isNew
        ? [`@${owner.username} is not connected: its posts stand under an account that can be connected later.`]
        : []),
      `${counts.replies} replies to others are kept apart as answers, ${counts.reposts} reposts of others were left out.`,
      ...(counts.media > 0
        ? [`${counts.media} pictures and videos stay in the archive; their posts are here without them.`]
        : []),
      'An archive tells likes and reposts, not views: rates by views stay empty for these posts.',
    ]);
  } finally {
    zip.close();
  }
}

type About = {
  appId: string;
  accountId: string;
  owner: string;
  places: Map<string, Placed>;
  long: Map<string, string>;
  round: 'roots' | 'threads';
};

async function take(
  context: Context,
  transfer: Transfer,
  about: About,
  batch: readonly { line: number; text: string }[],
): Promise<void> {
  const refused: { line: number; reason: string }[] = [];
  const posts = batch.flatMap(({ line, text }) => {
    const read = readTweet(text);
    if ('reason' in read) {
      if (about.round === 'roots') refused.push({ line, reason: read.reason });
      return [];
    }
    const place = about.places.get(read.id_str);
    if (!place || (place.position === 0) !== (about.round === 'roots')) return [];
    const words = about.long.get(keyOf(read)) ?? wordsOf(read);
    if (words.trim() === '') {
      refused.push({ line, reason: 'It has no words of its own.' });
      return [];
    }
    return [{ read, place, words, at: new Date(read.created_at) }];
  });
  await transaction(context, async (inside) => {
    const { appId, accountId, owner } = about;
    const sent = await knownOnPlatform(
      inside,
      accountId,
      posts.map(({ read }) => read.id_str),
    );
    const fresh = posts.filter(({ read }) => !sent.has(read.id_str));
    const rows = fresh.map(({ read, place, words, at }) => ({
      read,
      at,
      part: {
        id: stableId('x', read.id_str, 'part'),
        postId: stableId('x', place.root, 'post'),
        variantId: stableId('x', place.root, 'variant'),
        position: place.position,
        text: words,
        at,
      },
    }));
    const roots = rows.filter(({ part }) => part.position === 0);
    await keepImportedPosts(
      inside,
      { appId, platform: 'x' },
      roots.map(({ read, part }) => ({ id: part.postId, source: isReply(read) ? 'reply' : 'import', first: part })),
    );
    // The first post of a thread may have gone out by Fanfare, or was refused: then there is nothing to hang it on.
    const there = await postsThere(
      inside,
      rows.map(({ part }) => part.postId),
    );
    const kept = rows.filter(({ part }) => there.has(part.postId));
    await keepImportedParts(
      inside,
      kept.map(({ part }) => part),
    );
    await keepImportedPublications(
      inside,
      accountId,
      roots.map(({ part }) => ({
        id: stableId(part.postId, 'publication'),
        postId: part.postId,
        publishedAt: part.at,
      })),
      kept.map(({ read, part, at }) => ({
        id: stableId('x', read.id_str, 'publication part'),
        publicationId: stableId(part.postId, 'publication'),
        position: part.position,
        text: part.text,
        platformId: read.id_str,
        url: `https://x.com/${owner}/status/${read.id_str}`,
        at,
      })),
    );
    await keepImportedMetrics(
      inside,
      kept.map(({ read, part }) => ({
        publicationPartId: stableId('x', read.id_str, 'publication part'),
        postId: part.postId,
        at: inside.clock.now(),
        likes: read.favorite_count,
        reposts: read.retweet_count,
      })),
    );
    const done = kept.length;
    await note(
      inside,
      transfer,
      { step: about.round, line: batch.at(-1)?.line ?? 0 },
      {
        done,
        known: posts.length - done,
        refused,
      },
    );
  });
}

async function postsThere(inside: Parameters<typeof keepImportedParts>[0], ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await inside.tx.selectFrom('posts').select('id').where('id', 'in', ids).execute();
  return new Set(rows.map(({ id }) => id));
}

function readTweet(text: string): Tweet | { reason: string } {
  try {
    const parsed = tweet.safeParse(JSON.parse(text));
    if (!parsed.success) return { reason: 'It is not in the form of a post: id, text or time is missing.' };
    const at = new Date(parsed.data.tweet.created_at).getTime();
    return Number.isFinite(at) ? parsed.data.tweet : { reason: 'Its time cannot be read.' };
  } catch {
    return { reason: 'It is not readable.' };
  }
}

const isRepost = ({ full_text }: Tweet) => /^RT @\w{1,15}: /.test(full_text);
const isReply = ({ in_reply_to_user_id_str, in_reply_to_status_id_str }: Tweet) =>
  Boolean(in_reply_to_user_id_str || in_reply_to_status_id_str);

/** One look over everything: what is what, and which posts are a thread. Ids only, no texts. */
async function survey(zip: Zip) {
  const { accountId } = await readAccount(zip);
  const above = new Map<string, string | null>();
  const long = await readNotes(zip);
  const counts = { posts: 0, threads: 0, replies: 0, reposts: 0, media: 0 };
  for (const part of tweetFiles(zip))
    for await (const text of readElements(await part.open())) {
      const read = readTweet(text);
      if ('reason' in read) continue;
      if (isRepost(read)) counts.reposts++;
      else {
        counts.media += read.extended_entities?.media?.length ?? 0;
        above.set(
          read.id_str,
          read.in_reply_to_user_id_str === accountId ? (read.in_reply_to_status_id_str ?? null) : null,
        );
        if (isReply(read) && read.in_reply_to_user_id_str !== accountId) counts.replies++;
      }
    }
  const places = placesIn(above);
  for (const { position } of places.values())
    if (position === 0) counts.posts++;
    else if (position === 1) counts.threads++;
  counts.posts -= counts.replies;
  return { places, counts, long };
}

/** The first answer to oneself continues a thread; a second one under the same post begins a post of its own. */
function placesIn(above: ReadonlyMap<string, string | null>): Map<string, Placed> {
  const places = new Map<string, Placed>();
  const continued = new Set<string>();
  const byAge = [...above.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  for (const id of byAge) {
    const parent = above.get(id) ?? null;
    const place = parent === null ? undefined : places.get(parent);
    if (parent === null || !place || continued.has(parent)) places.set(id, { root: id, position: 0 });
    else {
      continued.add(parent);
      places.set(id, { root: place.root, position: place.position + 1 });
    }
  }
  return places;
}

function tweetFiles(zip: Zip): Part[] {
  const files = zip.parts.filter(({ name }) => /(^|\/)data\/tweets?(-part\d+)?\.js$/.test(name));
  if (files.length === 0)
    throw refuse(
      'invalid',
      'no_tweets',
      'This is no X archive: data/tweets.js is missing in it. Send the zip file as X made it.',
    );
  const number = ({ name }: Part) => Number(/-part(\d+)/.exec(name)?.[1] ?? 0);
  return files.sort((a, b) => number(a) - number(b));
}

async function readAccount(zip: Zip) {
  const part = zip.parts.find(({ name }) => /(^|\/)data\/account\.js$/.test(name));
  if (!part)
    throw refuse(
      'invalid',
      'no_account',
      'This is no X archive: data/account.js is missing in it. Send the zip file as X made it.',
    );
  for await (const text of readElements(await part.open())) {
    const read = account.safeParse(JSON.parse(text));
    if (read.success) return read.data.account;
  }
  throw refuse('invalid', 'no_account', 'data/account.js does not say whose archive this is.');
}

/** The whole words of long posts, which the list of posts has cut off. */
async function readNotes(zip: Zip): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const part = zip.parts.find(({ name }) => /(^|\/)data\/note-tweet\.js$/.test(name));
  if (!part) return found;
  for await (const text of readElements(await part.open())) {
    const read = noteTweet.safeParse(JSON.parse(text));
    if (read.success)
      found.set(
        keyOf({ created_at: read.data.noteTweet.createdAt, full_text: read.data.noteTweet.core.text }),
        read.data.noteTweet.core.text,
      );
  }
  return found;
}

/** A long post and its short form share the second and how they begin. */
function keyOf({ created_at, full_text }: Pick<Tweet, 'created_at' | 'full_text'>): string {
  return `${Math.floor(Date.parse(created_at) / 1000)} ${unescaped(full_text).replaceAll(/\s+/g, ' ').slice(0, 40)}`;
}

/** The text as it was written: links whole, without those that X puts there for pictures. */
function wordsOf({ full_text, entities }: Tweet): string {
  let text = full_text;
  for (const { url, expanded_url } of entities.urls ?? []) text = text.replaceAll(url, expanded_url);
  for (const { url } of entities.media ?? []) text = text.replaceAll(url, '');
  return unescaped(text).trim();
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
