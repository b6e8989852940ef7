/**
 * The script an app puts on its pages: page views and custom events, no cookie, nothing stored in the browser.
 *
 *     <script defer src="https://your.fanfare/t.js" data-app="pk_…"></script>
 *     <script>window.fanfare = window.fanfare || function () { (fanfare.q = fanfare.q || []).push(arguments) }</script>
 *     fanfare('signup', { plan: 'pro' })
 *
 * `data-host` sends to another server than the script came from; `data-localhost` counts visits to localhost too.
 * Sends nothing at all when the browser asks not to be tracked (Do Not Track, Global Privacy Control).
 * The body is JSON sent as text/plain, so that no preflight request doubles the traffic.
 */

type Props = Record<string, string | number | boolean>;

interface Event {
  /** The app's public key. */
  app: string;
  /** The same on every retry, so that the server counts it once. */
  id: string;
  /** `pageview`, `outbound`, or the name given to `fanfare()`. */
  kind: string;
  /** Without fragment; of the query only what tells where the visit came from. */
  url: string;
  referrer: string;
  props: Props;
  /** Of the window, in CSS pixels. */
  width: number;
}

type Fanfare = ((kind: string, props?: Props) => void) & { q?: ArrayLike<unknown>[] };

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
const app = script?.dataset.app;
const local = /^$|^localhost$|^127\.|^\[::1\]$|\.localhost$/.test(location.hostname);
const unwanted = navigator.globalPrivacyControl || navigator.doNotTrack === '1' || window.doNotTrack === '1';
const queued = window.fanfare?.q ?? [];

if (app && script && !unwanted && (!local || script.dataset.localhost !== undefined)) {
  start(app, `${(script.dataset.host || new URL(script.src).origin).replace(/\/$/, '')}/e`);
} else {
  window.fanfare = () => undefined;
}

function start(app: string, target: string) {
  let referrer = document.referrer;
  let page = '';
  /** Sent but not acknowledged. */
  const open = new Map<string, string>();

  const track = (kind: string, props: Props = {}) => {
    const event: Event = { app, id: newId(), kind, url: address(), referrer, props, width: innerWidth };
    open.set(event.id, JSON.stringify(event));
    send(event.id, 0);
  };

  /** Tries again after 1, 3, 9 and 27 seconds, for as long as the page is open and the server is out of reach or overloaded. */
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
    const here = location.pathname + location.search;
    if (here === page) return;
    // Inside one visit the page before is the referrer: the true one was sent with the first view.
    if (page) referrer = location.origin + page.split('?')[0];
    page = here;
    track('pageview');
  };

  const clicked = (event: MouseEvent) => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (link?.host && link.host !== location.host && /^http/.test(link.protocol)) {
      track('outbound', { to: link.origin + link.pathname });
    }
  };

  const { pushState } = history;
  history.pushState = function (...change) {
    pushState.apply(this, change);
    view();
  };
  addEventListener('popstate', view);
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    page = '';
    view();
  });
  // The last chance for what no answer came for; the id makes a second arrival harmless.
  addEventListener('pagehide', () => {
    for (const body of open.values()) navigator.sendBeacon(target, body);
  });
  document.addEventListener('click', clicked, true);
  document.addEventListener('auxclick', clicked, true);

  window.fanfare = track;
  const begin = () => {
    view();
    for (const call of Array.from(queued)) track(call[0] as string, call[1] as Props);
  };
  // A page drawn ahead of a click is not yet a visit.
  if ('prerendering' in document && document.prerendering)
    document.addEventListener('prerenderingchange', begin, { once: true });
  else begin();
}

/** Of the query string only the click id, campaign parameters and `ref`: the rest may be anybody's secret. */
function address(): string {
  const kept = new URLSearchParams();
  new URLSearchParams(location.search).forEach((value, name) => {
    if (/^(ff|ref|utm_\w+)$/.test(name)) kept.append(name, value);
  });
  const query = kept.toString();
  return location.origin + location.pathname + (query && `?${query}`);
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
