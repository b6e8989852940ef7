import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '#src/config.ts';
import { httpDoors } from '#src/doors/http/app.ts';
import { openHealth } from '#src/doors/http/health.ts';
import { doorOf, type Metrics, openMetrics } from '#src/doors/http/metrics.ts';
import { type Door, openDoor } from '#src/doors/http/server.ts';
import { startWorker } from '#src/doors/worker.ts';
import { openLog } from '#src/log.ts';
import { callApi } from '#src/outside/http.ts';
import { startTraces } from '#src/outside/traces.ts';
import { until } from '#test/fanfare.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const TOKEN = 'sixteen letters at least';
const lines: { requestId?: string; msg: string; level: number }[] = [];
let world: TestWorld;
let maya: Person;
let key: string;
let door: Door;
let metrics: Metrics;

beforeAll(async () => {
  const log = openLog('info', { write: (line) => void lines.push(JSON.parse(line)) });
  world = await openTestWorld({ now: new Date().toISOString(), overrides: { log } });
  maya = await world.join();
  key = (await maya.call.keys.create({ name: 'Requests', scopes: ['read', 'write'] })).key;
  const { id } = await maya.call.accounts.connectSandbox({ handle: 'ada' });
  const { id: appId } = await maya.call.apps.register({ url: 'https://outpost.dev' });
  const { id: postId } = await maya.call.posts.create({
    appId,
    variants: [{ platform: 'sandbox', parts: [{ text: 'Hello' }] }],
  });
  await maya.call.posts.publishNow({ postId, accountIds: [id] });
  metrics = openMetrics(TOKEN);
  const health = openHealth({ phase: () => 'serving' }, () => world.world.db);
  door = await openDoor({ port: 0, host: '127.0.0.1', own: 'fanfare.example' }, health, metrics);
  const doors = httpDoors(world.world);
  metrics.watch(world.world, doors.events);
  door.open(doors);
});
afterAll(async () => {
  await door.close(0);
  await world.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${door.port}${path}`, { headers: { connection: 'close', ...headers } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${door.port}${path}`, {
    method: 'POST',
    headers: { connection: 'close', 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
    body: JSON.stringify(body),
  });
const scrape = async () => (await get('/metrics', { authorization: `Bearer ${TOKEN}` })).text();

test('metrics are for who has the token', async () => {
  expect((await get('/metrics')).status).toBe(401);
  expect((await get('/metrics', { authorization: 'Bearer something else' })).status).toBe(401);
  const answer = await get('/metrics', { authorization: `Bearer ${TOKEN}` });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=/),
  ]);
});

test('requests, events, jobs, publications, connections and the process are counted', async () => {
  await get('/api/v1/apps', { authorization: `Bearer ${key}` });
  await get('/api/v1/apps');
  await get('/l/nothing');
  await get('/healthz');
  await post('/e', { app: 'abcdefghij', id: randomUUID(), kind: 'pageview', url: 'https://outpost.dev/' });
  const worker = await startWorker(world.world, world.owner, metrics.job);
  await until('a job to be done', async () =>
    /fanfare_jobs_total\{job="react",outcome="done"\}/.test(await metrics.registry.metrics()),
  );
  await worker.stop();
  await worker.release();
  const shown = await scrape();
  for (const line of [
    'fanfare_http_requests_total{door="api",status="200"} 1',
    'fanfare_http_requests_total{door="api",status="401"} 1',
    'fanfare_http_requests_total{door="links",status="404"} 1',
    'fanfare_http_request_duration_seconds_count{door="api"} 2',
    'fanfare_events_total{outcome="unknown_key"} 1',
    'fanfare_events_spilled_total 0',
    'fanfare_publications{state="scheduled"} 1',
    'fanfare_publications_due 1',
    'fanfare_queue_jobs{state="failed"} 0',
    'fanfare_database_up 1',
  ])
    expect(shown.split('\n')).toContain(line);
  expect(shown).toMatch(/^fanfare_database_connections\{kind="ordinary",state="idle"\} [1-9]/m);
  expect(shown).toMatch(/^process_resident_memory_bytes \d/m);
  // Neither an address nor a code, an id or a key of anybody.
  expect(shown).not.toMatch(/nothing|outpost|[0-9a-f]{8}-[0-9a-f]{4}/);
});

