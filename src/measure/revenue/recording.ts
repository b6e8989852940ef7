import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { emailHash } from '#src/measure/identities.ts';
import { API, type Given, type Recorded } from '#src/measure/revenue/recorded.ts';
import { id, instant, operation } from '#src/operation.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

/** Days begin earlier elsewhere, and clocks differ. */
const AHEAD = 86_400_000;

const reference = z.string().trim().min(1).max(200);
const digits = z.string().regex(/^\d{1,18}$/, 'An amount is a whole number of minor units, e.g. "1250" for 12.50.');
const amount = z.strictObject({
  minor: digits,
  currency: z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.'),
});
const customer = z.strictObject({
  person: z.string().trim().min(1).max(200).optional().describe('Your own user id, as sent with signups.'),
  email: z.email().max(320).optional(),
  name: z.string().trim().max(200).optional(),
});
const metadata = z
  .record(z.string().max(100), z.string().max(500))
  .refine((all) => Object.keys(all).length <= 30, 'At most 30 entries.')
  .describe('With `ff`, the click id of the visit the payment came from, it is joined to that click.');
const taken = z.object({ recorded: z.boolean(), duplicate: z.boolean() });

/**
 * Takes in money that an app tells of itself: stored raw as an event of the source `api`, then processed like a
 * provider's. The same reference with the same content again changes nothing; with another content it is refused.
 */
async function take(context: Context, appId: string, given: Given, at: Date | null): Promise<z.output<typeof taken>> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const now = inside.clock.now();
    if (at !== null && at.getTime() > now.getTime() + AHEAD)
      throw refuse('invalid', 'in_the_future', 'It is dated more than a day ahead. Record it when it has happened.');
    const sourceId = await apiSource(inside, appId);
    const known = await alreadyTold(inside, sourceId, given, at);
    if (known !== null) {
      if (known === JSON.stringify(given)) return { recorded: false, duplicate: true };
      throw refuse(
        'conflict',
        'reference_taken',
        `“${given.reference}” was recorded before with other content. Each reference stands for one ${given.kind}.`,
      );
    }
    if (given.kind === 'payment' || given.kind === 'refund' || given.kind === 'dispute')
      await assertFits(inside, { appId, sourceId }, given);
    const recorded: Recorded = {
      at: (at ?? now).toISOString(),
      customerKey: 'customer' in given ? keyOf(inside, given.customer) : null,
      given,
    };
    const kind = `${given.kind}.recorded`;
    const row = await inside.tx
      .insertInto('paymentEvents')
      .values({
        workspaceId: inside.workspaceId,
        paymentSourceId: sourceId,
        providerEventId: eventId(given, at ?? now),
        kind,
        body: JSON.stringify(recorded),
        occurredAt: at ?? now,
        receivedAt: now,
      })
      .onConflict((oc) => oc.columns(['workspaceId', 'paymentSourceId', 'providerEventId']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row)
      throw refuse('conflict', 'same_moment', `“${given.reference}” was recorded with other content a moment ago.`);
    await inside.tx.updateTable('paymentSources').set({ lastEventAt: now }).where('id', '=', sourceId).execute();
    await record(inside, 'payment.received', { subjectId: row.id, detail: { kind } });
    return { recorded: true, duplicate: false };
  });
}

