/** Days and wall-clock times in an IANA zone, and the instants they are. Days are `YYYY-MM-DD`, times `HH:MM`. */

/** The day an instant falls on in a zone. */
export function dayIn(moment: Date | string | number, zone: string): string {
  return wall(new Date(moment), zone).day;
}

/** What the clock on the wall shows at an instant. */
export function timeIn(moment: Date | string | number, zone: string): string {
  return wall(new Date(moment), zone).time;
}

/**
 * The instant at which the wall clock of a zone shows `time` on `day`. Where the clock is set forward over it, as much
 * later (02:30 becomes 03:30); where it is set back, the first of the two. As the server's queue slots do.
 */
export function instantIn(day: string, time: string, zone: string): Date {
  const asUtc = Date.parse(`${day}T${time}:00Z`);
  const before = asUtc - offset(asUtc - 86_400_000, zone);
  const after = asUtc - offset(asUtc + 86_400_000, zone);
  const right = [before, after].filter((at) => at + offset(at, zone) === asUtc);
  return new Date(right.length > 0 ? Math.min(...right) : before);
}

/** `day` moved by whole days. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** Monday is 1. */
export function weekdayOf(day: string): number {
  return new Date(`${day}T00:00:00Z`).getUTCDay() || 7;
}

/** The Monday on or before a day. */
export function mondayOf(day: string): string {
  return addDays(day, 1 - weekdayOf(day));
}

function offset(at: number, zone: string): number {
  const { day, time, second } = wall(new Date(at), zone);
  return Date.parse(`${day}T${time}:${second}Z`) - Math.floor(at / 1000) * 1000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function wall(at: Date, zone: string): { day: string; time: string; second: string } {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return { day: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}`, second: part.second! };
}
