import type { Visit } from '#src/measure/events/visits.ts';

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
export const insertTouches = (parameter: number) => `
  insert into touches (workspace_id, id, app_id, visitor, visit_id, occurred_at, channel, source, referrer_host, direct, link_id,
    click_id, post_id, campaign_id, account_id, affiliate_id)
  select $1::uuid, one.* from json_to_recordset($${parameter}::json) as one (id uuid, app_id uuid, visitor text, visit_id uuid,
    occurred_at timestamptz, channel text, source text, referrer_host text, direct boolean, link_id uuid, click_id uuid,
    post_id uuid, campaign_id uuid, account_id uuid, affiliate_id uuid)
  on conflict (workspace_id, id) do nothing`;
