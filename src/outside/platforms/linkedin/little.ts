/**
 * LinkedIn's "little text", the form of a post's `commentary`
 * (learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format). A reserved character that is
 * not escaped ends the text there: the post goes out, cut short, and nothing says so (n8n#10179, brightbean-studio#121).
 * Comments are plain text and are not escaped (postiz-app#1847).
 */
const RESERVED = /[\\|{}@[\]()<>#*_~]/g;

/** At the start, after white space or after an opening bracket; with a letter in it. The # of an address is none. */
const HASHTAG = /(?<=^|[\s(])#([\p{L}\p{N}\p{M}_]*\p{L}[\p{L}\p{N}\p{M}_]*)/gu;

/** The text as `commentary`: hashtags as their template, so that they stay links, and all else escaped. */
export function littleText(text: string): string {
  let little = '';
  let at = 0;
  for (const hashtag of text.matchAll(HASHTAG)) {
    little += `${escaped(text.slice(at, hashtag.index))}{hashtag|\\#|${escaped(hashtag[1] ?? '')}}`;
    at = hashtag.index + hashtag[0].length;
  }
  return little + escaped(text.slice(at));
}

function escaped(text: string): string {
  return text.replace(RESERVED, '\\$&');
}
