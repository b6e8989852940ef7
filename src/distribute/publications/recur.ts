import { sql } from 'kysely';
import type { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf, lockAccounts } from '#src/distribute/accounts/status.ts';
import { queue } from '#src/distribute/publications/due.ts';
import { putInQueue } from '#src/distribute/publications/schedule.ts';
import { ACTIVE, endWaiting, followPost } from '#src/distribute/publications/waiting.ts';
import { notify } from '#src/people/notices.ts';
import { momentsOf, type Recurrence, type recurInput, startRecurrence, stopRecurrence } from '#src/plan/calendar.ts';
import { approvePost, isOutOfPlan, markPost } from '#src/plan/posts.ts';
import { dayIn, daysBetween } from '#src/plan/times.ts';
import { notFound, Refusal, refuse } from '#src/refusal.ts';

/** Publications of what comes again are made so many days ahead, so that people see them and can take one out. */
const AHEAD_DAYS = 30;

export type Recurring = {
  scheduled: { publicationId: string; accountId: string; dueAt: Date }[];
  /** Days that fall into the rest since, or before, another time on that account. */
  skipped: { accountId: string; occurrence: string }[];
};

/** Lets a post come again and schedules its times of the coming 30 days. A draft is approved by this. All or none. */
export async function recur(
  context: Context,
  wanted: z.output<typeof recurInput>,
): Promise<Recurring & { recurrenceId: string; warnings: string[] }> {
  return transaction(context, async (inside) => {
    const accountIds = [...new Set(wanted.accountIds)];
    await lockAccounts(inside, accountIds);
    for (const accountId of accountIds) {
      const { status, handle } = await accountOf(inside, accountId);
      if (status === 'removed')
        throw refuse('conflict', 'account_removed', `@${handle} is disconnected. Connect it again first.`);
    }
    const post = await inside.tx
      .selectFrom('posts')
      .select(['id', 'status'])
      .where('id', '=', wanted.postId)
      .forUpdate()
      .executeTakeFirst();
    if (!post) throw notFound('post');
    if (post.status === 'withdrawn')
      throw refuse('conflict', 'post_withdrawn', 'This post was withdrawn. Return it to draft first.');
    if (isOutOfPlan(post.status)) await approvePost(inside, post.id, { evenIfSimilar: wanted.evenIfSimilar });
    const { recurrence, warnings } = await startRecurrence(inside, wanted);
    const made: Recurring = { scheduled: [], skipped: [] };
    for (const accountId of accountIds) {
      const { scheduled, skipped } = await scheduleOccurrences(inside, recurrence, accountId);
      made.scheduled.push(...scheduled);
      made.skipped.push(...skipped);
    }
    await markPost(inside, post.id, 'scheduled');
    return { recurrenceId: recurrence.id, warnings, ...made };
  });
}

/** Ends a recurrence and takes back what waits of it. What goes out at this moment goes out. */
export async function endRecurrence(context: Context, recurrenceId: string): Promise<{ withdrawn: number }> {
  return transaction(context, async (inside) => {
    await stopRecurrence(inside, recurrenceId);
    const waiting = await inside.tx
      .selectFrom('publications')
      .select(['id', 'postId', 'accountId', 'state', 'dueAt'])
      .where('recurrenceId', '=', recurrenceId)
      .where('state', 'in', ['scheduled', 'asking'])
      .forUpdate()
      .execute();
    for (const publication of waiting) await endWaiting(inside, publication, 'withdrawn', 'It was stopped.');
    const { postId } = await inside.tx
      .selectFrom('recurrences')
      .select('postId')
      .where('id', '=', recurrenceId)
      .executeTakeFirstOrThrow();
    await followPost(inside, postId);
    return { withdrawn: waiting.length };
  });
}

/**
 * The daily line, and the reaction to `post.approved`: schedules the coming 30 days of all that comes again. A post that
 * no longer fits its platform is told once; the others go on. Safe to run twice: each day is one publication.
 */
