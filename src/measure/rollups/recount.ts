import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { lookAgainAtVisits } from '#src/measure/events/look-again.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { localDay } from '#src/measure/local-days.ts';
import { reopen } from '#src/measure/rollups/closed.ts';
import { MOST_VALUES, OTHERS } from '#src/measure/rollups/crowds.ts';
import { countHours } from '#src/measure/rollups/hours.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { workspaceOf } from '#src/people/workspaces.ts';

export type RecountReason = 'upgrade' | 'time_zone' | 'agents' | 'import' | 'request';

/** Local days, both included. */
export type Days = { from: string; until: string };

/**
 * Asks for days of an app to be counted again; the flow does it, in moments. Without days it is all that are kept. A
 * request that still waits for the same reason grows instead of standing there twice. Returns the request's id, or null
 * when the app has no visits.
 */
export async function requestRecount(
  inside: Inside,
  { appId, days, reason }: { appId: string; days?: Days; reason: RecountReason },
): Promise<string | null> {
  const { tx, workspaceId, clock } = inside;
  const span = days ?? (await allDays(inside, appId));
  if (span === null) return null;
  const waiting = await tx
    .selectFrom('recounts')
    .select(['id', 'fromDay', 'untilDay'])
    .where('appId', '=', appId)
    .where('reason', '=', reason)
    .where('doneAt', 'is', null)
    .where('visitsBefore', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  const row = {
    fromDay: waiting && waiting.fromDay < span.from ? waiting.fromDay : span.from,
    untilDay: waiting && waiting.untilDay > span.until ? waiting.untilDay : span.until,
    requestedBy: userOf(inside),
    requestedAt: clock.now(),
  };
  const id = waiting
    ? waiting.id
    : (
        await tx
          .insertInto('recounts')
          .values({ workspaceId, appId, reason, ...row })
          .returning('id')
          .executeTakeFirstOrThrow()
      ).id;
  if (waiting) await tx.updateTable('recounts').set(row).where('id', '=', id).execute();
  await record(inside, 'recount.requested', { subjectId: appId, detail: { reason } });
  return id;
}

/** Asks for everything to be counted again by the days of the workspace's new time zone. */
export async function recountForTimeZone(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    for (const { id } of await inside.tx.selectFrom('apps').select('id').orderBy('id').execute())
      await requestRecount(inside, { appId: id, reason: 'time_zone' });
  });
}

/**
 * Works off the requests that are open, oldest first. Safe to run twice and at the same time as events come in: each day
 * is one transaction in which nothing else is counted. Returns how many requests were done.
 */
export async function workRecounts(context: Context): Promise<number> {
  let done = 0;
  for (let next = await open(context); next !== undefined; next = await open(context)) {
    await work(context, next);
    done += 1;
  }
  return done;
}

type Request = { id: string; appId: string; fromDay: string; untilDay: string; reason: RecountReason };

async function open(context: Context): Promise<Request | undefined> {
  return transaction(context, ({ tx }) =>
    tx
      .selectFrom('recounts')
      .select(['id', 'appId', 'fromDay', 'untilDay', 'reason'])
      .where('doneAt', 'is', null)
      .orderBy('requestedAt')
      .orderBy('id')
      .executeTakeFirst(),
  );
}

async function work(context: Context, request: Request): Promise<void> {
  const { id, appId, reason } = request;
  const { timeZone } = await workspaceOf(context);
  const kept = await transaction(context, async (inside) => {
    await oneAtATime(inside);
    await addChanges(inside);
    const days = await allDays(inside, appId);
    const before = await sums(inside, appId, spanOf(request, timeZone));
    await inside.tx
      .updateTable('recounts')
      .set({ visitsBefore: before.visits, botsBefore: before.bots })
      .where('id', '=', id)
      .where('visitsBefore', 'is', null)
      .execute();
    return days;
  });
  // Days whose visits are gone keep the totals they have: there is nothing to count them from.
  const days = kept === null ? [] : daysIn(later(request.fromDay, kept.from), earlier(request.untilDay, kept.until));
  const known = reason === 'agents' || reason === 'request';
  for (const day of days)
    await transaction(context, async (inside) => {
      await oneAtATime(inside);
      await addChanges(inside);
      await countDay(inside, { appId, day, timeZone, known });
    });
  await transaction(context, async (inside) => {
    const first = days[0];
    // By another time zone the oldest visits may have stood a day earlier.
    if (!known && first !== undefined) await dropDayBefore(inside, appId, first);
    const after = await sums(inside, appId, spanOf(request, timeZone));
    await inside.tx
      .updateTable('recounts')
      .set({ doneAt: inside.clock.now(), visitsAfter: after.visits, botsAfter: after.bots })
      .where('id', '=', id)
      .execute();
  });
}

