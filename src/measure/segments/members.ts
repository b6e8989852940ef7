import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** By what customers are told apart: what their first purchase is credited to most, the plan they took, whom they are. */
export const segmentations = [
  'country',
  'channel',
  'source',
  'plan',
  'entry',
  'utm_campaign',
  'campaign',
  'audience',
] as const;
export type Segmentation = (typeof segmentations)[number];

/** A customer who paid. `earned` in minor units of the workspace's currency, net of tax, refunds and disputes. */
export type Member = { customerId: string; earned: number; segments: string[] };

type Row = {
  customerId: string;
  earned: string;
  told: string | null;
  plan: string | null;
  country: string | null;
  channel: string | null;
  source: string | null;
  entry: string | null;
  utmCampaign: string | null;
  campaign: string | null;
};

/**
 * Everybody who paid, with the segments they belong to; '' = not known. An audience's are those who were said to be, else
 * those its rule names, else those who came by a campaign that addresses it: one customer may be of several.
 */
export async function membersOf(
  inside: Inside,
  view: { appId: string; currency: string; by: Segmentation },
): Promise<Member[]> {
  const rows = await buyers(inside, view);
  const segmentsOf = view.by === 'audience' ? await audiencesOf(inside, view.appId) : plain(view.by);
  return rows.map((row) => ({
    customerId: row.customerId,
    earned: Number(row.earned),
    segments: segmentsOf(row),
  }));
}

const columnOf = {
  country: 'country',
  channel: 'channel',
  source: 'source',
  plan: 'plan',
  entry: 'entry',
  utm_campaign: 'utmCampaign',
  campaign: 'campaign',
} as const satisfies Record<Exclude<Segmentation, 'audience'>, keyof Row>;

function plain(by: Exclude<Segmentation, 'audience'>): (row: Row) => string[] {
  return (row) => [row[columnOf[by]] ?? ''];
}

async function audiencesOf({ tx }: Inside, appId: string): Promise<(row: Row) => string[]> {
  const audiences = await tx
    .selectFrom('audiences')
    .select(['id', 'segmentBy', 'segmentValues'])
    .where('appId', '=', appId)
    .where('state', '<>', 'retired')
    .orderBy('id')
    .execute();
  const tagged = await tx
    .selectFrom('campaignAudiences')
    .innerJoin('campaigns', 'campaigns.id', 'campaignAudiences.campaignId')
    .select(['campaignAudiences.audienceId', 'campaignAudiences.campaignId'])
    .where('campaigns.appId', '=', appId)
    .execute();
  const campaignsOf = Map.groupBy(tagged, (one) => one.audienceId);
  return (row) => {
    if (row.told && audiences.some(({ id }) => id === row.told)) return [row.told];
    const own = audiences.filter(({ id, segmentBy, segmentValues }) =>
      segmentBy
        ? segmentValues.includes(row[columnOf[segmentBy]] ?? '')
        : row.campaign !== null && (campaignsOf.get(id) ?? []).some((one) => one.campaignId === row.campaign),
    );
    return own.length > 0 ? own.map(({ id }) => id) : [''];
  };
}

/** Who paid anything, what is left of it, and how their first purchase came about (last touch that was not direct). */
async function buyers({ tx, workspaceId }: Inside, view: { appId: string; currency: string }): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select paid.customer_id, paid.earned, customer.audience_id as told, subscribed.plan, origin.channel, origin.source,
      origin.entry, origin.utm_campaign, origin.campaign, coalesce(origin.country, seen.country) as country
    from (
      select payment.customer_id,
        round(sum((payment.amount_minor - payment.tax_minor) * payment.reporting_rate
          * case when payment.amount_minor > 0 then 1 - coalesce(back.minor, 0) / payment.amount_minor else 1 end))::text as earned
      from payments payment
      left join lateral (
        select sum(case when refund.kind = 'dispute_won' then -refund.amount_minor else refund.amount_minor end) as minor
        from refunds refund
        where refund.workspace_id = payment.workspace_id and refund.payment_id = payment.id
          and refund.status = 'succeeded' and refund.currency = payment.currency
      ) back on true
      where payment.workspace_id = ${workspaceId} and payment.app_id = ${view.appId} and payment.customer_id is not null
        and payment.reporting_currency = ${view.currency} and payment.amount_minor > 0
      group by 1
    ) paid
    join customers customer on customer.workspace_id = ${workspaceId} and customer.id = paid.customer_id
    left join (
      select distinct on (conversion.customer_id) conversion.customer_id, credit.channel, credit.campaign_id::text as campaign,
        touch.source, visit.entry_path as entry, visit.utm_campaign, visit.country
      from conversions conversion
      join credits credit on credit.workspace_id = conversion.workspace_id and credit.conversion_id = conversion.id
        and credit.model = 'last_non_direct'
      left join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id
      left join credit_visits visit on visit.workspace_id = touch.workspace_id and visit.touch_id = touch.id
      where conversion.workspace_id = ${workspaceId} and conversion.app_id = ${view.appId}
        and conversion.kind = 'purchase' and conversion.customer_id is not null
      order by conversion.customer_id, conversion.occurred_at, conversion.id, credit.share desc, credit.id
    ) origin on origin.customer_id = paid.customer_id
    left join (
      select distinct on (customer_id) customer_id, plan from subscriptions
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and first_paid_at is not null
      order by customer_id, started_at desc nulls last, id
    ) subscribed on subscribed.customer_id = paid.customer_id
    left join (
      select distinct on (link.customer_id) link.customer_id, visit.country
      from identity_links link
      join visits visit on visit.workspace_id = link.workspace_id and visit.app_id = link.app_id
        and visit.visitor = link.value and visit.country is not null
      where link.workspace_id = ${workspaceId} and link.app_id = ${view.appId} and link.kind = 'visitor'
      order by link.customer_id, visit.started_at
    ) seen on seen.customer_id = paid.customer_id
    order by paid.customer_id`.execute(tx);
  return rows;
}
