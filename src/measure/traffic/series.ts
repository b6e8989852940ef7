import { Temporal } from 'temporal-polyfill';
import type { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import { add, countsByDay, countsByHour, NONE } from '#src/measure/traffic/counts.ts';
import { addMoney, moneyByDay, moneyByHour, NO_MONEY } from '#src/measure/traffic/money.ts';
import { answering, headOf, type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import type { Measure, Step, seriesAsked, seriesShown } from '#src/measure/traffic/shapes.ts';
import { measured, type Sum } from '#src/measure/traffic/totals.ts';
import { refuse } from '#src/refusal.ts';

/** Longer ranges are not shown by the hour. */
const DAYS_BY_HOUR = 8;
const HOUR = 3_600_000;
const MONEY: readonly Measure[] = ['signups', 'conversions', 'revenue'];

type Point = { at: string; partial: boolean };
type Line = { points: Point[]; sums: (Sum | null)[] };

/**
 * Measures over time in the workspace's days. The comparison lies under the same points: the hour of the same clock time,
 * or the days with the same place in their range; an hour the other day does not have (a clock was changed) is null.
 */
export function series(context: Context, asked: z.output<typeof seriesAsked>): Promise<z.output<typeof seriesShown>> {
  return answering(context, async (inside) => {
    const scope = await scopeOf(inside, asked);
    const by = stepOf(asked.by, scope.current.days.length);
    const money = asked.measures.some((measure) => MONEY.includes(measure));
    const line = by === 'hour' ? byHour : byDays;
    const { points, sums } = await line(inside, scope, scope.current, by, money);
    const before = scope.previous && (await line(inside, scope, scope.previous, by, money, points));
    const show = (those: (Sum | null)[], measure: Measure) =>
      those.map((sum) => (sum === null ? null : measured(measure, sum)));
    return {
      ...headOf(scope),
      by,
      points: points.map((point, index) => ({ ...point, previousAt: before?.points[index]?.at || null })),
      series: asked.measures.map((measure) => ({
        measure,
        values: show(sums, measure),
        previous: before && show(before.sums, measure),
      })),
    };
  });
}

function stepOf(wanted: 'auto' | Step, days: number): Step {
  if (wanted === 'hour' && days > DAYS_BY_HOUR)
    throw refuse('invalid', 'too_many_hours', `Hours are shown for at most ${DAYS_BY_HOUR} days. Choose days.`);
  if (wanted !== 'auto') return wanted;
  return days <= 2 ? 'hour' : days <= 92 ? 'day' : days <= 366 ? 'week' : 'month';
}

/** Days, or weeks (from Monday) and months of them. The period compared with is cut where the current one is. */
async function byDays(
  inside: Inside,
  scope: Scope,
  period: Period,
  by: Step,
  withMoney: boolean,
  like?: readonly Point[],
): Promise<Line> {
  const counts = await countsByDay(inside, scope, period);
  const money = withMoney ? await moneyByDay(inside, scope, period) : [];
  const cuts = cutsOf(scope.current.days, by);
  const today = dayOf(inside.clock.now(), scope.timeZone);
  const slices = cuts.map((first, index) => [first, cuts[index + 1] ?? period.days.length] as const);
  return {
    points: slices.map(([first, end], index) => ({
      at: period.days[first] ?? '',
      partial: like
        ? (like[index]?.partial ?? false)
        : (period.days[end - 1] ?? '') >= today || !isWhole(period.days.slice(first, end), by),
    })),
    sums: slices.map(([first, end]) => ({
      counts: counts.slice(first, end).reduce(add, NONE),
      money: money.slice(first, end).reduce(addMoney, NO_MONEY),
    })),
  };
}

/** The places in the list of days at which a new point begins. */
function cutsOf(days: readonly string[], by: Step): number[] {
  return days.flatMap((day, index) => {
    const begins = by === 'day' || (by === 'week' ? Temporal.PlainDate.from(day).dayOfWeek === 1 : day.endsWith('-01'));
    return index === 0 || begins ? [index] : [];
  });
}

function isWhole(days: readonly string[], by: Step): boolean {
  const first = Temporal.PlainDate.from(days[0] ?? '');
  if (by === 'week') return days.length === 7;
  return by === 'day' || (first.day === 1 && days.length === first.daysInMonth);
}

async function byHour(
  inside: Inside,
  scope: Scope,
  period: Period,
  _by: Step,
  withMoney: boolean,
  like?: readonly Point[],
): Promise<Line> {
  const starts = hoursOf(period);
  const counts = await countsByHour(inside, scope, starts);
  const money = withMoney ? await moneyByHour(inside, scope, starts) : [];
  const now = inside.clock.now();
  const own = starts.slice(0, -1).map((start, index) => ({
    point: { at: localHour(start, scope.timeZone), partial: start <= now && now < (starts[index + 1] ?? now) },
    sum: start > now ? null : { counts: counts[index] ?? NONE, money: money[index] ?? NO_MONEY },
  }));
  if (!like) return { points: own.map(({ point }) => point), sums: own.map(({ sum }) => sum) };
  // The same place in the range and on the clock; the offset tells the two hours apart that a clock shows twice.
  const keyed = new Map(clockTimes(own.map(({ point }) => point.at)).map((key, index) => [key, own[index]]));
  const beside = clockTimes(like.map(({ at }) => at)).map((key) => keyed.get(key));
  return {
    points: beside.map((one) => one?.point ?? { at: '', partial: false }),
    sums: beside.map((one) => one?.sum ?? null),
  };
}

/** Every hour of the period; the last entry is its end. */
function hoursOf({ from, until }: Period): Date[] {
  const count = Math.ceil((until.getTime() - from.getTime()) / HOUR);
  return [...Array.from({ length: count }, (_, index) => new Date(from.getTime() + index * HOUR)), until];
}

/** `3 13:00 0`: the day's place in its range, the time on its clock, and how often that time has been before. */
function clockTimes(hours: readonly string[]): string[] {
  const days = [...new Set(hours.map((hour) => hour.slice(0, 10)))];
  const seen = new Map<string, number>();
  return hours.map((hour) => {
    const key = `${days.indexOf(hour.slice(0, 10))} ${hour.slice(11, 16)}`;
    const times = seen.get(key) ?? 0;
    seen.set(key, times + 1);
    return `${key} ${times}`;
  });
}

function localHour(at: Date, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
  return local.toString({ timeZoneName: 'never', smallestUnit: 'minute' });
}

function dayOf(at: Date, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}
