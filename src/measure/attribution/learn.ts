import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { localDay } from '#src/measure/dashboards/days.ts';
import { markov, type Path, shapley } from '#src/measure/paths.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays, momentOf } from '#src/plan/times.ts';
import { eachApp } from '#src/understand/apps/each.ts';
import { catchUp } from './catch-up.ts';
import { oneAtATime } from './days.ts';
import { learntModels, settingsOf } from './settings.ts';

/** A data-driven model needs so much, or it would learn noise. */
export const FLOOR = { conversions: 200, paths: 1000 };
/** A post gets a weight of its own with so many journeys through it; at most so many posts. */
const POST = { journeys: 30, posts: 40 };
/** The days learnt from; longer only when the attribution window is. */
const DAYS = 90;
/** Of longer journeys the end counts. */
const LONGEST = 20;

export type LearntState = {
  enough: boolean;
  conversions: number;
  paths: number;
  fromDay: string;
  untilDay: string;
};

/**
 * Learns the data-driven models of an app from the journeys of the last 90 days, of people who signed up or paid and of
 * people who did not, within the app's window. A person's journey ends with their first signup or purchase (a trial is
 * neither). What differs from the newest version becomes the next one; conversions without a credit of the model get
 * one by it, those that have keep theirs. Below the floor nothing is learnt.
 */
export async function learn(context: Context, appId: string): Promise<LearntState> {
  const state = await transaction(context, (inside) => learnVersions(inside, appId));
  if (state.enough) await catchUp(context, appId);
  return state;
}

/** For every app, at night. */
export async function learnAll(context: Context): Promise<void> {
  await eachApp(context, (appId) => learn(context, appId));
}

