/** The fake's API v2: the few calls the product makes, with X's rules and prices. */
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { type FakePost, nextId, type State, type User } from './state.ts';
import { lengthOf, newNameOf, showPost, showUser } from './wire.ts';

/** A refusal as X words it. */
export class Problem extends Error {
  status: 400 | 401 | 403 | 404 | 429;
  body: Record<string, unknown>;
  constructor(status: Problem['status'], body: Record<string, unknown>) {
    super(String(body.detail));
    this.status = status;
    this.body = { ...body, status };
  }
}

const PRICES = {
  post: 15_000,
  postWithUrl: 200_000,
  summonedReply: 10_000,
  read: 5_000,
  ownedRead: 1_000,
  user: 10_000,
  delete: 10_000,
};
const DAY = 86_400_000;
const DUPLICATE_WITHIN = DAY;

const createBody = z.object({
  text: z.string().default(''),
  reply: z.object({ in_reply_to_tweet_id: z.string() }).optional(),
});

/** Routes of the API. `userOf` says who calls, or throws a 401. */
export function apiRoutes(state: State, now: () => number, userOf: (c: Context, scope: string) => User): Hono {
  const routes = new Hono();

  routes.get('/2/users/me', (c) => {
    const user = userOf(c, 'users.read');
    charge(state, now(), user, 'user_read', PRICES.user, `user:${user.id}`);
    return c.json({ data: showUser(state, user, listOf(c.req.query('user.fields'))) });
  });

  routes.post('/2/tweets', async (c) => {
    const user = userOf(c, 'tweet.write');
    const parsed = createBody.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) throw invalid('body', 'The body is not valid.');
    const post = createPost(state, user, parsed.data.text, parsed.data.reply?.in_reply_to_tweet_id ?? null, now());
    return c.json(
      {
        data: { id: post.id, text: String(showPost(state, post, new Set()).text), edit_history_post_ids: [post.id] },
      },
      201,
    );
  });

  routes.delete('/2/tweets/:id', (c) => {
    const user = userOf(c, 'tweet.write');
    const post = state.posts.find((one) => one.id === c.req.param('id') && !one.deleted);
    if (!post) return c.json({ data: { deleted: false } });
    if (post.userId !== user.id) throw forbidden('You are not authorized to delete this Tweet.');
    post.deleted = true;
    charge(state, now(), user, 'delete', PRICES.delete, null);
    return c.json({ data: { deleted: true } });
  });

  routes.get('/2/users/:id/tweets', (c) => {
    const user = userOf(c, 'tweet.read');
    const most = Number(c.req.query('max_results') ?? 10);
    if (!Number.isInteger(most) || most < 5 || most > 100)
      throw invalid('max_results', 'The `max_results` query parameter value is not between 5 and 100.');
    const matching = state.posts
      .filter((post) => post.userId === c.req.param('id') && !post.deleted && isWithin(post, c.req.query()))
      .sort((a, b) => (BigInt(a.id) > BigInt(b.id) ? -1 : 1));
    const skipped = Number.parseInt(c.req.query('pagination_token') ?? '0', 32);
    const page = matching.slice(skipped, skipped + most);
    const price = c.req.param('id') === user.id ? PRICES.ownedRead : PRICES.read;
    const item = c.req.param('id') === user.id ? 'owned_read' : 'post_read';
    const more = matching.length > skipped + most;
    return c.json({
      ...showPosts(state, c, page, (post) => charge(state, now(), user, item, price, `post:${post.id}`), now()),
      meta: {
        result_count: page.length,
        ...(page.length > 0 ? { newest_id: page[0]?.id, oldest_id: page.at(-1)?.id } : {}),
        ...(more ? { next_token: (skipped + most).toString(32) } : {}),
      },
    });
  });

  routes.get('/2/tweets', (c) => {
    const user = userOf(c, 'tweet.read');
    const ids = [...listOf(c.req.query('ids'))];
    if (ids.length < 1 || ids.length > 100) throw invalid('ids', 'The `ids` query parameter must hold 1 to 100 ids.');
    const found = ids.flatMap((id) => state.posts.find((post) => post.id === id && !post.deleted) ?? []);
    const missing = ids.filter((id) => !found.some((post) => post.id === id));
    const shown = showPosts(
      state,
      c,
      found,
      (post) => charge(state, now(), user, 'post_read', PRICES.read, `post:${post.id}`),
      now(),
    );
    const errors = [...(shown.errors ?? []), ...missing.map(notFound)];
    return c.json({ ...shown, ...(errors.length > 0 ? { errors } : {}) });
  });

  return routes;
}

