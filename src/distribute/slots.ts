import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { done, id, instant, operation } from '#src/operation.ts';
import { isTimeZone } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** Monday is 1; `atTime` is local wall time, HH:MM, in an IANA zone. */
export type Slot = { weekday: number; atTime: string; timeZone: string };

/** How far ahead a free slot is looked for, in days. */
const FAR = 366;

/**
 * The instants of a slot from `after` (exclusive) on, in order. Where the clock is set forward over the slot's time, the
 * post goes out as much later (02:30 becomes 03:30); where it is set back, the first of the two counts, once.
 */
export function* instantsOf(slot: Slot, after: Date): Generator<Date> {
  const start = Temporal.Instant.fromEpochMilliseconds(after.getTime()).toZonedDateTimeISO(slot.timeZone).toPlainDate();
  const time = Temporal.PlainTime.from(slot.atTime);
  const ahead = (slot.weekday - start.dayOfWeek + 7) % 7;
  // A week before as well: in a gap at midnight the slot's instant lies on the day after its date.
  for (let day = start.add({ days: ahead - 7 }); ; day = day.add({ days: 7 })) {
    const local = day.toPlainDateTime(time);
    const at = new Date(local.toZonedDateTime(slot.timeZone, { disambiguation: 'compatible' }).epochMilliseconds);
    if (at > after) yield at;
  }
}

/** The first instant of these slots after `after` that is not taken; null when there is none within a year. */
export function firstFree(slots: readonly Slot[], after: Date, taken: ReadonlySet<number>): Date | null {
  const end = after.getTime() + FAR * 86_400_000;
  let best: Date | null = null;
  for (const slot of slots)
    for (const at of instantsOf(slot, after)) {
      if (at.getTime() > end || (best && at >= best)) break;
      if (taken.has(at.getTime())) continue;
      best = at;
      break;
    }
  return best;
}

/** The next free slot of an account after a moment, null when it has no slots (or none free within a year). */
export async function nextFreeSlot(inside: Inside, accountId: string, after: Date): Promise<Date | null> {
  const slots = await inside.tx
    .selectFrom('slots')
    .select(['weekday', 'atTime', 'timeZone'])
    .where('accountId', '=', accountId)
    .execute();
  const waiting = await inside.tx
    .selectFrom('publications')
    .select('dueAt')
    .where('accountId', '=', accountId)
    .where('state', 'in', ['scheduled', 'publishing', 'asking'])
    .where('dueAt', '>', after)
    .execute();
  return firstFree(slots, after, new Set(waiting.map((row) => row.dueAt.getTime())));
}

/** The moments of an account's slots between two moments, in order, taken or not, with the zone of each. */
export async function slotInstants(
  { tx }: Inside,
  accountId: string,
  after: Date,
  until: Date,
): Promise<{ at: Date; timeZone: string }[]> {
  const slots = await tx
    .selectFrom('slots')
    .select(['weekday', 'atTime', 'timeZone'])
    .where('accountId', '=', accountId)
    .execute();
  const all: { at: Date; timeZone: string }[] = [];
  for (const slot of slots)
    for (const at of instantsOf(slot, after)) {
      if (at > until) break;
      all.push({ at, timeZone: slot.timeZone });
    }
  return all.sort((a, b) => a.at.getTime() - b.at.getTime());
}

/** Adds a slot for every weekday and time named; those that are there already stay. */
export async function addSlots(
  context: Context,
  wanted: { accountId: string; weekdays: number[]; atTimes: string[]; timeZone?: string | undefined },
): Promise<{ added: number }> {
  return transaction(context, async (inside) => {
    await accountOf(inside, wanted.accountId);
    const zone =
      wanted.timeZone ??
      (
        await inside.tx
          .selectFrom('workspaces')
          .select('timeZone')
          .where('id', '=', inside.workspaceId)
          .executeTakeFirst()
      )?.timeZone;
    if (!zone || !isTimeZone(zone))
      throw refuse('invalid', 'time_zone', `"${zone}" is not a time zone. Use an IANA name such as Europe/Berlin.`);
    const added = await inside.tx
      .insertInto('slots')
      .values(
        [...new Set(wanted.weekdays)].flatMap((weekday) =>
          [...new Set(wanted.atTimes)].map((atTime) => ({
            workspaceId: inside.workspaceId,
            accountId: wanted.accountId,
            weekday,
            atTime,
            timeZone: zone,
          })),
        ),
      )
      .onConflict((oc) => oc.columns(['workspaceId', 'accountId', 'weekday', 'atTime']).doNothing())
      .returning('id')
      .execute();
    return { added: added.length };
  });
}

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time is written 09:30.');
const shown = z.object({
  id,
  accountId: id,
  weekday: z.int(),
  atTime: z.string(),
  timeZone: z.string(),
  /** When it comes next, taken or not. */
  nextAt: z.date(),
});

export const slotOperations = {
  list: operation({
    summary: 'List the queue slots, of one account or of all.',
    route: 'GET /slots',
    access: 'read',
    input: z.strictObject({ accountId: id.optional() }),
    output: z.object({ slots: z.array(shown) }),
    run: (context, { accountId }) =>
      transaction(context, async ({ tx, clock }) => {
        const rows = await tx
          .selectFrom('slots')
          .select(['id', 'accountId', 'weekday', 'timeZone'])
          .select(sql<string>`to_char(at_time, 'HH24:MI')`.as('atTime'))
          .$if(accountId !== undefined, (query) => query.where('accountId', '=', accountId ?? ''))
          .orderBy('weekday')
          .orderBy('slots.atTime')
          .execute();
        const now = clock.now();
        return { slots: rows.map((row) => ({ ...row, nextAt: firstFree([row], now, new Set()) ?? now })) };
      }),
  }),
  add: operation({
    summary: 'Add queue slots: weekdays (1 = Monday) at local times.',
    route: 'POST /slots',
    access: 'write',
    input: z
      .strictObject({
        accountId: id,
        weekdays: z.array(z.int().min(1).max(7)).min(1).max(7),
        atTime: time.optional(),
        /** Several at once. */
        atTimes: z.array(time).min(1).max(24).optional(),
        timeZone: z.string().max(64).optional(),
      })
      .refine((input) => input.atTime || input.atTimes, 'Name a time (atTime) or several (atTimes).'),
    output: z.object({ added: z.int() }),
    run: (context, { atTime, atTimes, ...wanted }) =>
      addSlots(context, { ...wanted, atTimes: [...(atTime ? [atTime] : []), ...(atTimes ?? [])] }),
  }),
  remove: operation({
    summary: 'Remove a queue slot; what is scheduled in it stays.',
    route: 'DELETE /slots/{slotId}',
    access: 'write',
    input: z.strictObject({ slotId: id }),
    output: done,
    run: (context, { slotId }) =>
      transaction(context, async ({ tx }) => {
        const row = await tx.deleteFrom('slots').where('id', '=', slotId).returning('id').executeTakeFirst();
        if (!row) throw notFound('slot');
        return { done: true };
      }),
  }),
  next: operation({
    summary: 'Show the next free slot of an account.',
    route: 'GET /slots/next',
    access: 'read',
    input: z.strictObject({ accountId: id, after: instant.optional() }),
    output: z.object({ at: z.date().nullable() }),
    run: (context, { accountId, after }) =>
      transaction(context, async (inside) => {
        await accountOf(inside, accountId);
        return { at: await nextFreeSlot(inside, accountId, after ?? inside.clock.now()) };
      }),
  }),
};
