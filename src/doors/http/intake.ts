import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Hono, type Context as Request } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { World } from '#src/context.ts';
import { addressIn } from '#src/doors/http/caller.ts';
import type { Shortcut } from '#src/doors/http/shortcuts.ts';
import { proxyCountry } from '#src/measure/country.ts';
import { type Envelope, type Intake, openIntake, type Reception } from '#src/measure/events/intake.ts';
import type { EventRefusal } from '#src/measure/events/steps.ts';
import { trackerPaths } from '#src/measure/events/tracking.ts';

const SCRIPT = new URL('../../../dist/tracker/t.js', import.meta.url);
const LARGEST_EVENT = 64 * 1024;

/** What became of the events this process was sent; those that were spilled count as stored as well. */
export type EventCounts = { answered: ReadonlyMap<'stored' | EventRefusal, number>; spilled: number };

/**
 * Where the tracker's events come in (`POST /e`), and the tracker itself (`/t.js`), both also under a name of one's own.
 * Open to pages of every origin: the public key and the app's hosts say what is accepted, and nothing is ever read from
 * here. Ordinary events go by the shortcut.
 */
export function openIntakeDoor(
  world: World,
  events: Intake = openIntake(world),
): { door: Hono; shortcut: Shortcut; events: Intake; counts(): EventCounts } {
  const paths = trackerPaths(world);
  const door = new Hono();
  const answered = new Map<'stored' | EventRefusal, number>();
  const counted = (reception: Reception): Reception => {
    const outcome = reception.outcome === 'stored' ? 'stored' : reception.reason;
    answered.set(outcome, (answered.get(outcome) ?? 0) + 1);
    return reception;
  };

  for (const path of paths.events) {
    door.use(path, async (request, next) => {
      for (const [name, value] of Object.entries(OPEN)) request.header(name, value);
      await next();
    });
    door.options(path, (request) => request.body(null, 204, PREFLIGHT));
    door.post(
      path,
      bodyLimit({ maxSize: LARGEST_EVENT, onError: (request) => tell(request, counted(events.refuse('too_large'))) }),
      (request) =>
        // The tracker sends text/plain so that no preflight is needed; whatever it is called, it is JSON.
        request.req.text().then(async (text) => {
          const header = (name: string) => request.req.header(name);
          const remote = () => getConnInfo(request).remote.address;
          return tell(request, counted(await events.receive(envelopeOf(world, text, header, remote))));
        }),
    );
    door.all(path, (request) =>
      request.json({ stored: false, reason: 'method', message: 'Send events by POST.' }, 405),
    );
  }
  for (const path of paths.scripts)
    door.get(path, async (request) => {
      const script = await readFile(SCRIPT, 'utf8').catch(() => null);
      if (script === null) return request.text('The tracker is not built. Run: npm run build', 404);
      request.header('content-type', 'text/javascript; charset=utf-8');
      request.header('access-control-allow-origin', '*');
      request.header('cache-control', 'public, max-age=86400, stale-while-revalidate=604800');
      return request.body(script);
    });

  const own = new Set(paths.events);
  const shortcut: Shortcut = (request, response, onwards) => {
    if (request.method !== 'POST' || !own.has(request.url ?? '')) return onwards();
    readBody(request, (text) => {
      if (text === null) return send(request, response, counted(events.refuse('too_large')));
      const header = (name: string) => request.headers[name] as string | undefined;
      // Whatever goes wrong with one event is told to its sender: nobody may end the process from outside.
      const take = async () =>
        events.receive(envelopeOf(world, text, header, () => request.socket.remoteAddress)).catch((error: unknown) => {
          world.log.error({ err: error }, 'An event could not be taken in');
          return events.refuse('unavailable');
        });
      take().then(
        (reception) => send(request, response, counted(reception)),
        () => send(request, response, events.refuse('unavailable')),
      );
    });
  };
  return { door, shortcut, events, counts: () => ({ answered, spilled: events.spilled() }) };
}

/** Only the application, for those who have no use for the shortcut. */
export function intake(world: World, events?: Intake): Hono {
  return openIntakeDoor(world, events).door;
}

const OPEN = { 'access-control-allow-origin': '*', 'cache-control': 'no-store' };
const PREFLIGHT = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type',
  'access-control-max-age': '86400',
};

function envelopeOf(
  world: World,
  text: string,
  header: (name: string) => string | undefined,
  remote: () => string | undefined,
): Envelope {
  return {
    body: readJson(text),
    address: addressIn(world, header('x-forwarded-for'), remote),
    userAgent: header('user-agent') ?? null,
    acceptLanguage: header('accept-language') ?? null,
    proxyCountry: proxyCountry(header, world.config.TRUSTED_PROXIES),
    doNotTrack: header('dnt') === '1',
    privacyControl: header('sec-gpc') === '1',
  };
}

/** Everything is told with 202 that the page could not do better: browsers report other answers as faults of the page. */
const STATUS: Partial<Record<EventRefusal, 400 | 413 | 429 | 503>> = {
  malformed: 400,
  too_large: 413,
  rate_limited: 429,
  overloaded: 503,
  unavailable: 503,
};
const COME_BACK: Partial<Record<EventRefusal, string>> = { rate_limited: '60', overloaded: '5', unavailable: '5' };

function tell(request: Request, reception: Reception): Response {
  if (reception.outcome === 'stored') return request.json({ stored: true }, 202);
  const { reason, message } = reception;
  const later = COME_BACK[reason];
  if (later) request.header('retry-after', later);
  return request.json({ stored: false, reason, message }, STATUS[reason] ?? 202);
}

const STORED = '{"stored":true}';
const HEADERS = [
  ...Object.entries(OPEN).flat(),
  ...[
    'content-type',
    'application/json',
    'x-content-type-options',
    'nosniff',
    'cross-origin-resource-policy',
    'cross-origin',
  ],
];
const STORED_HEADERS = [...HEADERS, 'content-length', String(STORED.length)];

function send(request: IncomingMessage, response: ServerResponse, reception: Reception): void {
  if (reception.outcome === 'stored') {
    response.writeHead(202, STORED_HEADERS);
    response.end(STORED);
    return;
  }
  const { reason, message } = reception;
  const body = Buffer.from(JSON.stringify({ stored: false, reason, message }));
  const later = COME_BACK[reason];
  // What was not read to its end cannot be followed by another request.
  const ending = request.complete ? [] : ['connection', 'close'];
  response.writeHead(STATUS[reason] ?? 202, [
    ...HEADERS,
    ...(later ? ['retry-after', later] : []),
    ...ending,
    ...['content-length', String(body.length)],
  ]);
  response.end(body);
}

/** The body as text, or null when it is longer than an event may be. Nobody is called back when the sender goes away. */
function readBody(request: IncomingMessage, done: (text: string | null) => void): void {
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_EVENT) {
    done(null);
    return;
  }
  const parts: Buffer[] = [];
  let length = 0;
  let isTold = false;
  request.on('data', (part: Buffer) => {
    length += part.length;
    if (length <= LARGEST_EVENT) parts.push(part);
    else if (!isTold) {
      isTold = true;
      parts.length = 0;
      done(null);
    }
  });
  request.on('end', () => {
    if (isTold) return;
    done((parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString('utf8'));
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