/**
 * Counts one local day of an app again from its visits, events and signups, by the same definitions as the totals
 * (rollups.ts): everything of a visit counts where the visit began; what a server tells counts where it happened. `known`: whether who came first that day and what
 * each visit holds is still right as it is stored; by other days, and after an import, it is not.
 */
async function countDay(
  inside: Inside,
  { appId, day, timeZone, known }: { appId: string; day: string; timeZone: string; known: boolean },
): Promise<void> {
  const { since, until } = boundsOf(day, timeZone);
  const scope = { appId, since, until };
  if (!known) await lookAgainAtVisits(inside, scope);
  await countHours(inside, scope);
  const { tx, workspaceId } = inside;
  await reopen(inside, appId, day, day);
  await tx.deleteFrom('trafficDays').where('appId', '=', appId).where('day', '=', day).execute();
  await sql`
    with own as materialized (
      select id, host, entry_path, exit_path, referrer_host, source, medium, channel, utm_campaign, utm_content, utm_term,
        post_id::text as post, country, device, browser, system, agent_class, agent_name, views, last_seen_at,
        first_today::int as visitors, (views = 1 and events = 0)::int as bounces,
        floor(extract(epoch from last_seen_at - started_at))::bigint as seconds
      from visits
      where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
    ),
    people as materialized (select * from own where agent_class in ('human', 'unsure')),
    done as materialized (
      select e.kind, e.path, e.visit_id
      from events e join people on people.id = e.visit_id
      where e.workspace_id = ${workspaceId} and e.app_id = ${appId}
        and e.occurred_at >= ${since} and e.occurred_at <= (select max(last_seen_at) from people)
        and e.origin is distinct from 'server'
    ),
    signed_up as materialized (
      select v.*
      from conversions c
      left join lateral (
        select visit_id, occurred_at from touches where workspace_id = c.workspace_id and id = c.visit_id and visit_id = id
        union all
        select visit_id, occurred_at from touches where workspace_id = c.workspace_id and visit_id = c.visit_id and visit_id <> id
        limit 1
      ) t on true
      left join lateral (
        select source, medium, channel, entry_path, host, referrer_host, utm_campaign, utm_content, utm_term,
          post_id::text as post, country, device, browser, system
        from visits
        where visits.workspace_id = c.workspace_id and visits.app_id = c.app_id and visits.id = c.visit_id
          and (visits.started_at = t.occurred_at or t.visit_id is null and visits.visitor = c.visitor)
        limit 1
      ) v on true
      where c.workspace_id = ${workspaceId} and c.app_id = ${appId} and c.kind = 'signup'
        and c.occurred_at >= ${since} and c.occurred_at < ${until}
    )
    insert into traffic_days
      (workspace_id, app_id, day, dimension, value, visitors, visits, views, signups, bounces, seconds)
    select ${workspaceId}::uuid, ${appId}::uuid, ${day}::date, dimension, case when place > ${MOST_VALUES} then ${OTHERS} else value end,
      sum(visitors), sum(visits), sum(views), sum(signups), sum(bounces), sum(seconds)
    from (
    select dimension, value, row_number() over (partition by dimension order by sum(visits + views) desc, value) as place,
      sum(visitors) as visitors, sum(visits) as visits, sum(views) as views, sum(signups) as signups, sum(bounces) as bounces,
      sum(seconds) as seconds
    from (
      select d.dimension, d.value, visitors, 1 as visits, d.views, 0 as signups, bounces, seconds
      from people cross join lateral (values
        ('total', '', people.views), ('path', entry_path, 0), ('exit', exit_path, 0), ('host', host, people.views),
        ('source', source, people.views), ('medium', medium, people.views), ('channel', channel, people.views),
        ('referrer', referrer_host, people.views), ('campaign', utm_campaign, people.views),
        ('content', utm_content, people.views), ('term', utm_term, people.views), ('country', country, people.views),
        ('device', device, people.views), ('browser', browser, people.views), ('system', system, people.views),
        ('post', post, people.views)
      ) d (dimension, value, views)
      union all
      select 'agent', agent_class || '/' || coalesce(agent_name, ''), visitors, 1, views, 0, bounces, seconds
      from own where agent_class <> 'human'
      union all
      select 'path', path, 0, 0, 1, 0, 0, 0 from done where kind = 'pageview'
      union all
      select 'event', kind, 0, 0, 1, 0, 0, 0 from done where kind <> 'pageview'
      union all
      select 'event', kind, 0, 0, 1, 0, 0, 0 from events
      where workspace_id = ${workspaceId} and app_id = ${appId} and kind <> 'pageview'
        and (visit_id is null or origin = 'server')
        and occurred_at >= ${since} and occurred_at < ${until}
      union all
      select d.dimension, d.value, 0, 0, 0, 1, 0, 0
      from signed_up cross join lateral (values
        ('total', ''), ('path', entry_path), ('host', host), ('source', source), ('medium', medium),
        ('channel', channel), ('referrer', referrer_host), ('campaign', utm_campaign), ('content', utm_content),
        ('term', utm_term), ('country', country), ('device', device), ('browser', browser), ('system', system),
        ('post', post)
      ) d (dimension, value)
    ) rows
    where value is not null
    group by dimension, value
    ) ranked
    group by 4, 5
  `.execute(tx);
}

