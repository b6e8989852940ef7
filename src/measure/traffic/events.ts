import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import type { Period } from '#src/measure/range.ts';
import { eventsOf } from '#src/measure/traffic/breakdown.ts';
import { visitsThatFit } from '#src/measure/traffic/filters.ts';
import { answering, headOf, type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import type { eventsAsked, eventsShown } from '#src/measure/traffic/shapes.ts';
import { changeOf } from '#src/measure/traffic/totals.ts';

/** Properties are read of so many of an event's newest happenings. */
const READ = 50_000;
const NAMES = 20;
const VALUES = 20;
const UNKNOWN = { visits: null, visitors: null };

/** The app's own events: how often each, and of one of them its properties and their values. */
export function events(context: Context, asked: z.output<typeof eventsAsked>): Promise<z.output<typeof eventsShown>> {
  return answering(context, async (inside) => {
    const scope = await scopeOf(inside, asked);
    const now = await eventsOf(inside, scope, scope.current);
    const before = scope.previous && (await eventsOf(inside, scope, scope.previous));
    const wanted = (asked.search ?? '').toLowerCase();
    const found = now
      .filter(({ value }) => (asked.kind === undefined ? value.toLowerCase().includes(wanted) : value === asked.kind))
      .sort((a, b) => b.views - a.views || (a.value < b.value ? -1 : 1));
    return {
      ...headOf(scope),
      events: found.slice(0, asked.limit).map(({ value, views, visits, visitors }) => {
        const past = before && (before.find((row) => row.value === value)?.views ?? 0);
        return {
          kind: value,
          times: views,
          before: past,
          change: changeOf(views, past),
          ...(scope.filters.length > 0 ? { visits, visitors } : UNKNOWN),
        };
      }),
      count: found.length,
      properties: asked.kind === undefined ? null : await propertiesOf(inside, scope, scope.current, asked.kind),
    };
  });
}

/** The properties of one event by how often they were sent, with their most frequent values. */
async function propertiesOf({ tx, workspaceId }: Inside, scope: Scope, period: Period, kind: string) {
  const { from, until } = period;
  const own = sql`e.workspace_id = ${workspaceId} and e.app_id = ${scope.appId} and e.kind = ${kind}
    and e.occurred_at >= ${from} and e.occurred_at < ${until}
    ${scope.filters.length === 0 ? sql`` : sql`and e.visit_id in (select v.id from visits v where ${visitsThatFit(workspaceId, scope, period)})`}`;
  const { rows } = await sql<{
    name: string;
    nameTimes: number;
    count: number;
    value: string;
    times: number;
    read: number;
  }>`
    with newest as (
      select e.props from events e where ${own} order by e.occurred_at desc limit ${READ}
    ), pairs as (
      select pair.key as name, left(pair.value #>> '{}', 200) as value, count(*)::int as times
      from newest cross join lateral jsonb_each(case when jsonb_typeof(newest.props) = 'object' then newest.props else '{}' end) pair
      group by 1, 2
    ), ranked as (
      select name, coalesce(value, '') as value, times,
             (sum(times) over (partition by name))::int as name_times, (count(*) over (partition by name))::int as count,
             row_number() over (partition by name order by times desc, value) as place
      from pairs
    )
    select name, value, times, name_times, count, (select count(*) from newest)::int as read
    from ranked where place <= ${VALUES} order by name_times desc, name, place limit ${NAMES * VALUES}
  `.execute(tx);
  const { rows: all } = await sql<{ times: number }>`select count(*)::int as times from events e where ${own}`.execute(
    tx,
  );
  const times = all[0]?.times ?? 0;
  return {
    times,
    read: Math.min(times, READ),
    names: [...Map.groupBy(rows, (row) => row.name)].slice(0, NAMES).map(([name, values]) => ({
      name,
      times: values[0]?.nameTimes ?? 0,
      count: values[0]?.count ?? 0,
      values: values.map(({ value, times, nameTimes }) => ({ value, times, share: times / nameTimes })),
    })),
  };
}
