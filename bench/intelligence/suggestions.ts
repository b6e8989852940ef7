import type { Row } from '#bench/intelligence.ts';
import { kinds } from '#src/grow/suggestions/kinds/index.ts';
import { priors } from '#src/grow/suggestions/priors.ts';
import {
  asStated,
  type Gain,
  measuredCoverage,
  type Order,
  orders,
  type Summary,
  simulate,
} from '#test/simulated-business.ts';

const seeds = [11, 12, 13, 14, 15, 16, 17, 18];

/**
 * Simulated businesses with known true effects, judged and ranked by the product's own functions. Our order is by expected
 * value per effort, so what counts is what equal hours of work bring, for several amounts of hours and whichever way work
 * that no longer fits is counted. "The first five" is shown beside it because it asks something else: it counts five
 * large pieces of work and five small ones alike, so an order that leaves the effort out is the best there.
 */
export async function run(): Promise<Row[]> {
  const beliefs = Object.values(priors);
  const stated = seeds.map((seed) => simulate(seed, beliefs, { businesses: 150 }));
  const of = (order: Order, what: keyof Gain) => pooled(stated.map((one) => one.of(order, what)));
  const lead = (over: Order, what: keyof Gain, order: Order = 'ours') => {
    const found = stated.map((one) => one.lead(order, over, what));
    const means = found.map(({ mean }) => mean);
    return `${said(pooled(found))}; single seeds ${Math.min(...means).toFixed(3)} to ${Math.max(...means).toFixed(3)}`;
  };
  const rows = (what: keyof Gain, words: string): Row[] =>
    orders.map((order) => ({ what: `${words}: ${names[order]}`, measured: said(of(order, what)), target: '' }));
  const others = [5, 20, 40].map((hours) => ({ hours, found: simulate(21, beliefs, { businesses: 300, hours }) }));
  const off = simulate(22, beliefs, { businesses: 300, wrong: { ...asStated, effort: 0.5 } });
  const half = simulate(12, beliefs, { businesses: 300, wrong: { ...asStated, effects: 0.5 } });
  const heavy = simulate(13, beliefs, { businesses: 300, wrong: { ...asStated, heavyTails: true } });
  const control = measuredCoverage(14, { runs: 4000, withControl: true });
  const trend = measuredCoverage(15, { runs: 4000, withControl: false });
  return [
    { what: 'kinds of suggestions', measured: `${kinds.length}`, target: 'at least 40' },
    ...rows('hours', 'part of all there is, in the first 10 hours'),
    {
      what: 'our order − largest number first, in the first 10 hours',
      measured: lead('largest', 'hours'),
      target: 'above 0',
    },
    { what: 'our order − random order, in the first 10 hours', measured: lead('random', 'hours'), target: 'above 0' },
    {
      what: 'our order − largest number first, 10 hours, passing over what no longer fits',
      measured: lead('largest', 'fitting'),
      target: 'above 0',
    },
    {
      what: 'our order − largest number for each hour first, in the first 10 hours',
      measured: lead('rawPerHour', 'hours'),
      target: 'above 0',
    },
    ...others.map(({ hours, found }) => ({
      what: `our order − largest number first, in the first ${hours} hours`,
      measured: said(found.lead('ours', 'largest', 'hours')),
      target: 'above 0',
    })),
    {
      what: 'the same in 10 hours, when work takes half or twice what is stated',
      measured: said(off.lead('ours', 'largest', 'hours')),
      target: 'above 0',
    },
    {
      what: 'the same in 10 hours, true effects half of what is believed',
      measured: said(half.lead('ours', 'largest', 'hours')),
      target: 'above 0',
    },
    ...rows('first', 'part of all there is, by the first 5 done, whatever they take'),
    {
      what: 'our order − largest number first, by the first 5: not what we rank by',
      measured: lead('largest', 'first'),
      target: '',
    },
    {
      what: 'expected value first − largest number first, by the first 5',
      measured: lead('largest', 'first', 'expected'),
      target: 'above 0',
    },
    ...rows('perHour', 'the same, for each hour of these 5'),
    {
      what: 'our order − largest number first, for each hour of the first 5',
      measured: lead('largest', 'perHour'),
      target: 'above 0',
    },
    {
      what: '90% intervals of impact that hold the truth',
      measured: percent(pooled(stated.map(({ coverage }) => coverage)).mean),
      target: '85-95%',
    },
    { what: 'the same, true effects with heavy tails', measured: percent(heavy.coverage.mean), target: '' },
    { what: 'the same, true effects half of what is believed', measured: percent(half.coverage.mean), target: '' },
    {
      what: '90% intervals of measured results, with a control',
      measured: `${percent(control.coverage)} of ${control.measured}`,
      target: '85-95%',
    },
    {
      what: '90% intervals of measured results, by their trend',
      measured: `${percent(trend.coverage)} of ${trend.measured}`,
      target: '85-95%',
    },
  ];
}

const names: Record<Order, string> = {
  ours: 'our order (expected value of an hour)',
  expected: 'expected value, whatever the effort',
  rawPerHour: 'largest number for each hour first',
  largest: 'largest number first',
  random: 'random order',
};

/** Of simulations that do not depend on each other. */
function pooled(found: readonly Summary[]): Summary {
  const mean = found.reduce((all, one) => all + one.mean, 0) / found.length;
  const reach = Math.hypot(...found.map(({ low, high }) => (high - low) / 2)) / found.length;
  return { mean, low: mean - reach, high: mean + reach };
}

function said({ mean, low, high }: Summary): string {
  return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
