import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { AgentClass, Draft } from '#src/measure/events/steps.ts';
import { readSource } from '#src/measure/source.ts';

/** A visit ends when nothing came for so long, in milliseconds. */
const IDLE = 30 * 60_000;

/** Where the click on a tracked link came from and what it belongs to. */
export type Click = {
  clickId: string;
  appId: string;
  linkId: string;
  postId: string | null;
  campaignId: string | null;
  affiliateId: string | null;
  accountId: string | null;
  platform: string | null;
  utmSource: string | null;
};

export type Visit = {
  id: string;
  startedAt: Date;
  appId: string;
  visitor: string;
  lastSeenAt: Date;
  entryPath: string;
  exitPath: string;
  referrerHost: string | null;
  source: string;
  medium: string;
  channel: string;
  utmCampaign: string | null;
  utmContent: string | null;
  utmTerm: string | null;
  click: Click | null;
  clickId: string | null;
  linkId: string | null;
  postId: string | null;
  country: string | null;
  device: string | null;
  browser: string | null;
  system: string | null;
  agentClass: AgentClass;
};

/** A visit with what this batch did to it. `newVisitor`: their first visit of this day (UTC). */
export type TouchedVisit = { visit: Visit; startedNow: boolean; newVisitor: boolean; paths: string[] };

/** The clicks with these ids, as far as they are known. */
export async function clicksOf({ tx }: Inside, clickIds: string[]): Promise<Map<string, Click>> {
  if (clickIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('clicks')
    .innerJoin('links', 'links.id', 'clicks.linkId')
    .leftJoin('publications', 'publications.id', 'links.publicationId')
    .leftJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['clicks.id as clickId', 'links.appId', 'links.id as linkId', 'links.postId', 'links.campaignId'])
    .select(['links.affiliateId', 'links.utmSource', 'accounts.id as accountId', 'accounts.platform'])
    .where('clicks.id', 'in', clickIds)
    .execute();
  return new Map(rows.map((row) => [row.clickId, row]));
}

/**
 * Finds the visit each event belongs to, or opens one, and writes them. Events of one visitor less than 30 minutes
 * apart are one visit, also across midnight, when the salt changes; an arrival through another tracked link begins a
 * new one, because it is another arrival to be credited. Returns the events' visits in the order of `drafts`.
 */
export async function placeInVisits(
  inside: Inside,
  drafts: readonly Draft[],
): Promise<{ visits: Visit[]; touched: TouchedVisit[] }> {
  const clicks = await clicksOf(inside, [...new Set(drafts.flatMap((draft) => draft.clickId ?? []))]);
  const open = await latestVisits(inside, drafts);
  const touched = new Map<string, TouchedVisit>();
  const visits = drafts.map((draft) => {
    const click = draft.clickId ? clicks.get(draft.clickId) : undefined;
    const own = click?.appId === draft.appId ? click : null;
    const today = open.get(`${draft.appId} ${draft.visitor}`);
    const yesterday = draft.visitorYesterday ? open.get(`${draft.appId} ${draft.visitorYesterday}`) : undefined;
    const running = [today, yesterday].find(
      (visit) =>
        visit && draft.at.getTime() - visit.lastSeenAt.getTime() < IDLE && (!own || visit.clickId === own.clickId),
    );
    const visit = running ?? openVisit(draft, own);
    const state = touched.get(visit.id) ?? {
      visit,
      startedNow: running === undefined,
      newVisitor: running === undefined && !(today && sameDay(today.startedAt, draft.at)),
      paths: [],
    };
    touched.set(visit.id, state);
    open.set(`${visit.appId} ${visit.visitor}`, visit);
    if (draft.at > visit.lastSeenAt) visit.lastSeenAt = draft.at;
    if (draft.kind === 'pageview') {
      visit.exitPath = draft.path;
      state.paths.push(draft.path);
    }
    return visit;
  });
  await write(inside, [...touched.values()]);
  return { visits, touched: [...touched.values()] };
}

function openVisit(draft: Draft, click: Click | null): Visit {
  const arrival = draft.source;
  // A tracked link without tags, followed from an app that sends no referrer, still tells where it stood.
  const place = click?.utmSource ?? click?.platform ?? null;
  const from =
    arrival.source === null && place !== null
      ? readSource({ url: `https://link.invalid/?utm_source=${encodeURIComponent(place)}`, referrer: null })
      : arrival;
  return {
    id: randomUUID(),
    startedAt: draft.at,
    appId: draft.appId,
    visitor: draft.visitor,
    lastSeenAt: draft.at,
    entryPath: draft.path,
    exitPath: draft.path,
    referrerHost: draft.referrerHost,
    source: from.source ?? 'Direct',
    medium: from.medium ?? '(none)',
    channel: click !== null && from.source === null ? 'Referral' : from.channel,
    utmCampaign: arrival.campaign,
    utmContent: arrival.content,
    utmTerm: arrival.term,
    click,
    clickId: click?.clickId ?? null,
    linkId: click?.linkId ?? null,
    postId: click?.postId ?? null,
    country: null,
    device: draft.device,
    browser: draft.browser,
    system: draft.system,
    agentClass: draft.agentClass,
  };
}

/** The newest visit of each visitor that may still run, or that says they were here today already. */
async function latestVisits({ tx }: Inside, drafts: readonly Draft[]): Promise<Map<string, Visit>> {
  const visitors = [
    ...new Set(drafts.flatMap(({ visitor, visitorYesterday }) => [visitor, visitorYesterday ?? []].flat())),
  ];
  const earliest = Math.min(...drafts.map(({ at }) => at.getTime()));
  const since = new Date(Math.min(earliest - IDLE, new Date(earliest).setUTCHours(0, 0, 0, 0)));
  const rows = await tx
    .selectFrom('visits')
    .distinctOn(['appId', 'visitor'])
    .selectAll()
    .where('appId', 'in', [...new Set(drafts.map(({ appId }) => appId))])
    .where('visitor', 'in', visitors)
    .where('lastSeenAt', '>=', since)
    // A visit lasts no longer than this; without it every month's partition would be looked at.
    .where('startedAt', '>=', new Date(since.getTime() - 2 * 86_400_000))
    .orderBy('appId')
    .orderBy('visitor')
    .orderBy('lastSeenAt', 'desc')
    .execute();
  return new Map(rows.map((row) => [`${row.appId} ${row.visitor}`, { ...row, click: null }]));
}

async function write({ tx, workspaceId }: Inside, touched: readonly TouchedVisit[]): Promise<void> {
  const started = touched.filter((one) => one.startedNow);
  if (started.length > 0)
    await tx
      .insertInto('visits')
      .values(
        started.map(({ visit: { click: _, ...visit }, paths }) => ({ workspaceId, ...visit, views: paths.length })),
      )
      .execute();
  const running = touched.filter((one) => !one.startedNow);
  if (running.length === 0) return;
  const changes = running.map(({ visit, paths }) => ({
    id: visit.id,
    started_at: visit.startedAt,
    last_seen_at: visit.lastSeenAt,
    exit_path: visit.exitPath,
    views: paths.length,
  }));
  await sql`
    update visits set last_seen_at = change.last_seen_at, exit_path = change.exit_path, views = visits.views + change.views
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb)
      as change (id uuid, started_at timestamptz, last_seen_at timestamptz, exit_path text, views integer)
    where visits.workspace_id = ${workspaceId} and visits.id = change.id and visits.started_at = change.started_at
  `.execute(tx);
}

function sameDay(a: Date, b: Date): boolean {
  return a.toISOString().slice(0, 10) === b.toISOString().slice(0, 10);
}
