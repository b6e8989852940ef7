import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f1, indexedTexts, meanF1 } from '#test/keyphrases/texts.ts';
import { yake } from '#test/keyphrases/yake.ts';
import { tagged } from './builtin/english.ts';
import { chunksOf } from './keyphrases/chunks.ts';
import { stem } from './keyphrases/stem.ts';
import { partsOf } from './keyphrases/text.ts';
import { keyphrasesOf } from './keyphrases.ts';

const phrases = (text: string, most = 10) => keyphrasesOf(text, { most }).map(({ phrase }) => phrase);
const chunks = (sentence: string) =>
  tagged(sentence).flatMap((each) =>
    chunksOf(each).chunks.map(({ words }) => words.map(({ lower }) => lower).join(' ')),
  );

test('the examples of Porter’s paper, step by step', () => {
  const examples = `caresses caress, ponies poni, ties ti, caress caress, cats cat, feed feed, agreed agre, plastered plaster,
    bled bled, motoring motor, sing sing, conflated conflat, troubled troubl, sized size, hopping hop, tanned tan, falling fall,
    hissing hiss, fizzed fizz, failing fail, filing file, happy happi, sky sky, relational relat, conditional condit,
    rational ration, valenci valenc, hesitanci hesit, digitizer digit, conformabli conform, radicalli radic,
    differentli differ, vileli vile, analogousli analog, vietnamization vietnam, predication predic, operator oper,
    feudalism feudal, decisiveness decis, hopefulness hope, callousness callous, formaliti formal, sensitiviti sensit,
    sensibiliti sensibl, triplicate triplic, formative form, formalize formal, electriciti electr, electrical electr,
    hopeful hope, goodness good, revival reviv, allowance allow, inference infer, airliner airlin, gyroscopic gyroscop,
    adjustable adjust, defensible defens, irritant irrit, replacement replac, adjustment adjust, dependent depend,
    adoption adopt, homologou homolog, communism commun, activate activ, angulariti angular, homologous homolog,
    effective effect, bowdlerize bowdler, probate probat, rate rate, cease ceas, controll control, roll roll,
    generalizations gener, oscillators oscil`;
  const pairs = examples.split(',').map((pair) => pair.trim().split(' '));
  expect(pairs.map(([word]) => [word, stem(word!)])).toEqual(pairs);
  expect(['x-ray', '3d', 'é', 'by', ''].map(stem)).toEqual(['x-ray', '3d', 'é', 'by', '']);
});

describe('chunks', () => {
  test('hyphens, gerunds, numbers with letters, and words that only point', () => {
    expect(chunks('We propose a novel real-time scheduling method for 3D meshes and x-ray images.')).toEqual([
      'real-time scheduling method',
      '3d meshes',
      'x-ray images',
    ]);
    expect(chunks('For solving differential equations, the learning rate is tuned by adaptive thresholding.')).toEqual([
      'differential equations',
      'learning rate',
      'adaptive thresholding',
    ]);
  });

  test('a verb that looks like a noun parts two chunks', () => {
    expect(chunks('Horizontal gene transfer spreads antibiotic resistance.')).toEqual([
      'horizontal gene transfer',
      'antibiotic resistance',
    ]);
    expect(chunks('The results show that exciton polaritons offer a way.')).toContain('exciton polaritons');
  });

  test('names from the office before them, and phrases with "of"', () => {
    expect(chunks('They asked union leader Dana Okoro about the quality of service.')).toEqual([
      'union leader',
      'dana okoro',
      'quality',
      'quality of service',
      'service',
    ]);
    expect(chunks('The estimation of speed is hard.')).not.toContain('estimation of speed');
  });
});

test('a title, wrapped lines, headings, items, named terms and references are told apart', () => {
  const parts = partsOf(
    'A comparison of classifiers for\n\thandwritten digits\nThe authors compare four of them on a task that has ten classes. It is\n\tshown that some save memory.\n\n\n1 Method\n\nWe use proto-\ntypes.\n\n- one item\n- another item\n\nKeywords: nearest neighbours; digits\n\nOutlook\n\nMore will follow.\n\nReferences\n\n[1] Somebody. Something. 1999.',
  );
  expect(parts.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'title: A comparison of classifiers for handwritten digits',
    'text: The authors compare four of them on a task that has ten classes. It is shown that some save memory.',
    'heading: 1 Method',
    'text: We use proto-types.',
    'heading: one item',
    'heading: another item',
    'named: nearest neighbours; digits',
    'heading: Outlook',
    'text: More will follow.',
  ]);
});

test('what a text names as its key words comes first; an acronym goes with its long form', () => {
  expect(phrases('Keywords: graph theory; robust control\n\nWe study random graphs for the sake of it.', 2)).toEqual([
    'graph theory',
    'robust control',
  ]);
  const found = phrases(
    'Linear matrix inequalities (LMIs) are convex. Solving LMIs is fast. LMIs occur in control theory, and a convex hull occurs.',
    3,
  );
  expect(found[0]).toBe('linear matrix inequalities');
});

