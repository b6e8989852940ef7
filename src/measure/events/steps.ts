import { z } from 'zod';
import { readAgent } from '#src/measure/agent.ts';
import type { Salts } from '#src/measure/events/salts.ts';
import { visitorHash } from '#src/measure/events/salts.ts';
import type { Tracking } from '#src/measure/events/tracking.ts';
import { readSource, type Source } from '#src/measure/source.ts';

/** Why an event was not taken in. Each is counted and told to the sender. */
export type EventRefusal =
  | 'malformed'
  | 'unknown_key'
  | 'app_removed'
  | 'do_not_track'
  | 'privacy_control'
  | 'host_not_allowed'
  | 'spam_referrer'
  | 'in_the_future'
  | 'too_old';

export type AgentClass = 'human' | 'bot' | 'preview' | 'unsure';

/** What came in at the door: the body, and what the request says about the browser. */
export type Incoming = {
  body: BrowserEvent;
  address: string | null;
  userAgent: string | null;
  doNotTrack: boolean;
  privacyControl: boolean;
  at: Date;
};

/** An event on its way through the steps; each fills in what it finds out. */
export type Draft = {
  id: string;
  appId: string;
  kind: string;
  at: Date;
  host: string;
  path: string;
  referrerHost: string | null;
  props: Record<string, Scalar>;
  agentClass: AgentClass;
  device: string | null;
  browser: string | null;
  system: string | null;
  source: Source;
  /** The id of a click on a tracked link (`ff`). */
  clickId: string | null;
  /** Who it is today, and who it was yesterday: a visit may run across midnight. */
  visitor: string;
  visitorYesterday: string | null;
};

type Settled = { ok: true; draft: Draft } | { ok: false; reason: EventRefusal };
type Step = (draft: Draft, incoming: Incoming, tracking: Tracking, salts: Salts) => EventRefusal | null;

/** What happens to a browser's event before it is stored, in order. A step that names a reason ends it. */
const pipeline: readonly Step[] = [
  respectWishes,
  allowHost,
  classifyAgent,
  scrubPath,
  findSource,
  findClick,
  recogniseVisitor,
];

/** Sends an event through the steps. Nothing is read or written here. */
export function prepare(incoming: Incoming, tracking: Tracking, salts: Salts): Settled {
  const { body } = incoming;
  const draft: Draft = {
    id: body.id,
    appId: tracking.appId,
    kind: body.kind,
    at: incoming.at,
    host: new URL(body.url).hostname.toLowerCase(),
    path: '/',
    referrerHost: null,
    props: body.props,
    agentClass: 'human',
    device: null,
    browser: null,
    system: null,
    source: readSource({ url: null, referrer: null }),
    clickId: null,
    visitor: '',
    visitorYesterday: null,
  };
  for (const step of pipeline) {
    const reason = step(draft, incoming, tracking, salts);
    if (reason) return { ok: false, reason };
  }
  return { ok: true, draft };
}

/** The script itself stays silent then; this is for the pages that call the intake in another way. */
function respectWishes(_: Draft, incoming: Incoming): EventRefusal | null {
  if (incoming.privacyControl) return 'privacy_control';
  return incoming.doNotTrack ? 'do_not_track' : null;
}

function allowHost(draft: Draft, _: Incoming, { hosts }: Tracking): EventRefusal | null {
  const allowed = hosts.some((host) => draft.host === host || draft.host.endsWith(`.${host}`));
  return allowed ? null : 'host_not_allowed';
}

function classifyAgent(draft: Draft, { userAgent, body }: Incoming): null {
  const agent = readAgent(userAgent);
  draft.agentClass = classOf(agent.bot?.kind ?? null);
  draft.device = agent.device ?? (body.width === undefined ? null : body.width < 768 ? 'phone' : 'desktop');
  draft.browser = agent.browser;
  draft.system = agent.os;
  return null;
}

/** A query string may be anybody's secret: only parameters the app has named are kept in the path. */
function scrubPath(draft: Draft, { body }: Incoming, { keptQueryParameters }: Tracking): null {
  const url = new URL(body.url);
  const kept = new URLSearchParams([...url.searchParams].filter(([name]) => keptQueryParameters.includes(name)));
  const query = kept.toString();
  draft.path = `${url.pathname}${query && `?${query}`}`.slice(0, 1000);
  return null;
}

function findSource(draft: Draft, { body }: Incoming, { hosts }: Tracking): EventRefusal | null {
  draft.source = readSource({ url: body.url, referrer: body.referrer, ownHosts: hosts });
  if (draft.source.ignored === 'spam') return 'spam_referrer';
  const referrer = body.referrer !== null && URL.canParse(body.referrer) ? new URL(body.referrer).hostname : '';
  draft.referrerHost = draft.source.ignored !== null || referrer === '' ? null : referrer.toLowerCase().slice(0, 253);
  return null;
}

function findClick(draft: Draft, { body }: Incoming): null {
  const given = z.guid().safeParse(new URL(body.url).searchParams.get('ff'));
  draft.clickId = given.success ? given.data.toLowerCase() : null;
  return null;
}

/** Without consent a visitor is a hash that ends with the day; what the page says of them is then not believed. */
function recogniseVisitor(draft: Draft, incoming: Incoming, tracking: Tracking, salts: Salts): null {
  if (tracking.consented && incoming.body.visitor !== undefined) {
    draft.visitor = `id:${incoming.body.visitor}`;
    return null;
  }
  const who = { address: incoming.address ?? '', agent: incoming.userAgent ?? '', appId: tracking.appId };
  draft.visitor = visitorHash(salts.today, who);
  draft.visitorYesterday = salts.yesterday === null ? null : visitorHash(salts.yesterday, who);
  return null;
}

function classOf(kind: string | null): AgentClass {
  if (kind === null) return 'human';
  if (kind === 'preview') return 'preview';
  return kind === 'unknown' ? 'unsure' : 'bot';
}

// What an event may look like -----------------------------------------------------------------------------------------

/** Text that PostgreSQL can keep: no NUL, no half of a surrogate pair. */
export const storable = (limit: number) =>
  z
    .string()
    .max(limit)
    .transform((text) => text.replaceAll('\u0000', '').toWellFormed());

type Scalar = string | number | boolean | null;
const propName = storable(64).pipe(z.string().min(1));
export const props = z
  .record(propName, z.union([storable(500), z.number(), z.boolean(), z.null()]))
  .refine((record) => Object.keys(record).length <= 30, 'An event carries at most 30 properties.');
export const kind = storable(64).pipe(z.string().trim().min(1));

const pageUrl = z
  .string()
  .max(8192)
  .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'The url is no web address.')
  .transform((url) => url.toWellFormed().replaceAll('%00', ''));

/** The body the tracker sends. Fields that are not known are ignored, so that an old server takes a newer script. */
export const browserEvent = z.object({
  app: z.string().regex(/^[a-z0-9]{10,40}$/),
  id: z.guid().transform((text) => text.toLowerCase()),
  kind,
  url: pageUrl,
  referrer: z
    .string()
    .nullish()
    .transform((text) => (text && text.length <= 8192 ? text.toWellFormed() : null)),
  props: props.nullish().transform((value) => value ?? {}),
  width: z.number().min(0).max(100_000).optional(),
  /** A first-party id; used only where visitors have consented. */
  visitor: storable(64).pipe(z.string().min(1)).optional(),
});
export type BrowserEvent = z.output<typeof browserEvent>;
