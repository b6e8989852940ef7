import { readFileSync } from 'node:fs';
import { type Medium, paymentHosts, type Site, sites } from './source-sites.ts';

/** Google Analytics 4's default channel group (support.google.com/analytics/answer/9756891; rules as of 2026). */
export type Channel =
  | 'Direct'
  | 'Cross-network'
  | 'Paid Shopping'
  | 'Paid Search'
  | 'Paid Social'
  | 'Paid Video'
  | 'Display'
  | 'Paid Other'
  | 'Organic Shopping'
  | 'Organic Social'
  | 'Organic Video'
  | 'Organic Search'
  | 'AI Assistant'
  | 'Email'
  | 'Affiliates'
  | 'Referral'
  | 'Audio'
  | 'SMS'
  | 'Mobile Push Notifications'
  | 'Unassigned';

export type Source = {
  /** A known site's name ("X", "Google"), else the host or the tag as it was written; null = direct. */
  source: string | null;
  medium: string | null;
  channel: Channel;
  term: string | null;
  campaign: string | null;
  content: string | null;
  /** The advertising click id, as "gclid=…". */
  clickId: string | null;
  /** Why the referrer was left out of it: the app's own pages, the way back from paying, a referrer spammer. */
  ignored: 'own' | 'payment' | 'spam' | null;
};

export type Arrival = {
  /** The address of the page they landed on, with its query. */
  url: string | null;
  referrer: string | null;
  /** Hosts of the app itself; subdomains included. */
  ownHosts?: readonly string[];
};

/**
 * Where a visit came from. Tags (utm_source …, `ref`, `via`) beat click ids, click ids beat the referrer. Addresses
 * that cannot be read count as absent.
 */
export function readSource({ url, referrer, ownHosts = [] }: Arrival): Source {
  const query = parse(url)?.searchParams ?? new URLSearchParams();
  const tag = (name: string) => clean(query.get(name));
  const from = parse(referrer);
  const ignored = from === null ? null : whyIgnored(from.hostname, ownHosts);
  const site = from === null || ignored !== null ? null : siteOf(from);
  const click = clickIds.find(({ id }) => clean(query.get(id)) !== null);

  const named = tag('utm_source') ?? tag('ref') ?? tag('via') ?? tag('source');
  const known = named === null ? null : siteNamed(named);
  const isTagged = tag('utm_source') !== null || tag('utm_medium') !== null || tag('utm_campaign') !== null;
  const host = from === null || ignored !== null ? null : bareHost(from);

  const source = known?.name ?? named ?? click?.source ?? site?.name ?? host;
  const medium =
    tag('utm_medium')?.toLowerCase() ??
    (named === null ? (click?.medium ?? site?.medium) : (known?.medium ?? (isTagged ? null : 'referral'))) ??
    (named === null && host !== null ? 'referral' : null);
  const campaign = tag('utm_campaign');
  const kind = known ?? (named === null ? (click ? siteNamed(click.source) : site) : null);
  return {
    source,
    medium,
    channel: channelOf(source, medium, campaign, kind?.medium ?? null),
    term: tag('utm_term') ?? (named === null && from !== null && site ? termOf(from, site) : null),
    campaign,
    content: tag('utm_content'),
    clickId: click ? `${click.id}=${query.get(click.id)}` : null,
    ignored,
  };
}

/** Whether a host is on the list of referrer spammers (github.com/matomo-org/referrer-spam-list, public domain). */
export function isSpamReferrer(host: string): boolean {
  spam ??= new Set(
    readFileSync(new URL('./spam-domains.txt', import.meta.url), 'utf8')
      .toLowerCase()
      .split(/\s+/)
      .filter(Boolean),
  );
  return suffixes(host.toLowerCase()).some((each) => spam?.has(each));
}

let spam: Set<string> | null = null;

/**
 * GA4's rules in GA4's order: the first that holds. `kind` is the medium of the known site behind the source. AI
 * Assistant (since 2026-05-13) is recognised from more assistants than Google names.
 */
function channelOf(
  source: string | null,
  medium: string | null,
  campaign: string | null,
  kind: Medium | null,
): Channel {
  const name = source?.toLowerCase() ?? '';
  const way = medium ?? '';
  if (source === null && (medium === null || medium === '(none)' || medium === '(not set)')) return 'Direct';
  if (campaign?.toLowerCase().includes('cross-network')) return 'Cross-network';
  const isPaid = /^(?:.*cp.*|ppc|retargeting|paid.*)$/.test(way);
  const isShopping = kind === 'shopping' || /(?:[^a-df-z]|^)shop|shopping/i.test(campaign ?? '');
  if (isPaid && isShopping) return 'Paid Shopping';
  if (isPaid && (kind === 'organic' || kind === 'cpc')) return 'Paid Search';
  if (isPaid && kind === 'social') return 'Paid Social';
  if (isPaid && kind === 'video') return 'Paid Video';
  if (/^(?:display|banner|expandable|interstitial|cpm)$/.test(way)) return 'Display';
  if (isPaid) return 'Paid Other';
  if (isShopping) return 'Organic Shopping';
  if (way === 'ai-assistant' || kind === 'ai-assistant') return 'AI Assistant';
  if (kind === 'social' || /^(?:social|social[- ]network|social[- ]media|sm)$/.test(way)) return 'Organic Social';
  if (kind === 'video' || way.includes('video')) return 'Organic Video';
  if (kind === 'organic' || way === 'organic') return 'Organic Search';
  const isMail = /^e[-_ ]?mail$/;
  if (kind === 'email' || isMail.test(way) || isMail.test(name)) return 'Email';
  if (/^affiliates?$/.test(way)) return 'Affiliates';
  if (/^(?:referral|app|link)$/.test(way)) return 'Referral';
  if (way === 'audio') return 'Audio';
  if (way === 'sms' || name === 'sms') return 'SMS';
  if (way.endsWith('push') || /mobile|notification/.test(way) || name === 'firebase')
    return 'Mobile Push Notifications';
  return 'Unassigned';
}

