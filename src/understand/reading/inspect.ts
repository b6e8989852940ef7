/** How a page is made: what search engines, link previews, screen readers and slow connections meet. */
import { absolute, attribute, baseOf, type Element, fold, labelOf, parse, textIn } from './tree.ts';
import type { Version } from './versions.ts';

export type PageImage = {
  src: string | null;
  /** Null when it says nothing; empty when it says that it only decorates. */
  alt: string | null;
  sized: boolean;
  lazy: boolean;
};

export type Inspected = {
  titles: string[];
  descriptions: string[];
  headings: { level: number; text: string }[];
  canonicals: string[];
  /** The same page in other languages and for other countries, as it names them, itself included. */
  versions: Version[];
  /** Where the page sends its visitors without a click; null when it stays. */
  leadsTo: string | null;
  /** Directives for robots in the markup, in small letters: `noindex`. */
  robots: string[];
  lang: string | null;
  viewport: string | null;
  charset: string | null;
  favicon: boolean;
  /** What a shared link shows: `og:title`, `og:image`, `twitter:card`. */
  preview: Record<string, string>;
  images: PageImage[];
  /** Everything the markup asks the browser to fetch, each once. */
  requests: { url: string; kind: 'script' | 'style' | 'image' | 'font' | 'frame' | 'media'; blocking: boolean }[];
  /** Parts fetched without encryption by a page that is encrypted. */
  insecure: string[];
  /** Beginnings of JSON-LD blocks that are no JSON. */
  brokenData: string[];
  /** Addresses of this page's links as written, with their words; those within the page are left out. */
  links: { url: string; text: string; nofollow: boolean }[];
  elements: number;
  /** Characters a reader sees without any script. */
  textLength: number;
  /** The text is made by scripts: there is hardly any in the HTML, and scripts to make it. */
  scriptOnly: boolean;
};

const MOST = { headings: 200, images: 200, requests: 400, links: 600, versions: 100 };

/** Looks at a page's markup. Pure, never throws. `url` is the address that answered. */
export function inspect(html: string, url: string): Inspected {
  const { elements } = parse(html);
  const named = (...names: string[]) => elements.filter((element) => names.includes(element.name));
  const base = baseOf(elements, url);
  const metas = named('meta');
  const meta = (key: string) =>
    metas
      .filter((one) => (attribute(one, 'name') ?? attribute(one, 'property'))?.toLowerCase() === key)
      .map((one) => fold(one.attribs.content ?? '').slice(0, 2_000))
      .filter(Boolean);
  const links = named('link');
  const related = (relation: string) =>
    links.filter((one) => (one.attribs.rel ?? '').toLowerCase().split(/\s+/).includes(relation));
  const body = named('body')[0];
  const textLength = body ? textIn(body, 20_000).length : elements.reduce((sum, one) => sum + ownText(one), 0);
  const requests = requestsOf(elements, base);
  return {
    titles: named('title')
      .filter((one) => !inPicture(one))
      .map((one) => fold(rawText(one)).slice(0, 500))
      .slice(0, 5),
    descriptions: meta('description').slice(0, 5),
    headings: elements
      .filter((one) => /^h[1-6]$/.test(one.name))
      .slice(0, MOST.headings)
      .map((one) => ({ level: Number(one.name[1]), text: labelOf(one).slice(0, 200) })),
    canonicals: related('canonical')
      .map((one) => attribute(one, 'href') ?? '')
      .slice(0, 5),
    versions: related('alternate')
      .flatMap((one) => {
        const [lang, address] = [attribute(one, 'hreflang')?.toLowerCase(), absolute(attribute(one, 'href'), base)];
        return lang && address ? [{ lang: lang.slice(0, 35), url: address }] : [];
      })
      .slice(0, MOST.versions),
    leadsTo: leadsTo(metas, base),
    robots: [...meta('robots'), ...meta('fanfare')]
      .join(',')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean)
      .slice(0, 20),
    lang: attribute(named('html')[0] ?? EMPTY, 'lang'),
    viewport: meta('viewport')[0] ?? null,
    charset:
      metas.map((one) => attribute(one, 'charset')).find(Boolean) ??
      /charset=([\w-]+)/i.exec(metas.map((one) => one.attribs.content ?? '').join(' '))?.[1] ??
      null,
    favicon: related('icon').length > 0,
    preview: Object.fromEntries(
      PREVIEW.flatMap((key) => {
        const [value] = meta(key);
        return value ? [[key, value]] : [];
      }),
    ),
    images: named('img')
      .slice(0, MOST.images)
      .map((one) => imageOf(one, base)),
    requests,
    insecure: url.startsWith('https:')
      ? requests.filter((one) => one.url.startsWith('http:')).map((one) => one.url)
      : [],
    brokenData: brokenData(elements),
    links: linksOf(elements, base, url),
    elements: elements.length,
    textLength,
    scriptOnly: isScriptOnly(elements, textLength),
  };
}

const EMPTY = { attribs: {} } as unknown as Element;
const PREVIEW = [
  'og:title',
  'og:description',
  'og:image',
  'og:url',
  'og:type',
  'twitter:card',
  'twitter:title',
  'twitter:image',
];

