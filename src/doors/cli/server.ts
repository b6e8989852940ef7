import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Offered } from '#src/doors/operations.ts';
import { fillPath, toQuery } from '#src/doors/rest.ts';
import type { ApiRequest } from '#src/outside/http.ts';

/** What was said about where the server is and who is asking. */
export type Where = { url?: string; key?: string; workspace?: string };

export type Outcome =
  | { ok: true; value: unknown }
  | { ok: false; status: number; message: string; problems: { path: string; message: string }[] };

export type Server = {
  url: string;
  call(operation: Offered, input: Record<string, unknown>): Promise<Outcome>;
  /** Sends a picture or a video; the answer holds its id. */
  upload(bytes: Uint8Array): Promise<Outcome>;
};

type Environment = Record<string, string | undefined>;

/** Finds the server and what to show it: flags first, then the environment, then what lies in the data folder. */
export async function findServer(where: Where, environment: Environment = process.env): Promise<Server> {
  const data = await runningFolder(environment);
  const url = (where.url ?? environment.FANFARE_URL ?? data.url ?? 'http://localhost:3000').replace(/\/+$/, '');
  const key =
    where.key ??
    environment.FANFARE_KEY ??
    (isOurs(url, data.url) ? await localKey(data.folder, environment) : undefined);
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(key ? { authorization: `Bearer ${key}` } : {}),
    ...(where.workspace ? { 'x-fanfare-workspace': where.workspace } : {}),
  };
  const send = async (request: ApiRequest): Promise<Outcome> => {
    const { callApi, isNoAnswer } = await import('#src/outside/http.ts');
    const answer = await callApi(request);
    if (isNoAnswer(answer)) return failure(0, answer.neverSent ? notRunning(url) : answer.reason);
    const body = answer.json();
    if (answer.status < 300) return { ok: true, value: body ?? null };
    if (!isProblem(body))
      return failure(
        answer.status,
        answer.status === 503
          ? answer.text.slice(0, 300)
          : `${url} answered ${answer.status}, but not as Fanfare does. Is it the right address?`,
      );
    const message = answer.status === 401 && !key ? noKey(url) : body.message;
    return { ...failure(answer.status, message), problems: body.data?.problems ?? [] };
  };
  return {
    url,
    call(operation, input) {
      const { path, rest } = fillPath(operation.path, input);
      const asks = operation.method === 'GET';
      const query = asks ? toQuery(rest) : '';
      return send({
        method: operation.method,
        url: `${url}/api/v1${path}${query ? `?${query}` : ''}`,
        headers,
        ...(asks ? {} : { body: JSON.stringify(rest) }),
        timeoutMs: operation.long ? 900_000 : 120_000,
        maxBytes: 100_000_000,
      });
    },
    upload(bytes) {
      const request = { method: 'POST', url: `${url}/uploads`, body: bytes, timeoutMs: 120_000 };
      return send({ ...request, headers: { ...headers, 'content-type': 'application/octet-stream' } });
    },
  };
}

function failure(status: number, message: string) {
  return { ok: false as const, status, message, problems: [] };
}

type Problem = { message: string; data?: { problems?: { path: string; message: string }[] } };

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string';
}

function notRunning(url: string): string {
  return `No Fanfare answers at ${url}. Start it with "npm start" (or "npm run demo"), or say where it is with --url or FANFARE_URL.`;
}

function noKey(url: string): string {
  return `${url} wants to know who you are. Make a key there under Settings, API keys, and pass it as FANFARE_KEY or --key. On the server’s own machine no key is needed when the command may read its data folder (FANFARE_DATA), and once the owner account exists.`;
}

/** The data folder of a running Fanfare on this machine: the real one, else the demo's below it. */
async function runningFolder(environment: Environment): Promise<{ folder: string; url?: string }> {
  const { defaultDataFolder } = await import('#src/db/embedded.ts');
  const folder = environment.FANFARE_DATA || defaultDataFolder(environment);
  for (const one of [folder, join(folder, 'demo')]) {
    const url = heldAt(one);
    if (url) return { folder: one, url };
  }
  return { folder };
}

function heldAt(folder: string): string | undefined {
  try {
    const lock: unknown = JSON.parse(readFileSync(join(folder, 'fanfare.lock'), 'utf8'));
    return typeof lock === 'object' && lock !== null && 'url' in lock && typeof lock.url === 'string'
      ? lock.url
      : undefined;
  } catch {
    return undefined; // not running here, or another account's folder
  }
}

/** The local credential opens everything, so it goes to the address of our own data folder or to this machine only. */
function isOurs(url: string, own: string | undefined): boolean {
  if (own && url === own.replace(/\/+$/, '')) return true;
  return URL.canParse(url) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

async function localKey(folder: string, environment: Environment): Promise<string | undefined> {
  // Opening the secrets would make a secret where there is none; the command line only ever reads one.
  if (!environment.FANFARE_SECRET && !existsSync(join(folder, 'secret.key'))) return undefined;
  const { openSecrets } = await import('#src/secrets.ts');
  const { localCredential } = await import('#src/doors/local.ts');
  try {
    return localCredential(
      await openSecrets({ data: folder, ...(environment.FANFARE_SECRET ? { given: environment.FANFARE_SECRET } : {}) }),
    );
  } catch {
    return undefined; // the folder belongs to another account: a key is needed
  }
}
