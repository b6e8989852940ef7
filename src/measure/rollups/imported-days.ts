import { sql } from 'kysely';
import { type Inside, transaction } from '#src/context.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { localDay } from '#src/measure/local-days.ts';
import { reopen } from '#src/measure/rollups/closed.ts';
import { requestRecount } from '#src/measure/rollups/recount.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { workspaceOf } from '#src/people/workspaces.ts';

/** A day's total of one value as another tool counted it; `seconds` over all visits. */
export type ImportedDay = {
  day: string;
  dimension: string;
  value: string;
  visitors: number;
  visits: number;
  views: number;
  bounces: number;
  seconds: number;
};

export type ImportedOrigin = 'plausible' | 'google_analytics';

/**
 * Keeps days of another tool, apart from what is counted here. A total that is known already is told anew, not added.
 * Returns how many were new or different. `letOwnDaysWin` then shows them.
 */
export async function keepImportedDays(
  inside: Inside,
  appId: string,
  origin: ImportedOrigin,
  days: readonly ImportedDay[],
): Promise<number> {
  if (days.length === 0) return 0;
  const { numAffectedRows } = await sql`
    insert into imported_days (workspace_id, app_id, origin, day, dimension, value, visitors, visits, views, bounces, seconds)
    select ${inside.workspaceId}::uuid, ${appId}::uuid, ${origin}::text, one.*
    from json_to_recordset(${JSON.stringify(days)}::json) as one
      (day date, dimension text, value text, visitors integer, visits integer, views integer, bounces integer, seconds bigint)
    on conflict (workspace_id, app_id, day, dimension, value) do update set
      origin = excluded.origin, visitors = excluded.visitors, visits = excluded.visits, views = excluded.views,
      bounces = excluded.bounces, seconds = excluded.seconds, shown = false
    where (imported_days.visitors, imported_days.visits, imported_days.views, imported_days.bounces, imported_days.seconds)
      is distinct from (excluded.visitors, excluded.visits, excluded.views, excluded.bounces, excluded.seconds)`.execute(
    inside.tx,
  );
  return Number(numAffectedRows ?? 0n);
}

/**
 * Shows imported days in the totals up to the first day with visits of one's own, and takes back those on which own
 * visits have turned up since: nothing is counted twice. Returns sentences on what was decided.
 */
export async function letOwnDaysWin(inside: Inside): Promise<string[]> {
  const apps = await inside.tx.selectFrom('importedDays').select('appId').distinct().execute();
  const sentences: string[] = [];
  for (const { appId } of apps) sentences.push(...(await settle(inside, appId)));
  return sentences;
}

async function settle(context: Inside, appId: string): Promise<string[]> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    await oneAtATime(inside);
    await addChanges(inside);
    const { timeZone } = await workspaceOf(inside);
    const today = localDay(timeZone, clock.now().getTime()).day;
    const own = await firstOwnDay(inside, appId, timeZone);
    const until = own !== null && own < today ? own : today;
    const taken = await sql<{ from: string; until: string }>`
      with back as (
        update imported_days set shown = false
        where workspace_id = ${workspaceId} and app_id = ${appId} and shown and day >= ${until}
        returning day
      )
      select min(day)::text as "from", max(day)::text as "until" from back having count(*) > 0`.execute(tx);
    const back = taken.rows[0];
    if (back) {
      await reopen(inside, appId, back.from, back.until);
      await tx
        .deleteFrom('trafficDays')
        .where('appId', '=', appId)
        .where('day', '>=', back.from)
        .where('day', '<=', back.until)
        .execute();
      await requestRecount(inside, { appId, days: back, reason: 'import' });
    }
    const shown = await sql<{ from: string | null; until: string | null }>`
      select min(day)::text as "from", max(day)::text as "until" from imported_days
      where workspace_id = ${workspaceId} and app_id = ${appId} and not shown and day < ${until}`.execute(tx);
    const { from: first, until: last } = shown.rows[0] ?? {};
    if (first && last) await reopen(inside, appId, first, last);
    // Another table of the same days adds dimensions; a day told anew replaces what it said before.
    await sql`
      insert into traffic_days (workspace_id, app_id, day, dimension, value, visitors, visits, views, bounces, seconds)
      select workspace_id, app_id, day, dimension, value, visitors, visits, views, bounces, seconds from imported_days
      where workspace_id = ${workspaceId} and app_id = ${appId} and not shown and day < ${until}
      on conflict (workspace_id, app_id, dimension, day, value) do update set
        visitors = excluded.visitors, visits = excluded.visits, views = excluded.views, bounces = excluded.bounces,
        seconds = excluded.seconds`.execute(tx);
    await sql`
      update imported_days set shown = true
      where workspace_id = ${workspaceId} and app_id = ${appId} and not shown and day < ${until}`.execute(tx);
    const { rows } = await sql<{ days: number }>`
      select count(distinct day) as days from imported_days
      where workspace_id = ${workspaceId} and app_id = ${appId} and not shown`.execute(tx);
    const hidden = rows[0]?.days ?? 0;
    if (hidden === 0) return [];
    return [
      own !== null && own <= today
        ? `Own visits are counted since ${own}: from that day on own numbers stand, and ${hidden} imported days are kept but not shown, so that nobody is counted twice.`
        : `${hidden} imported days are not over yet and not shown.`,
    ];
  });
}

/** The local day of the first visit that is kept, or that was counted and has been deleted since. */
async function firstOwnDay(inside: Inside, appId: string, timeZone: string): Promise<string | null> {
  const { tx, workspaceId } = inside;
  const visit = await tx
    .selectFrom('visits')
    .select('startedAt')
    .where('appId', '=', appId)
    .orderBy('startedAt')
    .limit(1)
    .executeTakeFirst();
  const { rows } = await sql<{ day: string | null }>`
    select min(t.day)::text as day from traffic_days t
    where t.workspace_id = ${workspaceId} and t.app_id = ${appId} and t.dimension = 'total' and not exists (
      select from imported_days i where i.workspace_id = t.workspace_id and i.app_id = t.app_id and i.day = t.day and i.shown)`.execute(
    tx,
  );
  const days = [visit ? localDay(timeZone, visit.startedAt.getTime()).day : null, rows[0]?.day ?? null];
  return days.filter((day) => day !== null).sort()[0] ?? null;
}
