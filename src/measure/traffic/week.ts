import { Temporal } from 'temporal-polyfill';
import type { z } from 'zod';
import type { Context } from '#src/context.ts';
import { answering, scopeOf } from '#src/measure/traffic/question.ts';
import type { weekAsked, weekShown } from '#src/measure/traffic/shapes.ts';

const HOUR = 3_600_000;

/** When people come: by hour of the week on the clock of the workspace, Monday first. */
export function week(context: Context, asked: z.output<typeof weekAsked>): Promise<z.output<typeof weekShown>> {
  return answering(context, async (inside) => {
    const { appId, timeZone, began, current } = await scopeOf(inside, asked);
    const rows = await inside.tx
      .selectFrom('trafficHours')
      .select(['hour', asked.measure])
      .where('workspaceId', '=', inside.workspaceId)
      .where('appId', '=', appId)
      .where('hour', '>=', current.from)
      .where('hour', '<', current.until)
      .execute();
    const cells = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => ({ total: 0, hours: 0 })));
    const totals = new Map(rows.map((row) => [row.hour.getTime(), Number(row[asked.measure])]));
    // Hours before the tracker came are no quiet hours.
    const first = Math.max(current.from.getTime(), began === null ? 0 : startOf(began, timeZone));
    const last = Math.min(current.until.getTime(), inside.clock.now().getTime());
    const clock = clockOf(timeZone);
    for (let hour = Math.floor(first / HOUR) * HOUR; hour < last; hour += HOUR) {
      const { weekday, hour: own } = clock(hour + HOUR / 2);
      const cell = cells[weekday - 1]?.[own];
      if (!cell) continue;
      cell.total += totals.get(hour) ?? 0;
      if (hour + HOUR <= last) cell.hours += 1;
    }
    return {
      timeZone,
      measure: asked.measure,
      weekdays: cells.map((day) =>
        day.map(({ total, hours }) => ({ total, hours, mean: hours === 0 ? null : total / hours })),
      ),
      wholeHours: current.from.getTime() % HOUR === 0,
    };
  });
}

function startOf(day: string, timeZone: string): number {
  return Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds;
}

/** The clock of a zone; an offset is asked for once a day and at the hours of a day in which it changes. */
function clockOf(timeZone: string) {
  const offsets = new Map<number, number>();
  const offsetAt = (at: number) => {
    const known = offsets.get(at);
    if (known !== undefined) return known;
    const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone);
    const offset = zoned.offsetNanoseconds / 1e6;
    offsets.set(at, offset);
    return offset;
  };
  const DAY = 24 * HOUR;
  return (at: number) => {
    const start = Math.floor(at / DAY) * DAY;
    const steady = offsetAt(start) === offsetAt(start + DAY);
    const local = new Date(at + (steady ? offsetAt(start) : offsetAt(at)));
    return { weekday: local.getUTCDay() === 0 ? 7 : local.getUTCDay(), hour: local.getUTCHours() };
  };
}
