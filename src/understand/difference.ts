/**
 * Two readings of a page: which prices, features and messages changed, and what is only noise. Pure: no network, no
 * database, no clock.
 */
import { type Comparison, compareShapes } from './difference/compare.ts';
import { readShape } from './difference/shape.ts';

export type { Offer } from './difference/amounts.ts';
export type { Change, What } from './difference/change.ts';
export { type Comparison, compareShapes } from './difference/compare.ts';
export { follow, type Memory, remember } from './difference/follow.ts';
export { readShape, type Shape } from './difference/shape.ts';
export type { Unusable } from './difference/unusable.ts';

/** What changed between two pages, heaviest first: price, plan, headline, feature, copy. Never throws. */
export function comparePages(before: string, after: string): Comparison {
  return compareShapes(readShape(before), readShape(after));
}
