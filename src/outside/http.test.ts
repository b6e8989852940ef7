import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { callApi, isNoAnswer } from './http.ts';

let server: Server;
let address: string;
const received: { request: IncomingMessage; body: string }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ request, body });
    if (request.url === '/json') response.writeHead(201, { 'x-rate-limit': '7' }).end('{"id":"1"}');
    if (request.url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"id":"2"}'));
    if (request.url === '/moved') response.writeHead(302, { location: '/json' }).end();
    if (request.url === '/none') response.writeHead(204, { 'content-encoding': 'gzip' }).end();
    if (request.url === '/large') response.writeHead(200).end('x'.repeat(5_000));
    if (request.url === '/down') response.writeHead(503).end('<h1>maintenance</h1>');
    if (request.url === '/cut') request.socket.destroy();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  received.length = 0;
});

afterAll(() => new Promise((done) => server.close(done)));

async function answerTo(request: Parameters<typeof callApi>[0]) {
  const answer = await callApi(request);
  if (isNoAnswer(answer)) throw new Error(answer.reason);
  return answer;
}

async function noAnswerTo(request: Parameters<typeof callApi>[0]) {
  const answer = await callApi(request);
  if (!isNoAnswer(answer)) throw new Error(`answered ${answer.status}`);
  return answer;
}

it('returns status, headers and body, whatever the status', async () => {
  const made = await answerTo({
    method: 'POST',
    url: `${address}/json`,
    body: '{}',
    headers: { Authorization: 'B x' },
  });
  expect([made.status, made.headers.get('x-rate-limit'), made.json()]).toEqual([201, '7', { id: '1' }]);
  expect(received[0]).toMatchObject({ body: '{}', request: { headers: { authorization: 'B x' } } });
  const down = await answerTo({ method: 'GET', url: `${address}/down` });
  expect([down.status, down.json(), down.text]).toEqual([503, undefined, '<h1>maintenance</h1>']);
  expect((await answerTo({ method: 'GET', url: `${address}/packed` })).json()).toEqual({ id: '2' });
  expect((await answerTo({ method: 'DELETE', url: `${address}/none` })).text).toBe('');
});

it('does not follow redirects', async () => {
  expect((await answerTo({ method: 'GET', url: `${address}/moved` })).headers.get('location')).toBe('/json');
  expect(received).toHaveLength(1);
});

it('sends forms and bytes', async () => {
  await answerTo({ method: 'POST', url: `${address}/json`, body: new URLSearchParams({ a: 'b c' }) });
  await answerTo({ method: 'PUT', url: `${address}/json`, body: new Uint8Array([104, 105]) });
  expect(received.map((one) => one.body)).toEqual(['a=b+c', 'hi']);
  expect(received[0]?.request.headers['content-type']).toBe('application/x-www-form-urlencoded');
});

it.each(['GET', 'POST', 'PUT'])(
  'sends a %s that breaks once only, and does not claim it never left',
  async (method) => {
    await callApi({ method: 'GET', url: `${address}/json` });
    received.length = 0;
    const body = method === 'GET' ? undefined : '{}';
    expect(await noAnswerTo({ method, url: `${address}/cut`, body })).toMatchObject({ neverSent: false });
    expect(received).toHaveLength(1);
  },
);

it('does not claim a request never left when time ran out', async () => {
  const late = await noAnswerTo({ method: 'POST', url: `${address}/silence`, timeoutMs: 100 });
  expect(late).toMatchObject({ neverSent: false, reason: expect.stringContaining('within 0.1 s') });
  expect(await noAnswerTo({ method: 'GET', url: `${address}/large`, maxBytes: 100 })).toMatchObject({
    neverSent: false,
  });
});

it('knows when a request never left, and keeps secrets out of the reason', async () => {
  const secret = 'tok\nen';
  for (const request of [
    { url: 'http://no-such-host.invalid/' },
    { url: 'http://127.0.0.1:1/hush?key=tok' },
    { url: `https${address.slice(4)}/hush` },
    { url: 'not an address' },
    { url: `${address}/json`, headers: { authorization: secret } },
  ]) {
    const none = await noAnswerTo({ method: 'POST', ...request });
    expect(none, request.url).toMatchObject({ neverSent: true });
    expect(none.reason).not.toMatch(/hush|tok/);
  }
  expect(received).toHaveLength(0);
});
