/**
 * The script an app puts on its pages: page views, links out, downloads and custom events; no cookie, and nothing kept in
 * the browser unless somebody agreed. What it understands, with examples for the usual frameworks: docs/tracking.md.
 *
 *     <script defer src="https://your.fanfare/t.js" data-app="…"></script>
 *     <script>window.fanfare = window.fanfare || function () { (fanfare.q = fanfare.q || []).push(arguments) }</script>
 *     fanfare('signup', { plan: 'pro' })
 *     fanfare('purchase', { revenue: { amount: '19.00', currency: 'EUR' } })
 *
 * On the script: `data-api` (where events go, else the script's own address without .js), `data-hash` (the fragment is the
 * page), `data-manual` (no page views by itself), `data-keep` (query parameters that are no secret, by spaces),
 * `data-consented` (visitors have agreed to be known again), `data-localhost`. On anything that is clicked, and on forms:
 * `data-fanfare-event="name"`, further `data-fanfare-…` as properties, `-amount` and `-currency` as revenue.
 *
 * Sends nothing at all when the browser asks not to be tracked (Do Not Track, Global Privacy Control).
 * The body is JSON sent as text/plain, so that no preflight request doubles the traffic.
 */

type Revenue = { amount: string; currency: string };
type Props = Record<string, string | number | boolean | Revenue | undefined> & { revenue?: Revenue };

interface Event {
  /** The app's public key. */
  app: string;
  /** The same on every retry, so that the server counts it once. */
  id: string;
  /** `pageview`, `outbound`, `download`, or the name given to `fanfare()`. */
  kind: string;
  /** Of the query only what tells where the visit came from, and what `data-keep` names. */
  url: string;
  referrer: string;
  props: Props;
  /** What the page says was paid. It never enters the ledger. */
  revenue?: Revenue | undefined;
  /** Of the window, in CSS pixels. */
  width: number;
  /** The browser's time zone: the country, without anybody's address being looked up. */
  zone: string;
  /** A program steers this browser. */
  auto?: 1 | undefined;
  /** A first-party id, only with consent. */
  visitor?: string | undefined;
}

type Fanfare = ((kind: string, props?: Props) => void) & {
  q?: ArrayLike<unknown>[];
  /** The visitor agrees to be known again (true), or no longer does. */
  consent?: (agreed: boolean) => void;
};

declare global {
  interface Window {
    fanfare?: Fanfare;
    doNotTrack?: string | null;
  }
  interface Navigator {
    globalPrivacyControl?: boolean;
  }
}

const script = document.currentScript as HTMLScriptElement | null;
const options = script?.dataset ?? {};
const app = options.app;
const local = /^$|^localhost$|^127\.|^\[::1\]$|\.localhost$/.test(location.hostname);
const unwanted = navigator.globalPrivacyControl || navigator.doNotTrack === '1' || window.doNotTrack === '1';
const queued = window.fanfare?.q ?? [];
const silent: Fanfare = () => undefined;
silent.consent = silent as never;

if (app && script && !unwanted && (!local || options.localhost !== undefined)) start(app, script.src);
else window.fanfare = silent;

