import { fillPath, toQuery } from '#src/doors/rest.ts';

export type Options = {
  /** Where Fanfare is: `https://fanfare.example.com`. */
  url: string;
  /** A key from Settings, API keys. */
  key: string;
  /** Which workspace, where the key's person has several. */
  workspace?: string;
  /** Milliseconds until a call is given up; 120,000 by default. Nothing is ever sent twice. */
  timeoutMs?: number;
  /** Instead of the global one. */
  fetch?: typeof fetch;
};

/** What was refused or went wrong, in words, with the field each problem is about. */
export class FanfareError extends Error {
  override readonly name = 'FanfareError';
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** A word for programs, where there is one: `invalid_input`, `not_found`. */
  readonly reason: string | undefined;
  readonly problems: { path: string; message: string }[];

  constructor(message: string, status: number, data: Refusal['data'], cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.reason = data?.reason;
    this.problems = data?.problems ?? [];
  }
}

type Refusal = { message: string; data?: { reason?: string; problems?: { path: string; message: string }[] } };
type Input = Record<string, unknown>;

type Operation = readonly [verb: string, call: readonly [method: string, path: string]];
/** Each noun with its verbs, by method and path below /api/v1. Filled in when the client is built. */
declare const OPERATIONS: readonly (readonly [noun: string, verbs: readonly Operation[]])[];

/** Everything Fanfare can do, as functions: `fanfare.posts.schedule({ postId, at })`. */
export function createClient(options: Options): Record<string, Record<string, (input?: Input) => Promise<unknown>>> {
  return Object.fromEntries(
    OPERATIONS.map(([noun, verbs]) => [
      noun,
      Object.fromEntries(
        verbs.map(([verb, [method, path]]) => [verb, (input?: Input) => call(options, method, path, input ?? {})]),
      ),
    ]),
  );
}

async function call(options: Options, method: string, path: string, input: Input): Promise<unknown> {
  const { path: filled, rest } = fillPath(path, input);
  const asks = method === 'GET';
  const query = asks ? toQuery(rest) : '';
  const answer = await send(options, `${options.url.replace(/\/+$/, '')}/api/v1${filled}${query && `?${query}`}`, {
    method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${options.key}`,
      ...(options.workspace ? { 'x-fanfare-workspace': options.workspace } : {}),
      ...(asks ? {} : { 'content-type': 'application/json' }),
    },
    ...(asks ? {} : { body: JSON.stringify(rest) }),
  });
  const body: unknown = await answer.json().catch(() => undefined);
  if (answer.ok) return body;
  if (isRefusal(body)) throw new FanfareError(body.message, answer.status, body.data);
  throw new FanfareError(
    `${options.url} answered ${answer.status}, but not as Fanfare does.`,
    answer.status,
    undefined,
  );
}

async function send({ timeoutMs = 120_000, fetch: own = fetch, url }: Options, to: string, request: RequestInit) {
  try {
    return await own(to, { ...request, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw new FanfareError(`No answer from ${url}: ${(error as Error).message}`, 0, undefined, error);
  }
}

function isRefusal(body: unknown): body is Refusal {
  return typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string';
}
