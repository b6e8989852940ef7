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

test('a slip is guessed, every mistake stands in its order, and a file is never half understood', async () => {
  const path = join(folder, 'slips.yaml');
  const plan = async (yaml: string) => {
    await writeFile(path, yaml);
    const { code, err } = await fanfare(['plan', path]);
    expect(code).toBe(2);
    return err
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf('slips.yaml:') + 11));
  };
  const head = 'campaign: slips\nname: Slips\nobjective: growth\n';
  expect(
    await plan(
      `${head}post: []\nposts:\n  - key: a\n    coolDownDays: 3\n    text: { x: hi }\n    lnik: 1\n    colour: 2\n`,
    ),
  ).toEqual([
    '4:1: There is no field "post" here. Did you mean “posts”?',
    '7:5: posts 1: There is no field "coolDownDays" here. Did you mean “cool_down_days”?',
    '9:5: posts 1: There is no field "lnik" here. Did you mean “link”?',
    expect.stringMatching(/^10:5: posts 1: There is no field "colour" here\. There are: key, title, kind, /),
  ]);
  expect(
    await plan(
      `${head}posts:\n  - key: constructor\n    template: { name: Plain lunch }\n    at: 2026-02-31 09:00Z\n  - key: b\n    text: { blueksy: hi }\n    accounts: [x/nobody]\n`,
    ),
  ).toEqual([
    '6:17: There is no template “Plain lunch” here. Did you mean “Plain launch”?',
    '7:5: There is no such day or time. Check it.',
    '9:13: There is no platform “blueksy”. Did you mean “bluesky”?',
    '10:5: There is no connected account “x/nobody” here. There are: none yet.',
  ]);
  expect(await plan('campaign: a\nname: Rate: 5\n')).toEqual([
    '2:7: This is not YAML that can be read: a text with a colon in it has to stand in quotes, or the next line is indented too far.',
  ]);
  expect((await fanfare(['plan', folder])).err).toContain('cannot be read. It is a folder.');
});

test('a plan shows what is new, takes any key, and ends with the code for a conflict where apply would stop', async () => {
  const path = join(folder, 'keys.yaml');
  const yaml =
    'campaign: keys\nname: Keys\nobjective: growth\nposts:\n  - { key: constructor, text: { x: First words } }\n';
  await writeFile(path, yaml);
  const planned = await fanfare(['plan', path]);
  expect(planned).toMatchObject({ code: 0, err: '' });
  expect(planned.out).toContain('+ post constructor  text.x First words');
  expect((await fanfare(['apply', path])).out).toContain('2 created.');
  expect((await fanfare(['apply', path])).out).toContain('Nothing to change.');
  await fanfare(['posts', 'list', '--json']).then(async ({ out }) => {
    const post = JSON.parse(out).posts.find(
      (one: { firstText?: string; title: string }) => one.title === 'First words',
    );
    await fanfare([
      'posts',
      'update',
      post.id,
      '--input',
      JSON.stringify({ version: 1, variants: [{ platform: 'x', parts: [{ text: 'Mine' }] }] }),
    ]);
  });
  await writeFile(path, yaml.replace('First words', 'Theirs'));
  const conflict = await fanfare(['plan', path]);
  expect(conflict.code).toBe(5);
  expect(conflict.out).toContain('! post constructor: text.x  Mine → Theirs');
  expect(conflict.err).toContain('--take file or --take app');
});
