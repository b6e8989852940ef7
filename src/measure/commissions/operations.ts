import Papa from 'papaparse';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { payOut, releaseCommission, settleCommissions } from '#src/measure/commissions.ts';
import { done, id, idCursor, instant, money, operation, pageInput } from '#src/operation.ts';
import { minorUnits } from '#src/outside/payments/currency.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn } from '#src/plan/times.ts';
import { appOf } from '#src/understand/apps.ts';

const states = ['earned', 'flagged', 'reversed', 'paid'] as const;

type Filter = {
  appId: string;
  affiliateId?: string | undefined;
  state?: (typeof states)[number] | undefined;
};

const shown = z.object({
  id,
  affiliate: z.object({ id, name: z.string(), code: z.string() }),
  amount: money,
  /** What was left of the payment when this was last looked at. */
  base: money.nullable(),
  percent: z.number().nullable(),
  /** How we know: their link was followed, their code was told, the customer was theirs already. */
  by: z.enum(['link', 'code', 'customer']),
  state: z.enum(states),
  /** The affiliate's own address paid. */
  selfReferral: z.boolean(),
  person: z.string().nullable(),
  paymentAt: z.date().nullable(),
  earnedAt: z.date(),
  paidAt: z.date().nullable(),
  payoutNote: z.string().nullable(),
});

function rowsOf({ tx }: Inside, filter: Filter) {
  return tx
    .selectFrom('commissions')
    .innerJoin('affiliates', 'affiliates.id', 'commissions.affiliateId')
    .leftJoin('payments', 'payments.id', 'commissions.paymentId')
    .leftJoin('customers', 'customers.id', 'commissions.customerId')
    .select(['commissions.id', 'commissions.affiliateId', 'affiliates.name', 'affiliates.code', 'affiliates.email'])
    .select(['commissions.amountMinor', 'commissions.currency', 'commissions.baseMinor', 'commissions.baseCurrency'])
    .select(['commissions.percent', 'commissions.by', 'commissions.state', 'commissions.selfReferral'])
    .select(['customers.person', 'payments.paidAt as paymentAt', 'commissions.earnedAt', 'commissions.paidAt'])
    .select('commissions.payoutNote')
    .where('commissions.appId', '=', filter.appId)
    .$if(filter.affiliateId !== undefined, (query) =>
      query.where('commissions.affiliateId', '=', filter.affiliateId ?? ''),
    )
    .$if(filter.state !== undefined, (query) => query.where('commissions.state', '=', filter.state ?? 'earned'))
    .orderBy('commissions.earnedAt', 'desc')
    .orderBy('commissions.id', 'desc');
}

/** As a table for a spreadsheet. Cells that a spreadsheet would take for formulas are escaped. */
async function csvOf(context: Context, filter: Filter): Promise<{ fileName: string; csv: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, filter.appId);
    const { timeZone } = await workspaceOf(inside);
    const day = (at: Date | null) => (at ? dayIn(timeZone, at) : '');
    const rows = await rowsOf(inside, filter).execute();
    const csv = Papa.unparse(
      rows.map((row) => ({
        affiliate: row.name,
        code: row.code,
        email: row.email ?? '',
        customer: row.person ?? '',
        payment_day: day(row.paymentAt),
        payment_left: row.baseCurrency ? decimal(row.baseMinor, row.baseCurrency) : '',
        payment_currency: row.baseCurrency ?? '',
        commission: decimal(row.amountMinor, row.currency),
        currency: row.currency,
        state: row.state,
        paid_out_day: day(row.paidAt),
        note: row.payoutNote ?? '',
      })),
      { escapeFormulae: /^[=+@\t\r]|^-(?!\d)/ },
    );
    return { fileName: `commissions-${dayIn(timeZone, inside.clock.now())}.csv`, csv: `${csv}\r\n` };
  });
}

/** Minor units in the notation of people: 1250 of EUR is 12.50. */
function decimal(minor: string, currency: string): string {
  const digits = minorUnits(currency);
  const [sign, size] = minor.startsWith('-') ? ['-', minor.slice(1)] : ['', minor];
  const padded = size.padStart(digits + 1, '0');
  return digits === 0 ? sign + padded : `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

const filter = { appId: id, affiliateId: id.optional(), state: z.enum(states).optional() };

export const commissionOperations = {
  list: operation({
    summary: 'List what affiliates earned, newest first, with the payment each rests on.',
    route: 'GET /apps/{appId}/commissions',
    access: 'read',
    input: z.strictObject({ ...filter, ...pageInput, cursor: idCursor }),
    output: z.object({ commissions: z.array(shown), cursor: z.string().nullable() }),
    run: (context, { limit, cursor, ...wanted }) =>
      transaction(context, async (inside) => {
        await appOf(inside, wanted.appId);
        const rows = await rowsOf(inside, wanted)
          .$if(cursor !== undefined, (query) =>
            query.where((eb) =>
              eb(
                eb.refTuple('commissions.earnedAt', 'commissions.id'),
                '<',
                eb
                  .selectFrom('commissions as last')
                  .select(['last.earnedAt', 'last.id'])
                  .where('last.id', '=', cursor ?? '')
                  .$asTuple('earnedAt', 'id'),
              ),
            ),
          )
          .limit(limit)
          .execute();
        return {
          commissions: rows.map((row) => ({
            ...row,
            affiliate: { id: row.affiliateId, name: row.name, code: row.code },
            amount: { minor: row.amountMinor, currency: row.currency },
            base: row.baseCurrency ? { minor: row.baseMinor, currency: row.baseCurrency } : null,
            percent: row.percent === null ? null : Number(row.percent),
          })),
          cursor: rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
        };
      }),
  }),
  settle: operation({
    summary: 'Write down what affiliates have earned by now, instead of within the hour.',
    route: 'POST /apps/{appId}/commissions/settle',
    access: 'write',
    input: z.strictObject({ appId: id }),
    output: z.object({ changed: z.int() }),
    run: async (context, { appId }) => {
      await transaction(context, (inside) => appOf(inside, appId));
      return { changed: await settleCommissions(context, appId) };
    },
  }),
  release: operation({
    summary: 'Let a commission count that is held because the affiliate paid with their own address.',
    route: 'POST /commissions/{commissionId}/release',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ commissionId: id }),
    output: done,
    run: async (context, { commissionId }) => {
      await releaseCommission(context, commissionId);
      return { done: true };
    },
  }),
  markPaid: operation({
    summary: 'Mark what is due to an affiliate in a currency as paid out.',
    route: 'POST /affiliates/{affiliateId}/pay-out',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({
      affiliateId: id,
      currency: z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.'),
      /** Only what was earned until then; left out, all of it. */
      until: instant.optional(),
      note: z.string().trim().max(500).optional(),
    }),
    output: z.object({ paid: money, entries: z.int() }),
    run: payOut,
  }),
  csv: operation({
    summary: 'Give the commissions as a table (CSV).',
    route: 'GET /apps/{appId}/commissions/csv',
    access: 'read',
    input: z.strictObject(filter),
    output: z.object({ fileName: z.string(), csv: z.string() }),
    run: csvOf,
  }),
};
