import type { Learnt, Trait, TraitId } from './measure.ts';

const names: Record<TraitId, string> = {
  sentence_words: 'Length of a sentence',
  reading_ease: 'Reading ease',
  person: 'I, we, you',
  contractions: 'Contractions',
  emoji: 'Emoji',
  hashtags: 'Hashtags',
  exclamations: 'Exclamation marks',
  questions: 'Questions',
  hedges: 'Hedges',
  dashes: 'Dashes',
  ellipses: 'Ellipses',
  semicolons: 'Semicolons',
  capitals: 'Small letter at the start',
  shouting: 'Words in capitals',
  openings: 'How it begins',
  closings: 'How it ends',
  words: 'Words of your own',
};

const counted: Record<Trait['of'], string> = {
  texts: '',
  sentences: 'sentences',
  words: 'words',
  places: 'places',
};

/** What a trait is called, what it says, or what it still waits for. */
export function inWords(trait: Trait, { kind }: Pick<Learnt, 'kind'>) {
  const whose = kind === 'post' ? 'posts' : 'pages';
  const of = counted[trait.of] || whose;
  const missing = trait.enough ? null : { what: of, have: trait.n, need: trait.need };
  return { name: names[trait.id], missing, says: trait.enough ? said(trait, whose) : null };
}

function said(trait: Trait, whose: string): string {
  const { id, n, count, value, mostly } = trait;
  const share = (has: string, of: string) => `${has} in ${count} of ${n} ${of} (${percent((count ?? 0) / n)}).`;
  const places = (one: string, other: string) => `${one} ${count} times, ${other} ${n - (count ?? 0)} times.`;
  switch (id) {
    case 'sentence_words':
      return `Half of ${n} sentences have at most ${value} words, nine in ten at most ${mostly}.`;
    case 'reading_ease':
      return `Half of ${n} ${whose} score ${value} or less of about 100; ${easeWords(value ?? 0)}.`;
    case 'person':
      return places('“I”', '“we”');
    case 'contractions':
      return places('Contracted', 'written out');
    case 'emoji':
      return `${share('At least one', whose)} Nine in ten have at most ${mostly}.`;
    case 'hashtags':
      return `${share('At least one', whose)} Nine in ten have at most ${mostly}.`;
    case 'exclamations':
    case 'questions':
    case 'hedges':
      return share('One', 'sentences');
    case 'capitals':
      return share('One', 'sentences');
    case 'dashes':
    case 'ellipses':
    case 'semicolons':
    case 'shouting':
      return share('At least one', whose);
    case 'openings':
    case 'closings':
      return `${trait.distribution[0]?.label ?? 'Nothing'}, in ${count} of ${n} ${whose}.`;
    case 'words':
      return count === 0 ? 'No word stands out.' : `${count} words stand out against everyday English.`;
  }
}

/** The bands of Flesch's own table (1949). */
function easeWords(ease: number): string {
  if (ease >= 80) return 'easy to read';
  if (ease >= 60) return 'plain English';
  return ease >= 50 ? 'fairly hard to read' : 'hard to read';
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
