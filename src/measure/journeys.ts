import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { prepare, visitsIn } from '#src/measure/funnels/count.ts';
import { flowOf, type Sequence } from '#src/measure/journeys/flow.ts';
import { rangeFields } from '#src/measure/range.ts';
import { visitsThatFit } from '#src/measure/traffic/filters.ts';
import { type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import { FLOOR, filterFields } from '#src/measure/traffic/shapes.ts';
import { id, operation } from '#src/operation.ts';

/** So many visits are looked at; of more every second, third … */
const LOOKED_AT = 50_000;
/** What a visit does after so many things is not looked at. */
const LONGEST = 60;

const what = z.string().trim().min(1).max(500);
const asked = z.strictObject({
  appId: id,
  range: rangeFields.range,
  from: rangeFields.from,
  until: rangeFields.until,
  ...filterFields,
  start: what.optional().describe('A path (/pricing) or an event to begin at; else where each visit began.'),
  end: what.optional().describe('A path or an event, such as signup, to end at. Alone: what led up to it.'),
  steps: z.int().min(2).max(8).default(5),
  top: z.int().min(1).max(10).default(5).describe('So many of each step; the rest is one.'),
});

const shown = z.object({
  timeZone: z.string(),
  days: z.object({ from: z.string(), until: z.string() }),
  floor: z.int(),
  /** 1 = every visit was looked at; 4 = every fourth. */
  oneIn: z.int(),
  /** Of those looked at, the ones the question is about. */
  visits: z.int(),
  steps: z.array(z.array(z.object({ what: z.string().nullable(), visits: z.int(), ended: z.int() }))),
  links: z.array(z.object({ step: z.int(), from: z.string().nullable(), to: z.string().nullable(), visits: z.int() })),
  ways: z.array(z.object({ done: z.array(z.string()), visits: z.int() })),
  began: z.string().nullable(),
});

/** The ways people take through a visit, most frequent first. */
function show(context: Context, { start, end, steps, top, ...question }: z.output<typeof asked>) {
  return transaction(context, async (inside) => {
    const scope = await scopeOf(inside, { ...question, compare: 'none' });
    const { sequences, oneIn } = await sequencesIn(inside, scope);
    const { days } = scope.current;
    return {
      timeZone: scope.timeZone,
      days: { from: days[0] ?? '', until: days.at(-1) ?? '' },
      floor: FLOOR,
      oneIn,
      ...flowOf(sequences, { start, end, steps, top }),
      began: scope.began,
    };
  });
}

async function sequencesIn(inside: Inside, scope: Scope): Promise<{ sequences: Sequence[]; oneIn: number }> {
  const { tx, workspaceId } = inside;
  await prepare(inside);
  const { from, until } = scope.current;
  const own = visitsThatFit(workspaceId, scope, scope.current);
  const visits = scope.filters.length === 0 ? await visitsIn(inside, scope) : await countOf(inside, own);
  const oneIn = Math.max(1, Math.ceil(visits / LOOKED_AT));
  const { rows } = await sql<Sequence>`
    with seen as materialized (
      select v.id from visits v where ${own} ${oneIn > 1 ? sql`and hashtext(v.id::text) % ${sql.lit(oneIn)} = 0` : sql``}
    ), each as (
      select (array_agg(case when e.kind = 'pageview' then e.path else e.kind end order by e.occurred_at, e.id))[1:${sql.lit(LONGEST)}] as done
      from events e join seen on seen.id = e.visit_id
      where e.workspace_id = ${workspaceId} and e.app_id = ${scope.appId} and e.occurred_at >= ${from}
        and e.occurred_at < ${new Date(until.getTime() + 2 * 86_400_000)}
      group by e.visit_id
    )
    select done, count(*)::int as visits from each group by done
  `.execute(tx);
  return { sequences: rows, oneIn };
}

async function countOf({ tx }: Inside, own: ReturnType<typeof visitsThatFit>): Promise<number> {
  const { rows } = await sql<{ visits: number }>`select count(*)::int as visits from visits v where ${own}`.execute(tx);
  return rows[0]?.visits ?? 0;
}

export const journeyOperations = {
  show: operation({
    summary: 'Show the ways people take most often from page to page, between two points or from where they came in.',
    route: 'GET /journeys',
    access: 'read',
    input: asked,
    output: shown,
    run: show,
  }),
};
