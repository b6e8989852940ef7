import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { byHost } from '#src/distribute/channels/numbers.ts';
import { hostsOf, placeOf } from '#src/distribute/channels/places.ts';
import { creditedTo, type Dimension, UNATTRIBUTED, WITHOUT } from '#src/measure/attribution/days.ts';
import { groupsOf } from '#src/measure/attribution/names.ts';
import type { AnyModel } from '#src/measure/attribution/settings.ts';
import { sumsBy } from '#src/measure/attribution/sums.ts';
import type { Period } from '#src/measure/range.ts';
import { placeOfAccount } from './costs.ts';

/** By what cost is held against outcome. `channel` is one of the app's channels (places), not a kind of traffic. */
export const returnGroupings = [
  'post',
  'hook',
  'template',
  'kind',
  'campaign',
  'channel',
  'account',
  'affiliate',
] as const;
export type ReturnGrouping = (typeof returnGroupings)[number];

export type Outcome = {
  clicks: number;
  visits: number;
  signups: number;
  trials: number;
  customers: number;
  /** Decimals in the workspace's currency. */
  revenueMinor: string[];
  mrrMinor: string[];
};

type View = { appId: string; period: Period; currency: string; model: AnyModel };

/**
 * What each group brought in the period: people's clicks and visits, and what the model credits it with. `''` = brought
 * by none of them, `?` = nobody knows.
 */
export async function outcomesOf(inside: Inside, by: ReturnGrouping, view: View): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const of = (key: string): Outcome => {
    const known = outcomes.get(key) ?? {
      clicks: 0,
      visits: 0,
      signups: 0,
      trials: 0,
      customers: 0,
      revenueMinor: [],
      mrrMinor: [],
    };
    outcomes.set(key, known);
    return known;
  };
  const keyOf = await keysOf(inside, by, view);
  const dimension = dimensionOf(by);
  for (const sum of await sumsBy(inside, dimension, { ...view, models: [view.model] })) {
    const outcome = of(keyOf(sum.value));
    outcome.signups += sum.signups;
    outcome.trials += sum.trials;
    outcome.customers += sum.customers;
    outcome.revenueMinor.push(sum.netMinor);
  }
  for (const row of await newMrr(inside, dimension, view)) of(keyOf(row.value)).mrrMinor.push(row.minor);
  for (const row of await visitsOf(inside, by, view)) of(keyOf(row.value)).visits += row.times;
  for (const row of await clicksOf(inside, by, view)) of(keyOf(row.value)).clicks += row.times;
  return outcomes;
}

/** A channel is found by the way somebody came: its link, else its host. */
function dimensionOf(by: ReturnGrouping): Dimension {
  if (by === 'channel') return 'way';
  return by === 'hook' || by === 'template' || by === 'kind' ? 'post' : by;
}

/** New recurring revenue belongs to what brought the customer: the credits of their first purchase. */
async function newMrr(
  { tx, workspaceId }: Inside,
  dimension: Dimension,
  view: View,
): Promise<{ value: string; minor: string }[]> {
  const { rows } = await sql<{ value: string; minor: string }>`
    select ${creditedTo(dimension)} as value, sum(movement.reporting_minor * coalesce(credit.share, 1))::text as minor
    from mrr_movements movement
    left join lateral (
      select conversion.id from conversions conversion
      where conversion.workspace_id = movement.workspace_id and conversion.customer_id = movement.customer_id
        and conversion.kind = 'purchase'
      order by conversion.occurred_at, conversion.id limit 1
    ) first on true
    left join credits credit on credit.workspace_id = movement.workspace_id and credit.conversion_id = first.id
      and credit.model = ${view.model}
    left join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id
    where movement.workspace_id = ${workspaceId} and movement.app_id = ${view.appId} and movement.kind = 'new'
      and movement.occurred_at >= ${view.period.from} and movement.occurred_at < ${view.period.until}
      and movement.reporting_currency = ${view.currency}
    group by 1`.execute(tx);
  return rows;
}

type Times = { value: string; times: number };

