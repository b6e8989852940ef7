import type { api } from '#web/api.ts';
import { money } from '#web/format.ts';
import type { Audience } from '#web/pages/understand/knowledge/queries.ts';

export type Segments = Awaited<ReturnType<typeof api.segments.by>>;
export type SegmentRow = Segments['rows'][number];
export type Figure = SegmentRow['lifetimeValue'];

type TraitKind = Audience['traits'][number]['kind'];
export const traitWords: Record<TraitKind, string> = {
  demographic: 'Who',
  psychographic: 'Attitude',
  pain: 'Pains',
  goal: 'Goals',
  behaviour: 'Habits',
};
export const traitKinds = Object.keys(traitWords) as TraitKind[];
export const presenceWords = { high: 'many', some: 'some', low: 'few' };

export const segmentWords: Record<Segments['by'], string> = {
  audience: 'Audience',
  channel: 'Channel',
  source: 'Source',
  country: 'Country',
  plan: 'Plan',
  entry: 'Landing page',
  utm_campaign: 'UTM campaign',
  campaign: 'Campaign',
};

/** `$120 ($90 to $150)`; what is missing otherwise. */
export function moneyWords({ value, low, high, reason }: Figure, currency: string): string {
  if (value === null) return reason ?? 'Not enough data';
  const shown = (minor: number) => money(Math.round(minor), currency);
  return low === null || high === null ? shown(value) : `${shown(value)} (${shown(low)} to ${shown(high)})`;
}

export const verdictWords = {
  within: 'Your estimate lies within it',
  too_low: 'Your estimate is too low',
  too_high: 'Your estimate is too high',
};
