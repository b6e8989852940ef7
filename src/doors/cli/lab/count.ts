import { countText } from '#src/outside/platforms/x/count.ts';
import { isFields, reasonOf } from './json.ts';
import { linesOf, type Source, wrongAt } from './source.ts';
import type { Verb } from './verb.ts';

export const count: Verb = {
  summary: 'the length of texts as X counts them',
  file: 'FILE.jsonl',
  options: {},
  example: `  "Hello https://example.com"
  {"text": "こんにちは"}

  fanfare lab count texts.jsonl

  One JSON string per line, or an object with "text". One length per line; a post has room for 280.`,
  run({ source, json, out }) {
    let waiting = '';
    let first = true;
    const write = (text: string) => {
      waiting += text;
      if (waiting.length < 1 << 16) return;
      out(waiting);
      waiting = '';
    };
    if (json) write('[');
    try {
      for (const { line, text } of textsOf(source)) {
        const { length, valid, left } = countText(text);
        write(json ? `${first ? '\n' : ',\n'}${JSON.stringify({ line, length, valid, left })}` : `${length}\n`);
        first = false;
      }
      if (json) write('\n]\n');
    } finally {
      out(waiting);
    }
    return null;
  },
};

function* textsOf(source: Source): Generator<{ line: number; text: string }> {
  for (const { line, text } of linesOf(source)) {
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw wrongAt(source, line, `no JSON: ${reasonOf(error as Error)}. A text is written as "…".`);
    }
    const found = isFields(value) ? value.text : value;
    if (typeof found !== 'string') throw wrongAt(source, line, 'a JSON string is expected, or an object with "text".');
    yield { line, text: found };
  }
}
