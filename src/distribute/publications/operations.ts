import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, shared, transaction } from '#src/context.ts';
import { settleByHand } from '#src/distribute/publications/by-hand.ts';
import type { When } from '#src/distribute/publications/checks.ts';
import { pause, pauseInForce, resume } from '#src/distribute/publications/pauses.ts';
import { decide, reschedule, retry, schedule, withdraw } from '#src/distribute/publications/schedule.ts';
import {
  listPublications,
  readPublication,
  shownPublication,
  shownReceipt,
  states,
} from '#src/distribute/publications/show.ts';
import { done, id, idCursor, instant, nothing, operation, pageInput } from '#src/operation.ts';

const one = z.strictObject({ publicationId: id });
const accountIds = z.array(id).min(1).max(50);
const when = {
  /** A moment; left out with `nextSlot`. */
  at: instant.optional(),
  /** Into each account's next free slot. */
  nextSlot: z.boolean().optional(),
};
const eitherWhen = (input: { at?: Date | undefined; nextSlot?: boolean | undefined }) =>
  (input.at === undefined) !== !input.nextSlot;
const EITHER = 'Name a moment (at) or the next free slot (nextSlot).';
const whenOf = (input: { at?: Date | undefined }): When => (input.at ? { at: input.at } : 'next_slot');
const scheduled = z.object({
  publications: z.array(z.object({ publicationId: id, accountId: id, dueAt: z.date() })),
});

/** Operations on posts that this stage brings: they stand in the catalog beside those of plan/posts. */
export const schedulingOperations = {
  schedule: operation({
    summary: 'Schedule a post on accounts; a draft is approved by this.',
    route: 'POST /posts/{postId}/schedule',
    access: 'write',
    input: z
      .strictObject({ postId: id, accountIds, ...when, evenIfSimilar: z.boolean().optional() })
      .refine(eitherWhen, EITHER),
    output: scheduled,
    run: async (context, input) => ({ publications: await schedule(context, { ...input, when: whenOf(input) }) }),
  }),
  publishNow: operation({
    summary: 'Publish a post on accounts now; a draft is approved by this.',
    route: 'POST /posts/{postId}/publish',
    access: 'destructive',
    input: z.strictObject({ postId: id, accountIds, evenIfSimilar: z.boolean().optional() }),
    output: scheduled,
    run: async (context, input) => ({ publications: await schedule(context, { ...input, when: 'now' }) }),
  }),
};

export const publicationOperations = {
  list: operation({
    summary: 'List publications by time: the calendar and the queue.',
    route: 'GET /publications',
    access: 'read',
    input: z.strictObject({
      state: z.union([z.enum(states).transform((state) => [state]), z.array(z.enum(states)).min(1)]).optional(),
      appId: id.optional(),
      postId: id.optional(),
      accountId: id.optional(),
      from: instant.optional(),
      to: instant.optional(),
      order: z.enum(['soonest', 'latest']).default('soonest'),
      ...pageInput,
      cursor: idCursor,
    }),
    output: z.object({ publications: z.array(shownPublication), cursor: z.string().nullable() }),
    run: (context, input) => transaction(context, (inside) => listPublications(inside, input)),
  }),
  get: operation({
    summary: 'Show a publication with its receipts: what was asked, what came back, what it cost.',
    route: 'GET /publications/{publicationId}',
    access: 'read',
    input: one,
    output: shownReceipt,
    run: (context, { publicationId }) => transaction(context, (inside) => readPublication(inside, publicationId)),
  }),
  reschedule: operation({
    summary: 'Move a publication to another moment or to the next free slot.',
    route: 'POST /publications/{publicationId}/reschedule',
    access: 'write',
    input: z.strictObject({ publicationId: id, ...when }).refine(eitherWhen, EITHER),
    output: z.object({ dueAt: z.date() }),
    run: (context, input) => reschedule(context, input.publicationId, whenOf(input)),
  }),
  publishNow: operation({
    summary: 'Publish a scheduled publication now.',
    route: 'POST /publications/{publicationId}/publish',
    access: 'destructive',
    input: one,
    output: z.object({ dueAt: z.date() }),
    run: (context, { publicationId }) => reschedule(context, publicationId, 'now'),
  }),
  withdraw: operation({
    summary: 'Take a publication back before it goes out.',
    route: 'POST /publications/{publicationId}/withdraw',
    access: 'write',
    input: z.strictObject({ publicationId: id, reason: z.string().trim().max(500).optional() }),
    output: done,
    run: async (context, { publicationId, reason }) => {
      await withdraw(context, publicationId, reason);
      return { done: true };
    },
  }),
  decide: operation({
    summary: 'Say whether a publication that was late should still go out.',
    route: 'POST /publications/{publicationId}/decide',
    access: 'destructive',
    input: z.strictObject({ publicationId: id, decision: z.enum(['publish', 'skip']) }),
    output: done,
    run: async (context, { publicationId, decision }) => {
      await decide(context, publicationId, decision);
      return { done: true };
    },
  }),
  retry: operation({
    summary: 'Try a failed publication again, from its first part that is not out yet.',
    route: 'POST /publications/{publicationId}/retry',
    access: 'destructive',
    input: one,
    output: done,
    run: async (context, { publicationId }) => {
      await retry(context, publicationId);
      return { done: true };
    },
  }),
  settle: operation({
    summary: 'Say whether a part is out when the platform never said so: its address there, or null to send it again.',
    route: 'POST /publications/{publicationId}/settle',
    access: 'destructive',
    input: z.strictObject({
      publicationId: id,
      position: z.int().min(0).max(100),
      url: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .nullable(),
    }),
    output: done,
    run: async (context, input) => {
      await settleByHand(context, input);
      return { done: true };
    },
  }),
  health: operation({
    summary: 'Show whether publishing runs: the last look at the queue, what is late, what goes out next.',
    route: 'GET /publications/health',
    access: 'read',
    input: nothing,
    output: z.object({
      /** A process looked at the queue within the last 30 seconds. */
      running: z.boolean(),
      lastTickAt: z.date().nullable(),
      publishers: z.int(),
      waiting: z.int(),
      overdue: z.int(),
      asking: z.int(),
      next: shownPublication.nullable(),
    }),
    run: (context) => healthOf(context),
  }),
};