async function learnVersions(inside: Inside, appId: string): Promise<LearntState> {
  const { tx, workspaceId, clock } = inside;
  const settings = await settingsOf(inside, appId);
  const { timeZone } = await workspaceOf(inside);
  const untilDay = localDay(clock.now(), timeZone);
  const view: View = {
    appId,
    windowDays: settings.windowDays,
    from: momentOf(timeZone, addDays(untilDay, 1 - Math.max(DAYS, settings.windowDays)), '00:00'),
    until: new Date(clock.now().getTime() + 1),
    postIds: [],
  };
  const channels = await journeys(inside, view);
  const size = sizeOf(channels);
  const state = { ...size, fromDay: localDay(view.from, timeZone), untilDay };
  if (size.conversions < FLOOR.conversions || size.paths < FLOOR.paths) return { enough: false, ...state };
  await oneAtATime(inside);
  const postIds = await postsWithVolume(inside, view);
  const posts = postIds.length < 2 ? [] : await journeys(inside, { ...view, postIds });
  for (const model of learntModels) {
    const version = {
      markovOrder: model === 'markov' ? settings.markovOrder : null,
      windowDays: settings.windowDays,
      fromDay: state.fromDay,
      untilDay,
      paths: size.paths,
      conversions: size.conversions,
      posts: postIds.length < 2 ? 0 : postIds.length,
    };
    const newest = await tx
      .selectFrom('attributionModels')
      .select(['version', 'markovOrder', 'windowDays', 'fromDay', 'untilDay', 'paths', 'conversions', 'posts'])
      .where('appId', '=', appId)
      .where('model', '=', model)
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (newest && Object.entries(version).every(([name, value]) => newest[name as keyof typeof version] === value))
      continue;
    const weights = [
      ...weightsOf(model, channels, settings.markovOrder).map((row) => ({ ...row, level: 'channel' as const })),
      ...weightsOf(model, posts, settings.markovOrder).map((row) => ({ ...row, level: 'post' as const })),
    ];
    const { id } = await tx
      .insertInto('attributionModels')
      .values({
        workspaceId,
        appId,
        model,
        version: (newest?.version ?? 0) + 1,
        ...version,
        learntAt: clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('attributionWeights')
      .values(weights.map((row) => ({ workspaceId, attributionModelId: id, ...row })))
      .execute();
  }
  return { enough: true, ...state };
}

/** Per channel: what it weighs and how many of the conversions the model credits to it. */
function weightsOf(model: 'markov' | 'shapley', paths: readonly Path[], order: 1 | 2 | 3) {
  if (paths.length === 0) return [];
  if (model === 'markov')
    return markov(paths, order).credits.map(({ channel, removalEffect, conversions }) => ({
      value: channel,
      // The solver may end a hair below nothing.
      weight: Math.max(0, removalEffect),
      conversions,
    }));
  const all = sizeOf(paths).conversions;
  return shapley(paths).map(({ channel, conversions }) => ({ value: channel, weight: conversions / all, conversions }));
}

function sizeOf(paths: readonly Path[]): { conversions: number; paths: number } {
  return paths.reduce(
    (sum, path) => ({
      conversions: sum.conversions + path.conversions,
      paths: sum.paths + path.conversions + path.losses,
    }),
    { conversions: 0, paths: 0 },
  );
}

type View = { appId: string; windowDays: number; from: Date; until: Date; postIds: readonly string[] };

/** Posts that at least so many people came by, the most travelled first. */
async function postsWithVolume({ tx, workspaceId }: Inside, { appId, from, until }: View): Promise<string[]> {
  const { rows } = await sql<{ postId: string }>`
    select post_id from visits
    where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${from} and started_at < ${until}
      and post_id is not null and agent_class in ('human', 'unsure')
    group by post_id having count(distinct visitor) >= ${POST.journeys}
    order by count(distinct visitor) desc, post_id limit ${POST.posts}`.execute(tx);
  return rows.map((row) => row.postId);
}

/**
 * The journeys of the view, alike ones counted together: through channels, or with `postIds` through these posts and
 * the channels of everything else. Visitors are one person where an identity link says so.
 */
async function journeys({ tx, workspaceId }: Inside, view: View): Promise<Path[]> {
  // Millions of visits beside a few links: without statistics of today the planner would go through them pair by pair.
  await sql`select set_config('enable_nestloop', 'off', true)`.execute(tx);
  const { rows } = await sql<{ path: string; conversions: number; losses: number }>`
    with linked as materialized (
      select distinct on (link.kind, link.value) link.kind, link.value,
        coalesce(customer.merged_into, customer.id)::text as customer
      from identity_links link
      join customers customer on customer.workspace_id = link.workspace_id and customer.id = link.customer_id
      where link.workspace_id = ${workspaceId} and link.app_id = ${view.appId} and link.kind in ('visitor', 'click')
      order by link.kind, link.value, link.linked_at desc
    ), step as (
      select coalesce(visitor.customer, click.customer, visit.visitor) as person, visit.started_at as occurred_at, visit.id,
        max(visit.started_at) over (partition by coalesce(visitor.customer, click.customer, visit.visitor)) as newest,
        case when visit.post_id = any(${[...view.postIds]}::uuid[]) then visit.post_id::text else visit.channel end as step
      from visits visit
      left join linked visitor on visitor.kind = 'visitor' and visitor.value = visit.visitor
      left join linked click on click.kind = 'click' and click.value = visit.click_id::text
      where visit.workspace_id = ${workspaceId} and visit.app_id = ${view.appId} and visit.agent_class in ('human', 'unsure')
        and visit.started_at >= ${view.from} and visit.started_at < ${view.until}
    ), ended as (
      select coalesce(conversion.customer_id::text, visitor.customer, conversion.visitor) as person,
        min(conversion.occurred_at + case conversion.kind when 'purchase' then interval '999 ms' else interval '0' end) as at
      from conversions conversion
      left join linked visitor on visitor.kind = 'visitor' and visitor.value = conversion.visitor
      where conversion.workspace_id = ${workspaceId} and conversion.app_id = ${view.appId}
        and conversion.kind in ('signup', 'purchase')
      group by 1
    ), journey as (
      select step.person, ended.at is not null as converted,
        array_agg(step.step order by step.occurred_at, step.id) as steps
      from step
      left join ended on ended.person = step.person
      where step.occurred_at <= coalesce(ended.at, step.newest)
        and step.occurred_at >= coalesce(ended.at, step.newest) - make_interval(days => ${view.windowDays})
      group by 1, 2
    )
    select array_to_string(steps[greatest(1, cardinality(steps) - ${LONGEST - 1}):], ' > ') as path,
      count(*) filter (where converted) as conversions, count(*) filter (where not converted) as losses
    from journey group by 1 order by 1`.execute(tx);
  await sql`select set_config('enable_nestloop', 'on', true)`.execute(tx);
  return rows.map(({ path, conversions, losses }) => ({
    channels: path.split(' > '),
    conversions,
    value: conversions,
    losses,
  }));
}
