/** Who the account is, how its posts are doing, and who answers them. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Mention, Outcome, PostMetrics, Profile } from '#src/outside/platform.ts';
import { failureOf, get, isMissing } from './calls.ts';
import { readList } from './posts.ts';
import { insightsAnswer, meAnswer, type WirePost, wirePost } from './wire.ts';

const WEEK = 7 * 86_400_000;
const METRICS = 'views,likes,replies,reposts,quotes';

/** The signed-in account; followers where the insights say so. */
export async function profile(grant: Grant): Promise<Outcome<Profile>> {
  const fields = 'id,username,name,threads_profile_picture_url';
  const answer = await get(grant, 'me', { fields });
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : meAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const { id, username, name, threads_profile_picture_url: avatarUrl } = parsed.data;
  const counted = await countsOf(grant, `${id}/threads_insights`, 'followers_count');
  return {
    ok: true,
    value: {
      platformUserId: id,
      handle: username,
      name: name || username,
      avatarUrl: avatarUrl ?? null,
      followers: counted.ok ? (counted.value?.get('followers_count') ?? null) : null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}

/** The counters of these posts, one call for each. A post that is gone is left out. */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const value: PostMetrics[] = [];
  for (const platformId of platformIds) {
    const counted = await countsOf(grant, `${platformId}/insights`, METRICS);
    if (!counted.ok) return counted;
    const counts = counted.value;
    if (counts === null) continue;
    value.push({
      platformId,
      impressions: null,
      views: counts.get('views') ?? null,
      likes: counts.get('likes') ?? null,
      replies: counts.get('replies') ?? null,
      reposts: counts.get('reposts') ?? null,
      quotes: counts.get('quotes') ?? null,
      bookmarks: null,
      linkClicks: null,
      profileClicks: null,
      follows: null,
    });
  }
  return { ok: true, value };
}

/** What others answered to our posts of the last week, and where they named us, oldest first. */
export async function mentions(grant: Grant, since: string | null): Promise<Outcome<Mention[]>> {
  const week = new Date(Date.now() - WEEK);
  const start = since === null ? week : ((await timeOf(grant, since)) ?? week);
  const own = await readList(grant, `${grant.platformUserId}/threads`, 'id,timestamp,has_replies', week);
  if (!own.ok) return own;
  const fields = 'id,text,username,permalink,timestamp,replied_to,is_reply_owned_by_me';
  const found: Mention[] = [];
  for (const post of own.value.filter((one) => one.has_replies)) {
    const replies = await readList(grant, `${post.id}/conversation`, fields, start);
    if (!replies.ok) return replies;
    found.push(...replies.value.filter((one) => !one.is_reply_owned_by_me).map((one) => mentionOf(one, 'reply')));
  }
  const named = await readList(grant, `${grant.platformUserId}/mentions`, fields, start);
  if (!named.ok) return named;
  const known = new Set(found.map((one) => one.platformId));
  found.push(...named.value.filter((one) => !known.has(one.id)).map((one) => mentionOf(one, 'mention')));
  const newer = found.filter((one) => one.platformId !== since);
  return { ok: true, value: newer.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime()) };
}

/** Threads shows no id of other people: the name stands for it. */
function mentionOf(post: WirePost, kind: 'reply' | 'mention'): Mention {
  const handle = post.username ?? 'unknown';
  return {
    kind,
    platformId: post.id,
    url: post.permalink ?? null,
    text: post.text ?? '',
    receivedAt: new Date(post.timestamp),
    replyTo: post.replied_to?.id ?? null,
    author: { platformUserId: handle, handle, name: null, followers: null },
  };
}

async function timeOf(grant: Grant, id: string): Promise<Date | null> {
  const answer = await get(grant, id, { fields: 'id,timestamp' });
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : wirePost.safeParse(answer.json());
  return parsed?.success ? new Date(parsed.data.timestamp) : null;
}

async function countsOf(grant: Grant, path: string, metric: string): Promise<Outcome<Map<string, number> | null>> {
  const answer = await get(grant, path, { metric });
  if (!isNoAnswer(answer) && isMissing(answer)) return { ok: true, value: null };
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : insightsAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
  const counts = new Map<string, number>();
  for (const { name, values, total_value } of parsed.data.data) {
    const value = total_value?.value ?? values?.at(-1)?.value;
    if (value !== undefined) counts.set(name, value);
  }
  return { ok: true, value: counts };
}
