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

/**
 * How a call ended. `said` is what the service answered, for the receipt: its status and the beginning of its body, at
 * most 2,000 characters, never a token (`saidBy` in outside/http.ts writes it).
 */
export type Outcome<T> = ({ ok: true; value: T } | { ok: false; failure: Failure }) & { cost?: Cost; said?: string };

/** What the platform charged for one call. `amount` in millionths of a US dollar (X bills $0.001 reads). */
export type Cost = { item: string; micros: number };

/** The platform's price list as it was on a day (ISO date), with where it stands. `micros` as in `Cost`, for one. */
export type PriceList = {
  asOf: string;
  source: string;
  items: readonly { item: string; micros: number; what: string }[];
};

/**
 * What an adapter needs to speak for an account. `token` is the opened access token (or the key, or the secret address),
 * never stored by the adapter. `apiUrl` is the server the account lives on.
 */
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

/** A picture, a moving picture or a video on its way out. */
export type OutgoingMedia = {
  kind: 'image' | 'gif' | 'video';
  mediaType: string;
  bytes: number;
  width: number | null;
  height: number | null;
  milliseconds: number | null;
  altText: string | null;
  /** The bytes from `from` (inclusive) to `to` (exclusive); all of them without. */
  read(from?: number, to?: number): Promise<Uint8Array>;
  /** Where everyone can fetch it for a while, for platforms that do; null when we have no public address. */
  publicUrl: string | null;
  /** What `upload` called it; null on platforms that take files along with the post. */
  uploadedId: string | null;
};

export type Poll = { minutes: number; options: string[] };

export type ReplySettings = 'everyone' | 'following' | 'mentioned' | 'subscribers' | 'verified';

/** One part of a post as it goes out: the text is final, links are already tracked ones. */
export type OutgoingPart = {
  text: string;
  /** The platform's id of the part before it in the thread (or of the post that is answered); null for the first. */
  replyTo: string | null;
  /** The same for every attempt at this part: adapters with idempotency send it along. A UUID. */
  idempotencyKey: string;
  /** When the first attempt at this part was made: the same for every attempt, like the key. */
  firstTriedAt: Date;
  media: OutgoingMedia[];
  poll: Poll | null;
  /** Of the post as a whole, the same for each of its parts. Adapters take what their platform has a place for. */
  title: string;
  /** The hashtags of the text, without #. */
  tags: string[];
  /** The page the post speaks of, without our tracking. */
  canonicalUrl: string | null;
  /** The platform's id of a community, subreddit or channel to post into. */
  community: string | null;
  replySettings: ReplySettings | null;
};

/** What decides the price of a part. */
export type PricedPart = { text: string; describedMedia: number; answersOther: boolean };

/**
 * A file given to a platform ahead of the post. `ready` is false while a video is still converted. `reusable` where more
 * than one post may carry it; else it is forgotten when the first one is out.
 */
export type Uploaded = { mediaId: string; expiresAt: Date | null; ready: boolean; reusable?: true };

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

/** Somebody else's post that speaks to us: for the inbox. */
export type Mention = {
  kind: 'reply' | 'mention' | 'quote' | 'message';
  platformId: string;
  url: string | null;
  text: string;
  receivedAt: Date;
  /** The post it answers or quotes, as the platform names it. */
  replyTo: string | null;
  author: { platformUserId: string; handle: string; name: string | null; followers: number | null };
};

/** `expiresIn` in seconds from the answer; null = the access does not end. */
export type Tokens = { access: string; refresh: string | null; expiresIn: number | null; scopes: string[] };

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
  /** A reply of one's own under the post. Where threads are possible, so is this. */
  firstReply: boolean;
  media: MediaLimits | null;
  altTextLength: number | null;
  poll: { options: number; optionLength: number; minutes: [least: number, most: number] } | null;
  /** Who may answer, as far as the platform lets one choose; empty = not at all. */
  replySettings: readonly ReplySettings[];
  /** A place inside the platform to post into, e.g. a subreddit. */
  community: { label: string; required: boolean } | null;
  /** A headline beside the text. */
  title: { length: number; required: boolean } | null;
  /** How many posts an account may create in how many minutes. */
  rates: readonly { posts: number; minutes: number }[];
};

