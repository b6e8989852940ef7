/** Reading timelines: each call in our dialect, and again in the other one when X does not know the first. */
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Cost, Grant, Outcome } from '#src/outside/platform.ts';
import { failureOf, isInvalidRequest, unreadable } from './errors.ts';
import { priceOfItem, priceOfMentions } from './prices.ts';
import { DIALECT, type Dialect, OTHER_DIALECT, timelineAnswer, type WirePost, type WireUser } from './wire.ts';

/** X shows the newest 3,200 posts of an account and the newest 800 that mention it, 100 on a page. */
const MOST_PAGES = { tweets: 32, mentions: 8 };

export type Timeline = {
  /** Newest first. */
  posts: WirePost[];
  /** Ids of the posts that these refer to, as far as they came along. */
  referenced: Set<string>;
  /** Authors, when asked for, by id. */
  users: Map<string, WireUser>;
  /** Ids of posts that X left out because it does not tell a field that was asked for. */
  withheld: Set<string>;
};

/**
 * The account's own posts, newest first, without its reposts, all pages. By far the cheapest read: $0.001 a post, where
 * reading by ids costs $0.005. When a later page fails, the whole read fails, and the cost says what was read.
 */
export async function readOwnTimeline(
  grant: Grant,
  ask: (dialect: Dialect) => Record<string, string>,
): Promise<Outcome<Timeline>> {
  return readPages(
    grant,
    'tweets',
    (dialect) => ({ exclude: 'retweets', ...ask(dialect) }),
    ({ posts, referenced }) => priceOfItem('x.owned_read', posts.length + referenced.size),
  );
}

/** What others wrote to the account, newest first, all pages. */
export async function readMentions(
  grant: Grant,
  ask: (dialect: Dialect) => Record<string, string>,
): Promise<Outcome<Timeline>> {
  return readPages(grant, 'mentions', ask, ({ posts, referenced, users }) =>
    priceOfMentions({ posts: posts.length, referenced: referenced.size, users: users.size }),
  );
}

/** One GET with the account's token. */
export async function read(grant: Grant, path: string, query: Record<string, string>): Promise<ApiAnswer | NoAnswer> {
  return callApi({
    method: 'GET',
    url: `${grant.apiUrl}${path}?${new URLSearchParams(query)}`,
    headers: { authorization: `Bearer ${grant.token}` },
  });
}

async function readPages(
  grant: Grant,
  which: keyof typeof MOST_PAGES,
  ask: (dialect: Dialect) => Record<string, string>,
  priceOf: (seen: Timeline) => Cost,
): Promise<Outcome<Timeline>> {
  const seen: Timeline = { posts: [], referenced: new Set(), users: new Map(), withheld: new Set() };
  let page: string | undefined;
  for (let pages = 0; pages < MOST_PAGES[which]; pages += 1) {
    const paging: Record<string, string> = page === undefined ? {} : { pagination_token: page };
    const answer = await inEitherDialect((dialect) =>
      read(grant, `/2/users/${grant.platformUserId}/${which}`, { max_results: '100', ...ask(dialect), ...paging }),
    );
    if (isNoAnswer(answer) || answer.status !== 200)
      return { ok: false, failure: failureOf('repeatable', answer), cost: priceOf(seen) };
    const parsed = timelineAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('repeatable', answer), cost: priceOf(seen) };
    const { data, includes, errors, meta } = parsed.data;
    seen.posts.push(...data);
    for (const { id } of includes?.posts ?? includes?.tweets ?? []) seen.referenced.add(id);
    for (const user of includes?.users ?? []) seen.users.set(user.id, user);
    for (const { resource_id, field } of errors) if (resource_id && field) seen.withheld.add(resource_id);
    page = meta?.next_token;
    if (page === undefined) break;
  }
  // A parent that stands in the timeline itself is billed once.
  for (const { id } of seen.posts) seen.referenced.delete(id);
  return { ok: true, value: seen, cost: priceOf(seen) };
}

async function inEitherDialect(
  ask: (dialect: Dialect) => Promise<ApiAnswer | NoAnswer>,
): Promise<ApiAnswer | NoAnswer> {
  const answer = await ask(DIALECT);
  if (!isInvalidRequest(answer)) return answer;
  const second = await ask(OTHER_DIALECT);
  return isInvalidRequest(second) ? answer : second;
}
