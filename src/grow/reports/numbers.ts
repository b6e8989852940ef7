import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type Counts, readCounts } from '#src/grow/numbers.ts';
import { type Period, periodsFor } from '#src/measure/range.ts';
import { returnsIn } from '#src/measure/returns/by.ts';
import { revenueFigures } from '#src/measure/revenue/figures.ts';
import { scopeOf } from '#src/measure/traffic/question.ts';
import { FLOOR } from '#src/measure/traffic/shapes.ts';
import { totals } from '#src/measure/traffic/totals.ts';
import type { Figure, ReportContent, Unit } from './content.ts';
import type { Span } from './periods.ts';
import { figureOf } from './words.ts';

/** All that a report counts of one period, by the functions the dashboards are drawn from. */
export type Numbers = {
  span: Span;
  period: Period;
  currency: string;
  timeZone: string;
  traffic: Awaited<ReturnType<typeof totals>>;
  revenue: Awaited<ReturnType<typeof revenueFigures>>;
  /** By channel. */
  returns: Awaited<ReturnType<typeof returnsIn>>;
  counts: Counts;
};

/** The question for a dashboard that means exactly these days. */
export function askedFor(appId: string, { from, until }: Span) {
  return { appId, range: 'custom', from, until, compare: 'none' } as const;
}

export async function numbersOf(inside: Inside, appId: string, span: Span): Promise<Numbers> {
  const asked = askedFor(appId, span);
  const { timeZone, currency } = await scopeOf(inside, asked);
  const period = periodsFor(asked, inside.clock.now(), timeZone).current;
  // Planned for disks that seek, the totals of a year are read row by row.
  await sql`select set_config('jit', 'off', true)`.execute(inside.tx);
  return {
    span,
    period,
    currency,
    timeZone,
    traffic: await totals(inside, { ...asked, filters: [] }),
    revenue: await revenueFigures(inside, { ...asked, grain: 'month' }),
    returns: await returnsIn(inside, { appId, by: 'channel', limit: 100 }, period),
    counts: await readCounts(inside, appId, period.from, period.until),
  };
}

const NO_VISITS = 'The tracker on your site had not sent anything by then.';
const isTracked = ({ traffic, span }: Numbers) => traffic.began !== null && traffic.began <= span.until;

type Described = {
  label: string;
  unit?: Unit;
  of(numbers: Numbers): string | number | null;
  missing?(numbers: Numbers): string;
};

const described = {
  visits: {
    label: 'Visits',
    of: (n) => (isTracked(n) ? n.traffic.figures.visits.value : null),
    missing: () => NO_VISITS,
  },
  visitors: {
    label: 'Daily visitors',
    of: (n) => (isTracked(n) ? n.traffic.figures.visitors.value : null),
    missing: () => NO_VISITS,
  },
  signups: { label: 'Signups', of: (n) => n.traffic.figures.signups.value },
  signupRate: {
    label: 'Signups of visits',
    unit: 'rate',
    of: ({ traffic: { figures } }) => {
      const [visits, signups] = [figures.visits.value ?? 0, figures.signups.value ?? 0];
      return visits < FLOOR ? null : signups / visits;
    },
    missing: ({ traffic }) => `A rate needs ${FLOOR} visits; there were ${traffic.figures.visits.value ?? 0}.`,
  },
  customers: { label: 'New paying customers', of: (n) => n.revenue.total.customers.new },
  lost: { label: 'Customers lost', of: (n) => n.revenue.total.customers.lost },
  paying: { label: 'Paying customers', of: (n) => n.revenue.total.customers.closing },
  revenue: { label: 'Revenue', unit: 'money', of: (n) => n.traffic.figures.revenue.value },
  mrr: { label: 'Recurring revenue a month', unit: 'money', of: (n) => n.revenue.total.closingMinor },
  netNew: { label: 'Net new recurring revenue', unit: 'money', of: (n) => n.revenue.total.netNewMinor },
  newMrr: { label: 'New recurring revenue', unit: 'money', of: (n) => n.revenue.total.newMinor },
  churn: {
    label: 'Customers lost, of those at the beginning',
    unit: 'rate',
    of: (n) => n.revenue.total.logoChurn,
    missing: ({ revenue }) =>
      `A rate needs 30 paying customers at the beginning; there were ${revenue.total.customers.opening}.`,
  },
  spent: { label: 'Spent', unit: 'money', of: (n) => n.returns.totals.cost.allMinor },
  profit: { label: 'Profit', unit: 'money', of: (n) => n.returns.totals.profitMinor },
  roi: {
    label: 'Return on what was spent',
    unit: 'rate',
    of: (n) => n.returns.totals.ratios.roi.value,
    missing: (n) => n.returns.totals.ratios.roi.reason ?? '',
  },
  cac: {
    label: 'Cost of a customer',
    unit: 'money',
    of: ({ returns: { totals } }) => (totals.ratios.cac.value === null ? null : Math.round(totals.ratios.cac.value)),
    missing: (n) => n.returns.totals.ratios.cac.reason ?? '',
  },
  payback: {
    label: 'Months until a customer has paid for itself',
    unit: 'months',
    of: (n) => n.returns.totals.ratios.paybackMonths.value,
    missing: (n) => n.returns.totals.ratios.paybackMonths.reason ?? '',
  },
  posts: { label: 'Posts published', of: (n) => n.counts.posts },
  impressions: {
    label: 'Impressions of them so far',
    of: (n) => n.counts.impressions,
    missing: () => 'No platform has told the impressions of these posts.',
  },
  followers: {
    label: 'Followers',
    of: (n) => n.counts.followers,
    missing: () => 'No connected account has a follower count yet.',
  },
  replies: { label: 'Replies received', of: (n) => n.counts.replies },
  answered: { label: 'Answered in the inbox', of: (n) => n.counts.answered },
} as const satisfies Record<string, Described>;

export type Key = keyof typeof described;

/** Figures of a period beside those of the one before. */
export function figuresFor(now: Numbers, before: Numbers | null, keys: readonly Key[]): Figure[] {
  return keys.map((key) => {
    const { label, unit = 'count', of, missing }: Described = described[key];
    return figureOf({
      key,
      label,
      unit,
      currency: now.currency,
      value: of(now),
      before: before && of(before),
      missing: missing ? missing(now) : null,
    });
  });
}

/** What is counted again later. Levels that only platforms know, as followers, and running totals are not. */
const watchedKeys: readonly Key[] = ['visits', 'signups', 'customers', 'lost', 'revenue', 'newMrr', 'mrr', 'spent'];

export function watchedOf(numbers: Numbers): ReportContent['watched'] {
  return figuresFor(numbers, null, watchedKeys).map(({ key, label, unit, value }) => ({ key, label, unit, value }));
}
