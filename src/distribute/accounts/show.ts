import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { monthOf } from '#src/distribute/spend.ts';
import { id } from '#src/operation.ts';
import type { Platform } from '#src/outside/platform.ts';

export const policy = z.enum(['publish', 'ask', 'skip']);

export const shownAccount = z.object({
  id,
  platform: z.string(),
  platformName: z.string(),
  handle: z.string(),
  /** On platforms of many servers, the one it is on; else empty. */
  serverUrl: z.string(),
  name: z.string(),
  avatarUrl: z.string().nullable(),
  status: z.enum(['connected', 'reconnect', 'paused', 'removed']),
  /** Why it is not connected, for people. */
  statusReason: z.string().nullable(),
  longPosts: z.boolean(),
  missedPolicy: policy,
  missedAfterMinutes: z.int(),
  monthlyBudgetMicros: z.int().nullable(),
  spentMicros: z.int(),
  connectedAt: z.date(),
  confirmedAt: z.date().nullable(),
  lastSyncedAt: z.date().nullable(),
  lastError: z.string().nullable(),
  lastErrorAt: z.date().nullable(),
  waiting: z.int(),
  nextAt: z.date().nullable(),
  slots: z.int(),
  /** When the access ends that nothing but connecting again renews; null when it does not, or is renewed by itself. */
  accessEndsAt: z.date().nullable(),
});

/** All accounts of the workspace, the oldest first. */
export async function readAccounts(inside: Inside): Promise<z.input<typeof shownAccount>[]> {
  const { tx, clock, platforms } = inside;
  const rows = await tx
    .selectFrom('accounts')
    .selectAll()
    .select((eb) => [
      eb
        .selectFrom('publications')
        .select((in_) => in_.fn.countAll<number>().as('count'))
        .whereRef('publications.accountId', '=', 'accounts.id')
        .where('state', 'in', ['scheduled', 'publishing', 'asking'])
        .as('waiting'),
      eb
        .selectFrom('publications')
        .select((in_) => in_.fn.min('dueAt').as('at'))
        .whereRef('publications.accountId', '=', 'accounts.id')
        .where('state', 'in', ['scheduled', 'publishing'])
        .as('nextAt'),
      eb
        .selectFrom('slots')
        .select((in_) => in_.fn.countAll<number>().as('count'))
        .whereRef('slots.accountId', '=', 'accounts.id')
        .as('slots'),
      eb
        .selectFrom('platformSpend')
        .select(sql<string>`coalesce(sum(micros), 0)`.as('sum'))
        .whereRef('platformSpend.accountId', '=', 'accounts.id')
        .where('at', '>=', monthOf(clock.now()))
        .as('spent'),
      eb
        .selectFrom('grants')
        .select('expiresAt')
        .whereRef('grants.accountId', '=', 'accounts.id')
        .where('sealedRefresh', 'is', null)
        .as('accessEndsAt'),
    ])
    .orderBy('connectedAt')
    .execute();
  return rows.map((row) => ({
    ...row,
    platformName: platforms.get(row.platform)?.name ?? row.platform,
    waiting: row.waiting ?? 0,
    slots: row.slots ?? 0,
    spentMicros: Number(row.spent ?? 0),
  }));
}

const shownLimits = z.object({
  length: z.int(),
  lengthWithLongPosts: z.int().nullable(),
  urlLength: z.int().nullable(),
  threads: z.boolean(),
  firstReply: z.boolean(),
  media: z
    .object({
      images: z.int(),
      gifs: z.int(),
      videos: z.int(),
      mixed: z.boolean(),
      imageBytes: z.int(),
      imageTypes: z.array(z.string()).readonly(),
      gifBytes: z.int(),
      videoBytes: z.int(),
      videoTypes: z.array(z.string()).readonly(),
      videoMilliseconds: z.tuple([z.int(), z.int()]),
    })
    .nullable(),
  altTextLength: z.int().nullable(),
  poll: z.object({ options: z.int(), optionLength: z.int(), minutes: z.tuple([z.int(), z.int()]) }).nullable(),
  replySettings: z.array(z.enum(['everyone', 'following', 'mentioned', 'subscribers', 'verified'])).readonly(),
  community: z.object({ label: z.string(), required: z.boolean() }).nullable(),
  title: z.object({ length: z.int(), required: z.boolean() }).nullable(),
});

export const shownPlatform = z.object({
  id: z.string(),
  name: z.string(),
  /** consent: a page of the platform. server: the same, at a server to be named. keys: to be filled in. */
  connect: z.enum(['consent', 'server', 'keys', 'nothing']),
  needsDeveloperApp: z.boolean(),
  keys: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      help: z.string(),
      secret: z.boolean(),
      example: z.string(),
      optional: z.boolean(),
    }),
  ),
  limits: shownLimits,
  /** Numbers can be read, own posts shown again or removed, replies and mentions read. */
  reads: z.object({ metrics: z.boolean(), mentions: z.boolean(), repost: z.boolean(), remove: z.boolean() }),
});

/** A platform as the pages need it: how one connects, what it takes, what it lets us read. */
export function showPlatform(platform: Platform): z.input<typeof shownPlatform> {
  const { id: key, name, limits } = platform;
  return {
    id: key,
    name,
    connect: waysIn(platform),
    needsDeveloperApp: platform.oauth?.apps === 'own',
    keys: (platform.keys?.fields ?? []).map((field) => ({ ...field, optional: field.optional ?? false })),
    limits,
    reads: {
      metrics: platform.metrics !== null,
      mentions: platform.mentions !== null,
      repost: platform.repost !== null,
      remove: platform.remove !== null,
    },
  };
}

function waysIn({ oauth, keys }: Platform) {
  if (oauth) return oauth.apps === 'own' ? ('consent' as const) : ('server' as const);
  return keys ? ('keys' as const) : ('nothing' as const);
}
