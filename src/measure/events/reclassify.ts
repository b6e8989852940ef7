import { sql } from 'kysely';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction } from '#src/context.ts';
import { type AgentClass, BURST, classOfName } from '#src/measure/agent.ts';
import { type BurstVisit, burstIn, type Usual, WINDOW } from '#src/measure/agent-bursts.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { requestRecount } from '#src/measure/rollups/recount.ts';
import { audit } from '#src/people/audit.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

/** What an owner decides about an agent or browser; null takes the decision back. */
export type AgentVerdict = 'bot' | 'person' | null;

/**
 * Keeps an owner's decision about an agent by its name: from now on its visits are a bot's or people's, and those that
 * are stored follow in moments, with the totals of their days. Refuses to take back what was never decided.
 */
export async function decideOnAgent(
  inside: Inside,
  { appId, agentName, verdict }: { appId: string; agentName: string; verdict: AgentVerdict },
): Promise<void> {
  const { tx, workspaceId } = inside;
  await appOf(inside, appId);
  const made = await tx
    .selectFrom('agentRules')
    .select(['verdict', 'foundClass'])
    .where('appId', '=', appId)
    .where('agentName', '=', agentName)
    .forUpdate()
    .executeTakeFirst();
  if (verdict === null && !made) throw notFound('decision about this agent');
  const foundClass = made?.foundClass ?? (await classSoFar(inside, appId, agentName));
  if (verdict === null)
    await tx.deleteFrom('agentRules').where('appId', '=', appId).where('agentName', '=', agentName).execute();
  else
    await tx
      .insertInto('agentRules')
      .values({
        workspaceId,
        appId,
        agentName,
        verdict,
        foundClass,
        madeBy: actorName(inside.who),
        madeAt: inside.clock.now(),
      })
      .onConflict((oc) =>
        oc
          .columns(['workspaceId', 'appId', 'agentName'])
          .doUpdateSet({ verdict, madeBy: actorName(inside.who), madeAt: inside.clock.now() }),
      )
      .execute();
  await audit(inside, {
    operation: 'tracking.reclassify',
    subject: appId,
    before: { agentName, verdict: made?.verdict ?? null },
    after: { agentName, verdict },
  });
  await record(inside, 'agent.decided', { subjectId: appId, detail: { agentName, foundClass } });
}

/**
 * Gives the stored visits of an agent the class that the owner's decision, or its absence, means, and asks for their days
 * to be counted again. Safe to run twice.
 */
export async function applyDecision(
  context: Context,
  { appId, agentName, foundClass }: { appId: string; agentName: string; foundClass: string },
): Promise<void> {
  await transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    await oneAtATime(inside);
    const rule = await tx
      .selectFrom('agentRules')
      .select('verdict')
      .where('appId', '=', appId)
      .where('agentName', '=', agentName)
      .executeTakeFirst();
    const agentClass = rule === undefined ? foundClass : rule.verdict === 'bot' ? 'bot' : 'human';
    // A browser's name stands in agent_name only while it counts as a bot.
    const name = foundClass === 'human' && agentClass === 'human' ? null : agentName;
    const changed = await sql<{ at: Date }>`
      update visits set agent_class = ${agentClass}, agent_name = ${name}
      where workspace_id = ${workspaceId} and app_id = ${appId}
        and (agent_name = ${agentName} or agent_name is null and browser = ${agentName} and ${foundClass === 'human'})
        and (agent_class, agent_name) is distinct from (${agentClass}, ${name})
      returning started_at as at
    `.execute(tx);
    await recountAround(
      inside,
      appId,
      changed.rows.map((row) => row.at),
    );
  });
}

/** How far back each look for bursts reaches; later looks find nothing new in what was seen. */
const LOOK_BACK = 3 * 3_600_000;
/** A visit may go on for so long; before that nobody knows that it was one page only. */
const SETTLED = 35 * 60_000;
/** What is usual is counted from so many visits at most. */
const MOST_USUAL = 20_000;

/**
 * Looks at the visits of the last hours for bursts from data centres (agent-bursts.ts), makes bots of them and asks for
 * their days to be counted again. Runs by the clock, away from the events. Returns how many visits were found.
 */
export async function findBursts(context: Context): Promise<number> {
  return transaction(context, async (inside) => {
    const apps = await inside.tx
      .selectFrom('apps')
      .leftJoin('trackingSettings', 'trackingSettings.appId', 'apps.id')
      .select(['apps.id', 'trackingSettings.burstVisits'])
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('agentRules')
              .select('agentRules.agentName')
              .whereRef('agentRules.appId', '=', 'apps.id')
              .where('agentRules.agentName', '=', BURST)
              .where('agentRules.verdict', '=', 'person'),
          ),
        ),
      )
      .orderBy('apps.id')
      .execute();
    let found = 0;
    for (const { id, burstVisits } of apps) if (burstVisits !== null) found += await findIn(inside, id, burstVisits);
    return found;
  });
}

