import { kinds } from '#src/grow/suggestions/kinds/index.ts';
import { priors } from '#src/grow/suggestions/priors.ts';
import { asStated, measuredCoverage, type Order, type Summary, simulate } from '#test/simulated-business.ts';

type Row = { what: string; measured: string; target: string };

/** Simulated businesses with known true effects, judged and ranked by the product's own functions. */
export async function run(): Promise<Row[]> {
  const beliefs = Object.values(priors);
  const stated = simulate(11, beliefs, { businesses: 600 });
  const half = simulate(12, beliefs, { businesses: 300, wrong: { effects: 0.5, heavyTails: false } });
  const heavy = simulate(13, beliefs, { businesses: 300, wrong: { ...asStated, heavyTails: true } });
  const rows = (what: 'first' | 'perHour' | 'hours', words: string): Row[] =>
    (['ours', 'expected', 'largest', 'random'] satisfies Order[]).map((order) => ({
      what: `${words}: ${names[order]}`,
      measured: said(stated.of(order, what)),
      target: order === 'ours' && what !== 'first' ? 'clearly above the others' : '',
    }));
  const control = measuredCoverage(14, { runs: 4000, withControl: true });
  const trend = measuredCoverage(15, { runs: 4000, withControl: false });
  return [
    { what: 'kinds of suggestions', measured: `${kinds.length}`, target: 'at least 40' },
    ...rows('first', 'part of all there is, by the first 5 done'),
    {
      what: 'expected value first − largest number first, by the first 5',
      measured: said(stated.lead('expected', 'largest', 'first')),
      target: 'above 0',
    },
    ...rows('perHour', 'the same, for each hour of these 5'),
    ...rows('hours', 'the same, in the first 10 hours'),
    {
      what: 'our order − largest number first, in the first 10 hours',
      measured: said(stated.lead('ours', 'largest', 'hours')),
      target: 'above 0',
    },
    { what: '90% intervals of impact that hold the truth', measured: percent(stated.coverage.mean), target: '85-95%' },
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
  largest: 'largest number first',
  random: 'random order',
};

function said({ mean, low, high }: Summary): string {
  return `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}
