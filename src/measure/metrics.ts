import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { askPlatform, asOnlyReader } from '#src/distribute/accounts/reading.ts';
import { noteProfile } from '#src/distribute/accounts/status.ts';
import { nothing, operation } from '#src/operation.ts';
import type { PostMetrics } from '#src/outside/platform.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Platforms give a post's numbers for 30 days; the last look is taken a day before that. */
const LAST_LOOK = 29 * DAY;
/** Whoever asks for the numbers now waits for a reader at work, also for one that died and holds its claim 35 s. */
const PATIENCE = 40_000;
/** As many posts in one request as X takes. */
const AT_ONCE = 100;

/**
 * When to look at a post again: every quarter of an hour at first, hourly on the first day, then daily until day 29;
 * null after that. `publishedAt` and `now` are instants.
 */
export function nextLook(publishedAt: Date, now: Date): Date | null {
  const age = now.getTime() - publishedAt.getTime();
  if (age >= LAST_LOOK) return null;
  const pause = age < 2 * HOUR ? 15 * MINUTE : age < DAY ? HOUR : DAY;
  return new Date(Math.min(now.getTime() + pause, publishedAt.getTime() + LAST_LOOK));
}

type DuePart = {
  id: string;
  platformId: string;
  publishedAt: Date;
  postId: string;
};

type Account = { id: string; platform: string };

/**
 * Reads the numbers of published parts whose next look is due and keeps them: a snapshot each, and the newest in
 * post_metrics. What a read costs goes into the spend ledger, and reading stops at the account's monthly budget. `all`
 * reads every part of the last 29 days, due or not. Returns how many parts were read. Safe to run twice, also at once:
 * an account that another process is reading is left to it, unless there is `patience` (milliseconds) to wait for it.
 */
export async function collectMetrics(
  context: Context,
  which: 'due' | 'all' = 'due',
  patience: number = 0,
): Promise<number> {
  const accounts = await transaction(context, (inside) =>
    waitingParts(inside, which).select(['accounts.id', 'accounts.platform']).distinct().execute(),
  );
  let read = 0;
  for (const account of accounts)
    read += (await asOnlyReader(context, account.id, () => readAccount(context, account, which), patience)) ?? 0;
  return read;
}

async function readAccount(context: Context, account: Account, which: 'due' | 'all'): Promise<number> {
  const parts = await transaction(context, (inside) => partsToRead(inside, account.id, which));
  let read = 0;
  for (let from = 0; from < parts.length; from += AT_ONCE) {
    const answer = await readParts(context, account, parts.slice(from, from + AT_ONCE));
    if (answer === null) break;
    read += answer;
  }
  return read;
}

/**
 * Followers of each connected account, once a day (UTC), within its monthly budget. Returns how many accounts were read.
 * Safe to run twice, also at once.
 */
export async function collectAccounts(context: Context): Promise<number> {
  const day = context.clock.now().toISOString().slice(0, 10);
  const accounts = await transaction(context, (inside) => accountsWithout(inside, day).execute());
  let read = 0;
  for (const account of accounts)
    if (await asOnlyReader(context, account.id, () => readProfile(context, account, day))) read++;
  return read;
}

async function readProfile(context: Context, account: Account, day: string): Promise<boolean> {
  const open = await transaction(context, (inside) =>
    accountsWithout(inside, day).where('accounts.id', '=', account.id).executeTakeFirst(),
  );
  const profile = open ? await askPlatform(context, account, (adapter, grant) => adapter.profile(grant)) : null;
  if (profile === null) return false;
  const { followers, following, posts } = profile;
  await transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    // Saves publishing a paid look of its own when the next long post is due.
    await noteProfile(inside, account.id, profile);
    await tx
      .insertInto('accountSnapshots')
      .values({ workspaceId, accountId: account.id, day, followers, following, posts, takenAt: clock.now() })
      .onConflict((oc) => oc.columns(['workspaceId', 'accountId', 'day']).doNothing())
      .execute();
  });
  return true;
}

