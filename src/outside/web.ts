/**
 * The one guarded door for addresses that a person gives: reading public pages and texts of the web.
 *
 * Private networks cannot be reached (`web/guard.ts`), and nothing a page does can hold us up: redirects are followed
 * by hand and counted, time and size are limited, the size after decompression.
 */
import type { Agent } from 'undici';
import { type ApiAnswer, type ApiRequest, callThrough, type NoAnswer } from './http.ts';
import { badUrl, checkAddress, readAddress } from './web/address.ts';
import { type Answer, follow, type Limits } from './web/follow.ts';
import { guardedAgent, parseAllowed } from './web/guard.ts';
import { acceptHtml, acceptText, type Reader } from './web/kinds.ts';
import { type RobotsRules, robotsGate } from './web/robots.ts';

export type { RobotsRules } from './web/robots.ts';

/** A page as it came. `url` is the address asked for, `finalUrl` the one that answered. `bytes` after decompression. */
export type FetchedPage = {
  url: string;
  finalUrl: string;
  status: number;
  contentType: string;
  html: string;
  bytes: number;
  fetchedAt: Date;
  /** What the answer said of itself, by name in small letters; cookies are left out. */
  headers: Readonly<Record<string, string>>;
  /** The addresses that redirected on the way, the one asked for first; empty when it answered itself. */
  redirects: readonly string[];
  /** Milliseconds from asking the address that answered to its first byte. */
  waitedMs: number;
  /** Bytes as they came, before decompression; null when the answer did not say. */
  sentBytes: number | null;
};

/** A plain text as it came: robots.txt, a sitemap, a README, a feed. */
export type FetchedText = Omit<FetchedPage, 'html'> & { text: string };

export type PageRefusal = {
  code:
    | 'unreachable'
    | 'private_address'
    | 'not_html'
    | 'too_large'
    | 'too_slow'
    | 'redirect_loop'
    | 'bad_url'
    | 'http_error'
    | 'empty'
    | 'robots'
    | 'bad_encoding'
    | 'not_modified';
  /** The status of the answer, when there was one. */
  status?: number;
  /** For people: what happened, why, what to do. */
  message: string;
};

export type FetchLimits = {
  /** Milliseconds for everything, redirects included. Default 15,000. */
  totalMs?: number;
  /** Milliseconds without a byte. Default 5,000. */
  idleMs?: number;
  /** Bytes after decompression. Default 5,000,000. */
  maxBytes?: number;
  /** Ask the site's robots.txt first: for pages that are read on a schedule, not for one a person just asked for. */
  obeyRobots?: boolean;
  /** What an earlier answer said of itself; when it still holds the refusal is `not_modified`. */
  known?: { etag: string | null; lastModified: string | null };
};

export type Web = {
  /** Reads one HTML page. Never throws. */
  fetchPage(
    url: string,
    limits?: FetchLimits,
  ): Promise<{ ok: true; page: FetchedPage } | { ok: false; refusal: PageRefusal }>;
  /** Reads one text that is no HTML page; one packed as gzip is unpacked. Never throws. */
  fetchText(
    url: string,
    limits?: FetchLimits,
  ): Promise<{ ok: true; page: FetchedText } | { ok: false; refusal: PageRefusal }>;
  /** What the robots.txt of an address's site asks of us; kept an hour. Never throws. */
  robots(url: string): Promise<RobotsRules>;
  /** `callApi` for services whose address a person gave (a Mastodon server, a webhook), behind the same guard. */
  call(request: ApiRequest): Promise<ApiAnswer | NoAnswer>;
  close(): Promise<void>;
};

/**
 * The address a person means: trimmed, `https://` added when no scheme is given, international names encoded. Never
 * throws. `allow` as in `openWeb`.
 */
export function normaliseUrl(input: string, allow: string[] = []): URL | PageRefusal {
  const address = readAddress(input, parseAllowed(allow));
  return 'code' in address ? address : address.url;
}

/**
 * Opens the door.
 *
 * @param options.allow private hosts that may be read nevertheless: `host`, `host:port` or a range like `10.0.0.0/8`
 * @param options.userAgent who we say we are, with an address where a site's owner finds out more
 * @throws Error naming an entry of `allow` that cannot be read
 */
export function openWeb(options: { allow: string[]; userAgent: string }): Web {
  const allowed = parseAllowed(options.allow);
  const agent: Agent = guardedAgent(allowed, 5_000);
  const writers: Agent = guardedAgent(allowed, 5_000, true);
  const context = { agent, allowed, userAgent: options.userAgent };
  const robots = robotsGate(options.userAgent, (url, limits) => read(url, limits, acceptText));

  async function read<T extends object>(input: string, asked: FetchLimits, reader: Reader<T>) {
    const address = readAddress(input, allowed);
    if ('code' in address) return refused(address);
    const limits: Limits = {
      deadline: AbortSignal.timeout(asked.totalMs ?? 15_000),
      totalMs: asked.totalMs ?? 15_000,
      idleMs: asked.idleMs ?? 5_000,
      maxBytes: asked.maxBytes ?? 5_000_000,
      known: asked.known,
      mayVisit: asked.obeyRobots ? (url) => robots.check(url, { idleMs: 5_000 }) : undefined,
    };
    if (asked.obeyRobots) {
      const refusal = await robots.check(address.url, limits);
      if (refusal) return refused(refusal);
    }
    let answer = await follow(context, address.url, limits, reader.refuseType);
    // A person who types no scheme means whatever answers. Some small sites still have no https.
    if ('code' in answer && answer.tryPlain && !address.schemeGiven && !limits.deadline.aborted) {
      const plain = new URL(address.url);
      plain.protocol = 'http:';
      const second = await follow(context, plain, limits, reader.refuseType);
      if (!('code' in second && second.tryPlain)) answer = second;
    }
    if ('code' in answer) {
      const { tryPlain: _, ...refusal } = answer;
      return refused(refusal);
    }
    const taken = reader.take(answer, limits.maxBytes);
    if (isRefusal(taken)) return refused(taken);
    return { ok: true as const, page: { ...described(address.url, answer), ...taken } };
  }

  return {
    fetchPage: (url, limits = {}) => read(url, limits, acceptHtml),
    fetchText: (url, limits = {}) => read(url, limits, acceptText),
    robots: (url) => robots.rulesFor(new URL(url), 5_000),
    async call(request) {
      const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
      const refusal = url ? checkAddress(url, allowed) : badUrl('The address to call is not valid.');
      if (refusal) return { noAnswer: true, reason: refusal.message, neverSent: true };
      return callThrough(/^(get|head)$/i.test(request.method) ? agent : writers, request);
    },
    async close() {
      await Promise.all([agent.destroy(), writers.destroy()]);
    },
  };
}

function isRefusal(value: object): value is PageRefusal {
  return 'code' in value && 'message' in value;
}

function refused(refusal: PageRefusal) {
  return { ok: false as const, refusal };
}

function described(asked: URL, answer: Answer) {
  return {
    url: asked.href,
    finalUrl: answer.url.href,
    status: answer.status,
    contentType: answer.contentType,
    bytes: answer.bytes.length,
    fetchedAt: new Date(),
    headers: answer.headers,
    redirects: answer.redirects,
    waitedMs: answer.waitedMs,
    sentBytes: answer.sentBytes,
  };
}
