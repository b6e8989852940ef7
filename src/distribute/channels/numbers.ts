import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** Below so many signups what one costs, and whether it pays, is an anecdote: "not enough data". */
export const FLOOR = 10;

/** Money of a period in one currency, in minor units. */
type Amount = { minor: string; currency: string };

export type ChannelNumbers = {
  links: number;
  clicks: number;
  visits: number;
  signups: number;
  /** Those whose first purchase falls in the period. */
  customers: number;
  /** Net of tax, refunds and disputes, by the last visit that was not direct. */
  revenue: Amount;
  cost: Amount;
  /** Own time among the cost, in minutes. */
  minutes: number;
  /** Revenue and cost in other currencies. */
  otherRevenue: Amount[];
  otherCost: Amount[];
};

type Channel = { id: string; hosts: readonly string[] };
type View = { appId: string; currency: string; from: Date; until: Date; fromDay: string };

/**
 * What each channel brought in a period. A visit, and what it is credited with, is a channel's when it came by one of
 * its links; without any tracked link, when it came from one of the channel's hosts.
 */
export async function numbersOf(
  inside: Inside,
  channels: readonly Channel[],
  view: View,
): Promise<(channelId: string) => ChannelNumbers> {
  const links = await linksOf(inside, view.appId);
  const place = (from: { linkId: string | null; host: string | null }) =>
    from.linkId === null
      ? byHost(channels, from.host)
      : (links.find((link) => link.id === from.linkId)?.channelId ?? null);
  const visits = await visitsBySource(inside, view);
  const credited = await creditedBySource(inside, view);
  const clicks = await clicksByChannel(inside, view);
  const costs = await costsByChannel(inside, view);
  const channelOf = new Map<object, string | null>([...visits, ...credited].map((row) => [row, place(row)]));
  return (channelId) => {
    const own = credited.filter((row) => channelOf.get(row) === channelId);
    const count = (kind: 'signup' | 'first_purchase') =>
      own.filter((row) => row.kind === kind).reduce((sum, row) => sum + row.times, 0);
    const spent = costs.filter((row) => row.channelId === channelId);
    const [revenue, otherRevenue] = inCurrency(
      own.filter((row) => row.kind === 'purchase'),
      view.currency,
    );
    const [cost, otherCost] = inCurrency(spent, view.currency);
    return {
      links: links.filter((link) => link.channelId === channelId).length,
      clicks: clicks.find((row) => row.channelId === channelId)?.times ?? 0,
      visits: visits.reduce((sum, row) => (channelOf.get(row) === channelId ? sum + row.times : sum), 0),
      signups: count('signup'),
      customers: count('first_purchase'),
      revenue,
      otherRevenue,
      cost,
      otherCost,
      minutes: spent.reduce((sum, row) => sum + row.minutes, 0),
    };
  };
}

/** The channel a host belongs to: `google.com` also for `news.google.com`; of several the most exact. */
export function byHost(channels: readonly Channel[], host: string | null): string | null {
  if (host === null) return null;
  const name = host
    .toLowerCase()
    .replace(/^www\./, '')
    .replace(/:\d+$/, '');
  let best: { id: string; length: number } | null = null;
  for (const channel of channels)
    for (const own of channel.hosts)
      if ((name === own || name.endsWith(`.${own}`)) && own.length > (best?.length ?? 0))
        best = { id: channel.id, length: own.length };
  return best?.id ?? null;
}

/** What a signup cost and how much of the cost came back, where there is enough to say so. */
export function returnsOf(numbers: ChannelNumbers): {
  enough: boolean;
  costPerSignup: Amount | null;
  payback: number | null;
} {
  const cost = BigInt(numbers.cost.minor);
  const enough = numbers.signups >= FLOOR && cost > 0n;
  if (!enough) return { enough: false, costPerSignup: null, payback: null };
  const signups = BigInt(numbers.signups);
  return {
    enough,
    costPerSignup: { minor: String((2n * cost + signups) / (2n * signups)), currency: numbers.cost.currency },
    payback: Number((BigInt(numbers.revenue.minor) * 1000n) / cost) / 1000,
  };
}

