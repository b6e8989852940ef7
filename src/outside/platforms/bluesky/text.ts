/**
 * How Bluesky counts a text and what it makes clickable. The text itself is never changed: links, mentions and hashtags
 * are facets beside it, with offsets in bytes of UTF-8 (docs.bsky.app, "Rich text", read November 2026).
 */
import { findUrls } from '#src/outside/platforms/x/urls.ts';

/** Characters as a reader sees them, and bytes (lexicon app.bsky.feed.post). */
export const MAX_GRAPHEMES = 300;
const MAX_BYTES = 3_000;
const MAX_TAG = 64;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Something clickable. `start` and `end` are UTF-16 indices. */
export type Entity = { start: number; end: number } & (
  | { kind: 'link'; uri: string }
  | { kind: 'mention'; handle: string }
  | { kind: 'tag'; tag: string }
);

/** A link counts in full: nothing is shortened here. */
export function measureText(text: string): { length: number; valid: boolean } {
  const length = countGraphemes(text);
  const fits = length <= MAX_GRAPHEMES && Buffer.byteLength(text) <= MAX_BYTES;
  return { length, valid: text.trim() !== '' && fits && text.isWellFormed() };
}

/** The PDS keeps a text to the letter; only the ends and the composition of letters are evened out. */
export function comparable(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

/** What is clickable in the text, in order and not overlapping. */
export function entitiesOf(text: string): Entity[] {
  const found: Entity[] = [];
  for (const { index, 0: written, 1: handle = '' } of text.matchAll(MENTION))
    found.push({ kind: 'mention', start: index, end: index + written.length, handle: handle.toLowerCase() });
  for (const { start, end } of findUrls(text)) {
    const uri = uriOf(text.slice(start, end));
    if (uri && isFree(found, start, end)) found.push({ kind: 'link', start, end, uri });
  }
  for (const { index, 0: written, 1: word = '' } of text.matchAll(HASHTAG)) {
    const tag = word.replace(/\p{P}+$/u, '');
    const end = index + written.length - (word.length - tag.length);
    const isWord = /[^\d\p{P}]/u.test(tag) && countGraphemes(tag) <= MAX_TAG;
    if (isWord && isFree(found, index, end)) found.push({ kind: 'tag', start: index, end, tag });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Offsets in bytes, as facets want them. */
export function bytesOf(text: string, { start, end }: Entity): { byteStart: number; byteEnd: number } {
  return { byteStart: Buffer.byteLength(text.slice(0, start)), byteEnd: Buffer.byteLength(text.slice(0, end)) };
}

const MENTION = /(?<=^|[\s(])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)/gi;
// As in the rich text of Bluesky's own library: a # with a variation selector is a keycap, invisible characters end it.
const HASHTAG = /(?<=^|\s)[#＃](?!\uFE0F)((?:(?!\u20E2)[^\s\u00AD\u2060\u200A-\u200D])+)/gu;

function countGraphemes(text: string): number {
  let length = 0;
  for (const _ of graphemes.segment(text)) length += 1;
  return length;
}

function isFree(found: readonly Entity[], start: number, end: number): boolean {
  return found.every((one) => one.end <= start || end <= one.start);
}

function uriOf(written: string): string | null {
  const uri = /^https?:\/\//i.test(written) ? written : `https://${written}`;
  if (!URL.canParse(uri)) return null;
  return /^[\x21-\x7E]+$/.test(uri) ? uri : new URL(uri).href;
}
