export type FakeStatus = {
  id: string;
  at: number;
  text: string;
  accountId: string;
  replyTo: string | null;
  visibility: string;
  mediaIds: string[];
  poll: { options: string[]; expires_in: number } | null;
  counts: { favourites: number; reblogs: number; replies: number; quotes: number };
};

export type FakeMedia = { id: string; bytes: number; type: string; description: string | null; readyAfter: number };

export type Author = { id: string; username: string; acct: string; display_name: string; followers_count: number };

/** What the server remembers, and what a test told it to do. */
export type State = {
  apps: { id: string; secret: string; redirectUri: string; scopes: string }[];
  codes: Map<string, { appId: string; challenge: string | null; scope: string }>;
  tokens: Set<string>;
  refreshTokens: Set<string>;
  statuses: FakeStatus[];
  media: Map<string, FakeMedia>;
  notifications: { id: string; type: string; at: number; author: Author; statusId: string; quotes: string | null }[];
  reblogged: Set<string>;
  keys: Map<string, { statusId: string; at: number }>;
  known: string[];
  maxCharacters: number;
  /** As a relative of Mastodon: tokens end, and can be renewed. */
  tokensEnd: boolean;
  /** mastodon#40399: a repeated key is answered with HTTP 500. */
  repeatsFail: boolean;
  /** As before 4.3: no reading of several posts at once. */
  onlySingles: boolean;
  /** Milliseconds that the server's clock is ahead. */
  ahead: number;
};

export const MAYA: Author = {
  id: '109000000000000001',
  username: 'maya',
  acct: 'maya',
  display_name: 'Maya Lind',
  followers_count: 12,
};

export function freshState(): State {
  return {
    apps: [],
    codes: new Map(),
    tokens: new Set(),
    refreshTokens: new Set(),
    statuses: [],
    media: new Map(),
    notifications: [],
    reblogged: new Set(),
    keys: new Map(),
    known: ['maya', 'friend@far.example'],
    maxCharacters: 500,
    tokensEnd: false,
    repeatsFail: false,
    onlySingles: false,
    ahead: 0,
  };
}
