import { type Context, transaction } from '#src/context.ts';
import { accountOfArchive } from '#src/distribute/accounts/imported.ts';
import { keepImportedPublications, knownOnPlatform } from '#src/distribute/publications/imported.ts';
import { keepImportedMetrics } from '#src/measure/metrics/imported.ts';
import {
  isReply,
  keyOf,
  type Placed,
  readAccount,
  readTweet,
  survey,
  tweetFiles,
  wordsOf,
} from '#src/measure/transfers/x-archive/read.ts';
import { keepImportedParts, keepImportedPosts } from '#src/plan/posts/imported.ts';
import { refuse } from '#src/refusal.ts';
import { note, say, stableId, type Transfer } from './store.ts';
import { readElements } from './text.ts';
import { openZip } from './zip-read.ts';

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
