import type { Inside } from '#src/context.ts';
import type { Telling } from '#src/measure/revenue/telling.ts';
import type { PayoutFact, StatementFact } from '#src/outside/payments/payment.ts';

/** Keeps a line of the provider's own account: what the ledger is held against. It is no money of its own. */
export async function applyStatement(inside: Inside, telling: Telling, fact: StatementFact): Promise<void> {
  const row = {
    about: fact.about,
    providerPaymentId: fact.paymentId,
    grossMinor: String(fact.gross),
    feeMinor: String(fact.fee),
    taxMinor: String(fact.tax),
    netMinor: String(fact.net),
    currency: fact.currency,
    convertedMinor: fact.converted === null ? null : String(fact.converted.amount),
    convertedCurrency: fact.converted?.currency ?? null,
    convertedRate: fact.converted?.rate ?? null,
    providerPayoutId: fact.payoutId,
    occurredAt: fact.occurredAt,
    describedAt: telling.toldAt,
  };
  await inside.tx
    .insertInto('statementLines')
    .values({
      workspaceId: inside.workspaceId,
      appId: telling.appId,
      paymentSourceId: telling.sourceId,
      providerId: fact.lineId,
      ...row,
    })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet((eb) => ({
          ...row,
          providerPayoutId: eb.fn.coalesce('excluded.providerPayoutId', 'statementLines.providerPayoutId'),
        }))
        .where('statementLines.describedAt', '<=', telling.toldAt),
    )
    .execute();
}

/** Keeps what the provider says it paid out; a newer word of it (arrived, failed) replaces an older one. */
export async function applyPayout(inside: Inside, telling: Telling, fact: PayoutFact): Promise<void> {
  const row = {
    amountMinor: String(fact.amount),
    currency: fact.currency,
    status: fact.status,
    startedAt: fact.startedAt,
    arrivesOn: fact.arrivesOn,
    describedAt: telling.toldAt,
  };
  await inside.tx
    .insertInto('payouts')
    .values({
      workspaceId: inside.workspaceId,
      paymentSourceId: telling.sourceId,
      providerId: fact.payoutId,
      ...row,
    })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'paymentSourceId', 'providerId'])
        .doUpdateSet(row)
        .where('payouts.describedAt', '<=', telling.toldAt),
    )
    .execute();
}