function imageOf(image: Element, base: string): PageImage {
  const { attribs } = image;
  const styled = /(?:width|aspect-ratio)\s*:/.test(attribs.style ?? '');
  return {
    src: absolute(attribs.src ?? attribs['data-src'], base),
    alt: 'alt' in attribs ? fold(attribs.alt ?? '').slice(0, 300) : null,
    sized: ('width' in attribs && 'height' in attribs) || styled,
    lazy: attribs.loading === 'lazy',
  };
}

function requestsOf(elements: Element[], base: string): Inspected['requests'] {
  const found = new Map<string, Inspected['requests'][number]>();
  const add = (address: string | undefined, kind: Inspected['requests'][number]['kind'], blocking = false): void => {
    const url = absolute(address, base);
    if (url && !found.has(url) && found.size < MOST.requests) found.set(url, { url, kind, blocking });
  };
  let inHead = true;
  for (const element of elements) {
    const { name, attribs } = element;
    if (name === 'body') inHead = false;
    if (name === 'script' && attribs.src) {
      const waits = 'async' in attribs || 'defer' in attribs || attribs.type === 'module';
      if (!/json/.test(attribs.type ?? '')) add(attribs.src, 'script', inHead && !waits);
    } else if (name === 'link') {
      const rel = (attribs.rel ?? '').toLowerCase();
      // A style sheet for paper, or one switched on later, holds nothing up.
      const blocks = !attribs.media || /^(?:all|screen)/i.test(attribs.media);
      if (/(^|\s)stylesheet(\s|$)/.test(rel) && !rel.includes('alternate'))
        add(attribs.href, 'style', inHead && blocks);
      else if (/(^|\s)preload(\s|$)/.test(rel) && attribs.as === 'font') add(attribs.href, 'font');
    } else if (name === 'img') add(attribs.src, 'image');
    else if (name === 'iframe') add(attribs.src, 'frame');
    else if (name === 'video' || name === 'audio') {
      add(attribs.src, 'media');
      add(attribs.poster, 'image');
    }
  }
  return [...found.values()];
}

/** A `meta` refresh within five seconds is how pages without a server move; one for browsers without scripts is not meant for all. */
function leadsTo(metas: Element[], base: string): string | null {
  for (const one of metas) {
    if (attribute(one, 'http-equiv')?.toLowerCase() !== 'refresh') continue;
    const { parent } = one;
    if (parent !== null && 'name' in parent && parent.name === 'noscript') continue;
    const [, seconds, address] =
      /^\s*(\d{1,4})(?:\.\d{0,9})?\s*[;,]\s*(?:url\s*=\s*)?["']?([^"']{1,2048})/i.exec(one.attribs.content ?? '') ?? [];
    if (address && Number(seconds) <= 5) return absolute(address, base);
  }
  return null;
}

function linksOf(elements: Element[], base: string, page: string): Inspected['links'] {
  const found = new Map<string, Inspected['links'][number]>();
  for (const element of elements) {
    if (element.name !== 'a' || found.size >= MOST.links) continue;
    const url = absolute(attribute(element, 'href'), base);
    if (!url || url.split('#')[0] === page.split('#')[0] || found.has(url)) continue;
    const nofollow = /nofollow/i.test(element.attribs.rel ?? '');
    found.set(url, { url, text: labelOf(element).slice(0, 120), nofollow });
  }
  return [...found.values()];
}

function brokenData(elements: Element[]): string[] {
  return elements
    .filter((one) => one.name === 'script' && /ld\+json/i.test(one.attribs.type ?? ''))
    .map(rawText)
    .filter((source) => {
      try {
        JSON.parse(source);
        return false;
      } catch {
        return source.trim() !== '';
      }
    })
    .map((source) => source.trim().slice(0, 300))
    .slice(0, 5);
}

/**
 * Under 200 characters of text, and either the empty place scripts fill or a word that they are needed; or hardly a word,
 * and nothing else to see.
 */
function isScriptOnly(elements: Element[], textLength: number): boolean {
  if (textLength >= 200 || !elements.some((one) => one.name === 'script')) return false;
  if (textLength < 40 && !elements.some((one) => SHOWN.has(one.name))) return true;
  return elements.some(
    (one) =>
      (one.name === 'div' && /^(?:root|app|__next|__nuxt|___gatsby|svelte|main)$/i.test(one.attribs.id ?? '')) ||
      one.name === 'app-root' ||
      (one.name === 'noscript' && /javascript/i.test(rawText(one))),
  );
}

const SHOWN = new Set('audio embed form frame iframe img object picture video'.split(' '));

function rawText(element: Element): string {
  return element.children.map((child) => ('data' in child ? child.data : '')).join('');
}

function ownText(element: Element): number {
  return ['script', 'style', 'title', 'noscript', 'template'].includes(element.name)
    ? 0
    : rawText(element).trim().length;
}

function inPicture(title: Element): boolean {
  const { parent } = title;
  return parent !== null && 'name' in parent && ['svg', 'g', 'symbol', 'defs'].includes(parent.name);
}
