import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import { shift } from '#src/measure/revenue/reporting.ts';

export const costKinds = ['ads', 'api', 'tools', 'time', 'other', 'commissions'] as const;
export type CostKind = (typeof costKinds)[number];

/** What was spent on one thing. `minor` is a decimal in the workspace's currency; null while there is no rate. */
export type Cost = {
  kind: CostKind;
  minor: string | null;
  ownMinor: string;
  ownCurrency: string;
  postId: string | null;
  campaignId: string | null;
  channelId: string | null;
  accountId: string | null;
  affiliateId: string | null;
  minutes: number;
};

type View = { appId: string; period: Period; currency: string; timeZone: string };

/**
 * Everything that was spent in the period: entries, what platforms charged, own minutes at the app's rate (on the day
 * the post first went out, else the day it was made), commissions earned less those taken back. Each at the rate of its
 * day. What platforms charged without a post counts while the workspace has this app alone; with several it is nobody's
 * (`sharedCosts`).
 */
export async function costsOf(inside: Inside, view: View): Promise<Cost[]> {
  return [
    ...(await entries(inside, view)),
    ...(await charged(inside, view)),
    ...(await ownTime(inside, view)),
    ...(await commissions(inside, view)),
  ];
}

/** What platforms charged for none of the posts, where several apps share the accounts; millionths of a US dollar. */
export async function sharedMicros(inside: Inside, view: View): Promise<number> {
  if ((await countApps(inside)) <= 1) return 0;
  const { rows } = await sql<{ micros: string }>`
    select coalesce(sum(spend.micros), 0)::text as micros from ${spending(inside, view)} where spend.post_id is null`.execute(
    inside.tx,
  );
  return Number(rows[0]?.micros ?? 0);
}

/** Minutes of the period that have no price, because the app has no hourly rate. */
export async function unpricedMinutes(inside: Inside, view: View): Promise<number> {
  const { rows } = await sql<{ minutes: number }>`
    select coalesce(sum(post.minutes), 0)::int as minutes from ${timed(inside, view)} where post.rate is null`.execute(
    inside.tx,
  );
  return rows[0]?.minutes ?? 0;
}

/** SQL: from a currency's minor units to the workspace's at the rate of a day, null when none is kept. */
function factor(currency: string, target: string) {
  return sql`(select rate * ${shift(currency, target)}::numeric from rate_of_day(${currency}, ${target}, day))`;
}

async function entries(inside: Inside, view: View): Promise<Cost[]> {
  const { tx, workspaceId } = inside;
  const currencies = await tx
    .selectFrom('costEntries')
    .select('currency')
    .distinct()
    .where('appId', '=', view.appId)
    .execute();
  const rows: Cost[] = [];
  for (const { currency } of currencies) {
    const worth = currency === view.currency ? sql`sum(amount)` : sql`sum(amount * ${factor(currency, view.currency)})`;
    const waits = currency === view.currency ? sql`false` : sql`bool_or(${factor(currency, view.currency)} is null)`;
    // What the ledger of platforms holds is read from there, not twice.
    const found = await sql<Cost & { waits: boolean }>`
      select kind, ${worth}::text as minor, ${waits} as waits, sum(amount)::text as own_minor, ${currency} as own_currency,
        post_id, campaign_id, channel_id, null::uuid as account_id, null::uuid as affiliate_id, sum(minutes)::int as minutes
      from (
        select entry.kind, entry.day, entry.post_id, coalesce(entry.campaign_id, post.campaign_id) as campaign_id,
          entry.channel_id, sum(entry.amount_minor) as amount, coalesce(sum(entry.minutes), 0) as minutes
        from cost_entries entry
        left join posts post on post.workspace_id = entry.workspace_id and post.id = entry.post_id
        where entry.workspace_id = ${workspaceId} and entry.app_id = ${view.appId} and entry.currency = ${currency}
          and entry.source <> 'spend_ledger'
          and entry.day between ${view.period.days[0] ?? ''} and ${view.period.days.at(-1) ?? ''}
        group by 1, 2, 3, 4, 5
      ) spent
      group by kind, post_id, campaign_id, channel_id${currency === view.currency ? sql`` : sql`, day`}`.execute(tx);
    rows.push(...found.rows.map(({ waits: open, ...row }) => ({ ...row, minor: open ? null : row.minor })));
  }
  return rows;
}

function spending({ workspaceId }: Inside, { period }: View) {
  return sql`(
    select spend.micros, (spend.at at time zone 'UTC')::date as day, spend.account_id,
      coalesce(spend.post_id, publication.post_id) as post_id
    from platform_spend spend
    left join attempts attempt on attempt.workspace_id = spend.workspace_id and attempt.id = spend.attempt_id
      and spend.post_id is null
    left join publication_parts part on part.workspace_id = spend.workspace_id and part.id = attempt.publication_part_id
    left join publications publication on publication.workspace_id = spend.workspace_id
      and publication.id = part.publication_id
    where spend.workspace_id = ${workspaceId} and spend.at >= ${period.from} and spend.at < ${period.until}
  ) spend`;
}

