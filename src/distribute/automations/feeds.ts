import { createHash } from 'node:crypto';
import type { Context } from '#src/context.ts';
import { textOfHtml } from './html.ts';
import { isPreRelease, releasesFeedOf } from './releases.ts';
import type { FeedRule } from './rule.ts';

/** One entry of a feed. `html` is its longest content; `publishedAt` null where the feed does not say. */
export type FeedItem = { hash: string; title: string; link: string; html: string; publishedAt: Date | null };

export type ReadFeed = { ok: true; items: FeedItem[] } | { ok: false; reason: string };

/** As many items as a feed is taken to have; the rest is older. */
const MOST = 200;
/** Of a title, and of an item's content, no more is looked at, in characters: what nobody writes holds up the others. */
const TITLE = 1_000;
const CONTENT = 500_000;

/** Reads the feed of a rule through the guarded door: RSS, Atom, RDF or JSON. Newest first, as it came. Never throws. */
export async function readFeed(context: Context, rule: FeedRule): Promise<ReadFeed> {
  const url = rule.kind === 'rss_to_draft' ? rule.feedUrl : releasesFeedOf(rule.repository);
  const fetched = await context.web.fetchText(url, { maxBytes: 5_000_000 });
  if (!fetched.ok) return { ok: false, reason: fetched.refusal.message };
  try {
    const items = await itemsOf(storable(fetched.page.text), fetched.page.finalUrl);
    const wanted = (item: FeedItem) =>
      rule.kind === 'rss_to_draft' || rule.preReleases || !isPreRelease(item.link, item.title);
    return { ok: true, items: items.filter(wanted).slice(0, MOST) };
  } catch {
    return {
      ok: false,
      reason: `${new URL(url).host} answered with something that is no RSS, Atom or JSON feed. Check the address.`,
    };
  }
}

type Entry = {
  id: string | undefined;
  title: string | undefined;
  link: string | undefined;
  html: string | undefined;
  at: string | undefined;
};

async function itemsOf(text: string, base: string): Promise<FeedItem[]> {
  const seen = new Set<string>();
  return (await entriesOf(text)).flatMap(({ id, title, link, html, at }) => {
    const address = link && URL.canParse(link, base) ? new URL(link, base) : null;
    const own = id || link || title;
    if (!own) return [];
    const hash = createHash('sha256').update(own).digest('hex');
    if (seen.has(hash)) return [];
    seen.add(hash);
    const published = at ? new Date(at) : null;
    return [
      {
        hash,
        title: textOfHtml((title ?? '').slice(0, TITLE).toWellFormed()).replaceAll(/\s+/g, ' ') || 'Untitled',
        link: address && /^https?:$/.test(address.protocol) ? address.href : '',
        html: (html ?? '').slice(0, CONTENT).toWellFormed(),
        publishedAt: published && !Number.isNaN(published.getTime()) ? published : null,
      },
    ];
  });
}

async function entriesOf(text: string): Promise<Entry[]> {
  const { parseFeed } = await import('feedsmith');
  const { format, feed } = parseFeed(text);
  switch (format) {
    case 'atom':
      return (feed.entries ?? []).map((one) => ({
        id: one.id,
        title: one.title?.value,
        link: (one.links?.find((link) => !link.rel || link.rel === 'alternate') ?? one.links?.[0])?.href,
        html: one.content?.value ?? one.summary?.value,
        at: one.published ?? one.updated,
      }));
    case 'rss':
      return (feed.items ?? []).map((one) => ({
        id: one.guid?.value,
        title: one.title,
        link: one.link ?? (one.guid?.isPermaLink === false ? undefined : one.guid?.value),
        html: one.content?.encoded ?? one.description,
        at: one.pubDate,
      }));
    case 'rdf':
      return (feed.items ?? []).map((one) => ({
        id: one.rdf?.about ?? one.link,
        title: one.title,
        link: one.link,
        html: one.content?.encoded ?? one.description,
        at: one.dc?.dates?.[0],
      }));
    case 'json':
      return (feed.items ?? []).map((one) => ({
        id: one.id,
        title: one.title,
        link: one.url ?? one.external_url,
        html: one.content_html ?? one.content_text ?? one.summary,
        at: one.date_published,
      }));
  }
}

/** PostgreSQL keeps neither NUL nor half of a character. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}
