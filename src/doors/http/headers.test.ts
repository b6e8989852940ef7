import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { safeHeaders } from '#src/doors/http/headers.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';
import { buildIfStale } from '#web/build.ts';

let world: TestWorld;
let app: ReturnType<typeof httpApp>;

beforeAll(async () => {
  await buildIfStale();
  world = await openTestWorld();
  app = httpApp(world.world);
});
afterAll(() => world.close());

const policyOf = (answer: Response) => answer.headers.get('content-security-policy') ?? '';
const nonceIn = (policy: string) => /'nonce-([^']+)'/.exec(policy)?.[1];

describe('what a page may do', () => {
  test.each(['/', '/index.html', '/calendar', '/shared/nothing', '/letters/leave/nothing', '/l/nothing'])(
    '%s runs only what came with it, under a nonce of this answer alone',
    async (path) => {
      const [first, second] = [await app.request(path), await app.request(path)];
      const nonce = nonceIn(policyOf(first));
      expect(nonce).toMatch(/^[\w+/=]{20,}$/);
      expect(nonceIn(policyOf(second))).not.toBe(nonce);
      expect(policyOf(first)).not.toMatch(/unsafe|\*/);
      const page = await first.text();
      expect(page).toContain(`nonce="${nonce}"`);
      expect(page).not.toMatch(/ style="|<script(?![^>]+src=)|<style(?![^>]+nonce=)|__nonce__| on[a-z]+="/);
    },
  );

  test('nobody frames it, guesses its types or is told where one came from', async () => {
    const { headers } = await app.request('/');
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    expect(headers.get('permissions-policy')).toContain('camera=()');
    for (const line of ["frame-ancestors 'none'", "form-action 'self'", "object-src 'none'", "base-uri 'none'"])
      expect(headers.get('content-security-policy')).toContain(line);
  });

  test('what a door says more strictly of its own answer stays', async () => {
    const own = "default-src 'none'; sandbox";
    const door = new Hono().use(safeHeaders(world.world)).get('/file', (request) => {
      request.header('content-security-policy', own);
      return request.text('a file');
    });
    expect(policyOf(await door.request('/file'))).toBe(own);
  });

  test('a year of TLS is asked for where the address has it, and nowhere else', async () => {
    expect((await app.request('/')).headers.get('strict-transport-security')).toBeNull();
    const overTls = httpApp({ ...world.world, publicUrl: 'https://fanfare.example' });
    expect((await overTls.request('/')).headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});
