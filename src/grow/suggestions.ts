import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { each, eachApp } from '#src/understand/apps/each.ts';
import { appOf } from '#src/understand/apps.ts';
import { placeOpen, unitOf } from './suggestions/order.ts';
import { lookFor } from './suggestions/propose.ts';
import { measureResult, type Result } from './suggestions/results.ts';
import { readStarters, type Starter, starterReason } from './suggestions/starters.ts';
import { decide, lockFor, moveTo, type State, suggestionOf } from './suggestions/states.ts';

export { acceptSuggestion, draftAccepted, undoAccept } from './suggestions/accept.ts';

/** A done suggestion is measured for so long at most: settling, eight weeks, and some days of a stopped machine. */
const measuredDays = 150;
const dayMs = 86_400_000;

/**
 * Asks every kind what it would propose for the app, by all rows there are, and brings what is proposed up to date.
 * Returns the ids of the new suggestions. The same thing is not proposed twice while it is open, nor for 90 days after it
 * was done or dismissed (a dismissed one comes back early when its evidence has doubled). Safe to run twice.
 */
export function suggest(context: Context, appId: string): Promise<string[]> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    return lookFor(inside, appId);
  });
}

/** Suggests what to do about an insight at once. Returns the suggestion's id, or null. Safe to run twice. */
export function suggestGrowth(context: Context, insightId: string): Promise<string | null> {
  return transaction(context, async (inside) => {
    const insight = await inside.tx
      .selectFrom('insights')
      .select(['appId', 'detector'])
      .where('id', '=', insightId)
      .executeTakeFirst();
    if (!insight) throw notFound('insight');
    const made = await lookFor(inside, insight.appId, insight.detector);
    if (made.length === 0) return null;
    const own = await inside.tx
      .selectFrom('suggestions')
      .select('id')
      .where('id', 'in', made)
      .where('insightId', '=', insightId)
      .executeTakeFirst();
    return own?.id ?? null;
  });
}

/**
 * Proposes the first steps that an app still lacks, and settles those that are in place by now: a step nobody had
 * accepted is dismissed, an accepted one is done. Returns how many were proposed. Safe to run twice.
 */
export function suggestStarters(context: Context, appId: string): Promise<number> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    await lockFor(inside, appId);
    let proposed = 0;
    for (const starter of await readStarters(inside, appId)) {
      if (starter.inPlace) await settleStarter(inside, appId, `starter:${starter.name}`);
      else if (await proposeStarter(inside, appId, starter)) proposed++;
    }
    await placeOpen(inside, appId);
    return proposed;
  });
}

/** For the daily clock: first steps and suggestions of every active app. Safe to run twice. */
export async function suggestAll(context: Context): Promise<void> {
  const look = async (appId: string) => {
    await suggestStarters(context, appId);
    await suggest(context, appId);
  };
  await eachApp(context, look, { active: true });
}

export function startSuggestion(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return simplyMove(context, suggestionId, 'in_progress', 'suggestion.started', note);
}

/** Done: what it changed is measured by `measureSuggestion`, once it has settled and four weeks are over. */
export function completeSuggestion(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return simplyMove(context, suggestionId, 'done', 'suggestion.done', note);
}

export function dismissSuggestion(context: Context, suggestionId: string, note?: string): Promise<{ state: State }> {
  return simplyMove(context, suggestionId, 'dismissed', 'suggestion.dismissed', note);
}

/**
 * Keeps what a person thinks it takes (minutes) and brings (a month: minor units where the return is known, else
 * signups, else a grade of 1 to 5). What is left out stays as computed; both null take the estimate back.
 */
