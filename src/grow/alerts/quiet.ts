import type { Severity } from '#src/grow/alerts.ts';

type Target = { quietFrom: string | null; quietUntil: string | null; timeZone: string; weeklyBudget: number };

/**
 * Why a target is not told now, or null when it may be. Quiet hours are local times of the target's zone and may span
 * midnight; urgent alerts break them. The budget counts the last seven days and holds for all.
 */
export function mayTell(target: Target, toldThisWeek: number, severity: Severity, now: Date): string | null {
  if (toldThisWeek >= target.weeklyBudget)
    return `Held back: the budget of ${target.weeklyBudget} alerts in seven days is used up.`;
  if (severity === 'urgent' || target.quietFrom === null || target.quietUntil === null) return null;
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: target.timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(now);
  const { quietFrom: from, quietUntil: until } = target;
  const isQuiet = from <= until ? time >= from && time < until : time >= from || time < until;
  return isQuiet ? `Held back: quiet hours until ${until.slice(0, 5)} (${target.timeZone}).` : null;
}
