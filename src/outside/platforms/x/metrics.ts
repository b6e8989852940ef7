/** How the account and its posts are doing. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Cost, Grant, Outcome, PostMetrics, Profile } from '#src/outside/platform.ts';
import { failureOf, unreadable } from './errors.ts';
import { timeOf } from './ids.ts';
import { priceOfProfile } from './prices.ts';
import { read, readOwnTimeline } from './timeline.ts';
import { meAnswer, type WirePost } from './wire.ts';

/** The signed-in account. Followers and the like have no history on X: take a copy each day. */
export async function profile(grant: Grant): Promise<Outcome<Profile>> {
  const answer = await read(grant, '/2/users/me', {
    'user.fields': 'id,name,username,profile_image_url,public_metrics,verified_type,subscription_type',
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('read', answer) };
  const parsed = meAnswer.safeParse(answer.json());
  if (!parsed.success) return { ok: false, failure: unreadable('read', answer), cost: priceOfProfile() };
  const { data } = parsed.data;
  const counts = data.public_metrics;
  return {
    ok: true,
    value: {
      platformUserId: data.id,
      handle: data.username,
      name: data.name,
      avatarUrl: data.profile_image_url ?? null,
      followers: counts?.followers_count ?? null,
      following: counts?.following_count ?? null,
      posts: counts?.post_count ?? counts?.tweet_count ?? null,
      longPosts: !/^(none)?$/i.test(data.subscription_type ?? ''),
    },
    cost: priceOfProfile(),
  };
}

/** X tells clicks only of posts younger than 30 days; an hour is kept for clocks that differ. */
const CLICKS_FOR = (30 * 24 - 1) * 3_600_000;

/**
 * The counters of these posts, read from the own timeline between the oldest and the newest of them. A post that is
 * not there (deleted, or older than the newest 3,200) is left out.
 */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const now = Date.now();
  const young = platformIds.filter((id) => now - timeOf(id).getTime() < CLICKS_FOR);
  const old = platformIds.filter((id) => !young.includes(id));
  const value: PostMetrics[] = [];
  let cost: Cost | undefined;
  for (const [ids, fields] of [
    [young, 'id,text,public_metrics,non_public_metrics'],
    [old, 'id,text,public_metrics'],
  ] as const) {
    if (ids.length === 0) continue;
    const found = await readOwnTimeline(grant, ({ postFields }) => ({ ...around(ids), [postFields]: fields }));
    cost = found.cost && { ...found.cost, micros: found.cost.micros + (cost?.micros ?? 0) };
    if (!found.ok) return { ...found, cost };
    value.push(...found.value.filter((post) => ids.includes(post.id)).map(metricsOf));
  }
  return { ok: true, value, cost };
}

/** Both ends are exclusive on X. */
function around(ids: readonly string[]): { since_id: string; until_id: string } {
  const sorted = ids.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  return { since_id: `${(sorted[0] as bigint) - 1n}`, until_id: `${(sorted.at(-1) as bigint) + 1n}` };
}

function metricsOf(post: WirePost): PostMetrics {
  const shown = post.public_metrics;
  const own = post.non_public_metrics;
  return {
    platformId: post.id,
    impressions: own?.impression_count ?? shown?.impression_count ?? null,
    views: null,
    likes: shown?.like_count ?? null,
    replies: shown?.reply_count ?? null,
    reposts: shown?.repost_count ?? shown?.retweet_count ?? null,
    quotes: shown?.quote_count ?? null,
    bookmarks: shown?.bookmark_count ?? null,
    linkClicks: own?.url_link_clicks ?? null,
    profileClicks: own?.user_profile_clicks ?? null,
    follows: null,
  };
}
