import { compact, count, money, percent } from '#web/format.ts';
import type { BreakdownRow } from '#web/parts/breakdown.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import type { Dimension, RankedRow, Totals } from './queries.ts';

/** The figures of the strip, in its order. */
export const measures = ['visitors', 'visits', 'views', 'bounceRate', 'visitSeconds', 'signups', 'revenue'] as const;
export type Measure = (typeof measures)[number];

export const measureLabels: Record<Measure, string> = {
  visitors: 'Visitors',
  visits: 'Visits',
  views: 'Page views',
  bounceRate: 'Bounce rate',
  visitSeconds: 'Time on site',
  signups: 'Signups',
  revenue: 'Revenue',
};

/** Where a column is narrow. */
export const shortLabels: Record<Measure, string> = { ...measureLabels, bounceRate: 'Bounce', visitSeconds: 'Time' };

export function isMeasure(value: unknown): value is Measure {
  return measures.some((each) => each === value);
}

/** Visitors are counted once a day unless they agreed to be known for longer; the word says which. */
export function labelOf(measure: Measure, visitorsAre: Totals['visitorsAre']): string {
  return measure === 'visitors' && visitorsAre === 'daily' ? 'Daily visitors' : measureLabels[measure];
}

/** How a figure is written in full; `short` where there is little room. */
export function writerOf(measure: Measure, currency: string, short = false): (value: number) => string {
  if (measure === 'bounceRate') return percent;
  if (measure === 'visitSeconds') return duration;
  if (measure === 'revenue') return (value) => money(Math.round(value), currency, { whole: true });
  return short ? compact : count;
}

/** 84 → `1m 24s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}m ${whole % 60}s` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

/** A dimension as the name of a filter, and as the head and tab of its rows. */
export const dimensionNames: Record<Dimension | 'goal' | 'campaignId', [one: string, many: string]> = {
  path: ['Page', 'Pages'],
  entry: ['Entry page', 'Entry'],
  exit: ['Exit page', 'Exit'],
  host: ['Site', 'Sites'],
  source: ['Source', 'Sources'],
  medium: ['Medium', 'Media'],
  channel: ['Channel', 'Channels'],
  referrer: ['Referrer', 'Referrers'],
  campaign: ['Campaign', 'Campaigns'],
  content: ['Content', 'Content'],
  term: ['Term', 'Terms'],
  country: ['Country', 'Countries'],
  device: ['Device', 'Devices'],
  browser: ['Browser', 'Browsers'],
  system: ['System', 'Systems'],
  event: ['Event', 'Events'],
  post: ['Post', 'Posts'],
  goal: ['Goal', 'Goals'],
  campaignId: ['Planned campaign', 'Planned campaigns'],
};

export function nameOfDimension(dimension: string): string {
  return Object.hasOwn(dimensionNames, dimension)
    ? dimensionNames[dimension as keyof typeof dimensionNames][0]
    : dimension;
}

const regions = new Intl.DisplayNames('en-GB', { type: 'region' });

/** `DE` → `Germany`; what is no such code stands as it is. */
export function countryName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code || 'Not known';
  return regions.of(code) ?? code;
}

/** The flag of a country by its two letters. */
export function Flag({ code }: { code: string }) {
  const sign = /^[A-Z]{2}$/.test(code)
    ? String.fromCodePoint(...[...code].map((letter) => 0x1f1e6 + letter.charCodeAt(0) - 65))
    : '·';
  return (
    <span className="flag" aria-hidden="true">
      {sign}
    </span>
  );
}

/** A value of a dimension in words. */
export function valueWords(dimension: string, value: string, label?: string | null): string {
  if (label) return label;
  if (dimension === 'country') return countryName(value);
  if (value === '') return dimension === 'source' || dimension === 'referrer' ? 'Direct' : 'Not known';
  if (dimension === 'device') return value.charAt(0).toUpperCase() + value.slice(1);
  return value;
}

export type RowShown = Omit<RankedRow, 'before' | 'revenue'> & {
  revenue: number | null;
  before?: RankedRow['before'];
};
export interface RowContext {
  dimension: Dimension;
  sort: RankedMeasure;
  currency: string;
  /** Whether there is a period before it. */
  compared: boolean;
}

/** A ranked value as a row of a breakdown; `more` as its drawer shows them. */
export function rowOf({ dimension, sort, currency, compared }: RowContext, row: RowShown): BreakdownRow {
  const icon = iconOf(dimension, row.value);
  return {
    key: row.value,
    name: valueWords(dimension, row.value, row.label),
    value: row[sort] ?? 0,
    share: row.share,
    ...(compared ? { change: row.change } : {}),
    ...(icon ? { icon } : {}),
    more: [
      ...moreColumns(sort).map((measure) => written(measure, row[measure], currency)),
      ...(compared ? [written(sort, row.before?.[sort] ?? null, currency)] : []),
    ],
  };
}

function written(measure: Measure, value: number | null, currency: string): string {
  return value === null ? '–' : writerOf(measure, currency)(value);
}

export type RankedMeasure = keyof RankedRow & Measure;

/** What stands beside the ranked measure where there is room. */
export function moreColumns(sort: RankedMeasure): RankedMeasure[] {
  return (['visits', 'bounceRate', 'visitSeconds', 'signups', 'revenue'] as const).filter((each) => each !== sort);
}

function iconOf(dimension: Dimension, value: string) {
  if (dimension === 'country') return <Flag code={value} />;
  if (dimension !== 'source') return undefined;
  return <PlatformIcon platform={value.toLowerCase().replaceAll(' ', '') || 'direct'} size={14} decorative />;
}
