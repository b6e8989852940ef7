import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { LAUNCH_STEPS } from './launch/steps.ts';
import { addDays, dayIn, daysBetween } from './times.ts';

/**
 * Makes the launch plan of an app from its launch day (given, else the app's own). With a plan open already, its day is
 * moved and the steps move with it; what is done stays done.
 */
export async function planLaunch(
  context: Context,
  wanted: { appId: string; launchOn?: string | undefined },
): Promise<{ id: string; launchOn: string }> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    const app = await appOf(inside, wanted.appId);
    await tx.selectFrom('apps').select('id').where('id', '=', app.id).forUpdate().execute();
    const launchOn = wanted.launchOn ?? app.launchOn;
    if (!launchOn)
      throw refuse('invalid', 'no_launch_day', 'Say on which day you launch, here or in the app’s profile.');
    const open = await openPlan(inside, app.id);
    if (open) {
      if (open.launchOn !== launchOn) {
        await tx.updateTable('launchPlans').set({ launchOn }).where('id', '=', open.id).execute();
        await audit(inside, {
          operation: 'launch.plan',
          subject: open.id,
          before: { launchOn: open.launchOn },
          after: { launchOn },
        });
      }
      return { id: open.id, launchOn };
    }
    const plan = await tx
      .insertInto('launchPlans')
      .values({ workspaceId, appId: app.id, name: `Launch of ${app.name}`, launchOn, createdAt: inside.clock.now() })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('launchSteps')
      .values(
        LAUNCH_STEPS.map((step, position) => ({
          workspaceId,
          launchPlanId: plan.id,
          position,
          name: step.name.replaceAll('{app}', app.name),
          instructions: step.instructions.replaceAll('{app}', app.name),
          platform: step.platform ?? null,
          daysFromLaunch: step.days,
        })),
      )
      .execute();
    await audit(inside, { operation: 'launch.plan', subject: plan.id, after: { launchOn } });
    await record(inside, 'launch.planned', { subjectId: plan.id, detail: { appId: app.id, launchOn } });
    return { id: plan.id, launchOn };
  });
}

/** Marks a step done or skipped. When none is left open the plan is done. Marking it the same again changes nothing. */
export async function markStep(context: Context, stepId: string, as: 'done' | 'skipped'): Promise<void> {
  await transaction(context, async (inside) => {
    const { tx, clock } = inside;
    const step = await tx
      .selectFrom('launchSteps')
      .select(['id', 'launchPlanId', 'name', 'doneAt', 'skippedAt'])
      .where('id', '=', stepId)
      .forUpdate()
      .executeTakeFirst();
    if (!step) throw notFound('step');
    if (as === 'done' ? step.doneAt : step.skippedAt) return;
    if (as === 'skipped' && step.doneAt) throw refuse('conflict', 'step_done', 'This step is done already.');
    const now = clock.now();
    await tx
      .updateTable('launchSteps')
      .set(as === 'done' ? { doneAt: now, doneBy: userOf(inside), skippedAt: null } : { skippedAt: now, doneBy: null })
      .where('id', '=', stepId)
      .execute();
    await record(inside, as === 'done' ? 'launch.step_done' : 'launch.step_skipped', { subjectId: stepId });
    const open = await tx
      .selectFrom('launchSteps')
      .select('id')
      .where('launchPlanId', '=', step.launchPlanId)
      .where('doneAt', 'is', null)
      .where('skippedAt', 'is', null)
      .executeTakeFirst();
    if (!open) await tx.updateTable('launchPlans').set({ state: 'done' }).where('id', '=', step.launchPlanId).execute();
  });
}

async function openPlan({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('launchPlans')
    .select(['id', 'launchOn'])
    .where('appId', '=', appId)
    .where('state', '=', 'planned')
    .orderBy('createdAt', 'desc')
    .executeTakeFirst();
}

const shownStep = z.object({
  id,
  name: z.string(),
  instructions: z.string(),
  platform: z.string().nullable(),
  daysFromLaunch: z.int(),
  dueOn: z.string(),
  state: z.enum(['ahead', 'today', 'late', 'done', 'skipped']),
  doneAt: z.date().nullable(),
  doneBy: z.string().nullable(),
  skippedAt: z.date().nullable(),
  postId: id.nullable(),
});
const shownPlan = z.object({
  id,
  name: z.string(),
  launchOn: z.string(),
  /** Days from today, negative once it is past. */
  daysLeft: z.int(),
  state: z.enum(['planned', 'done', 'cancelled']),
  steps: z.array(shownStep),
});

async function readPlan(inside: Inside, appId: string): Promise<z.input<typeof shownPlan> | null> {
  await appOf(inside, appId);
  const { tx } = inside;
  const plan = await tx
    .selectFrom('launchPlans')
    .select(['id', 'name', 'launchOn', 'state'])
    .where('appId', '=', appId)
    // The open plan, else the last one that was carried out.
    .orderBy((eb) => eb('state', '=', 'planned'), 'desc')
    .orderBy('createdAt', 'desc')
    .executeTakeFirst();
  if (!plan) return null;
  const { timeZone } = await workspaceOf(inside);
  const today = dayIn(timeZone, inside.clock.now());
  const steps = await tx
    .selectFrom('launchSteps')
    .leftJoin('users', 'users.id', 'launchSteps.doneBy')
    .select(['launchSteps.id', 'launchSteps.name', 'instructions', 'platform', 'daysFromLaunch'])
    .select(['doneAt', 'skippedAt', 'postId', 'users.name as doneBy'])
    .where('launchPlanId', '=', plan.id)
    .orderBy('daysFromLaunch')
    .orderBy('position')
    .execute();
  return {
    ...plan,
    daysLeft: daysBetween(today, plan.launchOn),
    steps: steps.map((step) => {
      const dueOn = addDays(plan.launchOn, step.daysFromLaunch);
      const open = dueOn < today ? 'late' : dueOn === today ? 'today' : 'ahead';
      return { ...step, dueOn, state: step.doneAt ? 'done' : step.skippedAt ? 'skipped' : open };
    }),
  };
}

export const launchOperations = {
  plan: operation({
    summary: 'Make the launch plan of an app, or move it to another day.',
    route: 'POST /apps/{appId}/launch',
    access: 'write',
    input: z.strictObject({ appId: id, launchOn: day.optional() }),
    output: z.object({ id, launchOn: z.string() }),
    run: planLaunch,
  }),
  get: operation({
    summary: 'Show the launch plan of an app with its dated steps.',
    route: 'GET /apps/{appId}/launch',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ plan: shownPlan.nullable() }),
    run: (context, { appId }) => transaction(context, async (inside) => ({ plan: await readPlan(inside, appId) })),
  }),
  completeStep: operation({
    summary: 'Mark a step of the launch as done.',
    route: 'POST /launch/steps/{stepId}/complete',
    access: 'write',
    input: z.strictObject({ stepId: id }),
    output: done,
    run: async (context, { stepId }) => {
      await markStep(context, stepId, 'done');
      return { done: true };
    },
  }),
  skipStep: operation({
    summary: 'Skip a step of the launch.',
    route: 'POST /launch/steps/{stepId}/skip',
    access: 'write',
    input: z.strictObject({ stepId: id }),
    output: done,
    run: async (context, { stepId }) => {
      await markStep(context, stepId, 'skipped');
      return { done: true };
    },
  }),
};
