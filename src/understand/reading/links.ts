/** Where a page leads, and which of its links tell about the product. */
import type { LinkKind, PageLink, ReadPage } from '#src/understand/reading.ts';
import { absolute, attribute, type Element, labelOf } from './tree.ts';

const MOST_LINKS = 1_000;
const MOST_ANCHORS = 5_000;

/** Every link of the page once, in page order, with what it leads to. Links of menus and footers too. */
export function readLinks(elements: Element[], base: string): PageLink[] {
  const links = new Map<string, PageLink>();
  for (const element of anchorsIn(elements)) {
    if (links.size >= MOST_LINKS) break;
    const url = absolute(attribute(element, 'href'), base);
    if (!url) continue;
    const text = labelOf(element).slice(0, 200);
    const known = links.get(url);
    if (!known) links.set(url, { url, text, kind: kindOfAddress(url, text, base) });
    else if (known.text === '') known.text = text;
  }
  return [...links.values()];
}

/** Accounts of the product on social platforms; links for sharing are none. */
export function readSocial(links: PageLink[], others: string[]): ReadPage['social'] {
  const found = new Map<string, ReadPage['social'][number]>();
  for (const address of [...links.map((link) => link.url), ...others]) {
    const account = socialAccount(address);
    if (account && !found.has(`${account.platform} ${account.handle ?? account.url}`.toLowerCase()))
      found.set(`${account.platform} ${account.handle ?? account.url}`.toLowerCase(), account);
  }
  return [...found.values()].slice(0, 40);
}

