import { sql } from 'kysely';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Inside, userOf } from '#src/context.ts';
import { day, id } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { isTimeZone, workspaceOf } from '#src/people/workspaces.ts';
import { postStatuses } from '#src/plan/posts/read.ts';
import { dayIn, momentOf } from '#src/plan/times.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { dayOfTime, momentsOf, occurrencesOf, type Rule, shortestGap } from './occurrences.ts';

/** X takes a text it has seen within about a day for a mistake, on no account twice on one day. */
const LEAST_COOL_DOWN = 1;

export const recurInput = z
  .strictObject({
    postId: id,
    accountIds: z.array(id).min(1).max(50),
    weekdays: z.array(z.int().min(1).max(7)).min(1).max(7),
    atTime: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time is written 09:30.'),
    /** The workspace's own zone when left out. */
    timeZone: z.string().refine(isTimeZone, 'This is not an IANA time zone such as Europe/Berlin.').optional(),
    everyWeeks: z.int().min(1).max(52).default(1),
    /** Today when left out. */
    startsOn: day.optional(),
    /** The last day that counts; without it and `times`, until it is stopped. */
    endsOn: day.optional(),
    times: z.int().min(1).max(500).optional(),
    coolDownDays: z.int().min(0).max(3650).default(LEAST_COOL_DOWN),
    evenIfSimilar: z.boolean().optional(),
  })
  .refine((input) => !(input.endsOn && input.times), 'Name a last day (endsOn) or a number of times, not both.');

export type Recurrence = Rule & {
  id: string;
  postId: string;
  atTime: string;
  timeZone: string;
  coolDownDays: number;
};

