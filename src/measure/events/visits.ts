import { randomUUID } from 'node:crypto';
import type { Ask, Statement } from '#src/db/client.ts';
import type { Draft } from '#src/measure/events/steps.ts';
import { localDay } from '#src/measure/local-days.ts';
import type { VisitCount } from '#src/measure/rollups.ts';
import { readSource } from '#src/measure/source.ts';

/** A visit ends when nothing came for so long, in milliseconds. */
const IDLE = 30 * 60_000;
/** A visit lasts no longer than this; without it every month's partition would be looked at. */
const LONGEST = 2 * 86_400_000;

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

export type Visit = VisitCount & {
  id: string;
  visitor: string;
  click: Click | null;
  clickId: string | null;
  linkId: string | null;
};

/** A visit with what a batch did to it. `before`: how it was, null when it begins now. */
export type TouchedVisit = {
  visit: Visit;
  before: Pick<Visit, 'lastSeenAt' | 'views' | 'events' | 'exitPath'> | null;
  paths: string[];
  kinds: string[];
};

/** The newest visit of each visitor that may still run or says that they were here today; by `placeOf`. */
export type OpenVisits = Map<string, Visit>;

export function placeOf(one: { appId: string; visitor: string }): string {
  return `${one.appId} ${one.visitor}`;
}

/** The clicks with these ids, as far as they are known. */
export async function clicksOf(ask: Ask, workspaceId: string, clickIds: string[]): Promise<Map<string, Click>> {
  if (clickIds.length === 0) return new Map();
  const rows = await ask<{ click: Click }>(CLICKS, [workspaceId, clickIds]);
  return new Map(rows.map(({ click }) => [click.clickId, click]));
}

const CLICKS: Statement = {
  name: 'clicks_of',
  text: `select json_build_object('clickId', click.id, 'appId', link.app_id, 'linkId', link.id, 'postId', link.post_id,
      'campaignId', link.campaign_id, 'affiliateId', link.affiliate_id, 'utmSource', link.utm_source,
      'accountId', account.id, 'platform', account.platform) as click
    from clicks click
    join links link on link.workspace_id = click.workspace_id and link.id = click.link_id
    left join publications publication on publication.workspace_id = link.workspace_id and publication.id = link.publication_id
    left join accounts account on account.workspace_id = publication.workspace_id and account.id = publication.account_id
    where click.workspace_id = $1 and click.id = any($2::uuid[])`,
};

/** Since when visits have to be known to place events that happened between these moments. */
export function visitsSince(earliest: number): Date {
  return new Date(earliest - LONGEST);
}

/**
 * Finds the visit each event belongs to, or opens one. Events of one visitor less than 30 minutes apart are one visit,
 * also across midnight, when the salt changes; an arrival through another tracked link begins a new one, because it is
 * another arrival to be credited. Returns the events' visits in the order of `drafts`. Nothing is read or written here;
 * `open` is brought up to date.
 */
export function placeInVisits(
  drafts: readonly Draft[],
  open: OpenVisits,
  clicks: ReadonlyMap<string, Click>,
  timeZone: string,
): { visits: Visit[]; touched: TouchedVisit[] } {
  const touched = new Map<string, TouchedVisit>();
  const visits = drafts.map((draft) => {
    const click = draft.clickId ? clicks.get(draft.clickId) : undefined;
    const own = click?.appId === draft.appId ? click : null;
    const known = [draft.visitor, draft.visitorYesterday]
      .map((visitor) => visitor && open.get(placeOf({ appId: draft.appId, visitor })))
      .filter((visit) => !!visit);
    const running = known.find((visit) => isWithin(visit, draft.at) && (!own || visit.clickId === own.clickId));
    const visit = running ?? openVisit(draft, own, !known.some((one) => beganToday(one, draft.at, timeZone)));
    const state: TouchedVisit = touched.get(visit.id) ?? {
      visit,
      before: running
        ? (({ lastSeenAt, views, events, exitPath }) => ({ lastSeenAt, views, events, exitPath }))(running)
        : null,
      paths: [],
      kinds: [],
    };
    touched.set(visit.id, state);
    open.set(placeOf(visit), visit);
    if (draft.at > visit.lastSeenAt) visit.lastSeenAt = draft.at;
    if (draft.kind === 'pageview') {
      visit.views++;
      visit.exitPath = draft.path;
      state.paths.push(draft.path);
    } else {
      visit.events++;
      state.kinds.push(draft.kind);
    }
    return visit;
  });
  return { visits, touched: [...touched.values()] };
}

/** An event that comes late, out of the spill file, may be older than the visit it belongs to. */
function isWithin({ startedAt, lastSeenAt }: Visit, at: Date): boolean {
  return at.getTime() - lastSeenAt.getTime() < IDLE && startedAt.getTime() - at.getTime() < IDLE;
}

/** Whether it began on the local day of this moment. */
function beganToday({ startedAt }: Visit, at: Date, timeZone: string): boolean {
  const { from, until } = localDay(timeZone, at.getTime());
  return startedAt.getTime() >= from && startedAt.getTime() < until;
}

function openVisit(draft: Draft, click: Click | null, firstToday: boolean): Visit {
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
    views: 0,
    events: 0,
    firstToday,
    entryPath: draft.path,
    exitPath: draft.path,
    host: draft.host,
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
    country: draft.country,
    device: draft.device,
    browser: draft.browser,
    system: draft.system,
    agentClass: draft.agentClass,
    agentName: draft.agentName,
  };
}

