import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ServerType, serve } from '@hono/node-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpApp } from '#src/doors/http/app.ts';
import { offered } from '#src/doors/operations.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { buildClient } from './build.ts';
import { typeOf } from './types.ts';

const run = promisify(execFile);
let folder: string;
let world: TestWorld;
let maya: Person;
let server: ServerType;
let url: string;
let key: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-client-'));
  [world] = await Promise.all([openTestWorld(), buildClient(join(folder, 'fanfare-client'))]);
  maya = await world.join();
  ({ key } = await maya.call.keys.create({ name: 'A program', scopes: ['read', 'write'] }));
  url = await new Promise((ready) => {
    server = serve({ fetch: httpApp(world.world).fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      ready(`http://127.0.0.1:${port}`),
    );
  });
});
afterAll(async () => {
  server.close();
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

/** What a stranger's program prints: a process of its own, with nothing of ours but the package. */
async function program(text: string): Promise<unknown> {
  const file = join(folder, 'program.mjs');
  await writeFile(file, `import { createClient, FanfareError } from './fanfare-client/index.js';\n${text}`);
  const { stdout } = await run(process.execPath, [file], { env: { URL: url, KEY: key }, cwd: folder });
  return JSON.parse(stdout) as unknown;
}

test('a stranger’s program calls any operation: paths, queries and bodies', async () => {
  const said = await program(`
    const fanfare = createClient({ url: process.env.URL + '/', key: process.env.KEY });
    const { id } = await fanfare.apps.register({ url: 'https://driftlog.example' });
    const { posts } = await fanfare.posts.list({ appId: id, limit: 5 });
    const { name } = await fanfare.workspaces.current();
    console.log(JSON.stringify({ id, posts, name }));
  `);
  const { apps } = await maya.call.apps.list({});
  expect(said).toEqual({ id: apps[0]?.id, posts: [], name: expect.any(String) });
});

test('what is refused is thrown in words, with the field it is about', async () => {
  const said = await program(`
    const told = ({ name, message, status, reason, problems }) => ({ name, message, status, reason, problems });
    const fanfare = createClient({ url: process.env.URL, key: process.env.KEY });
    const nobody = createClient({ url: process.env.URL, key: 'ff_wrong' });
    const nowhere = createClient({ url: 'http://127.0.0.1:1', key: 'x' });
    const all = await Promise.allSettled([
      fanfare.apps.register({ url: 7 }), nobody.apps.list(), nowhere.apps.list(),
    ]);
    console.log(JSON.stringify(all.map((one) => one.reason instanceof FanfareError && told(one.reason))));
  `);
  expect(said).toMatchObject([
    { name: 'FanfareError', status: 400, reason: 'invalid_input', problems: [{ path: 'url' }] },
    { status: 401, message: expect.stringMatching(/key/i) },
    { status: 0, message: expect.stringContaining('No answer from http://127.0.0.1:1') },
  ]);
});

test('it holds no code of the server and needs nothing beside it', async () => {
  const code = await readFile(join(folder, 'fanfare-client', 'index.js'), 'utf8');
  expect(code).not.toMatch(/^import |require\(|#src|node:|kysely|zod/m);
  expect(Buffer.byteLength(code)).toBeLessThan(64_000);
  const manifest = JSON.parse(await readFile(join(folder, 'fanfare-client', 'package.json'), 'utf8')) as object;
  expect(manifest).not.toHaveProperty('dependencies');
  for (const { noun, verb } of offered()) expect(code).toMatch(new RegExp(`"${noun}"[\\s\\S]*"${verb}"`));
});

test('its types say what goes in and what comes back', async () => {
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'), 'dir');
  const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2023', skipLibCheck: false };
  const files = ['right.ts', 'wrong.ts'];
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...options, types: [] }, files }));
  const begin = `import { createClient } from './fanfare-client/index.js';\nconst fanfare = createClient({ url: '', key: '' });\n`;
  await writeFile(
    join(folder, 'right.ts'),
    `${begin}export const names: Promise<string[]> = fanfare.workspaces.list().then(({ workspaces }) => workspaces.map(({ name }) => name));`,
  );
  await writeFile(
    join(folder, 'wrong.ts'),
    `${begin}void fanfare.apps.register({ url: 7 });\nvoid fanfare.apps.register();\nvoid fanfare.apps.nothing();`,
  );
  const tsc = join(process.cwd(), 'node_modules', '.bin', 'tsc');
  const { stdout } = await run(tsc, ['-p', folder]).catch((error: { stdout: string }) => error);
  const errors = stdout
    .trim()
    .split('\n')
    .filter((line) => line.includes('error TS'));
  expect(errors.map((line) => /(\w+\.ts)\((\d+)/.exec(line)?.slice(1, 3))).toEqual([
    ['wrong.ts', '3'],
    ['wrong.ts', '4'],
    ['wrong.ts', '5'],
  ]);
});

test('a schema as a type', () => {
  expect(typeOf({ type: ['string', 'null'] })).toBe('(string | null)');
  expect(typeOf({ type: 'array', items: { enum: ['a', 2] } })).toBe('Array<("a" | 2)>');
  expect(typeOf({ type: 'object', additionalProperties: { type: 'integer' } })).toBe('Record<string, number>');
  expect(typeOf({ $ref: '#' })).toBe('unknown');
  const text = { type: 'string', description: 'of */ it' };
  expect(typeOf({ type: 'object', properties: { 'a-b': text }, required: ['a-b'] })).toBe(
    '{ /** of *\\/ it */ "a-b": string }',
  );
});
