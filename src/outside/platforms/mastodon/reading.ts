/** The account, its numbers and what others wrote to it. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Mention, Outcome, PostMetrics, Profile } from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';
import { failureOf, unreadable } from './errors.ts';
import { pathOf } from './posts.ts';
import { LONG_LENGTH, textOf } from './text.ts';
import {
  accountAnswer,
  instanceAnswer,
  notificationsAnswer,
  read,
  status,
  statusesAnswer,
  type WireStatus,
} from './wire.ts';

/** `GET /api/v1/statuses` shows so many at once. */
const POSTS_AT_ONCE = 20;
const PAGE = '40';
const MOST_PAGES = 20;
const WEEK = 7 * 86_400_000;

/** The signed-in account. Long posts are what its server allows, the same for everyone there. */
export async function profile(web: Web, grant: Grant): Promise<Outcome<Profile>> {
  const answer = await read(web, grant, '/api/v1/accounts/verify_credentials');
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
  const account = accountAnswer.safeParse(answer.json());
  if (!account.success) return { ok: false, failure: unreadable('read', answer) };
  const about = await read(web, grant, '/api/v2/instance');
  if (isNoAnswer(about)) return { ok: false, failure: failureOf('read', about) };
  // Some relatives of Mastodon do not tell: then its defaults are taken.
  const instance = instanceAnswer.safeParse(about.json());
  const domain = instance.success ? instance.data.domain : new URL(grant.apiUrl).host;
  const { id, username, display_name, avatar, followers_count, following_count, statuses_count } = account.data;
  return {
    ok: true,
    value: {
      platformUserId: id,
      handle: `${username}@${domain}`,
      name: display_name || username,
      avatarUrl: avatar ?? null,
      followers: followers_count ?? null,
      following: following_count ?? null,
      posts: statuses_count ?? null,
      longPosts: instance.success && instance.data.configuration.statuses.max_characters >= LONG_LENGTH,
    },
  };
}

/** The counters of these posts; one that is gone is left out. Mastodon counts no impressions and no clicks. */
export async function metrics(web: Web, grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const value: PostMetrics[] = [];
  for (let at = 0; at < platformIds.length; at += POSTS_AT_ONCE) {
    const found = await statusesOf(web, grant, platformIds.slice(at, at + POSTS_AT_ONCE));
    if (!found.ok) return found;
    value.push(...found.value.map(metricsOf));
  }
  return { ok: true, value };
}

/** Replies, mentions, quotes and direct messages after `since`, oldest first; of the last week without it. */
export async function mentions(web: Web, grant: Grant, since: string | null): Promise<Outcome<Mention[]>> {
  const found: Mention[] = [];
  const oldest = Date.now() - WEEK;
  let before: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const answer = await read(web, grant, '/api/v1/notifications', {
      limit: PAGE,
      'types[]': ['mention', 'quote'],
      ...(before === undefined ? {} : { max_id: before }),
    });
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
    const parsed = notificationsAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
    for (const { type, created_at, status: post } of parsed.data) {
      if (post?.id === since || Date.parse(created_at) < oldest) return { ok: true, value: found.reverse() };
      if (post && (type === 'mention' || type === 'quote')) found.push(mentionOf(grant, type, created_at, post));
    }
    before = parsed.data.at(-1)?.id;
    if (before === undefined) break;
  }
  return { ok: true, value: found.reverse() };
}

/** Servers before 4.3, and some relatives, show only one at a time. */
async function statusesOf(web: Web, grant: Grant, ids: readonly string[]): Promise<Outcome<WireStatus[]>> {
  const answer = await read(web, grant, '/api/v1/statuses', { 'id[]': ids });
  if (!isNoAnswer(answer) && [400, 404, 405].includes(answer.status)) return oneByOne(web, grant, ids);
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
  const parsed = statusesAnswer.safeParse(answer.json());
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, failure: unreadable('read', answer) };
}

async function oneByOne(web: Web, grant: Grant, ids: readonly string[]): Promise<Outcome<WireStatus[]>> {
  const value: WireStatus[] = [];
  for (const id of ids) {
    const answer = await read(web, grant, pathOf(id));
    if (!isNoAnswer(answer) && answer.status === 404) continue;
    if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
    const parsed = status.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer) };
    value.push(parsed.data);
  }
  return { ok: true, value };
}

function metricsOf(post: WireStatus): PostMetrics {
  return {
    platformId: post.id,
    impressions: null,
    views: null,
    likes: post.favourites_count ?? null,
    replies: post.replies_count ?? null,
    reposts: post.reblogs_count ?? null,
    quotes: post.quotes_count ?? null,
    bookmarks: null,
    linkClicks: null,
    profileClicks: null,
    follows: null,
  };
}

function mentionOf(grant: Grant, type: 'mention' | 'quote', at: string, post: WireStatus): Mention {
  const { id, acct, display_name, followers_count } = post.account;
  const answersUs = post.in_reply_to_account_id === grant.platformUserId;
  const kind = type === 'quote' ? 'quote' : post.visibility === 'direct' ? 'message' : answersUs ? 'reply' : 'mention';
  const quoted = type === 'quote' ? post.quote?.quoted_status?.id : null;
  return {
    kind,
    platformId: post.id,
    url: post.url ?? post.uri,
    text: textOf(post.content),
    receivedAt: new Date(at),
    replyTo: quoted ?? post.in_reply_to_id ?? null,
    author: { platformUserId: id, handle: acct, name: display_name || null, followers: followers_count ?? null },
  };
}
