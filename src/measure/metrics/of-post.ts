import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { estimate, IMPRESSIONS_NEEDED, known, unknown } from '#src/measure/presence/estimate.ts';
import { wilson } from '#src/measure/uncertainty.ts';
import { id, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays } from '#src/plan/times.ts';
import { notFound } from '#src/refusal.ts';
import { type Counter, counters } from './imported.ts';

const perCounter = z.object(
  Object.fromEntries(counters.map((name) => [name, z.number().nullable()])) as Record<
    Counter,
    z.ZodNullable<z.ZodNumber>
  >,
);
type Counts = Record<Counter, number | null>;

const shown = z.object({
  timeZone: z.string(),
  accounts: z.array(
    z.object({
      accountId: id,
      platform: z.string(),
      handle: z.string(),
      publishedAt: z.date().nullable(),
      /** When it was removed or archived; the numbers are the last it had. */
      removedAt: z.date().nullable(),
      /** Null = never read. */
      takenAt: z.date().nullable(),
      /** The last look, on day 29, was taken. */
      final: z.boolean(),
      /** As last counted, over all its parts; null = this platform does not tell. */
      now: perCounter,
      /** Likes, replies, reposts, quotes and bookmarks ÷ impressions. */
      engagementRate: estimate,
      /** By local day, from the first look to the last: what stood at its end, and what the day added. */
      days: z.array(z.object({ day: z.string(), total: perCounter, gained: perCounter })),
    }),
  ),
});

type Row = Counts & { accountId: string; partId: string; day: string };

/** What the platforms counted for a post, account by account and day by day. */
export function postMetrics(context: Context, { postId }: { postId: string }): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    const { timeZone } = await workspaceOf(inside);
    const post = await inside.tx.selectFrom('posts').select('id').where('id', '=', postId).executeTakeFirst();
    if (!post) throw notFound('post');
    const looks = await looksOf(inside, postId, timeZone);
    const accounts = await newestOf(inside, postId);
    return {
      timeZone,
      accounts: accounts.map(({ accountId, platform, handle, publishedAt, removedAt, takenAt, final, ...now }) => ({
        accountId,
        platform,
        handle,
        publishedAt,
        removedAt,
        takenAt,
        final,
        now,
        engagementRate: engagementRate(now),
        days: daysOf(looks.filter((look) => look.accountId === accountId)),
      })),
    };
  });
}

type Newest = Counts & {
  accountId: string;
  platform: string;
  handle: string;
  publishedAt: Date | null;
  removedAt: Date | null;
  takenAt: Date | null;
  final: boolean;
};

const summed = sql.join(counters.map((name) => sql`sum(${sql.ref(`m.${name}`)})::float8 as ${sql.ref(name)}`));

/** All that stands on an account of the post, also when it was published there more than once. */
async function newestOf({ tx, workspaceId }: Inside, postId: string): Promise<Newest[]> {
  const { rows } = await sql<Newest>`
    select u.account_id, a.platform, a.handle, min(u.published_at) as published_at,
           case when bool_and(u.removed_at is not null or u.archived_at is not null)
             then max(coalesce(u.removed_at, u.archived_at)) end as removed_at,
           max(m.taken_at) as taken_at, coalesce(bool_and(m.final), false) as final, ${summed}
    from publications u
    join accounts a on a.workspace_id = u.workspace_id and a.id = u.account_id
    left join publication_parts part on part.workspace_id = u.workspace_id and part.publication_id = u.id
      and part.state = 'confirmed'
    left join post_metrics m on m.workspace_id = part.workspace_id and m.publication_part_id = part.id
    where u.workspace_id = ${workspaceId} and u.post_id = ${postId} and u.published_at is not null
    group by u.account_id, a.platform, a.handle
    order by min(u.published_at), u.account_id`.execute(tx);
  return rows;
}

/** The last look of each local day at each part. */
async function looksOf({ tx, workspaceId }: Inside, postId: string, timeZone: string): Promise<Row[]> {
  const columns = sql.join(counters.map((name) => sql`${sql.ref(`s.${name}`)}::float8 as ${sql.ref(name)}`));
  const { rows } = await sql<Row>`
    select distinct on (part.id, day) u.account_id, part.id as part_id,
           to_char(s.taken_at at time zone ${timeZone}, 'YYYY-MM-DD') as day, ${columns}
    from publications u
    join publication_parts part on part.workspace_id = u.workspace_id and part.publication_id = u.id
    join metric_snapshots s on s.workspace_id = part.workspace_id and s.publication_part_id = part.id
    where u.workspace_id = ${workspaceId} and u.post_id = ${postId}
    order by part.id, day, s.taken_at desc`.execute(tx);
  return rows;
}

/** Each part keeps its last numbers over days without a look; a day adds what stands at its end less what stood before. */
function daysOf(looks: readonly Row[]) {
  const known = looks.map((look) => look.day).sort();
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return [];
  const byDay = Map.groupBy(looks, (look) => look.day);
  const parts = new Map<string, Row>();
  const days: { day: string; total: Counts; gained: Counts }[] = [];
  for (let day = first; day <= last; day = addDays(day, 1)) {
    for (const look of byDay.get(day) ?? []) parts.set(look.partId, look);
    const before = days.at(-1)?.total;
    const total = countsOf((name) => sum([...parts.values()].map((part) => part[name])));
    const gained = countsOf((name) => {
      const now = total[name];
      return now === null ? null : now - (before?.[name] ?? 0);
    });
    days.push({ day, total, gained });
  }
  return days;
}

function countsOf(of: (name: Counter) => number | null): Counts {
  return {
    impressions: of('impressions'),
    views: of('views'),
    likes: of('likes'),
    replies: of('replies'),
    reposts: of('reposts'),
    quotes: of('quotes'),
    bookmarks: of('bookmarks'),
    linkClicks: of('linkClicks'),
    profileClicks: of('profileClicks'),
    follows: of('follows'),
  };
}

function sum(values: readonly (number | null)[]): number | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((all, each) => all + each, 0);
}

function engagementRate(now: Counts): z.output<typeof estimate> {
  const engaged = sum([now.likes, now.replies, now.reposts, now.quotes, now.bookmarks]);
  if (now.impressions === null || engaged === null)
    return unknown('This platform does not tell impressions, or was not read yet.');
  if (now.impressions < IMPRESSIONS_NEEDED)
    return unknown(`Not enough data: ${now.impressions} of the 1,000 impressions needed so far.`);
  // One reader can do several of these, so that it may pass 1: then there is no interval of a share.
  const share = engaged <= now.impressions ? wilson(engaged, now.impressions) : null;
  return known(engaged / now.impressions, share);
}

export const postMetricsOperations = {
  post: operation({
    summary: 'Show what the platforms counted for a post: every counter by account and day, and the engagement rate.',
    route: 'GET /posts/{postId}/metrics',
    access: 'read',
    input: z.strictObject({ postId: id }),
    output: shown,
    run: postMetrics,
  }),
};
