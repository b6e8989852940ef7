/** Holds a text against how its writer writes, by their own numbers. Pure. */
import type { Learnt, Trait, TraitId } from './measure.ts';
import * as marks from './text.ts';
import { type Piece, placesOf, readable, sentencesOf, wordsOf } from './text.ts';

export type Oddity = { text: string; startsAt: number; endsAt: number; reason: string; trait: TraitId };

/** Below this share something is not their way; above one less this, its opposite is not. */
const RARELY = 0.1;
/** What a rate is said of, at least; below it the counts are said. */
const RATE = 30;

/** Where a text is unlike the writer's own. Traits below their floor say nothing. */
export function soundsUnlike(text: string, learnt: Learnt): Oddity[] {
  const words = readable(text);
  const whose = learnt.kind === 'post' ? 'posts' : 'pages';
  const known = (id: TraitId) => learnt.traits.find((one) => one.id === id && one.enough && one.value !== null);
  const marked = (trait: Trait, places: readonly Piece[], reason: string): Oddity[] =>
    places.map(({ text: found, startsAt }) => ({
      text: found,
      startsAt,
      endsAt: startsAt + found.length,
      reason,
      trait: trait.id,
    }));
  const rare = (id: TraitId, places: readonly Piece[], has: string): Oddity[] => {
    const trait = known(id);
    if (!trait || (trait.value ?? 1) >= RARELY) return [];
    return marked(trait, places, `${has} ${howOften(trait, whose)}.`);
  };
  return [
    ...rare('emoji', placesOf(words, marks.emoji), 'You use an emoji in'),
    ...rare('hashtags', placesOf(words, marks.hashtag), 'You use a hashtag in'),
    ...many('emoji', placesOf(words, marks.emoji), 'emoji'),
    ...many('hashtags', placesOf(words, marks.hashtag), 'hashtags'),
    ...rare('exclamations', placesOf(words, /!+/g), 'You use an exclamation mark in'),
    ...rare('questions', placesOf(words, /\?+/g), 'You ask a question in'),
    ...rare('hedges', placesOf(words, marks.hedges), 'You hedge in'),
    ...rare('dashes', placesOf(words, /[—–](?!\d)/gu), 'You use a dash in'),
    ...rare('ellipses', placesOf(words, /…|\.{3,}/g), 'You use an ellipsis in'),
    ...rare('semicolons', placesOf(words, /;/g), 'You use a semicolon in'),
    ...rare('shouting', placesOf(words, marks.shouted), 'You write a word in capitals in'),
    ...capitals(),
    ...person(),
    ...contractions(),
    ...tooLong(),
  ].sort((a, b) => a.startsAt - b.startsAt || a.endsAt - b.endsAt);

  function many(id: 'emoji' | 'hashtags', places: readonly Piece[], what: string): Oddity[] {
    const trait = known(id);
    const most = trait?.mostly ?? null;
    if (!trait || most === null || (trait.value ?? 0) < RARELY || places.length <= Math.max(1, most)) return [];
    return marked(
      trait,
      places.slice(Math.max(1, most)),
      `Nine in ten of your ${trait.n} ${whose} have at most ${most} ${what}; this one has ${places.length}.`,
    );
  }

  function capitals(): Oddity[] {
    const trait = known('capitals');
    if (!trait) return [];
    const [small, share] = [trait.value ?? 0, trait];
    const starts = sentencesOf(words)
      .filter((one) => wordsOf(one.text).length > 1)
      .map((one) => ({ text: one.text.match(/^["'“‘(]*\p{L}[\p{L}'’]*/u)?.[0] ?? '', startsAt: one.startsAt }))
      .filter((one) => one.text !== '');
    const low = starts.filter((one) => /^["'“‘(]*\p{Ll}/u.test(one.text));
    if (small < RARELY) return marked(trait, low, `You begin ${howOften(share, whose)} with a small letter.`);
    if (small <= 1 - RARELY) return [];
    const high = starts.filter((one) => /^["'“‘(]*\p{Lu}\p{Ll}/u.test(one.text));
    return marked(trait, high, `You begin ${howOften(share, whose)} with a small letter.`);
  }

  function person(): Oddity[] {
    const trait = known('person');
    if (!trait) return [];
    const mine = trait.value ?? 0.5;
    const count = trait.count ?? 0;
    if (mine < RARELY)
      return marked(trait, placesOf(words, marks.singular), `You say “we” ${trait.n - count} times and “I” ${count}.`);
    if (mine > 1 - RARELY)
      return marked(trait, placesOf(words, marks.plural), `You say “I” ${count} times and “we” ${trait.n - count}.`);
    return [];
  }

  function contractions(): Oddity[] {
    const trait = known('contractions');
    if (!trait) return [];
    const [share, short] = [trait.value ?? 0.5, trait.count ?? 0];
    const reason =
      share < RARELY
        ? `You write this out: ${trait.n - short} times, and contract ${short}.`
        : `You contract: ${short} times, and write out ${trait.n - short}.`;
    if (share < RARELY) return marked(trait, placesOf(words, marks.contracted), reason);
    return share > 1 - RARELY ? marked(trait, placesOf(words, marks.writtenOut), reason) : [];
  }

  function tooLong(): Oddity[] {
    const trait = known('sentence_words');
    const most = trait?.mostly ?? null;
    if (!trait || most === null) return [];
    return sentencesOf(words).flatMap((one) => {
      const own = wordsOf(one.text).length;
      if (own <= Math.max(20, most * 1.25)) return [];
      const said = { ...one, text: text.slice(one.startsAt, one.startsAt + one.text.length) };
      return marked(
        trait,
        [said],
        `This sentence has ${own} words; nine in ten of yours have at most ${most}. Cut it in two.`,
      );
    });
  }
}

/** `3% of your 134 posts`; below thirty, where a rate says little, `1 of your 12 posts`. */
function howOften(trait: Trait, whose: string): string {
  const of = `your ${trait.n} ${trait.of === 'sentences' ? `sentences in ${whose}` : whose}`;
  const count = trait.count ?? 0;
  if (count === 0) return `none of ${of}`;
  return trait.n >= RATE ? `${Math.max(1, Math.round((count / trait.n) * 100))}% of ${of}` : `${count} of ${of}`;
}
