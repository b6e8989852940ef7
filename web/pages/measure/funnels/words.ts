import { percent } from '#web/format.ts';
import type { Answer, Definition, Grouping } from './queries.ts';

export const groupingWords: Record<Grouping, string> = {
  source: 'Source',
  channel: 'Channel',
  campaign: 'Campaign',
  post: 'Post',
  country: 'Country',
  device: 'Device',
  entry: 'Entry page',
};

/** What is shown before anybody has built a funnel. */
export const firstFunnel: Definition = {
  steps: [
    { kind: 'page', name: 'Any page', match: 'prefix', path: '/' },
    { kind: 'conversion', name: '', conversion: 'signup' },
    { kind: 'conversion', name: '', conversion: 'purchase' },
  ],
  windowMinutes: 30 * 1440,
  by: 'person',
  strict: false,
};

/** 5400 seconds → `1 h 30 min`. Two units at most. */
export function lasting(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [size = 1, unit = 's'] = units[first] ?? [];
  const next = units[first + 1];
  const whole = Math.floor(seconds / size);
  const rest = next ? Math.round((seconds - whole * size) / next[0]) : 0;
  return rest > 0 && next ? `${whole} ${unit} ${rest} ${next[1]}` : `${whole} ${unit}`;
}

export function windowWords(minutes: number): string {
  return lasting(minutes * 60);
}

/** `12.5% to 18.1%`. */
export function bounds({ low, high }: { low: number; high: number }): string {
  return `${percent(low)} to ${percent(high)}`;
}

/** What one of them is, said once below the chart. */
export function countedWords({ counted, daily }: Pick<Answer, 'counted' | 'daily'>): string {
  const days = 'Without consent nobody is known again on another day.';
  if (counted === 'person')
    return `Counted by person: visitors linked to a customer are one, others count as visitors. ${daily ? days : ''}`.trim();
  return counted === 'visitor' ? 'Counted by visitor.' : `Counted by visitor and day. ${days}`;
}
