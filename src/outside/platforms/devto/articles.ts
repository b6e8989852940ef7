/** Publishing articles, finding them again, counting. */
import { refused } from '#src/outside/failures.ts';
import { isNoAnswer, saidBy } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingPart, OwnPost, PostMetrics, PublishedPart } from '#src/outside/platform.ts';
import { call, failureOf } from './calls.ts';
import { articlesAnswer, createdAnswer, type WireArticle } from './wire.ts';

const TAGS = 4;
const PER_PAGE = 100;
const MOST_PAGES = 20;

/** Publishes one article. One call. */
export async function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  if (part.replyTo !== null)
    return refused('no_replies', 'Dev.to takes no comments from apps. Write the comment on Dev.to.');
  if (!part.title.trim()) return refused('no_title', 'Dev.to articles have a title. Write one for this post.');
  const answer = await call(grant, 'POST', '/api/articles', {
    article: {
      title: part.title.trim(),
      body_markdown: part.text,
      published: true,
      tags: tagsOf(part.tags),
      ...(part.canonicalUrl ? { canonical_url: part.canonicalUrl } : {}),
    },
  });
  const said = saidBy(answer);
  const parsed = isNoAnswer(answer) || answer.status !== 201 ? null : createdAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('create', answer), said };
  const { id, url, published_at } = parsed.data;
  const publishedAt = published_at ? new Date(published_at) : new Date();
  return { ok: true, value: { platformId: String(id), url, publishedAt }, said };
}

/** The account's own published articles since then, newest first. */
export async function ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const read = await readArticles(grant, (page) => page.every((one) => timeOf(one) >= since));
  if (!read.ok) return read;
  const recent = read.value.filter((one) => timeOf(one) >= since);
  return {
    ok: true,
    value: recent.map((one) => ({
      platformId: String(one.id),
      url: one.url,
      text: one.body_markdown ?? '',
      replyTo: null,
      publishedAt: timeOf(one),
    })),
  };
}

/** Views, reactions and comments of these articles, a hundred in one call. What is gone is left out. */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const missing = new Set(platformIds);
  const read = await readArticles(grant, (page) => {
    for (const { id } of page) missing.delete(String(id));
    return missing.size > 0;
  });
  if (!read.ok) return read;
  const wanted = new Set(platformIds);
  return { ok: true, value: read.value.filter(({ id }) => wanted.has(String(id))).map(metricsOf) };
}

/** Takes an article offline. Dev.to lets apps delete nothing: it stays as a draft of the author. */
export async function remove(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const path = `/api/articles/${encodeURIComponent(platformId)}`;
  const answer = await call(grant, 'PUT', path, { article: { published: false } });
  if (!isNoAnswer(answer) && (answer.status === 200 || answer.status === 404)) return { ok: true, value: null };
  return { ok: false, failure: failureOf('read', answer) };
}

/** Letters and digits only, four at most, each once. */
function tagsOf(tags: string[]): string[] {
  const plain = tags.map((tag) => tag.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')).filter(Boolean);
  return [...new Set(plain)].slice(0, TAGS);
}

async function readArticles(grant: Grant, goOn: (page: WireArticle[]) => boolean): Promise<Outcome<WireArticle[]>> {
  const articles: WireArticle[] = [];
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await call(grant, 'GET', `/api/articles/me/published?page=${page}&per_page=${PER_PAGE}`);
    const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : articlesAnswer.safeParse(answer.json());
    if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
    articles.push(...parsed.data);
    if (parsed.data.length < PER_PAGE || !goOn(parsed.data)) break;
  }
  return { ok: true, value: articles };
}

function timeOf(article: WireArticle): Date {
  return new Date(article.published_at ?? 0);
}

function metricsOf(article: WireArticle): PostMetrics {
  return {
    platformId: String(article.id),
    impressions: null,
    views: article.page_views_count ?? null,
    likes: article.public_reactions_count ?? null,
    replies: article.comments_count ?? null,
    reposts: null,
    quotes: null,
    bookmarks: null,
    linkClicks: null,
    profileClicks: null,
    follows: null,
  };
}
