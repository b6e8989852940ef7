/** Reading the own timeline: each call in our dialect, and again in the other one when X does not know the first. */
import { type ApiAnswer, callApi, isNoAnswer, type NoAnswer } from '#src/outside/http.ts';
import type { Grant, Outcome } from '#src/outside/platform.ts';
import { failureOf, isInvalidRequest, unreadable } from './errors.ts';
import { priceOfTimeline } from './prices.ts';
import { DIALECT, type Dialect, OTHER_DIALECT, timelineAnswer, type WirePost } from './wire.ts';

/** X shows the newest 3,200 posts of an account, 100 on a page. */
const MOST_PAGES = 32;

/**
 * The account's own posts, newest first, all pages. By far the cheapest read: $0.001 a post, where reading by ids
 * costs $0.005. When a later page fails, the whole read fails, and the cost says what was read.
 */
export async function readOwnTimeline(
  grant: Grant,
  ask: (dialect: Dialect) => Record<string, string>,
): Promise<Outcome<WirePost[]>> {
  const posts: WirePost[] = [];
  const billed = new Set<string>();
  let page: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const paging: Record<string, string> = page === undefined ? {} : { pagination_token: page };
    const answer = await inEitherDialect((dialect) =>
      read(grant, `/2/users/${grant.platformUserId}/tweets`, { max_results: '100', ...ask(dialect), ...paging }),
    );
    const cost = () => priceOfTimeline(billed.size);
    if (isNoAnswer(answer) || answer.status !== 200)
      return { ok: false, failure: failureOf('read', answer), cost: cost() };
    const parsed = timelineAnswer.safeParse(answer.json());
    if (!parsed.success) return { ok: false, failure: unreadable('read', answer), cost: cost() };
    const { data, includes, meta } = parsed.data;
    posts.push(...data);
    for (const { id } of [...data, ...(includes?.posts ?? includes?.tweets ?? [])]) billed.add(id);
    page = meta?.next_token;
    if (page === undefined) break;
  }
  return { ok: true, value: posts, cost: priceOfTimeline(billed.size) };
}

/** One GET with the account's token. */
export async function read(grant: Grant, path: string, query: Record<string, string>): Promise<ApiAnswer | NoAnswer> {
  return callApi({
    method: 'GET',
    url: `${grant.apiUrl}${path}?${new URLSearchParams(query)}`,
    headers: { authorization: `Bearer ${grant.token}` },
  });
}

async function inEitherDialect(
  ask: (dialect: Dialect) => Promise<ApiAnswer | NoAnswer>,
): Promise<ApiAnswer | NoAnswer> {
  const answer = await ask(DIALECT);
  if (!isInvalidRequest(answer)) return answer;
  const second = await ask(OTHER_DIALECT);
  return isInvalidRequest(second) ? answer : second;
}
