import { effectOf, type Week } from '#src/grow/suggestions/effect.ts';
import { gamma, impactOf, monthDays, monthly, type Quantity, shrunkRate } from '#src/grow/suggestions/impact.ts';
import { combined, expectedOf, learnt, type Measured, type Prior } from '#src/grow/suggestions/learn.ts';
import { ranked } from '#src/grow/suggestions/rank.ts';
import { type Chance, seeded } from '#src/measure/random.ts';

/**
 * A business whose true effects are known: places with visits and signups, work that could be done on each, and only
 * counts to judge by. What the product would say and do first is held against what is true.
 */

export type Truth = {
  /** True additional minor units a month. */
  worth: number;
  /** The effort as it is stated. */
  minutes: number;
  /** What it really takes. */
  takes: number;
  said: { low: number; mean: number; high: number };
  /** The number as it stands in the counts, without shrinking: what "largest number first" goes by. */
  raw: number;
};

/**
 * How wrong what is stated is: the effects of the priors times this on the log scale, how heavy the tails of the truth, and
 * how far the true effort scatters around the stated one (standard deviation of its logarithm).
 */
export type Wrong = { effects: number; heavyTails: boolean; effort: number };
export const asStated: Wrong = { effects: 1, heavyTails: false, effort: 0 };

const windowDays = 84;
/** Fewer than the product takes: the quantiles are a little rougher, and hundreds of businesses take seconds. */
const draws = 400;

/** One business with `size` things that could be done, judged by the product's own functions. */
export function business(
  chance: Chance,
  priors: readonly Prior[],
  { size = 24, wrong = asStated }: { size?: number; wrong?: Wrong } = {},
): Truth[] {
  const rate = 0.01 + 0.03 * chance.uniform();
  const value = 300 * Math.exp(chance.normal());
  const kinds = priors.map((prior) => {
    const { kind, within } = learnt(prior, []);
    return { prior, mean: kind.mean * wrong.effects + kind.sd * chance.normal(), within };
  });
  const places = Array.from({ length: size }, () => {
    const visits = Math.exp(Math.log(60) + Math.log(60) * chance.uniform());
    const own = rate * Math.exp(0.4 * chance.normal());
    const counted = poisson(
      chance,
      gamma(chance, { mean: (visits * windowDays) / monthDays, shape: (visits * windowDays) / monthDays / 5 }),
    );
    return { visits, own, counted, signups: poisson(chance, counted * own) };
  });
  const whole = {
    visits: sum(places.map(({ counted }) => counted)),
    signups: sum(places.map(({ signups }) => signups)),
  };
  const perSignup = valueSeen(chance, Math.max(30, whole.signups * 2), value);
  return places.map((place, index) => {
    const kind = kinds[chance.below(kinds.length)];
    if (!kind) throw new Error('A business needs at least one kind.');
    const tail = wrong.heavyTails ? Math.sqrt(3 / 5) / Math.sqrt(chiSquare(chance, 5) / 5) : 1;
    const theta = kind.mean + kind.within * chance.normal() * tail;
    // What the rows show of the effect compares two halves of what was counted there.
    const error = Math.sqrt(4 / (place.signups + 2));
    const seen: Measured | null = chance.uniform() < 0.5 ? { log: theta + error * chance.normal(), error } : null;
    const minutes = Math.round(20 * Math.exp(Math.log(24) * chance.uniform()));
    const effect = combined(expectedOf(kind.prior), seen);
    const quantities = [
      monthly('visits', place.counted, windowDays, 6),
      shrunkRate('signups per visit', { visits: place.counted, signups: place.signups }, whole),
    ];
    const { money } = impactOf({ unit: 'signups', quantities }, effect, perSignup, index + 1, draws);
    if (!money) throw new Error('The value of a signup is known here.');
    const rawRate = place.signups / Math.max(1, place.counted);
    const rawEffect = Math.expm1(seen?.log ?? expectedOf(kind.prior).mean);
    return {
      worth: place.visits * place.own * Math.expm1(theta) * value,
      minutes,
      takes: wrong.effort > 0 ? minutes * Math.exp(wrong.effort * chance.normal()) : minutes,
      said: money,
      raw: ((place.counted * monthDays) / windowDays) * rawRate * rawEffect * perSignup.mean,
    };
  });
}

/**
 * `ours` ranks by the expected value of an hour, `largest` by the largest number as it stands in the counts. The other two
 * are in between and show which half of ours does what: `expected` leaves out the effort, `rawPerHour` the shrinking.
 */
export const orders = ['ours', 'expected', 'rawPerHour', 'largest', 'random'] as const;
export type Order = (typeof orders)[number];
export type Gain = {
  /** By the first k, whatever they take. */
  first: number;
  /** The same, for each hour that these took. */
  perHour: number;
  /** In equal hours, in their order until one no longer fits: it is begun and not finished. */
  hours: number;
  /** In equal hours, what no longer fits being passed over for the next that does. */
  fitting: number;
};

/** What each order realises by its first `k`, and in the first `hours` of work; minor units a month. */
export function realised(chance: Chance, things: readonly Truth[], k: number, hours: number): Record<Order, Gain> {
  const by = (worth: (thing: Truth) => number) => [...things].sort((a, b) => worth(b) - worth(a));
  const ours = ranked(things.map(({ said, minutes }) => ({ money: said.mean, signups: null, minutes, impact: 3 })));
  const drawn = new Map(things.map((thing) => [thing, chance.uniform()]));
  const done: Record<Order, Truth[]> = {
    ours: ours.flatMap((index) => things[index] ?? []),
    expected: by(({ said }) => said.mean),
    rawPerHour: by(({ raw, minutes }) => raw / minutes),
    largest: by(({ raw }) => raw),
    random: by((thing) => drawn.get(thing) ?? 0),
  };
  return perOrder((order) => gainOf(done[order], k, hours));
}

