import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { isVisitDimension, joinSeen, keepVisits, seenAs, type VisitDimension, visitDimensions } from './visits.ts';

export const dimensions = [
  'total',
  'channel',
  'source',
  'way',
  'post',
  'campaign',
  'account',
  'affiliate',
  'link',
] as const;
export type Dimension = (typeof dimensions)[number];

/** Values of a dimension that name nothing: no touch at all, and a touch without one of these. */
export const UNATTRIBUTED = '?';
export const WITHOUT = '';

/** SQL: what a credit went to, for rows of `credits credit` left joined with `touches touch` and the visit (`joinSeen`). */
export function creditedTo(dimension: Dimension | VisitDimension): RawBuilder<string> {
  if (isVisitDimension(dimension))
    return sql<string>`case when touch.id is null then ${sql.lit(UNATTRIBUTED)} else ${seenAs(dimension)} end`;
  const known: Record<Dimension, RawBuilder<string>> = {
    total: sql`''`,
    channel: sql`coalesce(credit.channel, '')`,
    source: sql`touch.source`,
    way: sql`coalesce(touch.link_id::text, touch.referrer_host, '')`,
    post: sql`coalesce(credit.post_id::text, '')`,
    campaign: sql`coalesce(credit.campaign_id::text, '')`,
    account: sql`coalesce(touch.account_id::text, '')`,
    affiliate: sql`coalesce(touch.affiliate_id::text, '')`,
    link: sql`coalesce(touch.link_id::text, '')`,
  };
  return sql<string>`case when touch.id is null then ${sql.lit(UNATTRIBUTED)} else ${known[dimension]} end`;
}

type Which = { conversionIds: readonly string[]; models?: readonly string[] };

/** Adds the credits of these conversions to the totals of their days. In the transaction that wrote them. */
export async function countCredits(inside: Inside, which: Which): Promise<void> {
  if (which.conversionIds.length > 0) await add(inside, chosen(which), 1);
}

/** Takes the credits of these conversions out of the totals again: before they are changed or go. */
export async function uncountCredits(inside: Inside, which: Which): Promise<void> {
  if (which.conversionIds.length > 0) await add(inside, chosen(which), -1);
}

/** What is left of a payment has changed: each credit by so much. In the transaction that changes it. */
export async function countNetChange(
  { tx, workspaceId }: Inside,
  changes: readonly { creditId: string; by: bigint }[],
): Promise<void> {
  if (changes.length === 0) return;
  const rows = JSON.stringify(changes.map(({ creditId, by }) => ({ id: creditId, by: String(by) })));
  await sql`
    update credit_days total set net_minor = total.net_minor + change.minor
    from (
      select credit.app_id, each.dimension, credit.counted_day as day, credit.model, each.value, credit.currency::text as currency,
        sum(changed.by) as minor
      from jsonb_to_recordset(${rows}::jsonb) as changed (id uuid, by numeric)
      join credits credit on credit.workspace_id = ${workspaceId} and credit.id = changed.id and credit.counted_day is not null
      join conversions conversion on conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id
      left join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id ${joinSeen}
      cross join lateral (values ${everyDimension()}) each (dimension, value)
      group by 1, 2, 3, 4, 5, 6
    ) change
    where total.workspace_id = ${workspaceId} and total.app_id = change.app_id and total.dimension = change.dimension
      and total.day = change.day and total.model = change.model and total.value = change.value
      and total.currency = change.currency`.execute(tx);
}

/** Credits and their totals are written by one at a time, so that two never wait for each other crosswise. */
export async function oneAtATime({ tx, workspaceId }: Inside): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fanfare.credits ${workspaceId}`}, 0))`.execute(tx);
}