test('entities, markup, formulas and programs are not words', () => {
  expect(
    phrases(
      'The R&amp;D team&#39;s &quot;neural networks&quot; aren&rsquo;t slow.&nbsp;&lt;b&gt;Graph theory&lt;/b&gt; &mdash; at AT&amp;T.',
    ),
  ).toEqual(expect.arrayContaining(['neural networks', 'r&d team', 'graph theory', 'at&t']));
  expect(
    phrases(
      '<title>Foo</title><style>.a{color:red}</style><script>var neural = network;</script><h1>Graph theory</h1><p>We study random graphs.</p>',
    ).toSorted(),
  ).toEqual(['foo', 'graph theory', 'random graphs']);
  const program =
    'import pandas as pd\nfrom os import path\ndef load_data(file):\n    frame = pd.read_csv(file)\n    return frame.groupby("user").mean()\nfor (const x of all) {\n  console.log(x);\n}';
  expect(phrases(program)).toEqual([]);
  expect(phrases(`Random graphs are large.\n\n${program}\n\nTheir spectral gap is small.`).toSorted()).toEqual([
    'random graphs',
    'spectral gap',
  ]);
  expect(
    phrases(
      'We prove $O(n \\log n)$ bounds for \\textit{spectral clustering} with $k$-means clustering \\cite{foo2009}. The price is $5 or $10.',
    ),
  ).toEqual(expect.arrayContaining(['spectral clustering', 'k-means clustering']));
  // Prose that looks like a program stays.
  expect(
    phrases('The bound holds for every matrix norm\nfor all n = 3 we have f(x) = 2 in the matrix norm;\nit is tight.'),
  ).toContain('matrix norm');
});

test('a text of one word, of short lines, of no noun, and in another language', () => {
  expect(phrases('Invoicing')).toEqual(['invoicing']);
  expect(phrases('Run! Go. Try again and wait.')).toEqual([]);
  expect(phrases('1 2 3 4.5 !!! 🚀')).toEqual([]);
  expect(phrases('Invoices\nReminders\nPayments\nTax reports')).toEqual([
    'invoices',
    'reminders',
    'payments',
    'tax reports',
  ]);
  const german = phrases(
    'Die Rechnungsstellung für Freiberufler ist einfach. Mit unserer Buchhaltungssoftware schreiben Sie Rechnungen in Minuten und sehen offene Rechnungen auf einen Blick.',
  );
  expect(german).toEqual(expect.arrayContaining(['rechnungsstellung', 'buchhaltungssoftware', 'offene rechnungen']));
  expect(german.join(' ')).not.toMatch(/\b(?:mit|ist|schreiben|sie|auf)\b/);
  expect(
    phrases('La facturation pour les indépendants est simple, et notre logiciel de comptabilité envoie les relances.'),
  ).toEqual(expect.arrayContaining(['facturation', 'indépendants', 'relances']));
  expect(phrases('請求書の作成が簡単になります。フリーランスのための会計ソフトです。')).toEqual(
    expect.arrayContaining(['請求書', 'フリーランス', '会計']),
  );
});

test('whatever comes, it ends soon, and no phrase is there twice or stands nowhere in the text', () => {
  for (const text of [
    '',
    ' \n',
    '日本語のテキスト',
    '😀',
    'x'.repeat(200_000),
    'a-'.repeat(50_000),
    'neural '.repeat(20_000),
    '<a '.repeat(20_000),
    '[a '.repeat(20_000),
    'by Aa\n'.repeat(10_000),
    '<script>'.repeat(20_000),
  ])
    expect(keyphrasesOf(text).length).toBeLessThanOrEqual(10);
  const word = fc.constantFrom(
    'robust',
    'graph',
    'theory',
    'of',
    'the',
    'shows',
    'Naples',
    '3D',
    'x-ray',
    '.',
    ',',
    '\n',
    '(',
    ')',
    'tuning',
    "user's",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const text = words.join(' ');
      const found = phrases(text);
      expect(new Set(found).size).toBe(found.length);
      for (const phrase of found) for (const each of phrase.split(' ')) expect(text.toLowerCase()).toContain(each);
    }),
    { numRuns: 60, seed: 7 },
  );
});

describe('against an indexer', () => {
  const [train, heldOut] = [indexedTexts('train'), indexedTexts('held-out')];
  const ours = (text: string) => phrases(text);

  test('F1 counts exact matches of stems, each once', () => {
    expect(f1(['Neural networks', 'neural network', 'cats'], ['neural network', 'dogs'])).toBeCloseTo(0.5);
    expect(f1([], ['a'])).toBe(0);
  });

  test('mean F1@10 of abstracts the scoring never saw, and of every kind above YAKE', () => {
    const science = heldOut.filter(({ kind }) => kind === 'science');
    expect(meanF1(science, ours)).toBeGreaterThan(50);
    for (const [kind, texts] of Map.groupBy([...train, ...heldOut], (each) => each.kind))
      expect([kind, meanF1(texts, ours) > meanF1(texts, (text) => yake(text)) + 10]).toEqual([kind, true]);
  });
});
