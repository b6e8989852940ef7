import { sql } from 'kysely';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { compareMeans, enoughUnits, holm, sum } from '#src/grow/comparison.ts';
import { id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const kinds = ['hook', 'format', 'time', 'template', 'link'] as const;
/** Money is no count of people and a few payments decide it, so revenue is not compared. */
const metrics = ['impressions', 'engagement', 'clicks', 'visits', 'signups'] as const;

type Arm = { arm: string; posts: { id: string; title: string; isMeasured: boolean; value: number }[] };

export type ArmComparison = {
  arm: string;
  against: string;
  outcome: 'better' | 'worse' | 'no_difference' | 'not_enough_data';
  /** Mean per post ÷ mean per post of the arm it is compared with, with its 95 % interval. */
  ratio: number | null;
  low: number | null;
  high: number | null;
  /** A sentence. */
  message: string;
};

/** Starts comparing: two to six arms of posts, each post in one arm. The first arm is what the others are held against. */
export function createExperiment(
  context: Context,
  wanted: {
    appId: string;
    name: string;
    kind: (typeof kinds)[number];
    metric: (typeof metrics)[number];
    arms: { arm: string; postIds: string[] }[];
  },
): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const postIds = wanted.arms.flatMap((arm) => arm.postIds);
    if (new Set(postIds).size < postIds.length)
      throw refuse('invalid', 'post_twice', 'A post can stand in one arm only. Take it out of the other.');
    if (new Set(wanted.arms.map(({ arm }) => arm)).size < wanted.arms.length)
      throw refuse('invalid', 'arm_twice', 'Two arms have the same name. Give each its own.');
    const known = await inside.tx
      .selectFrom('posts')
      .select('id')
      .where('appId', '=', wanted.appId)
      .where('id', 'in', postIds)
      .execute();
    if (known.length < postIds.length) throw notFound('post');
    const row = await inside.tx
      .insertInto('experiments')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        name: wanted.name,
        kind: wanted.kind,
        metric: wanted.metric,
        state: 'running',
        startedAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await inside.tx
      .insertInto('experimentArms')
      .values(
        wanted.arms.flatMap(({ arm, postIds: own }, position) =>
          own.map((postId) => ({ workspaceId: inside.workspaceId, experimentId: row.id, position, arm, postId })),
        ),
      )
      .execute();
    await audit(inside, { operation: 'experiments.create', subject: row.id, after: { name: wanted.name } });
    await record(inside, 'experiment.started', { subjectId: row.id, detail: { appId: wanted.appId } });
    return row;
  });
}

/** Ends it with what the numbers say on this day, kept as a sentence. */
export function endExperiment(context: Context, experimentId: string): Promise<{ conclusion: string }> {
  return transaction(context, async (inside) => {
    const experiment = await experimentOf(inside, experimentId);
    if (experiment.state === 'ended')
      throw refuse('conflict', 'experiment_ended', 'This experiment has ended already; its conclusion stays.');
    const arms = await readArms(inside, experimentId, experiment.metric);
    const conclusion = compareArms(arms, experiment.metric)
      .map(({ message }) => message)
      .join(' ');
    await inside.tx
      .updateTable('experiments')
      .set({ state: 'ended', endedAt: inside.clock.now(), conclusion })
      .where('id', '=', experimentId)
      .execute();
    await audit(inside, { operation: 'experiments.end', subject: experimentId, after: { conclusion } });
    await record(inside, 'experiment.ended', { subjectId: experimentId, detail: { appId: experiment.appId } });
    return { conclusion };
  });
}

/**
 * Each arm against the first, the post being the unit; several arms share one error budget (Holm). Posts are assigned
 * by a person, not by lot, so a difference can also come from what the posts were about.
 */
export function compareArms(arms: readonly Arm[], metric: string): ArmComparison[] {
  const [first, ...others] = arms;
  if (!first) return [];
  const valuesOf = (arm: Arm) => arm.posts.filter((post) => post.isMeasured).map((post) => post.value);
  const base = valuesOf(first);
  const compared = others.map((arm) => {
    const values = valuesOf(arm);
    const enough = enoughUnits({ units: 'posts that are out for seven days', counts: metric }, base, values);
    return { arm: arm.arm, values, enough, found: enough.enough ? compareMeans(base, values) : null };
  });
  const tested = compared.filter(({ found }) => found !== null);
  const passed = holm(tested.map(({ found }) => found?.p ?? 1));
  return compared.map(({ arm, values, enough, found }) => {
    const names = { arm, against: first.arm };
    if (!found) {
      const reason = enough.enough ? `Not enough data: no ${metric} on one side.` : enough.reason;
      return {
        ...names,
        outcome: 'not_enough_data',
        ratio: null,
        low: null,
        high: null,
        message: `${arm} against ${first.arm}: ${reason}`,
      };
    }
    const isClaimed = passed[tested.findIndex((one) => one.arm === arm)] ?? false;
    const outcome = !isClaimed ? 'no_difference' : found.estimate > 1 ? 'better' : 'worse';
    const { low, high } = found.interval;
    const range = `95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${values.length} posts against ${base.length}`;
    const ratio = found.estimate.toFixed(2);
    const message =
      outcome === 'no_difference'
        ? `${arm} against ${first.arm}: no difference that chance would not explain (${ratio} times the ${metric} per post, ${range}).`
        : `${arm} brought ${ratio} times the ${metric} per post of ${first.arm} (${range}).`;
    return { ...names, outcome, ratio: found.estimate, low, high, message };
  });
}

