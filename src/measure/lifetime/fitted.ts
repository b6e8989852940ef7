/**
 * What fitting a model gives. `enough: false` says in a sentence what is missing; no number is to be shown then.
 * `standardErrors` are of the parameters, from the curvature of the likelihood (delta method).
 */
export type Fitted<P> =
  | { enough: true; parameters: P; logLikelihood: number; customers: number; standardErrors: P }
  | { enough: false; reason: string };

export function notEnough(reason: string): { enough: false; reason: string } {
  return { enough: false, reason: `Not enough data: ${reason}` };
}

/** Sums weights of equal rows, so that a likelihood looks at each kind of customer once. */
export function grouped<R>(rows: Iterable<R>, key: (row: R) => string, weight: (row: R) => number): [R, number][] {
  const groups = new Map<string, [R, number]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group) group[1] += weight(row);
    else groups.set(name, [row, weight(row)]);
  }
  return [...groups.values()].filter(([, count]) => count > 0);
}

/** Every n-th row, so that about `most` are left, their weights raised to make up for the others. */
export function sampled<R>(rows: [R, number][], most = 4000): [R, number][] {
  if (rows.length <= 2 * most) return rows;
  const every = Math.floor(rows.length / most);
  return rows.filter((_, index) => index % every === 0).map(([row, weight]) => [row, weight * every]);
}

/** Runs of whole numbers: the value for each is worked out once per set of parameters. */
export function memo(of: (n: number) => number): (n: number) => number {
  const known: number[] = [];
  return (n) => {
    const value = known[n];
    if (value !== undefined) return value;
    const fresh = of(n);
    known[n] = fresh;
    return fresh;
  };
}
