/** Finds the verbs that the tagger takes for nouns: "results show", "fibre shapes gene transfer". */

type Seen = { lower: string; pos: string; kind: string };

/**
 * Whether a word that was tagged as a noun is the verb of its clause: one that can be a verb, after a noun, and there where a noun
 * is not: after a plural, as a singular in -s before a noun, or before an article, a pronoun or "to".
 */
export function actsAt(all: readonly Seen[], at: number): boolean {
  const word = all[at];
  const before = all[at - 1];
  if (!word || !before || (word.kind !== 'noun' && word.kind !== 'name')) return false;
  const subject = /^(?:which|who|that|it|he|she|we|they|you|i)$/.test(before.lower);
  if (!subject && !/^(?:noun|name|doing)$/.test(before.kind)) return false;
  const third = word.lower.endsWith('s');
  const base = third ? word.lower.replace(/(?<=ss|sh|ch|x)es$|(?<!s)s$/, '') : word.lower;
  if (!verbs.has(base) && !verbs.has(`${base}e`)) return false;
  const next = all[at + 1];
  if (subject) return before.lower !== 'that' || third;
  if (next && /^(?:DET|PRON)$/.test(next.pos)) return true;
  if (third && next?.lower === 'to') return true;
  if (!third) return isPlural(before.lower) && (next?.kind !== 'noun' || !isPlural(word.lower));
  // A plural stands before another noun only in set phrases.
  return next !== undefined && /^(?:noun|modifier|name)$/.test(next.kind) && !isPlural(before.lower);
}

/**
 * Whether a word that was tagged as a verb is a noun before a noun: a plain form after an article, a possessive, a preposition or an
 * adjective ("from pull requests"), or after a singular, which has no plain form after it ("gene transfer spreads").
 */
export function namesAt(all: readonly Seen[], at: number): boolean {
  const word = all[at];
  const before = all[at - 1];
  if (
    !word ||
    !before ||
    word.pos !== 'VERB' ||
    !/^\p{L}{3,}$/u.test(word.lower) ||
    /(?:s|ed|ing|en)$/.test(word.lower)
  )
    return false;
  const noun = /^(?:noun|name)$/.test(all[at + 1]?.kind ?? '');
  if (/^(?:your|my|our|their|its|his|her)$/.test(before.lower) || before.pos === 'DET') return noun;
  if ((before.pos === 'ADP' && before.lower !== 'to') || before.kind === 'modifier') return noun;
  return noun && before.kind === 'noun' && !isPlural(before.lower) && verbs.has(word.lower);
}

function isPlural(word: string): boolean {
  return /[^sui]s$/.test(word) && !word.endsWith('ics') && !fixed.has(word);
}

/** Plurals that go before nouns all the same. */
const fixed = new Set(
  'news sales sports goods savings systems operations communications materials means series species lens graphics physics economics mathematics electronics aerospace customs arms'.split(
    ' ',
  ),
);

/** Verbs that are nouns too. */
const verbs = new Set(
  `act address aim allow answer approach arrive ask assume attack attempt attract balance beat become begin benefit block boost break bring build
buy call cause challenge change charge check claim close collapse combine come compare compete concern conclude confirm conflict
connect contact contain contrast contribute control convert correlate cost cover create cut deal decline decrease demand demonstrate depend
describe deserve design determine deter develop differ display double drive drop employ enable end enforce ensure escape estimate evolve
exceed exhibit exist expand expect experience explain express extend face fail fall feed fit flow focus follow forecast form
gain get give go govern grow guarantee halve hang harm help highlight hit hold host house identify impact imply improve include
increase indicate influence intend introduce involve jump keep know lack launch lead learn leave lie like limit link list live
look lose lower make mark match matter mean measure meet mirror move need observe occur offer offset open operate order outperform
pass pay peak perform permit place play point predict prefer present preserve prevent print produce progress promise pull push merge commit promote protect prove
provide purchase question raise range reach react rebound receive record reduce reflect refuse regain relate release rely remain remove
replace report represent request require resist respect respond rest restore result return reveal review reward rise rule run satisfy
save say scale search see seek seem sell send serve set shape share shift shorten show shrink signal simplify slow solve sound span speak split spread
stand start state stay stem stop strike struggle suffer suggest suit supply support surge surprise survive sustain swing take talk tell
tend test threaten tie top track trade trail transfer trigger trust try turn underlie update use vanish vary view visit vote wait wake want
warn warrant welcome win work worry worsen write yield`.split(/\s+/),
);
