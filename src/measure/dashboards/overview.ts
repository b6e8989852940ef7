import { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { type Described, figure, type OverviewFigure, showFigure } from '#src/measure/dashboards/figure.ts';
import { competitionOf, presenceOf } from '#src/measure/dashboards/standing.ts';
import type { Period, RangeAsked } from '#src/measure/range.ts';
import { returnsIn } from '#src/measure/returns/by.ts';
import { revenueFigures } from '#src/measure/revenue/figures.ts';
import { answering, type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import { type FigureShown, FLOOR } from '#src/measure/traffic/shapes.ts';
import { totals } from '#src/measure/traffic/totals.ts';

const keys = ['app_performance', 'marketing_roi', 'growth', 'competitive_position', 'x_presence'] as const;

export const overviewShown = z.object({
  timeZone: z.string(),
  currency: z.string(),
  days: z.object({ from: z.string(), until: z.string() }),
  previousDays: z.object({ from: z.string(), until: z.string() }).nullable(),
  groups: z.array(z.object({ key: z.enum(keys), title: z.string(), page: z.string(), figures: z.array(figure) })),
});

/** The five dashboards in a few figures each, every one with the page that shows it at length. */
export function overview(
  context: Context,
  asked: { appId: string } & RangeAsked,
): Promise<z.output<typeof overviewShown>> {
  return answering(context, async (inside) => {
    const scope = await scopeOf(inside, asked);
    const ends = ({ days }: Period) => ({ from: days[0] ?? '', until: days.at(-1) ?? '' });
    return {
      timeZone: scope.timeZone,
      currency: scope.currency,
      days: ends(scope.current),
      previousDays: scope.previous && ends(scope.previous),
      groups: [
        {
          key: 'app_performance',
          title: 'App performance',
          page: '/analytics',
          figures: await performanceOf(inside, asked),
        },
        {
          key: 'marketing_roi',
          title: 'Marketing return',
          page: '/attribution',
          figures: await returnOf(inside, scope),
        },
        { key: 'growth', title: 'Growth', page: '/revenue', figures: await growthOf(inside, asked) },
        {
          key: 'competitive_position',
          title: 'Competitive position',
          page: '/knowledge',
          figures: await competitionOf(inside, scope),
        },
        { key: 'x_presence', title: 'Presence on X', page: '/presence', figures: await presenceOf(inside, scope) },
      ],
    };
  });
}

async function performanceOf(inside: Inside, asked: { appId: string } & RangeAsked): Promise<OverviewFigure[]> {
  const { figures, currency } = await totals(inside, { ...asked, filters: [] });
  const few = `Not enough data: this needs ${FLOOR} visits.`;
  const show = (described: Described, { value, before }: FigureShown) => showFigure(described, value, before, few);
  const page = '/analytics';
  return [
    show({ key: 'visitors', label: 'Daily visitors', page }, figures.visitors),
    show({ key: 'bounceRate', label: 'Bounce rate', unit: 'rate', page }, figures.bounceRate),
    show({ key: 'visitSeconds', label: 'Time of a visit', unit: 'seconds', page }, figures.visitSeconds),
    show({ key: 'signups', label: 'Signups', page }, figures.signups),
    show({ key: 'revenue', label: 'Revenue', unit: 'money', currency, page }, figures.revenue),
  ];
}

async function returnOf(inside: Inside, { appId, currency, current, previous }: Scope): Promise<OverviewFigure[]> {
  const asked = { appId, by: 'campaign', limit: 1 } as const;
  const now = (await returnsIn(inside, asked, current)).totals;
  const before = previous && (await returnsIn(inside, asked, previous)).totals;
  const page = '/attribution';
  const money = (key: string, label: string, of: (numbers: typeof now) => string) =>
    showFigure({ key, label, unit: 'money', currency, page }, Number(of(now)), before && Number(of(before)));
  return [
    money('cost', 'Spent', (numbers) => numbers.cost.allMinor),
    money('earned', 'Earned', (numbers) => numbers.revenueMinor),
    money('profit', 'Profit', (numbers) => numbers.profitMinor),
    showFigure(
      { key: 'roi', label: 'Return on what was spent', unit: 'rate', page },
      now.ratios.roi.value,
      before?.ratios.roi.value ?? null,
      now.ratios.roi.reason,
    ),
    showFigure(
      { key: 'cac', label: 'Cost of a customer', unit: 'money', currency, page },
      now.ratios.cac.value,
      before?.ratios.cac.value ?? null,
      now.ratios.cac.reason,
    ),
  ];
}

async function growthOf(inside: Inside, asked: { appId: string } & RangeAsked): Promise<OverviewFigure[]> {
  const { total, previous, currency } = await revenueFigures(inside, { ...asked, grain: 'month' });
  const page = '/revenue';
  const money = (key: string, label: string, of: (numbers: typeof total) => string) =>
    showFigure({ key, label, unit: 'money', currency, page }, Number(of(total)), previous && Number(of(previous)));
  return [
    money('mrr', 'Recurring revenue a month', (numbers) => numbers.closingMinor),
    money('netNew', 'Net new recurring revenue', (numbers) => numbers.netNewMinor),
    showFigure(
      { key: 'newCustomers', label: 'New paying customers', page },
      total.customers.new,
      previous?.customers.new ?? null,
    ),
    showFigure(
      { key: 'logoChurn', label: 'Customers lost', unit: 'rate', page },
      total.logoChurn,
      previous?.logoChurn ?? null,
      'Not enough data: this needs 30 paying customers at the beginning.',
    ),
  ];
}
