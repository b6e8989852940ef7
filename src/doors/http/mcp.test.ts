import { afterAll, beforeAll, expect, test } from 'vitest';
import { mcpOverHttp } from '#src/doors/http/mcp.ts';
import { openSignIn } from '#src/people/sign-in.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let app: ReturnType<typeof mcpOverHttp>;
let key: string;
let elsewhere: string;

beforeAll(async () => {
  world = await openTestWorld();
  const maya = await world.join();
  const rival = await world.join('Rival');
  await maya.call.apps.register({ url: 'https://outpost.dev' });
  key = (await maya.call.keys.create({ name: 'Agent', scopes: ['read'] })).key;
  elsewhere = (await rival.call.keys.create({ name: 'Agent', scopes: ['read'] })).key;
  app = mcpOverHttp(world.world, openSignIn(world.world));
});
afterAll(() => world.close());

async function use(tool: string, input: object, as: string) {
  const answer = await app.request('/mcp', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${as}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool, arguments: input } }),
  });
  const data = /^data: (.*)$/m.exec(await answer.text())?.[1] ?? '{}';
  return (
    JSON.parse(data) as { result: { isError?: boolean; content: { text: string }[]; structuredContent?: unknown } }
  ).result;
}

test('a tool answers what its operation answers, to its own workspace', async () => {
  const { structuredContent } = await use('apps_list', {}, key);
  expect(structuredContent).toMatchObject({ apps: [{ url: 'https://outpost.dev/' }] });
  expect((await use('apps_list', {}, elsewhere)).structuredContent).toMatchObject({ apps: [] });
});

test('what the key may not do is refused in words', async () => {
  const refused = await use('apps_register', { url: 'https://another.dev' }, key);
  expect(refused.isError).toBe(true);
  expect(refused.content[0]?.text).toMatch(/write/);
});

test('without a key nothing is said', async () => {
  const answer = await app.request('/mcp', { method: 'POST', body: '{}' });
  expect([answer.status, await answer.json()]).toEqual([401, { error: expect.stringContaining('API key') }]);
});