export async function scheduleRecurrences(context: Context, postId?: string): Promise<void> {
  const running = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('recurrences')
      .innerJoin('posts', 'posts.id', 'recurrences.postId')
      .innerJoin('recurrenceAccounts', 'recurrenceAccounts.recurrenceId', 'recurrences.id')
      .innerJoin('accounts', 'accounts.id', 'recurrenceAccounts.accountId')
      .select(['recurrences.id', 'recurrences.postId', 'recurrences.weekdays', 'recurrences.everyWeeks'])
      .select(['recurrences.startsOn', 'recurrences.endsOn', 'recurrences.timeZone', 'recurrences.coolDownDays'])
      .select(['recurrenceAccounts.accountId', 'posts.title', 'accounts.handle'])
      .select(sql<string>`to_char(recurrences.at_time, 'HH24:MI')`.as('atTime'))
      .where('recurrences.stoppedAt', 'is', null)
      .where('accounts.status', '<>', 'removed')
      .$if(postId !== undefined, (query) => query.where('recurrences.postId', '=', postId ?? ''))
      .execute(),
  );
  for (const { accountId, title, handle, ...recurrence } of running)
    try {
      await scheduleOccurrences(context, recurrence, accountId);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await transaction(context, (inside) =>
        notify(inside, {
          kind: 'recurrence_failed',
          title: `“${title}” cannot be scheduled again on @${handle}`,
          body: error.message,
          path: `/posts/${recurrence.postId}`,
          dedupe: `recurrence:${recurrence.id}:${accountId}`,
        }),
      );
    }
}

/** Schedules the times of the coming 30 days on one account that are not there yet. All or none. */
async function scheduleOccurrences(context: Context, recurrence: Recurrence, accountId: string): Promise<Recurring> {
  return transaction(context, async (inside) => {
    await lockAccounts(inside, [accountId]);
    const made: Recurring = { scheduled: [], skipped: [] };
    const post = await inside.tx
      .selectFrom('posts')
      .select('status')
      .where('id', '=', recurrence.postId)
      .forUpdate()
      .executeTakeFirst();
    if (!post || isOutOfPlan(post.status)) return made;
    const { known, days } = await timesOf(inside, recurrence, accountId);
    const account = await accountOf(inside, accountId);
    const now = inside.clock.now();
    const until = new Date(now.getTime() + AHEAD_DAYS * 864e5);
    for (const { occurrence, at } of momentsOf(recurrence, now, until)) {
      const before = known.get(occurrence);
      if (before && !before.revives) continue;
      if (days.some((day) => Math.abs(daysBetween(day, occurrence)) < recurrence.coolDownDays)) {
        made.skipped.push({ accountId, occurrence });
        continue;
      }
      days.push(occurrence);
      if (before) made.scheduled.push(await revive(inside, before.id, accountId, at));
      else
        made.scheduled.push(
          await putInQueue(inside, recurrence.postId, account, at, { recurrenceId: recurrence.id, occurrence }),
        );
    }
    if (made.scheduled.length > 0) await markPost(inside, recurrence.postId, 'scheduled');
    return made;
  });
}

/**
 * The days on which the post is, was or will be on the account, and the days of the recurrence that have a publication.
 * One that was withdrawn because the post left the plan comes back with it; one that a person took out does not.
 */
async function timesOf({ tx }: Inside, recurrence: Recurrence, accountId: string) {
  const rows = await tx
    .selectFrom('publications')
    .select(['id', 'recurrenceId', 'occurrence', 'state', 'dueAt', 'publishedAt'])
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom('approvals')
            .select('approvals.id')
            .whereRef('approvals.postId', '=', 'publications.postId')
            .where('approvals.decision', 'in', ['returned', 'withdrawn'])
            .whereRef('approvals.decidedAt', '>=', 'publications.scheduledAt'),
        )
        .as('leftThePlan'),
    )
    .where('postId', '=', recurrence.postId)
    .where('accountId', '=', accountId)
    .execute();
  const known = new Map<string, { id: string; revives: boolean }>();
  const days: string[] = [];
  for (const row of rows) {
    if (row.recurrenceId === recurrence.id && row.occurrence)
      known.set(row.occurrence, { id: row.id, revives: row.state === 'withdrawn' && Boolean(row.leftThePlan) });
    if (row.state === 'published' || ACTIVE.some((state) => state === row.state))
      days.push(dayIn(recurrence.timeZone, row.publishedAt ?? row.dueAt));
  }
  return { known, days };
}

async function revive(inside: Inside, publicationId: string, accountId: string, dueAt: Date) {
  await inside.tx
    .updateTable('publications')
    .set({ state: 'scheduled', stateReason: null, dueAt, scheduledAt: inside.clock.now() })
    .where('id', '=', publicationId)
    .execute();
  await queue(inside, { id: publicationId, accountId, dueAt });
  return { publicationId, accountId, dueAt };
}
