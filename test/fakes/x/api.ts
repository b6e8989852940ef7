/** The fake's API v2: the few calls the product makes, with X's rules and prices. Uploads are in media.ts. */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { createBody, createPost } from './creating.ts';
import { charge } from './ledger.ts';
import { fieldHidden, forbidden, invalid, notFound, Problem } from './problems.ts';
import { type FakePost, nextId, type State, type User } from './state.ts';
import { newNameOf, showPost, showUser } from './wire.ts';

const DAY = 86_400_000;
const repostBody = z.object({ tweet_id: z.string() });

/** Routes of the API. `userOf` says who calls, or throws a 401. */
export function apiRoutes(state: State, now: () => number, userOf: (c: Context, scope: string) => User): Hono {
  const routes = new Hono();
  const page = (c: Context, user: User, matching: FakePost[], item: 'owned_read' | 'post_read') => {
    const most = Number(c.req.query('max_results') ?? 10);
    if (!Number.isInteger(most) || most < 5 || most > 100)
      throw invalid('max_results', 'The `max_results` query parameter value is not between 5 and 100.');
    const sorted = matching
      .filter((post) => !post.deleted && isWithin(post, c.req.query()) && post.at <= now() - state.timelineLag)
      .sort((a, b) => (BigInt(a.id) > BigInt(b.id) ? -1 : 1));
    const skipped = Number.parseInt(c.req.query('pagination_token') ?? '0', 32);
    const posts = sorted.slice(skipped, skipped + most);
    return c.json({
      ...showPosts(state, c, { posts, user, item, now: now() }),
      meta: {
        result_count: posts.length,
        ...(posts.length > 0 ? { newest_id: posts[0]?.id, oldest_id: posts.at(-1)?.id } : {}),
        ...(sorted.length > skipped + most ? { next_token: (skipped + most).toString(32) } : {}),
      },
    });
  };

  routes.get('/2/users/me', (c) => {
    const user = userOf(c, 'users.read');
    charge(state, now(), user, 'user_read', `user:${user.id}`);
    return c.json({ data: showUser(state, user, listOf(c.req.query('user.fields'))) });
  });

  routes.post('/2/tweets', async (c) => {
    const user = userOf(c, 'tweet.write');
    const parsed = createBody.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) throw invalid('body', 'The body is not valid.');
    const { text, replyTo, more } = parsed.data;
    // The rule for self-serve developers since 2026-04-20.
    if (more.quoteOf !== null)
      throw forbidden('You can only reply to or quote posts where you are mentioned or are the author.');
    const post = createPost(state, user, text, replyTo, now(), more);
    const shown = String(showPost(state, post, new Set()).text);
    return c.json({ data: { id: post.id, text: shown, edit_history_post_ids: [post.id] } }, 201);
  });

  routes.delete('/2/tweets/:id', (c) => {
    const user = userOf(c, 'tweet.write');
    const id = c.req.param('id');
    const post = state.posts.find((one) => one.id === id);
    if (!post) throw new Problem(404, notFound(id, 'post', 'id'));
    if (post.deleted) return c.json({ data: { deleted: false } });
    if (post.userId !== user.id) throw forbidden('You are not authorized to delete this Tweet.');
    post.deleted = true;
    charge(state, now(), user, 'delete');
    return c.json({ data: { deleted: true } });
  });

  routes.post('/2/users/:id/retweets', async (c) => {
    const user = userOf(c, 'tweet.write');
    const parsed = repostBody.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success || c.req.param('id') !== user.id) throw invalid('body', 'The body is not valid.');
    const { tweet_id } = parsed.data;
    const post = state.posts.find((one) => one.id === tweet_id && !one.deleted);
    if (!post) throw new Problem(404, notFound(tweet_id, 'post', 'tweet_id'));
    if (state.posts.some((one) => one.repostOf === tweet_id && one.userId === user.id && !one.deleted))
      throw forbidden('You have already retweeted this Tweet.');
    const author = state.users.find((one) => one.id === post.userId);
    state.posts.push({
      ...post,
      id: nextId(state, now()),
      userId: user.id,
      text: `RT @${author?.username}: ${post.text}`,
      repostOf: post.id,
      at: now(),
    });
    post.metrics.reposts += 1;
    charge(state, now(), user, 'repost');
    return c.json({ data: { retweeted: true, rest_id: post.id } });
  });

  routes.get('/2/users/:id/tweets', (c) => {
    const user = userOf(c, 'tweet.read');
    const id = c.req.param('id');
    const own = state.posts.filter((post) => post.userId === id);
    return page(c, user, own, id === user.id ? 'owned_read' : 'post_read');
  });

  routes.get('/2/users/:id/mentions', (c) => {
    const user = userOf(c, 'tweet.read');
    const id = c.req.param('id');
    const named = new RegExp(`@${state.users.find((one) => one.id === id)?.username}\\b`, 'i');
    const answers = (post: FakePost) => state.posts.some((one) => one.id === post.replyTo && one.userId === id);
    const theirs = state.posts.filter((post) => post.userId !== id && (named.test(post.text) || answers(post)));
    return page(c, user, theirs, id === user.id ? 'owned_read' : 'post_read');
  });

  routes.get('/2/tweets', (c) => {
    const user = userOf(c, 'tweet.read');
    const ids = [...listOf(c.req.query('ids'))];
    if (ids.length < 1 || ids.length > 100) throw invalid('ids', 'The `ids` query parameter must hold 1 to 100 ids.');
    const posts = ids.flatMap((id) => state.posts.find((post) => post.id === id && !post.deleted) ?? []);
    const missing = ids.filter((id) => !posts.some((post) => post.id === id));
    const shown = showPosts(state, c, { posts, user, item: 'post_read', now: now() });
    const errors = [...(shown.errors ?? []), ...missing.map((id) => notFound(id))];
    return c.json({ ...shown, ...(errors.length > 0 ? { errors } : {}) });
  });

  return routes;
}

