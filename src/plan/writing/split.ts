/**
 * Cuts a text into the parts of a thread. Pure and without imports of Node: the composer in the browser and the server
 * cut alike.
 */
import { highlight } from '#src/outside/platforms/x/count.ts';

/** A piece of a text and the UTF-16 index at which it begins there. */
export type Piece = { text: string; start: number };

/** A line of three dashes, or two blank lines in a row (more are the same). */
const MARK = /(?<=(?:^|\n)[ \t]*)---[ \t]*\n\s*|\n[ \t]*\n[ \t]*\n\s*/g;

/**
 * The parts a person has marked, by `---` on a line of its own or by two blank lines. White space around a mark goes
 * with it. A mark at the very end opens an empty last part, which is where typing goes on.
 */
export function splitMarked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const mark of text.matchAll(MARK)) {
    pieces.push({ text: text.slice(at, mark.index).trimEnd(), start: at });
    at = mark.index + mark[0].length;
  }
  const last = { text: text.slice(at), start: at };
  return [...pieces.filter((piece) => piece.text.trim() !== ''), last];
}

/**
 * Splits a long text so that each part fits: at the end of a paragraph if that fills it well, else of a line, a
 * sentence, a word. Links, `{{variables}}` and emoji are never cut; a single one that does not fit alone stays whole.
 * Nothing is lost but white space at a cut. With `numbered`, each part ends in its number, as ` (1/5)`, and fits
 * with it. A text that fits stays one part without a number.
 */
export function splitSmart(text: string, how: { fits(part: string): boolean; numbered?: boolean }): string[] {
  const whole = text.trim();
  if (whole === '' || how.fits(whole)) return [whole];
  if (!how.numbered) return cutAll(whole, how.fits);
  for (let digits = 1; ; digits += 1) {
    const widest = number('9'.repeat(digits), '9'.repeat(digits));
    const parts = cutAll(whole, (part) => how.fits(part + widest));
    if (parts.length === 1) return parts;
    // Parts that do not even fit alone grow by their number; nothing shorter would help them.
    if (String(parts.length).length <= digits)
      return parts.map((part, index) => part + number(String(index + 1), String(parts.length)));
  }
}

function number(at: string, of: string): string {
  return ` (${at}/${of})`;
}

function cutAll(text: string, fits: (part: string) => boolean): string[] {
  const atoms = atomsOf(text);
  const ranks = ranksOf(text, atoms);
  const parts: string[] = [];
  for (let first = 0; first < atoms.length; ) {
    const end = endOf(text, atoms, ranks, first, fits);
    parts.push(sliced(text, atoms, first, end));
    first = end;
    while (atoms[first]?.space) first += 1;
  }
  return parts;
}

/** What is never cut: a link, a variable, or one character as people see it. */
type Atom = { start: number; end: number; space: boolean };

function atomsOf(text: string): Atom[] {
  const whole = wholesOf(text);
  const atoms: Atom[] = [];
  let next = 0;
  for (const { segment, index } of new Intl.Segmenter('en').segment(text)) {
    while (whole[next] && whole[next]!.end <= index) next += 1;
    const inside = whole[next];
    const last = atoms.at(-1);
    const end = index + segment.length;
    if (inside && last && inside.start < index && inside.end > index && last.end > inside.start) last.end = end;
    else atoms.push({ start: index, end, space: /^\s+$/.test(segment) });
  }
  return atoms;
}

function wholesOf(text: string): { start: number; end: number }[] {
  const found = [...text.matchAll(/https?:\/\/\S+/gi)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
  let at = 0;
  for (const token of highlight(text)) {
    if (token.kind === 'url' || token.kind === 'variable') found.push({ start: at, end: at + token.text.length });
    at += token.text.length;
  }
  const merged: { start: number; end: number }[] = [];
  for (const span of found.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && span.start < last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

const PARAGRAPH = 4;
const LINE = 3;
const SENTENCE = 2;
const WORD = 1;
/** How full a part has to be for a cut of this rank; below it, a lesser cut that fills the part more is better. */
const FULL_ENOUGH: readonly [rank: number, share: number][] = [
  [PARAGRAPH, 0.4],
  [LINE, 0.5],
  [SENTENCE, 0.4],
  [WORD, 0],
];

/** How good a cut before each atom is; 0 = in the middle of a word. */
function ranksOf(text: string, atoms: readonly Atom[]): number[] {
  const sentences = new Set(
    [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)].map(({ index }) => index),
  );
  let space = '';
  return atoms.map((atom, index) => {
    if (atom.space) {
      space = (atoms[index - 1]?.space ? space : '') + text.slice(atom.start, atom.end);
      return 0;
    }
    if (index === 0 || !atoms[index - 1]!.space) return 0;
    if (/\n\s*\n/.test(space)) return PARAGRAPH;
    if (space.includes('\n')) return LINE;
    return sentences.has(atom.start) ? SENTENCE : WORD;
  });
}

/** The index of the atom before which the part that begins at `first` ends. Always beyond `first`. */
function endOf(
  text: string,
  atoms: readonly Atom[],
  ranks: readonly number[],
  first: number,
  fits: (part: string) => boolean,
): number {
  const fitting = (end: number) => fits(sliced(text, atoms, first, end));
  if (fitting(atoms.length)) return atoms.length;
  let low = first + 1;
  let high = atoms.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fitting(middle)) low = middle;
    else high = middle;
  }
  // A cut just before white space or before the next word is the same part.
  let most = low;
  while (atoms[most]?.space) most += 1;
  for (const [rank, share] of FULL_ENOUGH) {
    const least = first + Math.max(1, Math.ceil((most - first) * share));
    for (let end = most; end >= least; end -= 1) if ((ranks[end] ?? 0) >= rank && fitting(end)) return end;
  }
  // A part of a word may read as a link and then count more than the whole did.
  let end = low;
  while (end > first + 1 && !fitting(end)) end -= 1;
  return end;
}

function sliced(text: string, atoms: readonly Atom[], first: number, end: number): string {
  let last = end;
  while (last > first && atoms[last - 1]!.space) last -= 1;
  return last === first ? '' : text.slice(atoms[first]!.start, atoms[last - 1]!.end);
}
