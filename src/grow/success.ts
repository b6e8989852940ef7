import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { daysBefore } from '#src/grow/detectors/detector.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type CountMetric, countFigure, figure, moneyFigures, readCounts, readMoney } from './numbers.ts';

const areas = ['x_presence', 'community', 'acquisition', 'revenue', 'thought_leadership'] as const;
type Area = (typeof areas)[number];

const days = 28;

const names: Record<Area, string> = {
  x_presence: 'Presence on X and elsewhere',
  community: 'Community',
  acquisition: 'User acquisition',
  revenue: 'Revenue growth',
  thought_leadership: 'Thought leadership',
};
const counted: Record<Exclude<Area, 'revenue'>, readonly CountMetric[]> = {
  x_presence: ['followers', 'impressions', 'engagement', 'posts'],
  community: ['replies', 'advocates'],
  acquisition: ['visits', 'signups'],
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
    const { currency } = await workspaceOf(inside);
    const until = inside.clock.now();
    const [from, beforeFrom] = [daysBefore(until, days), daysBefore(until, 2 * days)];
    const [counts, countsBefore] = [
      await readCounts(inside, appId, from, until),
      await readCounts(inside, appId, beforeFrom, from),
    ];
    const [money, moneyBefore] = [
      await readMoney(inside, appId, from, until),
      await readMoney(inside, appId, beforeFrom, from),
    ];
    const targets = await inside.tx.selectFrom('successTargets').selectAll().where('appId', '=', appId).execute();
    const figuresOf = (area: Area) =>
      area === 'revenue'
        ? moneyMetrics.flatMap((metric) => moneyFigures(metric, money, moneyBefore, currency))
        : counted[area].map((metric) => countFigure(metric, counts, countsBefore));
    return {
      from,
      until,
      areas: areas.map((area) => ({
        area,
        name: names[area],
        figures: figuresOf(area).map((each) => {
          const target =
            each.currency === null || each.currency === currency
              ? targets.find((one) => one.area === area && one.metric === each.metric)
              : undefined;
          return { ...each, target: target?.target ?? null, byDay: target?.byDay ?? null };
        }),
      })),
    };
  });
}

export const successOperations = {
  show: operation({
    summary: 'Show the five areas of success with their values, the 28 days before, and your targets.',
    route: 'GET /apps/{appId}/success',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      from: z.date(),
      until: z.date(),
      areas: z.array(
        z.object({
          area: z.enum(areas),
          name: z.string(),
          figures: z.array(figure.extend({ target: z.string().nullable(), byDay: z.string().nullable() })),
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
