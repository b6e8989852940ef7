import type { Inside } from '#src/context.ts';
import type { Block, ReportContent, Section } from '#src/grow/reports/content.ts';
import { figuresFor, type Numbers } from '#src/grow/reports/numbers.ts';
import { insightsBlock, lessonsBlock } from '#src/grow/reports/parts/found.ts';
import { mrrChart, visitsChart } from '#src/grow/reports/parts/money.ts';
import {
  campaignsBlock,
  competitorsBlock,
  experimentsBlock,
  goalsBlock,
  strategiesBlock,
} from '#src/grow/reports/parts/plan.ts';
import { moneyWords } from '#src/grow/reports/words.ts';

/** The business review: targets against results, what was decided, what campaigns returned, what worked and what did not. */
export async function quarterlyReport(
  inside: Inside,
  appId: string,
  now: Numbers,
  before: Numbers,
): Promise<Pick<ReportContent, 'headline' | 'sections' | 'contents'>> {
  const goals = await goalsBlock(inside, appId, now);
  const sections: Section[] = [
    {
      key: 'goals',
      title: 'Targets against results',
      wide: true,
      blocks: [
        goals,
        {
          type: 'figures',
          figures: figuresFor(now, before, ['revenue', 'spent', 'profit', 'roi', 'mrr', 'customers', 'cac', 'payback']),
        },
      ],
    },
    {
      key: 'course',
      title: 'The quarter’s course',
      wide: true,
      blocks: [mrrChart(now), await visitsChart(inside, appId, now, before.span, 'week')],
    },
    { key: 'strategy', title: 'Strategy', wide: true, blocks: [await strategiesBlock(inside, appId, now)] },
    {
      key: 'campaigns',
      title: 'What campaigns returned',
      wide: true,
      blocks: [await campaignsBlock(inside, appId, now)],
    },
    { key: 'worked', title: 'What went up', wide: false, blocks: [await insightsBlock(inside, appId, now, 4, 'up')] },
    {
      key: 'failed',
      title: 'What went down',
      wide: false,
      blocks: [await insightsBlock(inside, appId, now, 4, 'down')],
    },
    {
      key: 'tried',
      title: 'What was tried',
      wide: true,
      blocks: [await lessonsBlock(inside, appId, now), await experimentsBlock(inside, appId, now)],
    },
    { key: 'competitors', title: 'Competitors', wide: true, blocks: [await competitorsBlock(inside, appId, now)] },
  ];
  return { headline: headlineOf(goals, now), sections, contents: true };
}

function headlineOf(goals: Block, { returns: { totals }, traffic, currency }: Numbers): string {
  const earned = moneyWords(BigInt(traffic.figures.revenue.value ?? 0), currency);
  const money =
    totals.cost.allMinor === '0'
      ? `${earned} earned, nothing spent`
      : `${earned} earned, ${moneyWords(totals.cost.allMinor, currency)} spent`;
  if (goals.type !== 'table') return money;
  const reached = goals.rows.filter((row) => row[4] === 'reached').length;
  return `${reached} of ${goals.rows.length} targets reached; ${money}`;
}
