import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { activeApps } from '#src/grow/active-apps.ts';
import { dayMs, dayOf, weekStart } from '#src/grow/detectors/detector.ts';
import { audit } from '#src/people/audit.ts';
import { currentStrategy, reviseStrategy } from '#src/plan/strategies.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type Idea, ideaFor, type StrategyChange } from './suggestions/ideas.ts';
import { measureResult, type Result } from './suggestions/results.ts';
import { estimateReturn, type Return, starterReturn } from './suggestions/returns.ts';
import { readStarters } from './suggestions/starters.ts';
import { mustAllow, type State } from './suggestions/states.ts';

/** A dismissed idea is not brought up again for this long. */
const quietDays = 90;

/**
 * Suggests what to do about an insight. The same idea is not made twice while one is open, nor for 90 days after it was
 * dismissed. Returns the suggestion's id, or null when there is nothing to suggest. Safe to run twice.
 */
export function suggestGrowth(context: Context, insightId: string): Promise<string | null> {
  return transaction(context, async (inside) => {
    const insight = await inside.tx.selectFrom('insights').selectAll().where('id', '=', insightId).executeTakeFirst();
    if (!insight) throw notFound('insight');
    const idea = ideaFor(insight);
    if (!idea) return null;
    const about = `${insight.detector}:${insight.subject}:${insight.direction ?? 'fact'}`;
    if (await isOpenOrDismissed(inside, insight.appId, about)) return null;
    const dedupe = `${about}:${dayOf(weekStart(insight.foundAt))}`;
    return propose(inside, { appId: insight.appId, insightId, dedupe }, idea, await estimateReturn(inside, insight));
  });
}

/**
 * Proposes the first steps that an app still lacks, and settles those that are in place by now: a step nobody had
 * accepted is dismissed, an accepted one is done. Returns how many were proposed. Safe to run twice.
 */
export function suggestStarters(context: Context, appId: string): Promise<number> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    let proposed = 0;
    for (const { name, inPlace, idea } of await readStarters(inside, appId)) {
      const dedupe = `starter:${name}`;
      if (inPlace) await settleStarter(inside, appId, dedupe);
      else if (await propose(inside, { appId, insightId: null, dedupe }, idea, starterReturn)) proposed++;
    }
    return proposed;
  });
}

/** For the daily clock: the first steps of every active app. Safe to run twice. */
export async function suggestAllStarters(context: Context): Promise<void> {
  for (const app of await activeApps(context)) await suggestStarters(context, app.id);
}

export type Accepted = { state: State; strategyVersion: number | null };

/**
 * Accepts a suggestion and, when a strategy is current, writes its next version in the same transaction; the decision
 * names that version. A suggestion that proposes no change of its own stands in the strategy as something to try, so
 * that what was decided can be read there. Without a current strategy nothing is revised.
 */
export function acceptSuggestion(context: Context, suggestionId: string, note?: string): Promise<Accepted> {
  return transaction(context, async (inside) => {
    const suggestion = await move(inside, suggestionId, 'accepted');
    const change = suggestion.strategyChange as StrategyChange;
    const changes = (change.add?.length ?? 0) > 0 || change.postsPerWeek !== undefined;
    const toTry = { kind: 'experiment' as const, statement: `${suggestion.title}.`, reasoning: suggestion.reasoning };
    const revised = (await currentStrategy(inside, suggestion.appId))
      ? await reviseStrategy(
          inside,
          suggestion.appId,
          { reason: `Suggestion accepted: ${suggestion.title}.`, ...(changes ? change : { add: [toTry] }) },
          'suggestion',
        )
      : null;
    await decide(inside, suggestionId, 'accepted', note, revised?.id ?? null);
    await record(inside, 'suggestion.accepted', {
      subjectId: suggestionId,
      detail: { appId: suggestion.appId, strategyId: revised?.id ?? null, strategyVersion: revised?.version ?? null },
    });
    return { state: 'accepted', strategyVersion: revised?.version ?? null };
  });
}

