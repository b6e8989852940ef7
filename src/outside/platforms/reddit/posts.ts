/** Posting to a subreddit, commenting, and finding both again. */
import { refused } from '#src/outside/failures.ts';
import { type ApiAnswer, isNoAnswer, type NoAnswer, saidBy } from '#src/outside/http.ts';
import type { Grant, Outcome, OutgoingPart, OwnPost, PublishedPart } from '#src/outside/platform.ts';
import { failureOf, list, post, refusalOf } from './calls.ts';
import { type Thing, writeAnswer } from './wire.ts';

const SITE = 'https://www.reddit.com';
/** Reddit shows the newest 1,000 things of an account, 100 on a page. */
const MOST_PAGES = 10;

/** Creates a post in a subreddit: a link where the text is an address and nothing else; or a comment. One call. */
export async function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  const { text, replyTo, title } = part;
  if (replyTo !== null) {
    const answer = await post(grant, '/api/comment', { thing_id: replyTo, text });
    return written(answer, (data) => {
      const comment = data.things?.[0]?.data;
      return comment && { id: comment.name, url: `${SITE}${comment.permalink ?? ''}` };
    });
  }
  const subreddit = part.community
    ?.trim()
    .replace(/^\/?r\//i, '')
    .replace(/\/$/, '');
  if (!subreddit) return refused('no_community', 'Reddit posts go into a subreddit. Choose one for this post.');
  if (!title.trim()) return refused('no_title', 'Reddit posts have a title. Write one for this post.');
  const link = linkIn(text);
  const answer = await post(grant, '/api/submit', {
    sr: subreddit,
    title: title.trim(),
    sendreplies: 'true',
    // A link that somebody posted before may be posted again.
    resubmit: 'true',
    ...(link ? { kind: 'link', url: link } : { kind: 'self', text }),
  });
  return written(answer, ({ name, url }) => (name ? { id: name, url: url ?? `${SITE}/r/${subreddit}/` } : undefined));
}

/** The account's own posts and comments since then, newest first. */
export async function ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const posts: OwnPost[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query: Record<string, string> = { sort: 'new', limit: '100', ...(after === null ? {} : { after }) };
    const path = `/user/${encodeURIComponent(grant.platformUserId)}/overview`;
    const page: Awaited<ReturnType<typeof list>> = await list(grant, path, query);
    if (!page.ok) return page;
    const found = page.value.things.map(ownPostOf);
    const recent = found.filter((one) => one.publishedAt >= since);
    posts.push(...recent);
    after = page.value.after;
    if (after === null || recent.length < found.length) break;
  }
  return { ok: true, value: posts };
}

/** Removes a post or a comment. Reddit says yes to what is gone already. */
export async function remove(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const answer = await post(grant, '/api/del', { id: platformId });
  if (!isNoAnswer(answer) && (answer.status === 200 || answer.status === 404)) return { ok: true, value: null };
  return { ok: false, failure: failureOf('read', answer) };
}

/** From an address of a post or a comment. */
export function idOfUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  const short = hostname === 'redd.it' ? /^\/(\w+)\/?$/.exec(pathname)?.[1] : undefined;
  if (short) return `t3_${short}`;
  if (!/(^|\.)reddit\.com$/.test(hostname)) return null;
  const [, post, comment] = /\/comments\/(\w+)(?:\/[^/]*\/(\w+))?/.exec(pathname) ?? [];
  if (comment) return `t1_${comment}`;
  return post ? `t3_${post}` : null;
}

/** The whole text as an address, when it is nothing else. */
export function linkIn(text: string): string | null {
  const one = text.trim();
  return /^https?:\/\/\S+$/i.test(one) && URL.canParse(one) ? one : null;
}

function written(
  answer: ApiAnswer | NoAnswer,
  read: (
    data: NonNullable<ReturnType<typeof writeAnswer.parse>['json']['data']>,
  ) => { id: string; url: string } | undefined,
): Outcome<PublishedPart> {
  const said = saidBy(answer);
  const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : writeAnswer.safeParse(answer.json());
  if (!parsed?.success) return { ok: false, failure: failureOf('create', answer), said };
  const { errors, ratelimit, data } = parsed.data.json;
  if (errors[0]) return { ok: false, failure: refusalOf(errors[0], ratelimit), said };
  const made = data && read(data);
  if (!made) return { ok: false, failure: failureOf('create', answer), said };
  return { ok: true, value: { platformId: made.id, url: made.url, publishedAt: new Date() }, said };
}

function ownPostOf({ kind, data }: Thing): OwnPost {
  const text = kind === 't1' ? data.body : data.is_self ? data.selftext : data.url;
  return {
    platformId: data.name,
    url: `${SITE}${data.permalink ?? ''}`,
    text: text ?? '',
    replyTo: kind === 't1' ? (data.parent_id ?? null) : null,
    publishedAt: new Date(data.created_utc * 1_000),
  };
}
