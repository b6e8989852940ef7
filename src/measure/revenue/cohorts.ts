import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { periodsFor } from '#src/measure/range.ts';
import { mrrChanges } from '#src/measure/revenue/changes.ts';
import { edgesOf, type Slot, slotsOf } from '#src/measure/revenue/slots.ts';
import { id, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';

export const cohortMeasures = ['mrr', 'customers', 'revenue'] as const;
type Measure = (typeof cohortMeasures)[number];

const shown = z.object({
  timeZone: z.string(),
  currency: z.string(),
  measure: z.enum(cohortMeasures),
  cohorts: z.array(
    z.object({
      /** The month in which they first brought MRR; for revenue, in which they first paid. */
      cohort: z.string(),
      customers: z.int(),
      /** Month by month from the first on. Money in minor units; for `customers` how many are left. */
      cells: z.array(
        z.object({
          month: z.string(),
          value: z.string(),
          /** Of the first month's; null when that was nothing. */
          share: z.number().nullable(),
          /** The month is over. */
          complete: z.boolean(),
        }),
      ),
    }),
  ),
});

type Row = { who: string; slot: number; change: bigint };

/**
 * Customers by the month they began in, and what is left of them month by month: MRR or customers at the end of each
 * month, or what they paid up to then (less refunds). Months are local ones of the workspace.
 */
export async function revenueCohorts(
  context: Context,
  { appId, months, measure }: { appId: string; months: number; measure: Measure },
): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const { timeZone, currency } = await workspaceOf(inside);
    const now = inside.clock.now();
    const slots = lastMonths(now, months, timeZone);
    const view = { appId, currency, slots };
    const rows: Row[] = measure === 'revenue' ? await paidBy(inside, view) : await mrrChanges(inside, view, null);
    const cohorts = slots.map(() => ({ members: new Set<string>(), levels: slots.map(() => 0n) }));
    for (const [who, own] of Map.groupBy(rows, (row) => row.who)) {
      const changes = new Map(own.map((row) => [row.slot, row.change]));
      if (changes.has(0)) continue;
      const began = Math.min(...changes.keys());
      const cohort = cohorts[began - 1];
      if (!cohort) continue;
      cohort.members.add(who);
      let level = 0n;
      for (let slot = began; slot <= slots.length; slot++) {
        level += changes.get(slot) ?? 0n;
        const add = measure === 'customers' ? (level > 0n ? 1n : 0n) : level;
        cohort.levels[slot - 1] = (cohort.levels[slot - 1] ?? 0n) + add;
      }
    }
    return {
      timeZone,
      currency,
      measure,
      cohorts: cohorts.flatMap(({ members, levels }, began) => {
        const base = measure === 'customers' ? BigInt(members.size) : (levels[began] ?? 0n);
        if (members.size === 0) return [];
        return [
          {
            cohort: slots[began]?.name ?? '',
            customers: members.size,
            cells: slots.slice(began).map((slot, index) => {
              const value = levels[began + index] ?? 0n;
              return {
                month: slot.name,
                value: String(value),
                share: base === 0n ? null : Number(value) / Number(base),
                complete: slot.until <= now,
              };
            }),
          },
        ];
      }),
    };
  });
}

/** The last whole months and the one that runs. */
function lastMonths(now: Date, months: number, timeZone: string): Slot[] {
  const today = now.toLocaleDateString('sv-SE', { timeZone });
  const [year = 0, month = 1] = today.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - months, 1)).toISOString().slice(0, 10);
  const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
  const { current } = periodsFor({ range: 'custom', from: first, until: last, compare: 'none' }, now, timeZone);
  return slotsOf(current, 'month', timeZone).slots;
}

/** What each customer paid in each slot, less what went back; who is not known pays for themselves. */
async function paidBy(
  { tx, workspaceId }: Inside,
  view: { appId: string; currency: string; slots: readonly Slot[] },
): Promise<Row[]> {
  const edges = edgesOf(view.slots);
  const { rows } = await sql<{ who: string; slot: number; change: string }>`
    with money as (
      select id, paid_at as at, reporting_minor as minor,
             coalesce(customer_id::text, payment_source_id || ' ' || provider_customer_id, id::text) as who
      from payments
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and reporting_currency = ${view.currency}
        and paid_at < ${edges.at(-1)}
    )
    select who, width_bucket(at, ${edges}::timestamptz[]) as slot, sum(minor)::text as change
    from (
      select who, at, minor from money
      union all
      select money.who, refund.refunded_at,
             case when refund.kind = 'dispute_won' then refund.reporting_minor else -refund.reporting_minor end
      from refunds refund join money on money.id = refund.payment_id
      where refund.workspace_id = ${workspaceId} and refund.status = 'succeeded'
        and refund.reporting_currency = ${view.currency} and refund.refunded_at < ${edges.at(-1)}
    ) moved
    group by who, slot
  `.execute(tx);
  return rows.map((row) => ({ ...row, change: BigInt(row.change) }));
}

export const cohortOperations = {
  cohorts: operation({
    summary: 'Show customers by the month they began in, with what is left of their MRR, or what they paid, since.',
    route: 'GET /revenue/cohorts',
    access: 'read',
    input: z.strictObject({
      appId: id,
      months: z.int().min(2).max(36).default(12),
      measure: z.enum(cohortMeasures).default('mrr'),
    }),
    output: shown,
    run: revenueCohorts,
  }),
};
