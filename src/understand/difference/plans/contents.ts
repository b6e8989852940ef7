/** What a plan offers besides its price, and the prices its markup keeps. */
import { type Offer, offersIn } from '#src/understand/difference/amounts.ts';
import { isHidden } from '#src/understand/difference/lines.ts';
import type { Plan } from '#src/understand/difference/plans.ts';
import type { Element } from '#src/understand/reading/tree.ts';
import type { PricedLine } from './merge.ts';

/** The items and sentences of a plan. */
export function contentsOf(rest: readonly PricedLine[]): Pick<Plan, 'features' | 'notes'> {
  const items = rest.filter(({ line }) => line.kind === 'item' && !line.link);
  const texts = rest.filter(({ line, text }) => line.kind !== 'item' && !isBadge(text) && /\p{L}{2}/u.test(text));
  const short = texts.filter(({ line, text }) => line.kind === 'text' && text.length <= 70 && !/[.!?]$/.test(text));
  const features = items.length > 0 ? items : short.length > 1 ? short : [];
  return {
    features: features.map(({ line, text }) => ({ text, mark: line.mark })),
    notes: texts.filter((one) => !features.includes(one)).map(({ text }) => text),
  };
}

function isBadge(text: string): boolean {
  return (
    text.length <= 30 &&
    /popular|recommended|best value|beliebt|empfohlen|^new$|^save|^spare|what'?s included|^includes|^features/i.test(
      text,
    )
  );
}

/** Prices a toggle keeps in attributes; with them the shown amount is one of two. */
export function offersOfAttributes(box: Element, shown: readonly Offer[]): Offer[] {
  const found: Offer[] = [];
  const sample = shown.find((one) => one.currency !== '');
  const waiting: Element[] = [box];
  for (let looked = 0; looked < 200; looked++) {
    const element = waiting.shift();
    if (!element) break;
    for (const [key, value] of Object.entries(element.attribs).slice(0, 20)) {
      const [, period] =
        /^data-(?:price-|amount-)?(month(?:ly)?|year(?:ly)?|annual(?:ly)?)(?:-price|-amount)?$/.exec(key) ?? [];
      if (!period || !/\d/.test(value) || value.length > 30) continue;
      const [said] = offersIn(value);
      const amount =
        said?.amount ??
        /^\s*(\d+(?:\.\d+)?)\s*$/.exec(value)?.[1]?.replace(/\.?0+$/, (zeros) => (zeros.startsWith('.') ? '' : zeros));
      if (amount && sample)
        found.push({
          ...sample,
          amount,
          currency: said?.currency ?? sample.currency,
          interval: period.startsWith('month') ? 'month' : 'month',
          billed: period.startsWith('month') ? null : 'year',
          quote: value,
        });
    }
    waiting.push(
      ...element.children
        .filter((child): child is Element => 'attribs' in child && !isHidden(child as Element))
        .slice(0, 60),
    );
  }
  return found;
}

/** The shown amount of a toggle is one of those kept beside it. */
export function distinctOffers(offers: readonly Offer[]): Offer[] {
  const kept = new Map<string, Offer>();
  const amounts = new Set<string>();
  for (const offer of offers) {
    const attribute =
      !/[^\d.,\s$€£¥₹A-Za-z]|\/|per/.test(offer.quote) && offer.quote.length < 12 && offer.billed !== null;
    const key = [offer.amount, offer.currency, offer.interval, offer.billed, offer.perSeat].join('|');
    if (!kept.has(key)) kept.set(key, offer);
    if (attribute) amounts.add(`${offer.amount}`);
  }
  return [...kept.values()];
}