/** The content recorded under this reference (and moment) before, as text; null when there is none. */
async function alreadyTold({ tx }: Inside, sourceId: string, given: Given, at: Date | null): Promise<string | null> {
  const states = given.kind === 'subscription' || given.kind === 'dispute';
  const prefix = `${onceOf(given)}:`;
  const row = await tx
    .selectFrom('paymentEvents')
    .select('body')
    .where('paymentSourceId', '=', sourceId)
    .$if(!states || at !== null, (query) => query.where('providerEventId', '=', eventId(given, at ?? new Date(0))))
    .$if(states && at === null, (query) =>
      query.where((eb) => eb.fn<boolean>('starts_with', ['providerEventId', eb.val(prefix)])),
    )
    .orderBy('receivedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  const told = JSON.stringify((JSON.parse(row.body) as Recorded).given);
  // A subscription or a dispute changes: what is new is a further state of it, unless it is named for the same moment.
  return states && at === null && told !== JSON.stringify(given) ? null : told;
}

type Moved = Extract<Given, { amount: unknown }>;

/**
 * Refuses money that cannot be: more tax than amount; a payment that a provider told of under the same id, which would
 * count twice; more back than was paid or back in another currency, as far as the payment was recorded already. What
 * comes back later than that is the ledger's to show.
 */
async function assertFits(
  { tx }: Inside,
  { appId, sourceId }: { appId: string; sourceId: string },
  given: Moved,
): Promise<void> {
  const { minor, currency } = given.amount;
  if (BigInt(given.taxMinor ?? 0) > BigInt(minor))
    throw refuse('invalid', 'tax', 'The tax is part of the amount, so it cannot be more than that.');
  if (given.kind === 'payment') {
    const elsewhere = await tx
      .selectFrom('paymentSources')
      .innerJoin('payments', 'payments.paymentSourceId', 'paymentSources.id')
      .select('paymentSources.name')
      .where('paymentSources.appId', '=', appId)
      .where('paymentSources.id', '<>', sourceId)
      .where('payments.providerId', '=', given.reference)
      .executeTakeFirst();
    if (!elsewhere) return;
    const already = `“${given.reference}” came in from ${elsewhere.name} already. Recorded here too, it would count twice.`;
    throw refuse('conflict', 'told_already', already);
  }
  const told = await tx
    .selectFrom('paymentEvents')
    .select('body')
    .where('paymentSourceId', '=', sourceId)
    .where('providerEventId', '=', onceOf({ kind: 'payment', reference: given.payment }))
    .executeTakeFirst();
  if (!told) return;
  const { amount: paid } = (JSON.parse(told.body) as { given: Moved }).given;
  if (paid.currency !== currency)
    throw refuse('invalid', 'currency', `“${given.payment}” was paid in ${paid.currency}: it goes back in the same.`);
  if (given.status === 'failed' || given.status === 'won') return;
  const earlier = await tx
    .selectFrom('refunds')
    .select((eb) => eb.fn.sum<string | null>('amountMinor').as('minor'))
    .where('paymentSourceId', '=', sourceId)
    .where('providerPaymentId', '=', given.payment)
    .where('kind', '=', given.kind)
    .where('status', '<>', 'failed')
    .where('providerId', '<>', given.reference)
    .executeTakeFirstOrThrow();
  if (BigInt(earlier.minor ?? 0) + BigInt(minor) > BigInt(paid.minor))
    throw refuse('invalid', 'too_much_back', `More would go back than was paid with “${given.payment}”.`);
}

/**
 * A payment happens once, a refund is in each of its states once (pending, then succeeded); a subscription and a dispute
 * have states, each at its moment.
 */
function eventId(given: Given, at: Date): string {
  const once = onceOf(given);
  if (given.kind === 'payment') return once;
  if (given.kind === 'refund') return `${once}:${given.status ?? 'succeeded'}`;
  return `${once}:${at.toISOString()}`;
}

/** Encoded, so that no reference is the beginning of another one's. */
function onceOf({ kind, reference }: Pick<Given, 'kind' | 'reference'>): string {
  return `${kind}:${encodeURIComponent(reference)}`;
}

function keyOf(inside: Inside, who: { person?: string | undefined; email?: string | undefined } | undefined) {
  if (who?.person !== undefined) return `person:${who.person}`;
  return who?.email === undefined ? null : `email:${emailHash(inside, who.email)}`;
}

/** The app's own source of recorded money, made at the first sight and held: what it records is taken one by one. */
export async function apiSource(inside: Inside, appId: string): Promise<string> {
  const { tx, workspaceId, clock } = inside;
  const createdBy = userOf(inside);
  await tx
    .insertInto('paymentSources')
    .values({ workspaceId, appId, provider: API, name: 'Recorded by the app', createdBy, createdAt: clock.now() })
    .onConflict((oc) => oc.doNothing())
    .execute();
  const { id: sourceId } = await tx
    .selectFrom('paymentSources')
    .select('id')
    .where('appId', '=', appId)
    .where('provider', '=', API)
    .where('removedAt', 'is', null)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return sourceId;
}

export const recordedPaymentOperations = {
  record: operation({
    summary:
      'Record a payment of an app that has no connected provider; your reference makes a repeated call harmless.',
    route: 'POST /payments',
    access: 'write',
    input: z.strictObject({
      appId: id,
      reference,
      amount,
      taxMinor: digits.optional(),
      feeMinor: digits.optional(),
      subscription: reference.optional().describe('The reference of the subscription it was for.'),
      customer: customer.optional(),
      metadata: metadata.optional(),
      paidAt: instant.optional(),
    }),
    output: taken,
    run: (context, { appId, paidAt, ...given }) => take(context, appId, { kind: 'payment', ...given }, paidAt ?? null),
  }),
};

export const refundOperations = {
  record: operation({
    summary: 'Record a refund or a dispute of a payment that was recorded by its reference.',
    route: 'POST /refunds',
    access: 'write',
    input: z.strictObject({
      appId: id,
      reference,
      kind: z.enum(['refund', 'dispute']).default('refund'),
      payment: reference.describe('The reference of the payment.'),
      amount,
      taxMinor: digits.optional(),
      status: z
        .enum(['pending', 'succeeded', 'failed', 'open', 'won', 'lost'])
        .optional()
        .describe('Of a refund: pending, succeeded or failed. Of a dispute: open, won or lost.'),
      refundedAt: instant.optional(),
    }),
    output: taken,
    run: (context, { appId, refundedAt, kind, ...given }) => {
      const fits: Record<typeof kind, readonly string[]> = {
        refund: ['pending', 'succeeded', 'failed'],
        dispute: ['open', 'won', 'lost'],
      };
      if (given.status !== undefined && !fits[kind].includes(given.status))
        throw refuse('invalid', 'status', `The status of a ${kind} is one of: ${fits[kind].join(', ')}.`);
      return take(context, appId, { kind, ...given }, refundedAt ?? null);
    },
  }),
};

const optionalMoment = instant.transform((at) => at.toISOString()).optional();

export const recordedSubscriptionOperations = {
  record: operation({
    summary: 'Record how a subscription is from a moment on, for an app that has no connected provider.',
    route: 'POST /subscriptions',
    access: 'write',
    input: z.strictObject({
      appId: id,
      reference,
      status: z.enum(['trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled']),
      plan: z.string().trim().min(1).max(200),
      quantity: z.int().min(0).max(1_000_000).default(1),
      price: amount.describe('For one piece and one interval.'),
      interval: z.enum(['day', 'week', 'month', 'year']).default('month'),
      intervalCount: z.int().min(1).max(366).default(1),
      percentOff: z
        .string()
        .regex(/^\d{1,3}(\.\d{1,6})?$/, 'A percentage such as "12.5".')
        .optional(),
      discountEndsAt: optionalMoment,
      customer,
      metadata: metadata.optional(),
      startedAt: optionalMoment,
      trialEndsAt: optionalMoment,
      cancelAt: optionalMoment,
      endedAt: optionalMoment,
      at: instant.optional().describe('Since when it is so; left out: now.'),
    }),
    output: taken,
    run: (context, { appId, at, ...given }) => take(context, appId, { kind: 'subscription', ...given }, at ?? null),
  }),
};
