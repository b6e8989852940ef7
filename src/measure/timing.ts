import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { instantsOf } from '#src/distribute/slots.ts';
import { bestTimes, hourName, postsNeeded, type Slot, type TimedPost } from '#src/measure/best-time.ts';
import { id, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';

/** Most of what a post gets it gets in two days; before that it is not compared with others. */
const SETTLED_HOURS = 48;
/** Posts before and after it, on the same account, that a post is held against. */
const NEIGHBOURS = 10;
/** Older posts spoke to other readers; so many of the newest are looked at. */
const MOST = 2000;

const hourFields = {
  /** Of the week in the workspace's zone, 0 = Monday 00:00. */
  hour: z.int(),
  posts: z.int(),
  /** Typical engagement at this hour ÷ that of a usual hour, drawn towards 1, with its 95% interval. */
  ratio: z.number(),
  low: z.number(),
  high: z.number(),
};
export const bestShown = z.object({
  timeZone: z.string(),
  verdict: z.enum(['best', 'none', 'not_enough_data']),
  posts: z.int(),
  needed: z.int(),
  /** Why no time is named. */
  reason: z.string().nullable(),
  slots: z.array(
    z.object({
      ...hourFields,
      name: z.string(),
      /** 1 = Monday. */
      weekday: z.int(),
      atTime: z.string(),
      nextAt: z.date(),
    }),
  ),
  hours: z.array(z.object(hourFields)),
});

/**
 * The best hours to post on an account, a platform or all accounts. A post's engagement (of its first part: likes,
 * replies, reposts, quotes, bookmarks, as last counted, at least two days after it went out) is held against the median
 * of the ten posts before and after it on the same account, so that neither a growing account nor older posts with more
 * time behind them make a difference. Posts that were removed later count with the last numbers they had.
 */
export function bestTimeFor(
  context: Context,
  wanted: { accountId?: string | undefined; platform?: string | undefined },
): Promise<z.output<typeof bestShown>> {
  return transaction(context, async (inside) => {
    if (wanted.accountId !== undefined) await accountOf(inside, wanted.accountId);
    const { timeZone } = await workspaceOf(inside);
    const found = bestTimes(await timedPosts(inside, timeZone, wanted));
    const now = inside.clock.now();
    const head = { timeZone, posts: found.posts, needed: postsNeeded };
    if (found.verdict === 'not enough data')
      return { ...head, verdict: 'not_enough_data' as const, reason: found.reason, slots: [], hours: [] };
    const hours = found.all.map(flat);
    if (found.verdict === 'none') return { ...head, verdict: 'none' as const, reason: found.reason, slots: [], hours };
    return {
      ...head,
      verdict: 'best' as const,
      reason: null,
      hours,
      slots: found.slots.map((slot) => {
        const weekday = Math.floor(slot.hour / 24) + 1;
        const atTime = `${String(slot.hour % 24).padStart(2, '0')}:00`;
        const next = instantsOf({ weekday, atTime, timeZone }, now).next();
        return { ...flat(slot), name: hourName(slot.hour), weekday, atTime, nextAt: next.value ?? now };
      }),
    };
  });
}

function flat({ hour, posts, ratio, interval }: Slot) {
  return { hour, posts, ratio, low: interval.low, high: interval.high };
}

async function timedPosts(
  { tx, workspaceId }: Inside,
  timeZone: string,
  { accountId, platform }: { accountId?: string | undefined; platform?: string | undefined },
): Promise<TimedPost[]> {
  const { rows } = await sql<{ accountId: string; hour: number; engagement: number }>`
    select u.account_id,
           ((extract(isodow from u.published_at at time zone ${timeZone}) - 1) * 24
             + extract(hour from u.published_at at time zone ${timeZone}))::int as hour,
           (coalesce(m.likes, 0) + coalesce(m.replies, 0) + coalesce(m.reposts, 0) + coalesce(m.quotes, 0)
             + coalesce(m.bookmarks, 0))::float8 as engagement
    from publications u
    join accounts a on a.workspace_id = u.workspace_id and a.id = u.account_id
    join publication_parts part on part.workspace_id = u.workspace_id and part.publication_id = u.id and part.position = 0
    join post_metrics m on m.workspace_id = part.workspace_id and m.publication_part_id = part.id
    where u.workspace_id = ${workspaceId} and u.published_at is not null and u.reply_to is null
      and m.taken_at >= u.published_at + make_interval(hours => ${SETTLED_HOURS})
      and coalesce(m.likes, m.replies, m.reposts, m.quotes, m.bookmarks) is not null
      and ${accountId === undefined ? sql`true` : sql`u.account_id = ${accountId}`}
      and ${platform === undefined ? sql`true` : sql`a.platform = ${platform}`}
    order by u.published_at desc, u.id limit ${MOST}`.execute(tx);
  return [...Map.groupBy(rows, (row) => row.accountId).values()].flatMap((own) =>
    own.map(({ hour, engagement }, index) => {
      const around = [
        ...own.slice(Math.max(0, index - NEIGHBOURS), index),
        ...own.slice(index + 1, index + 1 + NEIGHBOURS),
      ];
      // Half is added so that an account that is seldom answered has a level as well.
      return { hour, engagement: (engagement + 0.5) / (middle(around.map((row) => row.engagement)) + 0.5) };
    }),
  );
}

function middle(values: number[]): number {
  const sorted = values.sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
}

export const timingOperations = {
  best: operation({
    summary: 'Show the best hours of the week to post, of an account, a platform or all, or why none is named.',
    route: 'GET /timing/best',
    access: 'read',
    input: z.strictObject({ accountId: id.optional(), platform: z.string().trim().min(1).max(40).optional() }),
    output: bestShown,
    run: bestTimeFor,
  }),
};