async function countApps({ tx }: Inside): Promise<number> {
  const row = await tx
    .selectFrom('apps')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}

async function charged(inside: Inside, view: View): Promise<Cost[]> {
  const { tx, workspaceId } = inside;
  const alone = (await countApps(inside)) <= 1;
  // A millionth of a dollar is a ten-thousandth of a cent.
  const rate = view.currency === 'USD' ? sql`1` : factor('USD', view.currency);
  const { rows } = await sql<Cost>`
    select 'api' as kind, (sum(micros) / 10000.0 * ${rate})::text as minor,
      round(sum(micros) / 10000.0)::text as own_minor, 'USD' as own_currency, post_id, campaign_id,
      channel_id, account_id, null::uuid as affiliate_id, 0 as minutes
    from (
      select spend.micros, spend.day, spend.post_id, post.campaign_id, spend.account_id, place.id as channel_id
      from ${spending(inside, view)}
      left join posts post on post.workspace_id = ${workspaceId} and post.id = spend.post_id
      left join lateral (${placeOfAccount(inside, view, 'spend.account_id')}) place on true
      where post.app_id = ${view.appId} or (spend.post_id is null and ${alone})
    ) spent
    group by day, post_id, campaign_id, channel_id, account_id`.execute(tx);
  return rows;
}

/** SQL: the one channel of the app that stands for the platform of an account, if there is exactly one. */
export function placeOfAccount({ workspaceId }: Inside, { appId }: { appId: string }, column: string) {
  return sql`
    select min(channel.id::text)::uuid as id from accounts account
    join channels channel on channel.workspace_id = account.workspace_id and channel.app_id = ${appId}
      and channel.platform = account.platform
    where account.workspace_id = ${workspaceId} and account.id = ${sql.ref(column)}
    having count(*) = 1`;
}

function timed({ workspaceId }: Inside, { appId, period, timeZone }: View) {
  return sql`(
    select post.id, post.campaign_id, post.minutes_spent as minutes, settings.hourly_rate_minor as rate, out.account_id
    from posts post
    left join tracking_settings settings on settings.workspace_id = post.workspace_id and settings.app_id = post.app_id
    left join lateral (
      select min(publication.published_at) as at,
        case when count(distinct publication.account_id) = 1 then min(publication.account_id::text)::uuid end as account_id
      from publications publication
      where publication.workspace_id = post.workspace_id and publication.post_id = post.id
        and publication.published_at is not null
    ) out on true
    where post.workspace_id = ${workspaceId} and post.app_id = ${appId} and post.minutes_spent > 0
      and (coalesce(out.at, post.created_at) at time zone ${timeZone})::date
        between ${period.days[0] ?? ''}::date and ${period.days.at(-1) ?? ''}::date
  ) post`;
}

async function ownTime(inside: Inside, view: View): Promise<Cost[]> {
  // The hourly rate is in the workspace's currency; each post is rounded half up, as an entry of own time is.
  const { rows } = await sql<Cost>`
    select 'time' as kind, coalesce(floor((post.minutes * post.rate * 2 + 60) / 120), 0)::text as minor,
      coalesce(floor((post.minutes * post.rate * 2 + 60) / 120), 0)::text as own_minor, ${view.currency} as own_currency,
      post.id as post_id, post.campaign_id, null::uuid as channel_id, post.account_id, null::uuid as affiliate_id,
      post.minutes
    from ${timed(inside, view)}`.execute(inside.tx);
  return rows;
}

async function commissions(inside: Inside, view: View): Promise<Cost[]> {
  const { tx, workspaceId } = inside;
  const currencies = await tx
    .selectFrom('commissions')
    .select('currency')
    .distinct()
    .where('appId', '=', view.appId)
    .execute();
  const rows: Cost[] = [];
  for (const { currency } of currencies) {
    const rate = currency === view.currency ? sql`1` : factor(currency, view.currency);
    const found = await sql<Cost>`
      select 'commissions' as kind, (sum(amount) * ${rate})::text as minor, sum(amount)::text as own_minor,
        ${currency} as own_currency, post_id, campaign_id, channel_id, account_id, affiliate_id, 0 as minutes
      from (
        select commission.amount_minor as amount, (commission.earned_at at time zone 'UTC')::date as day,
          touch.post_id, touch.campaign_id, link.channel_id, touch.account_id, commission.affiliate_id
        from commissions commission
        left join touches touch on touch.workspace_id = commission.workspace_id and touch.id = commission.touch_id
        left join links link on link.workspace_id = touch.workspace_id and link.id = touch.link_id
        where commission.workspace_id = ${workspaceId} and commission.app_id = ${view.appId}
          and commission.currency = ${currency} and commission.state in ('earned', 'paid')
          and commission.earned_at >= ${view.period.from} and commission.earned_at < ${view.period.until}
      ) owed
      group by day, post_id, campaign_id, channel_id, account_id, affiliate_id`.execute(tx);
    rows.push(...found.rows);
  }
  return rows;
}
