import { createRouterClient } from '@orpc/server';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalog } from '#src/catalog.ts';
import { oauthDoor } from '#src/doors/http/oauth.ts';
import { openSignIn } from '#src/people/sign-in.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { configFor } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let x: FakeX;
let world: TestWorld;
let door: Hono;
let cookie: string;
let call: Person['call'];

beforeAll(async () => {
  x = await startFakeX();
  world = await openTestWorld({ now: new Date().toISOString(), config: configFor(x) });
  const signIn = openSignIn(world.world);
  door = new Hono().route('/', oauthDoor(world.world, signIn));
  const signedUp = await signIn.handler(
    new Request(`${world.world.publicUrl}/api/auth/sign-up/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: world.world.publicUrl },
      body: JSON.stringify({ name: 'Maya', email: 'maya@example.com', password: 'a long password' }),
    }),
  );
  cookie = signedUp.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const { user } = (await signedUp.json()) as { user: { id: string } };
  const [workspace] = await workspacesOf(world.world, user.id);
  call = createRouterClient(catalog, {
    context: {
      world: world.world,
      who: { kind: 'user', id: user.id, name: 'Maya', role: 'owner' },
      workspaceId: workspace?.id ?? null,
      address: null,
      requestId: 'test',
    },
  });
  await call.accounts.setDeveloperApp({ platform: 'x', clientId: x.app.clientId, clientSecret: x.app.clientSecret });
});
afterAll(async () => {
  await world.close();
  await x.close();
});

async function callback(returnTo?: string): Promise<string> {
  const { url } = await call.accounts.connect({ platform: 'x', ...(returnTo ? { returnTo } : {}) });
  const answer = await fetch(url, { redirect: 'manual' });
  const { pathname, search } = new URL(answer.headers.get('location') ?? '');
  return pathname + search;
}
const open = (path: string, headers: Record<string, string> = { cookie }) => door.request(path, { headers });

test('the person comes back to where they came from, connected', async () => {
  const path = await callback('/welcome?step=3#x');
  const back = await open(path);
  expect(back.status).toBe(303);
  expect(back.headers.get('location')).toBe('/welcome?step=3&connected=maker#x');
  expect(back.headers.get('referrer-policy')).toBe('no-referrer');
  const again = await open(path);
  expect(again.headers.get('location')).toBe('/welcome?step=3&problem=state_used#x');
});

test('in a browser that is not signed in as the one who began, nothing is connected', async () => {
  const back = await open(await callback(), {});
  expect(back.headers.get('location')).toBe('/settings/accounts?problem=other_person');
});

test('a callback nobody asked for leads back into the app with a problem, and never elsewhere', async () => {
  expect((await open('/oauth/x/callback?state=nonsense&code=1')).headers.get('location')).toBe(
    '/settings/accounts?problem=state_unknown',
  );
  expect((await open('/oauth/x/callback')).headers.get('location')).toBe('/settings/accounts?problem=state_unknown');
  await expect(call.accounts.connect({ platform: 'x', returnTo: '//evil.example' })).rejects.toMatchObject({
    data: { reason: 'return_to' },
  });
});
