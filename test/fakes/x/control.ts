/** How a test tells the fake what to do: as an object in the same process, or over HTTP under /_control. */
import { Hono } from 'hono';
import { z } from 'zod';
import { createPost } from './creating.ts';
import { issueToken, revokeFamily } from './oauth.ts';
import { type FakeMedia, type FakePost, type Rule, type State, type Target, targets, type User } from './state.ts';

export type Control = {
  /** The next n answers are thrown away after the work was done: the connection just breaks. */
  loseAnswers(n: number, target?: Target): void;
  /** The next n answers come so much later; the work is done at once. */
  answerSlowly(ms: number, n: number, target?: Target): void;
  /**
   * The connection of the next n calls breaks at once, and the work is done that much later (by the fake's clock), as
   * when a request that the caller gave up still lies in a queue there.
   */
  commitLate(ms: number, n: number, target?: Target): void;
  /** The next n answers come twice on the same connection. */
  answerTwice(n: number, target?: Target): void;
  /** The next n calls arrive twice, as behind a proxy that repeats them: the answer is that of the second, a duplicate. */
  hearTwice(n: number): void;
  /** New posts show in the timeline only so much later. */
  lagTimeline(ms: number): void;
  /** The next n calls are answered 429 with this reset. */
  rateLimit(n: number, resetSeconds: number, target?: Target): void;
  /** All calls are answered 429 UsageCapExceeded while on. */
  usageCap(on: boolean): void;
  /** Takes the same text twice, which X refuses: so that a second call shows. */
  allowDuplicates(on: boolean): void;
  /** The next n calls are answered with this status and nothing is done. */
  failBefore(n: number, status: number, target?: Target): void;
  /** The next n calls are answered with this status although the work was done. */
  failAfter(n: number, status: number, target?: Target): void;
  /** Names of before (`old`) or after (`new`) August 2026. */
  speak(vocabulary: 'new' | 'old'): void;
  /** Whether the authorize page approves by itself, and whose browser it is. */
  authorizeAs(username: string, autoApprove?: boolean): void;
  /** Moves the fake's clock. */
  advance(ms: number): void;
  setMetrics(id: string, metrics: Partial<FakePost['metrics']>): void;
  setUser(username: string, change: Partial<Omit<User, 'id' | 'username'>>): void;
  /** A post made on X itself, by any of its users, at any time. */
  addPost(post: {
    username: string;
    text: string;
    replyTo?: string | null;
    quoteOf?: string | null;
    at?: number;
  }): FakePost;
  /** Videos and GIFs uploaded from now on are converted for so long, and then fail when a reason is given. */
  convertMedia(ms: number, failure?: string | null): void;
  /** Tokens without the dance of consent; scopes are those the product asks for. */
  connect(username?: string): { token: string; refreshToken: string; platformUserId: string };
  /** The person takes the app's access away. */
  revoke(username?: string): void;
  /** Posts that exist, oldest first, without reposts; of one user when named. */
  posts(username?: string): FakePost[];
  /** The ids of the posts that a user has reposted. */
  reposts(username: string): string[];
  /** Files that were uploaded, oldest first. */
  media(): FakeMedia[];
  /** What X would bill, in millionths of a dollar. */
  ledger(): State['ledger'];
};

const SCOPES = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'];

/** The control of a state. `save` is called after each change. */
export function controlOf(state: State, now: () => number, save: () => void): Control {
  const add = (rule: Rule) => {
    if (rule.left > 0) state.rules.push(rule);
    save();
  };
  const userNamed = (username: string): User => {
    const user = state.users.find((one) => one.username === username);
    if (!user) throw new Error(`The fake X has no user ${username}.`);
    return user;
  };
  return {
    loseAnswers: (n, target = 'create') => add({ kind: 'lose', target, left: n }),
    answerSlowly: (ms, n, target = 'create') => add({ kind: 'slow', target, left: n, ms }),
    rateLimit: (n, resetSeconds, target = 'create') => add({ kind: 'limit', target, left: n, resetSeconds }),
    failBefore: (n, status, target = 'create') => add({ kind: 'before', target, left: n, status }),
    failAfter: (n, status, target = 'create') => add({ kind: 'after', target, left: n, status }),
    commitLate: (ms, n, target = 'create') => add({ kind: 'late', target, left: n, ms }),
    answerTwice: (n, target = 'create') => add({ kind: 'twice', target, left: n }),
    hearTwice: (n) => add({ kind: 'heard', target: 'create', left: n }),
    lagTimeline(ms) {
      state.timelineLag = ms;
      save();
    },
    usageCap(on) {
      state.usageCap = on;
      save();
    },
    allowDuplicates(on) {
      state.allowDuplicates = on;
      save();
    },
    speak(vocabulary) {
      state.vocabulary = vocabulary;
      save();
    },
    authorizeAs(username, autoApprove = true) {
      state.signedInAs = userNamed(username).username;
      state.autoApprove = autoApprove;
      save();
    },
    advance(ms) {
      state.ahead += ms;
      save();
    },
    setMetrics(id, metrics) {
      const post = state.posts.find((one) => one.id === id);
      if (!post) throw new Error(`The fake X has no post ${id}.`);
      Object.assign(post.metrics, metrics);
      save();
    },
    setUser(username, change) {
      Object.assign(userNamed(username), change);
      save();
    },
    convertMedia(ms, failure = null) {
      state.conversion = { ms, failure };
      save();
    },
    addPost({ username, text, replyTo = null, quoteOf = null, at = now() }) {
      const post = createPost(state, userNamed(username), text, replyTo, at, { quoteOf, byHand: true });
      // Written on X itself: the developer pays nothing for it.
      state.ledger.pop();
      save();
      return post;
    },
    connect(username = state.signedInAs) {
      const user = userNamed(username);
      const token = issueToken(
        state,
        { userId: user.id, scopes: SCOPES, family: `family-${state.tokens.length}` },
        now(),
      );
      save();
      return { token: token.access, refreshToken: token.refresh ?? '', platformUserId: user.id };
    },
    revoke(username = state.signedInAs) {
      for (const token of state.tokens) if (token.userId === userNamed(username).id) revokeFamily(state, token.family);
      save();
    },
    posts(username) {
      const posts = state.posts.filter(
        (post) => !post.deleted && post.repostOf === null && (!username || post.userId === userNamed(username).id),
      );
      return posts.map((post) => ({ ...post }));
    },
    reposts: (username) =>
      state.posts.flatMap((post) =>
        post.userId === userNamed(username).id && !post.deleted ? (post.repostOf ?? []) : [],
      ),
    media: () => structuredClone(state.media),
    ledger: () => [...state.ledger],
  };
}

