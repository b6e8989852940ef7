import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { periodsFor, rangeFields } from '#src/measure/range.ts';
import { id, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';
import { beganOf } from './compare.ts';

const FLOOR = 30;
const steps = ['hour', 'day', 'three_days', 'week', 'two_weeks', 'month', 'longer'] as const;
const kinds = ['signup', 'trial', 'purchase', 'goal'] as const;

const amounts = z.array(z.object({ key: z.string(), conversions: z.int() }));

export const waysOperation = operation({
  summary:
    'Show the journeys that ended in a conversion: the most travelled, how long they took and over how many touches.',
  route: 'GET /apps/{appId}/attribution/paths',
  access: 'read',
  input: z.strictObject({
    appId: id,
    ...rangeFields,
    kind: z.enum(kinds).default('signup'),
    limit: z.int().min(1).max(200).default(25),
  }),
  output: z.object({
    timeZone: z.string(),
    from: z.string(),
    until: z.string(),
    kind: z.enum(kinds),
    /** Attributed conversions of the kind: those with a journey. */
    conversions: z.int(),
    /** False below thirty of them: then shares and means stay open. */
    enough: z.boolean(),
    reason: z.string().nullable(),
    paths: z.array(
      z.object({
        /** Channels in order; `…` first where it was longer than twelve. */
        steps: z.array(z.string()),
        conversions: z.int(),
        share: z.number().nullable(),
        /** Mean from the first touch to the conversion. */
        seconds: z.number(),
      }),
    ),
    /** Journeys that are not listed. */
    more: z.int(),
    /** How long they took: under an hour, a day, three days, a week, two weeks, a month, longer. */
    took: amounts,
    /** Over how many touches: `1` to `9`, `10+`. */
    touches: amounts,
    meanTouches: z.number().nullable(),
    meanSeconds: z.number().nullable(),
  }),
  run: (context, { appId, kind, limit, ...asked }) =>
    transaction(context, async (inside) => {
      await appOf(inside, appId);
      const { tx, workspaceId } = inside;
      const { timeZone } = await workspaceOf(inside);
      const { current } = periodsFor(asked, inside.clock.now(), timeZone, await beganOf(inside, appId, asked.range));
      const [from = '', until = ''] = [current.days[0], current.days.at(-1)];
      const { rows } = await sql<{
        path: string;
        took: (typeof steps)[number];
        conversions: number;
        touches: number;
        seconds: number;
      }>`
        select path, took, sum(conversions)::int as conversions, sum(touches)::int as touches, sum(seconds)::float8 as seconds
        from journey_days
        where workspace_id = ${workspaceId} and app_id = ${appId} and kind = ${kind} and day between ${from} and ${until}
        group by path, took having sum(conversions) > 0`.execute(tx);
      const all = rows.reduce((sum, row) => sum + row.conversions, 0);
      const enough = all >= FLOOR;
      const sums = [...Map.groupBy(rows, (row) => row.path)]
        .map(([path, own]) => ({
          path,
          conversions: own.reduce((sum, row) => sum + row.conversions, 0),
          seconds: own.reduce((sum, row) => sum + row.seconds, 0),
        }))
        .sort((a, b) => b.conversions - a.conversions || (a.path < b.path ? -1 : 1));
      const long = (touches: number) => (touches >= 10 ? '10+' : String(touches));
      const byLength = new Map<string, number>();
      for (const row of rows) {
        const key = long(Math.round(row.touches / row.conversions));
        byLength.set(key, (byLength.get(key) ?? 0) + row.conversions);
      }
      return {
        timeZone,
        from,
        until,
        kind,
        conversions: all,
        enough,
        reason: enough ? null : `Not enough data: ${all} of the ${FLOOR} journeys needed so far.`,
        paths: sums.slice(0, limit).map((row) => ({
          steps: row.path.split(' > '),
          conversions: row.conversions,
          share: enough ? row.conversions / all : null,
          seconds: row.seconds / row.conversions,
        })),
        more: Math.max(0, sums.length - limit),
        took: steps.map((step) => ({
          key: step,
          conversions: rows.reduce((sum, row) => (row.took === step ? sum + row.conversions : sum), 0),
        })),
        touches: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10+'].map((key) => ({
          key,
          conversions: byLength.get(key) ?? 0,
        })),
        meanTouches: enough ? rows.reduce((sum, row) => sum + row.touches, 0) / all : null,
        meanSeconds: enough ? rows.reduce((sum, row) => sum + row.seconds, 0) / all : null,
      };
    }),
});