export function startSuggestion(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return simplyMove(context, suggestionId, 'in_progress', 'suggestion.started', note);
}

/** Done: what it changed is measured by `measureSuggestion`, four weeks later at the earliest. */
export function completeSuggestion(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return simplyMove(context, suggestionId, 'done', 'suggestion.done', note);
}

export function dismissSuggestion(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return simplyMove(context, suggestionId, 'dismissed', 'suggestion.dismissed', note);
}

/** Ticks a step off, or on again. */
export function completeAction(
  context: Context,
  suggestionId: string,
  position: number,
  isDone: boolean,
): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('suggestionActions')
      .set(isDone ? { doneAt: inside.clock.now(), doneBy: userOf(inside) } : { doneAt: null, doneBy: null })
      .where('suggestionId', '=', suggestionId)
      .where('position', '=', position)
      .returning('position')
      .executeTakeFirst();
    if (!row) throw notFound('step of a suggestion');
  });
}

/**
 * Measures what a done suggestion changed and keeps it; null while it is not done. Until the weeks after it are over,
 * or with too little counted, the verdict is "not enough data" with the reason. Safe to run twice.
 */
export function measureSuggestion(context: Context, suggestionId: string): Promise<Result | null> {
  return transaction(context, async (inside) => {
    const suggestion = await suggestionOf(inside, suggestionId);
    if (suggestion.state !== 'done') return null;
    const decisions = await inside.tx
      .selectFrom('suggestionDecisions')
      .select(['toState', 'decidedAt'])
      .where('suggestionId', '=', suggestionId)
      .execute();
    const doneAt = decisions.find(({ toState }) => toState === 'done')?.decidedAt;
    if (!doneAt) return null;
    const acceptedAt = decisions.find(({ toState }) => toState === 'accepted')?.decidedAt ?? doneAt;
    const result = await measureResult(inside, suggestion, acceptedAt, doneAt);
    const { metric, ...values } = result;
    const measured = { ...values, measuredAt: inside.clock.now() };
    await inside.tx
      .insertInto('suggestionResults')
      .values({ workspaceId: inside.workspaceId, suggestionId, metric, ...measured })
      .onConflict((oc) => oc.columns(['workspaceId', 'suggestionId', 'metric']).doUpdateSet(measured))
      .execute();
    if (result.verdict !== 'not_enough_data')
      await record(inside, 'suggestion.measured', {
        subjectId: suggestionId,
        detail: { appId: suggestion.appId, verdict: result.verdict },
      });
    return result;
  });
}

/** For the daily clock: measures every suggestion done in the last 120 days that has no verdict yet. */
export async function measureDoneSuggestions(context: Context): Promise<void> {
  const since = new Date(context.clock.now().getTime() - 120 * dayMs);
  const open = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('suggestions as s')
      .innerJoin('suggestionDecisions as d', (join) =>
        join.onRef('d.suggestionId', '=', 's.id').on('d.toState', '=', 'done'),
      )
      .leftJoin('suggestionResults as r', 'r.suggestionId', 's.id')
      .select('s.id')
      .where('s.state', '=', 'done')
      .where('d.decidedAt', '>=', since)
      .where((eb) => eb.or([eb('r.verdict', 'is', null), eb('r.verdict', '=', 'not_enough_data')]))
      .execute(),
  );
  for (const { id } of open) await measureSuggestion(context, id);
}

