import { Temporal } from 'temporal-polyfill';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { cancelCampaign, createCampaign } from '#src/plan/campaigns.ts';
import { draftWeek } from '#src/plan/draft.ts';
import { createPost, removePost } from '#src/plan/posts.ts';
import { currentStrategy, reviseStrategy } from '#src/plan/strategies.ts';
import { refuse } from '#src/refusal.ts';
import type { Makes, StrategyChange } from './kind.ts';
import { placeOpen } from './order.ts';
import { decide, moveTo, type State, suggestionOf } from './states.ts';

export type Accepted = {
  state: State;
  strategyVersion: number | null;
  postIds: string[];
  campaignId: string | null;
  /** So many more drafts are being written. */
  writing: number;
};

/**
 * Accepts a suggestion. In the same transaction: the next version of the strategy when one is current (a suggestion that
 * changes nothing stands there as something to try), a campaign and drafts where the kind makes them, and a due day for
 * each step. Drafts that have to be written from knowledge follow by `draftAccepted`.
 */
export function acceptSuggestion(context: Context, suggestionId: string, note?: string): Promise<Accepted> {
  return transaction(context, async (inside) => {
    const suggestion = await moveTo(inside, suggestionId, 'accepted');
    const makes = suggestion.makes as Makes;
    const revised = await revise(inside, suggestion);
    const campaign = makes.campaign
      ? await createCampaign(inside, { appId: suggestion.appId, strategyId: revised?.id ?? null, ...makes.campaign })
      : null;
    const postIds: string[] = [];
    const platform = await platformFor(inside);
    for (const { title, text, kind } of makes.drafts ?? []) {
      const variants = [{ platform, parts: [{ text }] }];
      const post = await createPost(inside, {
        appId: suggestion.appId,
        campaignId: campaign?.id ?? null,
        title: title.slice(0, 300),
        kind,
        variants,
      });
      postIds.push(post.id);
    }
    await noteMade(inside, suggestionId, [
      ...(revised ? [{ what: 'strategy' as const, rowId: revised.id }] : []),
      ...(campaign ? [{ what: 'campaign' as const, rowId: campaign.id }] : []),
      ...postIds.map((rowId) => ({ what: 'post' as const, rowId })),
    ]);
    await setDueDays(inside, suggestionId, suggestion.timeFrameDays ?? 28);
    await decide(inside, suggestionId, 'accepted', note, revised?.id ?? null);
    await placeOpen(inside, suggestion.appId);
    await record(inside, 'suggestion.accepted', {
      subjectId: suggestionId,
      detail: { appId: suggestion.appId, strategyId: revised?.id ?? null, strategyVersion: revised?.version ?? null },
    });
    return {
      state: 'accepted',
      strategyVersion: revised?.version ?? null,
      postIds,
      campaignId: campaign?.id ?? null,
      writing: makes.write ?? 0,
    };
  });
}

/**
 * Writes the drafts an accepted suggestion asked for, from knowledge and templates or by the model. Null when there are
 * none to write, they are there already, the accept was taken back meanwhile, or nothing is known of the app. Safe to run
 * twice, also at once. Not inside a transaction.
 */
export async function draftAccepted(context: Context, suggestionId: string): Promise<string[] | null> {
  const wanted = await transaction(context, (inside) => draftsWanted(inside, suggestionId));
  if (!wanted) return null;
  const { postIds } = await draftWeek(context, wanted, {
    areWanted: async (inside) => (await draftsWanted(inside, suggestionId)) !== null,
    note: (inside, ids) =>
      noteMade(
        inside,
        suggestionId,
        ids.map((rowId) => ({ what: 'post' as const, rowId })),
      ),
  });
  return postIds.length > 0 ? postIds : null;
}

/** The suggestion is held until the transaction ends. */
async function draftsWanted(inside: Inside, suggestionId: string) {
  const { appId, state, makes } = await suggestionOf(inside, suggestionId);
  const count = (makes as Makes).write ?? 0;
  if (count === 0 || !['accepted', 'in_progress'].includes(state)) return null;
  const made = await madeBy(inside, suggestionId);
  if (made.some(({ what }) => what === 'post')) return null;
  const known = await inside.tx
    .selectFrom('facts')
    .select('id')
    .where('appId', '=', appId)
    .where('state', '<>', 'retired')
    .executeTakeFirst();
  return known ? { appId, count, campaignId: made.find(({ what }) => what === 'campaign')?.rowId ?? null } : null;
}

/**
 * Takes an accept back, as long as no work has begun: its items leave the strategy by one more version, drafts nobody has
 * brought further are removed, a campaign that is still a draft is cancelled. The suggestion is proposed again.
 */
