import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { daysBefore } from '#src/grow/detectors/detector.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn } from '#src/plan/times.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type CountMetric, countFigure, figure, moneyFigures, readCounts, readMoney } from './numbers.ts';
import { PERIOD, progress, progressOf, progressRule } from './success/progress.ts';
import { weeksOf } from './success/weeks.ts';

const areas = ['x_presence', 'community', 'acquisition', 'revenue', 'thought_leadership'] as const;
type Area = (typeof areas)[number];

const names: Record<Area, string> = {
  x_presence: 'Presence on X and elsewhere',
  community: 'Community',
  acquisition: 'User acquisition',
  revenue: 'Revenue growth',
  thought_leadership: 'Thought leadership',
};
const counted: Record<Exclude<Area, 'revenue'>, readonly CountMetric[]> = {
  x_presence: ['followers', 'impressions', 'engagement', 'posts'],
  community: ['replies', 'answered', 'advocates', 'subscribers'],
  acquisition: ['visits', 'signups', 'customers'],
  thought_leadership: ['mentions', 'reposts', 'bookmarks'],
};
const moneyMetrics = ['mrr', 'newMrr', 'paid'] as const;

function metricsOf(area: Area): readonly string[] {
  return area === 'revenue' ? moneyMetrics : counted[area];
}

/** The five areas of the last 28 days beside the 28 before, with the targets. Money targets are in the workspace's currency. */
export function showSuccess(context: Context, appId: string) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const { currency, timeZone } = await workspaceOf(inside);
    const until = inside.clock.now();
    const [from, beforeFrom] = [daysBefore(until, PERIOD), daysBefore(until, 2 * PERIOD)];
    const [counts, countsBefore] = [
      await readCounts(inside, appId, from, until),
      await readCounts(inside, appId, beforeFrom, from),
    ];
    const [money, moneyBefore] = [
      await readMoney(inside, appId, from, until),
      await readMoney(inside, appId, beforeFrom, from),
    ];
    const weeks = await weeksOf(inside, appId, until);
    const today = dayIn(timeZone, until);
    const targets = await inside.tx.selectFrom('successTargets').selectAll().where('appId', '=', appId).execute();
    const figuresOf = (area: Area) =>
      area === 'revenue'
        ? moneyMetrics.flatMap((metric) => moneyFigures(metric, money, moneyBefore, currency))
        : counted[area].map((metric) => countFigure(metric, counts, countsBefore));
    return {
      timeZone,
      from,
      until,
      rule: progressRule,
      areas: areas.map((area) => ({
        area,
        name: names[area],
        figures: figuresOf(area).map((each) => {
          const target =
            each.currency === null || each.currency === currency
              ? targets.find((one) => one.area === area && one.metric === each.metric)
              : undefined;
          return {
            ...each,
            target: target?.target ?? null,
            byDay: target?.byDay ?? null,
            progress: target ? progressOf(each, { target: target.target, byDay: target.byDay, today }) : null,
            weeks: each.currency === null || each.currency === currency ? weeks(each.metric) : [],
          };
        }),
      })),
    };
  });
}

export const successOperations = {
  show: operation({
    summary:
      'Show the five areas of success: values, the 28 days before, eight weeks, your targets and how they stand.',
    route: 'GET /apps/{appId}/success',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      timeZone: z.string(),
      from: z.date(),
      until: z.date(),
      /** By what rule a target is on track or behind, in words. */
      rule: z.string(),
      areas: z.array(
        z.object({
          area: z.enum(areas),
          name: z.string(),
          figures: z.array(
            figure.extend({
              target: z.string().nullable(),
              byDay: z.string().nullable(),
              /** Null without a target. */
              progress: progress.nullable(),
              /** Eight weeks up to now, oldest first: counts of the week, levels at its end. Empty = money that waits for a rate. */
              weeks: z.array(z.number().nullable()),
            }),
          ),
        }),
      ),
    }),
    run: (context, { appId }) => showSuccess(context, appId),
  }),
  setTarget: operation({
    summary: 'Set what success means for one number; "target": null removes the target.',
    route: 'PUT /apps/{appId}/success/{area}/{metric}',
    access: 'write',
    input: z.strictObject({
      appId: id,
      area: z.enum(areas),
      metric: z.string().max(40),
      /** A count, or minor units of the workspace's currency. */
      target: z.int().min(1).max(1e15).nullable(),
      byDay: day.nullable().default(null),
    }),
    output: done,
    run: (context, { appId, area, metric, target, byDay }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        if (!metricsOf(area).includes(metric))
          throw refuse(
            'invalid',
            'metric',
            `The area ${area} has no number "${metric}". It has: ${metricsOf(area).join(', ')}.`,
          );
        const row = { target, byDay };
        if (target === null)
          await inside.tx
            .deleteFrom('successTargets')
            .where('appId', '=', appId)
            .where('area', '=', area)
            .where('metric', '=', metric)
            .execute();
        else
          await inside.tx
            .insertInto('successTargets')
            .values({ workspaceId: inside.workspaceId, appId, area, metric, target, byDay })
            .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'area', 'metric']).doUpdateSet({ target, byDay }))
            .execute();
        await audit(inside, { operation: 'success.setTarget', subject: appId, after: { area, metric, ...row } });
        return { done: true };
      }),
  }),
};
