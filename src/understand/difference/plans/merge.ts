/** Prices whose pieces stand in lines of their own. */
import { type Interval, isTerms, type Offer, offersIn, wordOffer } from '#src/understand/difference/amounts.ts';
import { isWithin, type Line } from '#src/understand/difference/lines.ts';
import { plain } from '#src/understand/difference/noise.ts';
import type { Element } from '#src/understand/reading/tree.ts';

/** A line with what it costs; `all` are the lines that were put together for it. */
export type PricedLine = { line: Line; text: string; offers: Offer[]; all: Line[]; own: boolean };

/** Amounts whose sign, cents and interval stand in lines of their own, put together again. */
export function mergePrices(lines: readonly Line[]): PricedLine[] {
  const merged: PricedLine[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as Line;
    const all = [line];
    let text = plain(line.text);
    const next = (ahead: number) => lines[i + ahead];
    const joins = (pattern: RegExp) =>
      next(1) && pattern.test(plain(next(1)?.text ?? '')) && isNear(line, next(1) as Line);
    if (/^(?:[A-Z]{1,2}\$|[$€£¥₹]|USD|EUR|GBP|CHF)$/.test(text) && joins(/^\d[\d.,]*/)) {
      text += next(1)?.text;
      all.push(next(1) as Line);
      i++;
      if (next(1) && /^[.,]\d{2}$/.test(next(1)?.text ?? '')) {
        text += next(1)?.text;
        all.push(next(1) as Line);
        i++;
      }
    } else if (/^\d[\d.,]*$/.test(text) && joins(/^(?:[$€£¥₹]|USD|EUR|GBP|CHF|zł|kr)(?![\p{L}\d])/u)) {
      text += ` ${next(1)?.text}`;
      all.push(next(1) as Line);
      i++;
    }
    const alone = offersIn(text);
    const isShort = text.length <= 80;
    if (alone.length > 0 && isShort) {
      for (let steps = 0; steps < 3; steps++) {
        const terms = lines[i + 1];
        if (
          !terms ||
          terms.kind === 'heading' ||
          !isTerms(terms.text) ||
          !isNear(line, terms) ||
          offersIn(terms.text).length > 0
        )
          break;
        text += ` ${plain(terms.text)}`;
        all.push(terms);
        i++;
      }
    }
    const worded = alone.length === 0 ? wordOffer(text) : null;
    const said =
      alone.length === 0
        ? worded && line.kind !== 'item'
          ? [worded]
          : []
        : alone.length && all.length > 1
          ? offersIn(text)
          : alone;
    merged.push({ line, text, all, own: isShort, offers: said.map((offer) => inContext(offer, line)) });
  }
  return merged;
}

/** Both stand in one box of few lines. */
export function isNear(line: Line, other: Line): boolean {
  let parent: Element | null = line.element;
  for (let steps = 0; parent && steps < 4; steps++) {
    if (isWithin(other.element, parent)) return true;
    const up: Element['parent'] = parent.parent;
    parent = up && 'attribs' in up ? (up as Element) : null;
  }
  return false;
}

/** What the markup around a price says of it: the side of a toggle, a hidden panel. */
function inContext(offer: Offer, line: Line): Offer {
  let parent: Element | null = line.element;
  for (let steps = 0; parent && steps < 4; steps++) {
    const { attribs } = parent;
    const named = `${attribs.class ?? ''} ${attribs.id ?? ''} ${attribs['data-interval'] ?? ''} ${attribs['data-period'] ?? ''} ${attribs['data-billing'] ?? ''} ${attribs['data-cycle'] ?? ''}`;
    const year = /(?:^|[\s_-])(?:year(?:ly)?|annual(?:ly)?|jährlich|jahr)(?=$|[\s_-])/i.test(named);
    const month = /(?:^|[\s_-])(?:month(?:ly)?|mo|monatlich|monat)(?=$|[\s_-])/i.test(named);
    if (year !== month) {
      const hint: Interval = year ? 'year' : 'month';
      if (offer.interval === null) return { ...offer, interval: hint };
      return offer.interval === 'month' && hint === 'year' && offer.billed === null
        ? { ...offer, billed: 'year' }
        : offer;
    }
    const up: Element['parent'] = parent.parent;
    parent = up && 'attribs' in up ? (up as Element) : null;
  }
  return offer;
}
