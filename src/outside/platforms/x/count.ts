/**
 * How X counts a text, and what it will make clickable. One source for the server and the composer in the browser:
 * pure, no imports of Node.
 *
 * The weights are version 3 of twitter-text (config/v3.json at 30e2430): the text is normalised to NFC; code points
 * in four ranges weigh 1, all others (Chinese, Japanese, Korean and more) 2; a link weighs 23 whatever its length;
 * an emoji weighs 2 however many code points it is made of. Which sequences are one emoji is asked of the engine's
 * own Unicode tables (`RGI_Emoji`), not of a list that stopped in 2019 as the library's has.
 */
import { findUrls } from './urls.ts';

/** The weighted length of a post without Premium. */
export const MAX_LENGTH = 280;
/** What a link weighs once X has shortened it to t.co. */
export const URL_LENGTH = 23;

export type Counted = {
  /** Weighted length, in the unit of `MAX_LENGTH`. */
  length: number;
  /** False when empty, too long, or holding a character X rejects (U+FFFE, U+FEFF, U+FFFF). */
  valid: boolean;
  /** What is left of 280; negative when over. */
  left: number;
  /** UTF-16 index into the given text of the first character, emoji or link that goes over; its length if it fits. */
  cut: number;
};

/** Counts a text as X does. */
export function countText(text: string): Counted {
  const normal = text.normalize('NFC');
  let length = 0;
  let cut = -1;
  for (const unit of units(normal)) {
    length += unit.weight;
    if (cut < 0 && length > MAX_LENGTH) cut = unit.start;
  }
  return {
    length,
    valid: length > 0 && length <= MAX_LENGTH && !/[\uFFFE\uFEFF\uFFFF]/.test(normal),
    left: MAX_LENGTH - length,
    cut: cut < 0 ? text.length : indexBefore(text, normal, cut),
  };
}

export type Token = { kind: 'text' | 'url' | 'mention' | 'hashtag' | 'cashtag' | 'variable'; text: string };

/**
 * The text in pieces for the composer and the preview: what X will make clickable, and our own `{{variables}}`. The
 * pieces joined are the text again.
 */
export function highlight(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const { kind, start, end } of entities(text)) {
    if (start > at) tokens.push({ kind: 'text', text: text.slice(at, start) });
    tokens.push({ kind, text: text.slice(start, end) });
    at = end;
  }
  if (at < text.length) tokens.push({ kind: 'text', text: text.slice(at) });
  return tokens;
}

const LIGHT: readonly (readonly [number, number])[] = [
  [0, 4351],
  [8192, 8205],
  [8208, 8223],
  [8242, 8247],
];

/** What begins no emoji: ASCII but for the signs of keycaps. Most of a text is that, and asking the engine is dear. */
const plain = Array.from({ length: 128 }, (_, unit) => !/[#*0-9]/.test(String.fromCharCode(unit)));

/** Keycaps are also typed without their variation selector; X takes both for the emoji. */
const EMOJI = /\p{RGI_Emoji}|[#*0-9]\uFE0F?\u20E3/vy;

function* units(normal: string): Generator<{ start: number; weight: number }> {
  const urls = findUrls(normal);
  let nextUrl = 0;
  for (let at = 0; at < normal.length; ) {
    const url = urls[nextUrl];
    if (url && url.start === at) {
      yield { start: at, weight: URL_LENGTH };
      at = url.end;
      nextUrl += 1;
      continue;
    }
    if (plain[normal.charCodeAt(at)]) {
      yield { start: at, weight: 1 };
      at += 1;
      continue;
    }
    EMOJI.lastIndex = at;
    const emoji = EMOJI.exec(normal);
    if (emoji) {
      yield { start: at, weight: 2 };
      at += emoji[0].length;
      continue;
    }
    const point = normal.codePointAt(at) as number;
    yield { start: at, weight: LIGHT.some(([from, to]) => point >= from && point <= to) ? 1 : 2 };
    at += point > 0xffff ? 2 : 1;
  }
}

/** The index in `text` that stands where `cut` stands in its normal form: nothing composes across graphemes. */
function indexBefore(text: string, normal: string, cut: number): number {
  if (text === normal) return cut;
  let written = 0;
  for (const { segment, index } of new Intl.Segmenter('en').segment(text)) {
    written += segment.normalize('NFC').length;
    if (written > cut) return index;
  }
  return text.length;
}

type Entity = { kind: Token['kind']; start: number; end: number };

const WORD =
  '\\p{L}\\p{M}\\p{Nd}_\\u200c\\u200d\\ua67e\\u05be\\u05f3\\u05f4\\uff5e\\u301c\\u309b\\u309c\\u30a0\\u30fb\\u3003\\u0f0b\\u0f0c\\xb7';
const VARIABLE = /\{\{[^{}]+\}\}/gu;
const HASHTAG = new RegExp(
  `(?<![${WORD}&])[#＃](?!\\uFE0F|\\u20E3)[${WORD}]*[\\p{L}\\p{M}][${WORD}]*(?![${WORD}#＃]|:\\/\\/)`,
  'gu',
);
const MENTION =
  /(?<![a-zA-Z0-9_!#$%&*@＠])[@＠][a-zA-Z0-9_]{1,20}(?![a-zA-Z0-9_@＠]|[\u00C0-\u024F\u1E00-\u1EFF]|\p{M}|:\/\/)/gu;
const CASHTAG = /(?<=^|\s)\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?=$|\s|[!'#%&"()*+,\\\-./:;<=>?@[\]^_{|}~$])/giu;

/** Earlier kinds win where two overlap: a `#` inside a link is part of the link. */
function entities(text: string): Entity[] {
  const found: Entity[] = [];
  const add = (kind: Token['kind'], spans: Iterable<{ start: number; end: number }>) => {
    for (const { start, end } of spans)
      if (!found.some((other) => start < other.end && end > other.start)) found.push({ kind, start, end });
  };
  add('variable', spansOf(text, VARIABLE));
  add('url', findUrls(text));
  add('mention', spansOf(text, MENTION));
  add('hashtag', spansOf(text, HASHTAG));
  add('cashtag', spansOf(text, CASHTAG));
  return found.sort((a, b) => a.start - b.start);
}

function* spansOf(text: string, pattern: RegExp): Generator<{ start: number; end: number }> {
  for (const match of text.matchAll(pattern)) yield { start: match.index, end: match.index + match[0].length };
}
