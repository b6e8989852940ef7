import { expect } from 'vitest';
import { runLab } from '#src/doors/cli/lab/lab.ts';

/** Runs `fanfare lab VERB - …` on a text; it comes in pieces, as from a pipe. */
export function lab(text: string, ...words: string[]) {
  let out = '';
  let err = '';
  const [verb = '', ...flags] = words;
  const code = runLab([verb, '-', ...flags], {
    out: (piece) => {
      out += piece;
    },
    err: (piece) => {
      err += piece;
    },
    stdin: function* () {
      for (let at = 0; at < text.length; at += 1000) yield text.slice(at, at + 1000);
    },
  });
  return { code, out, err };
}

/** The same with `--json`, which has to go well. */
export function answer<T>(text: string, ...words: string[]): T {
  const { code, out, err } = lab(text, ...words, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as T;
}

/** What a file with a fault comes to; `message` goes on after the name of the file. */
export const refused = (message: string) => ({ code: 1, out: '', err: `standard input${message}\n` });
