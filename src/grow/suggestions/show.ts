import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import type { Working } from './judge.ts';
import { categories } from './kind.ts';
import { kinds } from './kinds/index.ts';
import { estimatesOf } from './order.ts';
import { states } from './states.ts';

const amount = z.string().regex(/^-?\d+$/);
const number = z.number().nullable();
const range = z.object({ low: z.number(), mean: z.number(), high: z.number() });

export const shown = z.object({
  id,
  appId: id,
  insightId: id.nullable(),
  /** Which rule made it; empty for first steps and for what was made before there were rules by name. */
  kind: z.string(),
  category: z.enum(categories),
  title: z.string(),
  reasoning: z.string(),
  priority: z.enum(['high', 'medium', 'low']),
  effort: z.int(),
  impact: z.int(),
  minutes: z.int().nullable(),
  effortReason: z.string().nullable(),
  /** Minor units a month, the 90 % interval and its mean; null with `returnReason`. */
  returnLowMinor: amount.nullable(),
  returnMeanMinor: amount.nullable(),
  returnHighMinor: amount.nullable(),
  currency: z.string().nullable(),
  returnReason: z.string().nullable(),
  /** Additional signups a month, 90 %. */
  signups: range.nullable(),
  /** That it brings anything at all, 0 to 1. */
  chance: number,
  timeFrameDays: z.int().nullable(),
  state: z.enum(states),
  /** Among the open ones, 1 first. */
  place: z.int().nullable(),
  /** What a person thinks; counts before the computed numbers. */
  own: z
    .object({ minutes: z.int().nullable(), impact: number, byName: z.string().nullable(), at: z.date() })
    .nullable(),
  createdAt: z.date(),
});

export const listed = shown.extend({ actionsDone: z.int(), actionsAll: z.int(), insight: z.string().nullable() });

export const result = z.object({
  metric: z.string(),
  beforeValue: number,
  afterValue: number,
  effect: number,
  effectLow: number,
  effectHigh: number,
  expectedLow: number,
  expected: number,
  expectedHigh: number,
  verdict: z.enum(['better', 'worse', 'no_difference', 'not_enough_data']),
  reason: z.string().nullable(),
  method: z.enum(['difference_in_differences', 'trend']).nullable(),
  control: z.string().nullable(),
  weeks: z.array(
    z.object({
      from: z.string(),
      isAfter: z.boolean(),
      count: z.number(),
      exposure: z.number(),
      control: z.object({ count: z.number(), exposure: z.number() }).nullable(),
    }),
  ),
  closesOn: z.string().nullable(),
  settled: z.boolean(),
  measuredAt: z.date(),
});

export const detail = shown.extend({
  /** The condition in words. */
  when: z.string().nullable(),
  insight: z.object({ id, sentence: z.string(), foundAt: z.date() }).nullable(),
  evidence: z.array(
    z.object({
      label: z.string(),
      tableName: z.string(),
      rowId: id.nullable(),
      value: number,
      unit: z.enum(['count', 'money', 'percent', 'days']),
    }),
  ),
  working: z
    .object({
      unit: z.enum(['signups', 'money']).nullable(),
      factors: z.array(range.extend({ label: z.string() })),
      loss: z.boolean(),
      effect: z.object({ low: z.number(), mid: z.number(), high: z.number() }),
      prior: z.object({ low: z.number(), high: z.number(), reason: z.string() }),
      learntFrom: z.int(),
      seen: number,
    })
    .nullable(),
  strategyChange: z.object({
    add: z.array(z.object({ kind: z.string(), statement: z.string(), reasoning: z.string() })).optional(),
    postsPerWeek: z.int().optional(),
  }),
  /** What accepting it would make, and what it made. */
  makes: z.object({ drafts: z.int(), campaign: z.string().nullable() }),
  made: z.array(z.object({ what: z.enum(['post', 'campaign', 'strategy']), id, title: z.string().nullable() })),
  actions: z.array(
    z.object({
      position: z.int(),
      text: z.string(),
      dueOn: z.string().nullable(),
      doneAt: z.date().nullable(),
      doneByName: z.string().nullable(),
    }),
  ),
  decisions: z.array(
    z.object({
      toState: z.enum(states),
      note: z.string().nullable(),
      decidedBy: z.string(),
      decidedByName: z.string().nullable(),
      decidedAt: z.date(),
      strategyVersion: z.int().nullable(),
    }),
  ),
  results: z.array(result),
});