type Reading = { posts: FakePost[]; user: User; item: 'owned_read' | 'post_read'; now: number };

/**
 * The posts with what was asked for, billed. What comes along because of an expansion is billed as what it is, except
 * that one's own posts in one's own timeline stay owned reads.
 */
function showPosts(state: State, c: Context, { posts, user, item, now }: Reading) {
  const fields = new Set(
    [...listOf(c.req.query('post.fields')), ...listOf(c.req.query('tweet.fields'))].map(newNameOf),
  );
  const expansions = listOf(c.req.query('expansions'));
  for (const name of expansions) fields.add(newNameOf(name.replace(/\.id$/, '')));
  // Of posts older than 30 days X does not tell the non-public counters; it leaves the post out and says so.
  const hidden = fields.has('non_public_metrics') ? posts.filter((post) => now - post.at > 30 * DAY) : [];
  const shown = posts.filter((post) => !hidden.includes(post));
  const parents = expansions.has('referenced_posts')
    ? state.posts.filter((one) => !one.deleted && shown.some((post) => refersTo(post, one)))
    : [];
  const authors = expansions.has('author_id')
    ? state.users.filter((one) => shown.some((post) => post.userId === one.id))
    : [];
  for (const post of shown) charge(state, now, user, item, `post:${post.id}`);
  const ownTimeline = shown.every((post) => post.userId === user.id);
  for (const post of parents) charge(state, now, user, ownTimeline ? item : 'post_read', `post:${post.id}`);
  for (const author of authors) charge(state, now, user, 'user_read', `user:${author.id}`);
  const userFields = listOf(c.req.query('user.fields'));
  const includes = {
    ...(parents.length > 0 ? { posts: parents.map((post) => showPost(state, post, new Set())) } : {}),
    ...(authors.length > 0 ? { users: authors.map((author) => showUser(state, author, userFields)) } : {}),
  };
  return {
    ...(shown.length > 0 ? { data: shown.map((post) => showPost(state, post, fields)) } : {}),
    ...(Object.keys(includes).length > 0 ? { includes } : {}),
    ...(hidden.length > 0 ? { errors: hidden.map(({ id }) => fieldHidden(id)) } : {}),
  };
}

function refersTo(post: FakePost, other: FakePost): boolean {
  return [post.replyTo, post.quoteOf, post.repostOf].includes(other.id);
}

function isWithin(post: FakePost, query: Record<string, string>): boolean {
  const { since_id, until_id, start_time, end_time, exclude } = query;
  return (
    (since_id === undefined || BigInt(post.id) > BigInt(since_id)) &&
    (until_id === undefined || BigInt(post.id) < BigInt(until_id)) &&
    (start_time === undefined || post.at >= Date.parse(start_time)) &&
    (end_time === undefined || post.at < Date.parse(end_time)) &&
    !(post.replyTo !== null && listOf(exclude).has('replies')) &&
    !(post.repostOf !== null && listOf(exclude).has('retweets'))
  );
}

function listOf(text: string | undefined): Set<string> {
  return new Set((text ?? '').split(',').filter(Boolean));
}
