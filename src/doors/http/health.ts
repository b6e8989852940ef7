import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '#src/db/client.ts';
import type { Phase } from '#src/doors/life.ts';

/** Alive: nothing but that the process answers. Whoever starts it anew for less makes it worse. */
export const HEALTH_PATH = '/healthz';
/** Ready: it serves, and the database answers. Whoever sends requests here asks this. */
export const READY_PATH = '/readyz';

/** So long one answer of the database stands for the next ones, in milliseconds: anyone may ask, as often as they like. */
const STANDS_FOR = 500;
/** A database that takes longer than this is not there, in milliseconds; those who ask wait for 3 s. */
const PATIENCE = 2_000;

export type Readiness = { status: 'ready' | Exclude<Phase, 'serving'> | 'no_database' };

export type Health = {
  /** Answers when it was asked about health, on whatever host; false when it was asked for something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  readiness(): Promise<Readiness>;
};

/** @param database null while there is none yet */
export function openHealth(life: { phase(): Phase }, database: () => Pick<Database, 'alive'> | null): Health {
  let asked: { at: number; there: Promise<boolean> } | null = null;

  const isThere = (): Promise<boolean> => {
    if (asked && performance.now() - asked.at < STANDS_FOR) return asked.there;
    const there = Promise.race([
      (database()?.alive() ?? Promise.reject(new Error('There is no database yet.'))).then(
        () => true,
        () => false,
      ),
      pause(PATIENCE, false, { ref: false }),
    ]);
    const mine = { at: Number.POSITIVE_INFINITY, there };
    asked = mine;
    // It stands from when it is known.
    void there.then(() => {
      mine.at = performance.now();
    });
    return there;
  };
  const readiness = async (): Promise<Readiness> => {
    const phase = life.phase();
    if (phase !== 'serving') return { status: phase };
    return { status: (await isThere()) ? 'ready' : 'no_database' };
  };

  return {
    readiness,
    answer(request, response) {
      const path = pathOf(request.url ?? '');
      if (path !== HEALTH_PATH && path !== READY_PATH) return false;
      if (request.method !== 'GET' && request.method !== 'HEAD') send(response, 405, { status: 'ask with GET' });
      else if (path === HEALTH_PATH) send(response, 200, { status: 'ok' });
      else
        void readiness().then(({ status }) => {
          send(response, status === 'ready' ? 200 : 503, { status });
        });
      return true;
    },
  };
}

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

function send(response: ServerResponse, status: number, told: { status: string }): void {
  const body = JSON.stringify(told);
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': body.length,
    ...(status === 503 ? { 'retry-after': '2' } : {}),
  });
  response.end(body);
}
