/** Prices a page tells machines only: JSON-LD and microdata. */
import { decimal, type Interval, type Offer } from '#src/understand/difference/amounts.ts';
import type { Plan } from '#src/understand/difference/plans.ts';
import { attribute, type Element, labelOf } from '#src/understand/reading/tree.ts';

/** Plans of the structured data, for pages that show their prices by script. */
export function pricesOfData(elements: readonly Element[]): Plan[] {
  const plans: Plan[] = [];
  for (const element of elements) {
    if (element.name !== 'script' || !/ld\+json/i.test(element.attribs.type ?? '')) continue;
    const source = element.children.map((child) => (child.type === 'text' ? child.data : '')).join('');
    try {
      fromOffers(JSON.parse(source), null, plans, 0);
    } catch {
      // Broken structured data says nothing; the rest of the page is read all the same.
    }
  }
  return plans.length > 0 ? plans.slice(0, 40) : fromMicrodata(elements);
}

function fromOffers(item: unknown, named: string | null, plans: Plan[], depth: number): void {
  if (depth > 6 || plans.length > 40) return;
  if (Array.isArray(item)) {
    for (const one of item.slice(0, 60)) fromOffers(one, named, plans, depth + 1);
    return;
  }
  if (typeof item !== 'object' || item === null) return;
  const record = item as Record<string, unknown>;
  const name = typeof record.name === 'string' ? record.name.slice(0, 80) : named;
  const price = record.price ?? record.lowPrice;
  if (
    (typeof price === 'string' || typeof price === 'number') &&
    /^\s*\d[\d.,]*\s*$/.test(String(price)) &&
    typeof record.priceCurrency === 'string'
  )
    plans.push({
      name: name ?? 'Price',
      offers: [offer(String(price).trim(), record.priceCurrency, intervalOf(record))],
      features: [],
      notes: [],
    });
  for (const key of [
    'offers',
    '@graph',
    'itemListElement',
    'hasVariant',
    'item',
    'mainEntity',
    'priceSpecification',
    'hasOfferCatalog',
  ])
    if (record[key] !== undefined && !(key === 'priceSpecification' && price !== undefined))
      fromOffers(record[key], name, plans, depth + 1);
}

function intervalOf(record: Record<string, unknown>): Interval | null {
  const words = JSON.stringify(
    record.priceSpecification ?? record.billingDuration ?? record.unitText ?? record.billingIncrement ?? '',
  ).slice(0, 1_000);
  if (/P1M|\bMON\b|month/i.test(words)) return 'month';
  return /P1Y|P12M|\bANN\b|year/i.test(words) ? 'year' : null;
}

function fromMicrodata(elements: readonly Element[]): Plan[] {
  const value = (element: Element) => attribute(element, 'content') ?? labelOf(element);
  const plans: Plan[] = [];
  let name = 'Price';
  for (const [index, element] of elements.entries()) {
    const prop = element.attribs.itemprop;
    if (prop === 'name') name = value(element).slice(0, 80);
    if (prop !== 'price' || !/^\s*\d[\d.,]*\s*$/.test(value(element))) continue;
    const around = [...elements.slice(Math.max(0, index - 5), index), ...elements.slice(index, index + 6)];
    const currency = around.find((one) => one.attribs.itemprop === 'priceCurrency');
    if (currency) plans.push({ name, offers: [offer(value(element), value(currency), null)], features: [], notes: [] });
  }
  return plans;
}

function offer(amount: string, currency: string, interval: Interval | null): Offer {
  return {
    amount: decimal(amount),
    currency: currency.toUpperCase().slice(0, 3),
    interval,
    billed: null,
    perSeat: false,
    from: false,
    quote: `${amount} ${currency}`,
  };
}
