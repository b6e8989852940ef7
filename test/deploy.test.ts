import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings } from '#src/config.ts';

// None of this can be run here: it is held against what the program says of itself.
const read = (file: string) => readFileSync(file, 'utf8');
const variables = new Set(Object.values(settings).flatMap((all) => Object.keys(all)));
/** Settings of Node itself and of others' images. */
const FOREIGN = /^(NODE_ENV|POSTGRES_[A-Z]+)$/;
const port = String(settings['The server'].PORT.parse(undefined));

type Compose = { services: Record<string, { environment: Record<string, string>; ports?: string[]; user?: string }> };

test('what is set in the image, in compose and in the unit are settings there are', () => {
  const compose = parse(read('compose.yaml')) as Compose;
  const named = [
    ...Object.keys(compose.services.fanfare?.environment ?? {}),
    ...[...read('compose.yaml').matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]!),
    ...[...read('deploy/fanfare.service').matchAll(/^Environment=([A-Z_]+)=/gm)].map((match) => match[1]!),
    ...[...read('Dockerfile').matchAll(/^ENV (.*)$/gm)].flatMap((match) =>
      [...match[1]!.matchAll(/([A-Z_]+)=/g)].map((one) => one[1]!),
    ),
  ];
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !variables.has(name) && !FOREIGN.test(name))).toEqual([]);
});

test('the image does not run as root, and says how it is', () => {
  const lines = read('Dockerfile').split('\n');
  const last = lines.findLastIndex((line) => line.startsWith('FROM '));
  const user = lines.findIndex((line, index) => index > last && line.startsWith('USER '));
  expect(lines[user]).not.toMatch(/root|\b0\b/);
  expect(user).toBeLessThan(lines.findIndex((line) => line.startsWith('CMD ')));
  expect(lines.join('\n')).toMatch(/HEALTHCHECK [\s\S]*\/healthz/);
  expect(lines).toContain(`EXPOSE ${port}`);
});

test('every proxy and the compose file lead to the port there is', () => {
  const compose = parse(read('compose.yaml')) as Compose;
  expect(compose.services.fanfare?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  const proxies = ['deploy/Caddyfile', 'deploy/nginx.conf', 'deploy/traefik.yaml'];
  for (const file of proxies) expect(read(file)).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}\\b`));
  expect(parse(read('deploy/traefik.yaml'))).toMatchObject({ http: { routers: { fanfare: { service: 'fanfare' } } } });
});

test('the unit is made of sections and of lines with a value', () => {
  const lines = read('deploy/fanfare.service')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'));
  expect(lines.filter((line) => /^\[.*\]$/.test(line))).toEqual(['[Unit]', '[Service]', '[Install]']);
  expect(lines.filter((line) => !/^\[.*\]$|^[A-Z][A-Za-z]+=/.test(line))).toEqual([]);
});

test('how to run it names each of these files', () => {
  const page = read('docs/self-hosting.md');
  for (const file of [...readdirSync('deploy').map((name) => `deploy/${name}`), 'compose.yaml'])
    expect(page).toContain(file);
});
