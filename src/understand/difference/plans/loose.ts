/** Plans that stand in no box of their own. */
import type { Line } from '#src/understand/difference/lines.ts';
import type { Plan } from '#src/understand/difference/plans.ts';
import { contentsOf, distinctOffers } from './contents.ts';
import { isNear, type PricedLine } from './merge.ts';
import { bareName, couldBeName, isName, planInside } from './names.ts';

/** Prices that stand in no box: “Pro: $9/mo”, a heading with a price below, rows of names and rows of prices. */
export function addLoose(
  loose: readonly PricedLine[],
  priced: readonly PricedLine[],
  found: { at: number; plan: Plan; lines: Line[] }[],
): void {
  const used = new Set(found.flatMap((one) => one.lines));
  const starts = new Set<PricedLine>();
  for (let i = 0; i < loose.length; i++) {
    const one = loose[i] as PricedLine;
    const at = priced.indexOf(one);
    const inside = planInside(one);
    if (inside) {
      found.push({ at, plan: { name: inside, offers: one.offers, features: [], notes: [] }, lines: one.all });
      continue;
    }
    if (!one.own || one.line.kind === 'item') continue;
    const run = rowFrom(at, priced);
    if (run) {
      run.names.forEach((name, index) => {
        const price = run.prices[index] as PricedLine;
        found.push({
          at: at + index,
          plan: { name: bareName(name.text), offers: price.offers, features: [], notes: [] },
          lines: [...name.all, ...price.all],
        });
      });
      i += run.prices.length - 1;
      continue;
    }
    const name = nameBefore(at, priced, used);
    if (!name) continue;
    const known = [...found].reverse().find(({ lines }) => lines.includes(name.line));
    if (known) {
      known.plan.offers = distinctOffers([...known.plan.offers, ...one.offers]);
      known.lines.push(...one.all);
      continue;
    }
    starts.add(name);
    const rest = after(at, priced, name);
    found.push({
      at,
      plan: { name: bareName(name.text), offers: one.offers, ...contentsOf(rest) },
      lines: [...name.all, ...one.all, ...rest.flatMap(({ all }) => all)],
    });
  }
}

function nameBefore(at: number, priced: readonly PricedLine[], used: ReadonlySet<Line>): PricedLine | null {
  for (let i = at - 1; i >= Math.max(0, at - 5); i--) {
    const one = priced[i] as PricedLine;
    if (used.has(one.line)) return null;
    if (isName(one)) return one.line.level === 1 ? null : one;
    if (one.line.kind === 'heading' && one.offers.length === 0) return null;
    if (i >= at - 2 && one.line.element.name !== 'p' && couldBeName(one)) return one;
    if (i >= at - 1 && one.line.element.name === 'p' && couldBeName(one)) return one;
  }
  return null;
}

/** What follows a price up to the next name, heading or price. */
function after(at: number, priced: readonly PricedLine[], name: PricedLine): PricedLine[] {
  const rest: PricedLine[] = [];
  for (let i = at + 1; i < Math.min(priced.length, at + 40); i++) {
    const one = priced[i] as PricedLine;
    const following = priced[i + 1];
    if (one.line.kind === 'heading' || one.offers.length > 0) break;
    if (
      name.line.kind !== 'heading' &&
      couldBeName(one) &&
      one.line.element.name === name.line.element.name &&
      following &&
      following.offers.length > 0
    )
      break;
    if (
      name.line.kind === 'heading' &&
      one.line.element.parent !== name.line.element.parent &&
      one.line.kind !== 'item' &&
      !isNear(name.line, one.line)
    )
      break;
    rest.push(one);
  }
  return rest;
}

/** `Starter Pro Team` followed by `$9 $19 $49`: as many names as prices. */
function rowFrom(at: number, priced: readonly PricedLine[]): { names: PricedLine[]; prices: PricedLine[] } | null {
  let end = at;
  while (priced[end] && (priced[end] as PricedLine).offers.length > 0 && (priced[end] as PricedLine).own) end++;
  const prices = priced.slice(at, end);
  if (prices.length < 2 || at < prices.length) return null;
  const names = priced.slice(at - prices.length, at);
  return names.every((one) => couldBeName(one) || isName(one)) ? { names, prices } : null;
}
