import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;

beforeAll(async () => {
  world = await openTestWorld({ config: { PUBLIC_URL: 'https://fanfare.example', TRUSTED_PROXIES: 1 } });
});
afterAll(() => world.close());

test('ten addresses an hour from one network, however many addresses it has itself', async () => {
  const maya = await world.join();
  const { id: appId } = await maya.call.apps.register({ url: 'outpost.dev' });
  await maya.call.mailingLists.create({
    appId,
    name: 'Outpost <b>news</b>',
    fromAddress: 'news@outpost.dev',
    postalAddress: 'Maya Lind, 1 Main Street, Oslo',
  });
  const { lists } = await maya.call.mailingLists.list({});
  const app = httpApp(world.world);
  const path = new URL(lists[0]?.subscribeUrl ?? '').pathname;
  const form = await (await app.request(path)).text();
  expect(form).toContain('Outpost &lt;b&gt;news&lt;/b&gt;');
  let count = 0;
  const join = async (from: string) =>
    (
      await app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
        body: JSON.stringify({ email: `person${++count}@example.com` }),
      })
    ).status;
  for (let at = 1; at <= 10; at++) expect(await join(`2001:db8:1:2::${at}`)).toBe(200);
  expect(await join('2001:db8:1:2:ffff::1')).toBe(429);
  expect(await join('2001:db8:1:3::1')).toBe(200);
  for (let at = 1; at <= 10; at++) expect(await join('192.0.2.1')).toBe(200);
  expect(await join('::ffff:192.0.2.1')).toBe(429);
  expect(await join('192.0.2.2')).toBe(200);
});
