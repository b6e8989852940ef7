import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { id, money, operation } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { allModels } from './settings.ts';

const grade = z.enum(['click_id', 'checkout_metadata', 'code', 'server_event', 'self_report', 'timing']);

const shown = z.object({
  conversionId: id,
  appId: id,
  kind: z.enum(['signup', 'trial', 'purchase', 'goal']),
  occurredAt: z.date(),
  person: z.string().nullable(),
  /** Null while it waits to be attributed. */
  frozenAt: z.date().nullable(),
  windowDays: z.int().nullable(),
  attributed: z.boolean(),
  /** What was paid (or what a goal is worth), as credited. */
  amount: money.nullable(),
  /** What is left of it after tax, refunds and disputes. */
  net: money.nullable(),
  tax: money.nullable(),
  returns: z.array(z.object({ kind: z.enum(['refund', 'dispute', 'dispute_won']), amount: money, at: z.date() })),
  /** In order of time; none = nobody knows where they came from. */
  touches: z.array(
    z.object({
      touchId: id,
      at: z.date(),
      kind: z.enum(['arrival', 'code', 'self_report']),
      /** The code or the answer. */
      told: z.string().nullable(),
      channel: z.string(),
      source: z.string(),
      post: z.object({ id, title: z.string() }).nullable(),
      campaign: z.object({ id, name: z.string() }).nullable(),
      account: z.string().nullable(),
      affiliate: z.string().nullable(),
      link: z.string().nullable(),
      grade: grade.nullable(),
      visitId: id.nullable(),
      clickId: id.nullable(),
      credits: z.array(
        z.object({ model: z.enum(allModels), share: z.number(), amountMinor: z.string(), netMinor: z.string() }),
      ),
    }),
  ),
  /** How their visitors are known to be this person. */
  links: z.array(z.object({ id, kind: z.string(), grade, linkedAt: z.date() })),
  /** Versions of the learnt models its shares are from. */
  versions: z.array(z.object({ model: z.enum(allModels), version: z.int() })),
});