/** Counts everything of an app anew when its totals are not by the workspace's days: after an upgrade, a new zone. */
export async function ensureCounted(inside: Inside, appId: string): Promise<boolean> {
  const { tx, workspaceId, clock } = inside;
  const { timeZone } = await workspaceOf(inside);
  const known = await tx.selectFrom('creditZones').select('timeZone').where('appId', '=', appId).executeTakeFirst();
  if (known?.timeZone === timeZone) return false;
  await tx.deleteFrom('creditDays').where('appId', '=', appId).execute();
  await tx.deleteFrom('journeyDays').where('appId', '=', appId).execute();
  await sql`
    update credits credit set converted_at = conversion.occurred_at, window_days = coalesce(credit.window_days, (
        select attribution_window_days from tracking_settings settings
        where settings.workspace_id = credit.workspace_id and settings.app_id = credit.app_id), 30),
      first_purchase = conversion.kind = 'purchase' and ${isFirst}
    from conversions conversion
    where credit.workspace_id = ${workspaceId} and credit.app_id = ${appId} and credit.converted_at is null
      and conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id`.execute(tx);
  await sql`update credits set counted_day = (converted_at at time zone ${timeZone})::date
    where workspace_id = ${workspaceId} and app_id = ${appId}`.execute(tx);
  await add(inside, sql`credit.app_id = ${appId}`, 1);
  await tx
    .insertInto('creditZones')
    .values({ workspaceId, appId, timeZone, countedAt: clock.now() })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId']).doUpdateSet({ timeZone, countedAt: clock.now() }))
    .execute();
  return true;
}

/** A customer is won by their first purchase, whichever was told first: puts the marks of these customers right. */
export async function markFirstPurchases(inside: Inside, customerIds: readonly string[]): Promise<void> {
  if (customerIds.length === 0) return;
  const { tx, workspaceId } = inside;
  const { rows } = await sql<{ id: string; first: boolean }>`
    select conversion.id, ${isFirst} as first from conversions conversion
    where conversion.workspace_id = ${workspaceId} and conversion.customer_id = any(${[...customerIds]}::uuid[])
      and conversion.kind = 'purchase' and exists (
        select from credits credit where credit.workspace_id = conversion.workspace_id
          and credit.conversion_id = conversion.id and credit.first_purchase <> ${isFirst})`.execute(tx);
  if (rows.length === 0) return;
  const conversionIds = rows.map((row) => row.id);
  await uncountCredits(inside, { conversionIds });
  for (const { id, first } of rows)
    await tx.updateTable('credits').set({ firstPurchase: first }).where('conversionId', '=', id).execute();
  await countCredits(inside, { conversionIds });
}

/** A purchase of nobody known is somebody of its own. */
const isFirst = sql<boolean>`not exists (
  select from conversions earlier where earlier.workspace_id = conversion.workspace_id
    and earlier.customer_id = conversion.customer_id and earlier.kind = 'purchase'
    and (earlier.occurred_at, earlier.id) < (conversion.occurred_at, conversion.id))`;

export { isFirst as isFirstPurchase };

function chosen({ conversionIds, models }: Which): RawBuilder<boolean> {
  const ids = sql<boolean>`credit.conversion_id = any(${[...conversionIds]}::uuid[])`;
  return models ? sql<boolean>`${ids} and credit.model = any(${[...models]})` : ids;
}

/** By what the visit was like only money is counted. */
function everyDimension(): RawBuilder<unknown> {
  return sql.join([
    ...dimensions.map((dimension) => sql`(${sql.lit(dimension)}, ${creditedTo(dimension)})`),
    ...visitDimensions.map(
      (dimension) =>
        sql`(${sql.lit(dimension)}, case when conversion.kind = 'purchase' then ${creditedTo(dimension)} end)`,
    ),
  ]);
}

