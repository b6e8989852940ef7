import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { uncountCredits } from '#src/measure/attribution/days.ts';
import { customerBehind } from '#src/measure/identities.ts';
import { countSignup } from '#src/measure/rollups.ts';

export { goalOperations } from '#src/measure/conversions/goals.ts';
export { conversionOperations } from '#src/measure/conversions/list.ts';

export type Money = { minor: bigint; currency: string };

/** An event that may be a conversion. `visit` is the visit it happened in, or the one its click led to. */
export type Happening = {
  id: string;
  appId: string;
  kind: string;
  at: Date;
  path: string | null;
  person: string | null;
  customerId?: string;
  visitor: string | null;
  visit: {
    id: string;
    source: string;
    channel: string;
    device: string | null;
    country: string | null;
    utmCampaign: string | null;
    postId: string | null;
  } | null;
  value: Money | null;
};

/** A signup told by the page and by the app's server is one, when they are no further apart. */
const SAME_SIGNUP = 86_400_000;

/**
 * Makes conversions of the events that are some: signups, trials and the app's own goals, each once however often it
 * is told. Tells the flow once per app.
 */
export async function convert(inside: Inside, happenings: readonly Happening[]): Promise<void> {
  if (happenings.length === 0) return;
  const goals = await goalsOf(inside, [...new Set(happenings.map(({ appId }) => appId))]);
  const made = new Map<string, number>();
  const count = (appId: string, isNew: boolean) => {
    if (isNew) made.set(appId, (made.get(appId) ?? 0) + 1);
  };
  for (const happening of happenings) {
    if (happening.kind === 'signup') count(happening.appId, await signUp(inside, happening));
    if (happening.kind === 'trial') count(happening.appId, await startTrial(inside, happening));
    for (const goal of goals)
      if (goal.appId === happening.appId && reaches(goal, happening))
        count(happening.appId, await reachGoal(inside, goal, happening));
  }
  for (const [appId, times] of made) await tellConversions(inside, appId, times);
}

/** Lets the flow know that there is something to attribute. */
export async function tellConversions(inside: Inside, appId: string, times: number): Promise<void> {
  await record(inside, 'conversion.made', { subjectId: appId, detail: { times } });
}

/**
 * The conversion of a payment, once. When the provider later states another amount, the conversion follows and is
 * attributed anew. True when it is new or changed.
 */
export async function recordPurchase(
  { tx, workspaceId }: Inside,
  payment: { id: string; appId: string; customerId: string | null; paidAt: Date; amount: bigint; currency: string },
): Promise<boolean> {
  const row = await tx
    .insertInto('conversions')
    .values({
      workspaceId,
      appId: payment.appId,
      kind: 'purchase',
      customerId: payment.customerId,
      paymentId: payment.id,
      occurredAt: payment.paidAt,
      valueMinor: String(payment.amount),
      currency: payment.currency,
      dedupe: `purchase:${payment.id}`,
    })
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'appId', 'dedupe'])
        .doUpdateSet({
          valueMinor: String(payment.amount),
          currency: payment.currency,
          occurredAt: payment.paidAt,
          customerId: payment.customerId,
          attributedAt: null,
        })
        .where(
          sql<boolean>`(conversions.value_minor, conversions.currency, conversions.occurred_at, conversions.customer_id)
            is distinct from (excluded.value_minor, excluded.currency, excluded.occurred_at, excluded.customer_id)`,
        ),
    )
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A trial the payment provider tells of: one per customer. True when it is new. */
export async function recordTrial(
  inside: Inside,
  trial: { appId: string; customerId: string; startedAt: Date },
): Promise<boolean> {
  return insert(inside, {
    appId: trial.appId,
    kind: 'trial',
    customerId: trial.customerId,
    occurredAt: trial.startedAt,
    dedupe: trialOf(trial.customerId),
  });
}

