import type { Row } from '#bench/intelligence.ts';
import { keyphrasesOf } from '#src/understand/keyphrases.ts';
import { type Indexed, indexedTexts, meanF1 } from '#test/keyphrases/texts.ts';
import { yake } from '#test/keyphrases/yake.ts';

/** Mean F1@10 (Porter stems, exact match) on the texts of test/keyphrases beside YAKE's, by kind, and the time an abstract takes. */
export async function run(): Promise<Row[]> {
  const [train, heldOut] = [indexedTexts('train'), indexedTexts('held-out')];
  const kinds = [...new Set(heldOut.map(({ kind }) => kind))];
  return [
    row('Train, all kinds', train, 'above YAKE'),
    row('Held out, all kinds', heldOut, 'above YAKE'),
    ...kinds.map((kind) =>
      row(
        `  held out, ${kind}`,
        heldOut.filter((text) => text.kind === kind),
        kind === 'science' ? 'above 20 and YAKE' : 'above YAKE',
      ),
    ),
    speed(heldOut.filter(({ kind }) => kind === 'science')),
  ];
}

function row(what: string, texts: readonly Indexed[], target: string): Row {
  const ours = meanF1(texts, (text) => keyphrasesOf(text).map(({ phrase }) => phrase));
  const theirs = meanF1(texts, (text) => yake(text));
  return {
    what: `${what}, ${texts.length} ${texts.length === 1 ? 'text' : 'texts'}`,
    measured: `${ours.toFixed(1)} (YAKE ${theirs.toFixed(1)})`,
    target,
  };
}

function speed(texts: readonly Indexed[]): Row {
  const times = 400;
  const began = performance.now();
  for (let time = 0; time < times; time++) keyphrasesOf(texts[time % texts.length]?.text ?? '');
  return { what: 'One abstract', measured: `${((performance.now() - began) / times).toFixed(2)} ms`, target: '' };
}
