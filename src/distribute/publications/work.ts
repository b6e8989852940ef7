import { asSystem, type Context, type Inside, transaction, type World } from '#src/context.ts';
import { type OpenGrant, openGrant } from '#src/distribute/accounts/grants.ts';
import { type accountOf, needReconnect } from '#src/distribute/accounts/status.ts';
import { type Claim, type Held, handBack, holdLease } from '#src/distribute/publications/due.ts';
import { holdOn } from '#src/distribute/publications/pauses.ts';
import type { Failure, Platform } from '#src/outside/platform.ts';
import { notFound } from '#src/refusal.ts';

export type Account = Awaited<ReturnType<typeof accountOf>>;

/** One claimed publication in the hands of this process. */
export type Work = {
  context: Context;
  holder: string;
  claimed: Claim;
  postId: string;
  dueAt: Date;
  account: Account;
  adapter: Platform;
};

/** What one step came to: go on with the next one, or stop (everything about that is written already). */
export type Step = 'on' | 'stop';

/** A held queue is looked at again after this time, in milliseconds, so that nobody has to wake it. */
export const HELD = 30_000;

/** The lease is renewed so often while a long call is under way, in milliseconds of the machine. */
const BEAT = 20_000;

/** No platform's word keeps a post back for longer than this, in milliseconds. */
const LONGEST = 7 * 86_400_000;

/** How long after the call, and after each look in vain, we look (again), in milliseconds: X's timeline lags by seconds. */
export const LOOKS = [5_000, 15_000, 45_000] as const;

export function contextOf(world: World, claimed: Claim): Context {
  return asSystem(world, claimed.workspaceId, 'publishing');
}

/** A transaction behind the fence of the lease; `run` gets the publication as it is locked. */
export function fenced<T>(
  work: Pick<Work, 'context' | 'holder' | 'claimed'>,
  run: (inside: Inside, publication: Held) => Promise<T>,
) {
  return transaction(work.context, async (inside) => run(inside, await holdLease(inside, work.holder, work.claimed)));
}

/** Runs a long call while the lease is renewed, between its requests (`step`) and during long ones. */
export async function beating<T>(work: Work, run: (step: () => Promise<void>) => Promise<T>): Promise<T> {
  let lost: unknown = null;
  const step = async () => {
    if (lost) throw lost;
    await fenced(work, async () => {});
  };
  const beat = setInterval(() => {
    step().catch((error: unknown) => {
      lost = error;
    });
  }, BEAT);
  try {
    return await run(step);
  } finally {
    clearInterval(beat);
  }
}

/** Hands the work back until `lookAt`. A publication of which nothing is out yet is a scheduled one again. */
export async function release(
  inside: Inside,
  work: Pick<Work, 'holder' | 'claimed'>,
  lookAt: Date,
  reason: string | null,
): Promise<'stop'> {
  const { publicationId } = work.claimed;
  const begun = await isBegun(inside, publicationId);
  await inside.tx
    .updateTable('publications')
    .set({ stateReason: reason, ...(begun ? {} : { state: 'scheduled' as const }) })
    .where('id', '=', publicationId)
    .where('state', 'in', ['scheduled', 'publishing'])
    .execute();
  const latest = inside.clock.now().getTime() + LONGEST;
  // A service's “try again” can be any number, one that is no moment too.
  const at = lookAt.getTime() <= latest ? lookAt : new Date(latest);
  await handBack(inside.tx, work.holder, publicationId, at);
  return 'stop';
}

/** The account a publication goes out on; null while it is paused or not connected: the work is handed back then. */
export async function freeAccount(
  inside: Inside,
  work: Pick<Work, 'holder' | 'claimed'>,
  accountId: string,
): Promise<Account | null> {
  const found = await inside.tx
    .selectFrom('accounts')
    .selectAll()
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('pauses')
            .select('pauses.id')
            .where('pauses.resumedAt', 'is', null)
            .where((or) => or.or([or('pauses.accountId', 'is', null), or('pauses.accountId', '=', accountId)])),
        )
        .as('hasPause'),
    )
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (!found) throw notFound('account');
  const { hasPause, ...account } = found;
  // A pause whose time is over holds nothing any more, and is ended now.
  const hold = hasPause ? await holdOn(inside, accountId) : null;
  const lost = account.status === 'reconnect' || account.status === 'removed';
  if (!lost && !hold) return account;
  const why = lost ? `Waits until @${account.handle} is connected again.` : `Publishing is paused: ${hold?.reason}`;
  await release(inside, work, inTime(inside, HELD), why);
  return null;
}

/** Whether a part is out, or may be. */
export async function isBegun({ tx }: Inside, publicationId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('publicationParts')
    .leftJoin('attempts', 'attempts.publicationPartId', 'publicationParts.id')
    .select('publicationParts.id')
    .where('publicationParts.publicationId', '=', publicationId)
    .where((eb) =>
      eb.or([eb('publicationParts.state', '=', 'confirmed'), eb('attempts.phase', 'in', ['sent', 'unknown'])]),
    )
    .executeTakeFirst();
  return row !== undefined;
}

/** A moment so many milliseconds from now. */
export function inTime(context: Context, milliseconds: number): Date {
  return new Date(context.clock.now().getTime() + milliseconds);
}

/** A token that is refused though it is younger than this will not be accepted later either, in milliseconds. */
const YOUNG = 2 * 60_000;

/**
 * Answers a platform that no longer takes our token: renews it once, though it has not run out. True when there is a
 * new one to go on with; else a person has been told to connect again.
 */
export async function renewGrant(work: Work, refused: Extract<OpenGrant, { ok: true }>, failure: Failure) {
  const { context, account } = work;
  const age = context.clock.now().getTime() - refused.refreshedAt.getTime();
  // Renewed in the future: the clock was set back since, and its age is not known.
  if (age > YOUNG || age < 0) {
    const renewed = await openGrant(context, account.id, refused.version);
    if (renewed.ok && renewed.version !== refused.version) return true;
    if (!renewed.ok && renewed.failure.kind === 'later') return false;
  }
  await transaction(context, (inside) => needReconnect(inside, account.id, failure.reason));
  return false;
}