/**
 * What `from` did was done by `into`: for customers found to be one person. They are attributed anew. Where both did
 * what a customer does once, that is one happening now, of the earlier time.
 */
export async function moveConversions(inside: Inside, from: string, into: string): Promise<void> {
  const { tx } = inside;
  const own = await tx
    .selectFrom('conversions')
    .select(['id', 'appId', 'dedupe', 'occurredAt'])
    .where('customerId', '=', from)
    .execute();
  for (const conversion of own) {
    const dedupe = conversion.dedupe === trialOf(from) ? trialOf(into) : conversion.dedupe;
    const same =
      dedupe === conversion.dedupe
        ? undefined
        : await tx
            .selectFrom('conversions')
            .select(['id', 'occurredAt'])
            .where('appId', '=', conversion.appId)
            .where('dedupe', '=', dedupe)
            .executeTakeFirst();
    if (same) {
      await uncountCredits(inside, { conversionIds: [conversion.id] });
      await tx.deleteFrom('conversions').where('id', '=', conversion.id).execute();
      await tx
        .updateTable('conversions')
        .set({
          occurredAt: conversion.occurredAt < same.occurredAt ? conversion.occurredAt : same.occurredAt,
          attributedAt: null,
        })
        .where('id', '=', same.id)
        .execute();
      continue;
    }
    await tx
      .updateTable('conversions')
      .set({ customerId: into, dedupe, attributedAt: null })
      .where('id', '=', conversion.id)
      .execute();
  }
}

/** More is known of where a customer came from: what could not be attributed is tried again. Credits given stay. */
export async function reopenConversions(inside: Inside, customerId: string): Promise<void> {
  const { tx } = inside;
  await tx
    .updateTable('conversions')
    .set({ attributedAt: null })
    .where('customerId', '=', customerId)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('credits')
          .select('credits.id')
          .whereRef('credits.conversionId', '=', 'conversions.id')
          .where('credits.touchId', 'is', null),
      ),
    )
    .execute();
  // Also those that were looked at while nobody knew whose they are: without a word they would wait for the next hour.
  const waiting = await tx
    .selectFrom('conversions')
    .select((eb) => ['appId', eb.cast<number>(eb.fn.countAll(), 'integer').as('times')])
    .where('customerId', '=', customerId)
    .where('attributedAt', 'is', null)
    .groupBy('appId')
    .execute();
  for (const { appId, times } of waiting) await tellConversions(inside, appId, times);
}

/** Closes conversions whose credits are written. */
export async function closeConversions({ tx, clock }: Inside, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.updateTable('conversions').set({ attributedAt: clock.now() }).where('id', 'in', ids).execute();
}

async function signUp(inside: Inside, one: Happening): Promise<boolean> {
  if (one.person === null) {
    const known = one.visitor === null ? null : await customerBehind(inside, one.appId, 'visitor', one.visitor);
    if (known && (await hasSignedUp(inside, known))) return false;
  } else if (await adoptSignup(inside, one)) return false;
  const isNew = await insert(inside, {
    ...from(one),
    kind: 'signup',
    dedupe: one.person === null ? `signup:visitor:${one.visitor ?? one.id}` : `signup:${one.person}`,
  });
  if (isNew) await countSignup(inside, { appId: one.appId, at: one.at, visit: one.visit });
  return isNew;
}

/** The page told of this signup before the server did: now we know who it was. */
async function adoptSignup({ tx }: Inside, one: Happening): Promise<boolean> {
  if (one.visitor === null || one.customerId === undefined) return false;
  const told = await tx
    .selectFrom('conversions')
    .select('id')
    .where('appId', '=', one.appId)
    .where('kind', '=', 'signup')
    .where('customerId', 'is', null)
    .where('visitor', '=', one.visitor)
    .where('occurredAt', '>=', new Date(one.at.getTime() - SAME_SIGNUP))
    .where('occurredAt', '<=', new Date(one.at.getTime() + SAME_SIGNUP))
    .orderBy('occurredAt', 'desc')
    .executeTakeFirst();
  const dedupe = `signup:${one.person}`;
  const already = await tx
    .selectFrom('conversions')
    .select('id')
    .where('appId', '=', one.appId)
    .where('dedupe', '=', dedupe)
    .executeTakeFirst();
  if (!told || already) return false;
  await tx.updateTable('conversions').set({ customerId: one.customerId, dedupe }).where('id', '=', told.id).execute();
  return true;
}

