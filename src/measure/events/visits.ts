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

/** Of a running visit what may have changed since; moments in milliseconds. */
export type FoundVisit = Pick<Visit, 'id' | 'appId' | 'visitor' | 'views' | 'events' | 'exitPath' | 'agentClass'> & {
  startedAt: number;
  lastSeenAt: number;
};

/** So many visits a process remembers. */
const REMEMBERED = 20_000;

/** What never changes of a visit is remembered: where it came from, on what device. The rest is read anew each time. */
export class RememberedVisits {
  private readonly visits = new Map<string, Visit>();

  keep(visit: Visit): void {
    this.visits.delete(visit.id);
    this.visits.set(visit.id, { ...visit, click: null });
    if (this.visits.size > REMEMBERED) this.visits.delete(this.visits.keys().next().value ?? '');
  }

  /** These visits whole; those that are not remembered are read. */
  async complete(ask: Ask, workspaceId: string, found: readonly FoundVisit[]): Promise<Visit[]> {
    const missing = found.filter(({ id }) => !this.visits.has(id));
    if (missing.length > 0) {
      const places = JSON.stringify(
        missing.map(({ id, appId, startedAt }) => ({ id, appId, at: new Date(startedAt) })),
      );
      for (const { visit } of await ask<{ visit: Visit }>(WHOLE, [workspaceId, places])) this.keep(visit);
    }
    return found.flatMap((one) => {
      const visit = this.visits.get(one.id);
      return visit
        ? { ...visit, ...one, startedAt: new Date(one.startedAt), lastSeenAt: new Date(one.lastSeenAt) }
        : [];
    });
  }
}

/**
 * The newest visit of each app and visitor of `$4` (JSON) that began between `$5` and `$6`. The app is compared as text so
 * that the index by visitor is taken while a month's partition is still small and nothing is known of it, too.
 */
export const visitsFound = `
  select visit.id, visit.app_id as "appId", visit.visitor, visit.views, visit.events, visit.exit_path as "exitPath",
    visit.agent_class as "agentClass", (extract(epoch from visit.started_at) * 1000)::float8 as "startedAt",
    (extract(epoch from visit.last_seen_at) * 1000)::float8 as "lastSeenAt"
  from json_to_recordset($4::json) as wanted (app text, visitor text)
  cross join lateral (
    select * from visits where visits.visitor = wanted.visitor and visits.app_id::text = wanted.app
      and visits.workspace_id = $1 and visits.started_at >= $5 and visits.started_at <= $6
    order by visits.last_seen_at desc limit 1
  ) visit`;

const WHOLE: Statement = {
  name: 'whole_visits',
  text: `select json_build_object('id', visit.id, 'appId', visit.app_id, 'visitor', visit.visitor,
      'firstToday', visit.first_today, 'entryPath', visit.entry_path, 'host', visit.host, 'referrerHost', visit.referrer_host,
      'source', visit.source, 'medium', visit.medium, 'channel', visit.channel, 'utmCampaign', visit.utm_campaign,
      'utmContent', visit.utm_content, 'utmTerm', visit.utm_term, 'clickId', visit.click_id, 'linkId', visit.link_id,
      'postId', visit.post_id, 'country', visit.country, 'device', visit.device, 'browser', visit.browser,
      'system', visit.system, 'agentName', visit.agent_name) as visit
    from json_to_recordset($2::json) as wanted (id uuid, "appId" uuid, at timestamptz)
    cross join lateral (
      select * from visits where visits.workspace_id = $1 and visits.app_id = wanted."appId"
        and visits.started_at = wanted.at and visits.id = wanted.id limit 1
    ) visit`,
};

/**
 * Writes visits, new or changed, given as JSON in the parameter of this number; the workspace is the first. An upsert, also
 * of those that are known to be there: it needs no plan, and a join with a month that is still small gets a wrong one.
 */
export const writeVisits = (parameter: number) => `
  insert into visits (workspace_id, id, started_at, app_id, visitor, last_seen_at, views, events, first_today, entry_path,
    exit_path, host, referrer_host, source, medium, channel, utm_campaign, utm_content, utm_term, click_id, link_id, post_id,
    country, device, browser, system, agent_class, agent_name)
  select $1::uuid, one.* from json_to_recordset($${parameter}::json) as one ("id" uuid, "startedAt" timestamptz,
    "appId" uuid, "visitor" text, "lastSeenAt" timestamptz, "views" integer, "events" integer, "firstToday" boolean,
    "entryPath" text, "exitPath" text, "host" text, "referrerHost" text, "source" text, "medium" text, "channel" text,
    "utmCampaign" text, "utmContent" text, "utmTerm" text, "clickId" uuid, "linkId" uuid, "postId" uuid, "country" text,
    "device" text, "browser" text, "system" text, "agentClass" text, "agentName" text)
  on conflict (workspace_id, app_id, started_at, id) do update set last_seen_at = excluded.last_seen_at,
    views = excluded.views, events = excluded.events, exit_path = excluded.exit_path`;