/** Lets a post come again on some weekdays at a local time. Its publications are made by distribute/publications. */
export async function startRecurrence(
  inside: Inside,
  wanted: z.output<typeof recurInput>,
): Promise<{ recurrence: Recurrence; warnings: string[] }> {
  const accounts = await inside.tx
    .selectFrom('accounts')
    .select(['id', 'platform', 'handle', 'status'])
    .where('id', 'in', wanted.accountIds)
    .execute();
  if (accounts.length < new Set(wanted.accountIds).size) throw notFound('account');
  const removed = accounts.find((account) => account.status === 'removed');
  if (removed)
    throw refuse('conflict', 'account_removed', `@${removed.handle} is disconnected. Connect it again first.`);
  const timeZone = wanted.timeZone ?? (await workspaceOf(inside)).timeZone;
  const today = dayIn(timeZone, inside.clock.now());
  const startsOn = wanted.startsOn ?? today;
  if (startsOn < today)
    throw refuse('invalid', 'in_the_past', 'It would begin in the past. Choose today or a later day.');
  const weekdays = [...new Set(wanted.weekdays)].sort();
  const rule = { weekdays, everyWeeks: wanted.everyWeeks, startsOn };
  const endsOn = wanted.endsOn ?? (wanted.times ? dayOfTime(rule, wanted.times) : null);
  if (wanted.times && !endsOn)
    throw refuse('invalid', 'too_far', 'Its last time lies more than 20 years ahead. Choose fewer times.');
  const now = inside.clock.now();
  const all = { ...rule, endsOn };
  const comes = [...upTo(occurrencesOf(all), 3)].some((date) => momentOf(timeZone, date, wanted.atTime) > now);
  if (!comes) throw refuse('invalid', 'never', 'It would never go out: none of its days lies before its end.');
  const coolDownDays = Math.max(wanted.coolDownDays, LEAST_COOL_DOWN);
  const { id: recurrenceId } = await inside.tx
    .insertInto('recurrences')
    .values({
      workspaceId: inside.workspaceId,
      postId: wanted.postId,
      ...all,
      atTime: wanted.atTime,
      timeZone,
      coolDownDays,
      createdBy: userOf(inside),
      createdAt: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await inside.tx
    .insertInto('recurrenceAccounts')
    .values(accounts.map((account) => ({ workspaceId: inside.workspaceId, recurrenceId, accountId: account.id })))
    .execute();
  await audit(inside, { operation: 'calendar.recur', subject: recurrenceId, after: { ...all, atTime: wanted.atTime } });
  await record(inside, 'recurrence.started', { subjectId: recurrenceId, detail: { postId: wanted.postId } });
  return {
    recurrence: { id: recurrenceId, postId: wanted.postId, ...all, atTime: wanted.atTime, timeZone, coolDownDays },
    warnings: warningsOf(all, coolDownDays, accounts),
  };
}

/** Ends it from now on; false when it was stopped before. What waits of it is taken back by distribute/publications. */
export async function stopRecurrence(inside: Inside, recurrenceId: string): Promise<boolean> {
  const row = await inside.tx
    .selectFrom('recurrences')
    .select(['postId', 'stoppedAt'])
    .where('id', '=', recurrenceId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('recurrence');
  if (row.stoppedAt) return false;
  await inside.tx
    .updateTable('recurrences')
    .set({ stoppedAt: inside.clock.now() })
    .where('id', '=', recurrenceId)
    .execute();
  await audit(inside, { operation: 'calendar.stopRecurrence', subject: recurrenceId });
  await record(inside, 'recurrence.stopped', { subjectId: recurrenceId, detail: { postId: row.postId } });
  return true;
}

/** Whether a post has days of its own on which it comes again, today or later. */
export async function comesAgain({ tx, clock }: Inside, postId: string): Promise<boolean> {
  const today = dayIn('UTC', clock.now());
  const row = await tx
    .selectFrom('recurrences')
    .select('id')
    .where('postId', '=', postId)
    .where('stoppedAt', 'is', null)
    .where((eb) => eb.or([eb('endsOn', 'is', null), eb('endsOn', '>=', today)]))
    .executeTakeFirst();
  return row !== undefined;
}

function warningsOf(rule: Rule, coolDownDays: number, accounts: readonly { platform: string }[]): string[] {
  const gap = shortestGap(rule);
  if (gap === null) return [];
  const warnings: string[] = [];
  if (gap < coolDownDays)
    warnings.push(
      `Some of its days are ${gap === 1 ? 'a day' : `${gap} days`} apart, and it rests ${coolDownDays} days. What falls into its rest is skipped.`,
    );
  if (gap === 1 && coolDownDays < 2 && accounts.some((account) => account.platform === 'x'))
    warnings.push('X refuses a text it has seen within about a day. Leave two days between, or let it rest longer.');
  return warnings;
}

function* upTo<T>(all: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const one of all) {
    if (left-- <= 0) return;
    yield one;
  }
}

export const shownRecurrence = z.object({
  id,
  post: z.object({ id, title: z.string(), status: z.enum(postStatuses) }),
  weekdays: z.array(z.int()),
  atTime: z.string(),
  timeZone: z.string(),
  everyWeeks: z.int(),
  startsOn: z.string(),
  endsOn: z.string().nullable(),
  coolDownDays: z.int(),
  /** `ended`: its last day is over. */
  state: z.enum(['running', 'ended', 'stopped']),
  accounts: z.array(z.object({ id, platform: z.string(), handle: z.string() })),
  /** How often it went out so far. */
  published: z.int(),
  /** The next of its moments by the rule, at most five; what falls into its rest is skipped. */
  coming: z.array(z.date()),
});

export const recurrencesInput = z.strictObject({
  appId: id.optional(),
  postId: id.optional(),
  /** Also those that ended or were stopped. */
  all: z.boolean().default(false),
});

/** What comes again, the newest first. */
export async function listRecurrences(
  inside: Inside,
  input: z.output<typeof recurrencesInput>,
): Promise<z.input<typeof shownRecurrence>[]> {
  const now = inside.clock.now();
  const rows = await inside.tx
    .selectFrom('recurrences')
    .innerJoin('posts', 'posts.id', 'recurrences.postId')
    .select(['recurrences.id', 'recurrences.weekdays', 'recurrences.timeZone', 'recurrences.everyWeeks'])
    .select(['recurrences.startsOn', 'recurrences.endsOn', 'recurrences.coolDownDays', 'recurrences.stoppedAt'])
    .select(['posts.id as postId', 'posts.title', 'posts.status'])
    .select([
      sql<string>`to_char(recurrences.at_time, 'HH24:MI')`.as('atTime'),
      sql<number>`(select count(*) from publications p where p.recurrence_id = recurrences.id and p.state = 'published')`.as(
        'published',
      ),
      sql<{ id: string; platform: string; handle: string }[]>`coalesce((
        select json_agg(json_build_object('id', a.id, 'platform', a.platform, 'handle', a.handle) order by a.platform, a.handle)
        from recurrence_accounts r join accounts a on a.id = r.account_id where r.recurrence_id = recurrences.id), '[]')`.as(
        'accounts',
      ),
    ])
    .$if(input.appId !== undefined, (query) => query.where('posts.appId', '=', input.appId ?? ''))
    .$if(input.postId !== undefined, (query) => query.where('posts.id', '=', input.postId ?? ''))
    .orderBy('recurrences.createdAt', 'desc')
    .limit(500)
    .execute();
  return rows
    .map(({ postId, title, status, stoppedAt, ...row }) => {
      const ended = row.endsOn !== null && momentOf(row.timeZone, row.endsOn, row.atTime) <= now;
      const state = stoppedAt ? ('stopped' as const) : ended ? ('ended' as const) : ('running' as const);
      const far = new Date(now.getTime() + 400 * 864e5);
      const coming = state === 'running' ? [...upTo(momentsOf(row, now, far), 5)].map(({ at }) => at) : [];
      return { ...row, post: { id: postId, title, status }, state, coming };
    })
    .filter((row) => input.all || row.state === 'running');
}
