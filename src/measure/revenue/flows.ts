import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { edgesOf, type Slot } from '#src/measure/revenue/slots.ts';

type View = { appId: string; currency: string };
type Range = { from: Date; until: Date };

/**
 * What came in, went back and was kept in each slot, in the workspace's currency at the rates of the days, each on the
 * day it moved. What waits for a rate is left out (`withoutRate` names it).
 */
export async function moneyBySlot(
  { tx, workspaceId }: Inside,
  view: View & { slots: readonly Slot[] },
): Promise<{ paidMinor: string; refundedMinor: string; feesMinor: string; payments: number }[]> {
  const edges = edgesOf(view.slots);
  const [from, until] = [edges[0], edges.at(-1)];
  const { rows } = await sql<{ slot: number; paid: string; refunded: string; fees: string; payments: number }>`
    select slot, sum(paid)::text as paid, sum(refunded)::text as refunded, sum(fees)::text as fees,
           sum(payments)::int as payments
    from (
      select width_bucket(paid_at, ${edges}::timestamptz[]) as slot, reporting_minor as paid, 0 as refunded, 0 as fees,
             1 as payments
      from payments
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and reporting_currency = ${view.currency}
        and paid_at >= ${from} and paid_at < ${until}
      union all
      select width_bucket(refunded_at, ${edges}::timestamptz[]), 0,
             case when kind = 'dispute_won' then -reporting_minor else reporting_minor end, 0, 0
      from refunds
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and reporting_currency = ${view.currency}
        and status = 'succeeded' and refunded_at >= ${from} and refunded_at < ${until}
      union all
      select width_bucket(charged_at, ${edges}::timestamptz[]), 0, 0, reporting_minor, 0
      from fees
      where workspace_id = ${workspaceId} and app_id = ${view.appId} and reporting_currency = ${view.currency}
        and charged_at >= ${from} and charged_at < ${until}
    ) moved
    group by slot
  `.execute(tx);
  const bySlot = new Map(rows.map((row) => [row.slot, row]));
  return view.slots.map((_, index) => {
    const row = bySlot.get(index + 1);
    return {
      paidMinor: row?.paid ?? '0',
      refundedMinor: row?.refunded ?? '0',
      feesMinor: row?.fees ?? '0',
      payments: row?.payments ?? 0,
    };
  });
}

/** The trials that began in the range, and what became of them so far. */
export async function trialsOf(
  { tx, workspaceId }: Inside,
  view: View & Range & { now: Date },
): Promise<{ started: number; paid: number; lapsed: number; running: number }> {
  const { rows } = await sql<{ started: number; paid: number; running: number }>`
    select count(*)::int as started, count(*) filter (where first_paid_at is not null)::int as paid,
           count(*) filter (where first_paid_at is null and ended_at is null and status in ('trialing', 'active')
                              and trial_ends_at > ${view.now})::int as running
    from subscriptions
    where workspace_id = ${workspaceId} and app_id = ${view.appId} and trial_ends_at is not null
      and started_at >= ${view.from} and started_at < ${view.until}
  `.execute(tx);
  const { started, paid, running } = rows[0] ?? { started: 0, paid: 0, running: 0 };
  return { started, paid, running, lapsed: started - paid - running };
}

/**
 * Failed payments of subscriptions: how often one became past due or unpaid in the range and how many of these were
 * active again afterwards; how many are outstanding now, and the MRR that hangs on them.
 */
export async function outstanding(
  { tx, workspaceId }: Inside,
  view: View & Range,
): Promise<{ failed: number; recovered: number; outstanding: number; atRiskMinor: string }> {
  const { rows } = await sql<{ failed: number; recovered: number }>`
    with told as (
      select state.subscription_id, state.told_at, state.status,
             lag(state.status) over (partition by state.subscription_id order by state.told_at, state.received_at) as before
      from subscription_states state
      join subscriptions subscription on subscription.workspace_id = state.workspace_id
        and subscription.id = state.subscription_id and subscription.app_id = ${view.appId}
      where state.workspace_id = ${workspaceId} and not state.from_history
    )
    select count(*)::int as failed,
           count(*) filter (where exists (
             select from subscription_states later
             where later.workspace_id = ${workspaceId} and later.subscription_id = told.subscription_id
               and later.told_at > told.told_at and later.status = 'active'))::int as recovered
    from told
    where status in ('past_due', 'unpaid') and coalesce(before, '') not in ('past_due', 'unpaid')
      and told_at >= ${view.from} and told_at < ${view.until}
  `.execute(tx);
  const now = await tx
    .selectFrom('subscriptions')
    .select((eb) => [
      eb.fn.countAll<number>().as('outstanding'),
      sql<string>`coalesce(sum(reporting_mrr_minor) filter (where reporting_currency = ${view.currency}), 0)::text`.as(
        'atRiskMinor',
      ),
    ])
    .where('appId', '=', view.appId)
    .where('status', 'in', ['past_due', 'unpaid'])
    .executeTakeFirstOrThrow();
  const { failed, recovered } = rows[0] ?? { failed: 0, recovered: 0 };
  return { failed, recovered, ...now };
}
