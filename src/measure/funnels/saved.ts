import type { Selectable } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import type { Funnels } from '#src/db/types.ts';
import type { Funnel } from '#src/measure/funnels/count.ts';
import { properties, type Step, step } from '#src/measure/funnels/steps.ts';
import { id } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const MOST_STEPS = 8;
/** So many funnels of an app; nobody finds one among more. */
const MOST_FUNNELS = 200;
/** A year, in minutes. */
const LONGEST = 365 * 1440;

export const funnelName = z.string().trim().min(1).max(100);
export const funnelFields = {
  steps: z.array(step).min(2).max(MOST_STEPS).describe('In order; one event is one step.'),
  windowMinutes: z.int().min(1).max(LONGEST).default(43_200).describe('From the first step to the last, in minutes.'),
  by: z.enum(['visitor', 'person']).default('person').describe('person: visitors linked to a customer are one.'),
  strict: z.boolean().default(false).describe('Anything between the steps ends the funnel.'),
};

export const funnelShown = z.object({
  funnelId: id,
  appId: id,
  name: z.string(),
  steps: z.array(step),
  windowMinutes: z.int(),
  by: z.enum(['visitor', 'person']),
  strict: z.boolean(),
});

export function listFunnels(context: Context, { appId }: { appId: string }) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const rows = await inside.tx
      .selectFrom('funnels')
      .selectAll()
      .where('appId', '=', appId)
      .orderBy('name')
      .orderBy('id')
      .limit(MOST_FUNNELS)
      .execute();
    return { funnels: await withSteps(inside, rows) };
  });
}

/** Keeps a funnel; with `funnelId` in place of what it was. */
export function saveFunnel(
  context: Context,
  { appId, funnelId, name, ...funnel }: Funnel & { appId: string; name: string; funnelId?: string | undefined },
) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    await words(inside, appId, funnel.steps);
    await assertNameIsFree(inside, appId, name, funnelId);
    if (funnelId === undefined) await assertRoomForOne(inside, appId);
    const { tx, workspaceId, clock } = inside;
    const row = {
      name,
      windowMinutes: funnel.windowMinutes,
      countedBy: funnel.by,
      inStrictOrder: funnel.strict,
      updatedAt: clock.now(),
    };
    const kept =
      funnelId === undefined
        ? await tx
            .insertInto('funnels')
            .values({ ...row, workspaceId, appId, createdBy: userOf(context), createdAt: clock.now() })
            .returning('id')
            .executeTakeFirst()
        : await tx
            .updateTable('funnels')
            .set(row)
            .where('id', '=', funnelId)
            .where('appId', '=', appId)
            .returning('id')
            .executeTakeFirst();
    if (!kept) throw notFound('funnel');
    await tx.deleteFrom('funnelSteps').where('funnelId', '=', kept.id).execute();
    await tx
      .insertInto('funnelSteps')
      .values(funnel.steps.map((one, position) => ({ ...rowOf(one), workspaceId, funnelId: kept.id, position })))
      .execute();
    await audit(inside, { operation: 'funnels.save', subject: kept.id, after: { name } });
    return { funnelId: kept.id };
  });
}

export function renameFunnel(context: Context, { funnelId, name }: { funnelId: string; name: string }) {
  return transaction(context, async (inside) => {
    const { appId } = await savedFunnel(inside, funnelId);
    await assertNameIsFree(inside, appId, name, funnelId);
    await inside.tx
      .updateTable('funnels')
      .set({ name, updatedAt: inside.clock.now() })
      .where('id', '=', funnelId)
      .execute();
    return { done: true };
  });
}

export function removeFunnel(context: Context, { funnelId }: { funnelId: string }) {
  return transaction(context, async (inside) => {
    const row = await inside.tx.deleteFrom('funnels').where('id', '=', funnelId).returning('name').executeTakeFirst();
    if (!row) throw notFound('funnel');
    await audit(inside, { operation: 'funnels.remove', subject: funnelId, before: row });
    return { done: true };
  });
}

/** A kept funnel with the app it is of; refused when there is none. */
export async function savedFunnel(
  inside: Inside,
  funnelId: string,
): Promise<Funnel & { appId: string; name: string; steps: Step[] }> {
  const rows = await inside.tx.selectFrom('funnels').selectAll().where('id', '=', funnelId).execute();
  const [found] = await withSteps(inside, rows);
  if (!found) throw notFound('funnel');
  const { funnelId: _, ...funnel } = found;
  return funnel;
}

