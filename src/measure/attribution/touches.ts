import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Visit } from '#src/measure/events/visits.ts';

/**
 * When an arrival is kept as a touch: one through a tracked link at once, with all that link belongs to on that day; any
 * other, as soon as money or a signup may be credited to it (`keepArrivals`), because until then its visit, of which
 * nothing that is credited ever changes, says the same.
 */

/** The arrivals of these visits and what brought them, as `insertTouches` takes them. */
export function touchesOfVisits(visits: readonly Visit[]) {
  return visits.map((visit) => ({
    id: visit.id,
    app_id: visit.appId,
    visitor: visit.visitor,
    visit_id: visit.id,
    occurred_at: visit.startedAt,
    channel: visit.channel,
    source: visit.source,
    referrer_host: visit.referrerHost ?? undefined,
    direct: visit.click === null && visit.channel === 'Direct',
    link_id: visit.click?.linkId,
    click_id: visit.click?.clickId,
    post_id: visit.click?.postId ?? undefined,
    campaign_id: visit.click?.campaignId ?? undefined,
    account_id: visit.click?.accountId ?? undefined,
    affiliate_id: visit.click?.affiliateId ?? undefined,
  }));
}

/** Keeps touches, given as JSON in the parameter of this number; the workspace is the first. Never changed afterwards. */
export const insertTouches = (parameter: number, condition: string) => `
  insert into touches (workspace_id, id, app_id, visitor, visit_id, occurred_at, channel, source, referrer_host, direct, link_id,
    click_id, post_id, campaign_id, account_id, affiliate_id)
  select $1::uuid, one.* from json_to_recordset($${parameter}::json) as one (id uuid, app_id uuid, visitor text, visit_id uuid,
    occurred_at timestamptz, channel text, source text, referrer_host text, direct boolean, link_id uuid, click_id uuid,
    post_id uuid, campaign_id uuid, account_id uuid, affiliate_id uuid)
  where ${condition}
  on conflict (workspace_id, id) do nothing`;

/** SQL: the arrival of visit `v`, as it stands, or would, among the touches; `link`, `publication`, `account` join it. */
export const arrivalOf = sql`v.id, v.app_id, v.visitor, v.id as visit_id, v.started_at as occurred_at, v.channel, v.source,
  v.referrer_host, v.click_id is null and v.channel = 'Direct' as direct, link.id as link_id, v.click_id,
  link.post_id, link.campaign_id, account.id as account_id, link.affiliate_id`;

/** SQL: joins to visits `v` the tracked link they came through. */
export const throughLink = sql`
  left join links link on link.workspace_id = v.workspace_id and link.id = v.link_id
  left join publications publication on publication.workspace_id = link.workspace_id and publication.id = link.publication_id
  left join accounts account on account.workspace_id = publication.workspace_id and account.id = publication.account_id`;

/** Keeps the arrivals of these visits of people, of those that are not kept yet. */
export async function keepArrivals(
  { tx, workspaceId }: Inside,
  visits: readonly { id: string; appId: string; startedAt: Date }[],
): Promise<void> {
  if (visits.length === 0) return;
  await sql`
    insert into touches (workspace_id, id, app_id, visitor, visit_id, occurred_at, channel, source, referrer_host, direct,
      link_id, click_id, post_id, campaign_id, account_id, affiliate_id)
    select v.workspace_id, ${arrivalOf}
    from unnest(${visits.map(({ id }) => id)}::uuid[], ${visits.map(({ appId }) => appId)}::uuid[],
      ${visits.map(({ startedAt }) => startedAt)}::timestamptz[]) as one (id, app_id, at)
    cross join lateral (
      select * from visits where visits.workspace_id = ${workspaceId} and visits.app_id = one.app_id
        and visits.started_at = one.at and visits.id = one.id and visits.agent_class in ('human', 'unsure') limit 1
    ) v ${throughLink}
    where not exists (
      select from touches known where known.workspace_id = ${workspaceId} and known.app_id = one.app_id
        and known.visitor = v.visitor and known.visit_id = one.id)
    on conflict (workspace_id, id) do nothing`.execute(tx);
}