/** Creates a post by X's rules; throws a `Problem` where X refuses. */
export function createPost(state: State, user: User, raw: string, replyTo: string | null, now: number): FakePost {
  const text = raw.normalize('NFC').trim();
  if (text === '') throw invalid('text', 'The text is empty.');
  const most = user.subscriptionType === 'None' ? 280 : 25_000;
  if (lengthOf(text) > most) throw forbidden('You are not permitted to perform this action.');
  const parent = state.posts.find((post) => post.id === replyTo && !post.deleted);
  if (replyTo !== null && !parent)
    throw forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
  const summoned = parent !== undefined && parent.userId !== user.id;
  if (summoned && !new RegExp(`@${user.username}\\b`, 'i').test(parent.text))
    throw forbidden('You can only reply to or quote posts where you are mentioned or are the author.');
  if (
    !state.allowDuplicates &&
    state.posts.some(
      (post) =>
        post.userId === user.id && post.text === text && !post.deleted && Math.abs(now - post.at) < DUPLICATE_WITHIN,
    )
  )
    throw forbidden('You are not allowed to create a Tweet with duplicate content.');
  const post: FakePost = {
    id: nextId(state, now),
    userId: user.id,
    text,
    replyTo,
    at: now,
    deleted: false,
    metrics: {
      impressions: 0,
      likes: 0,
      replies: 0,
      reposts: 0,
      quotes: 0,
      bookmarks: 0,
      linkClicks: 0,
      profileClicks: 0,
    },
  };
  state.posts.push(post);
  const hasUrl = (showPost(state, post, new Set(['entities'])).entities as { urls: unknown[] }).urls.length > 0;
  if (hasUrl) charge(state, now, user, 'post_with_url', PRICES.postWithUrl, null);
  else if (summoned) charge(state, now, user, 'summoned_reply', PRICES.summonedReply, null);
  else charge(state, now, user, 'post', PRICES.post, null);
  return post;
}

function showPosts(state: State, c: Context, posts: FakePost[], bill: (post: FakePost) => void, now: number) {
  const fields = new Set(
    [...listOf(c.req.query('post.fields')), ...listOf(c.req.query('tweet.fields'))].map(newNameOf),
  );
  for (const name of listOf(c.req.query('expansions'))) fields.add(newNameOf(name.replace(/\.id$/, '')));
  // Of posts older than 30 days X does not tell the non-public counters; it leaves the post out and says so.
  const hidden = fields.has('non_public_metrics') ? posts.filter((post) => now - post.at > 30 * DAY) : [];
  const shown = posts.filter((post) => !hidden.includes(post));
  const parents = listOf(c.req.query('expansions')).has('referenced_posts')
    ? state.posts.filter((parent) => !parent.deleted && shown.some((post) => post.replyTo === parent.id))
    : [];
  for (const post of new Set([...shown, ...parents])) bill(post);
  return {
    ...(shown.length > 0 ? { data: shown.map((post) => showPost(state, post, fields)) } : {}),
    ...(parents.length > 0 ? { includes: { posts: parents.map((post) => showPost(state, post, new Set())) } } : {}),
    ...(hidden.length > 0 ? { errors: hidden.map(fieldHidden) } : {}),
  };
}

function isWithin(post: FakePost, query: Record<string, string>): boolean {
  const { since_id, until_id, start_time, end_time, exclude } = query;
  return (
    (since_id === undefined || BigInt(post.id) > BigInt(since_id)) &&
    (until_id === undefined || BigInt(post.id) < BigInt(until_id)) &&
    (start_time === undefined || post.at >= Date.parse(start_time)) &&
    (end_time === undefined || post.at < Date.parse(end_time)) &&
    !(post.replyTo !== null && listOf(exclude).has('replies'))
  );
}

/** Writes the ledger. What has a key is billed once a UTC day. */
function charge(state: State, now: number, user: User, item: string, micros: number, key: string | null): void {
  if (key !== null) {
    const day = new Date(now).toISOString().slice(0, 10);
    const billed = state.billed[day] ?? [];
    if (billed.includes(`${user.id} ${key}`)) return;
    state.billed[day] = [...billed, `${user.id} ${key}`];
  }
  state.ledger.push({ at: now, item, micros, userId: user.id });
}

function listOf(text: string | undefined): Set<string> {
  return new Set((text ?? '').split(',').filter(Boolean));
}

function forbidden(detail: string): Problem {
  return new Problem(403, { detail, type: 'about:blank', title: 'Forbidden' });
}

/** Names the parameter X stumbles on. */
export function invalid(parameter: string, message: string): Problem {
  return new Problem(400, {
    errors: [{ parameters: { [parameter]: [] }, message }],
    title: 'Invalid Request',
    detail: 'One or more parameters to your request was invalid.',
    type: 'https://api.x.com/2/problems/invalid-request',
  });
}

function notFound(id: string) {
  return {
    resource_id: id,
    resource_type: 'post',
    parameter: 'ids',
    value: id,
    title: 'Not Found Error',
    detail: `Could not find post with ids: [${id}].`,
    type: 'https://api.x.com/2/problems/resource-not-found',
  };
}

function fieldHidden(post: FakePost) {
  return {
    resource_id: post.id,
    resource_type: 'post',
    field: 'non_public_metrics.impression_count',
    title: 'Field Authorization Error',
    detail: `Sorry, you are not authorized to access 'non_public_metrics.impression_count' on the post with id ${post.id}.`,
    type: 'https://api.x.com/2/problems/not-authorized-for-field',
  };
}
