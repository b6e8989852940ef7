import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { buildIfStale } from './build.ts';

const dist = join(import.meta.dirname, '..', 'dist');

test('the web page is built once, by however many ask, and then is fresh', async () => {
  await Promise.all([buildIfStale(), buildIfStale()]);
  expect(await buildIfStale()).toBe('fresh');
  const page = await readFile(join(dist, 'web', 'index.html'), 'utf8');
  // The content security policy allows neither an inline script nor an inline handler.
  expect(page.match(/<script[^>]*>[^<]+</)).toBeNull();
  expect(page).not.toMatch(/\son\w+=/);
  expect(await Array.fromAsync(glob('**/*gallery*', { cwd: join(dist, 'web') }))).toEqual([]);
  expect((await readFile(join(dist, 'tracker', 't.js'))).length).toBeGreaterThan(500);

  const first = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map((match) => match[1]!);
  const scripts = await Promise.all(first.map((path) => readFile(join(dist, 'web', path))));
  expect(gzipSync(Buffer.concat(scripts)).length).toBeLessThan(260 * 1024);
}, 120_000);
