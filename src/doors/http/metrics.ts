import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { shared, type World } from '#src/context.ts';
import type { EventCounts } from '#src/doors/http/intake.ts';

export const METRICS_PATH = '/metrics';

/** Questions to the database are asked again no sooner than this, in milliseconds: several may scrape. */
const STANDS_FOR = 10_000;

export type Metrics = {
  registry: Registry;
  /** Answers a request for the metrics; false when it asks for something else. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** Counts an answered request; `seconds` from its first line to the end of the answer. */
  request(door: string, status: number, seconds: number): void;
  job(name: string, outcome: 'done' | 'failed', seconds: number): void;
  /** From here on the figures of the database and the doors are shown as well. */
  watch(world: World, events?: () => EventCounts): void;
};

/** @param token whoever sends it may see them */
export function openMetrics(token: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'fanfare_http_requests_total',
    help: 'Requests answered, by door and status.',
    labelNames: ['door', 'status'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'fanfare_http_request_duration_seconds',
    help: 'Time from the first line of a request to the end of its answer, by door.',
    labelNames: ['door'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const jobs = new Counter({
    name: 'fanfare_jobs_total',
    help: 'Jobs worked on by this process, by verb and outcome.',
    labelNames: ['job', 'outcome'] as const,
    registers,
  });
  const jobDurations = new Histogram({
    name: 'fanfare_job_duration_seconds',
    help: 'Time a job took, by verb.',
    labelNames: ['job'] as const,
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300],
    registers,
  });
  const wanted = digest(`Bearer ${token}`);

  return {
    registry,
    answer(request, response) {
      const [path] = (request.url ?? '').split('?');
      if (path !== METRICS_PATH || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
      if (!timingSafeEqual(digest(request.headers.authorization ?? ''), wanted)) {
        response.writeHead(401, {
          'content-type': 'text/plain',
          'www-authenticate': 'Bearer',
          'cache-control': 'no-store',
        });
        response.end('Send the METRICS_TOKEN as a bearer token.\n');
        return true;
      }
      registry.metrics().then(
        (text) => {
          response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
          response.end(text);
        },
        () => {
          response.writeHead(503, { 'content-type': 'text/plain' });
          response.end('The metrics could not be read.\n');
        },
      );
      return true;
    },
    request(door, status, seconds) {
      requests.inc({ door, status });
      durations.observe({ door }, seconds);
    },
    job(name, outcome, seconds) {
      jobs.inc({ job: name, outcome });
      jobDurations.observe({ job: name }, seconds);
    },
    watch(world, events) {
      watchDatabase(registry, world);
      if (events) watchEvents(registry, events);
    },
  };
}

type Figures = {
  queue: { waiting: number; due: number; running: number; failed: number; lag: number };
  publications: { state: string; count: number }[];
  due: { count: number; lag: number };
};

function watchDatabase(registry: Registry, world: World): void {
  const registers = [registry];
  let read: { at: number; figures: Promise<Figures | null> } | null = null;
  // The database away is a figure of its own; the others are then left out rather than shown as they were.
  const figures = () => {
    if (!read || performance.now() - read.at > STANDS_FOR)
      read = { at: performance.now(), figures: figuresOf(world).catch(() => null) };
    return read.figures;
  };
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    show: (gauge: Gauge<L>, figures: Figures) => void,
  ) =>
    new Gauge<L>({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        this.reset();
        const known = await figures();
        if (known) show(this, known);
      },
    });
  gauge('fanfare_queue_jobs', 'Jobs in the queue, by state.', ['state'], (one, { queue }) => {
    for (const state of ['waiting', 'due', 'running', 'failed'] as const) one.set({ state }, queue[state]);
  });
  gauge('fanfare_queue_lag_seconds', 'How long the oldest job that is due has waited.', [], (one, { queue }) =>
    one.set(queue.lag),
  );
  gauge('fanfare_publications', 'Publications of all workspaces, by state.', ['state'], (one, { publications }) => {
    for (const { state, count } of publications) one.set({ state }, count);
  });
  gauge('fanfare_publications_due', 'Publications that could go out now.', [], (one, { due }) => one.set(due.count));
  gauge(
    'fanfare_publishing_lag_seconds',
    'How long the oldest publication that could go out has waited.',
    [],
    (one, { due }) => one.set(due.lag),
  );
  new Gauge({
    name: 'fanfare_database_up',
    help: '1 while the database answers.',
    registers,
    async collect() {
      this.set(
        await world.db.alive().then(
          () => 1,
          () => 0,
        ),
      );
    },
  });
  new Gauge({
    name: 'fanfare_database_connections',
    help: 'Connections of this process to the database, by kind and state; waiting: requests that wait for one.',
    labelNames: ['kind', 'state'] as const,
    registers,
    collect() {
      for (const { kind, open, idle, waiting } of world.db.use()) {
        this.set({ kind, state: 'used' }, open - idle);
        this.set({ kind, state: 'idle' }, idle);
        this.set({ kind, state: 'waiting' }, waiting);
      }
    },
  });
}