/** What one part may carry. Sizes in bytes, times in milliseconds. */
export type MediaLimits = {
  images: number;
  gifs: number;
  videos: number;
  /** Pictures and videos in one part. */
  mixed: boolean;
  imageBytes: number;
  imageTypes: readonly string[];
  gifBytes: number;
  videoBytes: number;
  videoTypes: readonly string[];
  videoMilliseconds: [least: number, most: number];
};

/** Connecting by a page of consent (OAuth 2.0 with PKCE). */
export type OAuth = {
  /** `own`: with a developer app that the person makes there. `registered`: we register at each server by ourselves. */
  apps: 'own' | 'registered';
  /** Where the service is, unless the developer app says otherwise; without where each server has its own. */
  defaults?: { apiUrl: string; authorizeUrl: string };
  authorizeUrl(app: DeveloperApp, request: { redirectUri: string; state: string; codeChallenge: string }): string;
  exchange(
    app: DeveloperApp,
    grant: { code: string; codeVerifier: string; redirectUri: string },
  ): Promise<Outcome<Tokens>>;
  /** Makes our developer app at a server; only for `registered`. */
  register?(
    serverUrl: string,
    about: { name: string; website: string; redirectUri: string },
  ): Promise<Outcome<DeveloperApp>>;
};

/** Connecting with keys that a person copies from the platform's settings. */
export type Keys = {
  fields: readonly KeyField[];
  /** Tries the keys and says whose they are. `server` is what is kept with the account as its address. */
  open(values: Record<string, string>): Promise<Outcome<{ tokens: Tokens; profile: Profile; apiUrl: string }>>;
};

/** One thing to fill in. `help` says where to find it, in a sentence. */
export type KeyField = { name: string; label: string; help: string; secret: boolean; example: string; optional?: true };

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
  /** What publishing one part costs, a line for each call that is charged; empty where posting is free. */
  priceOf(part: PricedPart): Cost[];
  /** Every item that `priceOf` and `Outcome.cost` name; left out where nothing is charged. */
  prices?: PriceList;
  /** How one connects: by a page of consent, or with keys. Both null: there is nothing to enter. */
  oauth: OAuth | null;
  keys: Keys | null;
  /** Changes what renews the access for a new pair; null where it cannot be renewed. */
  refresh:
    | ((stale: { refreshToken: string; apiUrl: string; app: DeveloperApp | null }) => Promise<Outcome<Tokens>>)
    | null;
  profile(grant: Grant): Promise<Outcome<Profile>>;
  /**
   * Gives a file to the platform ahead of the post; nobody sees it until a post carries it, so it may be done again.
   * Call `step` between requests: it throws when the work is not ours any more. Null where files travel with the post.
   */
  upload: ((grant: Grant, media: OutgoingMedia, step: () => Promise<void>) => Promise<Outcome<Uploaded>>) | null;
  /** Whether a file that was not ready is so now; null where files are always ready. */
  uploadState: ((grant: Grant, mediaId: string) => Promise<Outcome<Uploaded>>) | null;
  /** Creates one part. Called at most once per attempt; never retried below this line. */
  publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>>;
  /** The id of a post from the address a person pasted; null when it is no post's. Left out: the address stands for it. */
  idOfUrl?(url: string): string | null;
  /**
   * For so many milliseconds a repeated `publish` with the same key creates nothing new: then an unknown outcome is
   * simply sent again. 0 = never, `Infinity` = always.
   */
  idempotentFor: number;
  /**
   * The account's own posts since `since`, newest first: the cheap way to find out what an unknown outcome was. Null
   * where the platform does not let us read: then a person says what became of it.
   */
  ownPosts: ((grant: Grant, since: Date) => Promise<Outcome<OwnPost[]>>) | null;
  /** Null where the platform tells no numbers. */
  metrics: ((grant: Grant, platformIds: string[]) => Promise<Outcome<PostMetrics[]>>) | null;
  /** What others wrote to us after `since` (the newest `platformId` known, null = the last week), oldest first. */
  mentions: ((grant: Grant, since: string | null) => Promise<Outcome<Mention[]>>) | null;
  /** Shows an own post once more. Twice is the same as once. */
  repost: ((grant: Grant, platformId: string) => Promise<Outcome<null>>) | null;
  /** Removes an own post. Removing what is not there is fine. */
  remove: ((grant: Grant, platformId: string) => Promise<Outcome<null>>) | null;
};
