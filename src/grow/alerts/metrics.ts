import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { netOfRow } from '#src/measure/attribution/net.ts';
import { shift } from '#src/measure/revenue/reporting.ts';

export const alertMetrics = [
  'visits',
  'signups',
  'conversionRate',
  'revenue',
  'mrr',
  'churnRate',
  'refunds',
  'cost',
  'budgetUsed',
  'followers',
  'failedPosts',
  'replies',
  'mentions',
  'inboxWaiting',
] as const;
export type AlertMetric = (typeof alertMetrics)[number];

/**
 * sum: added up over the window. moment: as it stands. rate: percent, part on base, both over the window, or the base as it
 * stands when the window begins.
 */
type Shape = 'sum' | 'moment' | 'rate' | 'rateOfStart';
export type MetricMeta = {
  label: string;
  shape: Shape;
  unit: 'count' | 'money' | 'percent';
  /** Of a rate: what its base counts, for the sentence that says what is missing. */
  of?: string;
  /** The table the rows stand in. */
  table: string;
  /** Where one looks closer, and what one can do, each way it can go. */
  path: string;
  advice: { above: string; below: string };
};

/** A rate on fewer says nothing. */
export const baseNeeded = 30;

const look = 'Look at where it comes from, and at what happened around that day.';
export const metricMeta: Record<AlertMetric, MetricMeta> = {
  visits: {
    label: 'Visits',
    shape: 'sum',
    unit: 'count',
    table: 'traffic_days',
    path: '/analytics',
    advice: {
      above: 'See where the visitors come from and answer there while they are reading.',
      below:
        'Check that the tracker is still on the site and the site can be reached; then look at which source is missing.',
    },
  },
  signups: {
    label: 'Signups',
    shape: 'sum',
    unit: 'count',
    table: 'conversions',
    path: '/analytics',
    advice: {
      above: 'See which source and which post brought them, and do that again.',
      below: 'Sign up yourself once to see that the form works; then compare visits and the signup rate.',
    },
  },
  conversionRate: {
    label: 'Signup rate',
    shape: 'rate',
    unit: 'percent',
    of: 'visits',
    table: 'traffic_days',
    path: '/funnels',
    advice: {
      above: 'See which page or source converts better now.',
      below: 'Look at the funnel: at which step do people leave who did not leave before?',
    },
  },
  revenue: {
    label: 'Revenue',
    shape: 'sum',
    unit: 'money',
    table: 'payments',
    path: '/revenue',
    advice: { above: look, below: 'Check that the payment provider still reports, then look at failed payments.' },
  },
  mrr: {
    label: 'Recurring revenue',
    shape: 'moment',
    unit: 'money',
    table: 'mrr_movements',
    path: '/revenue',
    advice: { above: look, below: 'See who left, and ask them why while they remember.' },
  },
  churnRate: {
    label: 'Churn',
    shape: 'rateOfStart',
    unit: 'percent',
    of: 'paying subscriptions',
    table: 'subscriptions',
    path: '/revenue',
    advice: { above: 'See who left, and ask them why while they remember.', below: look },
  },
  refunds: {
    label: 'Refunds and disputes',
    shape: 'sum',
    unit: 'count',
    table: 'refunds',
    path: '/revenue',
    advice: {
      above: 'Read the reasons, and answer disputes before their deadline at the payment provider.',
      below: look,
    },
  },
  cost: {
    label: 'Marketing cost',
    shape: 'sum',
    unit: 'money',
    table: 'cost_entries',
    path: '/returns',
    advice: { above: 'See which campaign spends, and what it brought for it.', below: look },
  },
  budgetUsed: {
    label: 'Budget used by the fullest active campaign',
    shape: 'moment',
    unit: 'percent',
    table: 'cost_entries',
    path: '/strategy',
    advice: { above: 'Pause the campaign, or give it more if it pays for itself.', below: look },
  },
  followers: {
    label: 'Followers',
    shape: 'moment',
    unit: 'count',
    table: 'account_snapshots',
    path: '/presence',
    advice: {
      above: 'Say thank you, and show newcomers what the app is for.',
      below: 'Look at what was posted on the days they left.',
    },
  },
  failedPosts: {
    label: 'Posts that failed',
    shape: 'sum',
    unit: 'count',
    table: 'publications',
    path: '/posts',
    advice: {
      above: 'Open the posts: the platform’s reason stands beside each. Often an account has to be connected again.',
      below: look,
    },
  },
  replies: {
    label: 'Replies received',
    shape: 'sum',
    unit: 'count',
    table: 'inbox_items',
    path: '/inbox',
    advice: { above: 'Answer while the conversation is going.', below: look },
  },
  mentions: {
    label: 'Mentions and quotes received',
    shape: 'sum',
    unit: 'count',
    table: 'inbox_items',
    path: '/inbox',
    advice: { above: 'Read what is being said, and answer.', below: look },
  },
  inboxWaiting: {
    label: 'Unread in the inbox',
    shape: 'moment',
    unit: 'count',
    table: 'inbox_items',
    path: '/inbox',
    advice: { above: 'Ten minutes in the inbox: questions first.', below: look },
  },
};

/** How the numbers of an alert are meant; money is in minor units of the workspace's currency. */
export function unitOf(kind: string, metric: string | null): MetricMeta['unit'] {
  const known = alertMetrics.find((one) => one === metric);
  return kind === 'threshold' && known ? metricMeta[known].unit : 'count';
}