export function estimateSuggestion(
  context: Context,
  suggestionId: string,
  estimate: { minutes: number | null; impact: number | null },
): Promise<void> {
  return transaction(context, async (inside) => {
    const { appId, ...suggestion } = await suggestionOf(inside, suggestionId);
    const { unit, currency } = unitOf(suggestion);
    if (unit === 'grade' && estimate.impact !== null && (estimate.impact < 1 || estimate.impact > 5))
      throw refuse(
        'invalid',
        'grade',
        'What this brings is not measured, so it has a grade: a number from 1 to 5, 5 for the most.',
      );
    const last = await inside.tx
      .selectFrom('suggestionEstimates')
      .select((eb) => eb.fn.max('number').as('number'))
      .where('suggestionId', '=', suggestionId)
      .executeTakeFirst();
    await inside.tx
      .insertInto('suggestionEstimates')
      .values({
        workspaceId: inside.workspaceId,
        suggestionId,
        number: (last?.number ?? 0) + 1,
        ...estimate,
        ...(estimate.impact === null ? {} : { unit, currency }),
        estimatedBy: actorName(inside.who),
        estimatedAt: inside.clock.now(),
      })
      .execute();
    await placeOpen(inside, appId);
    await audit(inside, { operation: 'suggestions.estimate', subject: suggestionId, after: estimate });
  });
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
 * Measures what a done suggestion changed and keeps it with its weeks; null while it is not done, or when there is
 * nothing that could be counted. Until there is enough the verdict is "not enough data" with the reason. Measured again
 * until the window closes. Safe to run twice.
 */
export function measureSuggestion(context: Context, suggestionId: string): Promise<Result | null> {
  return transaction(context, async (inside) => {
    const suggestion = await suggestionOf(inside, suggestionId);
    if (suggestion.state !== 'done') return null;
    const decisions = await inside.tx
      .selectFrom('suggestionDecisions')
      .select(['toState', 'decidedAt'])
      .where('suggestionId', '=', suggestionId)
      .orderBy('decidedAt')
      .execute();
    const doneAt = decisions.findLast(({ toState }) => toState === 'done')?.decidedAt;
    if (!doneAt) return null;
    const acceptedAt = decisions.findLast(({ toState }) => toState === 'accepted')?.decidedAt ?? doneAt;
    const result = await measureResult(inside, suggestion, acceptedAt, doneAt);
    if (!result) return null;
    const { metric, weeks, beforeValue, afterValue, ...values } = result;
    const text = (value: number | null) => (value === null ? null : String(value));
    const measured = {
      ...values,
      beforeValue: text(beforeValue),
      afterValue: text(afterValue),
      weeks: JSON.stringify(weeks),
      measuredAt: inside.clock.now(),
    };
    await inside.tx
      .insertInto('suggestionResults')
      .values({ workspaceId: inside.workspaceId, suggestionId, metric, ...measured })
      .onConflict((oc) => oc.columns(['workspaceId', 'suggestionId', 'metric']).doUpdateSet(measured))
      .execute();
    if (result.settled && result.verdict !== 'not_enough_data')
      await record(inside, 'suggestion.measured', {
        subjectId: suggestionId,
        detail: { appId: suggestion.appId, verdict: result.verdict },
      });
    return result;
  });
}

/** For the daily clock: measures every done suggestion whose window is still open. */
export async function measureDoneSuggestions(context: Context): Promise<void> {
  const since = new Date(context.clock.now().getTime() - measuredDays * dayMs);
  const open = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('suggestions as s')
      .innerJoin('suggestionDecisions as d', (join) =>
        join.onRef('d.suggestionId', '=', 's.id').on('d.toState', '=', 'done'),
      )
      .leftJoin('suggestionResults as r', 'r.suggestionId', 's.id')
      .select('s.id')
      .where('s.state', '=', 'done')
      .where('s.measure', 'is not', null)
      .where('d.decidedAt', '>=', since)
      .where((eb) => eb.or([eb('r.settled', 'is', null), eb('r.settled', '=', false)]))
      .execute(),
  );
  await each(
    open.map(({ id }) => id),
    'suggestions',
    (id) => measureSuggestion(context, id),
  );
}

function simplyMove(
  context: Context,
  suggestionId: string,
  to: 'in_progress' | 'done' | 'dismissed',
  activity: 'suggestion.started' | 'suggestion.done' | 'suggestion.dismissed',
  note: string | undefined,
): Promise<{ state: State }> {
  return transaction(context, async (inside) => {
    const { appId } = await moveTo(inside, suggestionId, to);
    await decide(inside, suggestionId, to, note, null);
    await placeOpen(inside, appId);
    await record(inside, activity, { subjectId: suggestionId, detail: { appId } });
    return { state: to };
  });
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

async function proposeStarter(inside: Inside, appId: string, { name, idea }: Starter): Promise<boolean> {
  const { actions, strategyChange, ...values } = idea;
  const row = await inside.tx
    .insertInto('suggestions')
    .values({
      workspaceId: inside.workspaceId,
      appId,
      dedupe: `starter:${name}`,
      ...values,
      strategyChange: JSON.stringify(strategyChange),
      returnReason: starterReason,
      source: 'built_in',
      createdAt: inside.clock.now(),
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'dedupe']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await inside.tx
    .insertInto('suggestionActions')
    .values(
      actions.map((text, position) => ({ workspaceId: inside.workspaceId, suggestionId: row.id, position, text })),
    )
    .execute();
  await record(inside, 'suggestion.proposed', { subjectId: row.id, detail: { appId } });
  return true;
}
