import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type NewStep, OWN_STEPS } from './launch/steps.ts';

export { readPlan, shownPlan } from './launch/read.ts';
export type { NewStep } from './launch/steps.ts';

/**
 * Makes the launch plan of an app from its launch day (given, else the app's own), with the steps every launch needs and
 * those given. With a plan open already its day is moved and the steps move with it; what is done stays done, and steps
 * that are not in it yet are added.
 */
export async function planLaunch(
  context: Context,
  wanted: { appId: string; launchOn?: string | undefined },
  more: readonly NewStep[],
): Promise<{ id: string; launchOn: string; added: number }> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    const app = await appOf(inside, wanted.appId);
    await tx.selectFrom('apps').select('id').where('id', '=', app.id).forUpdate().execute();
    const open = await openPlan(inside, app.id);
    const launchOn = wanted.launchOn ?? open?.launchOn ?? app.launchOn;
    if (!launchOn)
      throw refuse('invalid', 'no_launch_day', 'Say on which day you launch, here or in the app’s profile.');
    if (open) {
      const added = await addSteps(inside, open.id, app.name, more);
      if (open.launchOn !== launchOn) {
        await tx.updateTable('launchPlans').set({ launchOn }).where('id', '=', open.id).execute();
        await audit(inside, {
          operation: 'launch.plan',
          subject: open.id,
          before: { launchOn: open.launchOn },
          after: { launchOn },
        });
        await record(inside, 'launch.moved', { subjectId: open.id, detail: { appId: app.id, launchOn } });
      }
      return { id: open.id, launchOn, added };
    }
    const plan = await tx
      .insertInto('launchPlans')
      .values({ workspaceId, appId: app.id, name: `Launch of ${app.name}`, launchOn, createdAt: inside.clock.now() })
      .returning('id')
      .executeTakeFirstOrThrow();
    const added = await addSteps(inside, plan.id, app.name, [...OWN_STEPS, ...more]);
    await audit(inside, { operation: 'launch.plan', subject: plan.id, after: { launchOn } });
    await record(inside, 'launch.planned', { subjectId: plan.id, detail: { appId: app.id, launchOn } });
    return { id: plan.id, launchOn, added };
  });
}

/** Marks a step done or skipped, or opens it again. When none is left open the plan is done. Twice changes nothing. */
export async function markStep(context: Context, stepId: string, as: 'done' | 'skipped' | 'open'): Promise<void> {
  await transaction(context, async (inside) => {
    const { tx, clock } = inside;
    const step = await tx
      .selectFrom('launchSteps')
      .select(['id', 'launchPlanId', 'name', 'doneAt', 'skippedAt'])
      .where('id', '=', stepId)
      .forUpdate()
      .executeTakeFirst();
    if (!step) throw notFound('step');
    const is = step.doneAt ? 'done' : step.skippedAt ? 'skipped' : 'open';
    if (is === as) return;
    if (as === 'skipped' && is === 'done') throw refuse('conflict', 'step_done', 'This step is done already.');
    const now = clock.now();
    const marks = {
      done: { doneAt: now, doneBy: userOf(inside), skippedAt: null },
      skipped: { doneAt: null, doneBy: null, skippedAt: now },
      open: { doneAt: null, doneBy: null, skippedAt: null },
    };
    await tx.updateTable('launchSteps').set(marks[as]).where('id', '=', stepId).execute();
    await record(inside, `launch.step_${as === 'open' ? 'reopened' : as}`, { subjectId: stepId });
    await settlePlan(inside, step.launchPlanId);
  });
}

/** Ties a step to the draft that was made for it. */
export async function tieStep({ tx }: Inside, stepId: string, postId: string): Promise<void> {
  await tx.updateTable('launchSteps').set({ postId }).where('id', '=', stepId).execute();
}

async function settlePlan({ tx }: Inside, planId: string): Promise<void> {
  const open = await tx
    .selectFrom('launchSteps')
    .select('id')
    .where('launchPlanId', '=', planId)
    .where('doneAt', 'is', null)
    .where('skippedAt', 'is', null)
    .executeTakeFirst();
  await tx
    .updateTable('launchPlans')
    .set({ state: open ? 'planned' : 'done' })
    .where('id', '=', planId)
    .where('state', '<>', 'cancelled')
    .execute();
}

/** Adds the steps that are not in the plan yet; one is known by its place and name. Returns how many. */
async function addSteps(inside: Inside, planId: string, app: string, steps: readonly NewStep[]): Promise<number> {
  const { tx, workspaceId } = inside;
  const known = await tx
    .selectFrom('launchSteps')
    .select(['place', 'name', 'position'])
    .where('launchPlanId', '=', planId)
    .execute();
  const named = steps.map((step) => ({ ...step, name: step.name.replaceAll('{app}', app) }));
  const fresh = named.filter(
    (step) => !known.some((one) => one.name === step.name && one.place === (step.place ?? null)),
  );
  if (fresh.length === 0) return 0;
  const last = Math.max(-1, ...known.map((step) => step.position));
  await tx
    .insertInto('launchSteps')
    .values(
      fresh.map((step, index) => ({
        workspaceId,
        launchPlanId: planId,
        position: last + 1 + index,
        name: step.name,
        instructions: step.instructions.replaceAll('{app}', app),
        platform: step.platform ?? null,
        place: step.place ?? null,
        daysFromLaunch: step.days,
        dueTime: step.at?.time ?? null,
        dueZone: step.at?.zone ?? null,
        makes: step.makes ?? null,
      })),
    )
    .execute();
  return fresh.length;
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
