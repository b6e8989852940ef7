/** How several p values share one error budget, by their names in R's `p.adjust`. */
export const adjustments = ['holm', 'hochberg', 'bonferroni', 'BH', 'BY'] as const;
export type Adjustment = (typeof adjustments)[number];

/**
 * Adjusted p values, in the order given: Holm (1979), Hochberg (1988), Bonferroni, Benjamini and Hochberg (1995),
 * Benjamini and Yekutieli (2001); equal to R's `p.adjust`.
 */
export function adjust(ps: readonly number[], by: Adjustment): number[] {
  const n = ps.length;
  if (by === 'bonferroni') return ps.map((p) => Math.min(1, p * n));
  const rising = ps.map((p, place) => ({ p, place })).sort((a, b) => a.p - b.p);
  const harmonic = by === 'BY' ? ps.reduce((sum, _, i) => sum + 1 / (i + 1), 0) : 1;
  const scaled = rising.map(({ p }, i) =>
    by === 'holm' || by === 'hochberg' ? p * (n - i) : (p * harmonic * n) / (i + 1),
  );
  const adjusted = new Array<number>(n);
  if (by === 'holm') {
    let largest = 0;
    for (const [i, { place }] of rising.entries()) {
      largest = Math.max(largest, scaled[i] ?? 0);
      adjusted[place] = Math.min(1, largest);
    }
    return adjusted;
  }
  let smallest = 1;
  for (let i = n - 1; i >= 0; i--) {
    smallest = Math.min(smallest, scaled[i] ?? 1);
    adjusted[rising[i]?.place ?? 0] = smallest;
  }
  return adjusted;
}
