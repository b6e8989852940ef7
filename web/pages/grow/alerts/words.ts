import { count, money } from '#web/format.ts';
import type { Alert, Rule } from './queries.ts';

export const severityWords = { info: 'Good to know', warning: 'Look at this', urgent: 'Urgent' } as const;

export const metricWords = {
  visits: 'Visits',
  signups: 'Signups',
  conversionRate: 'Signup rate, %',
  revenue: 'Revenue',
  mrr: 'Recurring revenue',
  churnRate: 'Churn, %',
  refunds: 'Refunds and disputes',
  cost: 'Marketing cost',
  budgetUsed: 'Campaign budget used, %',
  followers: 'Followers',
  failedPosts: 'Posts that failed',
  replies: 'Replies',
  mentions: 'Mentions and quotes',
  inboxWaiting: 'Unread in the inbox',
} as const;
export type Metric = keyof typeof metricWords;
/** Numbers of a moment: they are not added up over days. */
export const ofMoment: readonly Metric[] = ['mrr', 'budgetUsed', 'followers', 'inboxWaiting'];
export const inMoney: readonly Metric[] = ['revenue', 'mrr', 'cost'];
const inPercent: readonly Metric[] = ['conversionRate', 'churnRate', 'budgetUsed'];

/** What an opportunity looks for, and what its number means; null = it has none. */
export const opportunityWords = {
  posts: ['A post doing unusually well', 'Times what is usual at its age'],
  mentions: ['A mention by a large account', 'Followers at least'],
  payback: ['A channel that pays back soon', 'Months at most'],
  keywords: ['Phrases only competitors use', null],
  changes: ['A finding that goes up', null],
} as const;

export const weightWords = { low: 'small ones too', medium: 'from medium on', high: 'only large ones' } as const;

export function valueWords(value: number | null, unit: Alert['unit'], currency: string): string {
  if (value === null) return 'not measured';
  if (unit === 'money') return money(Math.round(value), currency);
  return unit === 'percent' ? `${value.toFixed(1)}%` : count(Math.round(value * 100) / 100);
}

export function metricValueWords(metric: Metric, value: number, currency: string): string {
  const unit = inMoney.includes(metric) ? 'money' : inPercent.includes(metric) ? 'percent' : 'count';
  return valueWords(value, unit, currency);
}

/** A rule in a sentence. */
export function ruleWords(
  { kind, metric, opportunity, comparison, value, releaseValue, windowDays, least }: Rule,
  currency: string,
) {
  if (kind === 'threshold' && metric && value !== null) {
    const span = windowDays === null ? '' : windowDays === 1 ? ' in a day' : ` in ${windowDays} days`;
    const ends = releaseValue === null ? '' : `; ends at ${metricValueWords(metric, releaseValue, currency)}`;
    return `${metricWords[metric].replace(', %', '')}${span} ${comparison} ${metricValueWords(metric, value, currency)}${ends}`;
  }
  if (kind === 'opportunity' && opportunity) {
    const [words, of] = opportunityWords[opportunity];
    return of && value !== null ? `${words}; ${of.toLowerCase()}: ${count(value)}` : words;
  }
  return kind === 'anomaly'
    ? `Main numbers of a day that leave what is usual, ${weightWords[least ?? 'low']}`
    : `What competitors change on their pages, ${weightWords[least ?? 'low']}`;
}

export const deliveryWords = {
  waiting: 'waits',
  dropped: 'not told',
  prepared: 'is tried again',
  sent: 'is on its way',
  confirmed: 'told',
  failed: 'not taken',
  unknown: 'may have arrived',
} as const;

export const targetWords = {
  app: 'In the app',
  email: 'E-mail',
  slack: 'Slack',
  discord: 'Discord',
  telegram: 'Telegram',
  webhook: 'Webhook',
} as const;
