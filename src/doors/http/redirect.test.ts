import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;

beforeAll(async () => {
  world = await openTestWorld({ config: { PUBLIC_URL: 'https://fanfare.example' } });
});
afterAll(() => world.close());

test('a short domain leads to nothing but links, however its name is written', async () => {
  const maya = await world.join();
  await maya.call.workspaces.update({ linkDomain: 'go.outpost.dev' });
  const app = httpApp(world.world);
  const on = (host: string) => app.request('/api/v1/openapi.json', { headers: { host } });
  for (const host of ['go.outpost.dev', 'GO.Outpost.dev:443', 'go.outpost.dev.', 'go.outpost.dev.:8080'])
    expect([host, (await on(host)).status]).toEqual([host, 404]);
  expect((await on('fanfare.example')).status).toBe(200);
});
