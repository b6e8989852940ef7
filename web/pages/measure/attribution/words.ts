import type { api } from '#web/api.ts';
import { money } from '#web/format.ts';

export type Compared = Awaited<ReturnType<typeof api.attribution.compare>>;
export type Model = Compared['ownModel'];
export type Receipt = Awaited<ReturnType<typeof api.attribution.receipt>>;
export type Ways = Awaited<ReturnType<typeof api.attribution.paths>>;

export const modelWords: Record<Model, string> = {
  first: 'First touch',
  last: 'Last touch',
  last_non_direct: 'Last touch that was not direct',
  linear: 'All touches alike',
  time_decay: 'Later touches more',
  position: 'First and last more',
  markov: 'What would be missing without it',
  shapley: 'Fair share',
};
/** For the heads of columns. */
export const shortModelWords: Record<Model, string> = {
  first: 'First',
  last: 'Last',
  last_non_direct: 'Last not direct',
  linear: 'Alike',
  time_decay: 'Later more',
  position: 'Ends more',
  markov: 'Markov',
  shapley: 'Shapley',
};
export const gradeWords: Record<string, string> = {
  click_id: 'Followed by click',
  checkout_metadata: 'Told by the checkout',
  code: 'By a code',
  server_event: 'Told by the server',
  self_report: 'Said so themselves',
  timing: 'By time alone',
};
export const kindWords = { signup: 'Signup', trial: 'Trial', purchase: 'Payment', goal: 'Goal' } as const;
export const byWords: Record<Compared['by'], string> = {
  channel: 'Channel',
  source: 'Source',
  campaign: 'Campaign',
  post: 'Post',
  hook: 'Hook',
  template: 'Template',
  kind: 'Kind of post',
  account: 'Account',
  affiliate: 'Affiliate',
  link: 'Link',
};
export const tookWords: Record<string, string> = {
  hour: 'Under an hour',
  day: 'Under a day',
  three_days: 'Up to three days',
  week: 'Up to a week',
  two_weeks: 'Up to two weeks',
  month: 'Up to a month',
  longer: 'Longer',
};

/** `3 h`, `2.5 days`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${(seconds / 86_400).toFixed(1)} days`;
}

/** A share of credit: `3`, `2.33`. */
export function shareOf(value: number): string {
  return new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value);
}

export type Measure = 'revenue' | 'signups' | 'customers';
export const measureWords: Record<Measure, string> = { revenue: 'Revenue', signups: 'Signups', customers: 'Customers' };

/** A number of the measure as it is drawn, and as it is written. */
export function drawn(measure: Measure, cell: Compared['rows'][number]['byModel'][number]): number {
  return measure === 'revenue' ? Number(cell.revenueMinor) : cell[measure];
}
export function written(measure: Measure, value: number, currency: string): string {
  return measure === 'revenue' ? money(Math.round(value), currency, { whole: true }) : shareOf(value);
}
