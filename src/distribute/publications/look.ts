import type { Inside } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts/grants.ts';
import { chargeAttempt, confirm, type Part } from '#src/distribute/publications/confirm.ts';
import { fail } from '#src/distribute/publications/take-up.ts';
import {
  fenced,
  HELD,
  inTime,
  LOOKS,
  release,
  renewGrant,
  type Step,
  type Work,
} from '#src/distribute/publications/work.ts';
import { charge } from '#src/distribute/spend.ts';
import type { Outcome, OwnPost } from '#src/outside/platform.ts';

/** The platform's clock and ours may differ by so much, in milliseconds. */
const CLOCKS_DIFFER = 5 * 60_000;
/** A duplicate may be as old as this, in milliseconds: X compares with the posts of about a day. */
const DUPLICATE_OF = 24 * 3_600_000;
/** So often a part is sent whose outcome nobody tells us, each time only after looking in vain. */
const MOST_SENDS = 5;

export type OpenAttempt = {
  id: string;
  number: number;
  phase: string;
  sentAt: Date;
  code: string | null;
  reason: string | null;
  costMicros: number;
};

/**
 * Finds out what became of an attempt whose outcome is unknown: reads the account's own recent posts and compares text,
 * parent and time. Found: it is adopted. Absent after three looks: it may be sent once more, unless the platform said
 * that the text exists already.
 */
export async function lookUp(work: Work, part: Part & { looks: number }, attempt: OpenAttempt): Promise<Step> {
  const { context, adapter } = work;
  const now = context.clock.now().getTime();
  // A process that died left `sent`: give the platform the time it would have had.
  const first = attempt.sentAt.getTime() + LOOKS[0];
  if (now < first) return fenced(work, (inside) => release(inside, work, new Date(first), null));

  const grant = await openGrant(context, work.account.id);
  if (!grant.ok) {
    const until = grant.failure.kind === 'later' ? grant.failure.until : inTime(context, HELD);
    return fenced(work, (inside) => release(inside, work, until, grant.failure.reason));
  }
  const duplicate = attempt.code === 'duplicate';
  const since = new Date(duplicate ? now - DUPLICATE_OF : attempt.sentAt.getTime() - CLOCKS_DIFFER);
  if (!adapter.ownPosts) throw new Error(`${adapter.name} does not let us read.`);
  const own = await adapter.ownPosts(grant.grant, since).catch((error: unknown): Outcome<OwnPost[]> => {
    context.log.error({ err: error, platform: adapter.id }, 'An adapter threw while looking for a post');
    return { ok: false, failure: { kind: 'unknown', reason: 'Looking for the post ended in a fault on our side.' } };
  });
  if (!own.ok) {
    const { failure } = own;
    const again = failure.kind === 'reconnect' && (await renewGrant(work, grant, failure));
    return fenced(work, async (inside) => {
      if (own.cost) await charge(inside, { accountId: work.account.id, cost: own.cost, postId: work.postId });
      const until = failure.kind === 'later' ? failure.until : inTime(inside, again ? LOOKS[0] : HELD);
      return release(inside, work, until, `${failure.reason} It is not known yet whether the post is out.`);
    });
  }
  return fenced(work, async (inside) => {
    if (own.cost) await charge(inside, { accountId: work.account.id, cost: own.cost, postId: work.postId });
    const found = await findAmong(inside, work, part, own.value, since);
    if (!found) return notThere(inside, work, part, attempt);
    if (attempt.costMicros === 0 && !duplicate)
      for (const cost of adapter.priceOf({ text: part.text, describedMedia: 0, answersOther: false }))
        await chargeAttempt(inside, work, attempt.id, cost);
    return confirm(inside, work, part, found, attempt.id, true);
  });
}

async function findAmong(inside: Inside, work: Work, part: Part, posts: OwnPost[], since: Date) {
  const wanted = work.adapter.comparable(part.text);
  const alike = posts.filter(
    (post) =>
      post.replyTo === part.replyTo && post.publishedAt >= since && work.adapter.comparable(post.text) === wanted,
  );
  if (alike.length === 0) return null;
  // The same words may have gone out before as another publication: that one is not ours.
  const known = await inside.tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select('platformId')
    .where('publications.accountId', '=', work.account.id)
    .where(
      'platformId',
      'in',
      alike.map((post) => post.platformId),
    )
    .execute();
  return alike.findLast((post) => !known.some((one) => one.platformId === post.platformId)) ?? null;
}

async function notThere(
  inside: Inside,
  work: Work,
  part: Part & { looks: number },
  attempt: OpenAttempt,
): Promise<Step> {
  const { tx, clock } = inside;
  const looks = part.looks + 1;
  await tx.updateTable('publicationParts').set({ looks }).where('id', '=', part.id).execute();
  await tx.updateTable('attempts').set({ phase: 'unknown', failure: 'unknown' }).where('id', '=', attempt.id).execute();
  const wait = LOOKS[looks];
  if (wait !== undefined)
    return release(
      inside,
      work,
      inTime(inside, wait * Math.min(attempt.number, MOST_SENDS)),
      `It is not known whether the post is out; looked ${looks} of ${LOOKS.length} times.`,
    );
  const sends = await tx
    .selectFrom('attempts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('publicationPartId', '=', part.id)
    .where('failure', '=', 'unknown')
    .executeTakeFirstOrThrow();
  const over = attempt.code === 'duplicate' || sends.count >= MOST_SENDS;
  await tx
    .updateTable('attempts')
    .set({
      phase: 'rejected',
      settledAt: clock.now(),
      reason: `${attempt.reason ?? 'The process ended before the answer came.'} Looked ${looks} times: it is not there.`,
    })
    .where('id', '=', attempt.id)
    .execute();
  await tx
    .updateTable('publicationParts')
    .set({ state: over ? 'refused' : 'waiting', looks: 0 })
    .where('id', '=', part.id)
    .execute();
  if (!over) return 'on';
  const { name } = work.adapter;
  const reason =
    attempt.code === 'duplicate'
      ? `${name} says that a post with this text exists already, but it is not among the account's posts of the last day that Fanfare does not know. Look at your profile, and change the wording if it should go out again.`
      : `${name} never said whether the post went out, and it was not there after ${sends.count} tries. Look at your profile, then try again.`;
  await fail(inside, work.claimed, reason);
  return 'stop';
}