function accountsWithout({ tx }: Inside, day: string) {
  return tx
    .selectFrom('accounts')
    .select(['id', 'platform'])
    .where('status', 'in', ['connected', 'paused'])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('accountSnapshots')
            .select('day')
            .whereRef('accountSnapshots.accountId', '=', 'accounts.id')
            .where('day', '=', day),
        ),
      ),
    );
}

function waitingParts({ tx, clock }: Inside, which: 'due' | 'all') {
  return tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .leftJoin('postMetrics', 'postMetrics.publicationPartId', 'publicationParts.id')
    .where('publicationParts.state', '=', 'confirmed')
    .where('accounts.status', 'in', ['connected', 'paused'])
    .where('publications.removedAt', 'is', null)
    .where((eb) =>
      eb.or([
        eb('postMetrics.publicationPartId', 'is', null),
        eb.and([
          eb('postMetrics.final', '=', false),
          which === 'all' ? eb.lit(true) : eb('postMetrics.nextLookAt', '<=', clock.now()),
        ]),
      ]),
    )
    .where('publicationParts.publishedAt', '>', new Date(clock.now().getTime() - LAST_LOOK - DAY));
}

async function partsToRead(inside: Inside, accountId: string, which: 'due' | 'all'): Promise<DuePart[]> {
  const rows = await waitingParts(inside, which)
    .select(['publicationParts.id', 'publicationParts.platformId', 'publicationParts.publishedAt'])
    .select('publications.postId')
    .where('accounts.id', '=', accountId)
    .orderBy('publicationParts.publishedAt', 'desc')
    .limit(2000)
    .execute();
  return rows.flatMap(({ platformId, publishedAt, ...row }) =>
    platformId !== null && publishedAt !== null ? [{ ...row, platformId, publishedAt }] : [],
  );
}

async function readParts(context: Context, account: Account, parts: DuePart[]): Promise<number | null> {
  const ids = parts.map((part) => part.platformId);
  const metrics = await askPlatform(
    context,
    account,
    async (adapter, grant) => (await adapter.metrics?.(grant, ids)) ?? { ok: true as const, value: [] },
  );
  if (metrics === null) return null;
  return transaction(context, async (inside) => {
    let kept = 0;
    for (const part of parts) {
      const found = metrics.find((each) => each.platformId === part.platformId);
      if (found) kept++;
      await keep(inside, part, found ?? null);
    }
    return kept;
  });
}

/** A part the platform no longer knows keeps its last numbers and is looked for again tomorrow. */
async function keep({ tx, workspaceId, clock }: Inside, part: DuePart, found: PostMetrics | null): Promise<void> {
  const now = clock.now();
  const { platformId: _, ...counts } = found ?? { platformId: '' };
  const next = nextLook(part.publishedAt, now);
  const looked = {
    final: next === null,
    nextLookAt: found === null && next !== null ? new Date(now.getTime() + DAY) : next,
  };
  if (found)
    await tx
      .insertInto('metricSnapshots')
      .values({ workspaceId, publicationPartId: part.id, takenAt: now, ...counts })
      .onConflict((oc) => oc.columns(['workspaceId', 'publicationPartId', 'takenAt']).doNothing())
      .execute();
  await tx
    .insertInto('postMetrics')
    .values({ workspaceId, publicationPartId: part.id, postId: part.postId, takenAt: now, ...counts, ...looked })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'publicationPartId'])
        .doUpdateSet(found ? { takenAt: now, ...counts, ...looked } : looked)
        .where(sql<boolean>`post_metrics.taken_at <= excluded.taken_at`),
    )
    .execute();
}

export const metricOperations = {
  collect: operation({
    summary: 'Read the numbers of all posts of the last 29 days and the followers now; reading can cost money.',
    route: 'POST /metrics/collect',
    access: 'write',
    long: true,
    input: nothing,
    output: z.object({ parts: z.int(), accounts: z.int() }),
    run: async (context) => ({
      parts: await collectMetrics(context, 'all', PATIENCE),
      accounts: await collectAccounts(context),
    }),
  }),
};
