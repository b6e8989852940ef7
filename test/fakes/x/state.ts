/** Everything the fake X knows, in one object that can be kept in a file and survive a restart. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** Which calls a behaviour is for: creating a post, reading, uploading, the token endpoint, or all of them. */
export const targets = ['create', 'read', 'upload', 'token', 'any'] as const;
export type Target = (typeof targets)[number];

const user = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  subscriptionType: z.string(),
  followers: z.number(),
  following: z.number(),
});

const post = z.object({
  id: z.string(),
  userId: z.string(),
  /** As it was sent, trimmed, in NFC. */
  text: z.string(),
  replyTo: z.string().nullable(),
  quoteOf: z.string().nullable().default(null),
  repostOf: z.string().nullable().default(null),
  mediaIds: z.array(z.string()).default([]),
  poll: z
    .object({ options: z.array(z.string()), minutes: z.number() })
    .nullable()
    .default(null),
  /** As on the wire; null for everyone. */
  replySettings: z.string().nullable().default(null),
  communityId: z.string().nullable().default(null),
  /** Milliseconds. */
  at: z.number(),
  deleted: z.boolean(),
  metrics: z.object({
    impressions: z.number(),
    likes: z.number(),
    replies: z.number(),
    reposts: z.number(),
    quotes: z.number(),
    bookmarks: z.number(),
    linkClicks: z.number(),
    profileClicks: z.number(),
  }),
});

const media = z.object({
  id: z.string(),
  userId: z.string(),
  category: z.enum(['tweet_image', 'tweet_gif', 'tweet_video']),
  type: z.string(),
  /** As announced. */
  bytes: z.number(),
  pieces: z.array(z.object({ index: z.number(), bytes: z.number(), sha256: z.string() })),
  /** When the conversion ends; null before the upload is finalized. */
  readyAt: z.number().nullable(),
  /** Why the conversion fails; null when it does not. */
  failure: z.string().nullable(),
  expiresAt: z.number(),
  altText: z.string().nullable(),
});

const rule = z.object({
  kind: z.enum(['lose', 'slow', 'before', 'after', 'limit', 'late', 'twice', 'heard']),
  target: z.enum(targets),
  left: z.number(),
  status: z.number().optional(),
  ms: z.number().optional(),
  resetSeconds: z.number().optional(),
});

const stateSchema = z.object({
  vocabulary: z.enum(['new', 'old']),
  autoApprove: z.boolean(),
  signedInAs: z.string(),
  usageCap: z.boolean(),
  allowDuplicates: z.boolean(),
  /** Milliseconds until a new post shows in the timeline. */
  timelineLag: z.number().default(0),
  /** Milliseconds added to the clock. */
  ahead: z.number(),
  sequence: z.number(),
  rules: z.array(rule),
  users: z.array(user),
  posts: z.array(post),
  media: z.array(media).default([]),
  /** How long videos and GIFs are converted, and why it fails. */
  conversion: z.object({ ms: z.number(), failure: z.string().nullable() }).default({ ms: 0, failure: null }),
  communities: z.array(z.object({ id: z.string(), members: z.array(z.string()) })).default([]),
  codes: z.array(
    z.object({
      code: z.string(),
      redirectUri: z.string(),
      challenge: z.string(),
      userId: z.string(),
      scopes: z.array(z.string()),
      expiresAt: z.number(),
      family: z.string().nullable(),
    }),
  ),
  tokens: z.array(
    z.object({
      access: z.string(),
      refresh: z.string().nullable(),
      family: z.string(),
      userId: z.string(),
      scopes: z.array(z.string()),
      expiresAt: z.number(),
      rotated: z.boolean(),
      revoked: z.boolean(),
    }),
  ),
  ledger: z.array(z.object({ at: z.number(), item: z.string(), micros: z.number(), userId: z.string() })),
  /** Post ids billed on a UTC day: the same resource is not billed twice within one. */
  billed: z.record(z.string(), z.array(z.string())),
  buckets: z.record(z.string(), z.object({ resetAt: z.number(), used: z.number() })),
});

export type State = z.output<typeof stateSchema>;
export type User = State['users'][number];
export type FakeMedia = State['media'][number];
export type FakePost = State['posts'][number];
export type Rule = State['rules'][number];

/** The state of the file, or a new one with two accounts: `maker`, and `friend` of whose posts there may be any. `maker` is in a community. */
export function loadState(file: string | null): State {
  if (file !== null && existsSync(file)) return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    vocabulary: 'new',
    autoApprove: true,
    signedInAs: 'maker',
    usageCap: false,
    allowDuplicates: false,
    timelineLag: 0,
    ahead: 0,
    sequence: 0,
    rules: [],
    users: [
      { id: '1000001', username: 'maker', name: 'Mia Maker', subscriptionType: 'None', followers: 321, following: 45 },
      {
        id: '1000002',
        username: 'friend',
        name: 'Finn Friend',
        subscriptionType: 'Premium',
        followers: 9,
        following: 2,
      },
    ],
    posts: [],
    media: [],
    conversion: { ms: 0, failure: null },
    communities: [{ id: '1750000000000000000', members: ['1000001'] }],
    codes: [],
    tokens: [],
    ledger: [],
    billed: {},
    buckets: {},
  };
}

/** Written aside and renamed: a killed process leaves the old file or the new one. */
export function saveState(file: string | null, state: State): void {
  if (file === null) return;
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

/** Takes one use of the first behaviour of this kind that is for the target. */
export function takeRule(state: State, kind: Rule['kind'], target: Target): Rule | null {
  const found = state.rules.find((one) => one.kind === kind && (one.target === 'any' || one.target === target));
  if (!found) return null;
  found.left -= 1;
  if (found.left <= 0) state.rules = state.rules.filter((one) => one !== found);
  return found;
}

/** A new id that carries the time, as X's do. */
export function nextId(state: State, now: number): string {
  state.sequence += 1;
  return `${(BigInt(now - 1_288_834_974_657) << 22n) | BigInt(state.sequence & 0x3fffff)}`;
}
