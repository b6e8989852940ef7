import { type AgentClass, classify } from '#src/measure/agent.ts';
import { countryOf } from '#src/measure/country.ts';
import type { BrowserEvent, Scalar } from '#src/measure/events/body.ts';
import { type Salts, visitorHash } from '#src/measure/events/salts.ts';
import { scrubPath as scrub, scrubText } from '#src/measure/events/scrub.ts';
import type { Tracking } from '#src/measure/events/tracking.ts';
import { readSource, type Source } from '#src/measure/source.ts';
import { minorUnits } from '#src/outside/payments/currency.ts';

export type { AgentClass } from '#src/measure/agent.ts';

/** Why an event was not taken in. Each is counted and told to the sender. */
export type EventRefusal =
  | 'malformed'
  | 'too_large'
  | 'unknown_key'
  | 'rate_limited'
  | 'overloaded'
  | 'unavailable'
  | 'app_removed'
  | 'do_not_track'
  | 'privacy_control'
  | 'host_not_allowed'
  | 'spam_referrer'
  | 'in_the_future'
  | 'too_old';

/** What came in at the door: the body, and what the request says about the browser. */
export type Incoming = {
  body: BrowserEvent;
  address: string | null;
  userAgent: string | null;
  /** The header's value; null when the request had none. */
  acceptLanguage: string | null;
  /** What a proxy of ours says of where the address is. */
  proxyCountry: string | null;
  doNotTrack: boolean;
  privacyControl: boolean;
  at: Date;
};

/** What is known when an event comes in; `geoDatabase` is the path of the owner's MMDB file. */
export type Known = { tracking: Tracking; salts: Salts; geoDatabase: string | null };

/** An event on its way through the steps; each fills in what it finds out. */
export type Draft = {
  id: string;
  appId: string;
  kind: string;
  at: Date;
  host: string;
  path: string;
  referrerHost: string | null;
  props: Record<string, Scalar> | null;
  value: { minor: string; currency: string } | null;
  agentClass: AgentClass;
  agentName: string | null;
  device: string | null;
  browser: string | null;
  system: string | null;
  country: string | null;
  source: Source;
  /** The id of a click on a tracked link (`ff`). */
  clickId: string | null;
  /** Who it is today, and who it was yesterday: a visit may run across midnight. */
  visitor: string;
  visitorYesterday: string | null;
};

export type Settled = { ok: true; draft: Draft } | { ok: false; reason: EventRefusal };
type Step = (draft: Draft, incoming: Incoming, known: Known, page: URL) => EventRefusal | null;

/** What happens to a browser's event before it is stored, in order. A step that names a reason ends it. */
const pipeline: readonly Step[] = [
  respectWishes,
  allowHost,
  classifyAgent,
  findCountry,
  scrubPath,
  findSource,
  findClick,
  readRevenue,
  recogniseVisitor,
];

/** Sends an event through the steps. Nothing is read or written here. */
export function prepare(incoming: Incoming, known: Known): Settled {
  const { body } = incoming;
  const page = new URL(body.url);
  const draft: Draft = {
    id: body.id,
    appId: known.tracking.appId,
    kind: body.kind,
    at: incoming.at,
    host: page.hostname.toLowerCase(),
    path: '/',
    referrerHost: null,
    props: body.props,
    value: null,
    agentClass: 'human',
    agentName: null,
    device: null,
    browser: null,
    system: null,
    country: null,
    source: nowhere,
    clickId: null,
    visitor: '',
    visitorYesterday: null,
  };
  for (const step of pipeline) {
    const reason = step(draft, incoming, known, page);
    if (reason) return { ok: false, reason };
  }
  return { ok: true, draft };
}

const nowhere = readSource({ url: null, referrer: null });

/** The script itself stays silent then; this is for the pages that call the intake in another way. */
function respectWishes(_: Draft, incoming: Incoming): EventRefusal | null {
  if (incoming.privacyControl) return 'privacy_control';
  return incoming.doNotTrack ? 'do_not_track' : null;
}

function allowHost(draft: Draft, _: Incoming, { tracking }: Known): EventRefusal | null {
  const allowed = tracking.hosts.some((host) => draft.host === host || draft.host.endsWith(`.${host}`));
  return allowed ? null : 'host_not_allowed';
}

