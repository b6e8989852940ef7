import { glob, readdir, readFile } from 'node:fs/promises';
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

  // What Home needs before it is drawn: the entry, the frame and the page, with all they import. Charts come after.
  const entry = [...page.matchAll(/(?:src|href)="\/assets\/([^"]+\.js)"/g)].map((match) => match[1]!);
  const all = await readdir(join(dist, 'web', 'assets'));
  const needed = new Set<string>();
  const follow = async (file: string) => {
    if (needed.has(file)) return;
    needed.add(file);
    const text = await readFile(join(dist, 'web', 'assets', file), 'utf8');
    const imports = [...text.matchAll(/(?:from|import)"\.\/([^"]+\.js)"/g)].map((match) => match[1]!);
    for (const each of imports) await follow(each);
  };
  for (const file of [...entry, ...all.filter((name) => /^(layout|home)-[^.]+\.js$/.test(name))]) await follow(file);
  const scripts = await Promise.all([...needed].map((file) => readFile(join(dist, 'web', 'assets', file))));
  const sizes = scripts.map((script) => gzipSync(script).length);
  expect(needed.size).toBeGreaterThan(5);
  expect([...needed].filter((file) => file.startsWith('trend-drawing'))).toEqual([]);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(180 * 1024);
}, 120_000);
