/** Plans of two readings side by side. */
import { alike } from './alike.ts';
import { type Offer, showOffer } from './amounts.ts';
import { type Change, changeOf } from './change.ts';
import type { Shape } from './shape.ts';

type Plan = Shape['plans'][number];

/** Plans whose name changed, old key to new: they cost the same, or offer the same, or one came where one went. */
export function renamesIn(before: Shape, after: Shape): Map<string, string> {
  const gone = before.plans.filter(({ key }) => !after.plans.some((one) => one.key === key));
  const come = after.plans.filter(({ key }) => !before.plans.some((one) => one.key === key));
  const scores = gone.flatMap((one) =>
    come.map((other) => ({
      one,
      other,
      score:
        sameness(one, other) +
        (before.plans.indexOf(one) === after.plans.indexOf(other) && before.plans.length === after.plans.length
          ? 0.25
          : 0),
    })),
  );
  const renames = new Map<string, string>();
  const used = new Set<Plan>();
  for (const { one, other, score } of scores.sort((a, b) => b.score - a.score)) {
    if (score < 0.7 || used.has(one) || used.has(other)) continue;
    used.add(one).add(other);
    renames.set(one.key, other.key);
  }
  return renames;
}

function sameness(one: Plan, other: Plan): number {
  const prices = one.offers.some((offer) => offer.amount !== null && other.offers.some((twin) => isSame(offer, twin)));
  const shared = one.features.filter(({ key }) => other.features.some((twin) => twin.key === key)).length;
  const most = Math.max(one.features.length, other.features.length);
  const features = most === 0 ? 0 : shared / most;
  const wordless =
    one.offers.every(({ amount }) => amount === null) && other.offers.every(({ amount }) => amount === null);
  return (prices ? 0.6 : wordless ? 0.3 : 0) + 0.5 * features + 0.2 * alike(one.name, other.name);
}

export function comparePlans(
  before: Shape,
  after: Shape,
  renames: ReadonlyMap<string, string>,
  elsewhere: boolean,
): Change[] {
  // A page of a shop, or one whose plans could not be told apart, says nothing by losing all of them.
  if (before.plans.length === 0 && after.plans.length === 0) return [];
  const changes: Change[] = [];
  const came = new Set(after.plans.map(({ key }) => key));
  const switched = hasSwitched(before, after);
  for (const plan of before.plans) {
    const key = renames.get(plan.key) ?? plan.key;
    const twin = after.plans.find((one) => one.key === key);
    if (!twin) {
      changes.push(
        changeOf('plan_removed', {
          where: `${plan.name} plan`,
          before: wordsOf(plan),
          after: null,
          plan: plan.name,
          offers: [plan.offers[0] ?? null, null],
        }),
      );
      continue;
    }
    came.delete(key);
    if (key !== plan.key)
      changes.push(changeOf('plan_renamed', { where: 'plans', before: plan.name, after: twin.name, plan: twin.name }));
    if (!switched && !elsewhere) changes.push(...compareOffers(plan, twin, before.toggle || after.toggle));
  }
  for (const plan of after.plans)
    if (came.has(plan.key))
      changes.push(
        changeOf('plan_added', {
          where: `${plan.name} plan`,
          before: null,
          after: wordsOf(plan),
          plan: plan.name,
          offers: [null, plan.offers[0] ?? null],
        }),
      );
  return changes;
}

function wordsOf({ name, offers }: Plan): string {
  return offers.length > 0 ? `${name}: ${offers.map(showOffer).join(', ')}` : name;
}

