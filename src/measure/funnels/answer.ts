import { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { type Counted, countFunnel, type Funnel } from '#src/measure/funnels/count.ts';
import { funnelFields, savedFunnel, words } from '#src/measure/funnels/saved.ts';
import { type RangeAsked, rangeFields } from '#src/measure/range.ts';
import { answering, type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import { type Filter, FLOOR, filterFields } from '#src/measure/traffic/shapes.ts';
import { compareShares, type Interval, wilson } from '#src/measure/uncertainty.ts';
import { id } from '#src/operation.ts';
import { refuse } from '#src/refusal.ts';

/** What a funnel's people can be grouped by: all of it is the visit's in which they first began. */
export const groupings = ['source', 'channel', 'campaign', 'post', 'country', 'device', 'entry'] as const;
export type Grouping = (typeof groupings)[number];

export const askedFields = {
  ...rangeFields,
  ...filterFields,
  breakdown: z.enum(groupings).optional().describe('Of the visit in which the first step was first taken.'),
};
export const previewAsked = z.strictObject({ appId: id, ...funnelFields, ...askedFields });
export const showAsked = z.strictObject({ funnelId: id, ...askedFields });
export type Asked = RangeAsked & { filters: readonly Filter[]; breakdown?: Grouping | undefined };

const interval = z.object({ low: z.number(), high: z.number() });
/** Null below the floor: not enough data. */
const rate = z.object({ value: z.number(), interval }).nullable();
const times = z.object({ lower: z.number(), median: z.number(), upper: z.number() }).nullable();
const stretch = z.object({ from: z.string(), until: z.string() });

export const answerShown = z.object({
  timeZone: z.string(),
  days: stretch,
  previousDays: stretch.nullable(),
  /** Rates need so many. */
  floor: z.int(),
  /** What one of them is: `person`, else `visitor` (with consent) or `visitor_day` (told apart within a day only). */
  counted: z.enum(['person', 'visitor', 'visitor_day']),
  /** Who was never linked to a person is told apart within a day only. */
  daily: z.boolean(),
  steps: z.array(
    z.object({
      name: z.string(),
      reached: z.int(),
      before: z.int().nullable(),
      /** Of those who took the first step; of those who took the one before. */
      ofAll: rate,
      ofLast: rate,
      /** Seconds since the first step, of those who came here. */
      seconds: times,
    }),
  ),
  /** From the first to the last step. */
  rate,
  rateBefore: rate,
  /** Rate now less rate before, with its interval and the chance of as much if nothing had changed. */
  change: z.object({ difference: z.number(), interval, p: z.number() }).nullable(),
  /** Have not come to the end and still have time to. */
  open: z.int(),
  groups: z.array(z.object({ value: z.string(), label: z.string().nullable(), reached: z.array(z.int()), rate })),
  /** The first day with traffic; null = none yet. */
  began: z.string().nullable(),
});
type Shown = z.output<typeof answerShown>;

/** A funnel as it is described now, saved or not. */
export function previewFunnel(
  context: Context,
  { appId, steps, windowMinutes, by, strict, ...asked }: Asked & Funnel & { appId: string },
): Promise<Shown> {
  return answering(context, (inside) => answer(inside, appId, { steps, windowMinutes, by, strict }, asked));
}

export function showFunnel(context: Context, { funnelId, ...asked }: Asked & { funnelId: string }) {
  return answering(context, async (inside) => {
    const { appId, ...funnel } = await savedFunnel(inside, funnelId);
    return { ...(await answer(inside, appId, funnel, asked)), funnel: { funnelId, appId, ...funnel } };
  });
}

/** Refuses what cannot be counted. Payments are told by their provider, which knows a customer and no visitor. */
export function assertCountable({ steps, by }: Pick<Funnel, 'steps' | 'by'>): void {
  if (by === 'visitor' && steps.some((step) => step.kind === 'conversion' && step.conversion === 'purchase'))
    throw refuse(
      'invalid',
      'by_person',
      'A purchase belongs to a person, not to a visitor. Count this funnel by person.',
    );
}

async function answer(inside: Inside, appId: string, funnel: Funnel, { breakdown, ...asked }: Asked): Promise<Shown> {
  assertCountable(funnel);
  const scope = await scopeOf(inside, { appId, ...asked });
  const names = await words(inside, appId, funnel.steps);
  const [now, ...groups] = await countFunnel(inside, scope, scope.current, funnel, breakdown);
  const before = scope.previous && (await countFunnel(inside, scope, scope.previous, funnel))[0];
  const labels = breakdown === 'post' ? await titles(inside, groups) : null;
  const first = now?.reached[0] ?? 0;
  return {
    timeZone: scope.timeZone,
    days: daysOf(scope.current.days),
    previousDays: scope.previous && daysOf(scope.previous.days),
    floor: FLOOR,
    ...countedAs(scope, funnel),
    steps: funnel.steps.map((_, index) => {
      const reached = now?.reached[index] ?? 0;
      return {
        name: names[index] ?? '',
        reached,
        before: before ? (before.reached[index] ?? 0) : null,
        ofAll: rateOf(reached, first),
        ofLast: index === 0 ? rateOf(reached, first) : rateOf(reached, now?.reached[index - 1] ?? 0),
        seconds: reached < FLOOR ? null : (now?.times[index] ?? null),
      };
    }),
    rate: wholeRate(now),
    rateBefore: before ? wholeRate(before) : null,
    change: changeOf(now, before ?? undefined),
    open: now?.open ?? 0,
    groups: groups.map((group) => ({
      value: group.value ?? '',
      label: labels?.get(group.value ?? '') ?? null,
      reached: group.reached,
      rate: wholeRate(group),
    })),
    began: scope.began,
  };
}

function countedAs(scope: Scope, { by }: Funnel): Pick<Shown, 'counted' | 'daily'> {
  const visitor = scope.consented ? 'visitor' : 'visitor_day';
  return { counted: by === 'person' ? 'person' : visitor, daily: !scope.consented };
}

export function rateOf(part: number, of: number): { value: number; interval: Interval } | null {
  const interval = of < FLOOR ? null : wilson(part, of);
  return interval && { value: part / of, interval };
}

function wholeRate(counted: Counted | undefined) {
  return rateOf(counted?.reached.at(-1) ?? 0, counted?.reached[0] ?? 0);
}

function changeOf(now: Counted | undefined, before: Counted | undefined): Shown['change'] {
  const share = ({ reached }: Counted) => ({ successes: reached.at(-1) ?? 0, trials: reached[0] ?? 0 });
  if (!now || !before || share(now).trials < FLOOR || share(before).trials < FLOOR) return null;
  const found = compareShares(share(before), share(now));
  return found && { difference: found.estimate, interval: found.interval, p: found.p };
}

async function titles({ tx }: Inside, groups: readonly Counted[]): Promise<Map<string, string>> {
  const ids = groups.flatMap(({ value }) => value || []);
  if (ids.length === 0) return new Map();
  const rows = await tx.selectFrom('posts').select(['id', 'title']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.title]));
}

function daysOf(days: readonly string[]) {
  return { from: days[0] ?? '', until: days.at(-1) ?? '' };
}
