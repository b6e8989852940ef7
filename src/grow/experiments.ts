import { randomUUID } from 'node:crypto';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { shortened } from '#src/grow/suggestions/kind.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { each } from '#src/understand/apps/each.ts';
import { appOf } from '#src/understand/apps.ts';
import { type ArmComparison, compareArms, type Method } from './experiments/compare.ts';
import { type Dealt, deal } from './experiments/lots.ts';
import { type experimentOf, holdExperiment, readArms } from './experiments/read.ts';

export const kinds = ['hook', 'format', 'time', 'template', 'link'] as const;
/** Money is no count of people and a few payments decide it, so revenue is not compared. */
export const metrics = ['impressions', 'engagement', 'engagement_rate', 'clicks', 'visits', 'signups'] as const;

export type Wanted = {
  appId: string;
  name: string;
  kind: (typeof kinds)[number];
  metric: (typeof metrics)[number];
  method: Method;
  postsPerArm: number;
  arms: { arm: string; postIds: string[] }[];
  /** Posts to be dealt to the arms by lot. */
  postIds: string[];
};

/**
 * Starts comparing: two to six arms of posts, each post in one arm. The first arm is what the others are held against.
 * Posts in `postIds` are dealt to the arms by lot, evenly within each weekday and part of the day they are planned for.
 * A post is in one running experiment at a time.
 */
export function createExperiment(context: Context, wanted: Wanted): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const names = wanted.arms.map(({ arm }) => arm);
    if (new Set(names).size < names.length)
      throw refuse('invalid', 'arm_twice', 'Two arms have the same name. Give each its own.');
    const byLot = wanted.postIds.length > 0;
    const row = await inside.tx
      .insertInto('experiments')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        name: wanted.name,
        kind: wanted.kind,
        metric: wanted.metric,
        method: wanted.method,
        postsPerArm: wanted.postsPerArm,
        seed: byLot ? randomUUID() : null,
        state: 'running',
        startedAt: inside.clock.now(),
      })
      .returning(['id', 'seed'])
      .executeTakeFirstOrThrow();
    await inside.tx
      .insertInto('experimentNames')
      .values(names.map((arm, position) => ({ workspaceId: inside.workspaceId, experimentId: row.id, position, arm })))
      .execute();
    const chosen = wanted.arms.flatMap(({ arm, postIds }) => postIds.map((postId) => ({ arm, postId })));
    await mustBeFree(inside, wanted.appId, { chosen: chosen.map(({ postId }) => postId), byLot: wanted.postIds });
    const dealt = byLot
      ? await drawLots(
          inside,
          wanted.postIds,
          names,
          row.seed ?? '',
          wanted.arms.map(({ postIds }) => postIds.length),
        )
      : [];
    await place(inside, row.id, names, [...chosen, ...dealt]);
    await audit(inside, { operation: 'experiments.create', subject: row.id, after: { name: wanted.name } });
    await record(inside, 'experiment.started', { subjectId: row.id, detail: { appId: wanted.appId } });
    return { id: row.id };
  });
}

/** Deals more posts to the arms by lot, by the same seed. Says which went where. */
export function dealMore(
  context: Context,
  { experimentId, postIds }: { experimentId: string; postIds: string[] },
): Promise<{ dealt: { postId: string; arm: string }[] }> {
  return transaction(context, async (inside) => {
    const experiment = await holdExperiment(inside, experimentId);
    mustRun(experiment);
    await mustBeFree(inside, experiment.appId, { chosen: [], byLot: postIds });
    const arms = await readArms(inside, experimentId, experiment.metric);
    const names = arms.map(({ arm }) => arm);
    if (experiment.seed === null) {
      experiment.seed = randomUUID();
      await inside.tx
        .updateTable('experiments')
        .set({ seed: experiment.seed })
        .where('id', '=', experimentId)
        .execute();
    }
    const dealt = await drawLots(
      inside,
      postIds,
      names,
      experiment.seed,
      arms.map(({ posts }) => posts.length),
    );
    await place(inside, experimentId, names, dealt);
    await audit(inside, { operation: 'experiments.deal', subject: experimentId, after: { posts: dealt.length } });
    return { dealt: dealt.map(({ postId, arm }) => ({ postId, arm })) };
  });
}

