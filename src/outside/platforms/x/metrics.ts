/** How the account and its posts are doing. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Cost, Grant, Outcome, PostMetrics, Profile } from '#src/outside/platform.ts';
import { failureOf, unreadable } from './errors.ts';
import { timeOf } from './ids.ts';
import { priceOfItem } from './prices.ts';
import { read, readOwnTimeline } from './timeline.ts';
import { meAnswer, type WirePost } from './wire.ts';

/** The signed-in account. Followers and the like have no history on X: take a copy each day. */
export async function profile(grant: Grant): Promise<Outcome<Profile>> {
  const answer = await read(grant, '/2/users/me', {
    'user.fields': 'id,name,username,profile_image_url,public_metrics,subscription_type',
  });
  if (isNoAnswer(answer) || answer.status !== 200) return { ok: false, failure: failureOf('repeatable', answer) };
  const parsed = meAnswer.safeParse(answer.json());
  if (!parsed.success)
    return { ok: false, failure: unreadable('repeatable', answer), cost: priceOfItem('x.user_read') };
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
      // Basic, Premium or PremiumPlus: each may write long posts.
      longPosts: !/^(none)?$/i.test(data.subscription_type ?? ''),
    },
    cost: priceOfItem('x.user_read'),
  };
}

/** X tells clicks only of posts younger than 30 days; an hour is kept for clocks that differ. */
const CLICKS_FOR = (30 * 24 - 1) * 3_600_000;

/**
 * The counters of these posts, read from the own timeline between the oldest and the newest of them. A post that is
 * not there (deleted, or older than the newest 3,200) is left out. Old posts are asked for the public counters only:
 * asked for their clicks, X would leave them out.
 */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const now = Date.now();
  const young = platformIds.filter((id) => now - timeOf(id).getTime() < CLICKS_FOR);
  const first = await countersOf(grant, young, 'public_metrics,non_public_metrics');
  if (!first.ok) return first;
  const old = platformIds.filter((id) => !young.includes(id) || first.value.withheld.has(id));
  const second = await countersOf(grant, old, 'public_metrics');
  const cost = sumOf(first.cost, second.cost);
  if (!second.ok) return { ...second, cost };
  return { ok: true, value: [...first.value.found, ...second.value.found], cost };
}

type Counters = { found: PostMetrics[]; withheld: ReadonlySet<string> };

async function countersOf(grant: Grant, ids: readonly string[], fields: string): Promise<Outcome<Counters>> {
  if (ids.length === 0) return { ok: true, value: { found: [], withheld: new Set() } };
  const timeline = await readOwnTimeline(grant, ({ postFields }) => ({
    ...around(ids),
    [postFields]: `id,text,${fields}`,
  }));
  if (!timeline.ok) return timeline;
  const { posts, withheld } = timeline.value;
  const found = posts.filter((post) => ids.includes(post.id)).map(metricsOf);
  return { ...timeline, value: { found, withheld } };
}

function sumOf(a: Cost | undefined, b: Cost | undefined): Cost | undefined {
  return a && b ? { ...a, micros: a.micros + b.micros } : (a ?? b);
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
