import { logGamma } from '#src/measure/distributions.ts';
import { type Fitted, grouped, memo, notEnough } from './fitted.ts';
import { maximise } from './optimum.ts';

/**
 * Who takes which of a number of opportunities (months, issues, campaigns): BG/BB. While active, customers take each
 * with a chance of their own (Beta(α, β)); before each they leave for good with a chance of their own (Beta(γ, δ)).
 * Source: Fader, Hardie & Shang 2010, "Customer-base analysis in a discrete-time noncontractual setting", Marketing
 * Science 29(6).
 */
export type BgBb = { alpha: number; beta: number; gamma: number; delta: number };

/** Taken, the number of the last one taken (0 without), and how many there were; `weight`: so many such customers. */
export type Opportunities = { frequency: number; recency: number; opportunities: number; weight?: number };

/** Maximum likelihood. Throws a RangeError for a row that cannot be. */
export function fitBgBb(customers: readonly Opportunities[]): Fitted<BgBb> {
  customers.forEach(mustBeOpportunities);
  const rows = grouped(
    customers,
    (c) => `${c.frequency} ${c.recency} ${c.opportunities}`,
    ({ weight = 1 }) => weight,
  );
  const count = rows.reduce((sum, [, weight]) => sum + weight, 0);
  if (!rows.some(([row]) => row.frequency > 0)) return notEnough('nobody has taken an opportunity yet.');
  const optimum = maximise(
    (at) => logLikelihood(fromLogs(at), rows),
    [
      [0, 0, 0, 0],
      [0.2, -0.3, -0.4, 1],
      [-0.7, -0.7, -0.7, 1.6],
      [0.7, 0.7, 0, 2.3],
      [0, 1.5, -1, 1],
    ],
  );
  if (!optimum.found)
    return notEnough('these rows do not tell apart how often customers act, how they differ, and when they leave.');
  const parameters = fromLogs(optimum.at);
  const error = (i: number) => Math.sqrt(optimum.covariance[i]![i]!);
  return {
    enough: true,
    parameters,
    logLikelihood: optimum.value,
    customers: count,
    standardErrors: {
      alpha: parameters.alpha * error(0),
      beta: parameters.beta * error(1),
      gamma: parameters.gamma * error(2),
      delta: parameters.delta * error(3),
    },
  };
}

export function bgBbLogLikelihood(parameters: BgBb, customers: readonly Opportunities[]): number {
  return logLikelihood(
    parameters,
    customers.map((each) => [each, each.weight ?? 1]),
  );
}

/** How many of the first `n` opportunities a new customer is expected to take: equation 8, as the sum it stands for. */
export function bgBbExpected(parameters: BgBb, n: number): number {
  const { alpha, beta } = parameters;
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += Math.exp(logActive(parameters, i));
  return (alpha / (alpha + beta)) * sum;
}

/** How many of the next `n` a known customer is expected to take: equation 13, as the sum it stands for. */
export function bgBbFuture(parameters: BgBb, customer: Opportunities, n: number): number {
  mustBeOpportunities(customer);
  const { frequency: x, opportunities } = customer;
  const start = logTaken(parameters, x + 1, opportunities + 1) - logLikelihood(parameters, [[customer, 1]]);
  let sum = 0;
  for (let i = 1; i <= n; i++) sum += Math.exp(start + logActive(parameters, opportunities + i));
  return sum;
}

/** The chance that a known customer is active at the opportunity `ahead` (1 = the next): equation 11. */
export function bgBbAlive(parameters: BgBb, customer: Opportunities, ahead = 1): number {
  mustBeOpportunities(customer);
  const { frequency: x, opportunities: n } = customer;
  return Math.exp(
    logTaken(parameters, x, n) + logActive(parameters, n + ahead) - logLikelihood(parameters, [[customer, 1]]),
  );
}

function logLikelihood(parameters: BgBb, rows: readonly [Opportunities, number][]): number {
  const { alpha, beta, gamma, delta } = parameters;
  const active = memo((n) => logActive(parameters, n));
  const left = memo((n) => logBeta(gamma + 1, delta + n) - logBeta(gamma, delta));
  const takenStart = logBeta(alpha, beta);
  const a = memo((n) => logGamma(alpha + n));
  const b = memo((n) => logGamma(beta + n));
  const both = memo((n) => logGamma(alpha + beta + n));
  const taken = (x: number, n: number) => a(x) + b(n - x) - both(n) - takenStart;
  let sum = 0;
  for (const [{ frequency: x, recency, opportunities: n }, weight] of rows) {
    const terms = [taken(x, n) + active(n)];
    for (let i = recency; i < n; i++) terms.push(taken(x, i) + left(i));
    const largest = terms.reduce((most, each) => Math.max(most, each), Number.NEGATIVE_INFINITY);
    sum += weight * (largest + Math.log(terms.reduce((all, each) => all + Math.exp(each - largest), 0)));
  }
  return sum;
}

/** ln of the chance to be active at opportunity `n`. */
function logActive({ gamma, delta }: BgBb, n: number): number {
  return logBeta(gamma, delta + n) - logBeta(gamma, delta);
}

/** ln of the chance to take just these `x` of `n` while active. */
function logTaken({ alpha, beta }: BgBb, x: number, n: number): number {
  return logBeta(alpha + x, beta + n - x) - logBeta(alpha, beta);
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

function fromLogs(at: readonly number[]): BgBb {
  const [alpha, beta, gamma, delta] = at.map(Math.exp) as [number, number, number, number];
  return { alpha, beta, gamma, delta };
}

export function mustBeOpportunities({ frequency: x, recency, opportunities: n, weight = 1 }: Opportunities): void {
  const wrong = (what: string) => {
    throw new RangeError(`${what} (frequency ${x}, recency ${recency}, opportunities ${n}).`);
  };
  if (![x, recency, n].every((each) => Number.isSafeInteger(each) && each >= 0)) wrong('Whole numbers from zero');
  if (recency > n || x > recency) wrong('Nobody takes more, or later, than there was');
  if (x > 0 !== recency > 0) wrong('A recency above zero and opportunities taken go together');
  if (!(weight >= 0) || weight === Number.POSITIVE_INFINITY) wrong('A weight is a number from zero');
}
