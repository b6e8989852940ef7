import type { Inside } from '#src/context.ts';
import { netOut } from '#src/measure/attribution/net.ts';
import { keptReport } from '#src/measure/revenue/reporting.ts';
import type { Telling } from '#src/measure/revenue/telling.ts';
import type { DisputeFact, FeeFact, RefundFact } from '#src/outside/payments/payment.ts';

/** Stores a refund; only one that succeeded counts, and takes its part off the credits of the payment. */
export async function applyRefund(inside: Inside, telling: Telling, fact: RefundFact): Promise<void> {
  await giveBack(inside, telling, { ...fact, id: fact.refundId, kind: 'refund', status: fact.status });
}

/** An open or lost dispute takes the money back, a won one returns it; an inquiry moves none. */
export async function applyDispute(inside: Inside, telling: Telling, fact: DisputeFact): Promise<void> {
  const moved = fact.status === 'open' || fact.status === 'won' || fact.status === 'lost';
  await giveBack(inside, telling, {
    ...fact,
    id: fact.disputeId,
    kind: 'dispute',
    status: moved ? 'succeeded' : 'failed',
  });
  if (fact.status === 'won')
    await giveBack(inside, telling, { ...fact, id: fact.disputeId, kind: 'dispute_won', status: 'succeeded' });
}

/** Stores what the provider kept; below zero it gave a fee back. What an older event says of it changes nothing. */
export async function applyFee(inside: Inside, telling: Telling, fact: FeeFact): Promise<void> {
  const known = await inside.tx
    .selectFrom('fees')
    .selectAll()
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', fact.feeId)
    .executeTakeFirst();
  const chargedAt = known && known.chargedAt < fact.occurredAt ? known.chargedAt : fact.occurredAt;
  const row = {
    amountMinor: String(fact.amount),
    currency: fact.currency,
    chargedAt,
    describedAt: telling.toldAt,
    ...(await keptReport(inside, known && { ...known, paidAt: known.chargedAt }, { ...fact, at: chargedAt })),
  };
  await inside.tx
    .insertInto('fees')
    .values({
      workspaceId: inside.workspaceId,
      appId: telling.appId,
      paymentSourceId: telling.sourceId,
      providerId: fact.feeId,
      providerPaymentId: fact.paymentId,
      ...row,
    })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet(row)
        .where('fees.describedAt', '<=', telling.toldAt),
    )
    .execute();
  if (fact.paymentId !== null) await sumFees(inside, telling, fact.paymentId);
}

/** The payment with the provider's id, if it is here already. */
export async function paymentTold(
  { tx }: Inside,
  telling: Telling,
  paymentId: string,
): Promise<{ id: string } | undefined> {
  return tx
    .selectFrom('payments')
    .select('id')
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', paymentId)
    .executeTakeFirst();
}

type Return = {
  id: string;
  kind: 'refund' | 'dispute' | 'dispute_won';
  paymentId: string;
  amount: bigint;
  tax: bigint | null;
  currency: string;
  status: 'pending' | 'succeeded' | 'failed';
  occurredAt: Date;
};

async function giveBack(inside: Inside, telling: Telling, back: Return): Promise<void> {
  const { tx, workspaceId } = inside;
  const payment = await paymentTold(inside, telling, back.paymentId);
  const known = await tx
    .selectFrom('refunds')
    .selectAll()
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', back.id)
    .where('kind', '=', back.kind)
    .executeTakeFirst();
  const newer = !known || telling.toldAt >= known.describedAt;
  // The money went when this was first told, whichever event came first.
  const refundedAt = known && known.refundedAt < back.occurredAt ? known.refundedAt : back.occurredAt;
  const said = {
    amountMinor: String(back.amount),
    currency: back.currency,
    status: back.status,
    describedAt: telling.toldAt,
    ...(back.tax === null ? {} : { taxMinor: String(back.tax) }),
  };
  const merged = known && !newer ? { amountMinor: known.amountMinor, currency: known.currency } : said;
  const row = {
    ...merged,
    paymentId: payment?.id ?? known?.paymentId ?? null,
    providerPaymentId: back.paymentId,
    refundedAt,
    ...(await keptReport(inside, known && { ...known, paidAt: known.refundedAt }, {
      amount: BigInt(merged.amountMinor),
      currency: merged.currency,
      at: refundedAt,
    })),
  };
  if (known) await tx.updateTable('refunds').set(row).where('id', '=', known.id).execute();
  else
    await tx
      .insertInto('refunds')
      .values({
        workspaceId,
        appId: telling.appId,
        paymentSourceId: telling.sourceId,
        providerId: back.id,
        kind: back.kind,
        ...said,
        ...row,
      })
      .execute();
  if (payment) await netOut(inside, payment.id);
}

/** Fees in the payment's own currency; others are in the ledger only. */
export async function sumFees({ tx }: Inside, telling: Telling, providerPaymentId: string): Promise<void> {
  await tx
    .updateTable('payments')
    .set((eb) => ({
      feeMinor: eb
        .selectFrom('fees')
        .whereRef('fees.paymentSourceId', '=', 'payments.paymentSourceId')
        .whereRef('fees.providerPaymentId', '=', 'payments.providerId')
        .whereRef('fees.currency', '=', 'payments.currency')
        .select((sum) => sum.fn.sum<string | null>('fees.amountMinor').as('sum')),
    }))
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', providerPaymentId)
    .execute();
}
