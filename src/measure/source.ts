import { readFileSync } from 'node:fs';
import { hostKinds, moreSites, sitesByForm, usualTerms } from './source-engines.ts';
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
export function readSource(arrival: Arrival): Source {
  const { url, referrer, ownHosts = [] } = arrival;
  const asked = url === null ? '' : url.slice(url.indexOf('?') + 1 || url.length);
  // A click id is on one visit only; nothing else of the address but its query matters here.
  if (asked.length > 300 || asked.includes('clid=') || asked.includes('ff=') || (referrer?.length ?? 0) > 300)
    return findSource(arrival);
  const key = `${asked}\n${referrer ?? ''}\n${ownHosts.join(' ')}`;
  const known = remembered.get(key);
  if (known) return known;
  const source = findSource(arrival);
  if (remembered.size >= REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
  remembered.set(key, source);
  return source;
}

/** Arrivals remembered: most views come from the same few places, or from the app's own pages. */
const REMEMBERED = 5000;
const remembered = new Map<string, Source>();

function findSource({ url, referrer, ownHosts = [] }: Arrival): Source {
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
    channel: (named === null ? click?.channel : undefined) ?? channelOf(source, medium, campaign, kind?.medium ?? null),
    term: tag('utm_term') ?? (named === null && from !== null && site ? termOf(from, site) : null),
    campaign,
    content: tag('utm_content'),
    // What a sender of letters puts on a link names its reader.
    clickId: click && click.medium !== 'email' ? `${click.id}=${query.get(click.id)}` : null,
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
  if (isPaid && (kind === 'organic' || (kind === 'cpc' && name === 'google'))) return 'Paid Search';
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
 * Ids that networks and senders put on links. Facebook's `fbclid` and Instagram's `igsh` are on every link that leaves
 * them, paid or not, so they say where from and not that it was paid for; `srsltid` is on Google's free product listings.
 */
const clickIds: readonly { id: string; source: string; medium: string; channel?: Channel }[] = [
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
  { id: 'sccid', source: 'Snapchat', medium: 'cpc' },
  { id: 'epik', source: 'Pinterest', medium: 'cpc' },
  { id: 'yclid', source: 'Yandex', medium: 'cpc' },
  { id: 'qclid', source: 'Quora', medium: 'cpc' },
  { id: 'tblci', source: 'Taboola', medium: 'cpc' },
  { id: 'dicbo', source: 'Outbrain', medium: 'cpc' },
  { id: 'irclickid', source: 'Impact', medium: 'affiliate' },
  { id: 'cjevent', source: 'CJ', medium: 'affiliate' },
  { id: 'awc', source: 'Awin', medium: 'affiliate' },
  { id: 'ranSiteID', source: 'Rakuten Advertising', medium: 'affiliate' },
  { id: 'mc_cid', source: 'Mailchimp', medium: 'email' },
  { id: 'mkt_tok', source: 'Marketo', medium: 'email' },
  { id: '_hsenc', source: 'HubSpot', medium: 'email' },
  { id: '_kx', source: 'Klaviyo', medium: 'email' },
  { id: 'ck_subscriber_id', source: 'Kit', medium: 'email' },
  { id: 'vero_id', source: 'Vero', medium: 'email' },
  { id: 'srsltid', source: 'Google', medium: 'organic', channel: 'Organic Shopping' },
  { id: 'igsh', source: 'Instagram', medium: 'social' },
  { id: 'igshid', source: 'Instagram', medium: 'social' },
  { id: 'fbclid', source: 'Facebook', medium: 'social' },
];

/** What stands in the shorter, better known list wins. */
const byPlace = new Map(
  [...moreSites, ...sites].flatMap((site) => site.at.map((place) => [place.toLowerCase(), site] as const)),
);
const byName = new Map([...sites, ...moreSites].reverse().map((site) => [site.name.toLowerCase(), site]));

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
  return siteByForm(address.hostname.toLowerCase());
}

function siteByForm(host: string): Site | null {
  const [, name, medium] = sitesByForm.find(([form]) => form.test(host)) ?? [];
  if (name && medium) {
    const known = byName.get(name.toLowerCase());
    return known?.medium === medium ? known : { name, medium, at: [] };
  }
  const kind = hostKinds.find(([form]) => form.test(host));
  return kind ? { name: host.replace(/^www\./, ''), medium: kind[1], at: [] } : null;
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

/** What was searched for: in the engine's own parameters, else in the usual ones. A page's number is no term. */
function termOf(address: URL, site: Site): string | null {
  const others = site.medium === 'organic' ? usualTerms : [];
  for (const name of [...(site.terms ?? []), ...others]) {
    const term = clean(address.searchParams.get(name));
    if (term !== null && !(name === 'p' && /^\d+$/.test(term))) return term;
  }
  return null;
}

/** As PostgreSQL can keep it: without NUL (`%00`), and no character cut in half at the end. */
function clean(text: string | null): string | null {
  const trimmed = text?.replaceAll('\u0000', '').trim().slice(0, 500).toWellFormed() ?? '';
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
