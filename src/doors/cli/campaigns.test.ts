import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '#src/doors/cli/program.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let server: ServerType;
let url: string;
let folder: string;

beforeAll(async () => {
  world = await openTestWorld();
  folder = await mkdtemp(join(tmpdir(), 'fanfare-campaign-'));
  url = await new Promise<string>((resolve) => {
    server = serve({ fetch: httpApp(world.world).fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
  await world.join();
  await fanfare(['apps', 'register', '--url', 'outpost.dev', '--name', 'Outpost']);
});
afterAll(async () => {
  server?.close();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

async function fanfare(line: string[]) {
  let out = '';
  let err = '';
  const code = await runCli(line, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    width: 100,
    interactive: false,
    stdin: () => '',
    environment: { FANFARE_URL: url, FANFARE_DATA: world.data },
  });
  return { code, out, err };
}

test('a file is planned, applied with its picture, exported, and then nothing is left to change', async () => {
  const path = join(folder, 'campaign.yaml');
  await writeFile(
    join(folder, 'shot.png'),
    await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
      .png()
      .toBuffer(),
  );
  await writeFile(
    path,
    `campaign: spring
name: Spring
objective: awareness
posts:
  - key: look
    text:
      bluesky:
        - text: Look at the new calendar.
          media: [{ path: ./shot.png, alt: A calendar in teal }]
`,
  );
  const planned = await fanfare(['plan', path]);
  expect(planned).toMatchObject({ code: 0, err: '' });
  expect(planned.out).toContain('+ post look');
  expect((await fanfare(['apply', path, '--dry-run'])).out).toContain('2 to create.');
  expect((await fanfare(['apply', path])).out).toContain('2 created.');
  expect((await fanfare(['plan', path])).out).toContain('Nothing to change.');
  const { out: yaml } = await fanfare(['export-campaign', 'Spring']);
  expect(yaml).toMatch(/asset: [0-9a-f-]{36}/);
  await writeFile(join(folder, 'exported.yaml'), yaml);
  expect((await fanfare(['plan', join(folder, 'exported.yaml')])).out).toContain('Nothing to change.');
});

test('a mistake is named with its place and ends with the code for wrong input', async () => {
  const path = join(folder, 'wrong.yaml');
  await writeFile(path, 'campaign: spring\nobjective: fame\n');
  const { code, err } = await fanfare(['plan', path]);
  expect(code).toBe(2);
  expect(err).toContain('wrong.yaml:2:1: objective: This must be one of');
  expect((await fanfare(['plan'])).code).toBe(2);
  expect((await fanfare(['apply', join(folder, 'none.yaml')])).err).toContain('cannot be read');
  expect(JSON.parse((await fanfare(['plan', '--schema'])).out)).toMatchObject({ type: 'object' });
});
