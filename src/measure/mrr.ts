import type { Interval } from '#src/outside/payments/payment.ts';

/**
 * Monthly recurring revenue and how it moves. Sources: Stripe, billing/subscriptions/analytics/glossary; ChartMogul
 * help, articles 203299912 and 4416682609426.
 *
 * Amounts are minor units of one currency: convert before, at one rate for both sides of a movement, so that a moving
 * exchange rate makes none. Inside, arithmetic is exact; a customer's MRR is rounded once, half away from zero, and
 * everything above it (movements, totals, ARR) is sums of those whole numbers, so it adds up without a remainder.
 */

/** An exact amount, `n / d`, d > 0. */
export type Fraction = { n: bigint; d: bigint };

export type MrrDiscount = {
  discountId: string;
  percentOff: string | null;
  amountOff: bigint | null;
  duration: 'forever' | 'once' | 'repeating' | null;
  startsAt: Date | null;
  endsAt: Date | null;
};

export type MrrItem = {
  quantity: number;
  unitAmount: bigint | null;
  unitAmountDecimal: string | null;
  interval: Interval;
  intervalCount: number;
  usageType: 'licensed' | 'metered';
  discounts: MrrDiscount[];
};

/** How often something is paid for. */
export type Every = Pick<MrrItem, 'interval' | 'intervalCount'>;

/** What MRR needs to know of a subscription; a `SubscriptionFact` fits as it is. */
export type MrrSubscription = {
  status: string;
  items: MrrItem[];
  discounts: MrrDiscount[];
  trialEnd: Date | null;
  endedAt: Date | null;
  pausedAt: Date | null;
};

export type MrrOptions = {
  /** `running` (default, as ChartMogul): every discount lowers MRR while it runs. `forever` (as Stripe): only those. */
  discounts?: 'running' | 'forever';
};

export type MovementKind = 'new' | 'expansion' | 'contraction' | 'churn' | 'reactivation';

/** `amount` is signed: negative for contraction and churn. */
export type Movement = { kind: MovementKind; amount: bigint };

export type MrrBridge = {
  opening: bigint;
  closing: bigint;
  new: bigint;
  expansion: bigint;
  reactivation: bigint;
  /** Negative or zero, like `churn`. */
  contraction: bigint;
  churn: bigint;
  /** Share of the opening MRR that was kept without and with expansion; null when there was none to keep. */
  grossRetention: number | null;
  netRetention: number | null;
};

/** Past due still counts, money is expected; unpaid, paused and what never started does not (Stripe's glossary). */
const paying = new Set(['active', 'past_due']);

/** A year has 12 months, 52 weeks and 365 days, as in Stripe's and ChartMogul's own figures. */
const perMonth: Record<Interval, Fraction> = {
  day: { n: 365n, d: 12n },
  week: { n: 52n, d: 12n },
  month: { n: 1n, d: 1n },
  year: { n: 1n, d: 12n },
};

/**
 * The MRR of a subscription at an instant, exact. Trials, pauses, metered items and ended subscriptions are 0; a
 * cancellation counts when the paid time ends. `unknown` names what could not be counted because its amount is not
 * known (a discount seen only by id, a price in tiers); the MRR is then a best figure, to be shown as such.
 */
export function subscriptionMrr(
  subscription: MrrSubscription,
  at: Date,
  { discounts = 'running' }: MrrOptions = {},
): { mrr: Fraction; unknown: string[] } {
  const unknown: string[] = [];
  const trial = subscription.trialEnd !== null && subscription.trialEnd > at;
  const ended = subscription.endedAt !== null && subscription.endedAt <= at;
  const paused = subscription.pausedAt !== null && subscription.pausedAt <= at;
  if (!paying.has(subscription.status) || trial || ended || paused) return { mrr: zero, unknown };

  const applies = (discount: MrrDiscount, every: Every) => {
    const end = discountEnd(discount, every);
    if (discount.startsAt !== null && discount.startsAt > at) return false;
    if (end !== null && end <= at) return false;
    return discounts === 'running' || discount.duration === 'forever';
  };
  const lessDiscounts = (amount: Fraction, list: MrrDiscount[], every: Every) =>
    list.reduce((left, discount) => {
      if (!applies(discount, every)) return left;
      const factor = monthlyFactor(every);
      if (discount.percentOff !== null) {
        const off = decimal(discount.percentOff);
        return atLeastZero(multiply(left, { n: 100n * off.d - off.n, d: 100n * off.d }));
      }
      if (discount.amountOff !== null) {
        return atLeastZero(minus(left, multiply({ n: discount.amountOff, d: 1n }, factor)));
      }
      unknown.push(`discount ${discount.discountId}`);
      return left;
    }, amount);

  const licensed = subscription.items.filter((item) => item.usageType === 'licensed');
  const gross = licensed.map((item) => {
    const unit = item.unitAmountDecimal !== null ? decimal(item.unitAmountDecimal) : whole(item.unitAmount);
    if (unit === null) {
      unknown.push('a price in tiers');
      return zero;
    }
    const full = multiply(multiply(unit, { n: BigInt(item.quantity), d: 1n }), monthlyFactor(item));
    return lessDiscounts(full, item.discounts, item);
  });
  const total = gross.reduce(plus, zero);
  const every = shortestInterval(licensed);
  return { mrr: every === null ? total : lessDiscounts(total, subscription.discounts, every), unknown };
}