test('the table in the documentation is the registry', () => {
  const documented = [...readFileSync('docs/watching.md', 'utf8').matchAll(/^\| `(fanfare_\w+)` \| (\w+) \|/gm)];
  const registered = metrics.registry.getMetricsAsArray().filter(({ name }) => name.startsWith('fanfare_'));
  expect(documented.map(([, name, type]) => `${name} ${type}`).sort()).toEqual(
    registered.map((one) => `${one.name} ${(one as unknown as { type: string }).type}`).sort(),
  );
  for (const { name, help } of registered) {
    expect(name).toMatch(/^fanfare_[a-z_]+$/);
    expect(help).toMatch(/\.$/);
  }
});

test('which door it was is one word of a few, whatever is asked for', () => {
  const door = (method: string, url: string, host = 'fanfare.example') =>
    doorOf({ method, url, headers: { host } } as Parameters<typeof doorOf>[0], 'fanfare.example');
  expect([
    door('GET', '/'),
    door('GET', '/l/launch?x=1'),
    door('GET', '/launch', 'go.outpost.dev'),
    door('POST', '/hello'),
    door('POST', '/api/auth/sign-in/email'),
    door('POST', '/rpc/posts/list'),
    door('GET', '/settings/mail'),
    door('POST', '/hooks/stripe/secret'),
  ]).toEqual(['page', 'links', 'links', 'events', 'sign_in', 'rpc', 'page', 'hooks']);
});

test('a fault is in the log under the id that its answer tells', async () => {
  const owner = new pg.Client(world.owner);
  await owner.connect();
  await owner.query('alter table flow_runs rename to mislaid');
  const answer = await get('/api/v1/flow', { authorization: `Bearer ${key}`, 'x-request-id': 'faulty-1' });
  await owner.query('alter table mislaid rename to flow_runs');
  await owner.end();
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([500, 'faulty-1']);
  expect(await answer.text()).toMatch(/in the log under faulty-1\./);
  expect(lines.filter(({ requestId }) => requestId === 'faulty-1')).toMatchObject([{ msg: 'An operation failed' }]);
});

test('a trace leads from the request over the operation, its SQL and its job to the call outside; off, nothing is made', async () => {
  const outside = createServer((_, response) => response.end('{}'));
  await new Promise<void>((ready) => outside.listen(0, '127.0.0.1', ready));
  const { port } = outside.address() as AddressInfo;
  const exporter = new InMemorySpanExporter();
  expect(await startTraces(readConfig({}))).toBeNull();
  const traces = await startTraces(readConfig({}), exporter);
  const parent = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${parent}-b7ad6b7169203331-01`;
  const made = await post('/api/v1/apps', { url: 'https://traced.dev' }, { traceparent, 'x-request-id': 'traced-1' });
  expect(made.status).toBe(200);
  await world.drain();
  await callApi({ method: 'GET', url: `http://127.0.0.1:${port}/secret-path` });
  const spans = exporter.getFinishedSpans();
  await traces?.stop();
  outside.close();
  const named = (start: string) => spans.find(({ name }) => name.startsWith(start))!;
  const under = (one: ReadableSpan) =>
    spans.find((other) => other.spanContext().spanId === one.parentSpanContext?.spanId)?.name;
  expect(named('request').spanContext().traceId).toBe(parent);
  expect(under(named('operation POST /apps'))).toBe('request api');
  expect(spans.filter((one) => one.name === 'transaction').map(under)).toContain('operation POST /apps');
  expect(under(named('SQL insert'))).toBe('transaction');
  const jobs = spans.filter(
    (one) => one.attributes['fanfare.request_id'] === 'traced-1' && one.name.startsWith('job '),
  );
  expect(jobs.map(({ name }) => name)).toContain('job react');
  expect(new Set(jobs.map((one) => one.spanContext().traceId))).toEqual(new Set([parent]));
  expect(named('call').attributes).toMatchObject({
    'server.address': `127.0.0.1:${port}`,
    'http.response.status_code': 200,
  });
  const told = JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]));
  expect(told).not.toMatch(/traced\.dev|secret-path|Bearer/);
  await post('/api/v1/apps', { url: 'https://untraced.dev' });
  expect(exporter.getFinishedSpans().length).toBe(0);
});
