/** The Porter stemmer: M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, step for step. */

/** The stem of a lower-case English word. Words of two letters, and what is no plain word ("x-ray", "3d"), stay as they are. */
export function stem(word: string): string {
  if (word.length < 3 || !/^[a-z]+$/.test(word)) return word;
  const known = stems.get(word);
  if (known !== undefined) return known;
  const found = step5(step4(suffixed(suffixed(step1c(step1b(step1a(word))), step2), step3)));
  // A long run meets few new words; the bound keeps a folder of many languages from filling the memory.
  if (stems.size > 50_000) stems.clear();
  stems.set(word, found);
  return found;
}

const stems = new Map<string, string>();

const vowel = '(?:[aeiou]|(?<=[^aeiou])y)';
const consonant = '(?:[^aeiouy]|(?<![^aeiou])y)';
const hasVowel = new RegExp(vowel);
const doubled = /([^aeiou])\1$/;
/** Consonant, vowel, consonant at the end, the last not w, x or y: the paper's *o. */
const short = new RegExp(`${consonant}${vowel}[^aeiouwxy]$`);
const measured = new RegExp(`${vowel}+${consonant}+`, 'g');

/** The paper's m: how often a vowel is followed by a consonant. */
function measure(stem: string): number {
  return stem.match(measured)?.length ?? 0;
}

function step1a(word: string): string {
  if (word.endsWith('sses') || word.endsWith('ies')) return word.slice(0, -2);
  if (word.endsWith('ss')) return word;
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

function step1b(word: string): string {
  if (word.endsWith('eed')) return measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
  const suffix = word.endsWith('ed') ? 'ed' : word.endsWith('ing') ? 'ing' : '';
  const left = word.slice(0, word.length - suffix.length);
  if (suffix === '' || !hasVowel.test(left)) return word;
  if (/(?:at|bl|iz)$/.test(left)) return `${left}e`;
  if (doubled.test(left) && !/[lsz]$/.test(left)) return left.slice(0, -1);
  return measure(left) === 1 && short.test(left) ? `${left}e` : left;
}

function step1c(word: string): string {
  return word.endsWith('y') && hasVowel.test(word.slice(0, -1)) ? `${word.slice(0, -1)}i` : word;
}

type Rules = readonly (readonly [suffix: string, becomes: string])[];

// Longest first where one ends another.
const step2: Rules = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['izer', 'ize'],
  ['abli', 'able'],
  ['alli', 'al'],
  ['entli', 'ent'],
  ['eli', 'e'],
  ['ousli', 'ous'],
  ['ization', 'ize'],
  ['ation', 'ate'],
  ['ator', 'ate'],
  ['alism', 'al'],
  ['iveness', 'ive'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['aliti', 'al'],
  ['iviti', 'ive'],
  ['biliti', 'ble'],
];

const step3: Rules = [
  ['icate', 'ic'],
  ['ative', ''],
  ['alize', 'al'],
  ['iciti', 'ic'],
  ['ical', 'ic'],
  ['ful', ''],
  ['ness', ''],
];

/** The longest suffix decides, whether or not its condition (m > 0) holds. */
function suffixed(word: string, rules: Rules): string {
  const rule = rules.find(([suffix]) => word.endsWith(suffix));
  if (!rule) return word;
  const left = word.slice(0, -rule[0].length);
  return measure(left) > 0 ? left + rule[1] : word;
}

const step4Suffix = /(?:ement|ance|ence|able|ible|ment|ant|ent|ion|ism|ate|iti|ous|ive|ize|al|er|ic|ou)$/;

function step4(word: string): string {
  const suffix = word.match(step4Suffix)?.[0];
  if (suffix === undefined) return word;
  const left = word.slice(0, -suffix.length);
  if (suffix === 'ion' && !/[st]$/.test(left)) return word;
  return measure(left) > 1 ? left : word;
}

function step5(word: string): string {
  let left = word;
  if (left.endsWith('e')) {
    const without = left.slice(0, -1);
    const m = measure(without);
    if (m > 1 || (m === 1 && !short.test(without))) left = without;
  }
  return left.endsWith('ll') && measure(left) > 1 ? left.slice(0, -1) : left;
}
