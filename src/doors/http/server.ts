import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { SpanKind } from '@opentelemetry/api';
import { Hono } from 'hono';
import type { Health } from '#src/doors/http/health.ts';
import { doorOf, type Metrics } from '#src/doors/http/metrics.ts';
import { instead, type Listener, type Listening, type Shortcut, withShortcuts } from '#src/doors/http/shortcuts.ts';
import { isTraced, onTrail, requestIdFrom, spanFrom } from '#src/trail.ts';

/** What is answered when everything is there. */
export type Doors = { app: Hono; shortcuts: Shortcut[] };

export type Door = {
  port: number;
  /** From now on requests are answered by these. */
  open(doors: Doors): void;
  /**
   * Takes nothing new, and returns when what is under way was answered. What is not answered after `patience`
   * milliseconds is broken off, and so, at once, is what would never end by itself (streams: browsers open them anew).
   */
  close(patience: number): Promise<void>;
};

/** The answers of a request that came in when it was too late; nothing was done, so it may be sent again. */
const LEAVING = 'Fanfare is stopping. Nothing was done; try again in a moment.';
const STARTING = 'Fanfare is starting. Reload in a moment.';

/**
 * Listens at once, so that a port that is taken is known before a database is started, and answers "starting" until the
 * application is there. Health is answered throughout, on every host and before everything else. Throws in words when
 * the port cannot be had.
 */
export function openDoor(
  at: { port: number; host: string; own?: string | null },
  health: Health,
  metrics: Metrics | null = null,
): Promise<Door> {
  let app = new Hono();
  app.all('*', (request) => request.text(STARTING, 503, { 'retry-after': '2' }));
  const running = new Map<ServerResponse, IncomingMessage>();
  let closing: Promise<void> | null = null;
  const answered = Promise.withResolvers<void>();
  let answer: Listener | null = null;

  return new Promise((resolve, reject) => {
    const server = serve({ fetch: (...all) => app.fetch(...all), port: at.port, hostname: at.host }, ({ port }) =>
      resolve({ port, open, close }),
    ) as Server;
    server.once('error', (error: NodeJS.ErrnoException) => reject(inWords(error, at.port)));

    const own = server.listeners('request')[0] as Listener;
    const application: Listener = (request, response) => {
      const requestId = requestIdFrom(request.headers['x-request-id']);
      response.setHeader('x-request-id', requestId);
      onTrail({ requestId }, () => {
        if (!isTraced()) {
          own(request, response);
          return;
        }
        const door = doorOf(request, at.own ?? null);
        const attributes = { 'http.request.method': request.method ?? '', 'fanfare.request_id': requestId };
        void spanFrom(request.headers.traceparent, `request ${door}`, SpanKind.SERVER, attributes, async (span) => {
          await own(request, response);
          span?.setAttribute('http.response.status_code', response.statusCode);
        });
      });
    };
    answer = application;
    instead(server as Listening, () => (request, response) => {
      if (health.answer(request, response) || metrics?.answer(request, response)) return;
      const begun = metrics ? performance.now() : 0;
      if (closing) {
        refuse(response);
        return;
      }
      running.set(response, request);
      response.once('close', () => {
        running.delete(response);
        metrics?.request(doorOf(request, at.own ?? null), response.statusCode, (performance.now() - begun) / 1000);
        if (closing && running.size === 0) answered.resolve();
      });
      answer?.(request, response);
    });

    const open = (doors: Doors) => {
      app = doors.app;
      answer = withShortcuts(application, doors.shortcuts);
    };
    const close = (patience: number) => {
      closing ??= stop(patience);
      return closing;
    };
    const stop = async (patience: number) => {
      const closed = new Promise<void>((done) => {
        server.close(() => done());
      });
      for (const [response, request] of running) {
        if (isStream(request)) response.destroy();
        // Kept open, the connection would be asked again.
        else if (!response.headersSent) response.shouldKeepAlive = false;
      }
      if (running.size === 0) answered.resolve();
      const over = new AbortController();
      await Promise.race([
        answered.promise,
        pause(patience, undefined, { signal: over.signal }).catch(() => undefined),
      ]);
      over.abort();
      server.closeAllConnections();
      await closed;
    };
  });
}

/** For a process that works in the background: it answers about its health, and of all else that it is not here. */
export function noDoors(): Doors {
  const app = new Hono();
  app.all('*', (request) => request.text('This process works in the background and has no pages (RUN=worker).', 404));
  return { app, shortcuts: [] };
}

/** Browsers and agents that wait for news say so, and no answer to them ends by itself. */
function isStream({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/event-stream');
}

function refuse(response: ServerResponse): void {
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '2', connection: 'close' });
  response.end(LEAVING);
}

function inWords(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new Error(`Port ${port} is taken by another program. Stop it, or choose another port: PORT=3001 npm start`, {
      cause: error,
    });
  if (error.code === 'EACCES')
    return new Error(`Port ${port} needs more rights. Choose one above 1024: PORT=3000 npm start`, { cause: error });
  return error;
}
