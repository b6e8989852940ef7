import type { Inside } from '#src/context.ts';
import { ofPurchases, purchasesOf, subscribersNow, worthOfSubscribers } from '#src/measure/revenue/lifetime-value.ts';
import type { Cost } from './costs.ts';
import type { Outcome } from './outcome.ts';
import { FLOORS, none, type Ratio } from './ratios.ts';

/** Three years ahead, a year's money worth a tenth less: as the page of revenue begins. */
export const TERMS = { horizonMonths: 36, discountYearly: 0.1, confidence: 0.95 } as const;

/**
 * What a customer brings over their life: as given, else by what the payments so far tell: subscriptions over three years,
 * with a 95 % interval; of an app that only sells once, the first year, which has no interval. `margin` is what is left
 * of a unit after the provider's fees. Fitted only where a cost per customer can be said at all.
 */
export async function lifetimeFor(
  inside: Inside,
  asked: { appId: string; lifetimeValueMinor?: string | undefined },
  view: { outcomes: ReadonlyMap<string, Outcome>; costs: readonly Cost[]; currency: string; margin: number },
): Promise<Ratio> {
  if (asked.lifetimeValueMinor !== undefined)
    return { value: Number(asked.lifetimeValueMinor), low: null, high: null, reason: null };
  const customers = [...view.outcomes.values()].reduce((sum, each) => sum + each.customers, 0);
  if (view.costs.length === 0) return none('Nothing was spent, so there is nothing to set it against.');
  if (customers < FLOORS.customers - 1e-6)
    return none(
      `Not enough data: ${Math.floor(customers + 1e-6)} of the ${FLOORS.customers} new customers needed so far.`,
    );
  return measuredLifetime(inside, asked.appId, view);
}

/** As the payments so far tell, of all customers of an app. */
async function measuredLifetime(
  inside: Inside,
  appId: string,
  { currency, margin }: { currency: string; margin: number },
): Promise<Ratio> {
  const subscribers = await subscribersNow(inside, currency, appId);
  const worth = worthOfSubscribers(subscribers, { ...TERMS, marginPercent: margin * 100 });
  if (worth.enough)
    return {
      value: Number(worth.valueMinor),
      low: Number(worth.lowMinor),
      high: Number(worth.highMinor),
      reason: null,
    };
  if (subscribers.length > 0) return none(worth.reason);
  const bought = ofPurchases(await purchasesOf(inside, currency, appId), inside.clock.now());
  if (!bought.enough) return none(bought.reason);
  return { value: Number(bought.firstYearMinor) * margin, low: null, high: null, reason: null };
}