async function withSteps({ tx }: Inside, rows: readonly Selectable<Funnels>[]) {
  if (rows.length === 0) return [];
  const steps = await tx
    .selectFrom('funnelSteps')
    .selectAll()
    .where(
      'funnelId',
      'in',
      rows.map(({ id: funnelId }) => funnelId),
    )
    .orderBy('position')
    .execute();
  const stepsOf = Map.groupBy(steps, ({ funnelId }) => funnelId);
  return rows.map((row) => ({
    funnelId: row.id,
    appId: row.appId,
    name: row.name,
    steps: (stepsOf.get(row.id) ?? []).map((one) => stepOf({ ...one, properties: properties.parse(one.properties) })),
    windowMinutes: row.windowMinutes,
    by: row.countedBy,
    strict: row.inStrictOrder,
  }));
}

/** What each step is called: by its own name, or by what it is. Refuses goals of another app. */
export async function words({ tx }: Inside, appId: string, steps: readonly Step[]): Promise<string[]> {
  const goals = await tx.selectFrom('goals').select(['id', 'name']).where('appId', '=', appId).execute();
  const conversions = { signup: 'Signed up', trial: 'Began a trial', purchase: 'Paid' };
  return steps.map((one) => {
    const goal = one.kind === 'goal' ? goals.find(({ id: goalId }) => goalId === one.goalId) : undefined;
    if (one.kind === 'goal' && !goal) throw notFound('goal');
    if (one.name !== '') return one.name;
    if (one.kind === 'page') return one.match === 'prefix' ? `${one.path}…` : one.path;
    if (one.kind === 'event') return one.event;
    return one.kind === 'conversion' ? conversions[one.conversion] : (goal?.name ?? '');
  });
}

async function assertNameIsFree({ tx }: Inside, appId: string, name: string, funnelId?: string): Promise<void> {
  const same = await tx
    .selectFrom('funnels')
    .select('id')
    .where('appId', '=', appId)
    .where('name', '=', name)
    .executeTakeFirst();
  if (same && same.id !== funnelId)
    throw refuse('conflict', 'funnel_exists', `There is a funnel called "${name}" already. Choose another name.`);
}

async function assertRoomForOne({ tx }: Inside, appId: string): Promise<void> {
  const { count } = await tx
    .selectFrom('funnels')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('appId', '=', appId)
    .executeTakeFirstOrThrow();
  if (count >= MOST_FUNNELS)
    throw refuse('conflict', 'too_many', `An app has at most ${MOST_FUNNELS} funnels. Remove one that is not used.`);
}

function rowOf(one: Step) {
  const none = { eventKind: null, path: null, pathMatch: null, conversion: null, goalId: null, properties: '[]' };
  switch (one.kind) {
    case 'page':
      return { ...none, name: one.name, kind: 'page', path: one.path, pathMatch: one.match };
    case 'event':
      return {
        ...none,
        name: one.name,
        kind: 'event',
        eventKind: one.event,
        properties: JSON.stringify(one.properties),
      };
    case 'conversion':
      return { ...none, name: one.name, kind: 'conversion', conversion: one.conversion };
    case 'goal':
      return { ...none, name: one.name, kind: 'conversion', conversion: 'goal' as const, goalId: one.goalId };
  }
}

function stepOf(row: {
  kind: string;
  name: string;
  path: string | null;
  pathMatch: 'exact' | 'prefix' | 'pattern' | null;
  eventKind: string | null;
  conversion: 'signup' | 'trial' | 'purchase' | 'goal' | null;
  goalId: string | null;
  properties: z.output<typeof properties>;
}): Step {
  const { name } = row;
  if (row.kind === 'page') return { kind: 'page', name, match: row.pathMatch ?? 'exact', path: row.path ?? '/' };
  if (row.kind === 'event') return { kind: 'event', name, event: row.eventKind ?? '', properties: row.properties };
  if (row.conversion === 'goal') return { kind: 'goal', name, goalId: row.goalId ?? '' };
  return { kind: 'conversion', name, conversion: row.conversion ?? 'signup' };
}
