import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { day, done, id, money, operation, pageInput } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { importCosts, importedCosts, costKinds as kinds } from './costs/import.ts';

const amountInput = z.strictObject({
  minor: z.string().regex(/^\d{1,18}$/, 'An amount is a whole number of minor units, e.g. "1250" for 12.50.'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.'),
});
const newCost = z.strictObject({
  appId: id,
  day,
  kind: z.enum(kinds),
  /** Left out for time: it follows from minutes and rate. */
  amount: amountInput.optional(),
  minutes: z.int().min(1).max(100_000).optional(),
  /** Per hour; left out, the app's own rate counts. */
  hourlyRate: amountInput.optional(),
  campaignId: id.nullable().optional(),
  channelId: id.nullable().optional(),
  postId: id.nullable().optional(),
  note: z.string().trim().max(1000).optional(),
});

/** What own time costs: minutes × rate per hour / 60, in minor units, rounded half up, exact. */
export function costOfTime(minutes: number, hourlyRateMinor: bigint): bigint {
  return (BigInt(minutes) * hourlyRateMinor * 2n + 60n) / 120n;
}

/** Writes down what something cost. Own time is minutes times the hourly rate (given, else the app's own). */
export async function addCost(context: Context, wanted: z.output<typeof newCost> & { fileKey?: string }) {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    await assertParts(inside, wanted);
    const { amount, rate } = await amountOf(inside, wanted);
    const row = await inside.tx
      .insertInto('costEntries')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        campaignId: wanted.campaignId ?? null,
        channelId: wanted.channelId ?? null,
        postId: wanted.postId ?? null,
        day: wanted.day,
        kind: wanted.kind,
        amountMinor: amount.minor,
        currency: amount.currency,
        minutes: wanted.minutes ?? null,
        hourlyRateMinor: rate,
        note: wanted.note ?? '',
        fileKey: wanted.fileKey ?? null,
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'costs.add', subject: row.id, after: { day: wanted.day, ...amount } });
    await record(inside, 'cost.added', { subjectId: row.id, detail: { appId: wanted.appId, kind: wanted.kind } });
    return { id: row.id, amount };
  });
}

async function amountOf(
  inside: Inside,
  wanted: z.output<typeof newCost>,
): Promise<{ amount: { minor: string; currency: string }; rate: string | null }> {
  if (wanted.kind !== 'time') {
    if (!wanted.amount) throw refuse('invalid', 'amount_missing', 'Say how much it cost.');
    if (wanted.minutes !== undefined || wanted.hourlyRate)
      throw refuse('invalid', 'minutes_without_time', 'Minutes and a rate belong to the kind "time" only.');
    return { amount: wanted.amount, rate: null };
  }
  if (wanted.minutes === undefined) throw refuse('invalid', 'minutes_missing', 'Say how many minutes it took.');
  if (wanted.amount)
    throw refuse('invalid', 'amount_of_time', 'The amount of own time follows from minutes and rate. Leave it out.');
  const rate = wanted.hourlyRate ?? (await ownRate(inside, wanted.appId));
  return {
    amount: { minor: String(costOfTime(wanted.minutes, BigInt(rate.minor))), currency: rate.currency },
    rate: rate.minor,
  };
}

async function ownRate(inside: Inside, appId: string): Promise<{ minor: string; currency: string }> {
  const row = await inside.tx
    .selectFrom('trackingSettings')
    .select('hourlyRateMinor')
    .where('appId', '=', appId)
    .executeTakeFirst();
  if (row?.hourlyRateMinor == null)
    throw refuse('invalid', 'rate_missing', 'Say what an hour of your time is worth, here or in the app’s settings.');
  return { minor: row.hourlyRateMinor, currency: (await workspaceOf(inside)).currency };
}

async function assertParts({ tx }: Inside, wanted: z.output<typeof newCost>): Promise<void> {
  for (const [table, value, what] of [
    ['campaigns', wanted.campaignId, 'campaign'],
    ['channels', wanted.channelId, 'channel'],
    ['posts', wanted.postId, 'post'],
  ] as const) {
    if (!value) continue;
    const row = await tx
      .selectFrom(table)
      .select('id')
      .where('id', '=', value)
      .where('appId', '=', wanted.appId)
      .executeTakeFirst();
    if (!row) throw notFound(`${what} of this app`);
  }
}

/** Removes an entry a person made or imported; those of the spend ledger belong to it. */
export async function removeCost(context: Context, costId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const row = await inside.tx
      .selectFrom('costEntries')
      .select(['source', 'amountMinor', 'currency', 'day'])
      .where('id', '=', costId)
      .executeTakeFirst();
    if (!row) throw notFound('cost entry');
    if (row.source === 'spend_ledger')
      throw refuse('conflict', 'from_ledger', 'A platform charged this; it stays in the ledger.');
    await inside.tx.deleteFrom('costEntries').where('id', '=', costId).execute();
    await audit(inside, { operation: 'costs.remove', subject: costId, before: row });
  });
}