/** The local days from the first visit that is kept to the last that is counted, or null without visits. */
async function allDays(inside: Inside, appId: string): Promise<Days | null> {
  const { timeZone } = await workspaceOf(inside);
  const at = (order: 'asc' | 'desc') =>
    inside.tx
      .selectFrom('visits')
      .select('startedAt')
      .where('appId', '=', appId)
      .orderBy('startedAt', order)
      .limit(1)
      .executeTakeFirst();
  const [first, last] = [await at('asc'), await at('desc')];
  if (!first || !last) return null;
  const counted = await inside.tx
    .selectFrom('trafficDays')
    .select((eb) => eb.fn.max('day').as('day'))
    .where('appId', '=', appId)
    .where('dimension', '=', 'total')
    .executeTakeFirst();
  const until = localDay(timeZone, last.startedAt.getTime()).day;
  return { from: localDay(timeZone, first.startedAt.getTime()).day, until: later(until, counted?.day ?? until) };
}

/** Only where it was the oldest: what else is there before was counted from visits that are gone. */
async function dropDayBefore(inside: Inside, appId: string, first: string): Promise<void> {
  const { tx } = inside;
  const before = Temporal.PlainDate.from(first).subtract({ days: 1 }).toString();
  const oldest = await tx
    .selectFrom('trafficDays')
    .select((eb) => eb.fn.min('day').as('day'))
    .where('appId', '=', appId)
    .executeTakeFirst();
  if (oldest?.day !== before) return;
  await reopen(inside, appId, before, before);
  await tx
    .deleteFrom('trafficDays')
    .where('appId', '=', appId)
    .where('day', '=', before)
    // Days of another tool were never counted from visits of ours.
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('importedDays')
            .select('importedDays.day')
            .whereRef('importedDays.appId', '=', 'trafficDays.appId')
            .whereRef('importedDays.day', '=', 'trafficDays.day')
            .where('importedDays.shown', '=', true),
        ),
      ),
    )
    .execute();
}

async function sums({ tx }: Inside, appId: string, { since, until }: { since: Date; until: Date }) {
  const row = await tx
    .selectFrom('trafficHours')
    .select((eb) => [eb.fn.sum<string | null>('visits').as('visits'), eb.fn.sum<string | null>('bots').as('bots')])
    .where('appId', '=', appId)
    .where('hour', '>=', since)
    .where('hour', '<', until)
    .executeTakeFirst();
  return { visits: Number(row?.visits ?? 0), bots: Number(row?.bots ?? 0) };
}

function spanOf({ fromDay, untilDay }: Request, timeZone: string): { since: Date; until: Date } {
  return { since: boundsOf(fromDay, timeZone).since, until: boundsOf(untilDay, timeZone).until };
}

function boundsOf(day: string, timeZone: string): { since: Date; until: Date } {
  const date = Temporal.PlainDate.from(day);
  const start = (each: Temporal.PlainDate) => new Date(each.toZonedDateTime(timeZone).epochMilliseconds);
  return { since: start(date), until: start(date.add({ days: 1 })) };
}

function daysIn(from: string, until: string): string[] {
  const days: string[] = [];
  for (let day = Temporal.PlainDate.from(from); day.toString() <= until; day = day.add({ days: 1 }))
    days.push(day.toString());
  return days;
}

function later(a: string, b: string): string {
  return a > b ? a : b;
}

function earlier(a: string, b: string): string {
  return a < b ? a : b;
}