async function figuresOf(world: World): Promise<Figures> {
  const { pool } = world.db;
  const now = world.clock.now();
  const since = (at: Date | null | undefined) => (at ? Math.max(0, (now.getTime() - at.getTime()) / 1000) : 0);
  const queue = await pool.query<Omit<Figures['queue'], 'lag'> & { oldest: Date | null }>(
    'select waiting, due, running, failed, oldest_due_at as oldest from queue_state()',
  );
  const states = await pool.query<Figures['publications'][number]>('select state, count from publication_states()');
  const due = await shared(world, (tx) =>
    tx
      .selectFrom('duePublications')
      .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('lookAt').as('oldest')])
      .where('lookAt', '<=', now)
      .executeTakeFirstOrThrow(),
  );
  const { oldest, ...counts } = queue.rows[0]!;
  return {
    queue: { ...counts, lag: since(oldest) },
    publications: states.rows,
    due: { count: due.count, lag: since(due.oldest) },
  };
}

function watchEvents(registry: Registry, events: () => EventCounts): void {
  const registers = [registry];
  new Counter({
    name: 'fanfare_events_total',
    help: 'Events of visitors’ browsers, by what became of them: stored, or the reason for which they were refused.',
    labelNames: ['outcome'] as const,
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of events().answered) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: 'fanfare_events_spilled_total',
    help: 'Events kept in a file because the database was away; they are stored when it is back.',
    registers,
    collect() {
      this.reset();
      this.inc(events().spilled);
    },
  });
}

const DOORS: [RegExp, string][] = [
  [/^\/l\//, 'links'],
  [/^\/api\/auth\//, 'sign_in'],
  [/^\/api\/v1\//, 'api'],
  [/^\/rpc\//, 'rpc'],
  [/^\/mcp\b/, 'mcp'],
  [/^\/hooks\//, 'hooks'],
  [/^\/(uploads|media)\b/, 'files'],
  [/^\/oauth\//, 'oauth'],
  [/^\/(letters|feeds|shared|transfers|stream)\b/, 'other'],
];

/**
 * By which door a request came in; one name of a few, never an address of ours or theirs. `own` is the host of the public
 * address: whatever else is asked for is a short domain.
 */
export function doorOf({ url = '/', method, headers }: IncomingMessage, own: string | null): string {
  const [path = '/'] = url.split('?');
  const known = DOORS.find(([pattern]) => pattern.test(path));
  if (known) return known[1];
  // The tracker sends to one word below the root, which everyone may name as they like.
  if (method === 'POST' && /^\/[\w-]+$/.test(path)) return 'events';
  if (own && headers.host && headers.host !== own && headers.host.includes('.')) return 'links';
  return 'page';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