/** The suggestion with this id in this workspace, locked, or "not found". */
async function suggestionOf({ tx }: Inside, suggestionId: string) {
  const row = await tx
    .selectFrom('suggestions')
    .selectAll()
    .where('id', '=', suggestionId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('suggestion');
  return row;
}

async function move(inside: Inside, suggestionId: string, to: State) {
  const suggestion = await suggestionOf(inside, suggestionId);
  mustAllow(suggestion.state, to);
  await inside.tx.updateTable('suggestions').set({ state: to }).where('id', '=', suggestionId).execute();
  await audit(inside, {
    operation: 'suggestions.move',
    subject: suggestionId,
    before: { state: suggestion.state },
    after: { state: to },
  });
  return suggestion;
}

function simplyMove(
  context: Context,
  suggestionId: string,
  to: 'in_progress' | 'done' | 'dismissed',
  activity: 'suggestion.started' | 'suggestion.done' | 'suggestion.dismissed',
  note: string | undefined,
): Promise<{ state: State }> {
  return transaction(context, async (inside) => {
    const { appId } = await move(inside, suggestionId, to);
    await decide(inside, suggestionId, to, note, null);
    await record(inside, activity, { subjectId: suggestionId, detail: { appId } });
    return { state: to };
  });
}

async function decide(
  inside: Inside,
  suggestionId: string,
  toState: State,
  note: string | undefined,
  strategyId: string | null,
) {
  await inside.tx
    .insertInto('suggestionDecisions')
    .values({
      workspaceId: inside.workspaceId,
      suggestionId,
      toState,
      note: note ?? null,
      decidedBy: actorName(inside.who),
      decidedAt: inside.clock.now(),
      strategyId,
    })
    .execute();
}

async function isOpenOrDismissed(inside: Inside, appId: string, about: string): Promise<boolean> {
  const since = new Date(inside.clock.now().getTime() - quietDays * dayMs);
  const row = await inside.tx
    .selectFrom('suggestions as s')
    .select('s.id')
    .where('s.appId', '=', appId)
    .where((eb) => eb.fn('starts_with', ['s.dedupe', eb.val(`${about}:`)]), '=', true)
    .where((eb) =>
      eb.or([
        eb('s.state', 'in', ['proposed', 'accepted', 'in_progress']),
        eb.and([
          eb('s.state', '=', 'dismissed'),
          eb.exists(
            eb
              .selectFrom('suggestionDecisions as d')
              .select('d.id')
              .whereRef('d.suggestionId', '=', 's.id')
              .where('d.toState', '=', 'dismissed')
              .where('d.decidedAt', '>=', since),
          ),
        ]),
      ]),
    )
    .executeTakeFirst();
  return row !== undefined;
}

async function settleStarter(inside: Inside, appId: string, dedupe: string): Promise<void> {
  const open = await inside.tx
    .selectFrom('suggestions')
    .select(['id', 'state'])
    .where('appId', '=', appId)
    .where('dedupe', '=', dedupe)
    .where('state', 'in', ['proposed', 'accepted', 'in_progress'])
    .executeTakeFirst();
  if (!open) return;
  if (open.state === 'proposed') await dismissSuggestion(inside, open.id, 'Already in place.');
  else await completeSuggestion(inside, open.id, 'Fanfare saw that it is in place.');
}

async function propose(
  inside: Inside,
  where: { appId: string; insightId: string | null; dedupe: string },
  { actions, strategyChange, ...idea }: Idea,
  expected: Return,
): Promise<string | null> {
  const row = await inside.tx
    .insertInto('suggestions')
    .values({
      workspaceId: inside.workspaceId,
      ...where,
      ...idea,
      strategyChange: JSON.stringify(strategyChange),
      returnLowMinor: expected.lowMinor?.toString() ?? null,
      returnHighMinor: expected.highMinor?.toString() ?? null,
      currency: expected.currency,
      returnReason: expected.reason,
      source: 'built_in',
      createdAt: inside.clock.now(),
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'dedupe']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return null;
  await inside.tx
    .insertInto('suggestionActions')
    .values(
      actions.map((text, position) => ({ workspaceId: inside.workspaceId, suggestionId: row.id, position, text })),
    )
    .execute();
  await record(inside, 'suggestion.proposed', { subjectId: row.id, detail: { appId: where.appId } });
  return row.id;
}
