import { money } from '#web/format.ts';
import type { Suggestion } from '#web/pages/grow/suggestions.tsx';

type Impact = Pick<
  Suggestion,
  'returnLowMinor' | 'returnMeanMinor' | 'returnHighMinor' | 'currency' | 'signups' | 'impact' | 'own'
>;

/** In which unit a suggestion's impact stands, with its interval; null when nothing is known of it. */
export function impactOf(
  one: Impact,
): { unit: 'money' | 'signups'; low: number; mean: number; high: number; currency: string | null } | null {
  if (one.returnMeanMinor !== null && one.returnLowMinor !== null && one.returnHighMinor !== null)
    return {
      unit: 'money',
      low: Number(one.returnLowMinor),
      mean: Number(one.returnMeanMinor),
      high: Number(one.returnHighMinor),
      currency: one.currency,
    };
  return one.signups ? { unit: 'signups', ...one.signups, currency: null } : null;
}

/** 0.4 → `0.4`, 12.3 → `12`. */
export function few(value: number): string {
  return Math.abs(value) < 10 ? value.toFixed(1) : Math.round(value).toString();
}

export function amountWords(value: number, unit: 'money' | 'signups', currency: string | null): string {
  return unit === 'money' && currency ? money(Math.round(value), currency, { whole: true }) : few(value);
}

/** What it is expected to bring a month, as an interval, or that nobody can say. */
export function impactWords(one: Impact & Pick<Suggestion, 'returnReason'>): string {
  const impact = impactOf(one);
  if (!impact) {
    const reason = one.returnReason?.replace(/^not enough data[:.]?\s*/i, '');
    return `Not enough data to say what it brings.${reason ? ` ${reason[0]?.toUpperCase()}${reason.slice(1)}` : ''}`;
  }
  const say = (value: number) => amountWords(value, impact.unit, impact.currency);
  const unit = impact.unit === 'money' ? '' : ' more signups';
  return `${say(impact.low)} to ${say(impact.high)}${unit} a month`;
}

/** 20 → `20 min`, 90 → `1.5 h`, 960 → `16 h`. */
export function effortWords(minutes: number): string {
  return minutes < 60 ? `${minutes} min` : `${(minutes / 60).toFixed(minutes % 60 === 0 ? 0 : 1)} h`;
}

export function confidenceWords(chance: number): string {
  return chance >= 0.95 ? 'likely to help' : chance >= 0.8 ? 'may help' : 'uncertain';
}
