import { record } from '#src/activity.ts';
import type { Inside, World } from '#src/context.ts';
import { platformOf } from '#src/distribute/accounts/developer-apps.ts';
import { type Claim, type Held, unqueue } from '#src/distribute/publications/due.ts';
import { freeze } from '#src/distribute/publications/freeze.ts';
import { takeBackPlug } from '#src/distribute/publications/plugs.ts';
import { endWaiting, followPost } from '#src/distribute/publications/waiting.ts';
import {
  type Account,
  contextOf,
  fenced,
  freeAccount,
  isBegun,
  release,
  type Work,
} from '#src/distribute/publications/work.ts';
import { notify } from '#src/people/notices.ts';
import { isOutOfPlan } from '#src/plan/posts.ts';
import { Refusal } from '#src/refusal.ts';

/** Late posts that go out all the same go out at least so far apart, in milliseconds: never a burst. */
const APART = 10 * 60_000;

/** Takes a claimed publication up, or null when there is nothing to do with it now (which is written already). */
export async function takeUp(world: World, holder: string, claimed: Claim): Promise<Work | null> {
  const context = contextOf(world, claimed);
  const hands = { context, holder, claimed };
  try {
    return await fenced(hands, (inside, publication) => begin(inside, hands, publication));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await fenced(hands, (inside) => fail(inside, claimed, error.message));
    return null;
  }
}

/** Ends a publication that cannot go out, and tells why. */
export async function fail(inside: Inside, claimed: Claim, reason: string): Promise<void> {
  if (await takeBackPlug(inside, claimed.publicationId, { reason, tell: true })) return;
  const row = await inside.tx
    .updateTable('publications')
    .set({ state: 'failed', stateReason: reason })
    .where('id', '=', claimed.publicationId)
    .returning('postId')
    .executeTakeFirstOrThrow();
  await unqueue(inside, claimed.publicationId);
  await followPost(inside, row.postId);
  await notify(inside, {
    kind: 'publication_failed',
    title: 'A post could not be published',
    body: reason,
    path: `/posts/${row.postId}`,
    dedupe: `failed:${claimed.publicationId}`,
  });
  await record(inside, 'publication.failed', {
    subjectId: claimed.publicationId,
    detail: { postId: row.postId, reason },
  });
}

async function begin(
  inside: Inside,
  hands: Pick<Work, 'context' | 'holder' | 'claimed'>,
  publication: Held,
): Promise<Work | null> {
  if (publication.state !== 'scheduled' && publication.state !== 'publishing') {
    await unqueue(inside, publication.id);
    return null;
  }
  const account = await freeAccount(inside, hands, publication.accountId);
  if (!account) return null;
  const begun = await isBegun(inside, publication.id);
  // Before the post is locked: to skip one changes its post, which its other accounts may have locked as well.
  if (!begun && (await isMissed(inside, hands, account, publication))) return null;
  // Whoever edits or returns the post holds its row: either we see what they did, or they find it going out. Shared,
  // because a post goes out on several accounts at once: else each waits for the one before, a connection in its hands.
  const status = await statusOf(inside, publication.postId, true);
  // A thread midway goes on with the words it began with; what was tried again gets the words of today.
  const fresh = !begun || publication.state === 'scheduled';
  if (fresh && isOutOfPlan(status)) {
    await endWaiting(inside, publication, 'withdrawn', 'The post was taken out of the plan.');
    return null;
  }
  if (fresh && publication.dueAt > inside.clock.now()) {
    await release(inside, hands, publication.dueAt, null);
    return null;
  }
  if (fresh) await freeze(inside, publication, account);
  await inside.tx
    .updateTable('publications')
    .set({ state: 'publishing', stateReason: null })
    .where('id', '=', publication.id)
    .execute();
  const { postId, dueAt } = publication;
  return { ...hands, postId, dueAt, account, adapter: platformOf(inside, account.platform) };
}

async function statusOf({ tx }: Inside, postId: string, lock: boolean) {
  const post = await tx
    .selectFrom('posts')
    .select('status')
    .where('id', '=', postId)
    .$if(lock, (query) => query.forShare())
    .executeTakeFirstOrThrow();
  return post.status;
}

async function isMissed(
  inside: Inside,
  hands: Pick<Work, 'holder' | 'claimed'>,
  account: Account,
  publication: { id: string; postId: string; accountId: string; state: string; dueAt: Date },
): Promise<boolean> {
  const minutes = (inside.clock.now().getTime() - publication.dueAt.getTime()) / 60_000;
  // Whole minutes: with a window of 0 a post still has the first minute, which the queue's tick needs.
  if (Math.floor(minutes) <= account.missedAfterMinutes) return false;
  // Nobody has to decide about what was taken out of the plan.
  if (isOutOfPlan(await statusOf(inside, publication.postId, false))) return false;
  const late = `It was due ${inWords(minutes)} ago`;
  if (account.missedPolicy === 'skip') {
    await endWaiting(inside, publication, 'skipped', `${late}, and this account skips what is late.`);
    return true;
  }
  if (account.missedPolicy === 'publish') {
    const last = await inside.tx
      .selectFrom('publications')
      .select((eb) => eb.fn.max('publishedAt').as('at'))
      .where('accountId', '=', account.id)
      .executeTakeFirst();
    const earliest = new Date((last?.at?.getTime() ?? 0) + APART);
    if (earliest <= inside.clock.now()) return false;
    await release(inside, hands, earliest, `${late}; late posts go out ten minutes apart.`);
    return true;
  }
  await inside.tx
    .updateTable('publications')
    .set({ state: 'asking', stateReason: `${late}. Publish it now, or skip it.` })
    .where('id', '=', publication.id)
    .execute();
  await unqueue(inside, publication.id);
  await notify(inside, {
    kind: 'publication_late',
    title: 'Posts were not published in time',
    body: `${late} on @${account.handle}. Say for each late post whether it should still go out.`,
    path: '/calendar',
    dedupe: `late:${account.id}`,
  });
  await record(inside, 'publication.missed', { subjectId: publication.id, detail: { postId: publication.postId } });
  return true;
}

function inWords(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} minutes`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} hours`;
  return `${Math.round(minutes / 1440)} days`;
}