function inCurrency(
  rows: readonly { minor: string | null; currency: string | null }[],
  currency: string,
): [Amount, Amount[]] {
  const sums = new Map<string, bigint>();
  for (const row of rows)
    if (row.currency !== null && row.minor !== null)
      sums.set(row.currency, (sums.get(row.currency) ?? 0n) + BigInt(row.minor));
  const others = [...sums].filter(([other, minor]) => other !== currency && minor !== 0n);
  return [
    { minor: String(sums.get(currency) ?? 0n), currency },
    others.map(([other, minor]) => ({ minor: String(minor), currency: other })),
  ];
}

function linksOf({ tx }: Inside, appId: string) {
  return tx.selectFrom('links').select(['id', 'channelId']).where('appId', '=', appId).execute();
}

async function visitsBySource({ tx }: Inside, { appId, from, until }: View) {
  return tx
    .selectFrom('visits')
    .select((eb) => ['linkId', 'referrerHost as host', eb.fn.countAll<number>().as('times')])
    .where('appId', '=', appId)
    .where('startedAt', '>=', from)
    .where('startedAt', '<', until)
    .where('agentClass', 'in', ['human', 'unsure'])
    .groupBy(['linkId', 'referrerHost'])
    .execute();
}

type Credited = {
  linkId: string | null;
  host: string | null;
  kind: 'signup' | 'purchase' | 'first_purchase';
  currency: string | null;
  times: number;
  minor: string | null;
};

/** Signups, first purchases and money of a period, by the link or host of the visit that is credited with them. */
async function creditedBySource({ tx, workspaceId }: Inside, { appId, from, until }: View): Promise<Credited[]> {
  const { rows } = await sql<Credited>`
    with own as (
      select touch.link_id, visit.referrer_host, conversion.kind, credit.currency::text as currency, credit.net_minor,
        conversion.kind = 'purchase' and not exists (
          select from conversions earlier where earlier.workspace_id = conversion.workspace_id
            and earlier.customer_id = conversion.customer_id and earlier.kind = 'purchase'
            and (earlier.occurred_at, earlier.id) < (conversion.occurred_at, conversion.id)) as first
      from conversions conversion
      join credits credit on credit.workspace_id = conversion.workspace_id and credit.conversion_id = conversion.id
        and credit.model = 'last_non_direct'
      join touches touch on touch.workspace_id = credit.workspace_id and touch.id = credit.touch_id
      left join visits visit on visit.workspace_id = touch.workspace_id and visit.app_id = touch.app_id and visit.id = touch.visit_id
        and visit.started_at = touch.occurred_at
      where conversion.workspace_id = ${workspaceId} and conversion.app_id = ${appId}
        and conversion.kind in ('signup', 'purchase')
        and conversion.occurred_at >= ${from} and conversion.occurred_at < ${until}
    )
    select link_id as "linkId", referrer_host as host, kind, currency, count(*) as times, sum(net_minor) as minor
    from own group by 1, 2, 3, 4
    union all
    select link_id, referrer_host, 'first_purchase', null, count(*), null from own where first group by 1, 2`.execute(
    tx,
  );
  return rows;
}

function clicksByChannel({ tx }: Inside, { appId, from, until }: View) {
  return tx
    .selectFrom('clicks')
    .innerJoin('links', 'links.id', 'clicks.linkId')
    .select((eb) => ['links.channelId', eb.fn.countAll<number>().as('times')])
    .where('clicks.appId', '=', appId)
    .where('clicks.occurredAt', '>=', from)
    .where('clicks.occurredAt', '<', until)
    .where('clicks.agentClass', 'in', ['human', 'unsure'])
    .groupBy('links.channelId')
    .execute();
}

function costsByChannel({ tx }: Inside, { appId, fromDay }: View) {
  return tx
    .selectFrom('costEntries')
    .select((eb) => [
      'channelId',
      'currency',
      eb.fn.sum<string>('amountMinor').as('minor'),
      sql<number>`coalesce(sum(minutes), 0)`.as('minutes'),
    ])
    .where('appId', '=', appId)
    .where('day', '>=', fromDay)
    .where('channelId', 'is not', null)
    .groupBy(['channelId', 'currency'])
    .execute();
}
