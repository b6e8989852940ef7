/** One GET through the guard, redirects followed by hand. */
import { type Agent, type Dispatcher, errors, request as send } from 'undici';
import { ACCEPTED_ENCODINGS, readBody, UnknownEncoding } from '#src/outside/body.ts';
import { beforeSending, NotPermitted, networkCode } from '#src/outside/http.ts';
import type { PageRefusal } from '#src/outside/web.ts';
import { checkAddress, privateAddress } from './address.ts';
import type { Allowed } from './guard.ts';
import { httpError } from './kinds.ts';

export type Answer = {
  url: URL;
  status: number;
  contentType: string;
  bytes: Buffer;
  headers: Record<string, string>;
  redirects: string[];
  waitedMs: number;
  sentBytes: number | null;
};

/** `tryPlain`: https brought no answer at all, so http might. */
export type NoPage = PageRefusal & { tryPlain?: boolean };

export type Limits = {
  deadline: AbortSignal;
  totalMs: number;
  idleMs: number;
  maxBytes: number;
  known?: { etag: string | null; lastModified: string | null } | undefined;
  /** Asked of every address that a redirect leads to. */
  mayVisit?: ((url: URL) => Promise<PageRefusal | undefined>) | undefined;
};

type Asking = { agent: Agent; allowed: Allowed[]; userAgent: string };

const MOST_REDIRECTS = 5;

/**
 * Gets an address and where it redirects to. A type of content that `refuseType` refuses is dropped before its body
 * is read.
 */
export async function follow(
  asking: Asking,
  start: URL,
  limits: Limits,
  refuseType: (contentType: string, url: URL) => PageRefusal | undefined,
): Promise<Answer | NoPage> {
  const visited = new Set<string>();
  let url = start;
  while (!visited.has(url.href)) {
    visited.add(url.href);
    const answer = await ask(asking, url, limits, refuseType);
    if (!('redirect' in answer)) return 'code' in answer ? answer : { ...answer, redirects: [...visited].slice(0, -1) };
    if (visited.size > MOST_REDIRECTS)
      return {
        code: 'redirect_loop',
        message: `${start.host} redirects more than ${MOST_REDIRECTS} times, so it was given up at ${url.host}. Enter the address where it ends in your browser.`,
      };
    const next = URL.canParse(answer.redirect, url) ? new URL(answer.redirect, url) : undefined;
    if (!next) return { code: 'redirect_loop', message: `${url.host} redirects to an address that is not valid.` };
    next.hash = '';
    const refusal = checkAddress(next, asking.allowed) ?? (await limits.mayVisit?.(next));
    if (refusal) return { code: refusal.code, message: `${url.host} redirects elsewhere. ${refusal.message}` };
    url = next;
  }
  return {
    code: 'redirect_loop',
    message: `${start.host} redirects in a circle, back to ${url.host}${url.pathname}. It may want cookies or a login first. Enter the address of a page that opens in a private browser window.`,
  };
}

async function ask(
  asking: Asking,
  url: URL,
  limits: Limits,
  refuseType: (contentType: string, url: URL) => PageRefusal | undefined,
): Promise<Answer | NoPage | { redirect: string }> {
  let body: Dispatcher.ResponseData['body'] | undefined;
  const asked = performance.now();
  try {
    const answer = await send(url, {
      method: 'GET',
      dispatcher: asking.agent,
      signal: limits.deadline,
      headersTimeout: limits.idleMs,
      bodyTimeout: limits.idleMs,
      headers: {
        'user-agent': asking.userAgent,
        accept: 'text/html,application/xhtml+xml;q=0.9,text/*;q=0.8,*/*;q=0.5',
        'accept-language': 'en,*;q=0.5',
        'accept-encoding': ACCEPTED_ENCODINGS,
        ...(limits.known?.etag ? { 'if-none-match': limits.known.etag } : {}),
        ...(limits.known?.lastModified ? { 'if-modified-since': limits.known.lastModified } : {}),
      },
    });
    const waitedMs = Math.round(performance.now() - asked);
    body = answer.body;
    // Dropping a body midway is reported as an error on it; nobody else is listening.
    body.on('error', () => {});
    const location = one(answer.headers.location);
    if ([301, 302, 303, 307, 308].includes(answer.statusCode) && location) return { redirect: location };
    if (answer.statusCode === 304)
      return { code: 'not_modified', status: 304, message: `${url.host} says that the page has not changed.` };
    if (answer.statusCode < 200 || answer.statusCode > 299) return httpError(url, answer.statusCode);
    const contentType = one(answer.headers['content-type']) ?? '';
    const refusal = refuseType(contentType, url);
    if (refusal) return refusal;
    const announced = Number(one(answer.headers['content-length']) ?? 0);
    const bytes =
      announced > limits.maxBytes
        ? undefined
        : await readBody(body, answer.headers['content-encoding'], limits.maxBytes);
    if (!bytes) return tooLarge(url, limits.maxBytes);
    const headers = headersOf(answer.headers);
    const sentBytes = headers['content-encoding'] ? announced || null : bytes.length;
    return { url, status: answer.statusCode, contentType, bytes, headers, redirects: [], waitedMs, sentBytes };
  } catch (error) {
    return explain(error, url, limits);
  } finally {
    if (body && !body.readableEnded) body.destroy();
  }
}

function explain(error: unknown, url: URL, limits: Limits): NoPage {
  if (error instanceof NotPermitted) return privateAddress(url.host);
  const tryPlain = url.protocol === 'https:';
  if (
    limits.deadline.aborted ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError
  )
    return {
      code: 'too_slow',
      message: limits.deadline.aborted
        ? `${url.host} did not send the whole page within ${limits.totalMs / 1000} seconds. Try again later, or enter another page of the site.`
        : `${url.host} stopped sending for ${limits.idleMs / 1000} seconds. Try again later, or enter another page of the site.`,
    };
  if (error instanceof UnknownEncoding)
    return {
      code: 'bad_encoding',
      message: `The page of ${url.host} cannot be read: it is ${error.message}. Ask whoever runs the site to send it uncompressed or as gzip.`,
    };
  const before = beforeSending(error);
  if (before)
    return {
      code: 'unreachable',
      message: `${url.host} cannot be reached: ${before}. Check the spelling, and whether the page opens in your browser.`,
      // A certificate that is wrong is an answer: reading on without encryption would hide it.
      tryPlain: tryPlain && !before.includes('certificate'),
    };
  const code = networkCode(error);
  if (code?.startsWith('Z_') || code?.startsWith('ERR__ERROR_') || code?.startsWith('ERR_BROTLI'))
    return {
      code: 'bad_encoding',
      message: `The page of ${url.host} cannot be read: its compression is damaged. Try again later.`,
    };
  return {
    code: 'unreachable',
    message: `${url.host} broke the connection off before the page was complete${code ? ` (${code})` : ''}. Try again, and check whether the page opens in your browser.`,
    tryPlain: tryPlain,
  };
}

function tooLarge(url: URL, maxBytes: number): NoPage {
  return {
    code: 'too_large',
    message: `The page of ${url.host} is larger than ${maxBytes / 1_000_000} MB, so it was not read to its end. Enter a smaller page, for example the start page of the product.`,
  };
}

/** What an answer says of itself; cookies are nobody's business, and no header is longer than it need be. */
function headersOf(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => name !== 'set-cookie' && value !== undefined)
      .slice(0, 80)
      .map(([name, value]) => [name, [value].flat().join(', ').slice(0, 2_000)]),
  );
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
