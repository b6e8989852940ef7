/**
 * Calling a known service: a platform, a payment provider, a model server.
 *
 * One call is one request. Nothing is ever sent twice from here: whether a call may be repeated is known to the
 * job that makes it, not to the wire. Redirects are not followed either, they are an answer like any other: a
 * service which moves must not take our credentials to another host.
 *
 * Addresses given by a person go through `web.ts` instead, which guards against private networks; its `call` is
 * this function behind that guard. Where a service of a fixed address may be given another one, its adapter stands
 * `behind` the same guard (`web/behind.ts`).
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { SpanKind } from '@opentelemetry/api';
import { Agent, type Dispatcher, request as send } from 'undici';
import { span } from '#src/trail.ts';
import { ACCEPTED_ENCODINGS, readBody } from './body.ts';

/** What the service said, whatever the status. */
export type ApiAnswer = {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON, or `undefined` when it is not JSON. Parse it with a schema before use. */
  json(): unknown;
};

/** No complete answer came. Unless `neverSent`, the service may have received the request and acted on it. */
export type NoAnswer = {
  noAnswer: true;
  /** For people: what happened. Never holds a header, a path or a body. */
  reason: string;
  /** True when we know that the request never left (unknown host, refused or failed connection). */
  neverSent: boolean;
};

export type ApiRequest = {
  method: string;
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | URLSearchParams;
  /** Milliseconds for the whole call, from looking up the host to the last byte in. Default 30,000. */
  timeoutMs?: number;
  /** Largest body taken, in bytes after decompression. Default 10,000,000. */
  maxBytes?: number;
};

/** Makes one call and reads the whole answer as UTF-8 text. Never throws: every status is an answer, see `NoAnswer`. */
export async function callApi(request: ApiRequest): Promise<ApiAnswer | NoAnswer> {
  const pools = chosen.getStore() ?? { readers, writers };
  return callThrough(/^(get|head)$/i.test(request.method) ? pools.readers : pools.writers, request);
}

/** Connections for what reads, and for what must not be asked twice. */
export type Pools = { readers: Dispatcher; writers: Dispatcher };

/** Runs `run` with every `callApi` in it over these connections. */
export function callingOver<T>(pools: Pools, run: () => T): T {
  return chosen.run(pools, run);
}

/** True when a call brought no answer. */
export function isNoAnswer(answer: ApiAnswer | NoAnswer): answer is NoAnswer {
  return 'noAnswer' in answer;
}

/**
 * An answer as it stands on a receipt: the status and the beginning of the body, or why there was none. Where the address
 * called is itself the key, give what is secret of it: servers like to repeat what they were asked for.
 */
export function saidBy(answer: ApiAnswer | NoAnswer, secrets: readonly string[] = []): string {
  if (isNoAnswer(answer)) return answer.reason;
  // As much more as the longest secret: one that is cut at the end would not be recognised.
  const kept = answer.text.slice(0, 2_000 + Math.max(0, ...secrets.map((secret) => secret.length)));
  const hidden = secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '…')), kept);
  return `HTTP ${answer.status} ${hidden}`.trimEnd().slice(0, 2_000).toWellFormed();
}

/** What is secret of an address that is itself a key: its path with the query, and each long piece of either. */
export function secretsOf(address: string): string[] {
  const { pathname, search, searchParams } = new URL(address);
  const pieces = [...pathname.split('/'), ...searchParams.values()].filter((piece) => piece.length >= LONG_PIECE);
  const whole = [`${pathname}${search}`, pathname].filter((path) => path.length > 1);
  return [...new Set([...whole, ...pieces.flatMap((piece) => [piece, readable(piece)])])];
}

/** `callApi` over a given connection pool. */
export function callThrough(agent: Dispatcher, request: ApiRequest): Promise<ApiAnswer | NoAnswer> {
  // The host alone: paths of services hold ids and keys.
  const host = URL.canParse(request.url) ? new URL(request.url).host : '';
  const attributes = { 'http.request.method': request.method.toUpperCase(), 'server.address': host };
  return span(
    'call',
    attributes,
    async (mine) => {
      const answer = await sendThrough(agent, request);
      if ('noAnswer' in answer) mine?.setAttribute('error.type', 'no_answer');
      else mine?.setAttribute('http.response.status_code', answer.status);
      return answer;
    },
    SpanKind.CLIENT,
  );
}

