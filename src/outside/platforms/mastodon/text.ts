/**
 * How Mastodon counts a text and what it makes of it. A person reads the text as written, whatever the HTML around it:
 * links are only shortened in sight, and a mention loses its server.
 */
import { load } from 'cheerio';
import { findUrls } from '#src/outside/platforms/x/urls.ts';

/** What a server takes unless it says otherwise, and what the larger ones among them take. */
export const MAX_LENGTH = 500;
export const LONG_LENGTH = 5_000;
/** What any link weighs (StatusLengthValidator of Mastodon 4.5). */
export const URL_LENGTH = 23;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
// Account::MENTION_RE of Mastodon, for those with a server.
const FAR_MENTION = /(?<![=/\p{L}\p{N}_])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@[\p{L}\p{N}_.-]*[\p{L}\p{N}_]/giu;

/** Only links with http:// or https:// are links; "@maya@mastodon.social" weighs as "@maya". */
export function measureText(text: string): { length: number; valid: boolean } {
  let length = 0;
  let plain = '';
  let at = 0;
  for (const { start, end } of findUrls(text)) {
    if (!/^https?:\/\//i.test(text.slice(start, end))) continue;
    plain += `${text.slice(at, start)} `;
    length += URL_LENGTH - 1;
    at = end;
  }
  plain += text.slice(at);
  for (const _ of graphemes.segment(plain.replace(FAR_MENTION, '@$1'))) length += 1;
  return { length, valid: text.trim() !== '' && length <= MAX_LENGTH && text.isWellFormed() };
}

/** What we sent and what the server shows of it are the same in this form. */
export function comparable(text: string): string {
  return text.normalize('NFC').replace(FAR_MENTION, '@$1').replace(/\s+/g, ' ').trim();
}

/** The text a person reads in the HTML of a post. */
export function textOf(html: string): string {
  const content = load(html, null, false);
  // What servers that know no quotes are shown in their place.
  content('.quote-inline').remove();
  content('br').replaceWith('\n');
  content('p').append('\n\n');
  return content.root().text().trim();
}
