import type { Inside } from '#src/context.ts';
import { netOut } from '#src/measure/attribution/net.ts';
import { recordPurchase } from '#src/measure/conversions.ts';
import { payerOf } from '#src/measure/revenue/joining.ts';
import { keptReport } from '#src/measure/revenue/reporting.ts';
import { applyFee, paymentTold, sumFees } from '#src/measure/revenue/returns.ts';
import type { Telling } from '#src/measure/revenue/telling.ts';
import type { BelongsFact, InvoiceFact, PaymentFact } from '#src/outside/payments/payment.ts';

/** Stores what is told of a payment. Newer words count, but what they leave open is kept from older ones. */
export async function applyPayment(inside: Inside, telling: Telling, fact: PaymentFact): Promise<void> {
  const { tx, workspaceId } = inside;
  const known = await tx
    .selectFrom('payments')
    .selectAll()
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', fact.paymentId)
    .executeTakeFirst();
  const newer = !known || telling.toldAt >= known.describedAt;
  const said = {
    providerCustomerId: fact.customerId,
    providerInvoiceId: fact.invoiceId,
    amountMinor: String(fact.amount),
    currency: fact.currency,
    paidAt: fact.occurredAt,
  };
  const before = known && {
    providerCustomerId: known.providerCustomerId,
    providerInvoiceId: known.providerInvoiceId,
    amountMinor: known.amountMinor,
    currency: known.currency,
    paidAt: known.paidAt,
  };
  const told = before ? (newer ? fill(said, before) : fill(before, said)) : said;
  // The money came when this was first the case, whichever event came first: a later reading dates it no later.
  const merged = { ...told, paidAt: before && before.paidAt < said.paidAt ? before.paidAt : said.paidAt };
  const metadata = newer && Object.keys(fact.metadata).length > 0 ? fact.metadata : (known?.metadata ?? fact.metadata);
  const row = {
    ...merged,
    ...(await keptReport(inside, known, {
      amount: BigInt(merged.amountMinor),
      currency: merged.currency,
      at: merged.paidAt,
    })),
    customerId:
      known?.customerId ??
      (await payerOf(inside, telling, { customerId: merged.providerCustomerId, paymentId: fact.paymentId })),
    describedAt: newer ? telling.toldAt : known.describedAt,
    ...(fact.tax === null || (known && !newer && known.taxMinor !== '0') ? {} : { taxMinor: String(fact.tax) }),
    metadata: JSON.stringify(metadata),
    purchaseDue: true,
  };
  const payment = known
    ? await tx.updateTable('payments').set(row).where('id', '=', known.id).returning('id').executeTakeFirstOrThrow()
    : await tx
        .insertInto('payments')
        .values({
          workspaceId,
          appId: telling.appId,
          paymentSourceId: telling.sourceId,
          providerId: fact.paymentId,
          ...row,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
  await tx
    .updateTable('refunds')
    .set({ paymentId: payment.id })
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerPaymentId', '=', fact.paymentId)
    .execute();
  if (fact.fee !== null)
    await applyFee(inside, telling, { ...fact, kind: 'fee', feeId: `${fact.paymentId}:fee`, amount: fact.fee });
  await sumFees(inside, telling, fact.paymentId);
  const subscriptionId = fact.subscriptionId ?? (await subscriptionTold(inside, telling, fact.paymentId));
  if (subscriptionId !== null) await assignSubscription(inside, telling, payment.id, subscriptionId);
  if (merged.providerInvoiceId !== null) await applyInvoiceToPayments(inside, telling, merged.providerInvoiceId);
  await netOut(inside, payment.id);
}

/** Keeps what an invoice says and gives it to its payments, those that are here and those that are to come. */
export async function applyInvoice(inside: Inside, telling: Telling, fact: InvoiceFact): Promise<void> {
  const row = {
    providerCustomerId: fact.customerId,
    providerSubscriptionId: fact.subscriptionId,
    amountMinor: String(fact.amount),
    taxMinor: fact.tax === null ? null : String(fact.tax),
    currency: fact.currency,
    describedAt: telling.toldAt,
  };
  await inside.tx
    .insertInto('invoices')
    .values({
      workspaceId: inside.workspaceId,
      paymentSourceId: telling.sourceId,
      providerId: fact.invoiceId,
      ...row,
    })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet(row)
        .where('invoices.describedAt', '<=', telling.toldAt),
    )
    .execute();
  await applyInvoiceToPayments(inside, telling, fact.invoiceId);
}

/** Keeps which subscription a payment was for; either may be told later. */
export async function applyBelongs(inside: Inside, telling: Telling, fact: BelongsFact): Promise<void> {
  const { tx, workspaceId } = inside;
  const row = { providerSubscriptionId: fact.subscriptionId };
  await tx
    .insertInto('paymentSubscriptions')
    .values({ workspaceId, paymentSourceId: telling.sourceId, providerPaymentId: fact.paymentId, ...row })
    .onConflict((oc) => oc.columns(['workspaceId', 'paymentSourceId', 'providerPaymentId']).doUpdateSet(row))
    .execute();
  const payment = await paymentTold(inside, telling, fact.paymentId);
  if (payment) await assignSubscription(inside, telling, payment.id, fact.subscriptionId);
}

/**
 * Brings the conversions of the payments that changed in line with them. Returns how many of each app are new or
 * changed. Every change of a payment marks it, in its own transaction, so that a crash in between leaves no gap.
 */
export async function bringPurchases(inside: Inside): Promise<ReadonlyMap<string, number>> {
  const rows = await inside.tx
    .updateTable('payments')
    .set({ purchaseDue: false })
    .where('purchaseDue', '=', true)
    .returning(['id', 'appId', 'customerId', 'paidAt', 'amountMinor', 'currency'])
    .execute();
  const made = new Map<string, number>();
  for (const { amountMinor, ...row } of rows) {
    const amount = BigInt(amountMinor);
    if (amount > 0n && (await recordPurchase(inside, { ...row, amount })))
      made.set(row.appId, (made.get(row.appId) ?? 0) + 1);
  }
  return made;
}

/** Ties payments to a subscription that was described after them. */
export async function adoptPayments(inside: Inside, telling: Telling, subscriptionId: string): Promise<void> {
  const told = await inside.tx
    .selectFrom('paymentSubscriptions')
    .select('providerPaymentId')
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerSubscriptionId', '=', subscriptionId)
    .execute();
  for (const { providerPaymentId } of told) {
    const payment = await paymentTold(inside, telling, providerPaymentId);
    if (payment) await assignSubscription(inside, telling, payment.id, subscriptionId);
  }
  const invoices = await inside.tx
    .selectFrom('invoices')
    .select('providerId')
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerSubscriptionId', '=', subscriptionId)
    .execute();
  for (const invoice of invoices) await applyInvoiceToPayments(inside, telling, invoice.providerId);
}

async function applyInvoiceToPayments(inside: Inside, telling: Telling, invoiceId: string): Promise<void> {
  const invoice = await inside.tx
    .selectFrom('invoices')
    .selectAll()
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerId', '=', invoiceId)
    .executeTakeFirst();
  if (!invoice) return;
  const payments = await inside.tx
    .selectFrom('payments')
    .select(['id', 'providerId', 'amountMinor', 'providerCustomerId', 'customerId', 'subscriptionId'])
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerInvoiceId', '=', invoiceId)
    .execute();
  for (const payment of payments) {
    const providerCustomerId = payment.providerCustomerId ?? invoice.providerCustomerId;
    const customerId =
      payment.customerId ??
      (await payerOf(inside, telling, { customerId: providerCustomerId, paymentId: payment.providerId }));
    const taxMinor =
      invoice.taxMinor === null
        ? null
        : shareOf(BigInt(invoice.taxMinor), BigInt(payment.amountMinor), BigInt(invoice.amountMinor));
    await inside.tx
      .updateTable('payments')
      .set({
        providerCustomerId,
        customerId,
        ...(taxMinor === null ? {} : { taxMinor: String(taxMinor) }),
        ...(customerId === payment.customerId ? {} : { purchaseDue: true }),
      })
      .where('id', '=', payment.id)
      .execute();
    await netOut(inside, payment.id);
    if (payment.subscriptionId === null && invoice.providerSubscriptionId !== null)
      await assignSubscription(inside, telling, payment.id, invoice.providerSubscriptionId);
  }
}

async function assignSubscription(
  { tx }: Inside,
  telling: Telling,
  paymentId: string,
  providerId: string,
): Promise<void> {
  await tx
    .updateTable('payments')
    .from('subscriptions')
    .set((eb) => ({ subscriptionId: eb.ref('subscriptions.id') }))
    .where('payments.id', '=', paymentId)
    .where('subscriptions.paymentSourceId', '=', telling.sourceId)
    .where('subscriptions.providerId', '=', providerId)
    .execute();
}

async function subscriptionTold({ tx }: Inside, telling: Telling, paymentId: string): Promise<string | null> {
  const row = await tx
    .selectFrom('paymentSubscriptions')
    .select('providerSubscriptionId')
    .where('paymentSourceId', '=', telling.sourceId)
    .where('providerPaymentId', '=', paymentId)
    .executeTakeFirst();
  return row?.providerSubscriptionId ?? null;
}

/** Part of an invoice's tax that lies in one of its payments, rounded half up. */
function shareOf(tax: bigint, part: bigint, whole: bigint): bigint {
  return whole === 0n ? 0n : (2n * tax * part + whole) / (2n * whole);
}

/** `first`, with what it leaves open (null) taken from `second`. */
function fill<T extends object>(first: T, second: T): T {
  const open = Object.entries(first).filter(([, value]) => value === null) as [keyof T, null][];
  return { ...first, ...Object.fromEntries(open.map(([key]) => [key, second[key]])) };
}