/** The source repository: the one named like the site, else the one linked most often or first. */
export function findRepository(elements: Element[], base: string, siteName: string | null): string | null {
  const counts = new Map<string, number>();
  const names = [new URL(base).hostname.replace(/^www\./, '').split('.')[0] ?? '', siteName ?? '']
    .map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''))
    .filter((name) => name.length > 1);
  const addresses = anchorsIn(elements).map((element) => absolute(attribute(element, 'href'), base));
  for (const address of [base, ...addresses]) {
    const repository = address ? repositoryOf(address) : null;
    if (!repository) continue;
    const plain = repository.toLowerCase().replace(/[^a-z0-9/]/g, '');
    const named = names.some((name) => plain.split('/').slice(-2).includes(name)) ? 1_000 : 0;
    const itself = address === base ? 10_000 : 0;
    counts.set(repository, (counts.get(repository) ?? named + itself) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

function anchorsIn(elements: Element[]): Element[] {
  return elements.filter((element) => element.name === 'a').slice(0, MOST_ANCHORS);
}

const KINDS: [LinkKind, RegExp, RegExp][] = [
  [
    'pricing',
    /\/(?:pricing|prices?|plans?|plans-pricing|upgrade|tarifs?|preise|precios|precos|prezzi|cennik)(?:[/.]|$)/,
    /^(?:pricing|prices?|plans(?: (?:&|and) pricing)?|see pricing|view plans|tarifs?|preise|precios|preços|prezzi|料金|价格)$/,
  ],
  [
    'features',
    /\/(?:features?|product|products|tour|how-it-works|why(?:-[a-z-]{1,40})?|use-cases?|solutions|fonctionnalites|funktionen|caracteristicas|funzionalita)(?:[/.]|$)/,
    /^(?:features?|product|tour|how it works|use cases|solutions|fonctionnalités|funktionen|características|funzionalità|機能|功能)$/,
  ],
  [
    'about',
    /\/(?:about|about-us|company|team|story|our-story|manifesto|mission|a-propos|ueber-uns|uber-uns|sobre|chi-siamo)(?:[/.]|$)/,
    /^(?:about(?: us)?|company|team|our story|manifesto|à propos|über uns|sobre(?: nosotros| nós)?|chi siamo|会社概要|关于)$/,
  ],
  [
    'changelog',
    /\/(?:changelog|releases|whats-new|updates|release-notes)(?:[/.]|$)/,
    /^(?:changelog|what.s new|releases|release notes)$/,
  ],
  [
    'docs',
    /\/(?:docs?|documentation|guides?|api|reference|help|manual)(?:[/.]|$)/,
    /^(?:docs|documentation|guides?|api|help(?: cent(?:er|re))?)$/,
  ],
  ['blog', /\/(?:blog|news|articles|posts|journal)(?:[/.]|$)/, /^(?:blog|news|articles|journal)$/],
];

/** What an address leads to, by itself and by the words of a link to it. `base` is a page of the site. */
export function kindOfAddress(address: string, text: string, base: string): LinkKind {
  const url = new URL(address);
  if (STORES.test(`${url.hostname}${url.pathname}`)) return 'store';
  if (repositoryOf(url.href)) return 'repository';
  if (socialAccount(url.href)) return 'social';
  if (!sameSite(url.href, base)) return 'other';
  const path = `${/^(?:docs|blog|help|changelog)\./.exec(url.hostname) ? `/${url.hostname.split('.')[0]}` : ''}${url.pathname}`;
  const said = text.toLowerCase();
  return (
    KINDS.find(([, byPath]) => byPath.test(path.toLowerCase()))?.[0] ??
    KINDS.find(([, , byText]) => byText.test(said))?.[0] ??
    'other'
  );
}

const STORES =
  /^(?:apps\.apple\.com\/|itunes\.apple\.com\/|play\.google\.com\/store\/|chromewebstore\.google\.com\/|chrome\.google\.com\/webstore\/|addons\.mozilla\.org\/|microsoftedge\.microsoft\.com\/addons\/|f-droid\.org\/|apps\.microsoft\.com\/|marketplace\.visualstudio\.com\/items|flathub\.org\/apps\/|snapcraft\.io\/|store\.steampowered\.com\/app\/)/;

/** Platform, host, and the path of an account with its handle. */
const PLATFORMS: [string, RegExp, RegExp][] = [
  ['x', /^(?:x|twitter)\.com$/, /^\/@?([A-Za-z0-9_]{1,15})\/?$/],
  ['bluesky', /^bsky\.app$/, /^\/profile\/([\w.:-]{3,253})\/?$/],
  ['linkedin', /^(?:[a-z]{2}\.)?linkedin\.com$/, /^\/(?:company|in|school|showcase)\/([^/]{1,100})\/?/],
  ['instagram', /^instagram\.com$/, /^\/([A-Za-z0-9_.]{1,30})\/?$/],
  ['facebook', /^(?:facebook|fb)\.com$/, /^\/(?:groups\/)?([A-Za-z0-9_.-]{2,80})\/?$/],
  ['threads', /^threads\.(?:net|com)$/, /^\/@([A-Za-z0-9_.]{1,30})\/?$/],
  ['youtube', /^youtube\.com$/, /^\/(?:@|c\/|user\/|channel\/)([^/]{1,100})\/?$/],
  ['tiktok', /^tiktok\.com$/, /^\/@([A-Za-z0-9_.]{1,30})\/?$/],
  ['discord', /^(?:discord\.gg|discord\.com)$/, /^\/(?:invite\/)?([A-Za-z0-9-]{2,40})\/?$/],
  ['reddit', /^(?:old\.)?reddit\.com$/, /^\/((?:r|u|user)\/[A-Za-z0-9_-]{2,30})\/?$/],
  ['telegram', /^t\.me$/, /^\/\+?([A-Za-z0-9_-]{4,40})\/?$/],
  ['producthunt', /^producthunt\.com$/, /^\/(?:products|posts|@)\/?([\w-]{1,80})\/?$/],
  ['medium', /^medium\.com$/, /^\/@?([\w.-]{2,60})\/?$/],
  ['devto', /^dev\.to$/, /^\/([\w-]{2,40})\/?$/],
  ['twitch', /^twitch\.tv$/, /^\/([A-Za-z0-9_]{3,30})\/?$/],
  ['github', /^github\.com$/, /^\/([A-Za-z0-9-]{1,39})\/?$/],
];

const NO_ACCOUNT =
  /^(?:share|intent|home|login|signup|sharer|sharer\.php|hashtag|search|explore|settings|i|p|about|pricing|features|privacy|tos|download|app|channels|tr|dialog)$/i;
const MASTODON =
  /(?:^|\.)(?:mastodon\.\w+|mas\.to|fosstodon\.org|hachyderm\.io|indieweb\.social|infosec\.exchange|mstdn\.\w+)$/;

/** An address as a profile: of a network, or of an app in a store (`store`). Null for any other. */
export function accountIn(address: string): ReadPage['social'][number] | null {
  if (!URL.canParse(address)) return null;
  const { hostname, pathname, href } = new URL(address);
  return STORES.test(`${hostname}${pathname}`)
    ? { platform: 'store', url: href, handle: null }
    : socialAccount(address);
}

function socialAccount(address: string): ReadPage['social'][number] | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const host = url.hostname.replace(/^(?:www|m|mobile)\./, '');
  const local = /^\/@([\w.-]{1,60})\/?$/.exec(url.pathname)?.[1];
  if (local && MASTODON.test(host)) return { platform: 'mastodon', url: url.href, handle: `${local}@${host}` };
  for (const [platform, hosts, path] of PLATFORMS) {
    if (!hosts.test(host)) continue;
    const handle = path.exec(url.pathname)?.[1];
    return handle && !NO_ACCOUNT.test(handle) ? { platform, url: url.href, handle } : null;
  }
  return null;
}

const NO_OWNER =
  /^(?:about|apps|collections|contact|customer-stories|enterprise|explore|features|help|issues|join|login|marketplace|new|notifications|orgs|pricing|pulls|readme|search|security|settings|site|sponsors|topics|trending|users|assets|-)$/i;

/** The root of the repository an address lies in. */
export function repositoryOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  const host = url.hostname.replace(/^www\./, '');
  if (host !== 'github.com' && host !== 'gitlab.com' && host !== 'codeberg.org') return null;
  const upTo = host === 'gitlab.com' ? url.pathname.split('/-/')[0] : url.pathname;
  const parts = (upTo ?? '').split('/').filter(Boolean);
  const kept = host === 'gitlab.com' ? parts.slice(0, 6) : parts.slice(0, 2);
  if (kept.length < 2 || NO_OWNER.test(kept[0] ?? '') || !kept.every((part) => /^[\w.-]{1,100}$/.test(part)))
    return null;
  return `https://${host}/${kept.join('/').replace(/\.git$/, '')}`;
}

function sameSite(address: string, base: string): boolean {
  const [one, other] = [address, base].map((url) => new URL(url).hostname.replace(/^www\./, '')) as [string, string];
  return one === other || one.endsWith(`.${other}`);
}
