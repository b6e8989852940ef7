import {
  discountEnd,
  type MovementKind,
  type MrrSubscription,
  movement,
  rounded,
  shortestInterval,
  subscriptionMrr,
} from '#src/measure/mrr.ts';

/** A subscription as it was described at a moment. `at`: since when it is so; `cause`: what told it. */
export type MrrState = { at: Date; currency: string; subscription: MrrSubscription; cause?: string };

/** From `at` on the subscription is worth `mrr`, in whole minor units of `currency`. `cause` null: time alone did it. */
export type MrrStep = { at: Date; currency: string; mrr: bigint; cause: string | null };

/** One change of a customer's MRR, by one of their subscriptions. `amount` is signed. */
export type MrrMovement = {
  subscriptionId: string;
  at: Date;
  currency: string;
  kind: MovementKind;
  amount: bigint;
  cause: string | null;
};

/** Subscriptions that begin within this time of a customer's first are part of the same beginning (ChartMogul: 60 min). */
const ONE_BEGINNING = 3_600_000;

/**
 * What a subscription was worth over time, from its descriptions in the order they count: also where a discount or a
 * pause begins or ends without any event. Only changes are steps, the first one is above 0. `nextChange` is when it
 * changes by itself after `until`, null when it does not; `unknown` names what could not be counted in the last state.
 */
export function mrrSteps(
  states: readonly MrrState[],
  until: Date,
): { steps: MrrStep[]; nextChange: Date | null; unknown: string[] } {
  const steps: MrrStep[] = [];
  let since = new Date(0);
  let nextChange: Date | null = null;
  let unknown: string[] = [];
  for (const [index, { at, currency, subscription, cause = null }] of states.entries()) {
    since = at > since ? at : since;
    const next = states[index + 1];
    const end = next ? (next.at > since ? next.at : since) : null;
    const changes = changesOf(subscription, since);
    for (const moment of [since, ...changes.filter((each) => (end === null ? each <= until : each < end))]) {
      if (end !== null && moment >= end) continue;
      const exact = subscriptionMrr(subscription, moment);
      const mrr = rounded(exact.mrr);
      unknown = exact.unknown;
      const last = steps.at(-1);
      if ((last?.mrr ?? 0n) === mrr && (mrr === 0n || last?.currency === currency)) continue;
      steps.push({ at: moment, currency, mrr, cause: moment === since ? cause : null });
    }
    nextChange = changes.find((each) => each > until) ?? null;
  }
  return { steps, nextChange, unknown };
}

/**
 * The movements of one customer from what each of their subscriptions was worth over time. The kind is the customer's
 * (a further subscription is an expansion, the end of the last one churn), the amount the subscription's, so movements
 * sum to the MRR of each. Of changes at one moment the rises come first: who moves to another subscription does not
 * churn. A subscription that goes over to another currency neither churns nor begins.
 */
export function customerMovements(
  lives: readonly { subscriptionId: string; steps: readonly MrrStep[] }[],
): MrrMovement[] {
  const changes = lives
    .flatMap(({ subscriptionId, steps }) =>
      steps.map((after, index) => ({ subscriptionId, before: steps[index - 1] ?? null, after })),
    )
    .sort(
      (a, b) =>
        a.after.at.getTime() - b.after.at.getTime() ||
        Number(fell(a)) - Number(fell(b)) ||
        (a.subscriptionId < b.subscriptionId ? -1 : 1),
    );
  const paying = new Set<string>();
  const made: MrrMovement[] = [];
  let beginning: { at: Date; kind: MovementKind } | null = null;
  for (const { subscriptionId, before, after } of changes) {
    const { at, currency, mrr, cause } = after;
    const was = before?.mrr ?? 0n;
    paying.delete(subscriptionId);
    const others = paying.size > 0 ? 1n : 0n;
    if (mrr > 0n) paying.add(subscriptionId);
    if (before && was > 0n && mrr > 0n && before.currency !== currency) {
      made.push({ subscriptionId, at, currency, kind: 'expansion', amount: mrr, cause });
      made.push({ subscriptionId, at, currency: before.currency, kind: 'contraction', amount: -was, cause });
      continue;
    }
    const change = movement(others + was, others + mrr, made.length > 0);
    if (change === null) continue;
    let { kind } = change;
    if (others === 0n && was === 0n) beginning = { at, kind };
    else if (was === 0n && beginning !== null && at.getTime() - beginning.at.getTime() <= ONE_BEGINNING)
      kind = beginning.kind;
    const moved = mrr === 0n && before ? before.currency : currency;
    made.push({ subscriptionId, at, currency: moved, kind, amount: change.amount, cause });
  }
  return made;
}

/** The moments after `since` at which a subscription's MRR may change although nothing is told. */
function changesOf({ items, discounts, trialEnd, endedAt, pausedAt }: MrrSubscription, since: Date): Date[] {
  const whole = shortestInterval(items);
  const ends = [
    ...items.flatMap((item) => item.discounts.map((discount) => discountEnd(discount, item))),
    ...discounts.map((discount) => (whole === null ? discount.endsAt : discountEnd(discount, whole))),
  ];
  const starts = [...discounts, ...items.flatMap((item) => item.discounts)].map((discount) => discount.startsAt);
  return [...ends, ...starts, trialEnd, endedAt, pausedAt]
    .filter((at): at is Date => at !== null && at > since)
    .sort((a, b) => a.getTime() - b.getTime());
}

function fell({ before, after }: { before: MrrStep | null; after: MrrStep }): boolean {
  return before !== null && after.mrr < before.mrr;
}
