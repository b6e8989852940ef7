import { type Context, type Inside, transaction } from '#src/context.ts';
import { netOfPayment, netShares } from '#src/measure/attribution/net.ts';
import { closeConversions } from '#src/measure/conversions.ts';
import { type CreditModel, creditModels, creditTouches } from '#src/measure/credit.ts';
import type { Grade } from '#src/measure/identities.ts';

const DAY = 86_400_000;
/** A payment may come before the event that says who paid: so long it waits before it counts as unattributed. */
const PATIENCE = 3_600_000;
const BATCH = 100;

type Conversion = {
  id: string;
  kind: string;
  customerId: string | null;
  visitor: string | null;
  visitId: string | null;
  eventId: string | null;
  paymentId: string | null;
  occurredAt: Date;
  valueMinor: string;
  currency: string | null;
};

/** How a touch is known to be this person's: the grade of the join, and the rows it rests on. */
type Known = { grade: Grade; links: string[] };

/**
 * Freezes the credits of the conversions not yet attributed, for every rule-based model: the amounts of a model sum to
 * the conversion's money exactly, and each credit names the rows it rests on and what is left of it after tax, refunds
 * and disputes. Without a touch the money is unattributed, which is a row, too. Returns how many conversions were settled.
 */
export async function attribute(context: Context, appId: string): Promise<number> {
  for (let settled = 0; ; ) {
    const { taken, closed } = await transaction(context, (inside) => settleSome(inside, appId));
    settled += closed;
    if (taken < BATCH || closed === 0) return settled;
  }
}

/** For every app: what had to wait for its payer to be known. */
export async function attributeAll(context: Context): Promise<void> {
  const apps = await transaction(context, ({ tx }) => tx.selectFrom('apps').select('id').execute());
  for (const app of apps) await attribute(context, app.id);
}

async function settleSome(inside: Inside, appId: string): Promise<{ taken: number; closed: number }> {
  const { tx } = inside;
  const conversions = await tx
    .selectFrom('conversions')
    .select(['id', 'kind', 'customerId', 'visitor', 'visitId', 'eventId', 'paymentId', 'occurredAt'])
    .select(['valueMinor', 'currency'])
    .where('appId', '=', appId)
    .where('attributedAt', 'is', null)
    .orderBy('occurredAt')
    .limit(BATCH)
    .forUpdate()
    .skipLocked()
    .execute();
  const windowDays = await windowOf(inside, appId);
  const closed: string[] = [];
  for (const told of conversions) {
    const conversion = wholeSecond(told);
    const known = await visitorsOf(inside, appId, conversion);
    const waits = conversion.kind === 'purchase' && known.size === 0;
    if (waits && inside.clock.now().getTime() - conversion.occurredAt.getTime() < PATIENCE) continue;
    await freeze(inside, appId, conversion, known, await touchesOf(inside, appId, conversion, known, windowDays));
    closed.push(conversion.id);
  }
  await closeConversions(inside, closed);
  return { taken: conversions.length, closed: closed.length };
}

/** Payment providers tell whole seconds: who arrived within that second came before the payment, not after it. */
function wholeSecond(conversion: Conversion): Conversion {
  if (conversion.kind !== 'purchase') return conversion;
  return { ...conversion, occurredAt: new Date(conversion.occurredAt.getTime() + 999) };
}

async function windowOf({ tx }: Inside, appId: string): Promise<number> {
  const row = await tx
    .selectFrom('trackingSettings')
    .select('attributionWindowDays')
    .where('appId', '=', appId)
    .executeTakeFirst();
  return row?.attributionWindowDays ?? 30;
}

/** The visitors this person has been: the one who converted, and those linked to the customer, also through clicks. */
async function visitorsOf({ tx }: Inside, appId: string, conversion: Conversion): Promise<Map<string, Known>> {
  const visitors = new Map<string, Known>();
  const add = (visitor: string, grade: Grade, link: string | null) => {
    const known = visitors.get(visitor) ?? { grade, links: [] };
    if (link) known.links.push(link);
    visitors.set(visitor, known);
  };
  if (conversion.visitor !== null) add(conversion.visitor, 'server_event', null);
  if (conversion.customerId === null) return visitors;
  const links = await tx
    .selectFrom('identityLinks')
    .select(['id', 'kind', 'value', 'grade'])
    .where('appId', '=', appId)
    .where('customerId', '=', conversion.customerId)
    .where('kind', 'in', ['visitor', 'click'])
    .orderBy('linkedAt')
    .execute();
  for (const link of links) if (link.kind === 'visitor') add(link.value, link.grade, link.id);
  const clicks = links.filter((link) => link.kind === 'click');
  if (clicks.length === 0) return visitors;
  const visits = await tx
    .selectFrom('visits')
    .select(['visitor', 'clickId'])
    .where('appId', '=', appId)
    .where(
      'clickId',
      'in',
      clicks.map((link) => link.value),
    )
    .execute();
  for (const visit of visits) {
    const link = clicks.find((each) => each.value === visit.clickId);
    if (link) add(visit.visitor, link.grade, link.id);
  }
  return visitors;
}

