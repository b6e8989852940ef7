import { Temporal } from 'temporal-polyfill';
import type { Inside } from '#src/context.ts';
import type { Block } from '#src/grow/reports/content.ts';
import { askedFor, type Numbers } from '#src/grow/reports/numbers.ts';
import type { Span } from '#src/grow/reports/periods.ts';
import { countWords, figureOf, moneyWords, noneBlock, percentWords, tableOf } from '#src/grow/reports/words.ts';
import { revenueCohorts } from '#src/measure/revenue/cohorts.ts';
import { lifetimeValue } from '#src/measure/revenue/lifetime-value.ts';
import { series } from '#src/measure/traffic/series.ts';
import { FLOOR } from '#src/measure/traffic/shapes.ts';
import { addDays, dayIn } from '#src/plan/times.ts';

/** From visiting to paying, each step with its rate of the one before; a rate needs 30. */
export function funnelBlocks({ traffic, revenue }: Numbers): Block[] {
  const steps = [
    { name: 'Visits', value: traffic.figures.visits.value ?? 0 },
    { name: 'Signups', value: traffic.figures.signups.value ?? 0 },
    { name: 'New paying customers', value: revenue.total.customers.new },
  ];
  const rateOf = (index: number) => {
    const [step, before] = [steps[index], steps[index - 1]];
    if (!step || !before) return '';
    return before.value < FLOOR ? 'not enough data' : percentWords(step.value / before.value);
  };
  return [
    {
      type: 'chart',
      key: 'funnel',
      title: 'From visiting to paying',
      alt: steps.map(({ name, value }) => `${name}: ${countWords(value)}`).join(', '),
      form: 'across',
      unit: 'count',
      currency: null,
      labels: steps.map(({ name }) => name),
      series: [{ name: 'People', values: steps.map(({ value }) => value) }],
    },
    tableOf(
      'Steps',
      ['Step', '#Count', '#Of the step before'],
      steps.map(({ name, value }, index) => [name, countWords(value), rateOf(index)]),
      `A rate needs ${FLOOR} at the step before. Signups and customers are those of the period, whenever their first visit was.`,
    ),
  ];
}

/** What each channel brought and cost, most profit first. */
export function channelBlocks({ returns, currency }: Numbers, most = 10): Block[] {
  const { rows, without, unattributed } = returns;
  const shown = rows.filter(
    (row) => row.visits + row.signups > 0 || row.revenueMinor !== '0' || row.cost.allMinor !== '0',
  );
  if (shown.length === 0) return [noneBlock('No channel brought or cost anything in this period.')];
  const line = (name: string, row: (typeof rows)[number] | typeof without) => [
    name,
    countWords(row.visits),
    countWords(row.signups),
    countWords(row.customers),
    moneyWords(row.revenueMinor, currency),
    moneyWords(row.cost.allMinor, currency),
    moneyWords(row.profitMinor, currency),
  ];
  const top = shown.slice(0, most);
  const busiest = shown.toSorted((a, b) => b.visits - a.visits).slice(0, 6);
  return [
    {
      type: 'chart',
      key: 'channels',
      title: 'Visits by channel',
      alt: busiest.map(({ name, visits }) => `${name}: ${countWords(visits)}`).join(', '),
      form: 'across',
      unit: 'count',
      currency: null,
      labels: busiest.map(({ name }) => name),
      series: [{ name: 'Visits', values: busiest.map(({ visits }) => visits) }],
    },
    tableOf(
      'Channels',
      ['Channel', '#Visits', '#Signups', '#Customers', '#Revenue', '#Cost', '#Profit'],
      [...top.map((row) => line(row.name, row)), line('By no channel', without), line('Origin unknown', unattributed)],
      'Credited by the app’s attribution model; revenue net of tax, refunds and disputes.',
    ),
  ];
}

/** From opening to closing recurring revenue. */
export function movementsBlock({ revenue: { total }, currency }: Numbers): Block {
  const money = (minor: string) => moneyWords(minor, currency);
  return tableOf(
    'Recurring revenue a month',
    ['Movement', '#Amount'],
    [
      ['At the beginning', money(total.openingMinor)],
      ['New', money(total.newMinor)],
      ['Expansion', money(total.expansionMinor)],
      ['Back again', money(total.reactivationMinor)],
      ['Contraction', money(total.contractionMinor)],
      ['Lost', money(total.churnMinor)],
      ['At the end', money(total.closingMinor)],
    ],
  );
}

const COHORTS = 6;

/** Customers by the month they began in, and how many are left; those of the last six months of the period. */
export async function cohortsBlock(inside: Inside, appId: string, { span, timeZone }: Numbers): Promise<Block> {
  const last = span.until.slice(0, 7);
  const months = Temporal.PlainYearMonth.from(last).until(dayIn(timeZone, inside.clock.now()).slice(0, 7), {
    largestUnit: 'month',
  }).months;
  const { cohorts } = await revenueCohorts(inside, {
    appId,
    months: Math.min(60, COHORTS + 1 + months),
    measure: 'customers',
  });
  const shown = cohorts.filter(({ cohort, customers }) => cohort <= last && customers > 0).slice(-COHORTS);
  if (shown.length === 0) return noneBlock('No customer began to pay in the last six months.');
  const heads = Array.from({ length: COHORTS }, (_, index) => `#Month ${index}`);
  return tableOf(
    'How many customers stay',
    ['Began in', '#Customers', ...heads.slice(1)],
    shown.map(({ cohort, customers, cells }) => {
      const own = cells.filter(({ month, complete }) => month <= last && complete);
      return [
        cohort,
        countWords(customers),
        ...heads.slice(1).map((_, index) => {
          const cell = own[index + 1];
          return cell ? `${countWords(Number(cell.value))} left` : '';
        }),
      ];
    }),
    `Counts, not rates: a rate of fewer than ${FLOOR} customers says more about chance.`,
  );
}

