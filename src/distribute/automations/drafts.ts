import type { Context } from '#src/context.ts';
import { measurePart, platformOf, type VariantInput } from '#src/plan/posts.ts';
import { splitSmart } from '#src/plan/writing/split.ts';
import type { FeedItem } from './feeds.ts';
import { shortened, textOfHtml } from './html.ts';
import { type FeedRule, fill } from './rule.ts';

/** A summary is no article: so many characters of it at most. */
const SUMMARY = 600;
/** What a thread tells of a release: the rest stands in the notes themselves. */
const NOTES = 2_000;
/** From this length on a platform takes articles, in characters. */
const ARTICLE = 20_000;

/**
 * The words of a draft from a feed's item, for each platform of the rule: a thread where the text needs one, cut short
 * where the platform has none, an article of a release where it takes articles. `{{link}}` is left for the tracked link.
 */
export function variantsOf(context: Context, rule: FeedRule, item: FeedItem): VariantInput[] {
  return [...new Set(rule.platforms)].map((platformId) => {
    const platform = platformOf(context, platformId);
    const article = rule.kind === 'release_to_draft' && isForArticles(platform.limits);
    const fits = (text: string) => measurePart(context, platform, text, false).valid;
    const text = wordsOf(rule, item, article, NOTES);
    if (article)
      return { platform: platformId, title: item.title.slice(0, platform.limits.title?.length), parts: [{ text }] };
    if (platform.limits.threads)
      return { platform: platformId, parts: splitSmart(text, { fits }).map((part) => ({ text: part })) };
    return { platform: platformId, parts: [{ text: shortEnough(rule, item, fits) }] };
  });
}

function isForArticles(limits: { title: { required: boolean } | null; length: number }): boolean {
  return limits.title?.required === true && limits.length >= ARTICLE;
}

function wordsOf(rule: FeedRule, item: FeedItem, article: boolean, most: number): string {
  const { title, html, link } = item;
  if (article) return `${unbraced(textOfHtml(html, 'markdown'))}\n\n{{link}}`.trim();
  const body = textOfHtml(html);
  const filled = fill(rule.text, {
    title: unbraced(title),
    summary: unbraced(shortened(body, Math.min(most, SUMMARY))),
    notes: unbraced(shortened(body, most)),
  });
  return link === '' ? filled.replaceAll('{{link}}', '').trim() : filled;
}

/** Less and less of the notes until it fits; the title alone is left as it is, and the composer says if it is too long. */
function shortEnough(rule: FeedRule, item: FeedItem, fits: (text: string) => boolean): string {
  for (let most = NOTES; most >= 40; most = Math.floor(most * 0.8)) {
    const text = wordsOf(rule, item, false, most);
    if (fits(text)) return text;
  }
  return wordsOf(rule, { ...item, html: '' }, false, 40);
}

/** What somebody else wrote holds no variables of ours. */
function unbraced(text: string): string {
  return text.replaceAll('{{', '{ {');
}