/** How often an invoice of a subscription comes: an amount off the subscription comes off each of them. */
export function shortestInterval(items: readonly MrrItem[]): Every | null {
  const [first = null, ...rest] = items.filter((item) => item.usageType === 'licensed');
  return rest.reduce<Every | null>(
    (most, each) => (most !== null && compare(monthlyFactor(each), monthlyFactor(most)) > 0 ? each : most),
    first,
  );
}

/**
 * When a discount stops to lower MRR; null = not by itself. One that is for `once` lowers the one invoice of its first
 * interval, where the provider names no end.
 */
export function discountEnd(discount: MrrDiscount, { interval, intervalCount }: Every): Date | null {
  if (discount.endsAt !== null || discount.duration !== 'once' || discount.startsAt === null) return discount.endsAt;
  const end = new Date(discount.startsAt);
  if (interval === 'day' || interval === 'week')
    end.setUTCDate(end.getUTCDate() + intervalCount * (interval === 'week' ? 7 : 1));
  else {
    const day = end.getUTCDate();
    end.setUTCMonth(end.getUTCMonth() + intervalCount * (interval === 'year' ? 12 : 1));
    // The 31st of a month with 30 days is its last.
    if (end.getUTCDate() !== day) end.setUTCDate(0);
  }
  return end;
}

/** A customer's MRR in whole minor units: all their subscriptions, summed exactly and rounded once. */
export function customerMrr(subscriptions: MrrSubscription[], at: Date, options?: MrrOptions): bigint {
  return rounded(subscriptions.map((each) => subscriptionMrr(each, at, options).mrr).reduce(plus, zero));
}

/**
 * What changed for one customer, or null when nothing did. `everPaid`: whether they had MRR at any time before; it
 * tells a reactivation from a new customer.
 */
export function movement(before: bigint, after: bigint, everPaid: boolean): Movement | null {
  const amount = after - before;
  if (amount === 0n) return null;
  if (before === 0n) return { kind: everPaid ? 'reactivation' : 'new', amount };
  if (after === 0n) return { kind: 'churn', amount };
  return { kind: amount > 0n ? 'expansion' : 'contraction', amount };
}

/** Each customer's movement between two states; who is in only one of them had or has nothing. */
export function movements(
  before: ReadonlyMap<string, bigint>,
  after: ReadonlyMap<string, bigint>,
  everPaid: ReadonlySet<string>,
): ({ customerId: string } & Movement)[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((customerId) => {
    const opening = before.get(customerId) ?? 0n;
    const change = movement(opening, after.get(customerId) ?? 0n, everPaid.has(customerId));
    return change === null ? [] : [{ customerId, ...change }];
  });
}

/** From opening to closing MRR; opening + all five movements = closing, exactly. */
export function mrrBridge(opening: bigint, changes: Movement[]): MrrBridge {
  const total = (kind: MovementKind) =>
    changes.reduce((sum, each) => (each.kind === kind ? sum + each.amount : sum), 0n);
  const contraction = total('contraction');
  const churn = total('churn');
  const expansion = total('expansion');
  const share = (kept: bigint) => (opening === 0n ? null : Number(kept) / Number(opening));
  return {
    opening,
    closing: changes.reduce((sum, each) => sum + each.amount, opening),
    new: total('new'),
    expansion,
    reactivation: total('reactivation'),
    contraction,
    churn,
    grossRetention: share(opening + contraction + churn),
    netRetention: share(opening + contraction + churn + expansion),
  };
}

/** Annual recurring revenue: 12 times MRR, by definition. */
export function arr(mrr: bigint): bigint {
  return 12n * mrr;
}

/** A payment spread over its months in whole minor units that sum to it exactly, no two more than one unit apart. */
export function spread(amount: bigint, months: number): bigint[] {
  const until = (month: number) => rounded({ n: amount * BigInt(month), d: BigInt(months) });
  return Array.from({ length: months }, (_, month) => until(month + 1) - until(month));
}

/** Half away from zero: 0.5 → 1, −0.5 → −1. */
export function rounded({ n, d }: Fraction): bigint {
  const twice = 2n * (n < 0n ? -n : n);
  const size = (twice + d) / (2n * d);
  return n < 0n ? -size : size;
}

const zero: Fraction = { n: 0n, d: 1n };

function monthlyFactor(item: { interval: Interval; intervalCount: number }): Fraction {
  const { n, d } = perMonth[item.interval];
  return { n, d: d * BigInt(item.intervalCount) };
}

function whole(amount: bigint | null): Fraction | null {
  return amount === null ? null : { n: amount, d: 1n };
}

/** "12.5" as 125/10. */
function decimal(text: string): Fraction {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no decimal number.`);
  const fraction = match[3] ?? '';
  return { n: BigInt(`${match[1]}${match[2]}${fraction}`), d: 10n ** BigInt(fraction.length) };
}

function plus(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.d + b.n * a.d, d: a.d * b.d };
}

function minus(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.d - b.n * a.d, d: a.d * b.d };
}

function multiply(a: Fraction, b: Fraction): Fraction {
  return { n: a.n * b.n, d: a.d * b.d };
}

function compare(a: Fraction, b: Fraction): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function atLeastZero(amount: Fraction): Fraction {
  return amount.n < 0n ? zero : amount;
}
