import { sql } from 'kysely';
import type { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { waitingOf } from '#src/measure/attribution/sums.ts';
import type { Period } from '#src/measure/range.ts';
import { add, type Counts, countsByDay, NONE } from '#src/measure/traffic/counts.ts';
import { visitsThatFit } from '#src/measure/traffic/filters.ts';
import {
  addMoney,
  conversionsIn,
  type Money,
  moneyByDay,
  NO_MONEY,
  outsideVisits,
} from '#src/measure/traffic/money.ts';
import { answering, headOf, type Scope, scopeOf } from '#src/measure/traffic/question.ts';
import {
  type FigureShown,
  FLOOR,
  type Measure,
  measures,
  type Question,
  type totalsShown,
} from '#src/measure/traffic/shapes.ts';

/** Of more visits than this visitors are not told apart over days: it would take longer than anybody waits. */
const DISTINCT_OF = 100_000;

/** The key figures of a stretch of time beside those it is compared with. */
export function totals(context: Context, asked: Question): Promise<z.output<typeof totalsShown>> {
  return answering(context, async (inside) => {
    const scope = await scopeOf(inside, asked);
    const now = await sumOf(inside, scope, scope.current);
    const before = scope.previous && (await sumOf(inside, scope, scope.previous));
    const distinct = scope.consented && Math.max(now.counts.visits, before?.counts.visits ?? 0) <= DISTINCT_OF;
    if (distinct) {
      now.counts = { ...now.counts, visitors: await distinctVisitors(inside, scope, scope.current) };
      if (before && scope.previous)
        before.counts = { ...before.counts, visitors: await distinctVisitors(inside, scope, scope.previous) };
    }
    const figures = Object.fromEntries(
      measures.map((measure) => [measure, figureOf(measured(measure, now), before && measured(measure, before))]),
    ) as Record<Measure, FigureShown>;
    const { signup, trial, purchase, goal } = now.money;
    return {
      ...headOf(scope, distinct ? 'distinct' : 'daily'),
      floor: FLOOR,
      figures,
      conversionsByKind: { signup, trial, purchase, goal },
      otherCurrencies: await waitingOf(inside, { appId: scope.appId, period: scope.current, currency: scope.currency }),
      outside: scope.filters.length === 0 ? null : await outsideVisits(inside, scope, scope.current),
      began: scope.began,
    };
  });
}

/** Visits and money of one stretch together. */
export type Sum = { counts: Counts; money: Money };

/**
 * What a measure comes to. Null for a rate or a mean of fewer than `FLOOR` visits. Signups are those of the conversions,
 * so that they are the same on every page.
 */
export function measured(measure: Measure, { counts, money }: Sum): number | null {
  const per = (part: number) => (counts.visits < FLOOR ? null : part / counts.visits);
  switch (measure) {
    case 'viewsPerVisit':
      return per(counts.views);
    case 'bounceRate':
      return per(counts.bounces);
    case 'visitSeconds':
      return per(counts.seconds);
    case 'signups':
      return money.signup;
    case 'conversions':
      return conversionsIn(money);
    case 'revenue':
      return money.netMinor;
    default:
      return counts[measure];
  }
}

/** A value beside the one before. */
export function figureOf(value: number | null, before: number | null): FigureShown {
  return { value, before, change: changeOf(value, before) };
}

/** By how much a value grew, as a fraction; null when there is nothing to compare with. */
export function changeOf(value: number | null, before: number | null): number | null {
  return value === null || before === null || before === 0 ? null : (value - before) / before;
}

async function sumOf(inside: Inside, scope: Scope, period: Period): Promise<Sum> {
  return {
    counts: (await countsByDay(inside, scope, period)).reduce(add, NONE),
    money: (await moneyByDay(inside, scope, period)).reduce(addMoney, NO_MONEY),
  };
}

/** With consent a visitor is known again on another day, and counts once in the whole stretch. */
async function distinctVisitors({ tx, workspaceId }: Inside, scope: Scope, period: Period): Promise<number> {
  const { rows } = await sql<{ visitors: number }>`
    select count(distinct v.visitor)::int as visitors from visits v where ${visitsThatFit(workspaceId, scope, period)}
  `.execute(tx);
  return rows[0]?.visitors ?? 0;
}
