import { randomUUID } from 'node:crypto';
import { transaction } from '#src/context.ts';
import { recordPurchase } from '#src/measure/conversions.ts';
import type { Person } from '#test/world.ts';

/** An arrival so many hours before the journey's end. */
export type Step = {
  hours: number;
  channel: string;
  direct?: boolean;
  postId?: string | null;
  campaignId?: string | null;
  linkId?: string | null;
  accountId?: string | null;
  affiliateId?: string | null;
  host?: string | null;
};
export type Journey = {
  steps: Step[];
  /** When it ended. */
  at: Date;
  /** How; left out, in nothing. */
  ends?: { kind: 'signup' } | { kind: 'purchase'; minor: bigint; currency: string; customerId?: string; tax?: bigint };
  visitor?: string;
};

/** Writes journeys as the stages before leave them, unattributed. Returns the ids of the conversions, in order. */
export async function keepJourneys(person: Person, appId: string, journeys: readonly Journey[]): Promise<string[]> {
  return transaction(person.context, async (inside) => {
    const { tx, workspaceId } = inside;
    const own = journeys.map((journey) => ({ visitor: randomUUID(), ...journey }));
    const touches = own.flatMap(({ steps, at, visitor }) =>
      steps.map((step) => ({
        workspaceId,
        appId,
        visitor,
        visitId: randomUUID(),
        occurredAt: new Date(at.getTime() - step.hours * 3_600_000),
        channel: step.channel,
        source: step.direct ? 'Direct' : step.channel,
        direct: step.direct ?? false,
        postId: step.postId ?? null,
        campaignId: step.campaignId ?? null,
        linkId: step.linkId ?? null,
        accountId: step.accountId ?? null,
        affiliateId: step.affiliateId ?? null,
        referrerHost: step.host ?? null,
      })),
    );
    for (let from = 0; from < touches.length; from += 1000)
      await tx
        .insertInto('visits')
        .values(
          touches
            .slice(from, from + 1000)
            .map(({ visitId, visitor, occurredAt, channel, source, postId, linkId, referrerHost }) => ({
              ...{ workspaceId, appId, id: visitId, visitor, startedAt: occurredAt, lastSeenAt: occurredAt, views: 1 },
              ...{ channel, source, medium: '(none)', entryPath: '/', exitPath: '/', postId, linkId, referrerHost },
            })),
        )
        .execute();
    // Of an arrival that is nothing but its visit there is no touch before it is credited.
    const kept = touches.filter(
      ({ channel, direct, postId, campaignId, linkId, accountId, affiliateId }) =>
        [postId, campaignId, linkId, accountId, affiliateId].some((id) => id !== null) ||
        direct !== (channel === 'Direct'),
    );
    for (let from = 0; from < kept.length; from += 1000)
      await tx
        .insertInto('touches')
        .values(kept.slice(from, from + 1000))
        .execute();
    const ids: string[] = [];
    const signups = own.filter(({ ends }) => ends?.kind === 'signup');
    for (let from = 0; from < signups.length; from += 1000)
      await tx
        .insertInto('conversions')
        .values(
          signups.slice(from, from + 1000).map(({ visitor, at }) => ({
            workspaceId,
            appId,
            kind: 'signup' as const,
            visitor,
            occurredAt: at,
            dedupe: `signup:visitor:${visitor}`,
          })),
        )
        .execute();
    for (const { ends, at, visitor } of own) {
      if (ends?.kind === 'signup')
        ids.push(
          (
            await tx
              .selectFrom('conversions')
              .select('id')
              .where('dedupe', '=', `signup:visitor:${visitor}`)
              .executeTakeFirstOrThrow()
          ).id,
        );
      if (ends?.kind !== 'purchase') continue;
      const source = await tx
        .selectFrom('paymentSources')
        .select('id')
        .where('appId', '=', appId)
        .executeTakeFirstOrThrow();
      const payment = await tx
        .insertInto('payments')
        .values({
          workspaceId,
          appId,
          paymentSourceId: source.id,
          providerId: randomUUID(),
          customerId: ends.customerId ?? null,
          amountMinor: String(ends.minor),
          taxMinor: String(ends.tax ?? 0n),
          currency: ends.currency,
          paidAt: at,
          describedAt: at,
          ...(ends.currency === 'USD'
            ? { reportingMinor: String(ends.minor), reportingRate: '1', reportingCurrency: 'USD' }
            : {}),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await recordPurchase(inside, {
        id: payment.id,
        appId,
        customerId: ends.customerId ?? null,
        paidAt: at,
        amount: ends.minor,
        currency: ends.currency,
      });
      const made = await tx
        .updateTable('conversions')
        .set({ visitor })
        .where('paymentId', '=', payment.id)
        .returning('id')
        .executeTakeFirstOrThrow();
      ids.push(made.id);
    }
    return ids;
  });
}

/** Money goes back, as a provider's event leaves it; the caller nets out. */
export async function giveBack(person: Person, conversionId: string, minor: bigint): Promise<string> {
  return transaction(person.context, async ({ tx, workspaceId, clock }) => {
    const payment = await tx
      .selectFrom('conversions')
      .innerJoin('payments', 'payments.id', 'conversions.paymentId')
      .select(['payments.id', 'payments.appId', 'payments.paymentSourceId', 'payments.currency'])
      .where('conversions.id', '=', conversionId)
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('refunds')
      .values({
        workspaceId,
        appId: payment.appId,
        paymentSourceId: payment.paymentSourceId,
        providerId: randomUUID(),
        paymentId: payment.id,
        amountMinor: String(minor),
        currency: payment.currency,
        refundedAt: clock.now(),
        describedAt: clock.now(),
      })
      .execute();
    return payment.id;
  });
}
