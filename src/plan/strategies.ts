import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { factsForWriting } from '#src/plan/knowledge.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { type Item, type ItemKind, type Proposal, propose } from './strategies/propose.ts';
import { itemsOf } from './strategies/read.ts';

export { currentStrategy } from './strategies/read.ts';

export type StrategyMade = { id: string; version: number };

/**
 * Proposes a strategy from what is known of the app. The same knowledge proposes nothing new: the open proposal or the
 * current strategy is the answer. For the flow (the system asks) it does nothing once a strategy is current, or while
 * nothing is known; a person is told why.
 */
export async function proposeStrategy(context: Context, appId: string): Promise<StrategyMade | null> {
  return transaction(context, async (inside) => {
    const bySystem = inside.who.kind === 'system';
    const app = await lockApp(inside, appId);
    const facts = await factsForWriting(inside, appId);
    if (facts.length === 0) {
      if (bySystem) return null;
      throw refuse('conflict', 'no_knowledge', `Nothing is known of ${app.name} yet. Read its pages first.`);
    }
    const latest = await latestVersions(inside, appId);
    if (bySystem && latest.current) return latest.current;
    const proposal = propose({ app, facts, audiences: await audiencesOf(inside, appId) });
    for (const known of [latest.proposed, latest.current])
      if (known && (await isSame(inside, known, proposal))) return known;
    if (latest.proposed)
      await inside.tx
        .updateTable('strategies')
        .set({ state: 'superseded' })
        .where('id', '=', latest.proposed.id)
        .execute();
    const made = await writeVersion(inside, appId, {
      ...proposal,
      version: latest.number + 1,
      state: 'proposed',
      source: 'built_in',
      reason: 'Proposed from what your pages say.',
    });
    await record(inside, 'strategy.proposed', { subjectId: made.id, detail: { appId, version: made.version } });
    await audit(inside, { operation: 'strategies.propose', subject: made.id, after: { version: made.version } });
    return made;
  });
}

/** Makes a proposal the current strategy; the one before is superseded. Approving the current one changes nothing. */
export async function approveStrategy(context: Context, strategyId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const strategy = await lockStrategy(inside, strategyId);
    if (strategy.state === 'current') return;
    assertProposed(strategy.state, 'approved');
    await makeCurrent(inside, strategy);
    await audit(inside, { operation: 'strategies.approve', subject: strategyId, after: { version: strategy.version } });
  });
}

export async function declineStrategy(context: Context, strategyId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const strategy = await lockStrategy(inside, strategyId);
    if (strategy.state === 'declined') return;
    assertProposed(strategy.state, 'declined');
    await inside.tx
      .updateTable('strategies')
      .set({ state: 'declined', decidedBy: userOf(inside), decidedAt: inside.clock.now() })
      .where('id', '=', strategyId)
      .execute();
    await audit(inside, { operation: 'strategies.decline', subject: strategyId });
    await record(inside, 'strategy.declined', { subjectId: strategyId, detail: { appId: strategy.appId } });
  });
}

export type NewItem = {
  kind: ItemKind;
  statement: string;
  reasoning?: string | undefined;
  weight?: number | undefined;
  audienceId?: string | null | undefined;
  factIds?: readonly string[] | undefined;
};

export type StrategyChange = {
  /** A sentence for the history: why this version exists. */
  reason: string;
  add?: readonly NewItem[] | undefined;
  /** Ids of items; one of an older version means the item that says the same today. */
  remove?: readonly string[] | undefined;
  postsPerWeek?: number | undefined;
};

/**
 * Writes the next version of the strategy and makes it current (`strategy.approved` is recorded). It starts from the
 * current one, or from the open proposal when nothing is current yet; with neither it is refused (`no_strategy`).
 */
