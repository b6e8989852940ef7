import { normal } from '#src/measure/distributions.ts';
import { type Comparison, compareShares, type Share } from '#src/measure/uncertainty.ts';
import type { Alternative } from './alternative.ts';

/** Share b − share a with its chi-square, one-sided where asked, as R's `prop.test` of two groups. Null without trials. */
export function testShares(
  a: Share,
  b: Share,
  { confidence = 0.95, continuity = false, alternative = 'two.sided' as Alternative } = {},
): (Comparison & { chiSquare: number }) | null {
  const both = alternative === 'two.sided' ? confidence : 2 * confidence - 1;
  const found = compareShares(a, b, { confidence: both, continuity });
  if (found === null || alternative === 'two.sided') return found;
  const z = Math.sign(found.estimate) * Math.sqrt(found.chiSquare);
  return alternative === 'greater'
    ? { ...found, p: normal(-z), interval: { low: found.interval.low, high: 1 } }
    : { ...found, p: normal(z), interval: { low: -1, high: found.interval.high } };
}
