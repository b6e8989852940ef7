/**
 * Gauss's hypergeometric function ₂F₁(a, b; c; z) for 0 ≤ z < 1 by its series, as the logarithm of its size with its
 * sign, so that large parameters do not overflow. c is no whole number below 1. Throws a RangeError when the series
 * does not settle within ten million terms (z too near 1).
 */
export function logHypergeometric(a: number, b: number, c: number, z: number): { log: number; sign: number } {
  let term = 1;
  let sum = 1;
  let scale = 0;
  for (let k = 0; k < 10_000_000; k++) {
    const ratio = (((a + k) * (b + k)) / ((c + k) * (k + 1))) * z;
    term *= ratio;
    sum += term;
    if (term === 0) break;
    // The ratio of the terms tends to z: what is left is at most a geometric series of the larger of the two.
    const rest = Math.max(z, Math.abs(ratio));
    if (rest < 1 && Math.abs(term) * (rest / (1 - rest)) < Math.abs(sum) * 1e-16) break;
    if (Math.abs(sum) > 1e250 || Math.abs(term) > 1e250) {
      sum *= 1e-250;
      term *= 1e-250;
      scale += 250 * Math.LN10;
    }
    if (k === 9_999_999) throw new RangeError('The hypergeometric series does not settle.');
  }
  return { log: Math.log(Math.abs(sum)) + scale, sign: Math.sign(sum) };
}

/**
 * (1 − z)^a · ₂F₁(a, b; c; z), by Euler's transformation where that makes the series shorter and its terms do not
 * cancel, else as it stands.
 */
export function dampedHypergeometric(a: number, b: number, c: number, z: number): number {
  const [small, other] = [c - a, c - b];
  const transformed = small > -3 && other > -3 && small * other <= Math.abs(a * b);
  const { log, sign } = transformed ? logHypergeometric(small, other, c, z) : logHypergeometric(a, b, c, z);
  return sign * Math.exp(log + (transformed ? c - b : a) * Math.log1p(-z));
}
