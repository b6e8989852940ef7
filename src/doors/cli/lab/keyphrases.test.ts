import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runLab } from './lab.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-keyphrases-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function run(...words: string[]) {
  let [out, err] = ['', ''];
  const code = runLab(['keyphrases', ...words], {
    out: (piece) => {
      out += piece;
    },
    err: (piece) => {
      err += piece;
    },
    stdin: () => [],
  });
  return { code, out, err };
}

test('a folder of texts becomes a folder of phrases under the same names', async () => {
  const [from, to] = [join(folder, 'in'), join(folder, 'in', 'out')];
  await mkdir(join(from, 'deep', 'er'), { recursive: true });
  const text = 'Robust control of time-delay systems\n\nWe study robust control with linear matrix inequalities.\n';
  await writeFile(join(from, 'one.txt'), `\uFEFF${text}`);
  await writeFile(join(from, 'deep', 'er', 'two.abstr'), Buffer.from('Das Caf\xe9 serves filter coffee.', 'latin1'));
  await writeFile(join(from, 'wide.md'), Buffer.from(`\uFEFF${text}`, 'utf16le'));
  await writeFile(join(from, 'empty.txt'), '');
  await writeFile(join(from, 'picture.png'), Buffer.from([137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13]));
  await writeFile(join(from, '.hidden'), text);
  await symlink(join(from, 'one.txt'), join(from, 'link.txt'));

  const { code, out, err } = run(from, to, '--top', '2');
  expect({ code, out }).toEqual({ code: 0, out: `5 texts, 8 phrases, in ${to}. 1 left out.\n` });
  expect(err).toContain(`${join(from, 'picture.png')}: left out, it is no text.`);
  expect(err).toContain(`${join(from, 'empty.txt')}: no phrases, it has no words to go by.`);
  const read = (name: string) => readFile(join(to, name), 'utf8');
  expect(await read('one.txt')).toBe('time-delay systems\nrobust control\n');
  expect(await read('link.txt')).toBe(await read('one.txt'));
  expect(await read('wide.md')).toBe(await read('one.txt'));
  expect(await read('deep/er/two.abstr')).toContain('filter coffee\n');
  expect(await read('empty.txt')).toBe('');
  // A second run does not take what the first one wrote for texts.
  const again = run(from, to, '--json');
  const answer = JSON.parse(again.out) as { top: number; files: { file: string }[]; leftOut: string[] };
  expect(answer.files.map(({ file }) => file)).toEqual([
    'deep/er/two.abstr',
    'empty.txt',
    'link.txt',
    'one.txt',
    'wide.md',
  ]);
  expect(answer).toMatchObject({ top: 10, leftOut: ['picture.png'] });
});

test('what cannot be done is said', async () => {
  await mkdir(join(folder, 'none'));
  expect(run(join(folder, 'none'), join(folder, 'o'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('There is no file'),
  });
  expect(run(join(folder, 'nowhere'), join(folder, 'o'))).toMatchObject({
    code: 1,
    err: expect.stringContaining('ENOENT'),
  });
  expect(run(folder, folder)).toMatchObject({ code: 2, err: expect.stringContaining('a folder of their own') });
  expect(run(folder)).toMatchObject({ code: 2, err: expect.stringContaining('Two are needed') });
  expect(run(folder, join(folder, 'o'), '--top', '0')).toMatchObject({ code: 2 });
});
