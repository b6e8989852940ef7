import type { Inside } from '#src/context.ts';
import type { Block, ReportContent, Section } from '#src/grow/reports/content.ts';
import { askedFor, figuresFor, type Numbers } from '#src/grow/reports/numbers.ts';
import { lessonsBlock, postsBlock, suggestionsBlock } from '#src/grow/reports/parts/found.ts';
import {
  channelBlocks,
  isCounted,
  labelFor,
  lifetimeBlocks,
  mrrChart,
  visitsChart,
} from '#src/grow/reports/parts/money.ts';
import { campaignsBlock, strategiesBlock } from '#src/grow/reports/parts/plan.ts';
import { countWords, missingBlock, moneyWords, tableOf } from '#src/grow/reports/words.ts';
import { series } from '#src/measure/traffic/series.ts';

/** The strategic plan: the year by month, its best posts and channels, customers, lessons, and a proposal for the next. */
export async function annualReport(
  inside: Inside,
  appId: string,
  now: Numbers,
  before: Numbers,
): Promise<Pick<ReportContent, 'headline' | 'sections' | 'contents'>> {
  const sections: Section[] = [
    {
      key: 'year',
      title: 'The year by month',
      wide: true,
      blocks: [
        {
          type: 'figures',
          figures: figuresFor(now, before, ['revenue', 'mrr', 'customers', 'visits', 'signups', 'spent']),
        },
        mrrChart(now),
        await visitsChart(inside, appId, now, null, 'month'),
        await monthsBlock(inside, appId, now),
      ],
    },
    { key: 'posts', title: 'Best posts', wide: true, blocks: [await postsBlock(inside, appId, now, 10)] },
    { key: 'channels', title: 'Best channels', wide: true, blocks: channelBlocks(now) },
    {
      key: 'customers',
      title: 'Customers and what they are worth',
      wide: true,
      blocks: [
        { type: 'figures', figures: figuresFor(now, before, ['paying', 'lost', 'cac', 'payback']) },
        ...(await lifetimeBlocks(inside, appId)),
      ],
    },
    {
      key: 'lessons',
      title: 'Lessons',
      wide: true,
      blocks: [
        await lessonsBlock(inside, appId, now),
        await campaignsBlock(inside, appId, now),
        await strategiesBlock(inside, appId, now),
      ],
    },
    {
      key: 'plan',
      title: 'Proposal for the next year',
      wide: true,
      blocks: [...proposalBlocks(now), await suggestionsBlock(inside, appId, 8)],
    },
  ];
  const earned = moneyWords(BigInt(now.traffic.figures.revenue.value ?? 0), now.currency);
  const { new: won } = now.revenue.total.customers;
  const headline = `${earned} earned and ${countWords(won)} new paying ${won === 1 ? 'customer' : 'customers'} in ${now.span.from.slice(0, 4)}`;
  return { headline, sections, contents: true };
}

async function monthsBlock(inside: Inside, appId: string, now: Numbers): Promise<Block> {
  const { span, revenue, currency } = now;
  const drawn = await series(inside, {
    ...askedFor(appId, span),
    filters: [],
    measures: ['visits', 'signups', 'revenue'],
    by: 'month',
  });
  const of = (measure: string, index: number) =>
    drawn.series.find((each) => each.measure === measure)?.values[index] ?? 0;
  return tableOf(
    'Month by month',
    ['Month', '#Visits', '#Signups', '#New customers', '#Revenue', '#Recurring at the end'],
    drawn.points.map(({ at }, index) => {
      const own = revenue.periods.find(({ period }) => period === at.slice(0, 7));
      return [
        labelFor(at, 'month'),
        isCounted(now, at, 'month') ? countWords(of('visits', index)) : 'not counted',
        countWords(of('signups', index)),
        countWords(own?.customers.new ?? 0),
        moneyWords(BigInt(of('revenue', index)), currency),
        moneyWords(own?.closingMinor ?? '0', currency),
      ];
    }),
  );
}

/** Months of recurring revenue before its pace is carried on. */
const MONTHS = 6;
/** Signups of a channel before it is recommended or advised against. */
const ENOUGH_SIGNUPS = 10;

/** From the rows alone: which channels paid for themselves, and where the pace of the last months would lead. */
function proposalBlocks({ returns, revenue, currency }: Numbers): Block[] {
  const known = returns.rows.filter((row) => row.signups >= ENOUGH_SIGNUPS);
  const more = known.filter((row) => BigInt(row.profitMinor) > 0n).slice(0, 3);
  const less = known.filter((row) => BigInt(row.profitMinor) < 0n).slice(-3);
  const sentences = [
    ...more.map(
      (row) =>
        `Do more on ${row.name}: it left ${moneyWords(row.profitMinor, currency)} after its costs, with ${countWords(row.signups)} signups.`,
    ),
    ...less.map(
      (row) =>
        `Change or stop ${row.name}: it cost ${moneyWords((-BigInt(row.profitMinor)).toString(), currency)} more than it brought.`,
    ),
  ];
  const active = revenue.periods.filter(({ closingMinor }) => closingMinor !== '0');
  const pace = active.slice(-MONTHS).reduce((sum, month) => sum + BigInt(month.netNewMinor), 0n) / BigInt(MONTHS);
  const target: Block =
    active.length < MONTHS
      ? missingBlock(
          `A pace for the next year needs ${MONTHS} months with recurring revenue; there were ${active.length}.`,
        )
      : {
          type: 'text',
          sentences: [
            `The last ${MONTHS} months added ${moneyWords(pace, currency)} of recurring revenue a month on average. Carried on in a straight line, the next year would end at ${moneyWords(BigInt(revenue.total.closingMinor) + 12n * pace, currency)} a month. This is a pace, not a forecast.`,
          ],
        };
  return [
    sentences.length > 0
      ? { type: 'text', sentences }
      : missingBlock(`To recommend a channel it needs ${ENOUGH_SIGNUPS} signups and a profit or a loss.`),
    target,
  ];
}
