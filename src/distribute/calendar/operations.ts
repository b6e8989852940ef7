import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { endRecurrence, recur } from '#src/distribute/publications/recur.ts';
import { id, operation } from '#src/operation.ts';
import { isTimeZone, workspaceOf } from '#src/people/workspaces.ts';
import { recurInput } from '#src/plan/calendar.ts';
import { approvePost, submitPost, withdrawPost } from '#src/plan/posts.ts';
import { bulkResult, moveMany, scheduleMany, withdrawMany, withPosts } from './bulk.ts';
import { importCsv, importResult } from './import.ts';

const ids = z.array(id).min(1).max(200);
const timeZone = z.string().refine(isTimeZone, 'This is not an IANA time zone such as Europe/Berlin.').optional();
const note = z.string().trim().max(1000).optional();

/** Operations on the calendar that this stage brings: they stand in the catalog beside those of plan/calendar. */
export const planningOperations = {
  recur: operation({
    summary: 'Let a post come again on weekdays at a local time, until a day, so many times, or until it is stopped.',
    route: 'POST /posts/{postId}/recur',
    access: 'write',
    input: recurInput,
    output: z.object({
      recurrenceId: id,
      warnings: z.array(z.string()),
      /** The publications of the coming 30 days; later ones are made day by day. */
      scheduled: z.array(z.object({ publicationId: id, accountId: id, dueAt: z.date() })),
      skipped: z.array(z.object({ accountId: id, occurrence: z.string() })),
    }),
    run: recur,
  }),
  stopRecurrence: operation({
    summary: 'Stop a post from coming again; what waits of it is taken back.',
    route: 'POST /calendar/recurrences/{recurrenceId}/stop',
    access: 'write',
    input: z.strictObject({ recurrenceId: id }),
    output: z.object({ withdrawn: z.int() }),
    run: (context, { recurrenceId }) => endRecurrence(context, recurrenceId),
  }),
  moveMany: operation({
    summary: 'Move publications and drafts by days, or to another time of day; each one that cannot move is named.',
    route: 'POST /calendar/move',
    access: 'write',
    input: z
      .strictObject({
        publicationIds: z.array(id).max(200).default([]),
        /** Drafts, by their post. */
        postIds: z.array(id).max(200).default([]),
        days: z.int().min(-366).max(366).default(0),
        time: z
          .string()
          .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time is written 09:30.')
          .optional(),
        timeZone,
      })
      .refine((input) => input.days !== 0 || input.time !== undefined, 'Name days or a time of day.'),
    output: bulkResult,
    run: async (context, input) =>
      moveMany(context, { ...input, timeZone: input.timeZone ?? (await workspaceOf(context)).timeZone }),
  }),
  importCsv: operation({
    summary: 'Import a table of posts (CSV); a dry run unless told otherwise, with each bad row named.',
    route: 'POST /apps/{appId}/calendar/import',
    access: 'write',
    long: true,
    input: z.strictObject({
      appId: id,
      csv: z.string().min(1).max(2_000_000),
      dryRun: z.boolean().default(true),
      /** Schedule rows that name an account; else all become drafts for their moments. */
      schedules: z.boolean().default(true),
      /** Import a file that was imported before. */
      again: z.boolean().default(false),
      evenIfSimilar: z.boolean().default(false),
      /** Of rows that name none; the workspace's own when left out. */
      timeZone,
    }),
    output: importResult,
    run: importCsv,
  }),
};

/** Operations on many posts at once. */
export const manyPostsOperations = {
  scheduleMany: operation({
    summary: 'Schedule posts on accounts, where they are proposed or in the next free slots; failures are named.',
    route: 'POST /posts/schedule-many',
    access: 'write',
    input: z.strictObject({
      postIds: ids,
      accountIds: z.array(id).min(1).max(50),
      when: z.enum(['next_slot', 'as_proposed']).default('next_slot'),
      evenIfSimilar: z.boolean().optional(),
    }),
    output: bulkResult,
    run: scheduleMany,
  }),
  approveMany: operation({
    summary: 'Approve posts as they stand; failures are named.',
    route: 'POST /posts/approve-many',
    access: 'write',
    input: z.strictObject({ postIds: ids, note, evenIfSimilar: z.boolean().optional() }),
    output: bulkResult,
    run: (context, { postIds, ...options }) =>
      withPosts(context, postIds, (postId) => transaction(context, (inside) => approvePost(inside, postId, options))),
  }),
  submitMany: operation({
    summary: 'Send drafts for review; failures are named.',
    route: 'POST /posts/submit-many',
    access: 'write',
    input: z.strictObject({ postIds: ids, note }),
    output: bulkResult,
    run: (context, { postIds, note: why }) => withPosts(context, postIds, (postId) => submitPost(context, postId, why)),
  }),
  withdrawMany: operation({
    summary: 'Take posts out of the plan without removing them; failures are named.',
    route: 'POST /posts/withdraw-many',
    access: 'write',
    input: z.strictObject({ postIds: ids, note }),
    output: bulkResult,
    run: (context, { postIds, note: why }) =>
      withPosts(context, postIds, (postId) => withdrawPost(context, postId, why)),
  }),
};

/** Operations on many publications at once. */
export const manyPublicationsOperations = {
  withdrawMany: operation({
    summary: 'Take publications back before they go out; failures are named.',
    route: 'POST /publications/withdraw-many',
    access: 'write',
    input: z.strictObject({ publicationIds: ids, reason: z.string().trim().max(500).optional() }),
    output: bulkResult,
    run: (context, { publicationIds, reason }) => withdrawMany(context, publicationIds, reason),
  }),
};