type TouchRow = Awaited<ReturnType<typeof touchesOf>>[number];

/**
 * The touches that count. For a customer the window lies before their first conversion: what brought them is credited
 * with the renewals, too. Arrivals shortly before a later conversion count besides.
 */
async function touchesOf(
  { tx }: Inside,
  appId: string,
  conversion: Conversion,
  visitors: ReadonlyMap<string, Known>,
  windowDays: number,
) {
  const first =
    conversion.customerId === null
      ? undefined
      : await tx
          .selectFrom('conversions')
          .select((eb) => eb.fn.min('occurredAt').as('at'))
          .where('customerId', '=', conversion.customerId)
          .executeTakeFirst();
  const anchor = first?.at && first.at < conversion.occurredAt ? first.at : conversion.occurredAt;
  const back = (at: Date) => new Date(at.getTime() - windowDays * DAY);
  if (visitors.size === 0) return [];
  return tx
    .selectFrom('touches')
    .select(['id', 'visitor', 'visitId', 'occurredAt', 'channel', 'direct', 'clickId', 'postId', 'campaignId'])
    .where('appId', '=', appId)
    .where('visitor', 'in', [...visitors.keys()])
    .where('occurredAt', '<=', conversion.occurredAt)
    .where((eb) =>
      eb.or([
        eb.and([eb('occurredAt', '>=', back(anchor)), eb('occurredAt', '<=', anchor)]),
        eb('occurredAt', '>=', back(conversion.occurredAt)),
      ]),
    )
    .execute();
}

async function freeze(
  inside: Inside,
  appId: string,
  conversion: Conversion,
  visitors: ReadonlyMap<string, Known>,
  touches: readonly TouchRow[],
): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  await tx.deleteFrom('credits').where('conversionId', '=', conversion.id).execute();
  const amount = BigInt(conversion.valueMinor);
  const net = (conversion.paymentId === null ? null : await netOfPayment(inside, conversion.paymentId)) ?? amount;
  const common = {
    workspaceId,
    appId,
    conversionId: conversion.id,
    currency: conversion.currency,
    frozenAt: clock.now(),
  };
  const evidence = { event: conversion.eventId, payment: conversion.paymentId };
  const rows = creditModels.flatMap((model: CreditModel) => {
    const credits = creditTouches(
      model,
      touches.map(({ id, channel, occurredAt, direct }) => ({ id, channel, at: occurredAt, direct })),
      conversion.occurredAt,
      amount,
    );
    if (credits.length === 0)
      return [
        {
          ...common,
          model,
          share: '1',
          amountMinor: String(amount),
          netMinor: String(net),
          evidence: JSON.stringify(evidence),
        },
      ];
    const left =
      net === amount
        ? credits.map((credit) => credit.amount)
        : netShares(
            credits.map((credit) => credit.amount),
            net,
          );
    return credits.map((credit, index) => {
      const touch = touches.find((each) => each.id === credit.touchId);
      const known = touch && visitors.get(touch.visitor);
      return {
        ...common,
        model,
        touchId: credit.touchId,
        postId: touch?.postId ?? null,
        campaignId: touch?.campaignId ?? null,
        channel: touch?.channel ?? null,
        share: String(credit.share),
        amountMinor: String(credit.amount),
        netMinor: String(left[index] ?? 0n),
        grade: touch?.clickId ? ('click_id' as const) : (known?.grade ?? null),
        evidence: JSON.stringify({
          ...evidence,
          visit: touch?.visitId,
          click: touch?.clickId,
          identityLinks: known?.links ?? [],
        }),
      };
    });
  });
  await tx.insertInto('credits').values(rows).execute();
}