export function undoAccept(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return transaction(context, async (inside) => {
    const suggestion = await suggestionOf(inside, suggestionId);
    if (suggestion.state !== 'accepted')
      throw refuse('conflict', 'suggestion_state', 'Only what was accepted and not begun yet can be taken back.');
    await moveTo(inside, suggestionId, 'proposed');
    const made = await madeBy(inside, suggestionId);
    for (const { what, rowId } of made) {
      if (what === 'strategy') await takeOut(inside, suggestion.appId, rowId, suggestion);
      if (what === 'post' && (await isDraft(inside, 'posts', rowId))) await removePost(inside, rowId);
      if (what === 'campaign' && (await isDraft(inside, 'campaigns', rowId))) await cancelCampaign(inside, rowId);
    }
    await inside.tx.deleteFrom('suggestionMakings').where('suggestionId', '=', suggestionId).execute();
    await inside.tx
      .updateTable('suggestionActions')
      .set({ dueOn: null })
      .where('suggestionId', '=', suggestionId)
      .execute();
    await decide(inside, suggestionId, 'proposed', note, null);
    await placeOpen(inside, suggestion.appId);
    await record(inside, 'suggestion.reopened', { subjectId: suggestionId, detail: { appId: suggestion.appId } });
    return { state: 'proposed' };
  });
}

type Changing = { appId: string; title: string; reasoning: string; strategyChange: unknown };

async function revise(inside: Inside, suggestion: Changing) {
  if (!(await currentStrategy(inside, suggestion.appId))) return null;
  return reviseStrategy(
    inside,
    suggestion.appId,
    { reason: `Suggestion accepted: ${suggestion.title}.`, ...changeOf(suggestion) },
    'suggestion',
  );
}

/** What it proposes for the strategy; when that is nothing, that it is being tried. */
function changeOf({ title, reasoning, strategyChange }: Changing): StrategyChange {
  const change = strategyChange as StrategyChange;
  const changes = (change.add?.length ?? 0) > 0 || change.postsPerWeek !== undefined;
  return changes ? change : { add: [{ kind: 'experiment', statement: `${title}.`, reasoning }] };
}

async function takeOut(inside: Inside, appId: string, strategyId: string, suggestion: Changing): Promise<void> {
  const current = await currentStrategy(inside, appId);
  const statements = (changeOf(suggestion).add ?? []).map(({ statement }) => statement);
  if (!current || statements.length === 0) return;
  const items = await inside.tx
    .selectFrom('strategyItems')
    .select(['id', 'statement'])
    .where('strategyId', '=', current.id)
    .where('statement', 'in', statements)
    .execute();
  if (items.length === 0) return;
  const before = await inside.tx
    .selectFrom('strategies as made')
    .innerJoin('strategies as base', (join) =>
      join.onRef('base.appId', '=', 'made.appId').on((eb) => eb('base.version', '=', eb('made.version', '-', 1))),
    )
    .innerJoin('strategyItems as i', 'i.strategyId', 'base.id')
    .select('i.statement')
    .where('made.id', '=', strategyId)
    .execute();
  // What stood there before the suggestion stays.
  const added = items.filter(({ statement }) => !before.some((one) => one.statement === statement));
  if (added.length === 0) return;
  await reviseStrategy(
    inside,
    appId,
    { reason: `Suggestion taken back: ${suggestion.title}.`, remove: added.map(({ id }) => id) },
    'suggestion',
  );
}

async function isDraft({ tx }: Inside, table: 'posts' | 'campaigns', id: string): Promise<boolean> {
  const row = await tx.selectFrom(table).select('status').where('id', '=', id).executeTakeFirst();
  return row?.status === 'draft';
}

/** The platform a draft is written for: that of the first account that can post. */
async function platformFor({ tx }: Inside): Promise<string> {
  const account = await tx
    .selectFrom('accounts')
    .select('platform')
    .where('status', 'in', ['connected', 'paused'])
    .orderBy('connectedAt')
    .executeTakeFirst();
  return account?.platform ?? 'x';
}

async function noteMade(
  { tx, workspaceId, clock }: Inside,
  suggestionId: string,
  made: readonly { what: 'post' | 'campaign' | 'strategy'; rowId: string }[],
): Promise<void> {
  if (made.length === 0) return;
  const madeAt = clock.now();
  await tx
    .insertInto('suggestionMakings')
    .values(made.map((one) => ({ workspaceId, suggestionId, ...one, madeAt })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

function madeBy({ tx }: Inside, suggestionId: string) {
  return tx
    .selectFrom('suggestionMakings')
    .select(['what', 'rowId'])
    .where('suggestionId', '=', suggestionId)
    .orderBy('madeAt')
    .execute();
}

/** Spreads the steps over the time it should take, four weeks at the most. */
async function setDueDays(inside: Inside, suggestionId: string, timeFrameDays: number): Promise<void> {
  const steps = await inside.tx
    .selectFrom('suggestionActions')
    .select('position')
    .where('suggestionId', '=', suggestionId)
    .orderBy('position')
    .execute();
  const { timeZone } = await inside.tx
    .selectFrom('workspaces')
    .select('timeZone')
    .where('id', '=', inside.workspaceId)
    .executeTakeFirstOrThrow();
  const today = Temporal.Instant.fromEpochMilliseconds(inside.clock.now().getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  const span = Math.min(28, timeFrameDays);
  for (const [index, { position }] of steps.entries()) {
    const dueOn = today.add({ days: Math.ceil(((index + 1) / steps.length) * span) }).toString();
    await inside.tx
      .updateTable('suggestionActions')
      .set({ dueOn })
      .where('suggestionId', '=', suggestionId)
      .where('position', '=', position)
      .execute();
  }
}
