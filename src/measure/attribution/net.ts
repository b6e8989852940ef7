import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { countNetChange, oneAtATime } from './days.ts';
import { markCommissionsDue } from './dues.ts';

/**
 * What is left of a payment for the seller, by docs/money.md: what was paid, less what went back, less the tax in the
 * rest. The provider's fees are not taken off. Minor units; `returned` is what refunds and disputes took, `tax` what
 * was tax in all of `paid`. The tax of a part is its share of `tax`, rounded half away from zero; a payment of nothing or
 * less is only freed of its tax.
 */
export function netOf({ paid, tax, returned }: { paid: bigint; tax: bigint; returned: bigint }): bigint {
  const rest = paid - returned;
  if (paid <= 0n) return rest - tax;
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

/** SQL: what is left of each row of payments under this alias, by the same rule; a payment of nothing or less is only freed of its tax. */
export function netOfRow(alias: string): RawBuilder<string> {
  const of = (column: string) => sql.ref(`${alias}.${column}`);
  return sql<string>`(
    select case when ${of('amount_minor')} > 0
      then rest - round(${of('tax_minor')} * rest / ${of('amount_minor')}) else rest - ${of('tax_minor')} end
    from (
      select ${of('amount_minor')} - coalesce(sum(case back.kind when 'dispute_won' then -back.amount_minor
                                                   else back.amount_minor end), 0) as rest
      from refunds back
      where back.workspace_id = ${of('workspace_id')} and back.payment_id = ${of('id')}
        and back.currency = ${of('currency')} and back.status = 'succeeded'
    ) left_over
  )`;
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
  await oneAtATime(inside);
  // Whoever freezes credits holds the conversion: either they see what changed, or their credits are here already.
  const conversion = await tx
    .selectFrom('conversions')
    .select(['id', 'appId'])
    .where('paymentId', '=', paymentId)
    .forUpdate()
    .executeTakeFirst();
  const net = conversion && (await netOfPayment(inside, paymentId));
  if (!conversion || net == null) return;
  const credits = await tx
    .selectFrom('credits')
    .leftJoin('touches', 'touches.id', 'credits.touchId')
    .select(['credits.id', 'credits.model', 'credits.amountMinor', 'credits.netMinor'])
    .where('credits.conversionId', '=', conversion.id)
    // As they were split at first: of equal remainders the earlier touch gets the odd unit.
    .orderBy('touches.occurredAt')
    .orderBy('touches.id')
    .execute();
  const changes: { creditId: string; by: bigint }[] = [];
  for (const own of Map.groupBy(credits, (credit) => credit.model).values()) {
    const shares = netShares(
      own.map((credit) => BigInt(credit.amountMinor)),
      net,
    );
    for (const [index, credit] of own.entries()) {
      const by = (shares[index] ?? 0n) - BigInt(credit.netMinor);
      if (by === 0n) continue;
      await tx
        .updateTable('credits')
        .set({ netMinor: String(shares[index]) })
        .where('id', '=', credit.id)
        .execute();
      changes.push({ creditId: credit.id, by });
    }
  }
  if (changes.length === 0) return;
  await countNetChange(inside, changes);
  await markCommissionsDue(inside, conversion.appId, [paymentId]);
}