async function readArms(inside: Inside, experimentId: string, metric: string): Promise<Arm[]> {
  const { rows } = await sql<{ arm: string; id: string; title: string; isMeasured: boolean; value: number }>`
    select a.arm, p.id, p.title,
      coalesce(out.at <= ${inside.clock.now()}::timestamptz - interval '7 days', false) as is_measured,
      coalesce(case ${metric}::text
        when 'visits' then (select sum(d.visits) from traffic_days d where d.app_id = p.app_id and d.dimension = 'post' and d.value = p.id::text
          and d.day >= (out.at at time zone 'UTC')::date and d.day < (out.at at time zone 'UTC')::date + 7)
        when 'signups' then (select sum(d.signups) from traffic_days d where d.app_id = p.app_id and d.dimension = 'post' and d.value = p.id::text
          and d.day >= (out.at at time zone 'UTC')::date and d.day < (out.at at time zone 'UTC')::date + 7)
        when 'clicks' then (select count(*) from clicks c join links l on l.workspace_id = c.workspace_id and l.id = c.link_id
          where l.post_id = p.id and c.agent_class in ('human', 'unsure') and c.occurred_at >= out.at and c.occurred_at < out.at + interval '7 days')
        when 'impressions' then (select sum(m.impressions) from post_metrics m where m.post_id = p.id)
        else (select sum(coalesce(m.likes, 0) + coalesce(m.replies, 0) + coalesce(m.reposts, 0) + coalesce(m.quotes, 0) + coalesce(m.bookmarks, 0))
          from post_metrics m where m.post_id = p.id)
      end, 0)::float8 as value
    from experiment_arms a
    join posts p on p.workspace_id = a.workspace_id and p.id = a.post_id
    left join lateral (select min(u.published_at) as at from publications u where u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published') out on true
    where a.experiment_id = ${experimentId} order by a.position, a.arm, out.at nulls last, p.id`.execute(inside.tx);
  return [...new Set(rows.map(({ arm }) => arm))].map((arm) => ({
    arm,
    posts: rows.filter((row) => row.arm === arm).map(({ arm: _, ...post }) => post),
  }));
}

async function experimentOf({ tx }: Inside, experimentId: string) {
  const row = await tx
    .selectFrom('experiments')
    .selectAll()
    .where('id', '=', experimentId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('experiment');
  return row;
}

const shown = z.object({
  id,
  appId: id,
  name: z.string(),
  kind: z.enum(kinds),
  metric: z.enum([...metrics, 'revenue']),
  state: z.enum(['planned', 'running', 'ended']),
  startedAt: z.date().nullable(),
  endedAt: z.date().nullable(),
  conclusion: z.string().nullable(),
});
const columns = ['id', 'appId', 'name', 'kind', 'metric', 'state', 'startedAt', 'endedAt', 'conclusion'] as const;

export const experimentOperations = {
  list: operation({
    summary: 'List the experiments of an app, newest first.',
    route: 'GET /experiments',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ experiments: z.array(shown) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        return {
          experiments: await inside.tx
            .selectFrom('experiments')
            .select(columns)
            .where('appId', '=', appId)
            .orderBy('startedAt', 'desc')
            .limit(200)
            .execute(),
        };
      }),
  }),
  create: operation({
    summary: 'Compare groups of posts by one number; the first arm is what the others are held against.',
    route: 'POST /experiments',
    access: 'write',
    input: z.strictObject({
      appId: id,
      name: z.string().trim().min(1).max(200),
      kind: z.enum(kinds),
      metric: z.enum(metrics),
      arms: z
        .array(z.strictObject({ arm: z.string().trim().min(1).max(100), postIds: z.array(id).min(1).max(200) }))
        .min(2)
        .max(6),
    }),
    output: z.object({ id }),
    run: (context, input) => createExperiment(context, input),
  }),
  end: operation({
    summary: 'End an experiment and keep what the numbers say.',
    route: 'POST /experiments/{experimentId}/end',
    access: 'write',
    input: z.strictObject({ experimentId: id }),
    output: z.object({ conclusion: z.string() }),
    run: (context, { experimentId }) => endExperiment(context, experimentId),
  }),
  result: operation({
    summary: 'Show how the arms of an experiment compare, or what is missing to say so.',
    route: 'GET /experiments/{experimentId}',
    access: 'read',
    input: z.strictObject({ experimentId: id }),
    output: shown.extend({
      arms: z.array(
        z.object({
          arm: z.string(),
          posts: z.array(z.object({ id, title: z.string(), isMeasured: z.boolean(), value: z.number() })),
          measuredPosts: z.int(),
          total: z.number(),
        }),
      ),
      comparisons: z.array(
        z.object({
          arm: z.string(),
          against: z.string(),
          outcome: z.enum(['better', 'worse', 'no_difference', 'not_enough_data']),
          ratio: z.number().nullable(),
          low: z.number().nullable(),
          high: z.number().nullable(),
          message: z.string(),
        }),
      ),
    }),
    run: (context, { experimentId }) =>
      transaction(context, async (inside) => {
        const { workspaceId: _, ...experiment } = await experimentOf(inside, experimentId);
        const arms = await readArms(inside, experimentId, experiment.metric);
        return {
          ...experiment,
          arms: arms.map(({ arm, posts }) => {
            const measured = posts.filter((post) => post.isMeasured);
            return { arm, posts, measuredPosts: measured.length, total: sum(measured.map((post) => post.value)) };
          }),
          comparisons: compareArms(arms, experiment.metric),
        };
      }),
  }),
};