const listInput = z.strictObject({
  ...pageInput,
  appId: id.optional(),
  campaignId: id.optional(),
  kind: z.enum(kinds).optional(),
  from: day.optional(),
  to: day.optional(),
});
const shownCost = z.object({
  id,
  appId: id,
  day: z.string(),
  kind: z.enum(kinds),
  amount: money,
  minutes: z.int().nullable(),
  hourlyRateMinor: z.string().nullable(),
  note: z.string(),
  source: z.enum(['person', 'spend_ledger', 'import']),
  campaign: z.object({ id, name: z.string() }).nullable(),
  channel: z.object({ id, name: z.string() }).nullable(),
  post: z.object({ id, title: z.string() }).nullable(),
});

async function listCosts({ tx }: Inside, input: z.output<typeof listInput>) {
  const filtered = tx
    .selectFrom('costEntries')
    .$if(input.appId !== undefined, (query) => query.where('costEntries.appId', '=', input.appId ?? ''))
    .$if(input.campaignId !== undefined, (query) => query.where('costEntries.campaignId', '=', input.campaignId ?? ''))
    .$if(input.kind !== undefined, (query) => query.where('costEntries.kind', '=', input.kind ?? 'other'))
    .$if(input.from !== undefined, (query) => query.where('costEntries.day', '>=', input.from ?? ''))
    .$if(input.to !== undefined, (query) => query.where('costEntries.day', '<=', input.to ?? ''));
  const [day_ = '', costId = ''] = (input.cursor ?? '').split('_');
  if (input.cursor !== undefined && (!day.safeParse(day_).success || !id.safeParse(costId).success))
    throw refuse('invalid', 'cursor', 'This is not a cursor from the page before. Start again without one.');
  const rows = await filtered
    .leftJoin('campaigns', 'campaigns.id', 'costEntries.campaignId')
    .leftJoin('channels', 'channels.id', 'costEntries.channelId')
    .leftJoin('posts', 'posts.id', 'costEntries.postId')
    .selectAll('costEntries')
    .select(['campaigns.name as campaignName', 'channels.name as channelName', 'posts.title as postTitle'])
    .$if(input.cursor !== undefined, (query) =>
      query.where((eb) =>
        eb.or([
          eb('costEntries.day', '<', day_),
          eb.and([eb('costEntries.day', '=', day_), eb('costEntries.id', '<', costId)]),
        ]),
      ),
    )
    .orderBy('costEntries.day', 'desc')
    .orderBy('costEntries.id', 'desc')
    .limit(input.limit)
    .execute();
  const totals = await filtered
    .select((eb) => ['costEntries.currency', 'costEntries.kind', eb.fn.sum<string>('amountMinor').as('minor')])
    .groupBy(['costEntries.currency', 'costEntries.kind'])
    .orderBy('costEntries.currency')
    .orderBy('costEntries.kind')
    .execute();
  const last = rows.at(-1);
  return {
    costs: rows.map(({ campaignId, channelId, postId, ...row }) => ({
      ...row,
      amount: { minor: row.amountMinor, currency: row.currency },
      campaign: campaignId ? { id: campaignId, name: row.campaignName ?? '' } : null,
      channel: channelId ? { id: channelId, name: row.channelName ?? '' } : null,
      post: postId ? { id: postId, title: row.postTitle ?? '' } : null,
    })),
    totals: totals.map((row) => ({ kind: row.kind, amount: { minor: row.minor, currency: row.currency } })),
    cursor: rows.length === input.limit && last ? `${last.day}_${last.id}` : null,
  };
}

export const costOperations = {
  add: operation({
    summary: 'Write down what something cost: money, or own time at a rate.',
    route: 'POST /costs',
    access: 'write',
    input: newCost,
    output: z.object({ id, amount: money }),
    run: addCost,
  }),
  list: operation({
    summary: 'List costs, newest first, with totals by kind and currency.',
    route: 'GET /costs',
    access: 'read',
    input: listInput,
    output: z.object({
      costs: z.array(shownCost),
      totals: z.array(z.object({ kind: z.enum(kinds), amount: money })),
      cursor: z.string().nullable(),
    }),
    run: (context, input) => transaction(context, (inside) => listCosts(inside, input)),
  }),
  import: operation({
    summary: 'Write down the costs of a table (CSV): date, channel, kind, amount, currency.',
    route: 'POST /apps/{appId}/costs/import',
    access: 'write',
    input: z.strictObject({ appId: id, csv: z.string().min(1).max(2_000_000) }),
    output: importedCosts,
    run: importCosts,
  }),
  remove: operation({
    summary: 'Remove a cost entry.',
    route: 'DELETE /costs/{costId}',
    access: 'destructive',
    input: z.strictObject({ costId: id }),
    output: done,
    run: async (context, { costId }) => {
      await removeCost(context, costId);
      return { done: true };
    },
  }),
};