function compareOffers(plan: Plan, twin: Plan, toggle: boolean): Change[] {
  let gone = plan.offers.filter((offer) => !twin.offers.some((other) => isSame(offer, other)));
  let come = twin.offers.filter((offer) => !plan.offers.some((other) => isSame(offer, other)));
  const changes: Change[] = [];
  const tell = (from: Offer | null, to: Offer | null) =>
    changes.push(
      changeOf('price', {
        where: `${twin.name} plan`,
        before: from && showOffer(from),
        after: to && showOffer(to),
        plan: twin.name,
        offers: [from, to],
      }),
    );
  const rules: ((one: Offer, other: Offer) => boolean)[] = [
    (one, other) =>
      one.currency === other.currency &&
      one.interval === other.interval &&
      one.billed === other.billed &&
      one.perSeat === other.perSeat,
    (one, other) => one.interval === other.interval && one.billed === other.billed,
    (one, other) => one.amount === other.amount && one.currency === other.currency,
    (one, other) => one.interval === other.interval || one.interval === null || other.interval === null,
    () => gone.length === 1 && come.length === 1 && !toggle,
  ];
  for (const rule of rules)
    for (const one of [...gone]) {
      const other = come.find((each) => rule(one, each));
      if (!other) continue;
      gone = gone.filter((each) => each !== one);
      come = come.filter((each) => each !== other);
      tell(one, other);
    }
  const equal = plan.offers.length > changes.length + gone.length;
  // Which side of a switch is shown is no statement; neither is a second price beside one that stayed.
  if (!toggle || (!equal && changes.length === 0)) {
    for (const one of gone) tell(one, null);
    for (const one of come) tell(null, one);
  }
  return changes;
}

/** The same price; an interval that only one reading names is no other. */
function isSame(one: Offer, other: Offer): boolean {
  const free = one.amount !== null && other.amount !== null && Number(one.amount) === 0 && Number(other.amount) === 0;
  if (free || (one.amount === null && other.amount === null)) return true;
  return (
    one.amount === other.amount &&
    (one.currency === other.currency || one.currency === '' || other.currency === '') &&
    (one.interval === other.interval || one.interval === null || other.interval === null) &&
    one.billed === other.billed &&
    one.perSeat === other.perSeat &&
    one.from === other.from
  );
}

/** All prices went from one side of a switch between monthly and yearly to the other. */
function hasSwitched(before: Shape, after: Shape): boolean {
  if (!before.toggle || !after.toggle) return false;
  const sideOf = (shape: Shape) =>
    new Set(
      shape.plans.flatMap(({ offers }) =>
        offers
          .filter(({ amount }) => amount !== null && Number(amount) > 0)
          .map(({ interval, billed }) => `${interval} ${billed}`),
      ),
    );
  const [one, other] = [sideOf(before), sideOf(after)];
  return one.size === 1 && other.size === 1 && [...one][0] !== [...other][0];
}

/** How far the quotients of two price lists may lie apart for one to be the other in another currency. */
const ALIKE = 1.25;

/**
 * Whether all prices went to one other currency at about one rate: the same list as it is shown in another country. Takes two
 * plans with a price: of one alone nothing tells a new price from another country. A page in another language needs no proof.
 */
export function isElsewhere(before: Shape, after: Shape): boolean {
  const [one, other] = [currenciesOf(before), currenciesOf(after)];
  if (one.join() === other.join()) return false;
  if (before.lang !== after.lang) return true;
  if (one.length !== 1 || other.length !== 1) return false;
  const rates = before.plans.flatMap(({ key, offers }) => {
    const twin = after.plans.find((plan) => plan.key === key);
    return offers.filter(isPaid).flatMap((offer, at) => {
      const same = twin?.offers.filter(isPaid)[at];
      return same && same.interval === offer.interval ? [Number(same.amount) / Number(offer.amount)] : [];
    });
  });
  return rates.length > 1 && Math.max(...rates) <= Math.min(...rates) * ALIKE;
}

function isPaid({ amount }: Offer): boolean {
  return amount !== null && Number(amount) > 0;
}

function currenciesOf(shape: Shape): string[] {
  return [...new Set(shape.plans.flatMap(({ offers }) => offers.map(({ currency }) => currency)))]
    .filter((currency) => currency !== '')
    .sort();
}