/** One local day; null = not measured then. `base` only of rates. */
export type Day = { day: string; part: number | null; base: number | null };

/** Each local day from `first` to `last`, both included, as it stood at its end (or stands now). */
export async function readMetricDays(
  inside: Inside,
  metric: AlertMetric,
  of: { appId: string; timeZone: string; currency: string; first: string; last: string },
): Promise<Day[]> {
  const spent = await inside.tx
    .selectFrom('costEntries')
    .select('currency')
    .distinct()
    .where('appId', '=', of.appId)
    .execute();
  const currencies = spent.map(({ currency }) => currency);
  const { rows } = await sql<{ day: string; part: number | null; base: number | null }>`
    with days as (
      select d::date as day, d at time zone ${of.timeZone} as starts, (d + interval '1 day') at time zone ${of.timeZone} as ends
      from generate_series(${of.first}::date::timestamp, ${of.last}::date::timestamp, interval '1 day') d
    )
    select d.day::text as day, v.part::float8 as part, v.base::float8 as base from days d
    cross join lateral (${partAndBase(metric, of.appId, of.currency, currencies)}) v(part, base) order by d.day`.execute(
    inside.tx,
  );
  return rows;
}

function partAndBase(
  metric: AlertMetric,
  appId: string,
  currency: string,
  spent: readonly string[],
): RawBuilder<unknown> {
  const within = (column: string) => sql`${sql.ref(column)} >= d.starts and ${sql.ref(column)} < d.ends`;
  const tracked = sql`exists (select from tracking_settings where app_id = ${appId} and first_event_at < d.ends)`;
  const items = (kinds: string[]) =>
    sql`select count(*), null from inbox_items where kind = any(${kinds}) and ${within('received_at')}`;
  switch (metric) {
    case 'visits':
      return sql`select case when ${tracked} then coalesce(sum(visits), 0) end, null from traffic_days
        where app_id = ${appId} and dimension = 'total' and traffic_days.day = d.day`;
    case 'signups':
      return sql`select count(*), null from conversions where app_id = ${appId} and kind = 'signup' and ${within('occurred_at')}`;
    case 'conversionRate':
      return sql`select coalesce(sum(signups), 0), coalesce(sum(visits), 0) from traffic_days
        where app_id = ${appId} and dimension = 'total' and traffic_days.day = d.day`;
    case 'revenue':
      return sql`select case when exists (select from payments where app_id = ${appId} and paid_at < d.ends) then coalesce(round(sum(
          case when p.currency <> ${currency} and p.reporting_currency = ${currency} then ${netOfRow('p')} * p.reporting_rate else ${netOfRow('p')} end)), 0) end, null
        from payments p where p.app_id = ${appId} and ${within('p.paid_at')} and ${currency} in (p.currency, p.reporting_currency)`;
    case 'mrr':
      return sql`select sum(case when currency = ${currency} then amount_minor else reporting_minor end), null from mrr_movements
        where app_id = ${appId} and occurred_at < d.ends and ${currency} in (currency, reporting_currency)`;
    case 'churnRate':
      return sql`select count(*) filter (where ended_at >= d.starts and ended_at < d.ends),
          count(*) filter (where ended_at is null or ended_at >= d.starts)
        from subscriptions where app_id = ${appId} and first_paid_at < d.starts`;
    case 'refunds':
      return sql`select count(*), null from refunds where app_id = ${appId} and kind in ('refund', 'dispute')
        and status <> 'failed' and ${within('refunded_at')}`;
    case 'cost':
      return sql`select case when exists (select from cost_entries where app_id = ${appId}) then coalesce(round(sum(${inOwn(currency, spent)})), 0) end, null
        from cost_entries e where e.app_id = ${appId} and e.day = d.day`;
    case 'budgetUsed':
      return sql`select max(100 * coalesce((select sum(e.amount_minor) from cost_entries e
          where e.campaign_id = c.id and e.workspace_id = c.workspace_id and e.currency = c.currency and e.day <= d.day), 0) / c.budget_minor), null
        from campaigns c where c.app_id = ${appId} and c.status = 'active' and c.budget_minor > 0 and c.created_at < d.ends`;
    case 'followers':
      return sql`select sum(s.followers), null from accounts a cross join lateral (
          select followers from account_snapshots s where s.workspace_id = a.workspace_id and s.account_id = a.id
            and s.followers is not null and s.day <= d.day order by s.day desc limit 1) s
        where a.status <> 'removed'`;
    case 'failedPosts':
      return sql`select count(*), null from publications u join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
        where p.app_id = ${appId} and u.state = 'failed' and ${within('u.due_at')}`;
    case 'replies':
      return items(['reply']);
    case 'mentions':
      return items(['mention', 'quote']);
    case 'inboxWaiting':
      return sql`select count(*), null from inbox_items where received_at < d.ends and coalesce(least(read_at, answered_at), 'infinity') >= d.ends`;
  }
}

/** SQL: an entry of cost in the workspace's currency by the rate of its day; null, and so left out, while none is kept. */
function inOwn(currency: string, spent: readonly string[]): RawBuilder<unknown> {
  const cases = spent
    .filter((one) => one !== currency)
    .map(
      (one) => sql`when ${one} then e.amount_minor * ${shift(one, currency)}::numeric
        * (select rate from rate_of_day(${one}, ${currency}, e.day))`,
    );
  return sql`case e.currency::text when ${currency} then e.amount_minor ${sql.join(cases, sql` `)} end`;
}
