import type { Inside } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts/grants.ts';
import { chargeAdopted, confirm } from '#src/distribute/publications/confirm.ts';
import type { Part } from '#src/distribute/publications/parts.ts';
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

/**
 * So far back we look, in milliseconds. X compares a duplicate with the posts of about a day; and a machine's clock may
 * be wrong by hours.
 */
const A_DAY = 24 * 3_600_000;
/** So often a part is sent whose outcome nobody tells us, each time only after looking in vain. */
const MOST_SENDS = 5;
/** What one call may take, in milliseconds. */
const A_CALL = 60_000;

export type OpenAttempt = {
  id: string;
  number: number;
  phase: string;
  sentAt: Date;
  /** When the part was first sent in a way that may have created it. */
  firstTriedAt: Date;
  code: string | null;
  reason: string | null;
};

/**
 * Finds out what became of an attempt whose outcome is unknown. Where the platform knows our key it is simply sent
 * again: it keeps one. Else the account's own recent posts are read and compared by text, parent and time. Found: it is
 * adopted. Absent after three looks: it may be sent once more, unless the platform said that the text exists already.
 * Where we cannot read a person is asked.
 */
export async function lookUp(work: Work, part: Part, attempt: OpenAttempt): Promise<Step> {
  const { context, adapter } = work;
  const now = context.clock.now().getTime();
  const tries = await fenced(work, (inside) => unknownTries(inside, part.id));
  const repeats = mayRepeat(work, attempt, tries, now);
  // A process that died left `sent`: give the platform the time it would have had.
  const wait = repeats ? LOOKS[Math.min(tries, LOOKS.length) - 1] : undefined;
  const first = attempt.sentAt.getTime() + (wait ?? LOOKS[0]);
  // Before it was sent at all: the clock was set back, and the call is over.
  if (now >= attempt.sentAt.getTime() && now < first)
    return fenced(work, (inside) => release(inside, work, new Date(first), attempt.reason));
  if (repeats) return fenced(work, (inside) => repeat(inside, work, part, attempt));
  const { ownPosts } = adapter;
  if (!ownPosts) return fenced(work, (inside) => askPerson(inside, work, attempt));

  const grant = await openGrant(context, work.account.id);
  if (!grant.ok) {
    const until = grant.failure.kind === 'later' ? grant.failure.until : inTime(context, HELD);
    return fenced(work, (inside) => release(inside, work, until, grant.failure.reason));
  }
  const duplicate = attempt.code === 'duplicate';
  // Wide, because our clock and the platform's may differ by hours; what we know of is left out below.
  const since = new Date(Math.min(attempt.sentAt.getTime(), now) - A_DAY);
  const own = await ownPosts(grant.grant, since).catch((error: unknown): Outcome<OwnPost[]> => {
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
    const of = { accountId: work.account.id, postId: work.postId, platform: adapter };
    if (!duplicate) await chargeAdopted(inside, of, attempt.id, part);
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

/** Within the time in which the platform knows our key, with room for the call itself. */
function mayRepeat({ adapter }: Work, attempt: OpenAttempt, tries: number, now: number): boolean {
  if (attempt.code === 'duplicate' || tries >= MOST_SENDS) return false;
  const age = now - attempt.firstTriedAt.getTime();
  // Tried in the future: the clock was set back since, and how old the key is nobody knows.
  return age >= 0 && age + A_CALL < adapter.idempotentFor;
}

async function repeat(inside: Inside, work: Work, part: Part, attempt: OpenAttempt): Promise<Step> {
  await closeAttempt(inside, attempt, `It is sent again under the same key, of which ${work.adapter.name} keeps one.`);
  await inside.tx.updateTable('publicationParts').set({ state: 'waiting' }).where('id', '=', part.id).execute();
  return 'on';
}

/** Nobody but a person can look there: they say what became of it (publications.settle). */
async function askPerson(inside: Inside, work: Work, attempt: OpenAttempt): Promise<Step> {
  await inside.tx
    .updateTable('attempts')
    .set({ phase: 'unknown', failure: 'unknown' })
    .where('id', '=', attempt.id)
    .execute();
  const { name } = work.adapter;
  await fail(
    inside,
    work.claimed,
    `${name} never said whether this went out, and Fanfare cannot look there. Look yourself, then say here whether it is out.`,
  );
  return 'stop';
}

async function notThere(inside: Inside, work: Work, part: Part, attempt: OpenAttempt): Promise<Step> {
  const { tx } = inside;
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
  const sends = await unknownTries(inside, part.id);
  const over = attempt.code === 'duplicate' || sends >= MOST_SENDS;
  await closeAttempt(inside, attempt, `Looked ${looks} times: it is not there.`);
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
      : `${name} never said whether the post went out, and it was not there after ${sends} tries. Look at your profile, then try again.`;
  await fail(inside, work.claimed, reason);
  return 'stop';
}

async function closeAttempt({ tx, clock }: Inside, attempt: OpenAttempt, what: string): Promise<void> {
  await tx
    .updateTable('attempts')
    .set({
      phase: 'rejected',
      failure: 'unknown',
      settledAt: clock.now(),
      reason: `${attempt.reason ?? 'The process ended before the answer came.'} ${what}`,
    })
    .where('id', '=', attempt.id)
    .execute();
}

/** How often a part was sent without an answer that says what became of it. */
async function unknownTries({ tx }: Inside, partId: string): Promise<number> {
  const row = await tx
    .selectFrom('attempts')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('publicationPartId', '=', partId)
    .where('sentAt', 'is not', null)
    .where((eb) => eb.or([eb('failure', '=', 'unknown'), eb('phase', 'in', ['sent', 'unknown'])]))
    .executeTakeFirstOrThrow();
  return row.count;
}
