/** The box around one plan. */
import { isWithin } from '#src/understand/difference/lines.ts';
import type { Element } from '#src/understand/reading/tree.ts';
import type { PricedLine } from './merge.ts';
import { couldBeName, isName } from './names.ts';

/** The box of one plan around a price: it has a name, and its neighbours are boxes with prices and names as well. */
export function boxOf(one: PricedLine, amounts: readonly PricedLine[], all: readonly PricedLine[]): Element | null {
  if (!one.own || (/^(?:h1|p)$/.test(one.line.element.name) && one.text.length > 60)) return null;
  const names = all.filter(isName);
  const possible = names.length > 0 ? names : all.filter(couldBeName);
  let box: Element = one.line.element;
  let named: Element | null = hasOne(box, possible) ? box : null;
  for (let steps = 0; steps < 12; steps++) {
    const parent = box.parent;
    if (!parent || !('attribs' in parent) || ['body', 'html', 'main', 'form'].includes(parent.name)) break;
    const others = amounts.filter(({ line }) => isWithin(line.element, parent) && !isWithin(line.element, box));
    const strangers = others.filter(({ line }) => {
      const branch = branchOf(line.element, parent);
      return branch !== null && branch !== box && hasOne(branch, possible);
    });
    if (strangers.length > 0) return named;
    // Names and prices lie side by side: there is no box around each.
    if (!named && possible.filter(({ line }) => isWithin(line.element, parent)).length > 1 && others.length > 0)
      return null;
    box = parent;
    if (hasOne(box, possible)) {
      const inside = possible.filter(({ line }) => isWithin(line.element, box));
      if (
        named &&
        inside.length > possible.filter(({ line }) => isWithin(line.element, named as Element)).length &&
        others.length === 0
      ) {
        // The next name belongs to something else than this price.
        return named;
      }
      named = box;
    }
  }
  return named && named.name !== 'section' && !hasManyBlocks(named) ? named : null;
}

function hasOne(element: Element, names: readonly PricedLine[]): boolean {
  return names.some(({ line }) => isWithin(line.element, element));
}

function branchOf(element: Element, parent: Element): Element | null {
  let one: Element = element;
  while (one.parent && one.parent !== parent) {
    if (!('attribs' in one.parent)) return null;
    one = one.parent as Element;
  }
  return one.parent === parent ? one : null;
}

function hasManyBlocks(element: Element): boolean {
  return (
    element.children.filter(
      (child) => 'attribs' in child && ['section', 'article', 'h1', 'h2'].includes((child as Element).name),
    ).length > 2
  );
}