const target = z.enum(targets).optional();
const username = z.string().optional();

/**
 * The same over HTTP: `POST /_control/<name>` with the arguments by name as JSON (an empty body for none), and `GET`
 * for `posts`, `media`, `ledger`, `calls` and `contractProblems`. Answers `{ "result": … }`.
 */
export function controlRoutes(control: Control, seen: () => { calls: string[]; contractProblems: string[] }): Hono {
  const routes = new Hono();
  const verb = <T>(name: string, schema: z.ZodType<T>, run: (given: T) => unknown) =>
    routes.post(`/${name}`, async (c) => {
      const given = schema.safeParse(JSON.parse((await c.req.text()) || '{}'));
      if (!given.success) return c.json({ error: z.prettifyError(given.error) }, 400);
      return c.json({ result: run(given.data) ?? null });
    });
  verb('loseAnswers', z.object({ n: z.number(), target }), (g) => control.loseAnswers(g.n, g.target));
  verb('answerSlowly', z.object({ ms: z.number(), n: z.number(), target }), (g) =>
    control.answerSlowly(g.ms, g.n, g.target),
  );
  verb('rateLimit', z.object({ n: z.number(), resetSeconds: z.number(), target }), (g) =>
    control.rateLimit(g.n, g.resetSeconds, g.target),
  );
  verb('failBefore', z.object({ n: z.number(), status: z.number(), target }), (g) =>
    control.failBefore(g.n, g.status, g.target),
  );
  verb('failAfter', z.object({ n: z.number(), status: z.number(), target }), (g) =>
    control.failAfter(g.n, g.status, g.target),
  );
  verb('commitLate', z.object({ ms: z.number(), n: z.number(), target }), (g) =>
    control.commitLate(g.ms, g.n, g.target),
  );
  verb('answerTwice', z.object({ n: z.number(), target }), (g) => control.answerTwice(g.n, g.target));
  verb('hearTwice', z.object({ n: z.number() }), (g) => control.hearTwice(g.n));
  verb('lagTimeline', z.object({ ms: z.number() }), (g) => control.lagTimeline(g.ms));
  verb('usageCap', z.object({ on: z.boolean() }), (g) => control.usageCap(g.on));
  verb('allowDuplicates', z.object({ on: z.boolean() }), (g) => control.allowDuplicates(g.on));
  verb('speak', z.object({ vocabulary: z.enum(['new', 'old']) }), (g) => control.speak(g.vocabulary));
  verb('authorizeAs', z.object({ username: z.string(), autoApprove: z.boolean().optional() }), (g) =>
    control.authorizeAs(g.username, g.autoApprove),
  );
  verb('advance', z.object({ ms: z.number() }), (g) => control.advance(g.ms));
  verb('setMetrics', z.object({ id: z.string(), metrics: z.record(z.string(), z.number()) }), (g) =>
    control.setMetrics(g.id, g.metrics),
  );
  verb(
    'setUser',
    z.object({ username: z.string(), change: z.record(z.string(), z.union([z.string(), z.number()])) }),
    (g) => control.setUser(g.username, g.change),
  );
  verb(
    'addPost',
    z.object({
      username: z.string(),
      text: z.string(),
      replyTo: z.string().nullish(),
      quoteOf: z.string().nullish(),
      at: z.number().optional(),
    }),
    (g) => control.addPost(g),
  );
  verb('convertMedia', z.object({ ms: z.number(), failure: z.string().nullish() }), (g) =>
    control.convertMedia(g.ms, g.failure),
  );
  verb('connect', z.object({ username }), (g) => control.connect(g.username));
  verb('revoke', z.object({ username }), (g) => control.revoke(g.username));
  routes.get('/posts', (c) => c.json({ result: control.posts(c.req.query('username')) }));
  routes.get('/media', (c) => c.json({ result: control.media() }));
  routes.get('/ledger', (c) => c.json({ result: control.ledger() }));
  routes.get('/calls', (c) => c.json({ result: seen().calls }));
  routes.get('/contractProblems', (c) => c.json({ result: seen().contractProblems }));
  return routes;
}
