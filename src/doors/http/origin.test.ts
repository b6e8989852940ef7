import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';
import { OWN_PAGES_ONLY } from './origin.ts';

let world: TestWorld;
let app: ReturnType<typeof httpApp>;
let cookie: string;
const ours = 'http://localhost:3000';

beforeAll(async () => {
  world = await openTestWorld();
  app = httpApp(world.world);
  const signedUp = await send('/api/auth/sign-up/email', {
    body: { name: 'Maya', email: 'maya@example.com', password: 'a long pass phrase 42' },
  });
  expect(signedUp.status).toBe(200);
  cookie = signedUp.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  expect((await send('/api/v1/workspaces', { body: { name: 'Driftlog' } })).status).toBeLessThan(300);
});
afterAll(() => world.close());

const send = (
  path: string,
  {
    method = 'POST',
    headers = {},
    body = {},
  }: { method?: string; headers?: Record<string, string>; body?: object } = {},
) =>
  app.request(path, {
    method,
    headers: {
      'content-type': 'application/json',
      host: 'localhost:3000',
      ...(headers.origin === undefined && headers['sec-fetch-site'] === undefined ? { origin: ours } : {}),
      ...(cookie ? { cookie } : {}),
      ...headers,
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
  });

/** Nothing in these looks at a cookie: a provider's signature, or the token of a letter, says who it is. */
const FOR_STRANGERS = [
  '/hooks/:path',
  '/letters/*',
  '/letters/join/:token',
  '/letters/confirm/:token',
  '/letters/leave/:token',
  '/letters/report/:token',
];

const attackers: Record<string, Record<string, string>> = {
  'another site': { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
  'an opaque origin': { origin: 'null' },
  'a name that begins like ours': { origin: 'http://localhost:3000.evil.example' },
  'another port of this host': { origin: 'http://localhost:3001', 'sec-fetch-site': 'same-site' },
  'a sibling of our domain': { 'sec-fetch-site': 'same-site' },
  'a browser that tells no origin': { 'sec-fetch-site': 'cross-site' },
  'behind a proxy that adds its own name and password': { origin: 'https://evil.example', authorization: 'Basic eDp5' },
};

const doors: [path: string, method: string][] = [
  ['/api/v1/apps', 'POST'],
  ['/api/v1/workspace', 'PATCH'],
  ['/api/v1/accounts/developer-app', 'PUT'],
  ['/api/v1/webhooks/018f3c1e-5b7a-4d2e-9c64-1f0a7b3d5e90', 'DELETE'],
  ['/api/v1/accounts/connect', 'POST'],
  ['/rpc/apps/register', 'POST'],
  ['/rpc/accounts/connect', 'POST'],
  ['/uploads', 'POST'],
  ['/transfers/files', 'POST'],
  ['/mcp', 'POST'],
  ['/api/auth/sign-in/email', 'POST'],
  ['/api/auth/sign-out', 'POST'],
  ['/api/auth/update-user', 'POST'],
];

test.each(Object.entries(attackers))(
  'a request from %s is carried out by no door, though the cookie is there',
  async (_, headers) => {
    for (const [path, method] of doors) {
      const answer = await send(path, { method, headers, body: { url: 'evil.dev', name: 'Evil' } });
      expect([path, answer.status]).toEqual([path, 403]);
      expect(await answer.json()).toMatchObject({ message: expect.stringContaining('another website') });
    }
  },
);

test('our own pages, programs and keys are let through', async () => {
  const name = async (headers: Record<string, string>) =>
    (await send('/api/v1/apps', { headers, body: { url: `a${Math.random().toString(36).slice(2)}.dev` } })).status;
  expect(await name({ origin: ours, 'sec-fetch-site': 'same-origin' })).toBeLessThan(300);
  expect(await name({ 'sec-fetch-site': 'none' })).toBeLessThan(300);
  expect(await name({ origin: 'https://evil.example', authorization: 'Bearer ff_no-such-key' })).toBe(401);
});

test('a look changes nothing: what writes is not reached by GET', async () => {
  const input = encodeURIComponent(JSON.stringify({ json: { url: 'by-get.dev' } }));
  for (const path of [`/rpc/apps/register?data=${input}`, '/api/v1/apps/register?url=by-get.dev', '/api/auth/sign-out'])
    await send(path, { method: 'GET', headers: { origin: 'https://evil.example' } });
  const looked = await send('/api/v1/apps', { method: 'GET' });
  expect(looked.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  const { apps } = (await looked.json()) as { apps: { url: string }[] };
  expect(apps.map(({ url }) => url).join(' ')).not.toContain('by-get');
});

test('the agents’ door takes a key and nothing else', async () => {
  const answer = await send('/mcp', { headers: { origin: ours, authorization: 'Basic eDp5' } });
  expect(answer.status).toBe(401);
});

test('every door that takes something is one or the other', () => {
  const own = OWN_PAGES_ONLY.map((path) => path.replace(/\*$/, ''));
  const left = app.routes.filter(
    ({ method, path }) =>
      !['GET', 'HEAD'].includes(method) &&
      !['*', '/*', '/shared/*'].includes(path) &&
      !own.some((start) => path === start || path.startsWith(start)) &&
      !FOR_STRANGERS.includes(path),
  );
  // The tracker's own path is made for each installation; it is the one door left, and it answers to any site.
  expect(new Set(left.map(({ path }) => path).filter((path) => !/^\/[\w-]+$/.test(path)))).toEqual(new Set());
  expect(new Set(left.map(({ path }) => path)).size).toBeLessThanOrEqual(3);
});