function classifyAgent(draft: Draft, { userAgent, acceptLanguage, body }: Incoming, { tracking }: Known): null {
  const { width, automated } = body;
  const verdict = classify({ userAgent, acceptLanguage, width, automated }, tracking.agentRules);
  draft.agentClass = verdict.agentClass;
  draft.agentName = verdict.agentName;
  draft.device = verdict.device;
  draft.browser = verdict.browser;
  draft.system = verdict.system;
  return null;
}

function findCountry(draft: Draft, { address, proxyCountry, body }: Incoming, { geoDatabase }: Known): null {
  draft.country = countryOf({ proxyCountry, timeZone: body.zone, address, database: geoDatabase });
  return null;
}

/** A query string may be anybody's secret: only parameters the app has named are kept in the path. */
function scrubPath(draft: Draft, _: Incoming, { tracking }: Known, page: URL): null {
  const path = scrub(page.pathname);
  if (page.search === '' || tracking.keptQueryParameters.length === 0) draft.path = path.slice(0, 1000);
  else {
    const kept = [...page.searchParams].filter(([name]) => tracking.keptQueryParameters.includes(name));
    const query = new URLSearchParams(kept.map(([name, value]) => [name, scrubText(value)])).toString();
    draft.path = `${path}${query && `?${query}`}`.slice(0, 1000);
  }
  return null;
}

function findSource(draft: Draft, { body }: Incoming, { tracking }: Known, page: URL): EventRefusal | null {
  const { source, referrerHost } = sourceOf(page, body.referrer, tracking);
  if (source.ignored === 'spam') return 'spam_referrer';
  draft.source = source;
  draft.referrerHost = referrerHost;
  return null;
}

const CLICK = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function findClick(draft: Draft, _: Incoming, __: Known, page: URL): null {
  if (!page.search.includes('ff=')) return null;
  const given = page.searchParams.get('ff')?.toLowerCase() ?? '';
  draft.clickId = CLICK.test(given) ? given : null;
  return null;
}

/** What the page says was paid, in minor units; digits a currency does not have are cut off. */
function readRevenue(draft: Draft, { body: { revenue } }: Incoming): null {
  if (revenue === null) return null;
  const [whole = '0', fraction = ''] = revenue.amount.split('.');
  const decimals = minorUnits(revenue.currency);
  const minor = BigInt(`${whole}${fraction.slice(0, decimals).padEnd(decimals, '0')}`);
  draft.value = { minor: String(minor), currency: revenue.currency };
  return null;
}

/** Without consent a visitor is a hash that ends with the day; what the page says of them is then not believed. */
function recogniseVisitor(draft: Draft, incoming: Incoming, { tracking, salts }: Known): null {
  if (tracking.consented && incoming.body.visitor !== null) {
    draft.visitor = `id:${incoming.body.visitor}`;
    return null;
  }
  const who = { address: incoming.address ?? '', agent: incoming.userAgent ?? '', appId: tracking.appId };
  draft.visitor = visitorHash(salts.today, who);
  draft.visitorYesterday = salts.yesterday === null ? null : visitorHash(salts.yesterday, who);
  return null;
}

type Found = { source: Source; referrerHost: string | null };

/** Most arrivals of an hour are like others of that hour. Settings that change are new ones, with nothing remembered. */
const REMEMBERED = 2000;
const remembered = new WeakMap<Tracking, Map<string, Found>>();

function sourceOf(page: URL, referrer: string | null, tracking: Tracking): Found {
  const known = remembered.get(tracking) ?? new Map<string, Found>();
  remembered.set(tracking, known);
  const key = `${page.search}\n${referrer ?? ''}`;
  const before = known.get(key);
  if (before) return before;
  const found = readArrival(page, referrer, tracking);
  if (known.size >= REMEMBERED) known.clear();
  if (key.length <= 500) known.set(key, found);
  return found;
}

function readArrival(page: URL, referrer: string | null, { hosts }: Tracking): Found {
  const told = readSource({ url: page.href, referrer, ownHosts: hosts });
  const source = {
    ...told,
    source: scrubText(told.source),
    medium: scrubText(told.medium),
    term: scrubText(told.term),
    campaign: scrubText(told.campaign),
    content: scrubText(told.content),
  };
  const host = referrer !== null && URL.canParse(referrer) ? new URL(referrer).hostname : '';
  const isOther = source.ignored === null && host !== '';
  return { source, referrerHost: isOther ? host.toLowerCase().slice(0, 253) : null };
}