async function sendThrough(agent: Dispatcher, request: ApiRequest): Promise<ApiAnswer | NoAnswer> {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) return notSent('The address to call is not an http or https address.');
  const headers = headersOf(request);
  if (!headers) return notSent(`A header for ${url.host} holds characters that cannot be sent.`);

  const timeoutMs = request.timeoutMs ?? 30_000;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const answer = await send(url, {
      method: request.method.toUpperCase() as Dispatcher.HttpMethod,
      headers,
      body: request.body instanceof URLSearchParams ? request.body.toString() : request.body,
      dispatcher: agent,
      signal: deadline,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    // Dropping a body midway is reported as an error on it; nobody else is listening.
    answer.body.on('error', () => {});
    const encoding = hasBody(request.method, answer.statusCode) ? answer.headers['content-encoding'] : undefined;
    const bytes = await readBody(answer.body, encoding, request.maxBytes ?? 10_000_000);
    if (!bytes)
      return { noAnswer: true, reason: `${url.host} sent a larger answer than is accepted.`, neverSent: false };
    const text = storable(new TextDecoder().decode(bytes));
    return { status: answer.statusCode, headers: plainHeaders(answer.headers), text, json: () => parseJson(text) };
  } catch (error) {
    if (deadline.aborted)
      return { noAnswer: true, reason: `${url.host} did not answer within ${timeoutMs / 1000} s.`, neverSent: false };
    const before = beforeSending(error);
    if (before) return notSent(`${url.host} could not be called: ${before}.`);
    const code = networkCode(error);
    const reason = `The connection to ${url.host} broke before the answer was complete${code ? ` (${code})` : ''}.`;
    return { noAnswer: true, reason, neverSent: false };
  }
}

/**
 * Why a request failed before its first byte was written, as the end of a sentence; `undefined` when it failed
 * later or nobody can tell.
 */
export function beforeSending(error: unknown): string | undefined {
  const cause = rootOf(error);
  const code = networkCode(cause);
  if (!(cause instanceof Error) || !code) return undefined;
  if (cause instanceof NotPermitted) return cause.message;
  if (SYSTEM_CODES.has(code)) {
    // An established connection can die with some of the same codes, then `syscall` is read or write.
    const syscall = 'syscall' in cause ? cause.syscall : undefined;
    return syscall === 'connect' || syscall === 'getaddrinfo' ? SYSTEM_CODES.get(code) : undefined;
  }
  return CONNECTION_CODES.get(code);
}

/** The code of a network error, `ECONNREFUSED` for example. */
export function networkCode(error: unknown): string | undefined {
  const cause = rootOf(error);
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

/** A connection that our own rules forbid. The message ends the sentence “… could not be called: ”. */
export class NotPermitted extends Error {
  code = 'NOT_PERMITTED';
}

/** A piece of an address from which on it may be a secret rather than a word, in characters. */
const LONG_PIECE = 12;

/** Either of them as JSON writes it. */
const UNSTORABLE = /\\u(0000|d[89a-f])/i;

const chosen = new AsyncLocalStorage<Pools>();
const CONNECTION = { connect: { timeout: 10_000 }, allowH2: false };
const readers = new Agent({ ...CONNECTION, keepAliveTimeout: 4_000 });
// A new connection for each call that may create something. On a kept one, the other side may be closing it while we
// write, and then nobody can say whether the request arrived.
const writers = new Agent({ ...CONNECTION, pipelining: 0 });

const SYSTEM_CODES = new Map([
  ['ENOTFOUND', 'the host name is not known'],
  ['EAI_AGAIN', 'the host name could not be looked up'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'the network cannot be reached'],
  ['ETIMEDOUT', 'the connection took too long'],
]);

const CONNECTION_CODES = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'the connection took too long'],
  ['UND_ERR_INVALID_ARG', 'the request is not valid'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate chain is self-signed'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'its certificate cannot be verified'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'its certificate cannot be verified'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate belongs to another host'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak https on that port'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it does not speak https on that port'],
]);

function notSent(reason: string): NoAnswer {
  return { noAnswer: true, reason, neverSent: true };
}

function headersOf(request: ApiRequest): Record<string, string> | undefined {
  try {
    const headers = new Headers(request.headers);
    if (!headers.has('accept-encoding')) headers.set('accept-encoding', ACCEPTED_ENCODINGS);
    if (!headers.has('user-agent')) headers.set('user-agent', 'Fanfare');
    if (request.body instanceof URLSearchParams && !headers.has('content-type'))
      headers.set('content-type', 'application/x-www-form-urlencoded');
    return Object.fromEntries(headers);
  } catch {
    return undefined;
  }
}

function hasBody(method: string, status: number): boolean {
  return method.toUpperCase() !== 'HEAD' && status !== 204 && status !== 304;
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Headers {
  const plain = new Headers();
  for (const [name, value] of Object.entries(headers)) for (const one of [value ?? []].flat()) plain.append(name, one);
  return plain;
}

/** PostgreSQL keeps neither NUL nor half of a character: what a service says must never stop us from writing it down. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

function readable(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

function parseJson(text: string): unknown {
  try {
    if (!UNSTORABLE.test(text)) return JSON.parse(text) as unknown;
    return JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? storable(value) : value)) as unknown;
  } catch {
    return undefined;
  }
}

/** Errors come wrapped, and a connection that tried several addresses holds one error for each. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  if (error instanceof Error && !('code' in error) && error.cause instanceof Error) return rootOf(error.cause);
  return error;
}
