/**
 * How Mastodon 4.5 counts a text and renders it, after its TextFormatter and StatusLengthValidator, with the original
 * library for links and hashtags: the adapter under test has its own.
 */
import twitter from 'twitter-text';

const MENTION = /(?<![=/\p{L}\p{N}_])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@([\p{L}\p{N}_.-]*[\p{L}\p{N}_]))?/giu;
const HASHTAG = /(?<![/)\p{L}\p{N}_])#([\p{L}\p{N}_]*[\p{L}][\p{L}\p{N}_]*)/giu;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

type Piece = { start: number; end: number; html: string };

/** The weight of a text: any link 23, a mention without its server. */
export function lengthOf(text: string): number {
  let counted = text;
  for (const { start, end } of linksOf(text).toReversed())
    counted = `${counted.slice(0, start)}${'x'.repeat(23)}${counted.slice(end)}`;
  return [...graphemes.segment(counted.replace(MENTION, '@$1'))].length;
}

/** The HTML of a post. Of the people mentioned, those in `known` are linked (`maya` here, `maya@far.example` there). */
export function render(text: string, server: string, known: readonly string[]): string {
  const pieces: Piece[] = linksOf(text).map(({ start, end }) => ({ start, end, html: link(text.slice(start, end)) }));
  const isFree = (start: number, end: number) => pieces.every((one) => one.end <= start || end <= one.start);
  for (const { index: start, 0: written, 1: name = '', 2: domain } of text.matchAll(MENTION)) {
    const end = start + written.length;
    if (!known.includes(domain ? `${name}@${domain}` : name) || !isFree(start, end)) continue;
    const href = `https://${domain ?? new URL(server).host}/@${name}`;
    const html = `<span class="h-card" translate="no"><a href="${href}" class="u-url mention">@<span>${name}</span></a></span>`;
    pieces.push({ start, end, html });
  }
  for (const { index: start, 0: written, 1: tag = '' } of text.matchAll(HASHTAG)) {
    const end = start + written.length;
    if (!isFree(start, end)) continue;
    const html = `<a href="${server}/tags/${tag}" class="mention hashtag" rel="tag">#<span>${escapeHtml(tag)}</span></a>`;
    pieces.push({ start, end, html });
  }
  let html = '';
  let at = 0;
  for (const piece of pieces.sort((a, b) => a.start - b.start)) {
    html += escapeHtml(text.slice(at, piece.start)) + piece.html;
    at = piece.end;
  }
  html += escapeHtml(text.slice(at));
  return html
    .replace(/\r\n?/g, '\n')
    .split(/\n\n+/)
    .map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br />')}</p>`)
    .join('');
}

/** Only what has a protocol is a link here. */
function linksOf(text: string): { start: number; end: number }[] {
  return twitter
    .extractUrlsWithIndices(text)
    .filter(({ url }) => /^https?:\/\//i.test(url))
    .map(({ indices: [start, end] }) => ({ start, end }));
}

function link(url: string): string {
  const prefix = /^https?:\/\/(www\.)?/i.exec(url)?.[0] ?? '';
  const shown = url.slice(prefix.length, prefix.length + 30);
  const rest = url.slice(prefix.length + 30);
  const middle = `<span class="${rest ? 'ellipsis' : ''}">${escapeHtml(shown)}</span>`;
  return `<a href="${escapeHtml(url)}" target="_blank" rel="nofollow noopener" translate="no"><span class="invisible">${prefix}</span>${middle}<span class="invisible">${escapeHtml(rest)}</span></a>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