async function hasSignedUp({ tx }: Inside, customerId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('conversions')
    .select('id')
    .where('customerId', '=', customerId)
    .where('kind', '=', 'signup')
    .executeTakeFirst();
  return row !== undefined;
}

async function startTrial(inside: Inside, one: Happening): Promise<boolean> {
  const customerId =
    one.customerId ??
    (one.visitor === null ? null : await customerBehind(inside, one.appId, 'visitor', one.visitor)) ??
    undefined;
  return insert(inside, {
    ...from(one),
    ...(customerId === undefined ? {} : { customerId }),
    kind: 'trial',
    dedupe: customerId === undefined ? `trial:visitor:${one.visitor ?? one.id}` : trialOf(customerId),
  });
}

/** A customer has one trial, whoever tells of it. */
function trialOf(customerId: string): string {
  return `trial:${customerId}`;
}

export type Goal = Awaited<ReturnType<typeof goalsOf>>[number];

/** The goals of these apps. */
export async function goalsOf({ tx }: Pick<Inside, 'tx'>, appIds: string[]) {
  return appIds.length === 0 ? [] : tx.selectFrom('goals').selectAll().where('appId', 'in', appIds).execute();
}

/** Whether an event can be a conversion at all: most are none, and nothing has to be asked for them. */
export function mayConvert(goals: readonly Goal[], one: Pick<Happening, 'appId' | 'kind' | 'path'>): boolean {
  if (one.kind === 'signup' || one.kind === 'trial') return true;
  return goals.some((goal) => goal.appId === one.appId && reaches(goal, one));
}

function reaches(goal: Goal, one: Pick<Happening, 'kind' | 'path'>): boolean {
  if (goal.eventKind !== null) return goal.eventKind === one.kind;
  if (goal.pathPattern === null || one.path === null || one.kind !== 'pageview') return false;
  const pattern = goal.pathPattern.split('*').map((text) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${pattern.join('.*')}$`).test(one.path);
}

function reachGoal(inside: Inside, goal: Goal, one: Happening): Promise<boolean> {
  const fixed =
    goal.valueMinor !== null && goal.currency !== null
      ? { minor: BigInt(goal.valueMinor), currency: goal.currency }
      : null;
  return insert(inside, {
    ...from(one),
    kind: 'goal',
    goalId: goal.id,
    value: one.value ?? fixed,
    dedupe: `goal:${goal.id}:${one.visit?.id ?? one.person ?? one.id}`,
  });
}

function from(one: Happening) {
  return {
    appId: one.appId,
    customerId: one.customerId ?? null,
    visitor: one.visitor,
    visitId: one.visit?.id ?? null,
    eventId: one.id,
    occurredAt: one.at,
    value: one.value,
  };
}

async function insert(
  { tx, workspaceId }: Inside,
  {
    value = null,
    ...row
  }: {
    appId: string;
    kind: 'signup' | 'trial' | 'goal';
    goalId?: string;
    customerId: string | null;
    visitor?: string | null;
    visitId?: string | null;
    eventId?: string;
    occurredAt: Date;
    value?: Money | null;
    dedupe: string;
  },
): Promise<boolean> {
  const made = await tx
    .insertInto('conversions')
    .values({ workspaceId, ...row, valueMinor: String(value?.minor ?? 0), currency: value?.currency ?? null })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'dedupe']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return made !== undefined;
}
