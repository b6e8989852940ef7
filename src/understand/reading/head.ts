/** What a page says about itself to machines. */
import type { ReadPage } from '#src/understand/reading.ts';
import { absolute, attribute, baseOf, type Element, fold, textIn } from './tree.ts';

export type Head = Pick<
  ReadPage,
  'title' | 'description' | 'lang' | 'canonical' | 'siteName' | 'icons' | 'structured'
> & {
  base: string;
  generator: string | null;
  themeColours: string[];
  /** Accounts named in meta tags and JSON-LD. */
  accounts: string[];
};

/** Title, description, icons and structured data. `url` is the page's own address. */
export function readHead(elements: Element[], url: string): Head {
  const meta = metaOf(elements);
  const first = (...names: string[]) => names.map((name) => meta.get(name)).find(Boolean) ?? null;
  const base = baseOf(elements, url);
  const structured = readStructured(elements);
  const named = namesIn(structured);
  const titled = elements.find((one) => one.name === 'title' && !insideSvg(one));
  return {
    base,
    title: (titled ? textOfTitle(titled) : '') || first('og:title', 'twitter:title'),
    description: first('description', 'og:description', 'twitter:description') ?? named.description,
    lang: languageOf(elements, first('og:locale', 'content-language')),
    canonical: absolute(linkOf(elements, 'canonical'), base) ?? absolute(first('og:url'), base),
    siteName: first('og:site_name', 'application-name', 'apple-mobile-web-app-title') ?? named.name,
    icons: {
      logo:
        absolute(named.logo, base) ?? logoOf(elements, base) ?? absolute(linkOf(elements, 'apple-touch-icon'), base),
      favicon: faviconOf(elements, base),
      image: absolute(
        first('og:image:secure_url', 'og:image', 'og:image:url', 'twitter:image', 'twitter:image:src'),
        base,
      ),
    },
    structured,
    generator: first('generator'),
    themeColours: [first('theme-color'), first('msapplication-tilecolor'), maskColour(elements)].filter(
      (one) => one !== null,
    ),
    accounts: [...accountOf(first('twitter:site') ?? first('twitter:creator')), ...named.sameAs],
  };
}

/** The first of each: a page may repeat a tag, what comes first counts. Names in lower case. */
function metaOf(elements: Element[]): Map<string, string> {
  const meta = new Map<string, string>();
  for (const element of elements) {
    if (element.name !== 'meta') continue;
    const name = (
      attribute(element, 'name') ??
      attribute(element, 'property') ??
      attribute(element, 'http-equiv')
    )?.toLowerCase();
    const content = fold((element.attribs.content ?? '').slice(0, 5_000));
    if (name && content !== '' && !meta.has(name)) meta.set(name, content);
  }
  return meta;
}

function readStructured(elements: Element[]): unknown[] {
  const found: unknown[] = [];
  for (const element of elements) {
    if (element.name !== 'script' || !/ld\+json/i.test(element.attribs.type ?? '') || found.length >= 50) continue;
    const source = element.children.map((child) => (child.type === 'text' ? child.data : '')).join('');
    try {
      const value: unknown = JSON.parse(source);
      for (const item of ([value].flat() as unknown[]).slice(0, 50))
        found.push(
          ...(isRecord(item) && Array.isArray(item['@graph']) ? (item['@graph'] as unknown[]).slice(0, 50) : [item]),
        );
    } catch {
      // A page whose structured data is broken still says everything else.
    }
  }
  return found.slice(0, 50);
}

/** What structured data says about the product or the organisation behind it. */
function namesIn(structured: unknown[]) {
  const text = (value: unknown) =>
    typeof value === 'string' && value.trim() !== '' ? fold(value.slice(0, 5_000)) : null;
  let name: string | null = null;
  let description: string | null = null;
  let logo: string | null = null;
  const sameAs: string[] = [];
  for (const item of structured) {
    if (!isRecord(item)) continue;
    const type = String([item['@type']].flat()[0] ?? '');
    if (
      !/Organization|Corporation|WebSite|SoftwareApplication|MobileApplication|WebApplication|Product|SoftwareSourceCode/.test(
        type,
      )
    )
      continue;
    name ??= text(item.name);
    description ??= text(item.description);
    logo ??= text(item.logo) ?? (isRecord(item.logo) ? text(item.logo.url) : null);
    sameAs.push(...([item.sameAs].flat() as unknown[]).filter((one) => typeof one === 'string').slice(0, 20));
  }
  return { name, description, logo, sameAs };
}

function languageOf(elements: Element[], locale: string | null): string | null {
  const html = elements.find((one) => one.name === 'html');
  const written = (html && (attribute(html, 'lang') ?? attribute(html, 'xml:lang'))) ?? locale;
  const [, language, region] = /^([a-z]{2,3})(?:[-_]([a-z0-9]{2,8}))?\b/i.exec(written ?? '') ?? [];
  if (!language) return null;
  if (!region) return language.toLowerCase();
  return `${language.toLowerCase()}-${region.length === 2 ? region.toUpperCase() : region}`;
}

function linkOf(elements: Element[], relation: string): string | null {
  const link = elements.find((one) => one.name === 'link' && relations(one).includes(relation));
  return link ? attribute(link, 'href') : null;
}

/** An SVG icon first, else the largest; the plain one when no size is said. */
function faviconOf(elements: Element[], base: string): string | null {
  const icons = elements.filter((one) => one.name === 'link' && relations(one).includes('icon'));
  const size = (one: Element) => {
    if (/svg/.test(one.attribs.type ?? '') || /\.svg(?:$|\?)/.test(one.attribs.href ?? '')) return 10_000;
    return Number(/^(\d{1,4})x/i.exec(one.attribs.sizes ?? '')?.[1] ?? 0);
  };
  const best = icons.reduce<Element | null>((found, one) => (found && size(found) >= size(one) ? found : one), null);
  return absolute(best?.attribs.href, base) ?? absolute(linkOf(elements, 'apple-touch-icon'), base);
}

/** The first picture that calls itself a logo, unless it stands among those of customers. */
function logoOf(elements: Element[], base: string): string | null {
  const logo = elements
    .filter((one) => one.name === 'img')
    .slice(0, 20)
    .find((one) => {
      const named = [one.attribs.class, one.attribs.id, one.attribs.alt, one.attribs.src].join(' ').slice(0, 1_000);
      return /logo|brand/i.test(named) && !/customer|client|partner|press|featured|payment/i.test(named);
    });
  return absolute(logo?.attribs.src, base);
}

function maskColour(elements: Element[]): string | null {
  const mask = elements.find((one) => one.name === 'link' && relations(one).includes('mask-icon'));
  return mask ? attribute(mask, 'color') : null;
}

function accountOf(handle: string | null): string[] {
  const name = /^@?([A-Za-z0-9_]{1,15})$/.exec(handle ?? '')?.[1];
  return name ? [`https://x.com/${name}`] : [];
}

function relations(link: Element): string[] {
  return (link.attribs.rel ?? '').toLowerCase().split(/\s+/);
}

function textOfTitle(title: Element): string {
  return fold(
    title.children
      .map((child) => ('data' in child ? child.data : textIn(child)))
      .join('')
      .slice(0, 1_000),
  );
}

function insideSvg(title: Element): boolean {
  const parent = title.parent;
  return parent !== null && 'name' in parent && ['svg', 'g', 'symbol', 'defs', 'path', 'a'].includes(parent.name);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
