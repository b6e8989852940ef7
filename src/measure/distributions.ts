/**
 * Distribution functions the intervals and tests of `./uncertainty.ts` stand on. Each is good to about 1e-12; quantiles
 * are found by bisection of the distribution function, which is slow (microseconds) and cannot go wrong.
 */

/** A continued fraction takes some square root of its counts: enough for a million millions. */
const mostTerms = 10_000_000;

/** Normal distribution function. Sign-symmetric, by the incomplete gamma function: Φ(z) = (1 ± P(½, z²/2)) / 2. */
export function normal(z: number): number {
  if (z === 0) return 0.5;
  const half = gammaP(0.5, (z * z) / 2) / 2;
  // The far tail is taken from the upper function, or the difference from 1 would lose it.
  return z > 0 ? 0.5 + half : gammaQ(0.5, (z * z) / 2) / 2;
}

export function normalQuantile(p: number): number {
  return bisect((z) => normal(z) - p, -40, 40);
}

/** Probability of a chi-square value above `x`. */
export function chiSquareAbove(x: number, degrees: number): number {
  return gammaQ(degrees / 2, x / 2);
}

export function chiSquareQuantile(p: number, degrees: number): number {
  let high = degrees + 10;
  while (gammaP(degrees / 2, high / 2) < p) high *= 2;
  return bisect((x) => gammaP(degrees / 2, x / 2) - p, 0, high);
}

export function betaQuantile(p: number, a: number, b: number): number {
  return bisect((x) => beta(x, a, b) - p, 0, 1);
}

/** Regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz; Numerical Recipes §6.4). */
export function beta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - beta(1 - x, b, a);
  const front = (binomialTerm(a, a + b, x) * b) / (a + b);
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= mostTerms; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * result;
}

/** Student's t distribution function; `degrees` may be a fraction (Welch). */
export function student(t: number, degrees: number): number {
  // Near the middle from the middle, in the tail from the tail: neither loses digits then.
  if (t * t < degrees) return 0.5 + (Math.sign(t) * beta((t * t) / (degrees + t * t), 0.5, degrees / 2)) / 2;
  const tail = beta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

export function studentQuantile(p: number, degrees: number): number {
  const x = betaQuantile(2 * Math.min(p, 1 - p), degrees / 2, 0.5);
  const t = Math.sqrt((degrees * (1 - x)) / x);
  return p < 0.5 ? -t : t;
}

/** Both tails beyond `t`. */
export function studentTwoSided(t: number, degrees: number): number {
  return beta(degrees / (degrees + t * t), degrees / 2, 0.5);
}

/** The distribution function of t when the truth is `shift` standard errors from zero (Lenth 1989, AS 243). */
export function shiftedStudent(t: number, degrees: number, shift: number): number {
  if (t < 0) return 1 - shiftedStudent(-t, degrees, -shift);
  const half = (shift * shift) / 2;
  const x = (t * t) / (degrees + t * t);
  let sum = 0;
  // The weights are Poisson ones: the terms around their mean count, and are counted from there to both sides.
  const middle = Math.floor(half);
  const term = (j: number) => {
    const whole = Math.exp(-half + (half === 0 ? (j === 0 ? 0 : -Infinity) : j * Math.log(half)) - logGamma(j + 1));
    const between =
      shift === 0 ? 0 : Math.sign(shift) * Math.exp(-half + (j + 0.5) * Math.log(half) - logGamma(j + 1.5));
    return whole * beta(x, j + 0.5, degrees / 2) + between * beta(x, j + 1, degrees / 2);
  };
  for (let j = middle; j < middle + 10_000; j++) {
    const next = term(j);
    sum += next;
    if (Math.abs(next) < 1e-16) break;
  }
  for (let j = middle - 1; j >= 0; j--) {
    const next = term(j);
    sum += next;
    if (Math.abs(next) < 1e-16) break;
  }
  return Math.min(1, Math.max(0, normal(-shift) + sum / 2));
}

/** log Γ(x), x > 0, by Stirling's series after shifting x above 10 (Abramowitz & Stegun 6.1.41). */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  while (z < 10) {
    shift += Math.log(z);
    z += 1;
  }
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w * (1 / 1188 - (w * 691) / 360360))))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}

/** Binomial probability of exactly `k` of `n`. */
export function binomial(k: number, n: number, p: number): number {
  if (p <= 0) return k === 0 ? 1 : 0;
  if (p >= 1) return k === n ? 1 : 0;
  return binomialTerm(k, n, p);
}

/**
 * The binomial probability as a function of real k and n, by Loader's saddle-point expansion ("Fast and accurate
 * computation of binomial probabilities", 2000; so R): logarithms of the factorials of large counts would leave few digits.
 */
function binomialTerm(k: number, n: number, p: number): number {
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const errors = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const away = deviance(k, n * p) + deviance(n - k, n * (1 - p));
  return Math.exp(errors - away) / Math.sqrt(2 * Math.PI * k * (1 - k / n));
}

/** xᵃ e⁻ˣ / Γ(a), the same way. */
function gammaTerm(a: number, x: number): number {
  return Math.exp(-stirlingError(a) - deviance(a, x)) * Math.sqrt(a / (2 * Math.PI));
}

/** log Γ(n + 1) less Stirling's formula. */
function stirlingError(n: number): number {
  if (n < 15) return logGamma(n + 1) - (n + 0.5) * Math.log(n) + n - Math.log(2 * Math.PI) / 2;
  const w = 1 / (n * n);
  return (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / n;
}

/** x log(x / mean) + mean − x, without the loss where the two are close. */
function deviance(x: number, mean: number): number {
  const apart = (x - mean) / (x + mean);
  if (Math.abs(apart) >= 0.1) return x * Math.log(x / mean) + mean - x;
  let [sum, power] = [(x - mean) * apart, 2 * x * apart];
  for (let j = 1; j < 100; j++) {
    power *= apart * apart;
    const next = sum + power / (2 * j + 1);
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** Probability of `k` or fewer of `n`. */
export function binomialUpTo(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : beta(1 - p, n - k, k + 1);
}

/** Regularised lower incomplete gamma function. */
function gammaP(a: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= a + 1) return 1 - gammaQ(a, x);
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n <= mostTerms; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * 1e-16) break;
  }
  return sum * gammaTerm(a, x);
}

/** Regularised upper incomplete gamma function, by its continued fraction above a + 1. */
function gammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x < a + 1) return 1 - gammaP(a, x);
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n <= mostTerms; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / nonZero(an * d + b);
    c = nonZero(b + an / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result * gammaTerm(a, x);
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}

/** The zero of a rising function between two bounds, to the last bit. */
function bisect(rising: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
