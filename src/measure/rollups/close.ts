import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { localDay } from '#src/measure/local-days.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { OTHERS } from './crowds.ts';

/** A visit that began on a day may go on: it is closed when so many days have passed. */
const DAYS_AFTER = 2;
/** As of a day (`MOST_VALUES`), of a week so many values are kept, those with most; the rest is told together. */
const MOST_OF_WEEK = 10_000;
/** A day with more different pages is left open: somebody made them up. */
const MOST_PATHS = 5000;

type Span = 'day' | 'week';

/** Closes what is over and not closed, newest first. Safe to run twice and while events come in. Returns how many were closed. */
export async function closeTraffic(context: Context): Promise<number> {
  const { timeZone } = await workspaceOf(context);
  const apps = await transaction(context, ({ tx }) => tx.selectFrom('apps').select('id').orderBy('id').execute());
  let closed = 0;
  for (const { id: appId } of apps)
    for (const span of ['day', 'week'] as const)
      for (const firstDay of await openOnes(context, appId, span, timeZone))
        if (await close(context, { appId, span, firstDay, timeZone })) closed += 1;
  return closed;
}

/** First days of what is over and not closed, newest first: days from the first visit that is kept, weeks from the first total. */
async function openOnes(context: Context, appId: string, span: Span, timeZone: string): Promise<string[]> {
  return transaction(context, async ({ tx, workspaceId, clock }) => {
    const today = Temporal.PlainDate.from(localDay(timeZone, clock.now().getTime()).day);
    const last = today.subtract({ days: DAYS_AFTER }).toString();
    const { rows } = await sql<{ day: string }>`
      select each::date::text as day
      from (select ${
        span === 'day'
          ? sql`(select (min(started_at) at time zone ${timeZone})::date from visits where workspace_id = ${workspaceId} and app_id = ${appId})`
          : sql`(select date_trunc('week', min(day))::date from traffic_days where workspace_id = ${workspaceId} and app_id = ${appId} and dimension = 'total')`
      } as day) first
      cross join lateral generate_series(first.day::timestamp, ${last}::timestamp - ${span === 'day' ? sql`interval '0'` : sql`interval '6 days'`},
        ${span === 'day' ? sql`interval '1 day'` : sql`interval '7 days'`}) each
      where not exists (select from traffic_closed c where c.workspace_id = ${workspaceId} and c.app_id = ${appId}
        and c.first_day = each::date and c.span = ${span} and c.state <> 'closing')
      order by 1 desc`.execute(tx);
    return rows.map((row) => row.day);
  });
}

type Which = { appId: string; span: Span; firstDay: string; timeZone: string };

/**
 * First the mark, in the turns of whoever stores and whoever counts, so that everything counted from then on takes it away
 * again; then what is read is written down; it holds only if the mark is still there.
 */
async function close(context: Context, which: Which): Promise<boolean> {
  const { appId, span, firstDay } = which;
  await transaction(context, async (inside) => {
    await oneAtATime(inside);
    await addChanges(inside);
    await inside.tx
      .insertInto('trafficClosed')
      .values({ workspaceId: inside.workspaceId, appId, firstDay, span, state: 'closing' })
      .onConflict((oc) => oc.doNothing())
      .execute();
  });
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`fanfare.closing ${workspaceId}`}, 0)) as mine`.execute(tx);
    if (!rows[0]?.mine) return false;
    const worth = await (span === 'week' ? writeWeek(inside, which) : writePages(inside, which));
    const { numUpdatedRows } = await tx
      .updateTable('trafficClosed')
      .set({ state: worth ? 'closed' : 'left' })
      .where('appId', '=', appId)
      .where('firstDay', '=', firstDay)
      .where('span', '=', span)
      .executeTakeFirstOrThrow();
    return worth && numUpdatedRows > 0n;
  });
}

async function writeWeek({ tx, workspaceId }: Inside, { appId, firstDay }: Which): Promise<boolean> {
  await tx.deleteFrom('trafficWeeks').where('appId', '=', appId).where('week', '=', firstDay).execute();
  await sql`
    insert into traffic_weeks (workspace_id, app_id, dimension, week, value, visitors, visits, views, signups, bounces, seconds)
    select ${workspaceId}::uuid, ${appId}::uuid, dimension, ${firstDay}::date,
      case when place > ${MOST_OF_WEEK} then ${OTHERS} else value end as own,
      sum(visitors), sum(visits), sum(views), sum(signups), sum(bounces), sum(seconds)
    from (
      select dimension, value, sum(visitors) as visitors, sum(visits) as visits, sum(views) as views,
        sum(signups) as signups, sum(bounces) as bounces, sum(seconds) as seconds,
        row_number() over (partition by dimension order by sum(visits + views) desc, value) as place
      from traffic_days
      where workspace_id = ${workspaceId} and app_id = ${appId} and dimension <> 'total'
        and day between ${firstDay}::date and ${firstDay}::date + 6
      group by dimension, value
    ) ranked
    group by dimension, own order by dimension, own`.execute(tx);
  return true;
}

async function writePages({ tx, workspaceId }: Inside, { appId, firstDay, timeZone }: Which): Promise<boolean> {
  const date = Temporal.PlainDate.from(firstDay);
  const [from, until] = [date, date.add({ days: 1 })].map(
    (each) => new Date(each.toZonedDateTime(timeZone).epochMilliseconds),
  ) as [Date, Date];
  await tx.deleteFrom('visitPages').where('appId', '=', appId).where('day', '=', firstDay).execute();
  const { numAffectedRows } = await sql`
    insert into visit_pages (workspace_id, app_id, day, path, visits)
    select ${workspaceId}::uuid, ${appId}::uuid, ${firstDay}::date, e.path, array_agg(distinct e.visit_id)
    from events e
    join visits v on v.workspace_id = ${workspaceId} and v.app_id = ${appId} and v.id = e.visit_id
      and v.started_at >= ${from} and v.started_at < ${until} and v.agent_class in ('human', 'unsure')
    where e.workspace_id = ${workspaceId} and e.app_id = ${appId} and e.kind = 'pageview' and e.path is not null
      and e.occurred_at >= ${from} and e.occurred_at < ${new Date(until.getTime() + DAYS_AFTER * 86_400_000)}
    group by e.path order by e.path limit ${MOST_PATHS + 1}`.execute(tx);
  if (Number(numAffectedRows ?? 0n) <= MOST_PATHS) return true;
  await tx.deleteFrom('visitPages').where('appId', '=', appId).where('day', '=', firstDay).execute();
  return false;
}