async function visitsOf({ tx, workspaceId }: Inside, by: ReturnGrouping, view: View): Promise<Times[]> {
  const [first, last] = [view.period.days[0] ?? '', view.period.days.at(-1) ?? ''];
  const byDay = async (dimension: 'post' | 'referrer') => {
    const { rows } = await sql<Times>`
      select value, sum(visits)::int as times from traffic_days
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and dimension = ${dimension}
        and day between ${first} and ${last}
      group by value`.execute(tx);
    return rows;
  };
  if (dimensionOf(by) === 'post') return byDay('post');
  const linked = await sql<{
    linkId: string;
    campaignId: string | null;
    accountId: string | null;
    affiliateId: string | null;
    host: string | null;
    times: number;
  }>`
    select link_id, campaign_id, account_id, affiliate_id, referrer_host as host, count(*)::int as times from touches
    where workspace_id = ${workspaceId} and app_id = ${view.appId} and link_id is not null
      and occurred_at >= ${view.period.from} and occurred_at < ${view.period.until}
    group by 1, 2, 3, 4, 5`.execute(tx);
  const valueOfRow = (row: (typeof linked.rows)[number]) => {
    if (by === 'campaign') return row.campaignId;
    if (by === 'account') return row.accountId;
    return by === 'affiliate' ? row.affiliateId : row.linkId;
  };
  const visits = linked.rows.map((row) => ({ value: valueOfRow(row) ?? WITHOUT, times: row.times }));
  if (by !== 'channel') return visits;
  // A visit by a link has a referrer, too; it is counted under its link.
  const ofLinks = new Map<string, number>();
  for (const row of linked.rows) if (row.host) ofLinks.set(row.host, (ofLinks.get(row.host) ?? 0) + row.times);
  const others = (await byDay('referrer')).map(({ value, times }) => ({
    value,
    times: Math.max(0, times - (ofLinks.get(value) ?? 0)),
  }));
  return [...visits, ...others];
}

/** Clicks by people on tracked links, bots and previews left out. */
async function clicksOf({ tx, workspaceId }: Inside, by: ReturnGrouping, view: View): Promise<Times[]> {
  const { rows } = await sql<{
    linkId: string;
    postId: string | null;
    campaignId: string | null;
    affiliateId: string | null;
    accountId: string | null;
    times: number;
  }>`
    select link.id as link_id, link.post_id, link.campaign_id, link.affiliate_id, publication.account_id, click.times
    from (
      select link_id, count(*)::int as times from clicks
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and agent_class in ('human', 'unsure')
        and occurred_at >= ${view.period.from} and occurred_at < ${view.period.until}
      group by link_id
    ) click
    join links link on link.workspace_id = ${workspaceId} and link.id = click.link_id
    left join publications publication on publication.workspace_id = link.workspace_id
      and publication.id = link.publication_id`.execute(tx);
  const valueOfRow = (row: (typeof rows)[number]) => {
    if (by === 'campaign') return row.campaignId;
    if (by === 'account') return row.accountId;
    if (by === 'affiliate') return row.affiliateId;
    return by === 'channel' ? row.linkId : row.postId;
  };
  return rows.map((row) => ({ value: valueOfRow(row) ?? WITHOUT, times: row.times }));
}

/** Which group a value of a dimension belongs to. */
async function keysOf(inside: Inside, by: ReturnGrouping, view: View): Promise<(value: string) => string> {
  if (by === 'channel') {
    const places = await placesOf(inside, view.appId);
    return (value) => {
      if (value === UNATTRIBUTED || value === WITHOUT) return value;
      return (isId(value) ? places.byLink.get(value) : byHost(places.channels, value)) ?? WITHOUT;
    };
  }
  if (by === 'hook' || by === 'template' || by === 'kind') {
    const posts = await inside.tx.selectFrom('posts').select('id').where('appId', '=', view.appId).execute();
    const groupOf = await groupsOf(
      inside,
      by,
      posts.map((post) => post.id),
    );
    return (value) => (value === WITHOUT || value === UNATTRIBUTED ? value : groupOf(value));
  }
  return (value) => value;
}

/** The app's channels: whose a link is (its own, or the one channel of the account's platform), and their hosts. */
async function placesOf(inside: Inside, appId: string) {
  const { tx, workspaceId } = inside;
  const channels = await tx.selectFrom('channels').select(['id', 'place', 'url']).where('appId', '=', appId).execute();
  const links = await sql<{ id: string; channelId: string }>`
    select link.id, coalesce(link.channel_id, place.id) as channel_id
    from links link
    left join publications publication on publication.workspace_id = link.workspace_id
      and publication.id = link.publication_id
    left join lateral (${placeOfAccount(inside, { appId }, 'publication.account_id')}) place on true
    where link.workspace_id = ${workspaceId} and link.app_id = ${appId}
      and (link.channel_id is not null or place.id is not null)`.execute(tx);
  return {
    byLink: new Map(links.rows.map((row) => [row.id, row.channelId])),
    channels: channels.map((row) => {
      const known = placeOf(row.place);
      const hosts = known ? hostsOf(known) : row.url && URL.canParse(row.url) ? hostsOf({ url: row.url }) : [];
      return { id: row.id, hosts };
    }),
  };
}

/** A link, not a host. */
function isId(value: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
