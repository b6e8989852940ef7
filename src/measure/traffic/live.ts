import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { answering } from '#src/measure/traffic/question.ts';
import type { liveShown } from '#src/measure/traffic/shapes.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';

const MINUTE = 60_000;
const MINUTES = 30;
const NEWEST = 20;
const SHOWN = 10;
/** A visit that lasts has begun so long ago at most, and mostly no longer ago than that; in milliseconds. */
const REACH = 2 * 86_400_000;
const MOSTLY = 3 * 3_600_000;

type Shown = z.output<typeof liveShown>;

/**
 * Who is there now: people of the last 30 minutes, counted where their events are, by the index of the app's newest ones,
 * so that it costs what half an hour holds and not what has ever come in.
 */
export function live(context: Context, { appId }: { appId: string }): Promise<Shown> {
  return answering(context, async (inside) => {
    await appOf(inside, appId);
    const at = inside.clock.now();
    const since = new Date(Math.floor(at.getTime() / MINUTE) * MINUTE - (MINUTES - 1) * MINUTE);
    const { minutes, events, ...counted } = await countRecent(inside, appId, since, at);
    const byMinute = new Map(minutes.map(({ minute, ...counts }) => [minute, counts]));
    return {
      timeZone: (await workspaceOf(inside)).timeZone,
      at,
      ...counted,
      minutes: Array.from({ length: MINUTES }, (_, index) => ({
        at: new Date(since.getTime() + index * MINUTE),
        ...(byMinute.get(index) ?? { visitors: 0, views: 0 }),
      })),
      events: events.map((event) => ({ ...event, at: new Date(event.at) })),
    };
  });
}

type Counted = Pick<Shown, 'visitors5' | 'visitors30' | 'pages' | 'sources' | 'countries'> & {
  minutes: { minute: number; visitors: number; views: number }[];
  events: (Omit<Shown['events'][number], 'at'> & { at: string })[];
};

/** A visitor is where their newest page is, and came from where their newest visit came from. */
async function countRecent({ tx, workspaceId }: Inside, appId: string, since: Date, at: Date): Promise<Counted> {
  const visit = sql`select v.id, v.visitor, v.source, v.channel, v.country, v.device, v.browser, v.agent_class from visits v
    where v.workspace_id = ${workspaceId} and v.app_id = ${appId}`;
  const begun = (ago: number) => new Date(since.getTime() - ago);
  const lists = (rows: ReturnType<typeof sql>) => sql`coalesce((select json_agg(one) from (${rows}) one), '[]')`;
  const lately = sql`at > ${new Date(at.getTime() - 5 * MINUTE)}`;
  await sql`select set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true)`.execute(tx);
  const { rows } = await sql<Counted>`
    with happened as materialized (
      select e.id, e.occurred_at as at, e.kind, e.path, e.visit_id from events e
      where e.workspace_id = ${workspaceId} and e.app_id = ${appId} and e.occurred_at >= ${since} and e.occurred_at <= ${at}
        and e.visit_id is not null
    ),
    near as materialized (
      ${visit} and v.started_at >= ${begun(MOSTLY)} and v.started_at <= ${at} and v.id in (select visit_id from happened)
    ),
    missing as materialized (
      select visit_id from happened where not exists (select from near where near.id = happened.visit_id)
    ),
    -- Not looked for when none is missing.
    far as materialized (
      ${visit} and v.started_at >= ${begun(REACH)} and v.started_at < ${begun(MOSTLY)}
        and (select exists (select from missing)) and v.id in (select visit_id from missing)
    ),
    recent as materialized (
      select happened.id, happened.at, happened.kind, happened.path, v.visitor, v.source, v.channel, v.country, v.device, v.browser
      from happened join (select * from near union all select * from far) v on v.id = happened.visit_id
      where v.agent_class in ('human', 'unsure')
    ),
    newest as materialized (
      select distinct on (visitor) visitor, source, channel, country from recent order by visitor, at desc, id desc
    )
    select (select count(distinct visitor)::int from recent where ${lately}) as visitors5,
      (select count(*)::int from newest) as visitors30,
      ${lists(sql`
        select floor(extract(epoch from at - ${since}::timestamptz) / 60)::int as minute, count(distinct visitor)::int as visitors,
          (count(*) filter (where kind = 'pageview'))::int as views
        from recent group by 1`)} as minutes,
      ${lists(sql`
        select path, count(*)::int as visitors from (
          select distinct on (visitor) path from recent
          where ${lately} and kind = 'pageview' and path is not null order by visitor, at desc, id desc
        ) page group by path order by 2 desc, path collate "C" limit ${SHOWN}`)} as pages,
      ${lists(sql`
        select source, min(channel) as channel, count(*)::int as visitors from newest
        group by source order by 3 desc, source collate "C" limit ${SHOWN}`)} as sources,
      ${lists(sql`
        select country, count(*)::int as visitors from newest where country is not null
        group by country order by 2 desc, country collate "C" limit ${SHOWN}`)} as countries,
      ${lists(sql`
        select id, at, kind, path, source, country, device, browser from recent order by at desc, id desc limit ${NEWEST}`)} as events
  `.execute(tx);
  return rows[0] as Counted;
}
