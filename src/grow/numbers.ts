import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { netOfRow } from '#src/measure/attribution/net.ts';
import { reportingCurrency } from '#src/measure/revenue/reporting.ts';

/** Counts of one app in a period. Followers, advocates and what the accounts received are those of the workspace. */
export type Counts = {
  /** Null = the tracker had not sent anything when the period began. */
  visits: number | null;
  signups: number;
  /** Whose first purchase falls in the period. */
  customers: number;
  posts: number;
  failedPosts: number;
  /** Of what was published in the period, as last counted; null = no platform told. */
  impressions: number | null;
  engagement: number | null;
  reposts: number | null;
  bookmarks: number | null;
  /** All connected accounts at the end of the period; null = no count yet. */
  followers: number | null;
  replies: number;
  mentions: number;
  /** Replies, mentions and messages answered. */
  answered: number;
  /** Known at the end of the period. */
  advocates: number;
  /** Confirmed and still on one of the app's lists at the end of the period. */
  subscribers: number;
};

export type Amounts = { currency: string; minor: bigint }[];
export type Money = {
  /** What is left of the payments of the period after tax, refunds and disputes (docs/money.md). */
  paid: Amounts;
  newMrr: Amounts;
  /** At the end of the period: the sum of all movements until then. */
  mrr: Amounts;
};

/** Everything counted from `from` (inclusive) to `until` (exclusive). */
export async function readCounts(inside: Inside, appId: string, from: Date, until: Date): Promise<Counts> {
  const { rows } = await sql<Counts>`
    with out as (
      select u.id, u.state, u.due_at, u.published_at from publications u
      join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id where p.app_id = ${appId}
    ), shown as (
      select m.* from post_metrics m
      join publication_parts t on t.workspace_id = m.workspace_id and t.id = m.publication_part_id
      join out on out.id = t.publication_id and out.published_at >= ${from} and out.published_at < ${until}
    )
    select
      case when exists (select from tracking_settings where app_id = ${appId} and first_event_at < ${until})
        then (select coalesce(sum(visits), 0)::int from traffic_hours where app_id = ${appId} and hour >= ${from} and hour < ${until}) end as visits,
      (select count(*)::int from conversions where app_id = ${appId} and kind = 'signup' and occurred_at >= ${from} and occurred_at < ${until}) as signups,
      (select count(distinct c.customer_id)::int from conversions c where c.app_id = ${appId} and c.kind = 'purchase'
        and c.occurred_at >= ${from} and c.occurred_at < ${until} and not exists (
          select from conversions earlier where earlier.workspace_id = c.workspace_id and earlier.app_id = c.app_id
            and earlier.customer_id = c.customer_id and earlier.kind = 'purchase' and earlier.occurred_at < ${from})) as customers,
      (select count(*)::int from out where published_at >= ${from} and published_at < ${until}) as posts,
      (select count(*)::int from out where state = 'failed' and due_at >= ${from} and due_at < ${until}) as failed_posts,
      (select sum(impressions)::float8 from shown) as impressions,
      (select sum(coalesce(likes, 0) + coalesce(replies, 0) + coalesce(reposts, 0) + coalesce(quotes, 0) + coalesce(bookmarks, 0))::float8 from shown) as engagement,
      (select sum(coalesce(reposts, 0) + coalesce(quotes, 0))::float8 from shown) as reposts,
      (select sum(bookmarks)::float8 from shown) as bookmarks,
      (select sum(s.followers)::float8 from accounts a cross join lateral (
        select followers from account_snapshots s where s.workspace_id = a.workspace_id and s.account_id = a.id
          and s.followers is not null and s.day < (${until}::timestamptz at time zone 'UTC')::date + 1 order by s.day desc limit 1
      ) s where a.status <> 'removed') as followers,
      (select count(*)::int from inbox_items where kind = 'reply' and received_at >= ${from} and received_at < ${until}) as replies,
      (select count(*)::int from inbox_items where kind in ('mention', 'quote') and received_at >= ${from} and received_at < ${until}) as mentions,
      (select count(*)::int from inbox_items where answered_at >= ${from} and answered_at < ${until}) as answered,
      (select count(*)::int from contacts where advocate_since < ${until}) as advocates,
      (select count(distinct s.email)::int from subscribers s
        join mailing_lists l on l.workspace_id = s.workspace_id and l.id = s.mailing_list_id and l.app_id = ${appId}
        where s.confirmed_at < ${until} and (s.ended_at is null or s.ended_at >= ${until})) as subscribers`.execute(
    inside.tx,
  );
  const counts = rows[0];
  if (!counts) throw new Error('A select without a table gives one row.');
  return counts;
}