async function add(inside: Inside, where: RawBuilder<boolean>, sign: 1 | -1): Promise<void> {
  const { tx, workspaceId } = inside;
  const times = sql.lit(sign);
  if (sign === 1) await keepVisits(inside, where);
  // Rows in the order of their keys. Money is that of purchases: the worth of a goal is nobody's revenue.
  await sql`
    insert into credit_days as total (workspace_id, app_id, dimension, day, model, value, currency, signups, trials, goals,
                                      purchases, customers, conversions, amount_minor, net_minor)
    select credit.workspace_id, credit.app_id, each.dimension, credit.counted_day, credit.model, each.value,
      case when conversion.kind = 'purchase' then coalesce(credit.currency::text, '') else '' end as currency,
      ${times} * coalesce(sum(credit.share) filter (where conversion.kind = 'signup'), 0)::float8,
      ${times} * coalesce(sum(credit.share) filter (where conversion.kind = 'trial'), 0)::float8,
      ${times} * coalesce(sum(credit.share) filter (where conversion.kind = 'goal'), 0)::float8,
      ${times} * coalesce(sum(credit.share) filter (where conversion.kind = 'purchase'), 0)::float8,
      ${times} * coalesce(sum(credit.share) filter (where credit.first_purchase), 0)::float8,
      ${times} * count(distinct credit.conversion_id),
      ${times} * coalesce(sum(credit.amount_minor) filter (where conversion.kind = 'purchase'), 0),
      ${times} * coalesce(sum(credit.net_minor) filter (where conversion.kind = 'purchase'), 0)
    from credits credit
    -- One by one by their keys: beside tables of which nothing is known yet another order can take minutes.
    cross join lateral (
      select kind from conversions where conversions.workspace_id = credit.workspace_id
        and conversions.id = credit.conversion_id offset 0) conversion
    left join lateral (
      select * from touches where touches.workspace_id = credit.workspace_id and touches.id = credit.touch_id offset 0
    ) touch on true
    left join lateral (
      select * from credit_visits where credit_visits.workspace_id = credit.workspace_id
        and credit_visits.touch_id = credit.touch_id offset 0
    ) seen on true
    cross join lateral (values ${everyDimension()}) each (dimension, value)
    where credit.workspace_id = ${workspaceId} and credit.counted_day is not null and each.value is not null and ${where}
    group by 1, 2, 3, 4, 5, 6, 7
    order by 1, 2, 3, 4, 5, 6, 7
    on conflict (workspace_id, app_id, dimension, day, model, value, currency) do update set
      signups = total.signups + excluded.signups, trials = total.trials + excluded.trials,
      goals = total.goals + excluded.goals, purchases = total.purchases + excluded.purchases,
      customers = total.customers + excluded.customers, conversions = total.conversions + excluded.conversions,
      amount_minor = total.amount_minor + excluded.amount_minor, net_minor = total.net_minor + excluded.net_minor
  `.execute(tx);
  await addJourneys(inside, where, sign);
  if (sign === 1) return;
  await sql`
    delete from credit_days total using (
      select distinct credit.app_id, credit.counted_day as day from credits credit
      where credit.workspace_id = ${workspaceId} and credit.counted_day is not null and ${where}) gone
    where total.workspace_id = ${workspaceId} and total.app_id = gone.app_id and total.day = gone.day
      and total.conversions = 0`.execute(tx);
  await sql`
    delete from journey_days total using (
      select distinct credit.app_id, credit.counted_day as day from credits credit
      where credit.workspace_id = ${workspaceId} and credit.counted_day is not null and ${where}) gone
    where total.workspace_id = ${workspaceId} and total.app_id = gone.app_id and total.day = gone.day
      and total.conversions = 0`.execute(tx);
}

/** The linear model names every touch that counts, so its credits tell the way a person took. */
async function addJourneys({ tx, workspaceId }: Inside, where: RawBuilder<boolean>, sign: 1 | -1): Promise<void> {
  const times = sql.lit(sign);
  await sql`
    with way as (
      select credit.app_id, credit.counted_day as day, conversion.kind, count(*) as touches,
        array_agg(touch.channel order by touch.occurred_at, touch.id) as channels,
        greatest(0, extract(epoch from min(credit.converted_at) - min(touch.occurred_at)))::bigint as seconds
      from credits credit
      join conversions conversion on conversion.workspace_id = credit.workspace_id and conversion.id = credit.conversion_id
      join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id
      where credit.workspace_id = ${workspaceId} and credit.counted_day is not null and credit.model = 'linear' and ${where}
      group by credit.app_id, credit.counted_day, conversion.kind, credit.conversion_id
    )
    insert into journey_days as total (workspace_id, app_id, day, kind, path, took, conversions, touches, seconds)
    select ${workspaceId}::uuid, app_id, day, kind,
      case when touches > 12 then '… > ' else '' end || array_to_string(channels[greatest(1, touches - 11):], ' > ') as path,
      case when seconds < 3600 then 'hour' when seconds < 86400 then 'day' when seconds < 259200 then 'three_days'
        when seconds < 604800 then 'week' when seconds < 1209600 then 'two_weeks' when seconds < 2592000 then 'month'
        else 'longer' end as took,
      ${times} * count(*), ${times} * sum(touches), ${times} * sum(seconds)
    from way group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (workspace_id, app_id, day, kind, path, took) do update set
      conversions = total.conversions + excluded.conversions, touches = total.touches + excluded.touches,
      seconds = total.seconds + excluded.seconds
  `.execute(tx);
}
