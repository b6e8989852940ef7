import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { booksOf } from '#src/measure/ledger/entries.ts';
import { explainDay } from '#src/measure/ledger/explain.ts';
import { day, id, money, operation } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const closedDay = z.object({
  day: z.string(),
  sourceId: id,
  source: z.string(),
  provider: z.string(),
  payments: money,
  attributed: money,
  unattributed: money,
  refunded: money,
  fees: money,
  /** Tax that a merchant of record keeps and remits. */
  taxKept: money,
  /** What the provider charges the account itself: only its statement tells. */
  charges: money,
  /** By the events. */
  paid: money,
  /** By the provider's own statement; null when it has none, or it is not read yet for this day. */
  stated: money.nullable(),
  uncredited: money,
  /** Stated less paid. */
  difference: money,
  closes: z.boolean(),
  closedAt: z.date(),
});

export const ledgerOperations = {
  days: operation({
    summary: 'List the closed days of each payment source: what its events say was paid against its own statement.',
    route: 'GET /ledger',
    access: 'read',
    input: z.strictObject({ appId: id, from: day.optional(), until: day.optional() }),
    output: z.object({
      /** Days are closed by UTC, as the providers' statements are. */
      timeZone: z.literal('UTC'),
      days: z.array(closedDay),
      /** For each source: what it is held against, and up to when its statement is known. */
      sources: z.array(
        z.object({
          sourceId: id,
          name: z.string(),
          provider: z.string(),
          hasStatement: z.boolean(),
          statementUntil: z.date().nullable(),
          words: z.string(),
        }),
      ),
    }),
    run: (context, { appId, from, until }) =>
      transaction(context, async (inside) => {
        const { tx } = inside;
        await appOf(inside, appId);
        const rows = await tx
          .selectFrom('ledgerDays')
          .innerJoin('paymentSources', 'paymentSources.id', 'ledgerDays.paymentSourceId')
          .selectAll('ledgerDays')
          .select(['paymentSources.name', 'paymentSources.provider'])
          .where('ledgerDays.appId', '=', appId)
          .$if(from !== undefined, (query) => query.where('day', '>=', from ?? ''))
          .$if(until !== undefined, (query) => query.where('day', '<=', until ?? ''))
          .orderBy('day', 'desc')
          .orderBy('currency')
          .orderBy('paymentSources.createdAt')
          .limit(400)
          .execute();
        const sources = await tx
          .selectFrom('paymentSources')
          .leftJoin('paymentBackfills', 'paymentBackfills.paymentSourceId', 'paymentSources.id')
          .select(['paymentSources.id', 'name', 'provider', 'completeUntil', 'sealedApiKey'])
          .where('appId', '=', appId)
          .where('removedAt', 'is', null)
          .orderBy('createdAt')
          .execute();
        const { stating } = booksOf(inside);
        return {
          timeZone: 'UTC' as const,
          days: rows.map((row) => {
            const amount = (minor: string) => ({ minor, currency: row.currency });
            return {
              day: row.day,
              sourceId: row.paymentSourceId,
              source: row.name,
              provider: row.provider,
              payments: amount(row.paymentsMinor),
              attributed: amount(row.attributedMinor),
              unattributed: amount(row.unattributedMinor),
              refunded: amount(row.refundedMinor),
              fees: amount(row.feesMinor),
              taxKept: amount(row.taxKeptMinor),
              charges: amount(row.chargesMinor),
              paid: amount(row.paidMinor),
              stated: row.statedMinor === null ? null : amount(row.statedMinor),
              uncredited: amount(row.uncreditedMinor),
              difference: amount(row.differenceMinor),
              closes: row.differenceMinor === '0' && row.uncreditedMinor === '0',
              closedAt: row.closedAt,
            };
          }),
          sources: sources.map((row) => {
            const provider = inside.payments.get(row.provider);
            const hasStatement = stating.includes(row.provider);
            return {
              sourceId: row.id,
              name: row.name,
              provider: row.provider,
              hasStatement,
              statementUntil: row.completeUntil,
              words: wordsOf(provider?.statement.words ?? null, hasStatement, row.sealedApiKey !== null),
            };
          }),
        };
      }),
  }),
  explain: operation({
    summary: 'Show what the difference of a day is made of, payment by payment.',
    route: 'GET /ledger/{day}/explanation',
    access: 'read',
    input: z.strictObject({ day, sourceId: id, currency: z.string().regex(/^[A-Z]{3}$/) }),
    output: z.object({
      explanations: z.array(
        z.object({
          reason: z.enum(['not_in_statement', 'not_told', 'other_day', 'other_amount', 'uncredited']),
          part: z.enum(['payment', 'refund', 'fee', 'tax', 'other']),
          payment: z.string().nullable(),
          paymentId: id.nullable(),
          told: z.string(),
          stated: z.string(),
          amount: z.string(),
          otherDay: z.string().nullable(),
          words: z.string(),
        }),
      ),
    }),
    run: (context, asked) =>
      transaction(context, async (inside) => {
        const known = await inside.tx
          .selectFrom('paymentSources')
          .select('id')
          .where('id', '=', asked.sourceId)
          .executeTakeFirst();
        if (!known) throw notFound('payment source');
        return { explanations: await explainDay(inside, asked) };
      }),
  }),
  payouts: operation({
    summary: 'List what the providers say they paid out, beside the statement lines each payout is made of.',
    route: 'GET /payouts',
    access: 'read',
    input: z.strictObject({ appId: id, limit: z.int().min(1).max(200).default(50) }),
    output: z.object({
      payouts: z.array(
        z.object({
          payout: z.string(),
          sourceId: id,
          source: z.string(),
          amount: money,
          status: z.enum(['pending', 'paid', 'failed', 'cancelled']),
          startedAt: z.date(),
          arrivesOn: z.string().nullable(),
          /** Sum of its lines by the statement; null when the provider names none. */
          lines: money.nullable(),
          payments: z.int(),
        }),
      ),
    }),
    run: (context, { appId, limit }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const { rows } = await sql<{
          payout: string;
          sourceId: string;
          source: string;
          minor: string;
          currency: string;
          status: 'pending' | 'paid' | 'failed' | 'cancelled';
          startedAt: Date;
          arrivesOn: string | null;
          lines: string | null;
          payments: number;
        }>`
          select payout.provider_id as payout, source.id as source_id, source.name as source,
                 payout.amount_minor::text as minor, payout.currency::text as currency, payout.status,
                 payout.started_at, payout.arrives_on::text as arrives_on, made.minor::text as lines,
                 coalesce(made.payments, 0)::int as payments
          from payouts payout
          join payment_sources source on source.workspace_id = payout.workspace_id
            and source.id = payout.payment_source_id and source.app_id = ${appId}
          left join lateral (
            select sum(line.net_minor) as minor, count(*) filter (where line.about = 'payment') as payments
            from statement_lines line
            where line.workspace_id = payout.workspace_id and line.payment_source_id = payout.payment_source_id
              and line.provider_payout_id = payout.provider_id and line.about <> 'payout'
              and line.currency = payout.currency
          ) made on true
          where payout.workspace_id = ${inside.workspaceId}
          order by payout.started_at desc limit ${limit}
        `.execute(inside.tx);
        return {
          payouts: rows.map(({ minor, currency, lines, ...row }) => ({
            ...row,
            amount: { minor, currency },
            lines: lines === null ? null : { minor: lines, currency },
          })),
        };
      }),
  }),
};

function wordsOf(provider: string | null, hasStatement: boolean, hasKey: boolean): string {
  if (provider === null) return 'There is nobody else’s statement to hold it against.';
  if (hasStatement && !hasKey) return `${provider} Give an API key to have the statement read.`;
  return provider;
}
