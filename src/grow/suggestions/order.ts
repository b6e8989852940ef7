import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type Ranked, ranked } from './rank.ts';

export type Estimate = { minutes: number | null; impact: number | null; by: string; at: Date };

/** Gives the open suggestions of an app their places, a person's own estimates counted before the computed ones. */
export async function placeOpen(inside: Inside, appId: string): Promise<void> {
  const rows = await inside.tx
    .selectFrom('suggestions')
    .select(['id', 'impact', 'minutes', 'returnMeanMinor', 'signupsMean'])
    .where('appId', '=', appId)
    .where('state', 'in', ['proposed', 'accepted', 'in_progress'])
    .orderBy((eb) => eb.case('priority').when('high').then(1).when('medium').then(2).else(3).end())
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
  if (rows.length === 0) return;
  const own = await estimatesOf(
    inside,
    rows.map(({ id }) => id),
  );
  const order = ranked(rows.map((row) => rankedOf(row, own.get(row.id))));
  const ids = order.map((index) => rows[index]?.id ?? '');
  await sql`
    update suggestions s set place = p.place from unnest(${ids}::uuid[]) with ordinality as p (id, place)
    where s.workspace_id = ${inside.workspaceId} and s.id = p.id`.execute(inside.tx);
}

/** What counts for the order: the person's number where there is one. */
export function rankedOf(
  row: { impact: number; minutes: number | null; returnMeanMinor: string | null; signupsMean: number | null },
  own: Estimate | undefined,
): Ranked {
  const money = row.returnMeanMinor === null ? null : Number(row.returnMeanMinor);
  const said = own?.impact ?? null;
  const inMoney = money !== null;
  const inSignups = !inMoney && row.signupsMean !== null;
  return {
    money: inMoney ? (said ?? money) : null,
    signups: inSignups ? (said ?? row.signupsMean) : null,
    minutes: own?.minutes ?? row.minutes ?? 60,
    impact: inMoney || inSignups ? row.impact : (said ?? row.impact),
  };
}

/** In which unit a suggestion stands; what has neither money nor signups has a grade. */
export function unitOf(row: { returnMeanMinor: string | null; signupsMean: number | null; currency: string | null }) {
  if (row.returnMeanMinor !== null) return { unit: 'money' as const, currency: row.currency };
  return { unit: row.signupsMean === null ? ('grade' as const) : ('signups' as const), currency: null };
}

/**
 * The newest estimate of each; one that was taken back (both null) is none. An impact counts only in the unit it was given
 * in: what was said in signups says nothing once the suggestion is in money.
 */
export async function estimatesOf({ tx }: Inside, ids: readonly string[]): Promise<Map<string, Estimate>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .selectFrom('suggestionEstimates as e')
    .innerJoin('suggestions as s', 's.id', 'e.suggestionId')
    .distinctOn('e.suggestionId')
    .select(['e.suggestionId', 'e.minutes', 'e.impact', 'e.unit', 'e.currency as said'])
    .select(['e.estimatedBy as by', 'e.estimatedAt as at', 's.returnMeanMinor', 's.signupsMean', 's.currency'])
    .where('e.suggestionId', 'in', [...ids])
    .orderBy('e.suggestionId')
    .orderBy('e.number', 'desc')
    .execute();
  return new Map(
    rows.flatMap(({ suggestionId, minutes, by, at, ...row }) => {
      const now = unitOf(row);
      const impact = row.unit === now.unit && row.said === now.currency ? row.impact : null;
      return minutes === null && impact === null ? [] : [[suggestionId, { minutes, impact, by, at }]];
    }),
  );
}