function gainOf(done: readonly Truth[], k: number, hours: number): Gain {
  let [stopped, left, leftFitting, inTime, fitting] = [false, hours * 60, hours * 60, 0, 0];
  for (const { worth, takes } of done) {
    stopped ||= takes > left;
    if (!stopped) {
      left -= takes;
      inTime += worth;
    }
    if (takes <= leftFitting) {
      leftFitting -= takes;
      fitting += worth;
    }
  }
  const first = sum(done.slice(0, k).map(({ worth }) => worth));
  const spent = sum(done.slice(0, k).map(({ takes }) => takes)) / 60;
  return { first, perHour: first / spent, hours: inTime, fitting };
}

function perOrder<T>(of: (order: Order) => T): Record<Order, T> {
  return {
    ours: of('ours'),
    expected: of('expected'),
    rawPerHour: of('rawPerHour'),
    largest: of('largest'),
    random: of('random'),
  };
}

/** Weekly counts around a piece of work with the true effect `ratio`; weeks scatter, and drift together. */
export function weeksAround(
  chance: Chance,
  { ratio, level, withControl }: { ratio: number; level: number; withControl: boolean },
): { before: Week[]; after: Week[] } {
  const size = level / (0.2 + 3 * chance.uniform());
  const drift = 0.02 * chance.normal();
  const weeks = Array.from({ length: withControl ? 16 : 20 }, (_, week) => week);
  const done = weeks.length - 8;
  const made = weeks.map((week): Week => {
    const both = Math.exp(drift * week + (withControl ? 0.25 * chance.normal() : 0));
    const of = (mean: number) => poisson(chance, gamma(chance, { mean, shape: Math.max(0.5, (size * mean) / level) }));
    return {
      count: of(level * both * (week >= done ? ratio : 1)),
      exposure: 1,
      control: withControl ? { count: of(level * 3 * both), exposure: 1 } : null,
    };
  });
  return { before: made.slice(0, done), after: made.slice(done) };
}

export type Summary = { mean: number; low: number; high: number };

/** Shares and gains over many businesses, each with its 95 % interval over the businesses. */
export function simulate(
  seed: number,
  priors: readonly Prior[],
  {
    businesses,
    k = 5,
    hours = 10,
    wrong = asStated,
  }: { businesses: number; k?: number; hours?: number; wrong?: Wrong },
) {
  const chance = seeded(seed);
  const covered: number[] = [];
  const gains: Record<Order, Gain>[] = [];
  for (let one = 0; one < businesses; one++) {
    const things = business(chance, priors, { wrong });
    covered.push(share(things.map(({ worth, said }) => said.low <= worth && worth <= said.high)));
    // In units of what doing everything would bring, so that rich businesses do not decide alone.
    const unit = sum(things.map(({ worth }) => Math.abs(worth)));
    const gain = realised(chance, things, k, hours);
    gains.push(
      perOrder((order) => {
        const { first, perHour, hours: inTime, fitting } = gain[order];
        return { first: first / unit, perHour: perHour / unit, hours: inTime / unit, fitting: fitting / unit };
      }),
    );
  }
  const of = (order: Order, what: keyof Gain) => summary(gains.map((gain) => gain[order][what]));
  const lead = (order: Order, over: Order, what: keyof Gain) =>
    summary(gains.map((gain) => gain[order][what] - gain[over][what]));
  return { coverage: summary(covered), of, lead };
}

/** How many of the 90 % intervals of measured results hold the true effect, and how many had enough data. */
export function measuredCoverage(seed: number, { runs, withControl }: { runs: number; withControl: boolean }) {
  const chance = seeded(seed);
  const held: boolean[] = [];
  let silent = 0;
  for (let run = 0; run < runs; run++) {
    const ratio = Math.exp(0.3 * chance.normal());
    const level = Math.exp(Math.log(4) + Math.log(50) * chance.uniform());
    const { before, after } = weeksAround(chance, { ratio, level, withControl });
    const found = effectOf(before, after);
    if (typeof found === 'string') silent++;
    else held.push(found.low <= ratio && ratio <= found.high);
  }
  return { coverage: share(held), measured: held.length, silent };
}

export function poisson(chance: Chance, mean: number): number {
  if (mean > 40) return Math.max(0, Math.round(mean + Math.sqrt(mean) * chance.normal()));
  let [count, product] = [0, chance.uniform()];
  for (const limit = Math.exp(-mean); product > limit; count++) product *= chance.uniform();
  return count;
}

/** What is counted of a signup's value: a few pay, each a different amount. */
function valueSeen(chance: Chance, signups: number, value: number): Quantity {
  const paying = 0.15;
  const amounts: number[] = [];
  for (let one = 0; one < signups; one++)
    if (chance.uniform() < paying) amounts.push((value / paying) * Math.exp(0.5 * chance.normal() - 0.125));
  const [total, squares] = [sum(amounts), sum(amounts.map((each) => each * each))];
  const spread = total === 0 ? 1 : squares / (total * total) + 1 / signups;
  return { label: 'worth of a signup', mean: total / signups, shape: 1 / spread };
}

function chiSquare(chance: Chance, degrees: number): number {
  return gamma(chance, { mean: degrees, shape: degrees / 2 });
}

function summary(values: readonly number[]): Summary {
  const mean = sum(values) / values.length;
  const spread = Math.sqrt(sum(values.map((each) => (each - mean) ** 2)) / (values.length - 1) / values.length);
  return { mean, low: mean - 1.96 * spread, high: mean + 1.96 * spread };
}

function share(of: readonly boolean[]): number {
  return of.filter(Boolean).length / of.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, each) => all + each, 0);
}
