import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { type Member, signups, visitors } from '#src/measure/cohorts/members.ts';
import { type Payer, payers } from '#src/measure/cohorts/paying.ts';
import { periodsFor } from '#src/measure/range.ts';
import { type Slot, slotsOf } from '#src/measure/revenue/slots.ts';
import { kaplanMeier, type Observed, survivalAt } from '#src/measure/survival.ts';
import { scopeOf } from '#src/measure/traffic/question.ts';
import { FLOOR } from '#src/measure/traffic/shapes.ts';
import { wilson } from '#src/measure/uncertainty.ts';
import { id } from '#src/operation.ts';

export const of = ['signups', 'visitors', 'paying'] as const;
export const cohortsAsked = z.strictObject({
  appId: id,
  of: z
    .enum(of)
    .default('signups')
    .describe(
      'signups: people who come back. visitors: the same from the first visit, with consent. paying: who stays.',
    ),
  by: z.enum(['week', 'month']).default('month'),
  cohorts: z.int().min(2).max(36).default(12).describe('So many weeks or months, the running one included.'),
});

const interval = z.object({ low: z.number(), high: z.number() });

export const cohortsShown = z.object({
  timeZone: z.string(),
  of: z.enum(of),
  by: z.enum(['week', 'month']),
  floor: z.int(),
  /** Why there can be none: without consent nobody is known again on another day. */
  missing: z.enum(['consent']).nullable(),
  cohorts: z.array(
    z.object({
      /** The month, or the Monday of the week, in which they began. */
      cohort: z.string(),
      size: z.int(),
      cells: z.array(
        z.object({
          /** So many weeks or months after the one they began in. */
          after: z.int(),
          /** Who came back in it; of `paying`: who was still watched then. */
          n: z.int(),
          /** Share that came back, or that still pays; null = not enough data, or not known yet. */
          share: z.number().nullable(),
          interval: interval.nullable(),
          /** The time is over for all of the cohort; else the rest is censored. */
          complete: z.boolean(),
        }),
      ),
    }),
  ),
  /** How long people stay who ever paid: Kaplan and Meier's curve, days. Null for the others. */
  survival: z
    .object({
      n: z.int(),
      stopped: z.int(),
      steps: z.array(z.object({ day: z.number(), share: z.number(), interval: interval.nullable(), atRisk: z.int() })),
      /** The curve says nothing beyond. */
      lastDay: z.number().nullable(),
      /** Days until half have stopped; null = not reached, or not enough data. */
      median: z
        .object({ day: z.number().nullable(), low: z.number().nullable(), high: z.number().nullable() })
        .nullable(),
    })
    .nullable(),
});
type Asked = z.output<typeof cohortsAsked>;
type Shown = z.output<typeof cohortsShown>;
type Cohort = Shown['cohorts'][number];

const DAY = 86_400_000;
/** Mean length of a month of the Gregorian calendar. */
const MONTH_DAYS = 30.436875;
/** A curve of more steps than a screen has dots is thinned; what is left out lies between. */
const STEPS = 400;

/**
 * Who began together, and who of them was there again (or still pays) so many weeks or months later. What has not had
 * its time yet is censored and never counted as leaving: a share of those who come back stands only for a week or month
 * that is over, and who pays is estimated by Kaplan and Meier from those who were watched so long. Below 30 people, or
 * 30 still watched, there is no share.
 */
export function showCohorts(context: Context, asked: Asked): Promise<Shown> {
  return transaction(context, async (inside) => {
    const scope = await scopeOf(inside, { appId: asked.appId, range: 'today', compare: 'none' });
    const now = inside.clock.now();
    const slots = lastSlots(now, asked, scope.timeZone);
    const head = { timeZone: scope.timeZone, of: asked.of, by: asked.by, floor: FLOOR };
    if (asked.of === 'visitors' && !scope.consented)
      return { ...head, missing: 'consent', cohorts: [], survival: null };
    if (asked.of === 'paying') {
      const all = await payers(inside, asked.appId);
      return { ...head, missing: null, cohorts: stayed(all, slots, now, asked.by), survival: curveOf(all, now) };
    }
    const members = await (asked.of === 'signups' ? signups : visitors)(inside, asked.appId, slots);
    return { ...head, missing: null, cohorts: cameBack(members, slots, now), survival: null };
  });
}

function cameBack(members: readonly Member[], slots: readonly Slot[], now: Date): Cohort[] {
  return slots.flatMap((slot, index) => {
    const own = members.filter(({ began }) => began === index + 1);
    if (own.length === 0) return [];
    const cells = slots.slice(index).map((later, after) => {
      const complete = later.until <= now;
      const n = own.filter(({ active }) => active?.includes(index + 1 + after)).length;
      const enough = complete && own.length >= FLOOR;
      return {
        after,
        n,
        share: enough ? n / own.length : null,
        interval: enough ? wilson(n, own.length) : null,
        complete,
      };
    });
    return [{ cohort: slot.name, size: own.length, cells }];
  });
}

function stayed(all: readonly Payer[], slots: readonly Slot[], now: Date, by: Asked['by']): Cohort[] {
  const length = by === 'week' ? 7 : MONTH_DAYS;
  return slots.flatMap((slot, index) => {
    const own = all.filter(({ began }) => began >= slot.from && began < slot.until);
    if (own.length === 0) return [];
    const lives = observed(own, now);
    const curve = kaplanMeier(lives);
    const cells = slots.slice(index).map((_, after) => {
      const day = after * length;
      const watched = lives.filter(({ time }) => time >= day).length;
      const share = watched >= FLOOR ? survivalAt(curve, day) : null;
      const step = curve.steps.findLast((one) => one.time <= day);
      return {
        after,
        n: watched,
        share,
        interval: share === null ? null : (step?.interval ?? null),
        complete: slot.until.getTime() + day * DAY <= now.getTime(),
      };
    });
    return [{ cohort: slot.name, size: own.length, cells }];
  });
}

function curveOf(all: readonly Payer[], now: Date): Shown['survival'] {
  const curve = kaplanMeier(observed(all, now));
  const every = Math.ceil(curve.steps.length / STEPS) || 1;
  const { time, low, high } = curve.median;
  return {
    n: curve.n,
    stopped: curve.events,
    steps: curve.steps
      .filter((_, index) => index % every === 0 || index === curve.steps.length - 1)
      .map((step) => ({ day: step.time, share: step.survival, interval: step.interval, atRisk: step.atRisk })),
    lastDay: curve.lastTime,
    median: curve.n < FLOOR ? null : { day: time, low, high },
  };
}

/** Who has not stopped was seen paying until now, and no longer. */
function observed(all: readonly Payer[], now: Date): Observed[] {
  return all.map(({ began, ended }) => {
    const until = ended !== null && ended <= now ? ended : now;
    return { time: Math.max(0, (until.getTime() - began.getTime()) / DAY), event: until === ended };
  });
}

/** The last whole weeks or months of the zone's calendar and the one that runs. */
function lastSlots(now: Date, { by, cohorts }: Asked, timeZone: string): Slot[] {
  const today = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(timeZone).toPlainDate();
  const running = by === 'week' ? today.subtract({ days: today.dayOfWeek - 1 }) : today.with({ day: 1 });
  const one = (count: number) => (by === 'week' ? { weeks: count } : { months: count });
  const from = running.subtract(one(cohorts - 1)).toString();
  const until = running.add(one(1)).subtract({ days: 1 }).toString();
  const { current } = periodsFor({ range: 'custom', from, until, compare: 'none' }, now, timeZone);
  return slotsOf(current, by, timeZone).slots;
}