/** In the workspace's currency at the rates of the days; what still waits for a rate stands apart in its own. */
export async function readMoney(inside: Inside, appId: string, from: Date, until: Date): Promise<Money> {
  const own = await reportingCurrency(inside);
  const { rows } = await sql<{ what: keyof Money; currency: string; minor: string }>`
    with paid as (
      select payment.currency::text as currency, payment.reporting_currency::text as reporting_currency,
             ${netOfRow('payment')} as minor, payment.reporting_rate as rate
      from payments payment
      where payment.workspace_id = ${inside.workspaceId} and payment.app_id = ${appId}
        and payment.paid_at >= ${from} and payment.paid_at < ${until}
    ), moved as (
      select case when currency = ${own} or reporting_currency = ${own} then ${own}::text else currency::text end as currency,
             case when currency = ${own} then amount_minor when reporting_currency = ${own} then reporting_minor
               else amount_minor end as minor,
             kind = 'new' and occurred_at >= ${from} as newly
      from mrr_movements
      where workspace_id = ${inside.workspaceId} and app_id = ${appId} and occurred_at < ${until}
    )
    select 'paid' as what,
           case when currency = ${own} or reporting_currency = ${own} then ${own}::text else currency end as currency,
           round(sum(case when currency <> ${own} and reporting_currency = ${own} then minor * rate else minor end))::text as minor
    from paid group by 2
    union all
    select 'newMrr', currency, sum(minor)::text from moved where newly group by currency
    union all
    select 'mrr', currency, sum(minor)::text from moved group by currency
    order by 2`.execute(inside.tx);
  const of = (what: keyof Money) =>
    rows.filter((row) => row.what === what).map(({ currency, minor }) => ({ currency, minor: BigInt(minor) }));
  return { paid: of('paid'), newMrr: of('newMrr'), mrr: of('mrr') };
}

/** A number as shown: with the one of the period before, and the reason when there is none. */
export const figure = z.object({
  metric: z.string(),
  label: z.string(),
  unit: z.enum(['count', 'money']),
  /** A count, or minor units of `currency`. */
  value: z.string().nullable(),
  before: z.string().nullable(),
  currency: z.string().nullable(),
  reason: z.string().nullable(),
});
export type Figure = z.infer<typeof figure>;

const labels = {
  visits: 'Visits',
  signups: 'Signups',
  customers: 'New paying customers',
  posts: 'Posts published',
  failedPosts: 'Posts that failed',
  impressions: 'Impressions',
  engagement: 'Likes, replies, reposts and bookmarks',
  reposts: 'Reposts and quotes',
  bookmarks: 'Bookmarks',
  followers: 'Followers',
  replies: 'Replies received',
  mentions: 'Mentions and quotes received',
  answered: 'Answered in the inbox',
  advocates: 'Advocates',
  subscribers: 'Newsletter subscribers',
} as const satisfies Record<keyof Counts, string>;
const moneyLabels = { paid: 'Paid', newMrr: 'New recurring revenue', mrr: 'Recurring revenue' } as const;

export type CountMetric = keyof Counts;
export const countMetrics = Object.keys(labels) as [CountMetric, ...CountMetric[]];
export function labelOf(metric: CountMetric): string {
  return labels[metric];
}

export function countFigure(metric: CountMetric, now: Counts, before: Counts): Figure {
  const value = now[metric];
  return {
    metric,
    label: labels[metric],
    unit: 'count',
    value: text(value),
    before: text(before[metric]),
    currency: null,
    reason: value === null ? (missing[metric] ?? 'Not counted yet.') : null,
  };
}

/** One figure for the workspace's currency, then one for each in which money waits for the rate of its day. */
export function moneyFigures(metric: keyof Money, now: Money, before: Money, currency: string): Figure[] {
  const currencies = new Set([
    currency,
    ...now[metric].map((each) => each.currency),
    ...before[metric].map((each) => each.currency),
  ]);
  const amount = (of: Amounts, one: string) => (of.find((each) => each.currency === one)?.minor ?? 0n).toString();
  return [...currencies].map((one) => ({
    metric,
    label: moneyLabels[metric],
    unit: 'money' as const,
    value: amount(now[metric], one),
    before: amount(before[metric], one),
    currency: one,
    reason: null,
  }));
}

const missing: Partial<Record<CountMetric, string>> = {
  visits: 'The tracker on your site has not sent anything yet.',
  followers: 'No connected account has a follower count yet.',
  impressions: 'No platform has told the impressions of these posts yet.',
};

function text(value: number | null): string | null {
  return value === null ? null : String(value);
}