/** What was spent, by what it went into. */
export function spendBlock({ returns: { totals }, currency }: Numbers): Block {
  const { cost } = totals;
  if (cost.allMinor === '0') return noneBlock('No cost of this period was written down or reported.');
  const kinds = [
    ['Advertising', cost.adsMinor],
    ['Platforms', cost.apiMinor],
    ['Tools', cost.toolsMinor],
    ['Own time', cost.timeMinor],
    ['Commissions', cost.commissionsMinor],
    ['Other', cost.otherMinor],
  ] as const;
  return tableOf(
    'Spent on',
    ['Kind', '#Amount'],
    [
      ...kinds.filter(([, minor]) => minor !== '0').map(([name, minor]) => [name, moneyWords(minor, currency)]),
      ['All', moneyWords(cost.allMinor, currency)],
    ],
  );
}

/** Visits day by day beside the period before, or month by month. */
export async function visitsChart(
  inside: Inside,
  appId: string,
  now: Numbers,
  before: Span | null,
  by: 'day' | 'week' | 'month',
): Promise<Block> {
  const of = async (span: Span) => {
    const drawn = await series(inside, { ...askedFor(appId, span), filters: [], measures: ['visits'], by });
    const values = drawn.series[0]?.values ?? [];
    return {
      labels: drawn.points.map(({ at }) => at),
      values: drawn.points.map(({ at }, index) => (isCounted(now, at, by) ? (values[index] ?? null) : null)),
    };
  };
  const [current, previous] = [await of(now.span), before && (await of(before))];
  const name = { day: 'Visits by day', week: 'Visits by week', month: 'Visits by month' }[by];
  return {
    type: 'chart',
    key: `visits-${by}`,
    title: name,
    alt: `${name}: ${current.values.map((value) => (value === null ? 'not counted' : countWords(value))).join(', ')}`,
    form: by === 'month' ? 'bars' : 'line',
    unit: 'count',
    currency: null,
    labels: current.labels.map((at) => labelFor(at, by)),
    series: [
      { name: 'This period', values: current.values },
      ...(previous
        ? [{ name: 'Before', values: current.labels.map((_, index) => previous.values[index] ?? null) }]
        : []),
    ],
  };
}

/** Before the tracker's first day nothing was counted, which is not none. */
export function isCounted({ traffic: { began } }: Numbers, at: string, by: 'day' | 'week' | 'month'): boolean {
  if (began === null) return false;
  return by === 'month' ? at.slice(0, 7) >= began.slice(0, 7) : by === 'day' ? at >= began : at > addDays(began, -7);
}

/** Recurring revenue at the end of each month of the period. */
export function mrrChart({ revenue: { periods }, currency }: Numbers): Block {
  return {
    type: 'chart',
    key: 'mrr',
    title: 'Recurring revenue at the end of each month',
    alt: periods.map(({ period, closingMinor }) => `${period}: ${moneyWords(closingMinor, currency)}`).join(', '),
    form: 'bars',
    unit: 'money',
    currency,
    labels: periods.map(({ period }) => labelFor(period, 'month')),
    series: [{ name: 'Recurring revenue', values: periods.map(({ closingMinor }) => Number(closingMinor)) }],
  };
}

/** What a customer is worth over their life, by the models of the revenue page. */
export async function lifetimeBlocks(inside: Inside, appId: string): Promise<Block[]> {
  const { currency, subscriptions } = await lifetimeValue(inside, {
    appId,
    horizonMonths: 36,
    discountYearly: 0.1,
    marginPercent: 100,
  });
  const figure = figureOf({
    key: 'ltv',
    label: 'What a new subscriber pays in three years',
    unit: 'money',
    currency,
    value: subscriptions.enough ? subscriptions.valueMinor : null,
    before: null,
    missing: subscriptions.enough ? null : subscriptions.reason,
  });
  const words = subscriptions.enough
    ? `Between ${moneyWords(subscriptions.lowMinor, currency)} and ${moneyWords(subscriptions.highMinor, currency)} (90% interval), from ${countWords(subscriptions.customers)} customers as known when this was written.`
    : subscriptions.reason;
  return [
    { type: 'figures', figures: [figure] },
    { type: 'text', sentences: subscriptions.enough ? [words] : [] },
  ];
}

/** `2026-11-22` → `22 Nov`, `2026-11` → `Nov`. */
export function labelFor(at: string, by: 'day' | 'week' | 'month'): string {
  const date = Temporal.PlainDate.from(by === 'month' ? `${at.slice(0, 7)}-01` : at.slice(0, 10));
  return by === 'month'
    ? date.toLocaleString('en-GB', { month: 'short' })
    : date.toLocaleString('en-GB', { day: 'numeric', month: 'short' });
}