/** Ends it with what the numbers say on this day, kept as a sentence and, where there is one, as the better arm. */
export function endExperiment(context: Context, experimentId: string): Promise<{ conclusion: string }> {
  return transaction(context, async (inside) => {
    const experiment = await holdExperiment(inside, experimentId);
    mustRun(experiment);
    const comparisons = await judge(inside, experiment);
    return { conclusion: await end(inside, experiment, comparisons, 'person') };
  });
}

/**
 * Ends the running experiments that have their answer: a fixed one that has its posts; an always-valid one in which every
 * arm differs from the first or each has as many posts as were planned.
 */
export async function endAnswered(context: Context): Promise<void> {
  const running = await transaction(context, ({ tx }) =>
    tx.selectFrom('experiments').select('id').where('state', '=', 'running').orderBy('startedAt').execute(),
  );
  const look = (id: string) =>
    transaction(context, async (inside) => {
      const experiment = await holdExperiment(inside, id);
      if (experiment.state !== 'running') return;
      const arms = await readArms(inside, id, experiment.metric);
      const comparisons = compareArms(arms, planOf(experiment));
      const measured = arms.map(({ posts }) => posts.filter((post) => post.isMeasured).length);
      const full = measured.length > 1 && Math.min(...measured) >= experiment.postsPerArm;
      const told = comparisons.length > 0 && comparisons.every((each) => ['better', 'worse'].includes(each.outcome));
      if (full || (experiment.method === 'always_valid' && told)) await end(inside, experiment, comparisons, 'rule');
    });
  await each(
    running.map(({ id }) => id),
    'experiments',
    look,
  );
}

type Experiment = Awaited<ReturnType<typeof experimentOf>>;

async function judge(inside: Inside, experiment: Experiment): Promise<ArmComparison[]> {
  return compareArms(await readArms(inside, experiment.id, experiment.metric), planOf(experiment));
}

export function planOf({ metric, method, postsPerArm }: Experiment) {
  return { metric, method: method as Method, postsPerArm };
}

async function end(
  inside: Inside,
  experiment: Experiment,
  comparisons: ArmComparison[],
  endedBy: 'person' | 'rule',
): Promise<string> {
  const conclusion = comparisons.map(({ message }) => message).join(' ');
  const decidedArm = betterArm(comparisons);
  await inside.tx
    .updateTable('experiments')
    .set({ state: 'ended', endedAt: inside.clock.now(), conclusion, decidedArm, endedBy })
    .where('id', '=', experiment.id)
    .execute();
  await audit(inside, { operation: 'experiments.end', subject: experiment.id, after: { conclusion } });
  await record(inside, 'experiment.ended', {
    subjectId: experiment.id,
    detail: { appId: experiment.appId, decidedArm },
  });
  return conclusion;
}

/** The arm that did best of those that differ from the first; the first when all others did worse. */
function betterArm(comparisons: ArmComparison[]): string | null {
  const better = comparisons.filter(({ outcome }) => outcome === 'better');
  const best = better.sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0))[0];
  if (best) return best.arm;
  const allWorse = comparisons.length > 0 && comparisons.every(({ outcome }) => outcome === 'worse');
  return allWorse ? (comparisons[0]?.against ?? null) : null;
}

function mustRun(experiment: Experiment): void {
  if (experiment.state === 'ended')
    throw refuse('conflict', 'experiment_ended', 'This experiment has ended already; its conclusion stays.');
}

/**
 * Posts of this app, each named once, none in a running experiment. They are held until the transaction ends, so that two
 * experiments that ask for one post at the same time do not both get it. By lot only posts that are not out yet can be
 * dealt: what is out was written for no arm, and what it brought is known.
 */