/** All that the credits of one conversion rest on, and what each model gives each touch. */
export async function receiptOf(
  context: Context,
  { conversionId }: { conversionId: string },
): Promise<z.input<typeof shown>> {
  return transaction(context, async ({ tx }) => {
    const conversion = await tx
      .selectFrom('conversions')
      .leftJoin('customers', 'customers.id', 'conversions.customerId')
      .leftJoin('payments', 'payments.id', 'conversions.paymentId')
      .select(['conversions.id', 'conversions.appId', 'conversions.kind', 'conversions.occurredAt', 'customers.person'])
      .select(['conversions.valueMinor', 'conversions.currency', 'conversions.paymentId', 'payments.taxMinor'])
      .where('conversions.id', '=', conversionId)
      .executeTakeFirst();
    if (!conversion) throw notFound('conversion');
    const credits = await tx
      .selectFrom('credits')
      .leftJoin('attributionModels', 'attributionModels.id', 'credits.attributionModelId')
      .select(['credits.model', 'credits.touchId', 'credits.share', 'credits.amountMinor', 'credits.netMinor'])
      .select(['credits.grade', 'credits.evidence', 'credits.frozenAt', 'credits.windowDays'])
      .select('attributionModels.version')
      .where('credits.conversionId', '=', conversionId)
      .execute();
    const touchIds = [...new Set(credits.flatMap((credit) => credit.touchId ?? []))];
    const touches =
      touchIds.length === 0
        ? []
        : await tx
            .selectFrom('touches')
            .leftJoin('posts', 'posts.id', 'touches.postId')
            .leftJoin('campaigns', 'campaigns.id', 'touches.campaignId')
            .leftJoin('accounts', 'accounts.id', 'touches.accountId')
            .leftJoin('affiliates', 'affiliates.id', 'touches.affiliateId')
            .leftJoin('links', 'links.id', 'touches.linkId')
            .select(['touches.id', 'touches.occurredAt', 'touches.kind', 'touches.told', 'touches.channel'])
            .select(['touches.source', 'touches.visitId', 'touches.clickId', 'touches.postId', 'posts.title'])
            .select(['touches.campaignId', 'campaigns.name as campaign', 'accounts.handle', 'affiliates.name'])
            .select('links.code')
            .where('touches.id', 'in', touchIds)
            .orderBy('touches.occurredAt')
            .orderBy('touches.id')
            .execute();
    const linkIds = [...new Set(credits.flatMap((credit) => linksIn(credit.evidence)))];
    const links =
      linkIds.length === 0
        ? []
        : await tx
            .selectFrom('identityLinks')
            .select(['id', 'kind', 'grade', 'linkedAt'])
            .where('id', 'in', linkIds)
            .orderBy('linkedAt')
            .execute();
    const returns =
      conversion.paymentId === null
        ? []
        : await tx
            .selectFrom('refunds')
            .select(['kind', 'amountMinor', 'currency', 'refundedAt'])
            .where('paymentId', '=', conversion.paymentId)
            .where('status', '=', 'succeeded')
            .orderBy('refundedAt')
            .orderBy(sql`kind`)
            .execute();
    const inMoney = (minor: string | bigint | null) =>
      conversion.currency === null || minor === null ? null : { minor: String(minor), currency: conversion.currency };
    const linear = credits.filter((credit) => credit.model === 'linear');
    return {
      conversionId: conversion.id,
      appId: conversion.appId,
      kind: conversion.kind,
      occurredAt: conversion.occurredAt,
      person: conversion.person,
      frozenAt: linear[0]?.frozenAt ?? null,
      windowDays: linear[0]?.windowDays ?? null,
      attributed: touches.length > 0,
      amount: inMoney(conversion.valueMinor),
      net: inMoney(linear.length === 0 ? null : linear.reduce((sum, credit) => sum + BigInt(credit.netMinor), 0n)),
      tax: inMoney(conversion.taxMinor),
      returns: returns.map((row) => ({
        kind: row.kind,
        amount: { minor: row.amountMinor, currency: row.currency },
        at: row.refundedAt,
      })),
      touches: touches.map((touch) => ({
        touchId: touch.id,
        at: touch.occurredAt,
        kind: touch.kind,
        told: touch.told,
        channel: touch.channel,
        source: touch.source,
        post: touch.postId !== null ? { id: touch.postId, title: touch.title ?? '' } : null,
        campaign: touch.campaignId !== null ? { id: touch.campaignId, name: touch.campaign ?? '' } : null,
        account: touch.handle,
        affiliate: touch.name,
        link: touch.code,
        grade: linear.find((credit) => credit.touchId === touch.id)?.grade ?? null,
        visitId: touch.visitId,
        clickId: touch.clickId,
        credits: allModels.flatMap((model) => {
          const own = credits.filter((credit) => credit.model === model);
          const credit = own.find((each) => each.touchId === touch.id);
          if (own.length === 0) return [];
          return [
            {
              model,
              share: Number(credit?.share ?? 0),
              amountMinor: credit?.amountMinor ?? '0',
              netMinor: credit?.netMinor ?? '0',
            },
          ];
        }),
      })),
      links,
      versions: allModels.flatMap((model) => {
        const version = credits.find((credit) => credit.model === model)?.version;
        return version == null ? [] : [{ model, version }];
      }),
    };
  });
}

function linksIn(evidence: unknown): string[] {
  const { identityLinks } = (evidence ?? {}) as { identityLinks?: string[] };
  return identityLinks ?? [];
}

export const receiptOperation = operation({
  summary: 'Show the receipt of a conversion: every touch with its evidence, what each model gives it, refunds.',
  route: 'GET /conversions/{conversionId}/receipt',
  access: 'read',
  input: z.strictObject({ conversionId: id }),
  output: shown,
  run: receiptOf,
});
