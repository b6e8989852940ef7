import type { api } from '#web/api.ts';
import { change, compact, count, money } from '#web/format.ts';

export type Success = Awaited<ReturnType<typeof api.success.show>>;
export type Area = Success['areas'][number];
export type Figure = Area['figures'][number];
export type State = NonNullable<Figure['progress']>['state'];

/** Each state in a word and with the look of a status badge. */
export const stateWords: Record<State, string> = {
  reached: 'Reached',
  on_track: 'On track',
  behind: 'Behind',
  missed: 'Missed',
  no_date: 'No day set',
  not_enough_data: 'Not enough data',
};
export const stateLook: Record<State, string> = {
  reached: 'done',
  on_track: 'active',
  behind: 'review',
  missed: 'failed',
  no_date: 'draft',
  not_enough_data: 'draft',
};

/** A figure or its target, as it is written. */
export function written(amount: string, { currency }: Pick<Figure, 'currency'>): string {
  return currency === null ? compact(Number(amount)) : money(amount, currency, { whole: true });
}

/** Against the 28 days before; null when there is nothing to compare with. */
export function changeOf({ value, before }: Figure): number | null {
  return value === null || before === null ? null : change(Number(value), Number(before));
}

/** The eight weeks in words, for those who cannot see the line. */
export function weeksWords({ weeks, currency }: Figure): string {
  const words = weeks.map((week) =>
    week === null ? 'not known' : currency === null ? count(week) : money(String(week), currency),
  );
  return `The last ${weeks.length} weeks: ${words.join(', ')}.`;
}