const columns = [
  's.id',
  's.appId',
  's.insightId',
  's.kind',
  's.category',
  's.title',
  's.reasoning',
  's.priority',
  's.effort',
  's.impact',
  's.minutes',
  's.effortReason',
  's.returnLowMinor',
  's.returnMeanMinor',
  's.returnHighMinor',
  's.currency',
  's.returnReason',
  's.chance',
  's.timeFrameDays',
  's.state',
  's.place',
  's.createdAt',
  's.signupsLow',
  's.signupsMean',
  's.signupsHigh',
] as const;

export async function listSuggestions(
  inside: Inside,
  {
    appId,
    state,
    category,
    limit,
  }: { appId: string; state?: string | undefined; category?: string | undefined; limit: number },
) {
  await appOf(inside, appId);
  const count = (of: ReturnType<typeof sql<number>>) =>
    sql<number>`(select ${of}::int from suggestion_actions a where a.workspace_id = s.workspace_id and a.suggestion_id = s.id)`;
  const rows = await inside.tx
    .selectFrom('suggestions as s')
    .leftJoin('insights as i', 'i.id', 's.insightId')
    .select([...columns, 'i.sentence as insight'])
    .select([count(sql<number>`count(*)`).as('actionsAll'), count(sql<number>`count(a.done_at)`).as('actionsDone')])
    .where('s.appId', '=', appId)
    .$if(state !== undefined, (query) => query.where('s.state', '=', (state ?? 'proposed') as 'proposed'))
    .$if(category !== undefined, (query) => query.where('s.category', '=', (category ?? 'seo') as 'seo'))
    .orderBy('s.place', (order) => order.asc().nullsLast())
    .orderBy('s.createdAt', 'desc')
    .orderBy('s.id')
    .limit(limit)
    .execute();
  const counted = await inside.tx
    .selectFrom('suggestions')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .where('appId', '=', appId)
    .groupBy('state')
    .execute();
  const own = await ownOf(
    inside,
    rows.map((row) => row.id),
  );
  const counts = Object.fromEntries(
    states.map((one) => [one, Number(counted.find((row) => row.state === one)?.count ?? 0)]),
  ) as Record<(typeof states)[number], number>;
  return { suggestions: rows.map((row) => ({ ...asShown(row), own: own.get(row.id) ?? null })), counts };
}

export async function showSuggestion(inside: Inside, suggestionId: string) {
  const { tx } = inside;
  const found = await tx
    .selectFrom('suggestions as s')
    .leftJoin('insights as i', 'i.id', 's.insightId')
    .select([...columns, 's.strategyChange', 's.working', 's.makes', 'i.sentence', 'i.foundAt'])
    .where('s.id', '=', suggestionId)
    .executeTakeFirst();
  if (!found) throw notFound('suggestion');
  const { sentence, foundAt, strategyChange, working, makes, ...row } = found;
  const actions = await tx
    .selectFrom('suggestionActions as a')
    .leftJoin('users as u', 'u.id', 'a.doneBy')
    .select(['a.position', 'a.text', 'a.dueOn', 'a.doneAt', 'u.name as doneByName'])
    .where('a.suggestionId', '=', suggestionId)
    .orderBy('a.position')
    .execute();
  const evidence = await tx
    .selectFrom('suggestionEvidence')
    .select(['label', 'tableName', 'rowId', 'value', 'unit'])
    .where('suggestionId', '=', suggestionId)
    .orderBy('position')
    .execute();
  const plan = makes as { drafts?: unknown[]; write?: number; campaign?: { name: string } };
  const kept = working as Partial<Working>;
  return {
    ...asShown(row),
    own: (await ownOf(inside, [suggestionId])).get(suggestionId) ?? null,
    when: kinds.find(({ name }) => name === found.kind)?.when ?? null,
    insight: found.insightId && sentence && foundAt ? { id: found.insightId, sentence, foundAt } : null,
    evidence: evidence.map((each) => ({ ...each, value: each.value === null ? null : Number(each.value) })),
    working: kept.effect ? (kept as Working) : null,
    strategyChange: strategyChange as object,
    makes: { drafts: (plan.drafts?.length ?? 0) + (plan.write ?? 0), campaign: plan.campaign?.name ?? null },
    made: await madeOf(inside, suggestionId),
    actions,
    decisions: await decisionsOf(inside, suggestionId),
    results: await resultsOf(inside, { suggestionId }),
  };
}

