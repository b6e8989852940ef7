import type { Inside } from '#src/context.ts';
import type { ReportContent, Section } from '#src/grow/reports/content.ts';
import { figuresFor, type Numbers } from '#src/grow/reports/numbers.ts';
import {
  channelBlocks,
  cohortsBlock,
  funnelBlocks,
  movementsBlock,
  spendBlock,
  visitsChart,
} from '#src/grow/reports/parts/money.ts';
import { experimentsBlock } from '#src/grow/reports/parts/plan.ts';
import { countWords, moneyWords, sentenceOf } from '#src/grow/reports/words.ts';

/** The growth report: funnel, channels, recurring revenue, cohorts, experiments, spend and return. */
export async function monthlyReport(
  inside: Inside,
  appId: string,
  now: Numbers,
  before: Numbers,
): Promise<Pick<ReportContent, 'headline' | 'sections' | 'contents'>> {
  const growth = figuresFor(now, before, [
    'mrr',
    'netNew',
    'customers',
    'churn',
    'visits',
    'signups',
    'signupRate',
    'revenue',
  ]);
  const returned = figuresFor(now, before, ['spent', 'profit', 'roi', 'cac', 'payback']);
  const sections: Section[] = [
    {
      key: 'growth',
      title: 'Growth in short',
      wide: true,
      blocks: [
        { type: 'figures', figures: growth },
        { type: 'text', sentences: growth.slice(0, 3).map(sentenceOf) },
        await visitsChart(inside, appId, now, before.span, 'day'),
      ],
    },
    { key: 'funnel', title: 'Funnel', wide: false, blocks: funnelBlocks(now) },
    { key: 'movements', title: 'Recurring revenue', wide: false, blocks: [movementsBlock(now)] },
    { key: 'channels', title: 'Channels', wide: true, blocks: channelBlocks(now) },
    { key: 'cohorts', title: 'Cohorts', wide: true, blocks: [await cohortsBlock(inside, appId, now)] },
    {
      key: 'return',
      title: 'Spend and return',
      wide: true,
      blocks: [{ type: 'figures', figures: returned }, spendBlock(now)],
    },
    { key: 'experiments', title: 'Experiments', wide: true, blocks: [await experimentsBlock(inside, appId, now)] },
  ];
  return { headline: headlineOf(now), sections, contents: false };
}

function headlineOf({ revenue: { total }, traffic, currency }: Numbers): string {
  const net = BigInt(total.netNewMinor);
  if (total.closingMinor === '0' && net === 0n) {
    const { signups, visits } = traffic.figures;
    return `${countWords(signups.value ?? 0)} signups from ${countWords(visits.value ?? 0)} visits; no recurring revenue yet`;
  }
  const moved = net === 0n ? 'unchanged' : `${net > 0n ? 'up' : 'down'} ${moneyWords(net < 0n ? -net : net, currency)}`;
  return `Recurring revenue at ${moneyWords(total.closingMinor, currency)} a month, ${moved}`;
}
