/** A text as its parts: title, headings, paragraphs and items, whatever line ends it came with. */
import { parse } from '#src/understand/reading/tree.ts';

export type Part = { kind: 'title' | 'heading' | 'text' | 'named'; text: string };

/** Characters read; a book's keyphrases stand in its first hundred pages. */
const most = 300_000;

/**
 * Cuts a text into its parts. Lines that only end because the page does are joined; what stands alone without an end mark is a
 * heading, the first of them the title. Lists of references and acknowledgements at the end are left out; terms a text names
 * itself ("Keywords: …") come as `named`. A byte order mark, soft hyphens and words cut at line ends
 * are mended; markup of HTML, Markdown and LaTeX, code, addresses and paths are left out.
 */
export function partsOf(whole: string): Part[] {
  const text = withoutEntities(whole.slice(0, most))
    .replace(/^\uFEFF/, '')
    .toWellFormed()
    .replace(/\u00AD/g, '')
    // What the printer does not print ends a word, and so does a half of a sign.
    .replace(/[^\P{Cc}\t\n\r]|\uFFFD/gu, ' ')
    // No word is that long, and the patterns below are quadratic in it.
    .replace(/\S{80,}/g, ' ')
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(/[\u2018\u2019\u02BC]/g, "'")
    .replace(/[\u201C\u201D]/g, '"')
    .replace(/[\u2010\u2011]/g, '-')
    .replace(/[\u00A0\u2000-\u200A\u202F]/g, ' ')
    .replace(/(?<=\p{Ll})-\n[ \t]*(?=\p{Ll})/gu, '-')
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, '\n')
    // One that is not closed goes to the end, as in a browser.
    .replace(/<(script|style)\b[^>]{0,400}>[\s\S]*?(?:<\/\1\s*>|$)/gi, ' ')
    .replace(/`([^`\n]{1,200})`/g, (_, code: string) => (/^[\p{L}\p{N}_ .-]+$/u.test(code) ? code : ' '))
    .replace(/<!--[\s\S]*?-->/g, ' ')
    .replace(
      /<\/?(?:p|div|h[1-6]|li|ul|ol|t[dhr]|table|title|head|body|section|article|br|hr|blockquote)(?=[\s/>])[^<>\n]{0,400}>/gi,
      '\n\n',
    )
    .replace(/<\/?[a-z][^<>\n]{0,400}>/gi, ' ')
    .replace(/(!?)\[([^[\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*\)/g, (_, image: string, words: string) =>
      image ? ' ' : words,
    )
    .replace(/\\(?:cite|ref|eqref|label|begin|end|url)\w*\*?\{[^{}\n]{0,200}\}/g, ' ')
    .replace(/\$([^$\n]{1,120})\$/g, (all, math: string) =>
      /[\\^_={}]/.test(math) ? ' ' : /^[A-Za-z]{1,3}$/.test(math) ? math : all,
    )
    .replace(/\\[A-Za-z]+\*?(?:\{([^{}\n]{0,200})\})?/g, (_, words?: string) => ` ${words ?? ''} `)
    .replace(/https?:\/\/[^\s<>()]+|\b\S+@\S+\.\p{L}{2,}\b/gu, ' ')
    .replace(
      /(?:[\w.-]+)?(?:\/[\w.-]+){2,}|\b[\w-]+\/[\w-]+\.\w+\b|\b[\w-]+\.(?:[cm]?[jt]sx?|py|md|json|html?|css|ya?ml|sh)\b/g,
      ' ',
    );
  const parts: Part[] = [];
  for (const paragraph of joined(text.split('\n').filter((line) => !isCode(line)))) {
    const words = paragraph.split(' ').length;
    const heading = !/[.!?;,:]["')\]]*$/.test(paragraph) && words <= 20;
    if (byline.test(paragraph)) continue;
    if (heading && backMatter.test(paragraph) && parts.length > 6) break;
    const named = paragraph.match(namedTerms);
    if (named) parts.push({ kind: 'named', text: paragraph.slice(named[0].length) });
    else if (parts.length === 0 && words <= 30 && !/[.]["')\]]*$/.test(paragraph))
      parts.push({ kind: 'title', text: paragraph });
    else parts.push({ kind: heading && words <= 14 ? 'heading' : 'text', text: paragraph });
  }
  const [first, second] = parts;
  // A text of one line has no title; a list of short lines has no headings but items.
  if (first?.kind === 'title' && !second) return [{ kind: 'text', text: first.text }];
  const headings = parts.filter(({ kind }) => kind === 'heading').length;
  if (headings > 0.6 * parts.length && parts.length > 6)
    return parts.map((part) => (part.kind === 'heading' ? { kind: 'text', text: part.text } : part));
  // What comes last heads nothing.
  const last = parts.at(-1);
  if (last?.kind === 'heading') last.kind = 'text';
  return parts;
}

/** “R&amp;D” as it is read. What is no entity stays. */
function withoutEntities(text: string): string {
  const known = new Map<string, string>();
  return text.replace(/&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi, (entity) => {
    const before = known.get(entity);
    if (before !== undefined) return before;
    const [node] = parse(entity).top;
    const sign = node?.type === 'text' ? node.data : entity;
    known.set(entity, sign);
    return sign;
  });
}

/** A line of a program. Prose that speaks of "f(x) = 2" is none: four plain words in a row make a line prose. */
function isCode(line: string): boolean {
  const text = line.trim();
  if (text.length > 300 || /(?:\b\p{Ll}{2,},? ){4}/u.test(text)) return false;
  if (beginsCode.test(text) || /^[\w.[\]'"]{1,80} ?[-+*|&]?= ?\S.*[([{;]/.test(text)) return true;
  return /[;{}]$/.test(text) && /=>|[=!<>]=|\w\(.*\)|\w\.\w+\(|\w ?= ?\S|^[\w\s()]*\{$|^\}/.test(text);
}

const beginsCode =
  /^(?:import (?:[\w*{}, ]+ from ['"]|[\w.]+(?: as \w+)?;?$)|from [\w.]+ import\b|#include\b|<\?php|(?:const|let|var) [\w{}[\], ]+ ?=|(?:async )?(?:def|function) ?\w*\(|(?:if|for|while|switch|elif|catch) ?\(?.*(?:\) ?\{|:)$|return\b.*[([{;]|(?:class|interface) \w+.*[:{]$|console\.\w+\(|print\(|[{}[\]()]+[;,]?$)/;

const backMatter = /^(?:[\dIVX]+\.?\s+)?(?:references|bibliography|literature cited|acknowledge?ments?|works cited)$/i;
/** Who wrote it and when is not what it is about. */
const byline = /^(?:[Bb]y|Posted by|Written by|From|BY)\s+(?:our\s|\p{Lu})[^.!?]{2,70}$/u;
const namedTerms =
  /^(?:key ?words(?: and phrases)?|index terms|subject terms|author keywords|tags)\s*(?:[:.\u2013\u2014-]+|--)\s*/i;

/** Joins the lines of wrapped paragraphs; an empty line, a bullet or a line that is short for its text ends one. */
function joined(lines: readonly string[]): string[] {
  const clean = lines.map((line) => line.replace(/\s+/g, ' ').trim());
  const lengths = clean.filter((line) => line !== '').map((line) => line.length);
  const width = Math.min(
    110,
    lengths.reduce((a, b) => Math.max(a, b), 0),
  );
  const paragraphs: string[] = [];
  // Pieces, since a text of a hundred thousand short lines would be copied with each of them.
  let open: string[] = [];
  const close = () => {
    if (open.length > 0) paragraphs.push(open.join(''));
    open = [];
  };
  for (const [at, line] of clean.entries()) {
    const bullet = line.match(/^(?:[-*\u2022\u2023\u25AA\u00B7]|#{1,6}|\d{1,2}[.)])\s+/);
    if (line === '' || bullet) close();
    if (line === '') continue;
    const rest = bullet && !/^\d/.test(line) ? line.slice(bullet[0].length) : line;
    if (rest !== '')
      open.push(open.length === 0 || (open.at(-1)?.endsWith('-') && /^\p{Ll}/u.test(rest)) ? rest : ` ${rest}`);
    const next = clean[at + 1] ?? '';
    const room = line.length + (next.split(' ')[0]?.length ?? 0) + 1 < width * 0.86;
    const goesOn = /^[\p{Ll}(]/u.test(next) || /[,;(-]$/.test(line);
    const indented = /^(?:\t| {2,})\S/.test(lines[at + 1] ?? '') && !/^(?:\t| {2,})\S/.test(lines[at] ?? '');
    // No column is that narrow: a list, whose items begin with capitals.
    const listed = width < 40 && /^[\p{Lu}\d]/u.test(next);
    if (((room || listed) && !goesOn) || line.length > 130 || (indented && !goesOn) || /^#{1,6} /.test(line)) close();
  }
  close();
  return paragraphs;
}