async function findIn(inside: Inside, appId: string, atLeast: number): Promise<number> {
  const { tx, workspaceId, clock } = inside;
  const until = new Date(clock.now().getTime() - SETTLED);
  const since = new Date(until.getTime() - LOOK_BACK);
  const groups = await sql<Group>`
    select entry_path, browser, system, device, country, json_agg(json_build_object(
      'id', id, 'at', extract(epoch from started_at) * 1000, 'visitor', visitor, 'plain',
      views = 1 and events = 0 and click_id is null and utm_campaign is null and source = 'Direct') order by started_at, id) as visits
    from visits
    where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
      and agent_class in ('human', 'unsure')
    group by 1, 2, 3, 4, 5
    having count(*) >= ${atLeast} and max(started_at) > ${new Date(since.getTime() + WINDOW)}
  `.execute(tx);
  const ids: string[] = [];
  for (const group of groups.rows) {
    const [others, usual] = [
      await othersBeside(inside, appId, group, since, until),
      await usualFor(inside, appId, group, since),
    ];
    ids.push(...burstIn(group.visits, others, usual, atLeast));
  }
  if (ids.length === 0) return 0;
  await oneAtATime(inside);
  const changed = await sql<{ at: Date }>`
    update visits set agent_class = 'bot', agent_name = ${BURST}
    where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
      and id = any(${ids}::uuid[]) and views = 1 and events = 0
    returning started_at as at
  `.execute(tx);
  await recountAround(
    inside,
    appId,
    changed.rows.map((row) => row.at),
  );
  return changed.rows.length;
}

type Group = {
  entryPath: string;
  browser: string | null;
  system: string | null;
  device: string | null;
  country: string | null;
  visits: BurstVisit[];
};

function sameAgent({ browser, system, device, country }: Group) {
  return sql<boolean>`(browser, system, device, country) is not distinct from (${browser}::text, ${system}::text, ${device}::text, ${country}::text)`;
}

async function othersBeside(
  { tx, workspaceId }: Inside,
  appId: string,
  group: Group,
  since: Date,
  until: Date,
): Promise<number[]> {
  const rows = await sql<{ at: number }>`
    select (extract(epoch from started_at) * 1000)::float8 as at from visits
    where workspace_id = ${workspaceId} and app_id = ${appId} and started_at >= ${since} and started_at < ${until}
      and entry_path = ${group.entryPath} and agent_class in ('human', 'unsure') and not ${sameAgent(group)}
    order by started_at
  `.execute(tx);
  return rows.rows.map((row) => Number(row.at));
}

async function usualFor({ tx, workspaceId }: Inside, appId: string, group: Group, before: Date): Promise<Usual> {
  const { rows } = await sql<Usual>`
    select count(*)::int as visits, (count(*) filter (where ${sameAgent(group)}))::int as same_agent,
      (count(*) filter (where source = 'Direct'))::int as direct,
      (count(*) filter (where source = 'Direct' and views = 1 and events = 0))::int as bounced
    from (
      select browser, system, device, country, source, views, events from visits
      where workspace_id = ${workspaceId} and app_id = ${appId} and started_at < ${before}
        and started_at >= ${new Date(before.getTime() - 28 * 86_400_000)} and agent_class in ('human', 'unsure')
      order by started_at desc limit ${MOST_USUAL}
    ) usual
  `.execute(tx);
  return rows[0] ?? { visits: 0, sameAgent: 0, direct: 0, bounced: 0 };
}

/** The local days around these moments: wherever the workspace is, its day is at most one away. */
async function recountAround(inside: Inside, appId: string, moments: readonly Date[]): Promise<void> {
  if (moments.length === 0) return;
  const times = moments.map((at) => at.getTime());
  const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10);
  const [first, last] = times.reduce(([a, b], at) => [Math.min(a, at), Math.max(b, at)], [Infinity, -Infinity]);
  const days = { from: dayOf(first - 86_400_000), until: dayOf(last + 86_400_000) };
  await requestRecount(inside, { appId, days, reason: 'agents' });
}

async function classSoFar({ tx }: Inside, appId: string, agentName: string): Promise<AgentClass> {
  const row = await tx
    .selectFrom('visits')
    .select('agentClass')
    .where('appId', '=', appId)
    .where('agentName', '=', agentName)
    .orderBy('startedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.agentClass ?? classOfName(agentName);
}

/** How a name is asked for. */
export const agentNameField = z.string().trim().min(1).max(200);
