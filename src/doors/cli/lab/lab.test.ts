import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answer, lab, refused } from '#test/lab.ts';
import { rowsOf } from './csv.ts';
import { runLab } from './lab.ts';
import { given } from './source.ts';

describe('count', () => {
  test('one length per line, as JSON with more', () => {
    const texts = ['Hello https://example.com/a/very/long/path', 'こんにちは', '👩‍👩‍👧', ''];
    const file = `${texts.map((text) => JSON.stringify(text)).join('\n')}\n{"text": "abc"}\n`;
    expect(lab(file, 'count')).toEqual({ code: 0, out: '29\n10\n2\n0\n3\n', err: '' });
    expect(answer<unknown[]>(file, 'count')[1]).toEqual({ line: 2, length: 10, valid: true, left: 270 });
    expect(answer('', 'count')).toEqual([]);
  });

  test('a bad line is named, those before it are counted', () => {
    expect(lab('"a"\n\nb\n', 'count')).toEqual({
      code: 1,
      out: '1\n',
      err: expect.stringContaining('standard input:3: no JSON'),
    });
    expect(lab('5\n', 'count')).toEqual(refused(':1: a JSON string is expected, or an object with "text".'));
  });
});

describe('the door', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fanfare-lab-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('as a process in an empty folder, without a server or settings: file, pipe, fault', async () => {
    const bin = resolve('bin/fanfare.js');
    const run = (...words: string[]) =>
      promisify(execFile)(process.execPath, [bin, 'lab', ...words], { cwd: folder, env: { PATH: process.env.PATH } });
    await writeFile(join(folder, 'texts.jsonl'), '"one"\n"seven"\nbad\n');
    await expect(run('count', 'texts.jsonl')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('texts.jsonl:3: no JSON'),
    });
    await expect(run('count', 'missing.jsonl')).rejects.toMatchObject({
      code: 1,
      stderr: 'missing.jsonl: it cannot be read (ENOENT).\n',
    });
    const child = promisify(execFile)(process.execPath, [bin, 'lab', 'count', '-'], { cwd: folder });
    child.child.stdin?.end('"piped"\n');
    expect((await child).stdout).toBe('5\n');
  });

  test('help: all verbs, and an example for each', () => {
    const say = (...words: string[]) => {
      let out = '';
      const code = runLab(words, {
        out: (text) => {
          out += text;
        },
        err: () => {},
        stdin: () => [],
      });
      return { code, out };
    };
    const verbs = ['attribution', 'lifetime', 'survival', 'mrr', 'funnel', 'best-time', 'bots', 'referrers', 'count'];
    for (const verb of verbs) {
      expect(say('--help').out).toContain(`  ${verb} `);
      expect(say(verb, '--help')).toEqual({ code: 0, out: expect.stringContaining(`fanfare lab ${verb}`) });
    }
    expect(say()).toMatchObject({ code: 0 });
    expect(say('alchemy')).toMatchObject({ code: 2 });
    expect(say('count')).toMatchObject({ code: 2 });
  });
});

test('what is written as CSV is read as it was, in whatever pieces it comes', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\n', '>', 'é'), maxLength: 6 });
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (table, size) => {
        const width = table[0]!.length;
        const rows = [Array.from({ length: width }, (_, i) => `h${i}`), ...table.map((row) => row.slice(0, width))];
        const text = rows.map((row) => row.map((each) => `"${each.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
        const read = [...rowsOf(given('it', () => pieces))].map(({ cells }) => cells);
        expect(read).toEqual(rows);
      },
    ),
  );
});
