import { refuse } from '#src/refusal.ts';

/** A line longer than this is no table's row. */
export const LONGEST_LINE = 1_000_000;

/** A row of a table. `line` counts the lines of the file from 1; `quoted` says which cells stood in quotation marks. */
export type Row = { line: number; cells: string[]; quoted: boolean[] };

/**
 * Text of a stream in UTF-8, or UTF-16 with its mark. Anything else is refused: a guessed encoding would spoil names
 * without anybody noticing.
 */
export async function* readText(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  try {
    for await (const piece of pieces) {
      decoder ??= new TextDecoder(encodingOf(piece), { fatal: true });
      const text = decoder.decode(piece, { stream: true });
      if (text.includes('\u0000')) throw wrongEncoding();
      if (text !== '') yield text;
    }
    const rest = decoder?.decode();
    if (rest) yield rest;
  } catch (error) {
    throw error instanceof TypeError ? wrongEncoding() : error;
  }
}

function encodingOf(piece: Uint8Array): string {
  if (piece[0] === 0xff && piece[1] === 0xfe) return 'utf-16le';
  return piece[0] === 0xfe && piece[1] === 0xff ? 'utf-16be' : 'utf-8';
}

function wrongEncoding() {
  return refuse('invalid', 'encoding', 'This file is not text in UTF-8. Save it as "CSV UTF-8" and send it again.');
}

/** The lines of a text with their numbers, without what ends them. */
export async function* readLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<{ line: number; text: string }> {
  let rest = '';
  let line = 0;
  for await (const piece of readText(pieces)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE * 20) throw tooLong(line + 1);
    for (const text of lines) yield { line: ++line, text: text.endsWith('\r') ? text.slice(0, -1) : text };
  }
  if (rest !== '') yield { line: ++line, text: rest };
}

/**
 * The rows of a table, piece by piece (RFC 4180). The CSV library of the house reads other people's small tables; it
 * cannot tell an empty text (`""`) from nothing, on which an archive depends, so large files have this reader. The
 * separator is the most frequent one of `,`, `;` and tab in the first line with any, unless it is given.
 */
export async function* readRows(
  pieces: AsyncIterable<Uint8Array>,
  options: { separator?: string; longest?: number } = {},
): AsyncGenerator<Row> {
  const { longest = LONGEST_LINE } = options;
  let separator = options.separator ?? '';
  let line = 1;
  let begun = 1;
  let row: Row = { line: 1, cells: [], quoted: [] };
  let cell = '';
  let state: 'start' | 'plain' | 'quoted' | 'after' = 'start';
  let size = 0;
  const endCell = () => {
    row.cells.push(cell);
    row.quoted.push(state === 'quoted' || state === 'after');
    cell = '';
    state = 'start';
  };
  const endRow = (): Row => {
    endCell();
    const done = row;
    row = { line: line + 1, cells: [], quoted: [] };
    size = 0;
    begun = line + 1;
    return done;
  };
  let held = '';
  for await (const piece of readText(pieces)) {
    let text = piece;
    if (separator === '') {
      held += piece;
      const guess = separatorOf(held);
      if (guess === null && held.length < longest) continue;
      separator = guess ?? ',';
      text = held;
    }
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string;
      if (++size > longest) throw tooLong(begun);
      if (state === 'quoted') {
        if (char === '"') state = 'after';
        else {
          if (char === '\n') line++;
          const until = nextOf(text, at + 1, '"');
          const run = text.slice(at, until);
          for (let i = 1; i < run.length; i++) if (run[i] === '\n') line++;
          size += run.length - 1;
          cell += run;
          at = until - 1;
        }
      } else if (state === 'after' && char === '"') {
        cell += '"';
        state = 'quoted';
      } else if (char === separator) endCell();
      else if (char === '\n') {
        yield endRow();
        line++;
      } else if (char === '\r') continue;
      else if (state === 'start' && char === '"') state = 'quoted';
      else {
        cell += char;
        if (state === 'start') state = 'plain';
      }
    }
  }
  if (separator === '' && held !== '') {
    yield* readRows(once(held), { separator: ',', longest });
    return;
  }
  if ((state as string) === 'quoted')
    throw refuse('invalid', 'quotes', `A quotation mark that begins in the row of line ${begun} does not end.`);
  if (cell !== '' || row.cells.length > 0 || (state as string) === 'after') yield endRow();
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

function nextOf(text: string, from: number, char: string): number {
  const at = text.indexOf(char, from);
  return at === -1 ? text.length : at;
}

/** By the first whole line that is no comment and has one of them; null while there is none. */
function separatorOf(text: string): string | null {
  const lines = text.split('\n');
  lines.pop();
  for (const line of lines) {
    if (line.startsWith('#') || line.trim() === '') continue;
    const counts = [',', ';', '\t'].map((char) => ({ char, times: line.split(char).length - 1 }));
    const best = counts.sort((a, b) => b.times - a.times)[0];
    return best && best.times > 0 ? best.char : ',';
  }
  return null;
}

function tooLong(line: number) {
  return refuse('invalid', 'line_too_long', `Line ${line} is too long to be a row of a table. Is this the right file?`);
}

/** One cell as it stands in a table: nothing is empty, an empty text is `""`. */
export function csvCell(text: string | null): string {
  if (text === null) return '';
  return text === '' || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The elements of a JSON list in a text, each as its own text, however large the list: `window.YTD.tweets.part0 = [` may
 * stand before it. An element may have up to `longest` characters.
 */
export async function* readElements(pieces: AsyncIterable<Uint8Array>, longest: number = LONGEST_LINE) {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let element = '';
  let ended = false;
  for await (const piece of readText(pieces)) {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const char = piece[at] as string;
      if (inText) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inText = false;
        continue;
      }
      if (char === '"') inText = true;
      else if (char === '[' || char === '{') {
        depth++;
        if (depth === 2) from = at;
      } else if (char === ']' || char === '}') {
        depth--;
        if (depth === 1) {
          yield element + piece.slice(from, at + 1);
          element = '';
        }
        ended ||= depth === 0;
      }
    }
    if (depth >= 2) element += piece.slice(from);
    if (element.length > longest)
      throw refuse('invalid', 'entry_too_long', 'An entry of this file is too long. Is this the right file?');
  }
  if (!ended) throw refuse('invalid', 'file_cut_off', 'This file ends before its list does: it is incomplete.');
}