async function mustBeFree(
  inside: Inside,
  appId: string,
  { chosen, byLot }: { chosen: string[]; byLot: string[] },
): Promise<void> {
  const postIds = [...chosen, ...byLot];
  if (postIds.length === 0) return;
  if (new Set(postIds).size < postIds.length)
    throw refuse('invalid', 'post_twice', 'A post can stand in one arm only. Take it out of the other.');
  const known = await inside.tx
    .selectFrom('posts')
    .select('id')
    .where('appId', '=', appId)
    .where('id', 'in', postIds)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  if (known.length < postIds.length) throw notFound('post');
  const taken = await inside.tx
    .selectFrom('experimentArms as a')
    .innerJoin('experiments as e', 'e.id', 'a.experimentId')
    .innerJoin('posts as p', 'p.id', 'a.postId')
    .select(['p.title', 'e.name'])
    .where('a.postId', 'in', postIds)
    .where('e.state', '=', 'running')
    .orderBy('p.title')
    .execute();
  if (taken[0])
    throw refuse(
      'conflict',
      'post_in_experiment',
      `${named(taken)} in the running experiment “${taken[0].name}” already. End that one first, or choose other posts.`,
    );
  const out = await publishedOf(inside, byLot);
  if (out.length > 0)
    throw refuse(
      'invalid',
      'post_out',
      `${named(out)} out already, so no lot can say what it was written for. Deal posts that are still to come, or put it in an arm yourself.`,
    );
}

async function publishedOf({ tx }: Inside, postIds: string[]): Promise<{ title: string }[]> {
  if (postIds.length === 0) return [];
  return tx
    .selectFrom('posts as p')
    .select('p.title')
    .where('p.id', 'in', postIds)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('publications as u')
          .select('u.id')
          .whereRef('u.workspaceId', '=', 'p.workspaceId')
          .whereRef('u.postId', '=', 'p.id')
          .where('u.publishedAt', 'is not', null),
      ),
    )
    .orderBy('p.title')
    .execute();
}

/** `“A” is`, `“A” and 2 more are`. */
function named(posts: readonly { title: string }[]): string {
  const first = `“${shortened(posts[0]?.title ?? '')}”`;
  return posts.length === 1 ? `${first} is` : `${first} and ${posts.length - 1} more are`;
}

async function drawLots(inside: Inside, postIds: string[], names: string[], seed: string, held: number[]) {
  const { timeZone } = await workspaceOf(inside);
  const planned = await inside.tx
    .selectFrom('posts as p')
    .leftJoin('publications as u', (join) =>
      join.onRef('u.workspaceId', '=', 'p.workspaceId').onRef('u.postId', '=', 'p.id'),
    )
    .select((eb) => ['p.id', eb.fn.coalesce(eb.fn.min('u.dueAt'), eb.fn.min('p.proposedFor')).as('at')])
    .where('p.id', 'in', postIds)
    .groupBy('p.id')
    .execute();
  const posts: Dealt[] = planned.map(({ id, at }) => ({
    id,
    block: at === null ? 'unplanned' : blockOf(at, timeZone),
  }));
  return [...deal(posts, names.length, seed, held)].map(([postId, arm]) => ({ postId, arm: names[arm]! }));
}

/** Weekday and a third of the day, so that the time of posting does not stand for the hook. */
function blockOf(at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', hour: '2-digit', hourCycle: 'h23' });
  const { weekday, hour } = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  return `${weekday} ${Math.floor(Number(hour) / 8)}`;
}

async function place(inside: Inside, experimentId: string, names: string[], placed: { postId: string; arm: string }[]) {
  if (placed.length === 0) return;
  const rows = placed.map(({ postId, arm }) => ({
    workspaceId: inside.workspaceId,
    experimentId,
    position: names.indexOf(arm),
    arm,
    postId,
  }));
  await inside.tx.insertInto('experimentArms').values(rows).execute();
}
