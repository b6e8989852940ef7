import type { Interval, Metadata, MoneyFact, SubscriptionStatus } from '#src/outside/payments/payment.ts';

/** The source of what an app records itself, without a provider. */
export const API = 'api';

type Amount = { minor: string; currency: string };
type Customer = { person?: string | undefined; email?: string | undefined; name?: string | undefined };

/** What an app may record, as it gave it. */
export type Given =
  | {
      kind: 'payment';
      reference: string;
      amount: Amount;
      taxMinor?: string | undefined;
      feeMinor?: string | undefined;
      subscription?: string | undefined;
      customer?: Customer | undefined;
      metadata?: Metadata | undefined;
    }
  | {
      kind: 'refund' | 'dispute';
      reference: string;
      payment: string;
      amount: Amount;
      taxMinor?: string | undefined;
      status?: 'pending' | 'succeeded' | 'failed' | 'open' | 'won' | 'lost' | undefined;
    }
  | {
      kind: 'subscription';
      reference: string;
      status: SubscriptionStatus;
      plan: string;
      quantity: number;
      price: Amount;
      interval: Interval;
      intervalCount: number;
      percentOff?: string | undefined;
      discountEndsAt?: string | undefined;
      customer: Customer;
      metadata?: Metadata | undefined;
      startedAt?: string | undefined;
      trialEndsAt?: string | undefined;
      cancelAt?: string | undefined;
      endedAt?: string | undefined;
    };

/**
 * What is stored as the raw event. `at`: when it happened, by the app or by our clock. `customerKey`: names the
 * customer within this source without telling their address.
 */
export type Recorded = { at: string; customerKey: string | null; given: Given };

/** The facts in what an app recorded, in the same form as those of a provider's event. */
export function translateRecorded(event: unknown): MoneyFact[] {
  const { at, customerKey, given } = event as Recorded;
  const occurredAt = new Date(at);
  const base = { occurredAt };
  switch (given.kind) {
    case 'payment': {
      const { reference, amount, customer, metadata = {} } = given;
      const money = { amount: BigInt(amount.minor), currency: amount.currency };
      return [
        {
          ...base,
          ...money,
          kind: 'payment',
          paymentId: reference,
          customerId: customerKey,
          subscriptionId: given.subscription ?? null,
          invoiceId: null,
          tax: whole(given.taxMinor),
          fee: whole(given.feeMinor),
          metadata,
        },
        {
          ...base,
          ...money,
          kind: 'checkout',
          checkoutId: reference,
          customerId: customerKey,
          email: customer?.email ?? null,
          clientReferenceId: customer?.person ?? null,
          metadata,
          subscriptionId: given.subscription ?? null,
          invoiceId: null,
          paymentId: reference,
          paid: true,
        },
        ...customerFact(customerKey, customer, metadata, occurredAt),
      ];
    }
    case 'refund':
    case 'dispute': {
      const { reference, payment, amount } = given;
      const money = { amount: BigInt(amount.minor), currency: amount.currency, tax: whole(given.taxMinor) };
      const status = given.status ?? 'succeeded';
      if (given.kind === 'refund')
        return [
          {
            ...base,
            ...money,
            kind: 'refund',
            refundId: reference,
            paymentId: payment,
            status: status === 'pending' || status === 'failed' ? status : 'succeeded',
          },
        ];
      return [
        {
          ...base,
          ...money,
          kind: 'dispute',
          disputeId: reference,
          paymentId: payment,
          status: status === 'won' || status === 'lost' ? status : 'open',
          reason: null,
        },
      ];
    }
    case 'subscription': {
      const customerId = customerKey ?? `subscription:${given.reference}`;
      const metadata = given.metadata ?? {};
      return [
        ...customerFact(customerId, given.customer, metadata, occurredAt),
        {
          ...base,
          kind: 'subscription',
          subscriptionId: given.reference,
          customerId,
          status: given.status,
          items: [
            {
              itemId: given.plan,
              priceId: given.plan,
              productId: null,
              quantity: given.quantity,
              unitAmount: BigInt(given.price.minor),
              unitAmountDecimal: null,
              currency: given.price.currency,
              interval: given.interval,
              intervalCount: given.intervalCount,
              usageType: 'licensed',
              discounts: [],
            },
          ],
          discounts:
            given.percentOff === undefined
              ? []
              : [
                  {
                    discountId: `${given.reference}:discount`,
                    percentOff: given.percentOff,
                    amountOff: null,
                    currency: null,
                    duration: given.discountEndsAt === undefined ? 'forever' : 'repeating',
                    startsAt: null,
                    endsAt: moment(given.discountEndsAt),
                  },
                ],
          trialEnd: moment(given.trialEndsAt),
          cancelAt: moment(given.cancelAt),
          canceledAt: null,
          endedAt: moment(given.endedAt),
          currentPeriodEnd: null,
          pausedAt: given.status === 'paused' ? occurredAt : null,
          metadata,
          startedAt: moment(given.startedAt) ?? occurredAt,
        },
      ];
    }
  }
}

function customerFact(
  customerId: string | null,
  customer: Customer | undefined,
  metadata: Metadata,
  occurredAt: Date,
): MoneyFact[] {
  if (customerId === null || customer === undefined) return [];
  const { person = null, email = null, name = null } = customer;
  return [{ kind: 'customer', customerId, email, name, deleted: false, person, aliases: [], metadata, occurredAt }];
}

function whole(minor: string | undefined): bigint | null {
  return minor === undefined ? null : BigInt(minor);
}

function moment(text: string | undefined): Date | null {
  return text === undefined ? null : new Date(text);
}
