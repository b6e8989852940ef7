import { join } from 'node:path';
import { keyphrasesOf } from '#src/understand/keyphrases.ts';
import { filesIn, textIn, writeText } from './folder.ts';
import { numberFlag, type Verb, WrongUse } from './verb.ts';

export const keyphrases: Verb = {
  summary: 'the phrases a text is about, best first, for each file of a folder',
  file: 'IN_FOLDER',
  second: 'OUT_FOLDER',
  options: { top: { type: 'string', value: 'N', text: 'how many phrases at most (10)' } },
  example: `  fanfare lab keyphrases abstracts phrases --top 10

  Each text file of the folder, in folders of it too, comes out under the same name with its phrases, one per line, best
  first, in small letters as they stand in the text. A file without words comes out empty; one that is no text, and
  hidden ones, are left out.`,
  run({ path, second, options, note }) {
    const top = numberFlag(options, 'top', { from: 1, whole: true }) ?? 10;
    const out = second ?? '';
    const files = filesIn(path, out);
    if (files.length === 0) throw new WrongUse(`There is no file in ${path}.`);
    const [done, leftOut]: [{ file: string; phrases: string[] }[], string[]] = [[], []];
    for (const file of files) {
      const text = textIn(join(path, file));
      if (text === null) {
        note(`${join(path, file)}: left out, it is no text.`);
        leftOut.push(file);
        continue;
      }
      const phrases = keyphrasesOf(text, { most: top }).map(({ phrase }) => phrase);
      if (phrases.length === 0) note(`${join(path, file)}: no phrases, it has no words to go by.`);
      writeText(join(out, file), phrases.map((phrase) => `${phrase}\n`).join(''));
      done.push({ file, phrases });
    }
    const many = done.reduce((sum, { phrases }) => sum + phrases.length, 0);
    return {
      json: { top, files: done, leftOut },
      text: `${done.length} ${done.length === 1 ? 'text' : 'texts'}, ${many} phrases, in ${out}.${leftOut.length > 0 ? ` ${leftOut.length} left out.` : ''}`,
    };
  },
};
