/**
 * A server that answers what a test recorded: for services of which there is no server to run. Each expected request has
 * its answer; what comes unannounced, or does not come, is a problem that `problems()` tells.
 *
 * `fourFailures` puts an adapter's creating call through everything that can go wrong, in a few lines:
 *
 *     await fourFailures(server, {
 *       call: (apiUrl) => linkedin.publish({ ...grant, apiUrl }, part),
 *       asked: 'POST /rest/posts',
 *       later: [{ status: 429 }],
 *       reconnect: [{ status: 401 }],
 *       refused: [{ status: 403, json: { message: 'No' } }],
 *     });
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { Failure, Outcome } from '#src/outside/platform.ts';

/** What came in. `path` is without the query. */
export type Asked = {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  bytes: Uint8Array;
  text: string;
  /** The body as JSON; throws when it is not. */
  json(): unknown;
  /** The body as a form. */
  form(): Record<string, string>;
};

export type Answer =
  | { status?: number; headers?: Record<string, string>; json?: unknown; text?: string }
  /** Takes the request in whole and breaks the connection: the answer is lost. */
  | 'lose'
  /** Answers 200, and breaks the connection in the middle of the body. */
  | 'half'
  /** Keeps the connection and never answers, until `close`. */
  | 'hang';

/** A request as `POST /rest/posts` (`*` stands for one segment of the path), and what to answer to it. */
export type Exchange = [asked: string, answer: Answer | ((asked: Asked) => Answer)];

export type RecordedServer = {
  /** To be used as `apiUrl`. */
  url: string;
  /** Everything that came in, in order. */
  requests: Asked[];
  /** Adds to what is expected. Of several that fit a request, the first takes it; each is good once. */
  expect(...exchanges: Exchange[]): void;
  /** What came unannounced, and what was expected and did not come; empties both. */
  problems(): string[];
  close(): Promise<void>;
};

/** Starts the server on a free port of 127.0.0.1. */
export async function startRecorded(): Promise<RecordedServer> {
  const requests: Asked[] = [];
  const expected: Exchange[] = [];
  const strange: string[] = [];
  const server = createServer((request, response) => {
    void read(request).then((asked) => {
      if (!asked) return;
      requests.push(asked);
      const at = expected.findIndex(([pattern]) => fits(pattern, asked));
      const [exchange] = at < 0 ? [] : expected.splice(at, 1);
      if (!exchange) strange.push(`${asked.method} ${asked.path} came unannounced.`);
      // A status that no adapter may take for success, and a body that says why the test failed.
      const answer = exchange?.[1] ?? { status: 501, text: 'The test recorded no answer to this.' };
      reply(response, typeof answer === 'function' ? answer(asked) : answer);
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: urlOf(server),
    requests,
    expect: (...exchanges) => void expected.push(...exchanges),
    problems: () => [...strange.splice(0), ...expected.splice(0).map(([asked]) => `${asked} did not come.`)],
    close: () => closed(server),
  };
}

/** What says nothing about the outcome of a call that creates. */
export const SAYS_NOTHING: Answer[] = [
  'lose',
  'half',
  { status: 500, json: { message: 'Internal error' } },
  { status: 502, headers: { 'content-type': 'text/html' }, text: '<html>Bad gateway</html>' },
  { status: 503 },
  { status: 200, text: 'a page of something else' },
];

/**
 * Puts a creating call through the four failures and expects the right kind of each; besides, that the call is made once
 * whatever comes back, that a request which never left is `later`, that `reason` is a sentence, and that neither it nor
 * the receipt holds a secret. Answers with the failures, keyed `later 0`, `unknown 2` …, for what is special.
 */
export async function fourFailures(
  server: RecordedServer,
  trial: {
    call(apiUrl: string): Promise<Outcome<unknown>>;
    /** The request that creates. */
    asked: string;
    /** What is asked before it each time. */
    before?: Exchange[];
    later: Answer[];
    reconnect: Answer[];
    refused: Answer[];
    /** `SAYS_NOTHING` unless said otherwise. */
    unknown?: Answer[];
    /** What must not be shown: tokens and keys. */
    secrets?: string[];
  },
): Promise<Record<string, Failure>> {
  const { later, reconnect, refused, unknown = SAYS_NOTHING } = trial;
  const failures: Record<string, Failure> = {};
  for (const [kind, answers] of Object.entries({ later, reconnect, refused, unknown })) {
    for (const [at, answer] of answers.entries()) {
      const name = `${kind} ${at}`;
      const begun = server.requests.length;
      server.expect(...(trial.before ?? []), [trial.asked, answer]);
      const failure = failureOf(name, await trial.call(server.url), trial.secrets);
      expect([name, failure.kind]).toEqual([name, kind]);
      const creating = server.requests.slice(begun).filter((asked) => fits(trial.asked, asked));
      expect([name, creating.length, server.problems()]).toEqual([name, 1, []]);
      failures[name] = failure;
    }
  }
  const nowhere = failureOf('never sent', await trial.call(await nobodyListens()), trial.secrets);
  expect(['never sent', nowhere.kind]).toEqual(['never sent', 'later']);
  return { ...failures, 'never sent': nowhere };
}

/** An address at which nobody listens: a request to it certainly never leaves. */
export async function nobodyListens(): Promise<string> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const url = urlOf(server);
  await closed(server);
  return url;
}

function failureOf(name: string, outcome: Outcome<unknown>, secrets: string[] = []): Failure {
  if (outcome.ok) throw new Error(`${name}: the call went well.`);
  const { failure } = outcome;
  expect([name, failure.reason]).toEqual([name, expect.stringMatching(/^\S.*[.!?)]$/s)]);
  expect([name, failure.reason]).toEqual([name, expect.not.stringMatching(/undefined|null|NaN|\[object/)]);
  if (failure.kind === 'later') expect(failure.until.getTime()).toBeGreaterThan(Date.now());
  const shown = `${failure.reason} ${outcome.said ?? ''}`;
  for (const secret of secrets) expect([name, shown.includes(secret)]).toEqual([name, false]);
  return failure;
}

function fits(pattern: string, asked: Asked): boolean {
  const [method, path = ''] = pattern.split(' ');
  const wanted = path.split('/');
  const segments = asked.path.split('/');
  return (
    method === asked.method &&
    wanted.length === segments.length &&
    wanted.every((one, at) => one === '*' || one === segments[at])
  );
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'lose') {
    response.socket?.destroy();
    return;
  }
  if (answer === 'half') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id":', () => response.socket?.destroy());
    return;
  }
  const { status = 200, headers = {}, json, text } = answer;
  const kind = json === undefined ? 'text/plain' : 'application/json';
  response.writeHead(status, { 'content-type': kind, ...headers });
  response.end(json === undefined ? (text ?? '') : JSON.stringify(json));
}

async function read(request: IncomingMessage): Promise<Asked | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
  } catch {
    return undefined;
  }
  const url = new URL(request.url ?? '/', 'http://recorded.invalid');
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString('utf8');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    bytes,
    text,
    json: () => JSON.parse(text) as unknown,
    form: () => Object.fromEntries(new URLSearchParams(text)),
  };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
