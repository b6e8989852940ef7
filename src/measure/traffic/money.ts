import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { tidy } from '#src/measure/attribution/compare.ts';
import { UNATTRIBUTED, WITHOUT } from '#src/measure/attribution/days.ts';
import { roundTogether, sumsBy } from '#src/measure/attribution/sums.ts';
import type { VisitDimension } from '#src/measure/attribution/visits.ts';
import { defaultCreditModel } from '#src/measure/credit.ts';
import type { Period } from '#src/measure/range.ts';
import { worth } from '#src/measure/revenue/reporting.ts';
import { conversionsThatMayFit, fittingVisits, visitOfMade } from '#src/measure/traffic/filters.ts';
import { type Scope, startsOf } from '#src/measure/traffic/question.ts';

/** Conversions and net money (minor units of the workspace's currency) of one stretch. */
export type Money = { signup: number; trial: number; purchase: number; goal: number; netMinor: number };

export const NO_MONEY: Money = { signup: 0, trial: 0, purchase: 0, goal: 0, netMinor: 0 };

/** All conversions together. */
export function conversionsIn(money: Money): number {
  return money.signup + money.trial + money.purchase + money.goal;
}

export function addMoney(a: Money, b: Money): Money {
  return {
    signup: a.signup + b.signup,
    trial: a.trial + b.trial,
    purchase: a.purchase + b.purchase,
    goal: a.goal + b.goal,
    netMinor: a.netMinor + b.netMinor,
  };
}

/**
 * Conversions and money of each local day of a period, in order. With filters: conversions whose visit fits, and the
 * money that the app's model credits to visits that fit.
 */
export async function moneyByDay(inside: Inside, scope: Scope, period: Period): Promise<Money[]> {
  if (scope.filters.length > 0) return moneyBetween(inside, scope, startsOf(period, scope.timeZone));
  const days = Map.groupBy(await conversionDays(inside, scope, period), (row) => row.day);
  return period.days.map((day) =>
    (days.get(day) ?? []).reduce(
      (sum, row) =>
        addMoney(sum, {
          signup: row.signups,
          trial: row.trials,
          goal: row.goals,
          purchase: row.purchases,
          netMinor: row.netMinor,
        }),
      NO_MONEY,
    ),
  );
}

/** The same between each two of `starts`, which are in order: for hours. */
export function moneyByHour(inside: Inside, scope: Scope, starts: readonly Date[]): Promise<Money[]> {
  return moneyBetween(inside, scope, starts);
}

/** What money is counted by. */
export type Credited = 'channel' | 'source' | 'post' | VisitDimension;

/** Net money by what the app's model credits it to, in a whole period. */
export async function moneyByValue(
  inside: Inside,
  { appId, currency, model }: Scope,
  dimension: Credited,
  period: Period,
): Promise<{ value: string; revenue: number }[]> {
  const sums = await sumsBy(inside, dimension, { appId, period, currency, models: [model] });
  const money = roundTogether(sums.map((sum) => sum.netMinor));
  return sums.flatMap(({ value }, index) =>
    value === WITHOUT || value === UNATTRIBUTED ? [] : [{ value, revenue: Number(money[index] ?? 0n) }],
  );
}

/** All conversions by local day, from the totals of credits; money in other currencies at the rate of its day. */
async function conversionDays({ tx, workspaceId }: Inside, scope: Scope, { days }: Period) {
  // Every model counts the same conversions and the same money; only to what they go differs.
  const rows = await tx
    .selectFrom('creditDays')
    .select(['day', 'currency', 'signups', 'trials', 'goals', 'purchases', 'netMinor'])
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', scope.appId)
    .where('dimension', '=', 'total')
    .where('day', '>=', days[0] ?? '')
    .where('day', '<=', days.at(-1) ?? '')
    .where('model', '=', defaultCreditModel)
    .execute();
  const own = rows.map(({ currency, netMinor, ...row }) => ({
    ...row,
    netMinor: currency === scope.currency ? Number(netMinor) : 0,
  }));
  if (rows.every((row) => row.currency === scope.currency || row.currency === '')) return own;
  const { rows: foreign } = await sql<{ day: string; minor: string }>`
    select credit.counted_day::text as day,
           round(coalesce(sum(${worth('credit.net_minor', 'payment', scope.currency)}), 0))::text as minor
    from credits credit
    join conversions c on c.workspace_id = credit.workspace_id and c.id = credit.conversion_id
    join payments payment on payment.workspace_id = c.workspace_id and payment.id = c.payment_id
    where credit.workspace_id = ${workspaceId} and credit.app_id = ${scope.appId} and credit.model = ${defaultCreditModel}
      and credit.counted_day between ${days[0] ?? ''} and ${days.at(-1) ?? ''} and credit.currency <> ${scope.currency}
    group by 1
  `.execute(tx);
  const none = { signups: 0, trials: 0, goals: 0, purchases: 0 };
  return [...own, ...foreign.map(({ day, minor }) => ({ day, ...none, netMinor: Number(minor) }))];
}

