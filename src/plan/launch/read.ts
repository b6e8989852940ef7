import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays, dayIn, daysBetween, momentOf } from '#src/plan/times.ts';
import { appOf } from '#src/understand/apps.ts';

const shownStep = z.object({
  id,
  name: z.string(),
  instructions: z.string(),
  platform: z.string().nullable(),
  /** The id of the known place it is about; channels.places tells its manners. */
  place: z.string().nullable(),
  makes: z.enum(['task', 'draft']).nullable(),
  daysFromLaunch: z.int(),
  /** In the workspace's zone. */
  dueOn: z.string(),
  /** The moment, where one matters. */
  dueAt: z.date().nullable(),
  state: z.enum(['ahead', 'today', 'late', 'done', 'skipped']),
  doneAt: z.date().nullable(),
  doneBy: z.string().nullable(),
  skippedAt: z.date().nullable(),
  /** What was prepared for it. */
  post: z.object({ id, title: z.string(), status: z.string() }).nullable(),
  task: z.object({ id, state: z.enum(['waiting', 'notified', 'done', 'skipped']), dueAt: z.date() }).nullable(),
});
export const shownPlan = z.object({
  id,
  name: z.string(),
  launchOn: z.string(),
  /** Days from today, negative once it is past. */
  daysLeft: z.int(),
  state: z.enum(['planned', 'done', 'cancelled']),
  today: z.string(),
  progress: z.object({ done: z.int(), skipped: z.int(), late: z.int(), all: z.int() }),
  steps: z.array(shownStep),
});

/** The open launch plan of an app, else the last one that was carried out; null when there is none. */
export async function readPlan(inside: Inside, appId: string): Promise<z.input<typeof shownPlan> | null> {
  await appOf(inside, appId);
  const { tx } = inside;
  const plan = await tx
    .selectFrom('launchPlans')
    .select(['id', 'name', 'launchOn', 'state'])
    .where('appId', '=', appId)
    .orderBy((eb) => eb('state', '=', 'planned'), 'desc')
    .orderBy('createdAt', 'desc')
    .executeTakeFirst();
  if (!plan) return null;
  const { timeZone } = await workspaceOf(inside);
  const today = dayIn(timeZone, inside.clock.now());
  const rows = await tx
    .selectFrom('launchSteps')
    .leftJoin('users', 'users.id', 'launchSteps.doneBy')
    .leftJoin('posts', 'posts.id', 'launchSteps.postId')
    .select(['launchSteps.id', 'launchSteps.name', 'instructions', 'platform', 'daysFromLaunch', 'place', 'makes'])
    .select(['doneAt', 'skippedAt', 'postId', 'posts.title', 'posts.status', 'dueTime', 'dueZone'])
    .select('users.name as doneBy')
    .where('launchPlanId', '=', plan.id)
    .orderBy('daysFromLaunch')
    .orderBy('dueTime')
    .orderBy('position')
    .execute();
  const tasks = await tasksOf(
    inside,
    rows.map((row) => row.id),
  );
  const steps = rows.map(({ postId, title, status, dueTime, dueZone, ...row }) => {
    const localDay = addDays(plan.launchOn, row.daysFromLaunch);
    const dueAt = dueTime === null ? null : momentOf(dueZone ?? timeZone, localDay, dueTime);
    const dueOn = dueAt ? dayIn(timeZone, dueAt) : localDay;
    const open = dueOn < today ? ('late' as const) : dueOn === today ? ('today' as const) : ('ahead' as const);
    return {
      ...row,
      dueOn,
      dueAt,
      state: row.doneAt ? ('done' as const) : row.skippedAt ? ('skipped' as const) : open,
      post: postId && title !== null && status !== null ? { id: postId, title, status } : null,
      task: tasks.get(row.id) ?? null,
    };
  });
  const count = (state: string) => steps.filter((step) => step.state === state).length;
  return {
    ...plan,
    daysLeft: daysBetween(today, plan.launchOn),
    today,
    progress: { done: count('done'), skipped: count('skipped'), late: count('late'), all: steps.length },
    steps,
  };
}

/** The newest post to send by hand of each step. */
async function tasksOf({ tx }: Inside, stepIds: string[]) {
  if (stepIds.length === 0) return new Map<string, never>();
  const rows = await tx
    .selectFrom('assistedTasks')
    .select(['id', 'state', 'dueAt', 'launchStepId'])
    .where('launchStepId', 'in', stepIds)
    .orderBy('dueAt')
    .execute();
  return new Map(rows.map(({ launchStepId, ...task }) => [launchStepId ?? '', task]));
}
