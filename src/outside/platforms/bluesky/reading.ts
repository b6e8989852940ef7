/** The account, its posts and what others make of them. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Mention, Outcome, OwnPost, PostMetrics, Profile } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, unreadable } from './errors.ts';
import { timeOfTid } from './tid.ts';
import {
  notificationsAnswer,
  ownPostRecord,
  ownUri,
  POST,
  pageOf,
  postsAnswer,
  profileAnswer,
  profileRecord,
  query,
  readUri,
  recordsAnswer,
  repoAnswer,
} from './wire.ts';

const PAGE = '100';
const MOST_PAGES = 30;
/** `getPosts` takes so many at once (lexicon app.bsky.feed.getPosts). */
const POSTS_AT_ONCE = 25;
const WEEK = 7 * 86_400_000;

/** The account as the network shows it; as its own server knows it when the network does not (yet). */
export async function profile(web: Web, grant: Grant): Promise<Outcome<Profile>> {
  const answer = await query(web, grant, 'app.bsky.actor.getProfile', { actor: grant.platformUserId });
  if (isNoAnswer(answer) || answer.status !== 200) {
    const failure = failureOf('read', answer);
    // A server without an AppView answers 400 or 501; an AppView that has not met the account, 400.
    return failure.kind === 'refused' ? profileAtHome(web, grant) : { ok: false, failure };
  }
  const parsed = profileAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
  const { did, handle, displayName, avatar, followersCount, followsCount, postsCount } = parsed.data;
  return {
    ok: true,
    value: {
      platformUserId: did,
      handle,
      name: displayName || handle,
      avatarUrl: avatar ?? null,
      followers: followersCount ?? null,
      following: followsCount ?? null,
      posts: postsCount ?? null,
      longPosts: false,
    },
  };
}

/** The account's own posts since then, newest first, from its own server. */
export async function ownPosts(web: Web, grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const found: OwnPost[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const answer = await query(web, grant, 'com.atproto.repo.listRecords', {
      repo: grant.platformUserId,
      collection: POST,
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
    const parsed = recordsAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
    const { records } = parsed.data;
    // What another app wrote out of form is not one of ours.
    for (const { uri, value } of records) {
      const post = ownPostRecord.safeParse(value);
      if (post.success && new Date(post.data.createdAt) >= since)
        found.push({
          platformId: uri,
          url: pageOf(uri),
          text: post.data.text,
          replyTo: post.data.reply?.parent.uri ?? null,
          publishedAt: new Date(post.data.createdAt),
        });
    }
    cursor = parsed.data.cursor;
    const oldest = timeOfTid(readUri(records.at(-1)?.uri ?? '')?.rkey ?? '');
    if (cursor === undefined || records.length === 0 || (oldest && oldest < since)) break;
  }
  return { ok: true, value: found.sort((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime()) };
}

/** The counters of these posts; one that is gone is left out. Bluesky tells no impressions and no clicks. */
export async function metrics(web: Web, grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const value: PostMetrics[] = [];
  for (let at = 0; at < platformIds.length; at += POSTS_AT_ONCE) {
    const asked = new Map(
      platformIds.slice(at, at + POSTS_AT_ONCE).map((id) => [ownUri(grant.platformUserId, id), id] as const),
    );
    const answer = await query(web, grant, 'app.bsky.feed.getPosts', { uris: [...asked.keys()] });
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
    const parsed = postsAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
    for (const post of parsed.data.posts)
      value.push({
        platformId: asked.get(post.uri) ?? post.uri,
        impressions: null,
        views: null,
        likes: post.likeCount ?? null,
        replies: post.replyCount ?? null,
        reposts: post.repostCount ?? null,
        quotes: post.quoteCount ?? null,
        bookmarks: post.bookmarkCount ?? null,
        linkClicks: null,
        profileClicks: null,
        follows: null,
      });
  }
  return { ok: true, value };
}

/** Replies, mentions and quotes after `since`, oldest first; of the last week without it. */
export async function mentions(web: Web, grant: Grant, since: string | null): Promise<Outcome<Mention[]>> {
  const found: Mention[] = [];
  const oldest = Date.now() - WEEK;
  let cursor: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const answer = await query(web, grant, 'app.bsky.notification.listNotifications', {
      limit: PAGE,
      reasons: [...KINDS.keys()],
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
    const parsed = notificationsAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
    for (const { uri, reason, reasonSubject, indexedAt, author, record } of parsed.data.notifications) {
      const receivedAt = new Date(indexedAt);
      if (uri === since || receivedAt.getTime() < oldest) return { ok: true, value: found.reverse() };
      const kind = KINDS.get(reason);
      // An AppView may tell of likes and follows although it was asked for words.
      if (!kind) continue;
      const post = ownPostRecord.safeParse(record);
      found.push({
        kind,
        platformId: uri,
        url: pageOf(uri),
        text: post.success ? post.data.text : '',
        receivedAt,
        replyTo: (post.success && post.data.reply?.parent.uri) || (kind === 'quote' && reasonSubject) || null,
        author: {
          platformUserId: author.did,
          handle: author.handle,
          name: author.displayName || null,
          followers: null,
        },
      });
    }
    cursor = parsed.data.cursor;
    if (cursor === undefined) break;
  }
  return { ok: true, value: found.reverse() };
}

const KINDS = new Map<string, Mention['kind']>([
  ['reply', 'reply'],
  ['mention', 'mention'],
  ['quote', 'quote'],
]);

/** What a server knows of its own account: no followers, they are the network's. */
async function profileAtHome(web: Web, grant: Grant): Promise<Outcome<Profile>> {
  const answer = await query(web, grant, 'com.atproto.repo.describeRepo', { repo: grant.platformUserId });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
  const repo = repoAnswer.safeParse(answer.json());
  if (!repo.success) return { ok: false, failure: unreadable('read', answer) };
  const { did, handle } = repo.data;
  const record = await query(web, grant, 'com.atproto.repo.getRecord', {
    repo: did,
    collection: 'app.bsky.actor.profile',
    rkey: 'self',
  });
  if (isNoAnswer(record)) return { ok: false, failure: failureOf('read', record) };
  // An account that never filled in its profile has no such record.
  const filled = profileRecord.safeParse(record.json());
  const { displayName, avatar } = filled.success ? filled.data.value : {};
  const picture = new URLSearchParams({ did, cid: avatar?.ref.$link ?? '' });
  return {
    ok: true,
    value: {
      platformUserId: did,
      handle,
      name: displayName || handle,
      avatarUrl: avatar ? `${grant.apiUrl}/xrpc/com.atproto.sync.getBlob?${picture}` : null,
      followers: null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}
