import { globSync, readFileSync } from 'node:fs';
import vm from 'node:vm';
import { expect, test } from 'vitest';

/**
 * Every regular expression of the program, attacked: pieces of it and of what pages are made of, repeated, with an end
 * that does not fit. One that goes back and forth over each start (the square of the length) passes, for texts are cut
 * to size before; one that does worse never comes back, and is broken off here.
 */
const LENGTH = 1_200;
const LIMIT_MS = 2_000;

/** A literal where an expression may stand: after an operator, an opening bracket or a keyword. */
const LITERAL =
  /(?<=(?:[=(,:;!&|?{}[+<>~^%*-]|\breturn|\btypeof|\bcase|\bof|\bin|\n)\s{0,80})\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)(?=[\s.,;)\]}:?!&|])/g;
const PIECES = ['a', ' ', '0', '.', '-', '/', '\n', ',', '"', '<', '[', '_', 'a ', 'a.', '1,', ' \n', 'a='];

const patterns = findPatterns(globSync('{src,web,tracker,client}/**/*.{ts,tsx,js}'));

test('no pattern runs away', () => {
  expect(patterns.size).toBeGreaterThan(500);
  const away: string[] = [];
  for (const [key, { source, flags, file }] of patterns) {
    const texts = piecesOf(source).map((piece) => `${piece.repeat(Math.ceil(LENGTH / piece.length))}\u0001`);
    const attack = vm.createContext({ pattern: new RegExp(source, flags.replace(/[gy]/g, '')), texts });
    try {
      RUN.runInContext(attack, { timeout: LIMIT_MS });
    } catch {
      away.push(`${file}: ${key.slice(0, 120)}`);
    }
  }
  expect(away).toEqual([]);
});

test('and one that would is found', () => {
  const [found] = findPatterns(['x.ts'], () => 'const bad = /^(a+)+$/;').values();
  const texts = piecesOf(found!.source).map((piece) => `${piece.repeat(40)}\u0001`);
  const attack = vm.createContext({ pattern: new RegExp(found!.source), texts });
  expect(() => RUN.runInContext(attack, { timeout: 50 })).toThrow('timed out');
});

const RUN = new vm.Script('for (const text of texts) pattern.test(text)');

type Pattern = { source: string; flags: string; file: string };

function findPatterns(files: string[], read = (file: string) => readFileSync(file, 'utf8')): Map<string, Pattern> {
  const found = new Map<string, Pattern>();
  for (const file of files.filter((one) => !/\.test\.tsx?$/.test(one)))
    for (const [, source = '', flags = ''] of read(file)
      .replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
      .matchAll(LITERAL))
      if (/[*+]|,\}/.test(source) && isPattern(source, flags))
        found.set(`/${source}/${flags}`, { source, flags, file });
  return found;
}

function isPattern(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags) instanceof RegExp;
  } catch {
    return false; // a division, or part of a text
  }
}

/** What to repeat: the usual, and the pattern's own words. */
function piecesOf(source: string): string[] {
  const plain = source.replace(/\\(?:[pP]\{[^}]*\}|u\{?[0-9a-fA-F]+\}?|[a-zA-Z])/g, ' ').replace(/\\(.)/g, '$1');
  const own = plain.match(/[\p{L}\p{N}<>"'=:/.,@#%&_-]{1,12}/gu) ?? [];
  return [...new Set([...PIECES, ...own.slice(0, 12)])];
}
