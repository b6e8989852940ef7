/**
 * Hacker News by the search that Algolia keeps of it (hn.algolia.com/api, open to all, 10,000 requests an hour from one
 * address, as seen in November 2026). Nothing can be posted there by program.
 */
import { z } from 'zod';
import { callApi, isNoAnswer } from '#src/outside/http.ts';

export const HN_API = 'https://hn.algolia.com/api/v1';

export type Story = {
  id: string;
  /** Its page on Hacker News. */
  url: string;
  title: string;
  /** What it links to; null for a text. */
  link: string | null;
  author: string;
  publishedAt: Date;
  points: number;
  comments: number;
};

const hits = z.object({
  hits: z.array(
    z.object({
      objectID: z.string(),
      title: z.string().nullish(),
      url: z.string().nullish(),
      author: z.string(),
      points: z.int().nullish(),
      num_comments: z.int().nullish(),
      created_at_i: z.int(),
    }),
  ),
});

/**
 * The first story since a moment that links to the same page or has the same title; of an author when named. `null` when
 * there is none, `undefined` when there is no answer.
 */
export async function findStory(
  wanted: { title: string; link: string; author?: string | undefined; since: Date },
  api: string = HN_API,
): Promise<Story | null | undefined> {
  const since = `created_at_i>=${Math.floor(wanted.since.getTime() / 1000)}`;
  const tags = wanted.author ? `story,author_${wanted.author}` : 'story';
  const byLink = { query: bare(wanted.link), restrictSearchableAttributes: 'url' };
  const byTitle = { query: wanted.title, restrictSearchableAttributes: 'title' };
  for (const by of [byLink, byTitle]) {
    if (by.query === '') continue;
    const found = await search({ ...by, tags, numericFilters: since, hitsPerPage: '50' }, api, 'search_by_date');
    if (!found) return undefined;
    const alike = found.filter((story) =>
      by === byLink ? story.link !== null && bare(story.link) === by.query : plain(story.title) === plain(wanted.title),
    );
    const first = alike.at(-1);
    if (first) return first;
  }
  return null;
}

/** A story with its points and comments as they are now; `null` when it is gone, `undefined` when there is no answer. */
export async function readStory(id: string, api: string = HN_API): Promise<Story | null | undefined> {
  const found = await search({ tags: `story_${id}` }, api, 'search');
  return found ? (found.find((story) => story.id === id) ?? null) : undefined;
}

/** The id of a story from the address of its page; null when it is another page. */
export function idOfStory(url: string): string | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.hostname !== 'news.ycombinator.com' || parsed.pathname !== '/item') return null;
  const id = parsed.searchParams.get('id') ?? '';
  return /^\d{1,12}$/.test(id) ? id : null;
}

async function search(query: Record<string, string>, api: string, way: string): Promise<Story[] | undefined> {
  const answer = await callApi({ method: 'GET', url: `${api}/${way}?${new URLSearchParams(query)}` });
  if (isNoAnswer(answer) || answer.status !== 200) return undefined;
  const parsed = hits.safeParse(answer.json());
  if (!parsed.success) return undefined;
  return parsed.data.hits.map((hit) => ({
    id: hit.objectID,
    url: `https://news.ycombinator.com/item?id=${hit.objectID}`,
    title: hit.title ?? '',
    link: hit.url || null,
    author: hit.author,
    publishedAt: new Date(hit.created_at_i * 1000),
    points: hit.points ?? 0,
    comments: hit.num_comments ?? 0,
  }));
}

/** Without what Hacker News and browsers change: scheme, www, a slash at the end, a fragment, UTM parameters. */
function bare(link: string): string {
  if (!URL.canParse(link)) return '';
  const url = new URL(link);
  for (const name of [...url.searchParams.keys()]) if (name.startsWith('utm_')) url.searchParams.delete(name);
  return `${url.hostname.replace(/^www\./, '')}${url.pathname.replace(/\/$/, '')}${url.search}`;
}

function plain(title: string): string {
  return title
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
