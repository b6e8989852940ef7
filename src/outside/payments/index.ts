/** Every payment provider the program can listen to. A new one is a file beside this one and a line in it. */
import { lemonSqueezy } from './lemonsqueezy.ts';
import { paddle } from './paddle.ts';
import type { PaymentProvider } from './payment.ts';
import { polar } from './polar.ts';
import { revenuecat } from './revenuecat.ts';
import { stripe } from './stripe.ts';

/** The providers in the order in which they are offered. */
export const paymentProviders: readonly PaymentProvider[] = [stripe, lemonSqueezy, paddle, polar, revenuecat];

/** The same by their id, as the program keeps them. */
export function payments(): Map<string, PaymentProvider> {
  return new Map(paymentProviders.map((provider) => [provider.id, provider]));
}
