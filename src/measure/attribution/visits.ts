import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** What money is counted by besides what the touch says: what the visit was like, of `credit_visits seen`. */
const columns = {
  entry: 'entry_path',
  host: 'host',
  medium: 'medium',
  referrer: 'referrer_host',
  utm_campaign: 'utm_campaign',
  utm_content: 'utm_content',
  utm_term: 'utm_term',
  country: 'country',
  device: 'device',
  browser: 'browser',
  system: 'system',
} as const;
export type VisitDimension = keyof typeof columns;
export const visitDimensions = Object.keys(columns) as VisitDimension[];

export function isVisitDimension(dimension: string): dimension is VisitDimension {
  return Object.hasOwn(columns, dimension);
}

/** SQL: what the visit says, or '' where there is none (a code, an answer) or it did not know. */
export function seenAs(dimension: VisitDimension): RawBuilder<string> {
  return sql<string>`coalesce(${sql.ref(`seen.${columns[dimension]}`)}, '')`;
}

/** SQL: joins to touches `touch` the visit `seen` of each, as it was kept. */
export const joinSeen = sql`
  left join credit_visits seen on seen.workspace_id = touch.workspace_id and seen.touch_id = touch.id`;

/**
 * Keeps what the visits were like to which purchases among these credits (`credit`) lead, once and for all: what is
 * counted by it can then be taken back exactly, whatever has become of the visit.
 */
export async function keepVisits({ tx, workspaceId }: Inside, where: RawBuilder<boolean>): Promise<void> {
  await sql`
    insert into credit_visits (workspace_id, touch_id, entry_path, host, medium, referrer_host, utm_campaign, utm_content,
                               utm_term, country, device, browser, system)
    select ${workspaceId}::uuid, one.id, v.entry_path, v.host, v.medium, v.referrer_host, v.utm_campaign, v.utm_content,
      v.utm_term, v.country, v.device, v.browser, v.system
    from (
      select distinct credit.touch_id from credits credit
      where credit.workspace_id = ${workspaceId} and credit.touch_id is not null and ${where}
        and exists (select from conversions conversion where conversion.workspace_id = ${workspaceId}
                      and conversion.id = credit.conversion_id and conversion.kind = 'purchase' offset 0)
    ) credited
    -- One by one by their keys: beside tables of which nothing is known yet another order can take minutes.
    cross join lateral (
      select * from touches where touches.workspace_id = ${workspaceId} and touches.id = credited.touch_id
        and touches.visit_id is not null offset 0) one
    cross join lateral (
      select * from visits where visits.workspace_id = ${workspaceId} and visits.app_id = one.app_id
        and visits.started_at = one.occurred_at and visits.id = one.visit_id offset 0) v
    order by 2
    on conflict (workspace_id, touch_id) do nothing`.execute(tx);
}