/**
 * Click ids of advertising networks. Facebook's `fbclid` is on every link that leaves Facebook, paid or not, so it says
 * where from and not that it was paid for.
 */
const clickIds: readonly { id: string; source: string; medium: string }[] = [
  { id: 'gclid', source: 'Google', medium: 'cpc' },
  { id: 'gbraid', source: 'Google', medium: 'cpc' },
  { id: 'wbraid', source: 'Google', medium: 'cpc' },
  { id: 'dclid', source: 'Google', medium: 'display' },
  { id: 'msclkid', source: 'Bing', medium: 'cpc' },
  { id: 'twclid', source: 'X', medium: 'cpc' },
  { id: 'li_fat_id', source: 'LinkedIn', medium: 'cpc' },
  { id: 'rdt_cid', source: 'Reddit', medium: 'cpc' },
  { id: 'ttclid', source: 'TikTok', medium: 'cpc' },
  { id: 'ScCid', source: 'Snapchat', medium: 'cpc' },
  { id: 'epik', source: 'Pinterest', medium: 'cpc' },
  { id: 'yclid', source: 'Yandex', medium: 'cpc' },
  { id: 'fbclid', source: 'Facebook', medium: 'social' },
];

const byPlace = new Map(sites.flatMap((site) => site.at.map((place) => [place.toLowerCase(), site] as const)));
const byName = new Map([...sites].reverse().map((site) => [site.name.toLowerCase(), site]));

/** The site behind what someone wrote in a tag: a name, a host, an address. */
function siteNamed(tag: string): Site | null {
  const written = tag.toLowerCase();
  const known = byPlace.get(written) ?? byName.get(written);
  if (known) return known;
  const address = written.includes('.') ? parse(written.includes('://') ? written : `https://${written}`) : null;
  return address === null ? null : siteOf(address);
}

function siteOf(address: URL): Site | null {
  if (address.protocol.endsWith('-app:')) return byPlace.get(address.hostname.toLowerCase()) ?? null;
  const folder = address.pathname.split('/')[1] ?? '';
  for (const host of suffixes(address.hostname.toLowerCase())) {
    const places = [host, host.replace(countryEnding, '.*')];
    const site = [...places.map((place) => `${place}/${folder}`), ...places]
      .map((place) => byPlace.get(place))
      .find((each) => each !== undefined);
    if (site) return site;
  }
  return null;
}

/** ".de", ".com", ".co.uk", ".com.br" at the end of a host. */
const countryEnding = /\.(?:com?\.)?[a-z]{2,3}$/;

function whyIgnored(host: string, ownHosts: readonly string[]): Source['ignored'] {
  const all = suffixes(host.toLowerCase());
  if (ownHosts.some((own) => all.includes(own.toLowerCase().replace(/^www\./, '')))) return 'own';
  if (all.some((each) => paymentHosts.includes(each))) return 'payment';
  return isSpamReferrer(host) ? 'spam' : null;
}

/** "a.b.c" → a.b.c, b.c, c. */
function suffixes(host: string): string[] {
  const labels = host.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

function bareHost(address: URL): string {
  return address.hostname.toLowerCase().replace(/^www\./, '');
}

function termOf(address: URL, site: Site): string | null {
  for (const name of site.terms ?? []) {
    const term = clean(address.searchParams.get(name));
    if (term !== null) return term;
  }
  return null;
}

function clean(text: string | null): string | null {
  const trimmed = text?.trim().slice(0, 500) ?? '';
  return trimmed === '' ? null : trimmed;
}

/**
 * Web addresses and the app addresses Android and iOS pass as referrers; anything else is none, and so is what is longer
 * than any browser sends or names a host longer than one can be (RFC 1035: 253).
 */
function parse(address: string | null): URL | null {
  if (!address || address.length > 8192 || !URL.canParse(address)) return null;
  const url = new URL(address);
  const isHost = url.hostname !== '' && url.hostname.length <= 253;
  return isHost && /^(?:https?|android-app|ios-app):$/.test(url.protocol) ? url : null;
}
