import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { markStep, type NewStep, planLaunch, readPlan, shownPlan, tieStep } from '#src/plan/launch.ts';
import { createPost } from '#src/plan/posts.ts';
import { addDays, momentOf } from '#src/plan/times.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { createTask } from './assisted.ts';
import { type Place, placeOf, places, suits } from './channels/places.ts';

/** Of the places that suit an app and are no channel of it yet, so many are put into its plan. */
const MOST_SUGGESTED = 10;
/** A launch without these is not whole; they are in every plan unless one has dropped them. */
const ALWAYS = new Set(['producthunt', 'hackernews', 'x', 'own-newsletter']);
/** Where no moment matters, prepared posts are due at this time of the workspace's zone. */
const MORNING = '09:00';

/** The steps of a launch at the places that are channels of the app, and at some more that suit it. */
async function stepsFor(inside: Inside, appId: string): Promise<NewStep[]> {
  const app = await appOf(inside, appId);
  const channels = await inside.tx
    .selectFrom('channels')
    .select(['place', 'status'])
    .where('appId', '=', app.id)
    .where('place', 'is not', null)
    .execute();
  const isDropped = (place: Place) => channels.some((one) => one.place === place.id && one.status === 'dropped');
  const launching = places.filter((place) => place.launch && !isDropped(place));
  const own = launching.filter((place) => ALWAYS.has(place.id) || channels.some((one) => one.place === place.id));
  const suggested = launching
    .filter((place) => !own.includes(place) && suits(place, app.category) > 0)
    .sort((a, b) => suits(b, app.category) - suits(a, app.category))
    .slice(0, MOST_SUGGESTED);
  return [...own, ...suggested].flatMap((place) =>
    (place.launch ?? []).map((step) => ({
      days: step.days,
      name: step.do,
      instructions: step.instructions,
      platform: place.platform,
      place: place.id,
      at: step.at,
      makes: step.makes,
    })),
  );
}

/**
 * Prepares what a step asks for: a post to send by hand at its moment, or a draft. Prepared before, what is there is
 * given back; a post to send by hand that was left out is made anew.
 */
export async function prepareStep(
  context: Context,
  stepId: string,
): Promise<{ made: 'task' | 'draft'; taskId: string | null; postId: string | null; dueAt: Date }> {
  return transaction(context, async (inside) => {
    const { tx, clock } = inside;
    const step = await tx
      .selectFrom('launchSteps')
      .innerJoin('launchPlans', 'launchPlans.id', 'launchSteps.launchPlanId')
      .innerJoin('apps', 'apps.id', 'launchPlans.appId')
      .selectAll('launchSteps')
      .select(['launchPlans.appId', 'launchPlans.launchOn', 'apps.name as app', 'apps.tagline'])
      .where('launchSteps.id', '=', stepId)
      .forUpdate('launchSteps')
      .executeTakeFirst();
    if (!step) throw notFound('step');
    if (step.doneAt || step.skippedAt) throw refuse('conflict', 'step_closed', 'This step is done or skipped already.');
    const known = placeOf(step.place)?.launch?.find(
      (one) => one.days === step.daysFromLaunch && one.makes && one.do.replaceAll('{app}', step.app) === step.name,
    );
    const { platform, makes } = step;
    if (!known?.words || !platform || !makes)
      throw refuse('invalid', 'nothing_to_prepare', 'There is nothing to prepare for this step. Do as it says.');
    const { timeZone } = await workspaceOf(inside);
    const on = addDays(step.launchOn, step.daysFromLaunch);
    const moment = momentOf(step.dueTime ? (step.dueZone ?? timeZone) : timeZone, on, step.dueTime ?? MORNING);
    const dueAt = moment > clock.now() ? moment : clock.now();
    const task = await openTask(inside, step.id);
    if (task) return { made: 'task', taskId: task.id, postId: task.postId, dueAt: task.dueAt };
    if (step.postId) return { made: 'draft', taskId: null, postId: step.postId, dueAt };
    const fill = (text: string) =>
      text
        .replaceAll('{{link}}', '\u0000')
        .replaceAll('{app}', step.app)
        .replaceAll('{tagline}', step.tagline?.replace(/[.\s]+$/, '') || '[what it does, in one sentence]')
        .replaceAll('\u0000', '{{link}}');
    const title = fill(known.title ?? step.name).slice(0, 300);
    const words = known.words.map(fill);
    await audit(inside, { operation: 'launch.prepareStep', subject: step.id, after: { platform, makes } });
    if (makes === 'task') {
      const wanted = { appId: step.appId, platform, dueAt, title, text: words.join('\n\n'), launchStepId: step.id };
      const { id: taskId } = await createTask(inside, wanted);
      return { made: 'task', taskId, postId: null, dueAt };
    }
    const post = await createPost(inside, {
      appId: step.appId,
      title,
      source: 'template',
      proposedFor: dueAt,
      variants: [{ platform, parts: words.map((text) => ({ text })) }],
    });
    await tieStep(inside, step.id, post.id);
    return { made: 'draft', taskId: null, postId: post.id, dueAt };
  });
}