const pauseShown = z.object({
  reason: z.string(),
  pausedBy: z.string(),
  /** Who that is; null when it was no person. */
  pausedByName: z.string().nullable(),
  pausedAt: z.date(),
  until: z.date().nullable(),
});

export const publishingOperations = {
  pauseAll: operation({
    summary: 'Hold all publishing of this workspace; the queue waits.',
    route: 'POST /publishing/pause',
    access: 'write',
    input: z.strictObject({ reason: z.string().trim().min(1).max(500), until: instant.optional() }),
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => ({ done: await pause(inside, { accountId: null, ...input }) })),
  }),
  resume: operation({
    summary: 'Go on with publishing.',
    route: 'POST /publishing/resume',
    access: 'write',
    input: nothing,
    output: done,
    run: (context) => transaction(context, async (inside) => ({ done: await resume(inside, null) })),
  }),
  status: operation({
    summary: 'Show whether publishing is held, for all or for accounts.',
    route: 'GET /publishing',
    access: 'read',
    input: nothing,
    output: z.object({
      paused: pauseShown.nullable(),
      accounts: z.array(pauseShown.extend({ accountId: id, handle: z.string(), platform: z.string() })),
    }),
    run: (context) =>
      transaction(context, async (inside) => {
        const accounts = await inside.tx
          .selectFrom('pauses')
          .innerJoin('accounts', 'accounts.id', 'pauses.accountId')
          .select(['pauses.reason', 'pauses.pausedBy', 'pauses.pausedAt', 'pauses.until'])
          .leftJoin('users', (join) => join.on(sql`'user:' || users.id`, '=', sql.ref('pauses.paused_by')))
          .select(['accounts.id as accountId', 'accounts.handle', 'accounts.platform', 'users.name as pausedByName'])
          .where('resumedAt', 'is', null)
          .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', inside.clock.now())]))
          .execute();
        const paused = await pauseInForce(inside, null);
        return { paused: paused && { ...paused, pausedByName: await nameOf(inside, paused.pausedBy) }, accounts };
      }),
  }),
};

/** The person behind an actor such as `user:<id>`; null for keys and the system. */
async function nameOf({ tx }: Inside, actor: string): Promise<string | null> {
  if (!actor.startsWith('user:')) return null;
  const user = await tx.selectFrom('users').select('name').where('id', '=', actor.slice(5)).executeTakeFirst();
  return user?.name ?? null;
}

async function healthOf(context: Context) {
  const now = context.clock.now();
  const ticks = await shared(context, (tx) =>
    tx
      .selectFrom('publishers')
      .select((eb) => [eb.fn.max('tickedAt').as('last'), eb.fn.countAll<number>().as('count')])
      .where('tickedAt', '>', new Date(now.getTime() - 30_000))
      .executeTakeFirstOrThrow(),
  );
  return transaction(context, async (inside) => {
    const counts = await inside.tx
      .selectFrom('publications')
      .select((eb) => [
        eb.fn.countAll<number>().filterWhere('state', 'in', ['scheduled', 'publishing']).as('waiting'),
        eb.fn
          .countAll<number>()
          .filterWhere('state', 'in', ['scheduled', 'publishing'])
          .filterWhere('dueAt', '<', new Date(now.getTime() - 60_000))
          .as('overdue'),
        eb.fn.countAll<number>().filterWhere('state', '=', 'asking').as('asking'),
      ])
      .executeTakeFirstOrThrow();
    const { publications } = await listPublications(inside, {
      state: ['scheduled', 'publishing'],
      order: 'soonest',
      limit: 1,
    });
    const last = ticks.last ?? null;
    return {
      running: last !== null,
      lastTickAt: last,
      publishers: ticks.count,
      ...counts,
      next: publications[0] ?? null,
    };
  });
}
