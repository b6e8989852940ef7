import type { Inside } from '#src/context.ts';
import { netOfPayment, netShares } from '#src/measure/attribution/net.ts';
import { type Credit, creditModels, creditTouches } from '#src/measure/credit.ts';
import { dayIn } from '#src/plan/times.ts';
import { countCredits, isFirstPurchase, markFirstPurchases, uncountCredits } from './days.ts';
import { markCommissionsDue } from './dues.ts';
import type { Conversion, Known, TouchRow } from './evidence.ts';
import { creditLearnt, type Learnt } from './learnt.ts';
import type { AnyModel, AttributionSettings } from './settings.ts';
import { keepArrivals } from './touches.ts';

/** A conversion with all that its credits rest on. `touches` in order of time. */
export type Case = {
  conversion: Conversion;
  known: ReadonlyMap<string, Known>;
  touches: readonly TouchRow[];
};

type Frozen = { appId: string; timeZone: string; settings: AttributionSettings; learnt: readonly Learnt[] };

/**
 * Writes the credits of these conversions by every model, in place of those they had, and counts them. A conversion
 * that had credits of a learnt model keeps that version of it. Amounts of a model sum to the conversion's money
 * exactly; without a touch one row says that it is unattributed.
 */
export async function freezeCredits(inside: Inside, cases: readonly Case[], frozen: Frozen): Promise<void> {
  if (cases.length === 0) return;
  const { tx } = inside;
  const conversionIds = cases.map(({ conversion }) => conversion.id);
  const before = await tx
    .selectFrom('credits')
    .select(['conversionId', 'model', 'attributionModelId'])
    .distinct()
    .where('conversionId', 'in', conversionIds)
    .execute();
  if (before.length > 0) {
    await uncountCredits(inside, { conversionIds });
    await tx.deleteFrom('credits').where('conversionId', 'in', conversionIds).execute();
  }
  const arrivals = cases.flatMap(({ touches }) => touches.filter(({ kept }) => !kept));
  await keepArrivals(
    inside,
    arrivals.map(({ id, occurredAt }) => ({ id, appId: frozen.appId, startedAt: occurredAt })),
  );
  const newest = [...Map.groupBy(frozen.learnt, (each) => each.model).values()].flatMap((each) => each[0] ?? []);
  for (const each of cases) {
    const own = before.filter((row) => row.conversionId === each.conversion.id && row.attributionModelId !== null);
    const learnt = newest.map(
      (model) =>
        frozen.learnt.find((one) =>
          own.some((row) => row.attributionModelId === one.id && row.model === model.model),
        ) ?? model,
    );
    await writeCase(inside, each, frozen, learnt);
  }
  await countCredits(inside, { conversionIds });
  const purchases = cases
    .filter(({ conversion }) => conversion.kind === 'purchase')
    .map(({ conversion }) => conversion);
  await markFirstPurchases(inside, [...new Set(purchases.flatMap(({ customerId }) => customerId ?? []))]);
  await markCommissionsDue(
    inside,
    frozen.appId,
    purchases.flatMap(({ paymentId }) => paymentId ?? []),
  );
}

async function writeCase(inside: Inside, each: Case, frozen: Frozen, learnt: readonly Learnt[]): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const { conversion, known, touches } = each;
  const { settings } = frozen;
  const amount = BigInt(conversion.valueMinor);
  const net = (conversion.paymentId === null ? null : await netOfPayment(inside, conversion.paymentId)) ?? amount;
  const common = {
    workspaceId,
    appId: frozen.appId,
    conversionId: conversion.id,
    currency: conversion.currency,
    convertedAt: conversion.happenedAt,
    countedDay: dayIn(frozen.timeZone, conversion.happenedAt),
    windowDays: settings.windowDays,
    firstPurchase: conversion.kind === 'purchase' && (await isFirst(inside, conversion.id)),
    frozenAt: clock.now(),
  };
  const evidence = { event: conversion.eventId, payment: conversion.paymentId };
  const byId = new Map(touches.map((touch) => [touch.id, touch]));
  const rowsOf = (model: AnyModel, credits: readonly Credit[], attributionModelId: string | null) => {
    if (credits.length === 0)
      return [
        {
          ...common,
          model,
          attributionModelId,
          share: '1',
          amountMinor: String(amount),
          netMinor: String(net),
          evidence: JSON.stringify(evidence),
        },
      ];
    const amounts = credits.map((credit) => credit.amount);
    const left = net === amount ? amounts : netShares(amounts, net);
    return credits.map((credit, index) => {
      const touch = byId.get(credit.touchId);
      const who = touch && known.get(touch.visitor);
      return {
        ...common,
        model,
        attributionModelId,
        touchId: credit.touchId,
        postId: touch?.postId ?? null,
        campaignId: touch?.campaignId ?? null,
        channel: touch?.channel ?? null,
        share: String(credit.share),
        amountMinor: String(credit.amount),
        netMinor: String(left[index] ?? 0n),
        grade: touch ? gradeOf(touch, who) : null,
        evidence: JSON.stringify({
          ...evidence,
          visit: touch?.visitId,
          click: touch?.clickId,
          told: touch?.told ?? undefined,
          toldByEvent: touch?.eventId ?? undefined,
          toldByPayment: touch?.paymentId ?? undefined,
          identityLinks: who?.links ?? [],
        }),
      };
    });
  };
  const timed = touches.map(({ id, channel, occurredAt, direct }) => ({ id, channel, at: occurredAt, direct }));
  const rules = creditModels.flatMap((model) =>
    rowsOf(
      model,
      creditTouches(model, timed, conversion.occurredAt, amount, {
        halfLifeDays: settings.halfLifeDays,
        positionShares: settings.position,
      }),
      null,
    ),
  );
  const rest = learnt.flatMap((one) =>
    rowsOf(one.model, touches.length === 0 ? [] : creditLearnt(one, touches, amount), one.id),
  );
  const rows = [...rules, ...rest];
  // A statement has at most 65,535 parameters.
  for (let at = 0; at < rows.length; at += 1000)
    await tx
      .insertInto('credits')
      .values(rows.slice(at, at + 1000))
      .execute();
}

/** A click of ours is the best that can be known of an arrival; what was told is graded by how it was told. */
function gradeOf(touch: TouchRow, known: Known | undefined) {
  if (touch.kind !== 'arrival') return touch.kind;
  return touch.clickId ? ('click_id' as const) : (known?.grade ?? null);
}

async function isFirst({ tx }: Inside, conversionId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('conversions as conversion')
    .select(isFirstPurchase.as('first'))
    .where('conversion.id', '=', conversionId)
    .executeTakeFirst();
  return row?.first ?? false;
}