/** So many visits a process remembers. */
const REMEMBERED = 20_000;

/**
 * The newest visits of visitors, as this process has written them. They are right as long as nobody else writes visits of
 * their workspace; `renew` forgets all of a workspace.
 */
export class RememberedVisits {
  private readonly visits = new Map<string, { visit: Visit; era: number }>();
  private readonly eras = new Map<string, number>();
  private eraOf = 0;

  /** What was read while it was another era may have been overtaken. */
  era(workspaceId: string): number {
    return this.eras.get(workspaceId) ?? 0;
  }

  find(workspaceId: string, place: string): Visit | undefined {
    const known = this.visits.get(place);
    return known?.era === this.era(workspaceId) ? known.visit : undefined;
  }

  keep(workspaceId: string, visit: Visit): void {
    const place = placeOf(visit);
    this.visits.delete(place);
    this.visits.set(place, { visit, era: this.era(workspaceId) });
    if (this.visits.size > REMEMBERED) this.visits.delete(this.visits.keys().next().value ?? '');
  }

  renew(workspaceId: string): void {
    this.eras.set(workspaceId, ++this.eraOf);
  }
}

/** The newest visit of each of these visitors that began since then. */
export async function findVisits(
  ask: Ask,
  workspaceId: string,
  wanted: readonly { appId: string; visitor: string }[],
  { since, until }: { since: Date; until: Date },
): Promise<Visit[]> {
  if (wanted.length === 0) return [];
  const rows = await ask<{ visit: Visit & { startedAt: number; lastSeenAt: number } }>(FIND, [
    workspaceId,
    wanted.map(({ appId }) => appId),
    wanted.map(({ visitor }) => visitor),
    since,
    until,
  ]);
  return rows.map(({ visit }) => ({
    ...visit,
    click: null,
    startedAt: new Date(visit.startedAt),
    lastSeenAt: new Date(visit.lastSeenAt),
  }));
}

/**
 * The app is compared as text so that the index by visitor is taken while a month's partition is still small and nothing
 * is known of it, too.
 */
const FIND: Statement = {
  name: 'find_visits',
  text: `select json_build_object('id', visit.id, 'appId', visit.app_id, 'visitor', visit.visitor, 'views', visit.views,
      'events', visit.events, 'startedAt', extract(epoch from visit.started_at) * 1000,
      'lastSeenAt', extract(epoch from visit.last_seen_at) * 1000, 'exitPath', visit.exit_path,
      'agentClass', visit.agent_class, 'firstToday', visit.first_today, 'entryPath', visit.entry_path, 'host', visit.host,
      'referrerHost', visit.referrer_host, 'source', visit.source, 'medium', visit.medium, 'channel', visit.channel,
      'utmCampaign', visit.utm_campaign, 'utmContent', visit.utm_content, 'utmTerm', visit.utm_term,
      'clickId', visit.click_id, 'linkId', visit.link_id, 'postId', visit.post_id, 'country', visit.country,
      'device', visit.device, 'browser', visit.browser, 'system', visit.system, 'agentName', visit.agent_name) as visit
    from unnest($2::text[], $3::text[]) as wanted (app, visitor)
    cross join lateral (
      select * from visits where visits.visitor = wanted.visitor and visits.app_id::text = wanted.app
        and visits.workspace_id = $1 and visits.started_at >= $4 and visits.started_at <= $5
      order by visits.last_seen_at desc limit 1
    ) visit`,
};

/** A visit as `writeVisits` takes it. Of one that is there already only what changes is written. */
export function rowOf({ visit, before }: TouchedVisit): object {
  const { click: _, ...row } = visit;
  if (before === null) return row;
  const { id, startedAt, appId, visitor, lastSeenAt, views, events, firstToday, entryPath, exitPath } = row;
  const { source, medium, channel, agentClass } = row;
  return {
    ...{ id, startedAt, appId, visitor, lastSeenAt, views, events, firstToday, entryPath, exitPath },
    ...{ source, medium, channel, agentClass },
  };
}

/**
 * Writes visits, new or changed, given as JSON in the parameter of this number; the workspace is the first. An upsert, also
 * of those that are known to be there: it needs no plan, and a join with a month that is still small gets a wrong one.
 */
export const writeVisits = (parameter: number, condition: string) => `
  insert into visits (workspace_id, id, started_at, app_id, visitor, last_seen_at, views, events, first_today, entry_path,
    exit_path, host, referrer_host, source, medium, channel, utm_campaign, utm_content, utm_term, click_id, link_id, post_id,
    country, device, browser, system, agent_class, agent_name)
  select $1::uuid, one.* from json_to_recordset($${parameter}::json) as one ("id" uuid, "startedAt" timestamptz,
    "appId" uuid, "visitor" text, "lastSeenAt" timestamptz, "views" integer, "events" integer, "firstToday" boolean,
    "entryPath" text, "exitPath" text, "host" text, "referrerHost" text, "source" text, "medium" text, "channel" text,
    "utmCampaign" text, "utmContent" text, "utmTerm" text, "clickId" uuid, "linkId" uuid, "postId" uuid, "country" text,
    "device" text, "browser" text, "system" text, "agentClass" text, "agentName" text)
  where ${condition}
  on conflict (workspace_id, app_id, started_at, id) do update set last_seen_at = excluded.last_seen_at,
    views = excluded.views, events = excluded.events, exit_path = excluded.exit_path`;
