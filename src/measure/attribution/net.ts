import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/**
 * What is left of a payment for the seller, by docs/money.md: what was paid, less what went back, less the tax in the
 * rest. The provider's fees are not taken off. Minor units; `returned` is what refunds and disputes took, `tax` what
 * was tax in all of `paid` (> 0). The tax of a part is its share of `tax`, rounded half away from zero.
 */
export function netOf({ paid, tax, returned }: { paid: bigint; tax: bigint; returned: bigint }): bigint {
  const rest = paid - returned;
  const size = rest < 0n ? -rest : rest;
  const taxLeft = (2n * tax * size + paid) / (2n * paid);
  return rest < 0n ? rest + taxLeft : rest - taxLeft;
}

/**
 * Splits what is left of a payment as its credits split the payment itself: each gets the whole part of its quota, the
 * units left go to the largest remainders, of equal ones to the first. The parts sum to `net` exactly.
 */
export function netShares(amounts: readonly bigint[], net: bigint): bigint[] {
  const whole = amounts.reduce((sum, amount) => sum + amount, 0n);
  if (whole <= 0n) return amounts.map(() => 0n);
  const size = net < 0n ? -net : net;
  const parts = amounts.map((amount) => (size * amount) / whole);
  const left = Number(size - parts.reduce((sum, part) => sum + part, 0n));
  const byRemainder = amounts
    .map((amount, index) => ({ index, remainder: (size * amount) % whole }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n;
  return net < 0n ? parts.map((part) => -part) : parts;
}

/** What is left of a payment as its refunds, disputes and tax stand now; null when there is nothing to net out. */
export async function netOfPayment({ tx }: Inside, paymentId: string): Promise<bigint | null> {
  const payment = await tx
    .selectFrom('payments')
    .select(['amountMinor', 'taxMinor'])
    .select((eb) =>
      eb
        .selectFrom('refunds')
        .select(
          sql<string>`coalesce(sum(case kind when 'dispute_won' then -amount_minor else amount_minor end), 0)`.as(
            'minor',
          ),
        )
        .whereRef('refunds.paymentId', '=', 'payments.id')
        .whereRef('refunds.currency', '=', 'payments.currency')
        .where('refunds.status', '=', 'succeeded')
        .as('returned'),
    )
    .where('id', '=', paymentId)
    .executeTakeFirst();
  if (!payment || BigInt(payment.amountMinor) <= 0n) return null;
  return netOf({
    paid: BigInt(payment.amountMinor),
    tax: BigInt(payment.taxMinor),
    returned: BigInt(payment.returned ?? 0),
  });
}

/**
 * Brings what is left of the credits of a payment in line with its refunds, disputes and tax. The credits themselves
 * stay frozen. To be called in the transaction that changes any of these.
 */
export async function netOut(inside: Inside, paymentId: string): Promise<void> {
  const { tx } = inside;
  // Whoever freezes credits holds the conversion: either they see what changed, or their credits are here already.
  const conversion = await tx
    .selectFrom('conversions')
    .select('id')
    .where('paymentId', '=', paymentId)
    .forUpdate()
    .executeTakeFirst();
  const net = conversion && (await netOfPayment(inside, paymentId));
  if (!conversion || net == null) return;
  const credits = await tx
    .selectFrom('credits')
    .select(['id', 'model', 'amountMinor', 'netMinor'])
    .where('conversionId', '=', conversion.id)
    .orderBy('id')
    .execute();
  for (const own of Map.groupBy(credits, (credit) => credit.model).values()) {
    const shares = netShares(
      own.map((credit) => BigInt(credit.amountMinor)),
      net,
    );
    for (const [index, credit] of own.entries())
      if (BigInt(credit.netMinor) !== shares[index])
        await tx
          .updateTable('credits')
          .set({ netMinor: String(shares[index]) })
          .where('id', '=', credit.id)
          .execute();
  }
}
