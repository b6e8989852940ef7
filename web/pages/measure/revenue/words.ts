import { day, percent } from '#web/format.ts';
import { pointWords } from '#web/parts/trend-points.ts';
import type { Grain, MovementKind, Segment } from './queries.ts';

export const movementWords: Record<MovementKind, string> = {
  new: 'New',
  expansion: 'Expansion',
  reactivation: 'Reactivation',
  contraction: 'Contraction',
  churn: 'Churn',
};

export const segmentWords: Record<Segment, string> = {
  plan: 'Plan',
  channel: 'Channel',
  country: 'Country',
  audience: 'Audience',
  currency: 'Currency',
};

export const grainWords: Record<Grain, string> = { day: 'Days', week: 'Weeks', month: 'Months' };

/** A slot of the range in words: `November 2026`, `Week of 16 Nov`, `Sun 22 Nov`. */
export function periodWords(period: string, grain: Grain): string {
  if (grain === 'month') return pointWords(`${period}-01`, 'month');
  return grain === 'week' ? `Week of ${day(period, 'UTC')}` : pointWords(period, 'day');
}

/** A rate, or a dash where there is none to tell. */
export function rateWords(rate: number | null): string {
  return rate === null ? '–' : percent(rate);
}
