import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { itemKinds, objectives } from './propose.ts';

export const strategyStates = ['proposed', 'current', 'superseded', 'declined'] as const;

export const shownItem = z.object({
  id,
  kind: z.enum(itemKinds),
  position: z.int(),
  statement: z.string(),
  reasoning: z.string(),
  weight: z.number(),
  audienceId: id.nullable(),
  audienceName: z.string().nullable(),
  facts: z.array(
    z.object({ id, kind: z.string(), statement: z.string(), quote: z.string().nullable(), url: z.string().nullable() }),
  ),
});
export type ShownItem = z.input<typeof shownItem>;

export const listedStrategy = z.object({
  id,
  appId: id,
  version: z.int(),
  state: z.enum(strategyStates),
  objective: z.enum(objectives),
  summary: z.string(),
  positioning: z.string(),
  postsPerWeek: z.int(),
  source: z.enum(['built_in', 'model', 'person', 'suggestion']),
  reason: z.string().nullable(),
  createdBy: z.string().nullable(),
  createdAt: z.date(),
  decidedBy: z.string().nullable(),
  decidedAt: z.date().nullable(),
});
export const shownStrategy = listedStrategy.extend({ items: z.array(shownItem) });

function strategies({ tx }: Inside) {
  return tx
    .selectFrom('strategies')
    .leftJoin('users as creator', 'creator.id', 'strategies.createdBy')
    .leftJoin('users as decider', 'decider.id', 'strategies.decidedBy')
    .select(['strategies.id', 'strategies.appId', 'version', 'state', 'objective', 'summary', 'positioning'])
    .select(['postsPerWeek', 'source', 'reason', 'creator.name as createdBy', 'strategies.createdAt'])
    .select(['decider.name as decidedBy', 'decidedAt']);
}

/** One version with its items and what they rest on. */
export async function readStrategy(inside: Inside, strategyId: string): Promise<z.input<typeof shownStrategy>> {
  const strategy = await strategies(inside).where('strategies.id', '=', strategyId).executeTakeFirst();
  if (!strategy) throw notFound('strategy');
  return { ...strategy, items: await itemsOf(inside, strategyId) };
}

/** The strategy that counts for an app; null when none was approved yet. */
export async function currentStrategy(inside: Inside, appId: string): Promise<z.input<typeof shownStrategy> | null> {
  const row = await strategies(inside)
    .where('strategies.appId', '=', appId)
    .where('state', '=', 'current')
    .executeTakeFirst();
  return row ? { ...row, items: await itemsOf(inside, row.id) } : null;
}

export async function listStrategies(inside: Inside, appId: string): Promise<z.input<typeof listedStrategy>[]> {
  return strategies(inside).where('strategies.appId', '=', appId).orderBy('version', 'desc').execute();
}

export async function itemsOf({ tx }: Inside, strategyId: string): Promise<ShownItem[]> {
  const items = await tx
    .selectFrom('strategyItems')
    .leftJoin('audiences', 'audiences.id', 'strategyItems.audienceId')
    .select(['strategyItems.id', 'kind', 'position', 'statement', 'reasoning', 'weight', 'audienceId'])
    .select('audiences.name as audienceName')
    .where('strategyId', '=', strategyId)
    .orderBy('position')
    .execute();
  const facts = await tx
    .selectFrom('strategyItemFacts')
    .innerJoin('strategyItems', 'strategyItems.id', 'strategyItemFacts.strategyItemId')
    .innerJoin('facts', 'facts.id', 'strategyItemFacts.factId')
    .leftJoin('evidence', 'evidence.factId', 'facts.id')
    .distinctOn(['strategyItemFacts.strategyItemId', 'facts.confidence', 'facts.id'])
    .select(['strategyItemFacts.strategyItemId', 'facts.id', 'facts.kind', 'facts.statement'])
    .select(['evidence.quote', 'evidence.url'])
    .where('strategyItems.strategyId', '=', strategyId)
    .orderBy('strategyItemFacts.strategyItemId')
    .orderBy('facts.confidence', 'desc')
    .orderBy('facts.id')
    .orderBy('evidence.seenAt', 'desc')
    .execute();
  return items.map((item) => ({
    ...item,
    facts: facts.filter((fact) => fact.strategyItemId === item.id).map(({ strategyItemId: _, ...fact }) => fact),
  }));
}

const change = z.object({ field: z.string(), before: z.string(), after: z.string() });
export const strategyDiff = z.object({
  from: listedStrategy,
  to: listedStrategy,
  settings: z.array(change),
  added: z.array(shownItem),
  removed: z.array(shownItem),
  changed: z.array(z.object({ before: shownItem, after: shownItem, fields: z.array(z.string()) })),
});

/** What the later version says otherwise. Items are the same when kind and statement are. */
export async function diffStrategies(
  inside: Inside,
  fromId: string,
  toId: string,
): Promise<z.input<typeof strategyDiff>> {
  const { items: before, ...from } = await readStrategy(inside, fromId);
  const { items: after, ...to } = await readStrategy(inside, toId);
  if (from.appId !== to.appId)
    throw refuse('invalid', 'other_app', 'These are strategies of two apps. Compare versions of one.');
  const match = (item: ShownItem, others: readonly ShownItem[]) =>
    others.find((other) => other.kind === item.kind && other.statement === item.statement);
  return {
    from,
    to,
    settings: (['objective', 'postsPerWeek', 'positioning', 'summary'] as const)
      .filter((field) => from[field] !== to[field])
      .map((field) => ({ field, before: String(from[field]), after: String(to[field]) })),
    added: after.filter((item) => !match(item, before)),
    removed: before.filter((item) => !match(item, after)),
    changed: after.flatMap((item) => {
      const old = match(item, before);
      if (!old) return [];
      const fields = (['weight', 'reasoning', 'audienceId'] as const).filter((field) => old[field] !== item[field]);
      return fields.length > 0 ? [{ before: old, after: item, fields }] : [];
    }),
  };
}
