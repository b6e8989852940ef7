/** The prices a competitor asks now, and until when those of before stood. */
import type { Inside } from '#src/context.ts';
import type { Offer, Shape } from '#src/understand/difference.ts';
import type { Kept } from './keep.ts';

/** Currencies whose smallest unit is the whole one (ISO 4217, 2026). */
const WHOLE = new Set([
  'JPY',
  'KRW',
  'VND',
  'CLP',
  'ISK',
  'UGX',
  'XAF',
  'XOF',
  'XPF',
  'PYG',
  'RWF',
  'KMF',
  'GNF',
  'DJF',
  'BIF',
  'VUV',
]);

type Price = {
  plan: string;
  amountMinor: string;
  currency: string;
  every: Offer['interval'] | 'unsaid';
  perSeat: boolean;
  starting: boolean;
  billed: Offer['billed'];
  quote: string;
};

/**
 * Takes the prices of the page that sells most plans (pricing before others). While a change of prices waits to be
 * confirmed, what stood before still stands. Amounts of less than the smallest unit are left out: they are no price of a plan.
 */
export async function keepPrices(
  { tx, workspaceId, clock }: Inside,
  competitorId: string,
  { pages }: Kept,
): Promise<void> {
  const [best] = pages
    .filter(({ read }) => read.shape.plans.length > 0)
    .sort(
      (a, b) =>
        Number(b.read.kind === 'pricing') - Number(a.read.kind === 'pricing') ||
        b.read.shape.plans.length - a.read.shape.plans.length,
    );
  // Another page that sells less would close the prices of this one.
  if (!best || best.waits) return;
  const now = clock.now();
  const shown = pricesOf(best.read.shape);
  const standing = await tx
    .selectFrom('competitorPrices')
    .selectAll()
    .where('competitorId', '=', competitorId)
    .where('seenUntil', 'is', null)
    .execute();
  const keyOf = (one: Omit<Price, 'quote' | 'every' | 'billed'> & { every: string | null; billed: string | null }) =>
    [one.plan, Number(one.amountMinor), one.currency, one.every, one.perSeat, one.starting, one.billed].join('|');
  const gone = standing.filter((row) => !shown.some((one) => keyOf(one) === keyOf(row))).map(({ id }) => id);
  if (gone.length > 0)
    await tx.updateTable('competitorPrices').set({ seenUntil: now }).where('id', 'in', gone).execute();
  const come = shown.filter((one) => !standing.some((row) => keyOf(one) === keyOf(row)));
  if (come.length > 0)
    await tx
      .insertInto('competitorPrices')
      .values(
        come.map((one) => ({
          workspaceId,
          competitorId,
          ...one,
          every: one.every ?? 'unsaid',
          pageVersionId: best.versionId,
          seenFrom: now,
        })),
      )
      .execute();
}

function pricesOf({ plans }: Shape): Price[] {
  const currency = plans
    .flatMap(({ offers }) => offers.map((one) => one.currency))
    .find((one) => /^[A-Z]{3}$/.test(one));
  const found = new Map<string, Price>();
  for (const { name, offers } of plans)
    for (const offer of offers) {
      const code = offer.currency || currency;
      if (offer.amount === null || !code || !/^[A-Z]{3}$/.test(code)) continue;
      const amountMinor = minor(offer.amount, code);
      if (amountMinor === null) continue;
      const price = {
        plan: name.slice(0, 80),
        amountMinor,
        currency: code,
        every: offer.interval ?? ('unsaid' as const),
        perSeat: offer.perSeat,
        starting: offer.from,
        billed: offer.billed,
        quote: offer.quote.slice(0, 400),
      };
      found.set([price.plan, amountMinor, code, price.every, price.perSeat, price.billed].join('|'), price);
    }
  return [...found.values()].slice(0, 60);
}

function minor(amount: string, currency: string): string | null {
  const [whole = '0', fraction = ''] = amount.split('.');
  const digits = WHOLE.has(currency) ? 0 : 2;
  if (whole.length > 10 || fraction.replace(/0+$/, '').length > digits) return null;
  return String(BigInt(whole + fraction.padEnd(digits, '0').slice(0, digits)));
}