/**
 * Conversions and money between each two of `starts`, from the conversions themselves: for hours and for filters. With
 * filters a payment, told outside any visit, is counted by the visits that are credited with it.
 */
async function moneyBetween(inside: Inside, scope: Scope, starts: readonly Date[]): Promise<Money[]> {
  const { tx, workspaceId } = inside;
  const stretch = { from: starts[0] ?? new Date(0), until: starts.at(-1) ?? new Date(0) };
  const filtered = scope.filters.length > 0;
  const own = sql`c.workspace_id = ${workspaceId} and c.app_id = ${scope.appId}
    and c.occurred_at >= ${stretch.from} and c.occurred_at < ${stretch.until}`;
  // One statement, so that what a filter asks of the events is asked once.
  const { rows } = await sql<{
    slot: number;
    kind: 'signup' | 'trial' | 'purchase' | 'goal';
    times: number;
    minor: string;
  }>`
    with made as (
      select c.occurred_at, c.kind, c.visit_id, c.visitor, null::uuid as touch_id, 1 as share, 0 as minor
      from conversions c
      where ${own} and c.kind <> 'purchase' ${filtered ? conversionsThatMayFit(workspaceId, scope, stretch) : sql``}
      union all
      select c.occurred_at, c.kind, null, null, credit.touch_id, credit.share, ${worthOf(scope)}
      from conversions c ${creditsOf(filtered ? scope.model : defaultCreditModel)}
      where ${own} and c.kind = 'purchase'
    )
    select width_bucket(made.occurred_at, ${starts}::timestamptz[]) - 1 as slot, made.kind,
           sum(made.share)::float8 as times, round(coalesce(sum(made.minor), 0))::text as minor
    from made ${filtered ? visitOfMade(workspaceId, scope, stretch) : sql``}
    group by 1, 2
  `.execute(tx);
  const slots = starts.slice(0, -1).map(() => ({ ...NO_MONEY }));
  for (const { slot, kind, times, minor } of rows) {
    const money = slots[slot];
    if (!money) continue;
    money[kind] = tidy(times);
    money.netMinor += Number(minor);
  }
  return slots;
}

/** Net money credited to visits by a value of theirs: for dimensions of visits, and with filters. */
export async function moneyOfVisits(
  { tx, workspaceId }: Inside,
  scope: Scope,
  column: RawBuilder<string>,
  stretch: Period,
): Promise<{ value: string; revenue: number }[]> {
  const { rows } = await sql<{ value: string; revenue: string }>`
    select ${column} as value, ${netWorth(scope)} as revenue
    from conversions c ${creditsOf(scope.model)} ${fittingVisits(workspaceId, scope, stretch)}
    where ${conversionsOf(workspaceId, scope, stretch)} and c.kind = 'purchase' and ${column} is not null
    group by 1
  `.execute(tx);
  return rows.map(({ value, revenue }) => ({ value, revenue: Number(revenue) }));
}

/** What belongs to no visit, and hence to no filter: conversions without one, money that is credited to none. */
export async function outsideVisits(inside: Inside, scope: Scope, stretch: Period) {
  const { tx, workspaceId } = inside;
  const { rows: made } = await sql<{ conversions: number }>`
    select count(*)::int as conversions from conversions c
    where ${conversionsOf(workspaceId, scope, stretch)} and c.kind <> 'purchase' and c.visit_id is null
  `.execute(tx);
  const { rows: paid } = await sql<{ minor: string }>`
    select ${netWorth(scope)} as minor from conversions c ${creditsOf(scope.model)}
    where ${conversionsOf(workspaceId, scope, stretch)} and c.kind = 'purchase' and credit.touch_id is null
  `.execute(tx);
  return { conversions: made[0]?.conversions ?? 0, revenueMinor: paid[0]?.minor ?? '0' };
}

function conversionsOf(workspaceId: string, { appId }: Scope, { from, until }: Pick<Period, 'from' | 'until'>) {
  return sql`c.workspace_id = ${workspaceId} and c.app_id = ${appId} and c.occurred_at >= ${from} and c.occurred_at < ${until}`;
}

function creditsOf(model: string) {
  return sql`
    join credits credit on credit.workspace_id = c.workspace_id and credit.conversion_id = c.id and credit.model = ${model}
    left join payments payment on payment.workspace_id = c.workspace_id and payment.id = c.payment_id`;
}

function netWorth(scope: Scope) {
  return sql`round(coalesce(sum(${worthOf(scope)}), 0))::text`;
}

/** A credit in the workspace's currency; null while it waits for a rate. */
function worthOf({ currency }: Scope) {
  return sql`case
    when credit.currency = ${currency} then credit.net_minor
    else ${worth('credit.net_minor', 'payment', currency)}
  end`;
}
