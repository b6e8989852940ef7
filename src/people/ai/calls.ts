import { sql } from 'kysely';
import { z } from 'zod';
import { monthOf } from '#src/ask.ts';
import { type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { dataClass } from './limits.ts';
import { callsRunning, runningCall } from './running.ts';

const outcomes = ['running', 'answered', 'repaired', 'unused', 'failed', 'cancelled', 'lost'] as const;

const shownCall = z.object({
  id,
  /** What asked: analyse, draft, test. */
  purpose: z.string(),
  /** The row the answer is for: an analysis, an app, a campaign. */
  subject: id.nullable(),
  provider: z.string(),
  model: z.string(),
  /** Number and content hash of the prompt's file. */
  promptVersion: z.string(),
  startedAt: z.date(),
  milliseconds: z.int(),
  inputTokens: z.int(),
  outputTokens: z.int(),
  /** The server did not say how many; counted from the text. */
  estimated: z.boolean(),
  /** Millionths of a US dollar; null while it runs and when the price is not known. */
  costMicros: z.int().nullable(),
  /** The most it could cost, as set aside from the budget before the call. */
  reservedMicros: z.int().nullable(),
  priceSource: z.enum(['local', 'list', 'own', 'unknown']),
  /** Day of the price table (YYYY-MM-DD), where it was used. */
  pricedOn: z.string().nullable(),
  outcome: z.enum(outcomes),
  message: z.string().nullable(),
  sent: z.array(dataClass),
  withheld: z.array(dataClass),
});

const columns = [
  'id',
  'purpose',
  'subject',
  'provider',
  'model',
  'promptVersion',
  'startedAt',
  'milliseconds',
  'inputTokens',
  'outputTokens',
  'estimated',
  'costMicros',
  'reservedMicros',
  'priceSource',
  'outcome',
  'message',
  'sent',
  'withheld',
] as const;

function calls({ tx }: Inside) {
  return tx.selectFrom('aiCalls').select([...columns, sql<string | null>`priced_on::text`.as('pricedOn')]);
}

type CallRow = Awaited<ReturnType<ReturnType<typeof calls>['execute']>>[number];

function show(row: CallRow): z.input<typeof shownCall> {
  return {
    ...row,
    sent: row.sent.map((one) => dataClass.parse(one)),
    withheld: row.withheld.map((one) => dataClass.parse(one)),
  };
}

export const callOperations = {
  months: operation({
    summary: 'Show what the model cost, month by month and by what asked it.',
    route: 'GET /ai/months',
    access: 'read',
    input: z.strictObject({}),
    output: z.object({
      months: z.array(
        z.object({
          /** YYYY-MM, by UTC. */
          month: z.string(),
          purpose: z.string(),
          calls: z.int(),
          inputTokens: z.int(),
          outputTokens: z.int(),
          /** Of the calls whose price is known. */
          costMicros: z.int(),
          /** Calls that ended and whose price is not known. */
          unpriced: z.int(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async ({ tx }) => {
        const month = sql<string>`to_char(started_at at time zone 'UTC', 'YYYY-MM')`;
        const rows = await tx
          .selectFrom('aiCalls')
          .select((eb) => [
            month.as('month'),
            'purpose',
            eb.fn.countAll<number>().as('calls'),
            eb.fn.sum<string>('inputTokens').as('input'),
            eb.fn.sum<string>('outputTokens').as('output'),
            eb.fn.sum<string | null>('costMicros').as('micros'),
            sql<number>`count(*) filter (where outcome <> 'running' and cost_micros is null)`.as('unpriced'),
          ])
          .groupBy([month, 'purpose'])
          .orderBy(month, 'desc')
          .orderBy('purpose')
          .limit(200)
          .execute();
        return {
          months: rows.map(({ input, output, micros, ...row }) => ({
            ...row,
            unpriced: Number(row.unpriced),
            inputTokens: Number(input),
            outputTokens: Number(output),
            costMicros: Number(micros ?? 0),
          })),
        };
      }),
  }),
  calls: operation({
    summary: 'List the calls to the model of one month, newest first.',
    route: 'GET /ai/calls',
    access: 'read',
    input: z.strictObject({
      month: z
        .string()
        .regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'A month is written like 2026-11.')
        .optional(),
      /** Where the page before ended. */
      cursor: z
        .string()
        .regex(/^[0-9T:.Z-]{20,30}_[0-9a-f-]{36}$/, 'Use the cursor of the page before.')
        .optional(),
      limit: z.int().min(1).max(100).default(25),
    }),
    output: z.object({ calls: z.array(shownCall), cursor: z.string().nullable() }),
    run: (context, { month, cursor, limit }) =>
      transaction(context, async (inside) => {
        const { since, until } = monthOf(inside.clock.now(), month);
        let rows = calls(inside).where('startedAt', '>=', since).where('startedAt', '<', until);
        if (cursor) {
          const [at = '', last = ''] = cursor.split('_');
          rows = rows.where(sql<boolean>`(started_at, id) < (${at}::timestamptz, ${last}::uuid)`);
        }
        const found = await rows
          .orderBy('startedAt', 'desc')
          .orderBy('id', 'desc')
          .limit(limit + 1)
          .execute();
        const page = found.slice(0, limit);
        const last = found.length > limit ? page.at(-1) : undefined;
        return { calls: page.map(show), cursor: last ? `${last.startedAt.toISOString()}_${last.id}` : null };
      }),
  }),
  call: operation({
    summary: 'Show one call to the model and what it answered.',
    route: 'GET /ai/calls/{callId}',
    access: 'read',
    input: z.strictObject({ callId: id }),
    output: shownCall.extend({
      /** What the model wrote, unchecked; so far while it runs. */
      answer: z.string().nullable(),
    }),
    run: (context, { callId }) =>
      transaction(context, async (inside) => {
        const row = await calls(inside).select('answer').where('id', '=', callId).executeTakeFirst();
        if (!row) throw notFound('call');
        return { ...show(row), answer: row.answer };
      }),
  }),
  running: operation({
    summary: 'Show the calls to the model that run now, with what has arrived so far.',
    route: 'GET /ai/running',
    access: 'read',
    input: z.strictObject({}),
    output: z.object({ calls: z.array(runningCall) }),
    run: async (context) => ({ calls: await callsRunning(context) }),
  }),
};
