import { type Source, textOf, type WrongFile, wrongAt } from './source.ts';

/** Where in a document: names of fields and places in lists. */
export type Path = readonly (string | number)[];

/** A JSON document with a way to say where in it something is wrong. */
export type Document = { value: unknown; wrong(path: Path, what: string): WrongFile };

/** Reads the whole document. One JSON value per line (JSON Lines) is read as a list of them. */
export function documentOf(source: Source): Document {
  const text = textOf(source);
  if (text.trim() === '') throw wrongAt(source, 1, 'the file is empty.');
  try {
    return { value: JSON.parse(text), wrong: (path, what) => wrongAt(source, lineOf(text, path), told(path, what)) };
  } catch (error) {
    const list = linesIn(source, text);
    if (list !== null) return list;
    throw syntaxError(source, text, error as Error);
  }
}

function linesIn(source: Source, text: string): Document | null {
  const lines = text
    .split('\n')
    .flatMap((each, index) => (each.trim() === '' ? [] : [{ line: index + 1, text: each }]));
  if (lines.length < 2) return null;
  // Only where the first line is whole is it one value per line; else the document itself is broken.
  try {
    JSON.parse(lines[0]!.text);
  } catch {
    return null;
  }
  const value = lines.map((each) => {
    try {
      return JSON.parse(each.text) as unknown;
    } catch (error) {
      throw wrongAt(source, each.line, `no JSON: ${reasonOf(error as Error)}.`);
    }
  });
  return {
    value,
    wrong: (path, what) => wrongAt(source, lines[Number(path[0])]?.line ?? 1, told(path.slice(1), what)),
  };
}

function syntaxError(source: Source, text: string, error: Error): WrongFile {
  const at = /position (\d+)/.exec(error.message);
  const line = at ? lineAt(text, Number(at[1])) : lineAt(text, text.length);
  return wrongAt(source, line, `no JSON: ${reasonOf(error)}.`);
}

/** The engine's own words, without the piece of the file it quotes. */
export function reasonOf({ message }: Error): string {
  return message
    .replace(/ in JSON.*$/s, '')
    .replace(/, \.\.\..*$/s, '')
    .replace(/\.$/, '');
}

function told(path: Path, what: string): string {
  const place = path
    .map((each, index) => (typeof each === 'number' ? `[${each}]` : index === 0 ? each : `.${each}`))
    .join('');
  return place === '' ? what : `${place}: ${what}`;
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** The line on which the value at a path begins; of the last value on the way that is there. */
function lineOf(text: string, path: Path): number {
  let at = afterSpace(text, 0);
  for (const step of path) {
    const next = typeof step === 'number' ? elementAt(text, at, step) : fieldAt(text, at, step);
    if (next === null) break;
    at = next;
  }
  return lineAt(text, at);
}

function elementAt(text: string, start: number, index: number): number | null {
  if (text[start] !== '[') return null;
  let at = afterSpace(text, start + 1);
  for (let count = 0; text[at] !== ']'; count++) {
    if (count === index) return at;
    at = afterSpace(text, afterValue(text, at));
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return null;
}

function fieldAt(text: string, start: number, name: string): number | null {
  if (text[start] !== '{') return null;
  let at = afterSpace(text, start + 1);
  while (text[at] !== '}') {
    const end = afterValue(text, at);
    const value = afterSpace(text, afterSpace(text, end) + 1);
    if (JSON.parse(text.slice(at, end)) === name) return value;
    at = afterSpace(text, afterValue(text, value));
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return null;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (' \n\r\t'.includes(text[at] ?? 'x')) at++;
  return at;
}

/** The text is known to be JSON. */
function afterValue(text: string, start: number): number {
  let depth = 0;
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]|[^\s,:[\]{}"]+/gy;
  for (let at = start; ; at = afterSpace(text, at)) {
    while (text[at] === ',' || text[at] === ':') at = afterSpace(text, at + 1);
    token.lastIndex = at;
    const piece = token.exec(text)?.[0];
    if (piece === undefined) return text.length;
    at = token.lastIndex;
    if (piece === '[' || piece === '{') depth++;
    else if (piece === ']' || piece === '}') depth--;
    if (depth === 0) return at;
  }
}

export type Fields = { readonly [name: string]: unknown };

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
