import { addDays, dayIn, momentOf, nextMonday } from '#src/plan/times.ts';
import type { Severity } from './severity.ts';

/** `quietFrom` and `quietUntil` are local times (`22:00`), both null without quiet hours. */
export type Manners = {
  weeklyBudget: number;
  quietFrom: string | null;
  quietUntil: string | null;
  urgentPasses: boolean;
  /** IANA name. */
  timeZone: string;
};

export const usualManners = { weeklyBudget: 10, quietFrom: '22:00', quietUntil: '08:00', urgentPasses: true };

export type Held = { for: 'quiet' | 'budget' | 'group'; until: Date; reason: string };

/** What comes within so long after a message waits for the next one, so that a storm is not told one by one. */
const groupMs = 3_600_000;
/** Urgent alerts wait for each other too, but only so long. */
const urgentGroupMs = 5 * 60_000;

/** When the digest goes out: Mondays at this local time, or when the quiet hours end after it. */
const digestTime = '08:00';

/**
 * When the quiet hours end in which a moment lies; null when it lies in none. They are stretches between two moments, not
 * times of day: where the clock is set back they are an hour longer and the repeated hour is not loud once in between.
 */
export function quietUntil({ quietFrom, quietUntil: end, timeZone }: Manners, now: Date): Date | null {
  if (quietFrom === null || end === null) return null;
  const today = dayIn(timeZone, now);
  const spans = end <= quietFrom;
  for (const day of [addDays(today, -1), today]) {
    const from = momentOf(timeZone, day, quietFrom);
    const until = momentOf(timeZone, spans ? addDays(day, 1) : day, end);
    if (now >= from && now < until) return until;
  }
  return null;
}

/** Why a target is not told now, or null when it may be. `told` is how many messages it got in the last seven days. */
export function mayTell(manners: Manners, told: number, severity: Severity, now: Date): Held | null {
  if (severity === 'urgent' && manners.urgentPasses) return null;
  if (told >= manners.weeklyBudget) {
    const until = digestAfter(manners, now);
    return {
      for: 'budget',
      until,
      reason: `The budget of ${manners.weeklyBudget} messages in seven days is used up. It comes with the digest.`,
    };
  }
  const until = quietUntil(manners, now);
  return (
    until && {
      for: 'quiet',
      until,
      reason: `Quiet hours until ${manners.quietUntil?.slice(0, 5)} (${manners.timeZone}).`,
    }
  );
}

/** Why a target that was told something at `last` waits for more, or null when it is not to wait. */
export function gathered(manners: Manners, last: Date | null, severity: Severity, now: Date): Held | null {
  if (last === null) return null;
  const isUrgent = severity === 'urgent' && manners.urgentPasses;
  const until = new Date(last.getTime() + (isUrgent ? urgentGroupMs : groupMs));
  if (until <= now) return null;
  const time = until.toLocaleTimeString('en-GB', { timeZone: manners.timeZone, hour: '2-digit', minute: '2-digit' });
  return {
    for: 'group',
    until,
    reason: `Alerts that follow each other are one message; the next goes out after ${time} (${manners.timeZone}).`,
  };
}

/** The first digest after a moment. */
export function digestAfter(manners: Manners, at: Date): Date {
  const today = dayIn(manners.timeZone, at);
  const monday = momentOf(manners.timeZone, nextMonday(addDays(today, -1)), digestTime);
  const next = monday > at ? monday : momentOf(manners.timeZone, nextMonday(today), digestTime);
  return quietUntil(manners, next) ?? next;
}
