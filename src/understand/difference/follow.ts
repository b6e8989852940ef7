/** A page over many readings: a change is told when a second reading confirms it. */
import type { Change } from './change.ts';
import { type Comparison, compareShapes } from './compare.ts';
import { keyOf } from './mask.ts';
import type { Shape } from './shape.ts';

/** What is remembered of a page between two readings. Plain data. */
export type Memory = {
  latest: Shape;
  /** Seen, and waiting to be seen again: `left` more readings. */
  open: { change: Change; left: number }[];
  /** Variants seen in turns (an A/B test), by what varies. */
  variants: string[];
};

/** One more reading bears out a change; a variant that was seen before has to stay for three. */
const ONCE = 1;
const VARIANT = 3;
const MOST_VARIANTS = 200;

export function remember(shape: Shape): Memory {
  return { latest: shape, open: [], variants: [] };
}

/** Takes in a reading. `told`: the changes it confirms. A reading that is not the page (an error, a login) counts for nothing. */
export function follow(memory: Memory, shape: Shape): { memory: Memory; told: Change[]; comparison: Comparison } {
  const comparison = compareShapes(memory.latest, shape);
  if (comparison.unusable)
    return { memory: memory.latest.unusable && !shape.unusable ? remember(shape) : memory, told: [], comparison };
  const variants = new Set(memory.variants);
  const told: Change[] = [];
  const open: Memory['open'] = [];
  const taken = new Set<Change>();
  for (const waiting of memory.open) {
    const next = comparison.changes.find((change) => goesOn(waiting.change, change) && !taken.has(change));
    if (next) {
      taken.add(next);
      const back = keyOf(next.after ?? '') === keyOf(waiting.change.before ?? '');
      if (back) for (const side of [waiting.change, next]) variants.add(nameOf(side));
      else open.push({ change: { ...next, before: waiting.change.before, from: waiting.change.from }, left: ONCE });
    } else if (waiting.left <= 1) told.push(waiting.change);
    else open.push({ ...waiting, left: waiting.left - 1 });
  }
  for (const change of comparison.changes)
    if (!taken.has(change)) open.push({ change, left: variants.has(nameOf(change)) ? VARIANT : ONCE });
  return { memory: { latest: shape, open, variants: [...variants].slice(-MOST_VARIANTS) }, told, comparison };
}

/** The second change begins where the first one ended. */
function goesOn(first: Change, second: Change): boolean {
  return (
    first.kind === second.kind &&
    keyOf(first.after ?? '') === keyOf(second.before ?? '') &&
    (first.plan ?? second.plan) === (second.plan ?? first.plan)
  );
}

function nameOf({ kind, plan, after }: Change): string {
  return [kind, plan ?? '', keyOf(after ?? '')].join('|').slice(0, 300);
}
