import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { defaultCreditModel } from '#src/measure/credit.ts';
import { onDays, type Period } from '#src/measure/dashboards/days.ts';

export const kpis = ['visitors', 'signups', 'newMrr', 'impressions', 'followers'] as const;
export type Kpi = (typeof kpis)[number];

/** What a dashboard looks at. `appIds`: the apps it covers. Money is in `currency`, in minor units. */
export type View = { appIds: string[]; timeZone: string; currency: string; current: Period; previous: Period };

/** One key figure: what it came to, what it came to before, and day by day. */
export type Figure = {
  value: number;
  previousValue: number;
  change: number | null;
  series: number[];
  previous: number[];
};

type Row = { day: string; value: number };

/** The five key figures of Home. Bots are left out; a visitor is counted once a local day. */
export async function figuresOf(inside: Inside, view: View): Promise<Record<Kpi, Figure>> {
  return {
    visitors: summed(view, await visitorsByDay(inside, view)),
    signups: summed(view, await signupsByDay(inside, view)),
    newMrr: summed(view, await newMrrByDay(inside, view)),
    impressions: summed(view, await impressionsByDay(inside, view)),
    followers: await followers(inside, view),
  };
}

/** Against the period before, as a fraction; null when there was nothing to compare with. */
export function changeOf(value: number, before: number): number | null {
  return before === 0 ? null : (value - before) / before;
}

function summed(view: View, rows: Row[]): Figure {
  const [series, previous] = [onDays(view.current, rows), onDays(view.previous, rows)];
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0);
  const [value, previousValue] = [total(series), total(previous)];
  return { value, previousValue, change: changeOf(value, previousValue), series, previous };
}

async function visitorsByDay({ tx, workspaceId }: Inside, { appIds, current, previous }: View): Promise<Row[]> {
  return tx
    .selectFrom('trafficDays')
    .select((eb) => ['day', eb.cast<number>(eb.fn.sum('visitors'), 'bigint').as('value')])
    .where('workspaceId', '=', workspaceId)
    .where('appId', 'in', appIds)
    .where('dimension', '=', 'total')
    .where('day', '>=', previous.days[0] ?? '')
    .where('day', '<=', current.days.at(-1) ?? '')
    .groupBy('day')
    .execute();
}

async function signupsByDay({ tx, workspaceId }: Inside, { appIds, current, previous }: View): Promise<Row[]> {
  return tx
    .selectFrom('creditDays')
    .select((eb) => ['day', eb.cast<number>(eb.fn.sum('signups'), 'bigint').as('value')])
    .where('workspaceId', '=', workspaceId)
    .where('appId', 'in', appIds)
    .where('dimension', '=', 'total')
    .where('model', '=', defaultCreditModel)
    .where('day', '>=', previous.days[0] ?? '')
    .where('day', '<=', current.days.at(-1) ?? '')
    .groupBy('day')
    .execute();
}

async function newMrrByDay({ tx }: Inside, { appIds, timeZone, currency, current, previous }: View): Promise<Row[]> {
  return tx
    .selectFrom('mrrMovements')
    .select([
      sql<string>`to_char(occurred_at at time zone ${timeZone}, 'YYYY-MM-DD')`.as('day'),
      sql<number>`sum(reporting_minor)::bigint`.as('value'),
    ])
    .where('appId', 'in', appIds)
    .where('kind', '=', 'new')
    .where('reportingCurrency', '=', currency)
    .where('occurredAt', '>=', previous.from)
    .where('occurredAt', '<', current.until)
    .groupBy('day')
    .execute();
}

/** By how much the counters of the posts grew each day: a snapshot is a running total, so days are differences. */
async function impressionsByDay(inside: Inside, view: View): Promise<Row[]> {
  const { appIds, timeZone, current, previous } = view;
  // Looks end on day 29, so a part seen in this period has all its looks within a month before it.
  const from = new Date(previous.from.getTime() - 31 * 86_400_000);
  const result = await sql<Row>`
    with totals as (
      select snapshot.publication_part_id as part,
             to_char(snapshot.taken_at at time zone ${timeZone}, 'YYYY-MM-DD') as day,
             max(snapshot.impressions) as total
      from metric_snapshots snapshot
      join post_metrics metrics on metrics.workspace_id = snapshot.workspace_id
        and metrics.publication_part_id = snapshot.publication_part_id
      join posts post on post.workspace_id = metrics.workspace_id and post.id = metrics.post_id
      where snapshot.workspace_id = ${inside.workspaceId}
        and snapshot.taken_at >= ${from} and snapshot.taken_at < ${current.until}
        and post.app_id = any(${appIds}::uuid[])
      group by part, day
    ), gains as (
      select day, greatest(0, total - coalesce(lag(total) over (partition by part order by day), 0)) as gain from totals
    )
    select day, sum(gain)::bigint as value from gains group by day
  `.execute(inside.tx);
  return result.rows;
}

/**
 * A level, not a flow: the newest snapshot of each account up to the day, summed over the accounts. An account counts
 * from the start with its first snapshot, so that connecting one is no growth. Accounts belong to a workspace; with a
 * choice of apps those count that posted for one of them, and those that have posted for none yet.
 */
async function followers({ tx, workspaceId }: Inside, { appIds, current, previous }: View): Promise<Figure> {
  const { rows } = await sql<{ accountId: string; day: string; followers: number }>`
    select snapshot.account_id, snapshot.day, snapshot.followers
    from accounts account
    cross join lateral (
      select coalesce(max(day), '0001-01-01') as day from account_snapshots
      where workspace_id = account.workspace_id and account_id = account.id and followers is not null
        and day <= ${previous.days[0] ?? ''}::date
    ) start
    join account_snapshots snapshot on snapshot.workspace_id = account.workspace_id
      and snapshot.account_id = account.id and snapshot.followers is not null
      and snapshot.day between start.day and ${current.days.at(-1) ?? ''}::date
    where account.workspace_id = ${workspaceId} and account.status <> 'removed'
      and (exists (select from publications publication
                   join posts post on post.workspace_id = publication.workspace_id and post.id = publication.post_id
                   where publication.workspace_id = account.workspace_id and publication.account_id = account.id
                     and post.app_id = any(${appIds}::uuid[]))
        or not exists (select from publications publication
                       where publication.workspace_id = account.workspace_id and publication.account_id = account.id))
    order by snapshot.account_id, snapshot.day
  `.execute(tx);
  const accounts = [...Map.groupBy(rows, (row) => row.accountId).values()];
  const levelOn = (day: string) =>
    accounts.reduce((sum, own) => sum + ((own.findLast((row) => row.day <= day) ?? own[0])?.followers ?? 0), 0);
  const before = previous.days.map(levelOn);
  const series = current.days.map(levelOn);
  const [value, previousValue] = [series.at(-1) ?? 0, before.at(-1) ?? 0];
  return { value, previousValue, change: changeOf(value, previousValue), series, previous: before };
}