export async function reviseStrategy(
  inside: Inside,
  appId: string,
  change: StrategyChange,
  source: 'suggestion' | 'person',
): Promise<StrategyMade> {
  await lockApp(inside, appId);
  const latest = await latestVersions(inside, appId);
  const base = latest.current ?? latest.proposed;
  if (!base)
    throw refuse('conflict', 'no_strategy', 'There is no strategy to change yet. Propose one and approve it first.');
  const before = await inside.tx
    .selectFrom('strategies')
    .selectAll()
    .where('id', '=', base.id)
    .executeTakeFirstOrThrow();
  const removed = await saidBy(inside, change.remove ?? [], source);
  const kept = (await itemsOf(inside, base.id)).filter((item) => !removed.has(keyOf(item)));
  const added = (change.add ?? []).filter((item) => !kept.some((one) => keyOf(one) === keyOf(item)));
  const made = await writeVersion(inside, appId, {
    objective: before.objective,
    summary: before.summary,
    positioning: before.positioning,
    postsPerWeek: change.postsPerWeek ?? before.postsPerWeek,
    items: [
      ...kept.map((item) => ({ ...item, factIds: item.facts.map((fact) => fact.id) })),
      ...added.map((item) => ({
        kind: item.kind,
        statement: item.statement,
        reasoning: item.reasoning ?? change.reason,
        weight: item.weight ?? 1,
        audienceId: item.audienceId ?? null,
        factIds: [...(item.factIds ?? [])],
      })),
    ],
    version: latest.number + 1,
    state: 'proposed',
    source,
    reason: change.reason,
  });
  if (latest.proposed && latest.proposed.id === base.id)
    await inside.tx.updateTable('strategies').set({ state: 'superseded' }).where('id', '=', base.id).execute();
  await makeCurrent(inside, { ...made, appId });
  await audit(inside, {
    operation: 'strategies.revise',
    subject: made.id,
    before: { version: before.version },
    after: { version: made.version, reason: change.reason },
  });
  return made;
}

async function makeCurrent(inside: Inside, strategy: { id: string; appId: string; version: number }): Promise<void> {
  const { tx } = inside;
  await tx
    .updateTable('strategies')
    .set({ state: 'superseded' })
    .where('appId', '=', strategy.appId)
    .where('state', '=', 'current')
    .execute();
  await tx
    .updateTable('strategies')
    .set({ state: 'current', decidedBy: userOf(inside), decidedAt: inside.clock.now() })
    .where('id', '=', strategy.id)
    .execute();
  await setThemes(inside, strategy);
  await record(inside, 'strategy.approved', {
    subjectId: strategy.id,
    detail: { appId: strategy.appId, version: strategy.version },
  });
}

/** Pillars become themes. One that is no longer wanted keeps its row, with a share of 0: posts refer to it. */
async function setThemes(inside: Inside, strategy: { id: string; appId: string }): Promise<void> {
  const { tx, workspaceId } = inside;
  const pillars = (await itemsOf(inside, strategy.id)).filter((item) => item.kind === 'pillar');
  const total = pillars.reduce((sum, pillar) => sum + pillar.weight, 0);
  await tx.updateTable('contentThemes').set({ share: 0 }).where('appId', '=', strategy.appId).execute();
  for (const pillar of pillars) {
    const values = { share: total > 0 ? pillar.weight / total : 0, factId: pillar.facts[0]?.id ?? null };
    await tx
      .insertInto('contentThemes')
      .values({ workspaceId, appId: strategy.appId, name: pillar.statement, ...values })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'name']).doUpdateSet(values))
      .execute();
  }
}

async function writeVersion(
  inside: Inside,
  appId: string,
  wanted: Proposal & {
    version: number;
    state: 'proposed';
    source: 'built_in' | 'suggestion' | 'person';
    reason: string;
  },
): Promise<StrategyMade> {
  const { tx, workspaceId } = inside;
  const { items, ...values } = wanted;
  const strategy = await tx
    .insertInto('strategies')
    .values({ workspaceId, appId, ...values, createdBy: userOf(inside), createdAt: inside.clock.now() })
    .returning(['id', 'version'])
    .executeTakeFirstOrThrow();
  for (const [position, { factIds, kind, statement, reasoning, weight, audienceId }] of items.entries()) {
    const item = await tx
      .insertInto('strategyItems')
      .values({ workspaceId, strategyId: strategy.id, position, kind, statement, reasoning, weight, audienceId })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (factIds.length > 0)
      await tx
        .insertInto('strategyItemFacts')
        .values(factIds.map((factId) => ({ workspaceId, strategyItemId: item.id, factId })))
        .execute();
  }
  return strategy;
}

