/**
 * Where X sees links in a text, with or without "https://". The grammar is that of twitter-text 3.1 (Apache-2.0,
 * twitter/twitter-text at 30e2430, js/src/regexp): the same character classes, without the u flag as there, so that
 * the same texts count the same. Pure, runs in the browser.
 */
import { TLDS } from './tlds.ts';

export type Span = { start: number; end: number };

/**
 * The links X will shorten to t.co, in order and not overlapping. `start` and `end` are UTF-16 indices into `text`;
 * give NFC text when you count.
 */
export function findUrls(text: string): Span[] {
  if (!text.includes('.')) return [];
  const urls: Span[] = [];
  for (const match of text.matchAll(URL_PATTERN)) {
    const [, before = '', url = '', protocol, domain = '', path] = match;
    const start = match.index + before.length;
    if (!isPossible(url, protocol ?? 'https://', domain)) continue;
    if (protocol) {
      const length = lengthWithProtocol(url);
      if (length !== null) urls.push({ start, end: start + length });
    } else if (!/[-_./]$/.test(before)) {
      urls.push(...bareDomains(domain, path ? url.slice(domain.length) : '', start));
    }
  }
  return urls;
}

const PUNCTUATION = "\\!'#%&'\\(\\)*\\+,\\\\\\-\\.\\/:;<=>\\?@\\[\\]\\^_{|}~\\$";
const SPACES = '\\x09-\\x0D\\x20\\x85\\xA0\\u1680\\u180E\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000';
const NEVER_VALID = '\\uFFFE\\uFEFF\\uFFFF';
const DIRECTION_MARKS = '\\u202A-\\u202E\\u061C\\u200E\\u200F\\u2066\\u2067\\u2068\\u2069';
const CYRILLIC = '\\u0400-\\u04FF';
const LATIN_ACCENTS =
  '\\xC0-\\xD6\\xD8-\\xF6\\xF8-\\xFF\\u0100-\\u024F\\u0253\\u0254\\u0256\\u0257\\u0259\\u025B\\u0263\\u0268\\u026F' +
  '\\u0272\\u0289\\u028B\\u02BB\\u0300-\\u036F\\u1E00-\\u1EFF';

const DOMAIN_CHAR = `[^${PUNCTUATION}${SPACES}${NEVER_VALID}${DIRECTION_MARKS}]`;
const SUBDOMAIN = `(?:(?:${DOMAIN_CHAR}(?:[_-]|${DOMAIN_CHAR})*)?${DOMAIN_CHAR}\\.)`;
const DOMAIN_NAME = `(?:(?:${DOMAIN_CHAR}(?:-|${DOMAIN_CHAR})*)?${DOMAIN_CHAR}\\.)`;
const TOP_LEVEL = `(?:(?:(?:${TLDS.join('|')})(?=[^0-9a-zA-Z@+-]|$))|(?:xn--[\\-0-9a-z]+))`;
const DOMAIN = `(?:${SUBDOMAIN}*${DOMAIN_NAME}${TOP_LEVEL})`;

const PATH_CHAR = `[a-z${CYRILLIC}0-9!\\*';:=\\+,\\.\\$\\/%#\\[\\]\\-\\u2013_~@\\|&${LATIN_ACCENTS}]`;
const PARENS = `\\((?:${PATH_CHAR}+|(?:${PATH_CHAR}*\\(${PATH_CHAR}+\\)${PATH_CHAR}*))\\)`;
const PATH_END = `[\\+\\-a-z${CYRILLIC}0-9=_#\\/${LATIN_ACCENTS}]|(?:${PARENS})`;
const PATH = `(?:(?:${PATH_CHAR}*(?:${PARENS}${PATH_CHAR}*)*(?:${PATH_END}))|(?:@${PATH_CHAR}+\\/))`;
const QUERY_CHAR = "[a-z0-9!?\\*'@\\(\\);:&=\\+\\$\\/%#\\[\\]\\-_\\.,~|]";
const QUERY = `\\?${QUERY_CHAR}*[a-z0-9\\-_&=#\\/]`;

const BEFORE = `(?:[^A-Za-z0-9@＠$#＃${NEVER_VALID}]|[${DIRECTION_MARKS}]|^)`;
const URL_PATTERN = new RegExp(`(${BEFORE})((https?:\\/\\/)?(${DOMAIN})(?::[0-9]+)?(\\/${PATH}*)?(?:${QUERY})?)`, 'gi');
const ASCII_DOMAIN = new RegExp(`(?:(?:[\\-a-z0-9${LATIN_ACCENTS}]+)\\.)+${TOP_LEVEL}`, 'gi');
const TCO = new RegExp(`^https?:\\/\\/t\\.co\\/([a-z0-9]+)(?:${QUERY})?`, 'i');

const MAX_URL = 4096;
const MAX_LABEL = 63;
const MAX_TCO_SLUG = 40;

/** How much of a link with a protocol is the link; null when it is none. A t.co link takes no further path. */
function lengthWithProtocol(url: string): number | null {
  const tco = TCO.exec(url);
  if (!tco) return url.length;
  return (tco[1] ?? '').length > MAX_TCO_SLUG ? null : tco[0].length;
}

/** Without a protocol only the ASCII part of a domain is a link ("見てfanfare.dev"); path and query join the last. */
function bareDomains(domain: string, rest: string, start: number): Span[] {
  const found = [...domain.matchAll(ASCII_DOMAIN)].map((match) => ({
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
  const last = found.at(-1);
  if (last) last.end += rest.length;
  return found;
}

function isPossible(url: string, protocol: string, domain: string): boolean {
  if (domain.startsWith('xn--') && !new RegExp(ASCII_DOMAIN.source, 'i').test(domain)) return false;
  const labels = domain.split('.');
  if (labels.some((label) => label.length === 0 || encodedLength(label) > MAX_LABEL)) return false;
  return protocol.length + url.length <= MAX_URL;
}

/** Length of a domain label once encoded for DNS: "xn--" and Punycode (RFC 3492) when it is not ASCII. */
function encodedLength(label: string): number {
  const parts = label.split(/[\u3002\uFF0E\uFF61]/);
  const total = parts.reduce(
    (sum, part) => sum + (/[^\0-\x7F]/.test(part) ? 4 + punycodeLength(part) : part.length),
    0,
  );
  return total + parts.length - 1;
}

function punycodeLength(label: string): number {
  const points = [...label].map((char) => char.codePointAt(0) as number);
  const basic = points.filter((point) => point < 128).length;
  let handled = basic;
  let length = basic + (basic > 0 ? 1 : 0);
  let next = 128;
  let delta = 0;
  let bias = 72;
  while (handled < points.length) {
    const smallest = Math.min(...points.filter((point) => point >= next));
    delta += (smallest - next) * (handled + 1);
    next = smallest;
    for (const point of points) {
      if (point < next) delta += 1;
      if (point !== next) continue;
      let rest = delta;
      for (let k = 36; ; k += 36) {
        length += 1;
        const threshold = k <= bias ? 1 : Math.min(k - bias, 26);
        if (rest < threshold) break;
        rest = Math.floor((rest - threshold) / (36 - threshold));
      }
      bias = adapt(delta, handled + 1, handled === basic);
      delta = 0;
      handled += 1;
    }
    delta += 1;
    next += 1;
  }
  return length;
}

function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / 700) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  for (; rest > 455; k += 36) rest = Math.floor(rest / 35);
  return Math.floor(k + (36 * rest) / (rest + 38));
}
