import type { Inside } from '#src/context.ts';

/** Commissions of these payments are to be worked out again: their credits, or what is left of them, changed. */
export async function markCommissionsDue(
  { tx, workspaceId, clock }: Inside,
  appId: string,
  paymentIds: readonly string[],
): Promise<void> {
  if (paymentIds.length === 0) return;
  await tx
    .insertInto('commissionDues')
    .values(paymentIds.map((paymentId) => ({ workspaceId, appId, paymentId, since: clock.now() })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

/** Their commissions are worked out. */
export async function settleDues({ tx }: Inside, paymentIds: readonly string[]): Promise<void> {
  if (paymentIds.length === 0) return;
  await tx
    .deleteFrom('commissionDues')
    .where('paymentId', 'in', [...paymentIds])
    .execute();
}
