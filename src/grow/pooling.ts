import { logGamma } from '#src/measure/distributions.ts';
import { type Chance, seeded } from '#src/measure/random.ts';
import { sum } from './comparison.ts';
import { gamma } from './suggestions/impact.ts';

/** A group's true mean ÷ the mean of all, with its interval. */
export type Pooled = {
  ratio: number;
  interval: { low: number; high: number };
  /** How much of the estimate is the group's own counts, 0 to 1; the rest is what all groups are like. */
  own: number;
};

/** Fewer degrees of freedom than this say too little about how single counts scatter. */
export const degreesNeeded = 10;
const DRAWS = 4000;
/** True means of groups rarely differ by more than this share of the middle: scale of a half-normal prior. */
const USUAL_SPREAD = 0.5;
const spreads = Array.from({ length: 15 }, (_, index) => (index + 0.5) * 0.1);
const steps = [-3, -2, -1, 0, 1, 2, 3];

/**
 * Partial pooling of counts per unit (visits per post) in groups (templates): each group's mean is drawn to the middle of
 * all, the more the fewer units it has and the more single counts scatter. Counts are quasi-Poisson, variance = φ × mean
 * with φ from Pearson's statistic within the groups, never below 1; the true means of the groups are gamma distributed
 * (a hierarchical Poisson-gamma model, Gelman et al., Bayesian Data Analysis, 2013, chapter 5), and their middle and spread are
 * averaged over rather than estimated, so that few groups do not look alike by accident. Median and quantiles of 4,000
 * draws, the same for the same counts. Null when fewer than ten degrees of freedom are left within the groups or nothing
 * was counted.
 */
export function poolMeans(groups: readonly (readonly number[])[], confidence = 0.95): Pooled[] | null {
  const degrees = sum(groups.map((group) => Math.max(0, group.length - 1)));
  const units = sum(groups.map((group) => group.length));
  const total = sum(groups.map(sum));
  if (degrees < degreesNeeded || total === 0) return null;
  const dispersion = Math.max(1, sum(groups.map(pearson)) / degrees);
  const sides = groups.map((group) => ({ units: group.length, counted: sum(group) / dispersion }));
  const grid = weigh(sides, total / units / dispersion);
  const chance = seeded(units + total);
  const ratios: number[][] = groups.map(() => []);
  const own = groups.map(() => 0);
  for (let draw = 0; draw < DRAWS; draw++) {
    const { shape, rate } = pick(grid, chance);
    const means = sides.map((side) => {
      const after = shape + side.counted;
      return gamma(chance, { mean: after / (rate + side.units), shape: after });
    });
    const middle = sum(means.map((mean, index) => mean * sides[index]!.units)) / units;
    for (const [index, mean] of means.entries()) {
      ratios[index]!.push(mean / middle);
      own[index]! += sides[index]!.units / (rate + sides[index]!.units) / DRAWS;
    }
  }
  return ratios.map((drawn, index) => {
    const sorted = drawn.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.round(share * (DRAWS - 1))]!;
    const tail = (1 - confidence) / 2;
    return { ratio: at(0.5), interval: { low: at(tail), high: at(1 - tail) }, own: own[index]! };
  });
}

type Side = { units: number; counted: number };
type Prior = { shape: number; rate: number; upTo: number };

/** Middles and spreads of the true means by how well they explain the counts, as running sums of their weights. */
function weigh(sides: readonly Side[], mean: number): Prior[] {
  const each = spreads.flatMap((spread) => {
    const error = Math.sqrt(1 / sum(sides.map(({ counted }) => counted)) + spread ** 2 / sides.length);
    return steps.map((step) => {
      const middle = mean * Math.exp(step * error);
      const shape = 1 / spread ** 2;
      const rate = shape / middle;
      // Steps are wider where the middle is less certain, so each stands for more.
      const log = likelihood(sides, shape, rate) - (spread / USUAL_SPREAD) ** 2 / 2 + Math.log(error);
      return { shape, rate, log };
    });
  });
  const best = Math.max(...each.map(({ log }) => log));
  let upTo = 0;
  return each.map(({ shape, rate, log }) => {
    upTo += Math.exp(log - best);
    return { shape, rate, upTo };
  });
}

/** Of a gamma-Poisson mixture (negative binomial), without what is the same for every shape and rate. */
function likelihood(sides: readonly Side[], shape: number, rate: number): number {
  return sum(
    sides.map(
      ({ units, counted }) =>
        logGamma(shape + counted) -
        logGamma(shape) +
        shape * Math.log(rate / (rate + units)) -
        counted * Math.log(rate + units),
    ),
  );
}

function pick(grid: readonly Prior[], chance: Chance): Prior {
  const place = chance.uniform() * grid.at(-1)!.upTo;
  return grid.find(({ upTo }) => place < upTo) ?? grid.at(-1)!;
}

function pearson(counts: readonly number[]): number {
  const mean = sum(counts) / counts.length;
  return mean > 0 ? sum(counts.map((count) => (count - mean) ** 2)) / mean : 0;
}