async function latestVersions({ tx }: Inside, appId: string) {
  const rows = await tx
    .selectFrom('strategies')
    .select(['id', 'version', 'state'])
    .where('appId', '=', appId)
    .orderBy('version', 'desc')
    .execute();
  const pick = (state: string): StrategyMade | undefined => {
    const row = rows.find((one) => one.state === state);
    return row && { id: row.id, version: row.version };
  };
  return { number: rows[0]?.version ?? 0, proposed: pick('proposed'), current: pick('current') };
}

async function audiencesOf({ tx }: Inside, appId: string) {
  const audiences = await tx
    .selectFrom('audiences')
    .select(['id', 'name', 'description', 'confidence'])
    .where('appId', '=', appId)
    .where('state', '<>', 'retired')
    .orderBy('confidence', (order) => order.desc().nullsFirst())
    .execute();
  const platforms = await tx
    .selectFrom('audiencePlatforms')
    .innerJoin('audiences', 'audiences.id', 'audiencePlatforms.audienceId')
    .select(['audienceId', 'platform', 'presence', 'reasoning'])
    .where('audiences.appId', '=', appId)
    .execute();
  return audiences.map((audience) => ({
    ...audience,
    platforms: platforms.filter((platform) => platform.audienceId === audience.id),
  }));
}

async function isSame(inside: Inside, known: StrategyMade, proposal: Proposal): Promise<boolean> {
  const row = await inside.tx
    .selectFrom('strategies')
    .select(['objective', 'positioning', 'postsPerWeek', 'source'])
    .where('id', '=', known.id)
    .executeTakeFirstOrThrow();
  const items = await itemsOf(inside, known.id);
  return (
    row.source === 'built_in' &&
    row.objective === proposal.objective &&
    row.positioning === proposal.positioning &&
    row.postsPerWeek === proposal.postsPerWeek &&
    JSON.stringify(items.map(outline)) === JSON.stringify(proposal.items.map(outline))
  );
}

function outline(item: { kind: string; statement: string; reasoning: string }): string {
  return `${keyOf(item)} ${item.reasoning}`;
}

async function saidBy(
  { tx }: Inside,
  itemIds: readonly string[],
  source: 'suggestion' | 'person',
): Promise<Set<string>> {
  if (itemIds.length === 0) return new Set();
  const rows = await tx
    .selectFrom('strategyItems')
    .select(['kind', 'statement'])
    .where('id', 'in', [...itemIds])
    .execute();
  // A suggestion may be older than the strategy; a person names what they see.
  if (source === 'person' && rows.length < new Set(itemIds.map((one) => one.toLowerCase())).size)
    throw notFound('strategy item');
  return new Set(rows.map(keyOf));
}

/** Two items are the same when they are of one kind and say the same. */
export function keyOf(item: Pick<Item, 'statement'> & { kind: string }): string {
  return `${item.kind} ${item.statement}`;
}

async function lockApp({ tx }: Inside, appId: string) {
  const app = await tx
    .selectFrom('apps')
    .select(['id', 'name', 'tagline', 'stage'])
    .where('id', '=', appId)
    .forUpdate()
    .executeTakeFirst();
  if (!app) throw notFound('app');
  return app;
}

async function lockStrategy({ tx }: Inside, strategyId: string) {
  const strategy = await tx
    .selectFrom('strategies')
    .select(['id', 'appId', 'version', 'state'])
    .where('id', '=', strategyId)
    .forUpdate()
    .executeTakeFirst();
  if (!strategy) throw notFound('strategy');
  return strategy;
}

function assertProposed(state: string, what: string): void {
  if (state !== 'proposed')
    throw refuse('conflict', `strategy_${state}`, `This version is ${state}. Only a proposal can be ${what}.`);
}
