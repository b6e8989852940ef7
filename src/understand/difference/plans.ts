/** The plans a page sells: their names, prices, and what is in them. */
import type { Element } from '#src/understand/reading/tree.ts';
import type { Offer } from './amounts.ts';
import { isWithin, type Line } from './lines.ts';
import { keyOf } from './mask.ts';
import { boxOf } from './plans/box.ts';
import { contentsOf, distinctOffers, offersOfAttributes } from './plans/contents.ts';
import { addLoose } from './plans/loose.ts';
import { mergePrices, type PricedLine } from './plans/merge.ts';
import { bareName, couldBeName, isName } from './plans/names.ts';

export type Plan = {
  name: string;
  offers: Offer[];
  features: { text: string; mark: Line['mark'] }[];
  /** Sentences beside name and price. */
  notes: string[];
};

/** A shop’s list of goods tells nothing about plans, however long it is. */
const MOST_PRICES = 80;

export type Priced = {
  plans: Plan[];
  /** Lines that belong to a plan; what is left is the rest of the page. */
  taken: Set<Line>;
};

/** The plans outside tables. `lines` without those of tables. */
export function readPlans(lines: readonly Line[]): Priced {
  const priced = mergePrices(lines);
  // “Free” may be the name of a plan and its price; where it is the name, the price is said again or is in the name.
  const amounts = priced.filter((one) => one.offers.length > 0 && !isName(one)).slice(0, MOST_PRICES);
  const boxes = new Map<Element, PricedLine[]>();
  const loose: PricedLine[] = [];
  for (const one of amounts) {
    const box = boxOf(one, amounts, priced);
    if (box) boxes.set(box, [...(boxes.get(box) ?? []), one]);
    else loose.push(one);
  }
  const found: { at: number; plan: Plan; lines: Line[] }[] = [];
  for (const [box] of boxes) {
    const inside = priced.filter(({ line }) => isWithin(line.element, box));
    const plan = planOf(inside, box);
    if (plan)
      found.push({ at: priced.indexOf(inside[0] as PricedLine), plan, lines: inside.flatMap(({ all }) => all) });
  }
  addWordless(boxes, priced, found);
  addLoose(loose, priced, found);
  found.sort((a, b) => a.at - b.at);
  return { plans: joined(found.map(({ plan }) => plan)), taken: new Set(found.flatMap((one) => one.lines)) };
}

function planOf(inside: readonly PricedLine[], box: Element): Plan | null {
  const named = inside.find(isName) ?? inside.find(couldBeName);
  const priced = inside.filter(({ offers }) => offers.length > 0);
  const amounts = priced.filter((one) => one !== named && one.own);
  const offers = (amounts.length > 0 ? amounts : priced).flatMap((one) => one.offers);
  const name = named ? bareName(named.text) : null;
  if (offers.length === 0 || name === null) return null;
  const rest = inside.filter((one) => one !== named && !amounts.includes(one));
  return { name, offers: distinctOffers([...offersOfAttributes(box, offers), ...offers]), ...contentsOf(rest) };
}

/** Boxes beside those with prices that have none: “Enterprise”, with a button to write to somebody. */
function addWordless(
  boxes: ReadonlyMap<Element, PricedLine[]>,
  priced: readonly PricedLine[],
  found: { at: number; plan: Plan; lines: Line[] }[],
): void {
  const known = [...boxes.keys()];
  for (const parent of new Set(known.map((box) => box.parent))) {
    const siblings = known.filter((box) => box.parent === parent);
    if (!parent || siblings.length < 2) continue;
    for (const child of parent.children) {
      if (!('attribs' in child) || siblings.includes(child) || child.name !== siblings[0]?.name) continue;
      const inside = priced.filter(({ line }) => isWithin(line.element, child));
      const named = inside.find(isName) ?? inside.find(couldBeName);
      if (!named) continue;
      const offer: Offer = {
        amount: /^(?:free|gratis|kostenlos)$/i.test(named.text) ? '0' : null,
        currency: '',
        interval: null,
        billed: null,
        perSeat: false,
        from: false,
        quote: named.text,
      };
      const plan = {
        name: bareName(named.text),
        offers: [offer],
        ...contentsOf(inside.filter((one) => one !== named)),
      };
      found.push({ at: priced.indexOf(inside[0] as PricedLine), plan, lines: inside.flatMap(({ all }) => all) });
    }
  }
}

/** One plan of each name: the two sides of a toggle are often two sets of boxes. */
function joined(plans: readonly Plan[]): Plan[] {
  const byName = new Map<string, Plan>();
  for (const plan of plans) {
    const known = byName.get(keyOf(plan.name));
    if (!known) byName.set(keyOf(plan.name), { ...plan, offers: distinctOffers(plan.offers) });
    else {
      known.offers = distinctOffers([...known.offers, ...plan.offers]);
      for (const feature of plan.features)
        if (!known.features.some((one) => keyOf(one.text) === keyOf(feature.text))) known.features.push(feature);
    }
  }
  return [...byName.values()];
}
