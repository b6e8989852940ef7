/**
 * What a social platform is to the rest of the program. An adapter is a leaf that knows one service's protocol and
 * nothing else: no database, no settings, no context. It returns a result or one of four failures; the core decides
 * what to do with each (docs/add-a-platform.md).
 */

/** How a call can fail. The adapter names the kind, the publishing engine obeys it. */
export type Failure =
  /** Not now: rate limit, quota, maintenance. `until` is when to try again. Nothing was created. */
  | { kind: 'later'; until: Date; reason: string; code?: string }
  /** The grant is gone (revoked, expired beyond refresh). A person has to connect again. Nothing was created. */
  | { kind: 'reconnect'; reason: string; code?: string }
  /** The platform said no, for good. `reason` is a sentence the author understands. Nothing was created. */
  | { kind: 'refused'; reason: string; code?: string }
  /**
   * No answer, or one that says nothing about the outcome. It may have been created: look before you repeat. The code
   * `duplicate` is the platform saying that it exists already.
   */
  | { kind: 'unknown'; reason: string; code?: string };

export type Outcome<T> = { ok: true; value: T; cost?: Cost } | { ok: false; failure: Failure; cost?: Cost };

/** What the platform charged for one call. `amount` in millionths of a US dollar (X bills $0.001 reads). */
export type Cost = { item: string; micros: number };

/** What an adapter needs to speak for an account. `token` is the opened access token, never stored by the adapter. */
export type Grant = { token: string; platformUserId: string; apiUrl: string };

export type Profile = {
  platformUserId: string;
  handle: string;
  name: string;
  avatarUrl: string | null;
  followers: number | null;
  following: number | null;
  posts: number | null;
  /** True when the account may publish long posts (X Premium). */
  longPosts: boolean;
};

/** One part of a post as it goes out: the text is final, links are already tracked ones. */
export type OutgoingPart = {
  text: string;
  /** The platform's id of the part before it in the thread, null for the first. */
  replyTo: string | null;
  /** The same for every attempt at this part: adapters with idempotency send it along. */
  idempotencyKey: string;
};

export type PublishedPart = { platformId: string; url: string; publishedAt: Date };

/** One of the account's own recent posts, as found on the platform. */
export type OwnPost = { platformId: string; url: string; text: string; replyTo: string | null; publishedAt: Date };

/** Counters as the platform gives them today; null = this platform does not tell. */
export type PostMetrics = {
  platformId: string;
  impressions: number | null;
  views: number | null;
  likes: number | null;
  replies: number | null;
  reposts: number | null;
  quotes: number | null;
  bookmarks: number | null;
  linkClicks: number | null;
  profileClicks: number | null;
  follows: number | null;
};

export type Tokens = { access: string; refresh: string | null; expiresAt: Date | null; scopes: string[] };

/** The developer app with which accounts are connected, from the workspace's settings. */
export type DeveloperApp = { clientId: string; clientSecret: string | null; apiUrl: string; authorizeUrl: string };

/** Limits as data: read by the composer, the preview and the scheduler alike. */
export type Limits = {
  /** Weighted length of one part. */
  length: number;
  lengthWithLongPosts: number | null;
  /** How a URL counts; null = as written. */
  urlLength: number | null;
  threads: boolean;
  media: { images: number; videos: number } | null;
  altTextLength: number | null;
};

export type Platform = {
  id: string;
  name: string;
  limits: Limits;
  /** The weighted length of a text as this platform counts it. */
  measureText(text: string): { length: number; valid: boolean };
  /**
   * The text in the form in which what we sent and what the platform shows of it are equal, whatever it does to links,
   * escapes and white space. For looking up an unknown outcome: compare both sides in this form.
   */
  comparable(text: string): string;
  /** The price of publishing one part with this text, in millionths of a US dollar; 0 where posting is free. */
  priceOf(text: string): Cost;
  oauth: {
    authorizeUrl(app: DeveloperApp, request: { redirectUri: string; state: string; codeChallenge: string }): string;
    exchange(
      app: DeveloperApp,
      grant: { code: string; codeVerifier: string; redirectUri: string },
    ): Promise<Outcome<Tokens>>;
    refresh(app: DeveloperApp, refreshToken: string): Promise<Outcome<Tokens>>;
  } | null;
  profile(grant: Grant): Promise<Outcome<Profile>>;
  /** Creates one part. Called at most once per attempt; never retried below this line. */
  publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>>;
  /** The account's own posts since `since`, newest first: the cheap way to find out what an unknown outcome was. */
  ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>>;
  metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>>;
};
