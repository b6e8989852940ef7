import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

/** A file given to the lab, or standard input. Read once, from its beginning. */
export type Source = {
  /** As typed, for messages; "standard input" for `-`. */
  name: string;
  chunks(): Iterable<string>;
};

/** Something is wrong with what a file says. The message leads to the place: "paths.csv:12: …". */
export class WrongFile extends Error {}

export function wrongAt(source: Source, line: number | null, what: string): WrongFile {
  return new WrongFile(`${source.name}${line === null ? '' : `:${line}`}: ${what}`);
}

/** The file at a path. It is opened when it is read, and never held in memory as a whole by this. */
export function fileAt(path: string): Source {
  return {
    name: path,
    *chunks() {
      let file: number;
      try {
        file = openSync(path, 'r');
      } catch (error) {
        throw new WrongFile(`${path}: it cannot be read (${(error as NodeJS.ErrnoException).code}).`);
      }
      try {
        yield* decoded(file, path);
      } finally {
        closeSync(file);
      }
    },
  };
}

/** Text that is there already, or comes piece by piece. */
export function given(name: string, chunks: () => Iterable<string>): Source {
  return { name, chunks };
}

/** The beginning of a source, and the source with all of it still to be read once. */
export function peek(source: Source): { beginning: string; source: Source } {
  const chunks = source.chunks()[Symbol.iterator]();
  const first = chunks.next();
  const beginning = first.done ? '' : first.value;
  return {
    beginning,
    source: given(source.name, function* () {
      yield beginning;
      yield* { [Symbol.iterator]: () => chunks };
    }),
  };
}

/** Standard input as it arrives. */
export function* standardInput(): Generator<string> {
  yield* decoded(0, 'standard input');
}

function* decoded(file: number, name: string): Generator<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.allocUnsafe(1 << 18);
  for (;;) {
    let length: number;
    try {
      length = readSync(file, buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') break;
      // A pipe that is still being filled: there is nothing to do until something comes.
      if (code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        continue;
      }
      throw new WrongFile(`${name}: it cannot be read (${code}).`);
    }
    if (length === 0) break;
    yield decoder.write(buffer.subarray(0, length));
  }
  yield decoder.end();
}

export type Line = { line: number; text: string };

/** Line by line, without line ends and byte order mark; lines are numbered from 1. */
export function* linesOf(source: Source): Generator<Line> {
  let rest = '';
  let line = 1;
  for (const chunk of source.chunks()) {
    const pieces = (rest + chunk).split('\n');
    rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      yield { line, text: bare(piece, line) };
      line++;
    }
  }
  if (rest !== '') yield { line, text: bare(rest, line) };
}

function bare(text: string, line: number): string {
  const start = line === 1 && text.startsWith('\uFEFF') ? 1 : 0;
  return text.slice(start, text.endsWith('\r') ? -1 : undefined);
}

/** All of it as one text. */
export function textOf(source: Source): string {
  const text = [...source.chunks()].join('');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
