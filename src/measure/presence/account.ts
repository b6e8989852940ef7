import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import type { Period, RangeAsked } from '#src/measure/range.ts';
import { outcomesOf } from '#src/measure/returns/outcome.ts';
import { type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import { wilson } from '#src/measure/uncertainty.ts';
import { id } from '#src/operation.ts';
import { type Estimate, estimate, IMPRESSIONS_NEEDED, known, meanOf, unknown } from './estimate.ts';
import { type Published, publishedIn } from './published.ts';

/** Weeks with a follower count at both ends that the growth of a week needs. */
const WEEKS_NEEDED = 4;
/** Below so many a share is not named. */
const SHARE_NEEDED = 30;
/** Posts named for the markers of the chart, and as the best. */
const [MARKED, BEST] = [400, 10];

const days = z.object({ from: z.string(), until: z.string() });
const figure = estimate.extend({ before: z.number().nullable() });
const countShown = z.object({
  value: z.number().nullable(),
  before: z.number().nullable(),
  reason: z.string().nullable(),
});
const shownPost = z.object({
  postId: id,
  title: z.string(),
  at: z.date(),
  day: z.string(),
  format: z.string(),
  impressions: z.number().nullable(),
  engagement: z.number().nullable(),
  /** Removed or archived since; the numbers are the last it had. */
  removed: z.boolean(),
});

export const presenceShown = z.object({
  timeZone: z.string(),
  days,
  previousDays: days.nullable(),
  accounts: z.array(z.object({ accountId: id, platform: z.string(), handle: z.string(), name: z.string() })),
  /** Null: no account is connected. */
  account: z
    .object({
      accountId: id,
      platform: z.string(),
      followers: countShown,
      /** What one week added, on average over the whole weeks of the range. */
      growthPerWeek: estimate,
      followersByDay: z.array(z.object({ day: z.string(), followers: z.number().nullable() })),
      posts: countShown,
      postsPerWeek: z.object({ value: z.number(), before: z.number().nullable() }),
      impressions: countShown,
      engagement: countShown,
      /** Engagement ÷ impressions of the posts of the range whose impressions are told. */
      engagementRate: figure,
      profileClicks: countShown,
      follows: countShown,
      /** Replies among all that went out. */
      replies: z.object({ sent: z.int(), share: estimate }),
      /** Replies, mentions and quotes received in the range, and those answered. */
      received: z.object({ all: z.int(), answered: z.int(), share: estimate }),
      clicks: countShown,
      visits: countShown,
      signups: countShown,
      markers: z.array(z.object({ postId: id, title: z.string(), day: z.string() })),
      best: z.array(shownPost),
    })
    .nullable(),
});

type Asked = { appId: string; accountId?: string | undefined } & RangeAsked;

/**
 * An account over a range of local days. Posts are all that went out on it, also those removed later; clicks, visits and
 * signups are those of the app asked for. Without an account: the one on X with the most followers, else the largest.
 */
export function presence(context: Context, asked: Asked): Promise<z.output<typeof presenceShown>> {
  return transaction(context, async (inside) => {
    if (asked.accountId !== undefined) await accountOf(inside, asked.accountId);
    const scope = await scopeOf(inside, asked);
    const accounts = await accountsOf(inside);
    const account = accounts.find((each) => each.accountId === asked.accountId) ?? accounts[0];
    const ends = ({ days }: Period) => ({ from: days[0] ?? '', until: days.at(-1) ?? '' });
    return {
      timeZone: scope.timeZone,
      days: ends(scope.current),
      previousDays: scope.previous && ends(scope.previous),
      accounts,
      account: account ? await accountShown(inside, scope, account) : null,
    };
  });
}

type Account = { accountId: string; platform: string; handle: string; name: string };

async function accountsOf({ tx, workspaceId }: Inside): Promise<Account[]> {
  const { rows } = await sql<Account>`
    select a.id as account_id, a.platform, a.handle, a.name from accounts a
    left join lateral (
      select followers from account_snapshots s where s.workspace_id = a.workspace_id and s.account_id = a.id
        and s.followers is not null order by s.day desc limit 1
    ) s on true
    where a.workspace_id = ${workspaceId} and a.status <> 'removed'
    order by a.platform = 'x' desc, s.followers desc nulls last, a.connected_at, a.id`.execute(tx);
  return rows;
}

async function accountShown(inside: Inside, scope: Scope, { accountId, platform }: Account) {
  const now = await numbersIn(inside, scope, accountId, scope.current);
  const before = scope.previous && (await numbersIn(inside, scope, accountId, scope.previous));
  const followersByDay = await followersOf(inside, accountId, scope.current);
  const { posts } = now;
  const counted = (name: 'impressions' | 'engagement' | 'profileClicks' | 'follows') =>
    countFor(
      sumOf(posts, name),
      before && sumOf(before.posts, name),
      posts.length === 0 ? 'Nothing went out in this range.' : 'The platform does not tell this, or was not read yet.',
    );
  const rate = rateOf(posts);
  const sent = now.all.length - posts.length;
  return {
    accountId,
    platform,
    followers: countFor(now.followers, before?.followers, 'No follower count is known yet.'),
    growthPerWeek: growthOf(followersByDay.map(({ followers }) => followers)),
    followersByDay,
    posts: countFor(posts.length, before?.posts.length, null),
    postsPerWeek: {
      value: (posts.length * 7) / scope.current.days.length,
      before: before && scope.previous ? (before.posts.length * 7) / scope.previous.days.length : null,
    },
    impressions: counted('impressions'),
    engagement: counted('engagement'),
    engagementRate: { ...rate, before: before && rateOf(before.posts).value },
    profileClicks: counted('profileClicks'),
    follows: counted('follows'),
    replies: { sent, share: shareOf(sent, now.all.length, 'posts and replies') },
    received: { ...now.received, share: shareOf(now.received.answered, now.received.all, 'replies and mentions') },
    clicks: countFor(now.clicks, before?.clicks, null),
    visits: countFor(now.visits, before?.visits, null),
    signups: countFor(now.signups, before?.signups, null),
    markers: posts.slice(-MARKED).map(({ postId, title, day }) => ({ postId, title, day })),
    best: [...posts]
      .filter(({ engagement, impressions }) => engagement !== null || impressions !== null)
      .sort(
        (a, b) =>
          (b.engagement ?? 0) - (a.engagement ?? 0) ||
          (b.impressions ?? 0) - (a.impressions ?? 0) ||
          b.at.getTime() - a.at.getTime(),
      )
      .slice(0, BEST)
      .map(({ postId, title, at, day, format, impressions, engagement, removed }) => ({
        postId,
        title,
        at,
        day,
        format,
        impressions,
        engagement,
        removed,
      })),
  };
}

async function numbersIn(
  inside: Inside,
  { appId, timeZone, currency, model }: Scope,
  accountId: string,
  period: Period,
) {
  const { tx, workspaceId } = inside;
  const { from, until } = period;
  const all = await publishedIn(inside, { accountId, timeZone, from, until });
  const outcome = (await outcomesOf(inside, 'account', { appId, period, currency, model })).get(accountId);
  const { rows } = await sql<{ followers: number | null; all: number; answered: number }>`
    select (select followers from account_snapshots where workspace_id = ${workspaceId} and account_id = ${accountId}
              and followers is not null and day <= ${period.days.at(-1) ?? ''}::date order by day desc limit 1)::float8 as followers,
           count(*)::int as all, count(answered_at)::int as answered
    from inbox_items where workspace_id = ${workspaceId} and account_id = ${accountId}
      and kind in ('reply', 'mention', 'quote') and received_at >= ${from} and received_at < ${until}`.execute(tx);
  const { followers, ...received } = rows[0] ?? { followers: null, all: 0, answered: 0 };
  return {
    all,
    posts: all.filter(({ reply }) => !reply),
    followers,
    received,
    clicks: outcome?.clicks ?? 0,
    visits: outcome?.visits ?? 0,
    signups: outcome?.signups ?? 0,
  };
}

async function followersOf({ tx, workspaceId }: Inside, accountId: string, { days: asked }: Period) {
  const { rows } = await sql<{ day: string; followers: number | null }>`
    select to_char(day, 'YYYY-MM-DD') as day, followers::float8 as followers from account_snapshots
    where workspace_id = ${workspaceId} and account_id = ${accountId}
      and day >= ${asked[0] ?? ''}::date and day <= ${asked.at(-1) ?? ''}::date`.execute(tx);
  const byDay = new Map(rows.map((row) => [row.day, row.followers]));
  return asked.map((day) => ({ day, followers: byDay.get(day) ?? null }));
}

/** What each whole week added, counted back from the last count; a week without a count at an end is left out. */
function growthOf(followers: readonly (number | null)[]): Estimate {
  const last = followers.findLastIndex((each) => each !== null);
  const steps: number[] = [];
  for (let end = last; end - 7 >= 0; end -= 7) {
    const [was, is] = [followers[end - 7], followers[end]];
    if (was != null && is != null) steps.push(is - was);
  }
  return meanOf(steps, WEEKS_NEEDED, 'weeks');
}

function sumOf(
  posts: readonly Published[],
  name: 'impressions' | 'engagement' | 'profileClicks' | 'follows',
): number | null {
  const told = posts.flatMap((post) => post[name] ?? []);
  return told.length === 0 ? null : told.reduce((sum, each) => sum + each, 0);
}

/** Over posts that tell both. The interval holds the posts, not the readers, for chance: readers of one post are alike. */
export function rateOf(posts: readonly Published[]): Estimate {
  const told = posts.flatMap(({ impressions, engagement }) =>
    impressions === null || engagement === null ? [] : [{ impressions, engagement }],
  );
  const seen = told.reduce((sum, { impressions }) => sum + impressions, 0);
  if (posts.length > 0 && told.length === 0)
    return unknown('The platform does not tell impressions, or was not read yet.');
  if (seen < IMPRESSIONS_NEEDED) return unknown(`Not enough data: ${seen} of the 1,000 impressions needed so far.`);
  const value = told.reduce((sum, { engagement }) => sum + engagement, 0) / seen;
  if (told.length < 2) return known(value, null);
  // Of a ratio of sums (Cochran 1977, §2.11), by the spread of the posts around it.
  const around = told.reduce((sum, { impressions, engagement }) => sum + (engagement - value * impressions) ** 2, 0);
  const error = Math.sqrt((told.length * around) / (told.length - 1)) / seen;
  return known(value, { low: Math.max(0, value - 1.96 * error), high: value + 1.96 * error });
}

function shareOf(part: number, all: number, of: string): Estimate {
  if (all < SHARE_NEEDED) return unknown(`Not enough data: ${all} of the ${SHARE_NEEDED} ${of} needed so far.`);
  return known(part / all, wilson(part, all));
}

function countFor(value: number | null, before: number | null | undefined, reason: string | null) {
  return { value, before: before ?? null, reason: value === null ? reason : null };
}
