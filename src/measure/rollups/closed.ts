import { type RawBuilder, sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import type { Inside } from '#src/context.ts';

/**
 * What pays once a stretch of time is over: the sums of its weeks, so that a question about many days and many values
 * reads a row a week; and which visits saw which page, so that a filter by page reads no events. Closed and read are
 * always the same as what was counted: whatever adds to a day (`addWith`, recounts) takes the mark of it away.
 */

/** Takes the marks of these days, and of their weeks, away: they are about to be counted anew. */
export async function reopen({ tx, workspaceId }: Inside, appId: string, from: string, until: string): Promise<void> {
  await sql`
    delete from traffic_closed where workspace_id = ${workspaceId} and app_id = ${appId} and first_day <= ${until}::date
      and (span = 'day' and first_day >= ${from}::date or span = 'week' and first_day >= date_trunc('week', ${from}::date)::date)
  `.execute(tx);
}

/** The condition under which a change of `day` takes the mark `closed` away. */
export const REOPENS = `closed.first_day = any (array[changed.day, date_trunc('week', changed.day)::date])
  and closed.first_day = case closed.span when 'day' then changed.day else date_trunc('week', changed.day)::date end`;

const sums = ['visitors', 'visits', 'views', 'signups', 'bounces', 'seconds'] as const;
const every = (alias: string) => sql.join(sums.map((name) => sql.ref(`${alias}.${name}`)));

/**
 * SQL: rows (app_id, value, visitors … seconds) of a dimension that add up to the days of a period: a row a value for each
 * week that is closed, and one for each other day. `only`: these values alone.
 */
export function totalsOf(
  { workspaceId }: Inside,
  {
    appIds,
    dimension,
    days,
    only,
  }: { appIds: readonly string[]; dimension: string; days: readonly string[]; only?: readonly string[] | undefined },
): RawBuilder<unknown> {
  const mondays = days.map(mondayOf);
  const count = Map.groupBy(mondays, (monday) => monday);
  const whole = [...count].flatMap(([monday, own]) => (own.length === 7 ? [monday] : []));
  const wanted = (alias: string) =>
    only === undefined ? sql`` : sql`and ${sql.ref(`${alias}.value`)} = any(${[...only]}::text[])`;
  const isClosed = (app: RawBuilder<unknown>, week: RawBuilder<unknown>) => sql`
    select from traffic_closed c where c.workspace_id = ${workspaceId} and c.app_id = ${app} and c.first_day = ${week}
      and c.span = 'week' and c.state = 'closed'`;
  return sql`
    select app.id as app_id, t.value, ${every('t')}
    from unnest(${[...appIds]}::uuid[]) app (id) cross join unnest(${whole}::date[]) one (week)
    cross join lateral (
      select w.value, ${every('w')} from traffic_weeks w
      where w.workspace_id = ${workspaceId} and w.app_id = app.id and w.dimension = ${dimension} and w.week = one.week ${wanted('w')}
        and exists (${isClosed(sql`app.id`, sql`one.week`)}) offset 0) t
    union all
    select app.id, t.value, ${every('t')}
    from unnest(${[...appIds]}::uuid[]) app (id) cross join unnest(${[...days]}::date[], ${mondays}::date[]) one (day, week)
    cross join lateral (
      select d.value, ${every('d')} from traffic_days d
      where d.workspace_id = ${workspaceId} and d.app_id = app.id and d.dimension = ${dimension} and d.day = one.day ${wanted('d')}
        and not (one.week = any(${whole}::date[]) and exists (${isClosed(sql`app.id`, sql`one.week`)})) offset 0) t`;
}

function mondayOf(day: string): string {
  const date = Temporal.PlainDate.from(day);
  return date.subtract({ days: date.dayOfWeek - 1 }).toString();
}