/** The reaction to a post that was sent by hand: its step of the launch is done. */
export async function completeStepOfTask(context: Context, taskId: string): Promise<void> {
  const task = await transaction(context, ({ tx }) =>
    tx.selectFrom('assistedTasks').select('launchStepId').where('id', '=', taskId).executeTakeFirst(),
  );
  if (task?.launchStepId) await markStep(context, task.launchStepId, 'done');
}

/** The reaction to a publication that is out: the step its post was made for is done. */
export async function completeStepOfPublication(context: Context, publicationId: string): Promise<void> {
  const steps = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('launchSteps')
      .innerJoin('publications', 'publications.postId', 'launchSteps.postId')
      .select('launchSteps.id')
      .where('publications.id', '=', publicationId)
      .where('launchSteps.skippedAt', 'is', null)
      .execute(),
  );
  for (const step of steps) await markStep(context, step.id, 'done');
}

function openTask({ tx }: Inside, stepId: string) {
  return tx
    .selectFrom('assistedTasks')
    .select(['id', 'postId', 'dueAt'])
    .where('launchStepId', '=', stepId)
    .where('state', 'in', ['waiting', 'notified'])
    .executeTakeFirst();
}

const step = z.strictObject({ stepId: id });

export const launchOperations = {
  plan: operation({
    summary: 'Make the launch plan of an app from its channels, or move it to another day.',
    route: 'POST /apps/{appId}/launch',
    access: 'write',
    input: z.strictObject({ appId: id, launchOn: day.optional() }),
    output: z.object({
      id,
      launchOn: z.string(),
      /** Steps that were not in it yet. */
      added: z.int(),
    }),
    run: (context, input) =>
      transaction(context, async (inside) => planLaunch(inside, input, await stepsFor(inside, input.appId))),
  }),
  get: operation({
    summary: 'Show the launch plan of an app with its dated steps.',
    route: 'GET /apps/{appId}/launch',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ plan: shownPlan.nullable() }),
    run: (context, { appId }) => transaction(context, async (inside) => ({ plan: await readPlan(inside, appId) })),
  }),
  prepareStep: operation({
    summary: 'Prepare a step of the launch: a post to send by hand at its moment, or a draft.',
    route: 'POST /launch/steps/{stepId}/prepare',
    access: 'write',
    input: step,
    output: z.object({
      made: z.enum(['task', 'draft']),
      taskId: id.nullable(),
      postId: id.nullable(),
      dueAt: z.date(),
    }),
    run: (context, { stepId }) => prepareStep(context, stepId),
  }),
  completeStep: operation({
    summary: 'Mark a step of the launch as done.',
    route: 'POST /launch/steps/{stepId}/complete',
    access: 'write',
    input: step,
    output: done,
    run: (context, { stepId }) => mark(context, stepId, 'done'),
  }),
  skipStep: operation({
    summary: 'Skip a step of the launch.',
    route: 'POST /launch/steps/{stepId}/skip',
    access: 'write',
    input: step,
    output: done,
    run: (context, { stepId }) => mark(context, stepId, 'skipped'),
  }),
  reopenStep: operation({
    summary: 'Open a step of the launch again that was done or skipped.',
    route: 'POST /launch/steps/{stepId}/reopen',
    access: 'write',
    input: step,
    output: done,
    run: (context, { stepId }) => mark(context, stepId, 'open'),
  }),
};

async function mark(context: Context, stepId: string, as: 'done' | 'skipped' | 'open') {
  await markStep(context, stepId, as);
  return { done: true };
}