function start(app: string, source: string) {
  const target = options.api || source.replace(/(\/t)?\.js([?#].*)?$/, (_, usual) => (usual ? '/e' : ''));
  let referrer = document.referrer;
  let page = '';
  let visitor: string | undefined;
  /** Sent but not acknowledged. */
  const open = new Map<string, string>();

  const track = (kind: string, { revenue, ...props }: Props = {}) => {
    const event: Event = {
      app,
      id: newId(),
      kind,
      url: address(),
      referrer,
      props,
      revenue,
      width: innerWidth,
      zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      auto: navigator.webdriver ? 1 : undefined,
      visitor,
    };
    open.set(event.id, JSON.stringify(event));
    send(event.id, 0);
  };

  /**
   * Tries again after 1, 3, 9 and 27 seconds, and when the network is back, for as long as the page is open and the
   * server is out of reach or overloaded.
   */
  const send = (id: string, tries: number) => {
    const body = open.get(id);
    if (!body) return;
    const again = () => {
      if (tries < 4) setTimeout(send, 1000 * 3 ** tries, id, tries + 1);
    };
    fetch(target, { method: 'POST', body, keepalive: true, credentials: 'omit' }).then((answer) => {
      if (answer.status > 499 || answer.status === 429) again();
      else open.delete(id);
    }, again);
  };

  const view = () => {
    const here = address() + location.search;
    if (here === page || options.manual !== undefined) return;
    // Inside one visit the page before is the referrer: the true one was sent with the first view.
    if (page) referrer = page.split('?')[0]!;
    page = here;
    track('pageview');
  };

  /** What an element says should be counted of it. True when it says something. */
  const marked = (element: Element | null | undefined) => {
    const { fanfareEvent: kind, ...data } = (element as HTMLElement | null | undefined)?.dataset ?? {};
    if (!kind) return;
    const props: Props = {};
    for (const name in data)
      if (/^fanfare[A-Z]/.test(name)) props[name[7]!.toLowerCase() + name.slice(8)] = data[name]!;
    const { amount, currency, ...others } = props as Record<string, string>;
    track(kind, amount && currency ? { ...others, revenue: { amount, currency } } : props);
  };

  const clicked = ({ target: at, type, button }: MouseEvent) => {
    // The middle button opens links, the right one opens nothing.
    if (type === 'auxclick' && button !== 1) return;
    const within = at as Element | null;
    marked(within?.closest?.('[data-fanfare-event]:not(form)'));
    const link = within?.closest?.('a');
    if (!link?.host || !/^http/.test(link.protocol)) return;
    const to = link.origin + link.pathname;
    if (
      /\.(pdf|zip|[7rg]z|rar|tar|dmg|pkg|exe|msi|deb|rpm|apk|appimage|iso|csv|tsv|xlsx?|docx?|pptx?|od[tsp]|epub|mobi|mp[34]|wav|mov|avi|txt|json|ics)$/i.test(
        link.pathname,
      )
    )
      track('download', { file: to });
    else if (link.host !== location.host) track('outbound', { to });
  };

  const { pushState } = history;
  history.pushState = function (...change) {
    pushState.apply(this, change);
    view();
  };
  addEventListener('popstate', view);
  if (options.hash !== undefined) addEventListener('hashchange', view);
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    page = '';
    view();
  });
  addEventListener('online', () => {
    for (const id of open.keys()) send(id, 4);
  });
  // The last chance for what no answer came for; the id makes a second arrival harmless.
  addEventListener('pagehide', () => {
    for (const body of open.values()) navigator.sendBeacon(target, body);
  });
  document.addEventListener('click', clicked, true);
  document.addEventListener('auxclick', clicked, true);
  document.addEventListener('submit', ({ target: form }) => marked(form as Element), true);

  const consent = (agreed: boolean) => {
    // A browser may forbid it; then the visitor is as unknown as without consent.
    try {
      visitor = agreed ? localStorage.fanfare || newId() : undefined;
      if (visitor) localStorage.fanfare = visitor;
      else localStorage.removeItem('fanfare');
    } catch {
      visitor = undefined;
    }
  };
  if (options.consented !== undefined) consent(true);
  const fanfare: Fanfare = track;
  fanfare.consent = consent;
  window.fanfare = fanfare;

  const begin = () => {
    view();
    for (const call of Array.from(queued)) track(call[0] as string, call[1] as Props);
  };
  // A page drawn ahead of a click is not yet a visit.
  if ('prerendering' in document && document.prerendering)
    document.addEventListener('prerenderingchange', begin, { once: true });
  else begin();

  /**
   * Of the query string only campaign parameters, the click id of our own links and what `data-keep` names: the rest may
   * be anybody's secret. Of the ids of advertising networks and newsletters the name is enough; their value follows a
   * person from site to site, so it is sent with consent only.
   */
  function address(): string {
    const kept = new URLSearchParams();
    const named = (options.keep ?? '').split(/[ ,]+/);
    new URLSearchParams(location.search).forEach((value, name) => {
      if (/^(ff|ref|via|source|utm_\w+)$/.test(name) || named.includes(name)) kept.append(name, value);
      else if (
        /clid$|^([gw]braid|li_fat_id|rdt_cid|epik|igsh\w*|mc_cid|mkt_tok|_kx|_hsenc|cjevent|awc|srsltid|irclickid|dicbo|tblci)$/i.test(
          name,
        )
      )
        kept.append(name, visitor ? value : '1');
    });
    const query = kept.toString();
    const path = location.pathname;
    const route = options.hash === undefined ? '' : location.hash.split('?')[0]!.replace(/^#?!?\/?/, '/');
    return location.origin + (route ? path.replace(/\/$/, '') + route : path) + (query && `?${query}`);
  }
}

/** `randomUUID` exists on https pages and localhost only. */
function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

export {};
