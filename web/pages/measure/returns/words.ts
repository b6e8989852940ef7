import type { api } from '#web/api.ts';
import { money } from '#web/format.ts';

export type Returns = Awaited<ReturnType<typeof api.returns.by>>;
export type ReturnRow = Returns['rows'][number];
export type Figures = Omit<ReturnRow, 'key' | 'name' | 'note'>;
export type Ratio = Figures['ratios']['roi'];

export const byWords: Record<Returns['by'], string> = {
  post: 'Post',
  hook: 'Hook',
  template: 'Template',
  kind: 'Kind of post',
  campaign: 'Campaign',
  channel: 'Channel',
  account: 'Account',
  affiliate: 'Affiliate',
};
export const costWords = {
  adsMinor: 'Ads',
  apiMinor: 'Platforms',
  toolsMinor: 'Tools',
  timeMinor: 'Own time',
  otherMinor: 'Other',
  commissionsMinor: 'Commissions',
} as const;

/** `1.4 ×`, `3.2 months`, money; with the interval where there is one. */
export function ratioWords(ratio: Ratio, write: (value: number) => string): string | null {
  return ratio.value === null ? null : write(ratio.value);
}
export function times(value: number): string {
  return `${new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 }).format(value)} ×`;
}
export function inMoney(currency: string): (value: number) => string {
  return (value) => money(Math.round(value), currency);
}
/** `between $3.10 and $5.40`, or nothing. */
export function between(ratio: Ratio, write: (value: number) => string): string | null {
  return ratio.low === null || ratio.high === null ? null : `between ${write(ratio.low)} and ${write(ratio.high)}`;
}
/** `Ads $25.00, own time $90.00`. */
export function spentWords(cost: Omit<Figures['cost'], 'allMinor'>, currency: string): string {
  return (Object.keys(costWords) as (keyof typeof costWords)[])
    .filter((name) => cost[name] !== '0')
    .map((name) => `${costWords[name]} ${money(cost[name], currency)}`)
    .join(', ');
}
/** Which colour a result has: nothing is neither good nor bad. */
export function signOf(minor: string): 'loss' | 'gain' | 'none' {
  if (minor.startsWith('-')) return 'loss';
  return minor === '0' ? 'none' : 'gain';
}
