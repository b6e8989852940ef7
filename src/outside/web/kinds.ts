/** What kinds of content are taken, and in which words the others are refused. */
import { gunzipSync } from 'node:zlib';
import type { PageRefusal } from '#src/outside/web.ts';
import { decodeText } from './charset.ts';
import type { Answer } from './follow.ts';

/** `refuseType` decides on the header alone, `take` on the body. */
export type Reader<T> = {
  refuseType(contentType: string, url: URL): PageRefusal | undefined;
  take(answer: Answer, maxBytes: number): T | PageRefusal;
};

export const acceptHtml: Reader<{ html: string }> = {
  refuseType(contentType, url) {
    const type = mediaType(contentType);
    return type === '' || isHtml(type) ? undefined : notHtml(url, type);
  },
  take(answer) {
    const text = textOf(answer);
    if (typeof text !== 'string') return text;
    // Without a content type, only what begins like a page is one.
    if (
      mediaType(answer.contentType) === '' &&
      !/<(?:!doctype html|html|head|body|title)[\s>]/i.test(text.slice(0, 4_000))
    )
      return notHtml(answer.url, sniff(answer.bytes));
    return { html: text };
  },
};

export const acceptText: Reader<{ text: string }> = {
  refuseType(contentType, url) {
    const type = mediaType(contentType);
    const textual =
      /^text\//.test(type) ||
      /^application\/(.*\+)?(xml|json|yaml)$/.test(type) ||
      type === '' ||
      /^application\/(octet-stream|(x-)?gzip)$/.test(type);
    return textual ? undefined : notText(url, type);
  },
  take(answer, maxBytes) {
    const plain = unpacked(answer.bytes, maxBytes);
    if (!plain)
      return {
        code: 'too_large',
        message: `The file of ${answer.url.host} is damaged, or unpacks to more than ${maxBytes / 1_000_000} MB, so it was not read.`,
      };
    const text = textOf({ ...answer, bytes: plain });
    return typeof text === 'string' ? { text } : text;
  },
};

/** In words: a status outside 200 to 299. */
export function httpError(url: URL, status: number): PageRefusal {
  const page = `${url.host}${url.pathname === '/' ? '' : url.pathname.slice(0, 80)}`;
  return { code: 'http_error', status, message: `${page} ${meaning(status)} (HTTP ${status}).` };
}

/** A file that is itself a gzip archive (sitemap.xml.gz), unpacked; undefined for one that holds more than it may. */
function unpacked(bytes: Buffer, maxBytes: number): Buffer | undefined {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch {
    return undefined;
  }
}

function meaning(status: number): string {
  if (status === 401 || status === 403 || status === 407)
    return 'is not open to us: it wants a login or blocks automated readers. Enter a page that opens in a private browser window';
  if (status === 404 || status === 410) return 'does not exist. Check the spelling of the address';
  if (status === 429) return 'has had too many requests. Try again in some minutes';
  if (status >= 500) return 'failed to make the page; the fault is on its side. Try again later';
  return 'answered with something else than a page. Check whether it opens in your browser';
}

function textOf(answer: Answer): string | PageRefusal {
  const host = answer.url.host;
  const decoded = decodeText(answer.bytes, answer.contentType);
  if ('undecodable' in decoded)
    return {
      code: 'bad_encoding',
      message: `The page of ${host} cannot be read: ${decoded.undecodable}. Ask whoever runs the site to send it as UTF-8.`,
    };
  if (decoded.text.trim() === '')
    return {
      code: 'empty',
      message: `${host} answered with an empty page. Check whether it shows anything in your browser.`,
    };
  return decoded.text;
}

function notHtml(url: URL, type: string): PageRefusal {
  return {
    code: 'not_html',
    message: `${url.host} answered with ${nameOf(type)}, not a web page. Enter the address of a page that describes the product.`,
  };
}

function notText(url: URL, type: string): PageRefusal {
  return { code: 'not_html', message: `${url.host} answered with ${nameOf(type)}, not a text. Enter another address.` };
}

const NAMES: [RegExp, string][] = [
  [/^application\/pdf$/, 'a PDF document'],
  [/^image\//, 'an image'],
  [/^video\//, 'a video'],
  [/^audio\//, 'a sound file'],
  [/^font\//, 'a font'],
  [/json$/, 'JSON data'],
  [/(rss|atom)\+xml$/, 'a feed'],
  [/xml$/, 'XML data'],
  [/javascript$/, 'a script'],
  [/^text\/css$/, 'a style sheet'],
  [/^text\/markdown$/, 'a Markdown text'],
  [/^text\/csv$/, 'a CSV table'],
  [/^text\/plain$/, 'plain text'],
  [/zip|compressed|x-tar|gzip|x-7z|x-rar/, 'an archive'],
  [/^application\/octet-stream$/, 'a file to download'],
];

function nameOf(type: string): string {
  return NAMES.find(([pattern]) => pattern.test(type))?.[1] ?? `content of the type “${type.slice(0, 60)}”`;
}

function sniff(bytes: Buffer): string {
  const start = bytes.subarray(0, 8).toString('latin1');
  if (start.startsWith('%PDF')) return 'application/pdf';
  if (start.startsWith('\x89PNG') || start.startsWith('\xff\xd8\xff') || start.startsWith('GIF8')) return 'image/*';
  if (start.startsWith('PK')) return 'application/zip';
  if (/^\s*[[{]/.test(start)) return 'application/json';
  return 'text/plain';
}

function mediaType(contentType: string): string {
  return (contentType.split(';')[0] ?? '').trim().toLowerCase();
}

function isHtml(type: string): boolean {
  return type === 'text/html' || type === 'application/xhtml+xml';
}