export async function resultsOf({ tx }: Inside, of: { suggestionId: string } | { appId: string }) {
  const rows = await tx
    .selectFrom('suggestionResults as r')
    .innerJoin('suggestions as s', 's.id', 'r.suggestionId')
    .selectAll('r')
    .select(['s.title', 's.kind'])
    .$if('suggestionId' in of, (query) =>
      query.where('r.suggestionId', '=', 'suggestionId' in of ? of.suggestionId : ''),
    )
    .$if('appId' in of, (query) => query.where('s.appId', '=', 'appId' in of ? of.appId : ''))
    .orderBy('r.measuredAt', 'desc')
    .limit(200)
    .execute();
  const asNumber = (text: string | null) => (text === null ? null : Number(text));
  return rows.map((row) => ({
    ...row,
    beforeValue: asNumber(row.beforeValue),
    afterValue: asNumber(row.afterValue),
    weeks: row.weeks as z.infer<typeof result>['weeks'],
  }));
}

async function madeOf({ tx }: Inside, suggestionId: string) {
  const rows = await tx
    .selectFrom('suggestionMakings as m')
    .leftJoin('posts as p', 'p.id', 'm.rowId')
    .leftJoin('campaigns as c', 'c.id', 'm.rowId')
    .select(['m.what', 'm.rowId as id', 'p.title as post', 'c.name as campaign'])
    .where('m.suggestionId', '=', suggestionId)
    .orderBy('m.madeAt')
    .execute();
  return rows.map(({ what, id: rowId, post, campaign }) => ({ what, id: rowId, title: post ?? campaign }));
}

async function decisionsOf({ tx }: Inside, suggestionId: string) {
  const rows = await tx
    .selectFrom('suggestionDecisions as d')
    .leftJoin('strategies as t', 't.id', 'd.strategyId')
    .leftJoin('users as u', (join) => join.on(sql<boolean>`'user:' || u.id = d.decided_by`))
    .select(['d.toState', 'd.note', 'd.decidedBy', 'u.name as decidedByName', 'd.decidedAt'])
    .select('t.version as strategyVersion')
    .where('d.suggestionId', '=', suggestionId)
    .orderBy('d.decidedAt')
    .execute();
  return rows.map((decision) => ({ ...decision, toState: z.enum(states).parse(decision.toState) }));
}

async function ownOf(inside: Inside, ids: readonly string[]) {
  const estimates = await estimatesOf(inside, ids);
  const by = [...estimates.values()].flatMap((one) => (one.by.startsWith('user:') ? [one.by.slice(5)] : []));
  const people =
    by.length === 0 ? [] : await inside.tx.selectFrom('users').select(['id', 'name']).where('id', 'in', by).execute();
  return new Map(
    [...estimates].map(([suggestionId, { minutes, impact, by, at }]) => [
      suggestionId,
      { minutes, impact, byName: people.find((one) => `user:${one.id}` === by)?.name ?? null, at },
    ]),
  );
}

function asShown<R extends { signupsLow: number | null; signupsMean: number | null; signupsHigh: number | null }>(
  row: R,
) {
  const { signupsLow, signupsMean, signupsHigh, ...rest } = row;
  const isKnown = signupsLow !== null && signupsMean !== null && signupsHigh !== null;
  return { ...rest, signups: isKnown ? { low: signupsLow, mean: signupsMean, high: signupsHigh } : null };
}
