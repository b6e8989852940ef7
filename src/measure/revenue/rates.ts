import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { reportingCurrency, shift } from '#src/measure/revenue/reporting.ts';
import { fetchRates } from '#src/outside/rates.ts';

const DAY = 86_400_000;
/** The European Central Bank's rates begin here. */
const FIRST_RATE = '1999-01-04';

/**
 * Fetches the rates that this workspace's money waits for and keeps them, then brings all money into the workspace's
 * currency that can be. Nothing is fetched when all money is in one currency. What no bank publishes a rate for stays
 * as it is, and figures name it.
 */
export async function keepRates(context: Context): Promise<void> {
  const missing = await transaction(context, missingDays);
  if (missing && !context.demo) {
    const today = context.clock.now().toISOString().slice(0, 10);
    const range = rangeFor(missing, today);
    const fetched = await fetchRates({ url: context.config.RATES_URL, range });
    if (fetched.ok) {
      const from = new Date(Date.parse(missing.first) - 10 * DAY).toISOString().slice(0, 10);
      const days = fetched.value.filter(({ day }) => day >= from);
      for (let at = 0; at < days.length; at += 250)
        await transaction(context, (inside) => storeRates(inside, days.slice(at, at + 250)));
    } else context.log.warn({ failure: fetched.failure }, 'Exchange rates could not be fetched');
  }
  await transaction(context, reportMoney);
}

/** Stores rates as published: what one euro was worth. A rate that is kept stays. */
export async function storeRates(
  { tx }: Inside,
  days: readonly { day: string; rates: Readonly<Record<string, string>> }[],
): Promise<void> {
  const rows = days.flatMap(({ day, rates }) =>
    Object.entries({ ...rates, EUR: '1' }).map(([quote, rate]) => ({ day, base: 'EUR', quote, rate, source: 'ECB' })),
  );
  for (let at = 0; at < rows.length; at += 2000)
    await tx
      .insertInto('exchangeRates')
      .values(rows.slice(at, at + 2000))
      .onConflict((oc) => oc.columns(['day', 'base', 'quote']).doNothing())
      .execute();
}

type Missing = { first: string; last: string; knownFrom: string | null; knownUntil: string | null };

/** Which days money waits for that no rate was fetched for, as far as there can be one; null when there are none. */
async function missingDays(inside: Inside): Promise<Missing | null> {
  const target = await reportingCurrency(inside);
  const { rows } = await sql<Missing>`
    with kept as (select min(day) as first, max(day) as last from exchange_rates where base = 'EUR'),
    waiting as (
      select currency::text as currency, (paid_at at time zone 'UTC')::date as day from payments
      where workspace_id = ${inside.workspaceId} and currency <> ${target}
        and (reporting_currency is distinct from ${target} or paid_at > ${weekBefore(inside)} and reporting_day < (paid_at at time zone 'UTC')::date)
      union all
      select currency::text, (refunded_at at time zone 'UTC')::date from refunds
      where workspace_id = ${inside.workspaceId} and currency <> ${target}
        and (reporting_currency is distinct from ${target} or refunded_at > ${weekBefore(inside)} and reporting_day < (refunded_at at time zone 'UTC')::date)
      union all
      select currency::text, (charged_at at time zone 'UTC')::date from fees
      where workspace_id = ${inside.workspaceId} and currency <> ${target}
        and (reporting_currency is distinct from ${target} or charged_at > ${weekBefore(inside)} and reporting_day < (charged_at at time zone 'UTC')::date)
      union all
      select currency::text, (first_paid_at at time zone 'UTC')::date from subscriptions
      where workspace_id = ${inside.workspaceId} and currency <> ${target} and first_paid_at is not null
        and reporting_currency is distinct from ${target}
    )
    select greatest(min(waiting.day), ${FIRST_RATE}::date)::text as first, max(waiting.day)::text as last,
           min(kept.first)::text as known_from, max(kept.last)::text as known_until
    from waiting cross join kept
    where (kept.first is null or exists (select from exchange_rates rate
                                         where rate.quote = waiting.currency and rate.day = kept.last))
      and (kept.first is null or waiting.day < kept.first or waiting.day > kept.last)
      and (kept.first is null or waiting.day > ${FIRST_RATE}::date)
    having count(*) > 0
  `.execute(inside.tx);
  return rows[0] ?? null;
}

/** As little as holds what is missing: the newest day, the last quarter or everything the bank keeps. */
function rangeFor({ first, knownUntil }: Missing, today: string): 'day' | 'quarter' | 'all' {
  const back = (day: string) => (Date.parse(today) - Date.parse(day)) / DAY;
  if (back(first) > 80 || (knownUntil !== null && back(knownUntil) > 80)) return 'all';
  return knownUntil !== null && back(knownUntil) <= 1 && first > knownUntil ? 'day' : 'quarter';
}

function weekBefore({ clock }: Inside): Date {
  return new Date(clock.now().getTime() - 10 * DAY);
}

/**
 * Brings the workspace's money into its currency at the rates that are kept: what waited, what has another currency
 * than the workspace now, and what was rated with an earlier day's rate before that of its own day was out.
 */
export async function reportMoney(inside: Inside): Promise<void> {
  const target = await reportingCurrency(inside);
  await reportTable(inside, 'payments', 'paid_at', target);
  await reportTable(inside, 'refunds', 'refunded_at', target);
  await reportTable(inside, 'fees', 'charged_at', target);
  await reportMrr(inside, null);
}

async function reportTable(
  inside: Inside,
  table: 'payments' | 'refunds' | 'fees',
  column: 'paid_at' | 'refunded_at' | 'charged_at',
  target: string,
): Promise<void> {
  const { tx, workspaceId } = inside;
  const [name, at] = [sql.table(table), sql.ref(column)];
  const { codes, factors } = await factorsTo(inside, target);
  await sql`
    with due as (
      select distinct currency::text as code, (${at} at time zone 'UTC')::date as on_day from ${name}
      where workspace_id = ${workspaceId}
        and (reporting_currency is distinct from ${target}
          or ${at} > ${weekBefore(inside)} and reporting_day < (${at} at time zone 'UTC')::date)
    ), rated as (
      select code, on_day, 1::numeric as factor, on_day as day from due where code = ${target}
      union all
      select code, on_day, rate * factor, day from due
      join unnest(${codes}::text[], ${factors}::numeric[]) shift (currency, factor) on shift.currency = due.code
      cross join lateral rate_of_day(code, ${target}, on_day)
      where code <> ${target}
    )
    update ${name} money
    set reporting_minor = round(money.amount_minor * rated.factor), reporting_rate = rated.factor,
        reporting_currency = ${target}, reporting_day = rated.day
    from rated
    where money.workspace_id = ${workspaceId} and money.currency = rated.code
      and (money.${at} at time zone 'UTC')::date = rated.on_day
      and (money.reporting_currency is distinct from ${target} or money.reporting_day < rated.day)
  `.execute(tx);
}

/**
 * Brings MRR into the workspace's currency, at the rate of the day a subscription first brought some, for its whole
 * life: its movements sum to its MRR and none comes from exchange rates. `subscriptionIds` null: all that are due.
 */
export async function reportMrr(inside: Inside, subscriptionIds: readonly string[] | null): Promise<void> {
  const { tx, workspaceId } = inside;
  const target = await reportingCurrency(inside);
  const { codes, factors } = await factorsTo(inside, target, subscriptionIds);
  const chosen =
    subscriptionIds === null
      ? sql`(subscription.reporting_currency is distinct from ${target}
             or subscription.reporting_day < (subscription.first_paid_at at time zone 'UTC')::date
                and subscription.first_paid_at > ${weekBefore(inside)})`
      : sql`subscription.id = any(${[...subscriptionIds]}::uuid[])`;
  await sql`
    with moved as (
      select movement.id, movement.subscription_id, movement.currency::text as code, movement.amount_minor as amount,
             (subscription.first_paid_at at time zone 'UTC')::date as on_day,
             sum(movement.amount_minor) over (partition by movement.subscription_id, movement.currency
                                              order by movement.occurred_at, movement.id) as total
      from subscriptions subscription
      join mrr_movements movement on movement.workspace_id = subscription.workspace_id
        and movement.subscription_id = subscription.id
      where subscription.workspace_id = ${workspaceId} and subscription.first_paid_at is not null and ${chosen}
    ), days as (select distinct code, on_day from moved),
    rated as (
      select code, on_day, 1::numeric as factor, on_day as day from days where code = ${target}
      union all
      select code, on_day, rate * factor, day from days
      join unnest(${codes}::text[], ${factors}::numeric[]) shift (currency, factor) on shift.currency = days.code
      cross join lateral rate_of_day(code, ${target}, on_day)
      where code <> ${target}
    ), valued as (
      select moved.id, moved.subscription_id, moved.code, rated.factor, rated.day,
             round(moved.total * rated.factor) - round((moved.total - moved.amount) * rated.factor) as minor
      from moved join rated on rated.code = moved.code and rated.on_day = moved.on_day
    ), written as (
      update mrr_movements movement set reporting_minor = valued.minor, reporting_currency = ${target}
      from valued where movement.workspace_id = ${workspaceId} and movement.id = valued.id
    )
    update subscriptions subscription
    set reporting_mrr_minor = own.minor, reporting_rate = own.factor, reporting_currency = ${target},
        reporting_day = own.day
    from (
      select valued.subscription_id, sum(valued.minor) as minor,
             max(valued.factor) filter (where valued.code = subscription.currency) as factor,
             max(valued.day) filter (where valued.code = subscription.currency) as day
      from valued join subscriptions subscription on subscription.workspace_id = ${workspaceId}
        and subscription.id = valued.subscription_id
      group by valued.subscription_id
    ) own
    where subscription.workspace_id = ${workspaceId} and subscription.id = own.subscription_id
  `.execute(tx);
}

/** For the currencies of this workspace's money (or of some subscriptions): what a rate is to be multiplied by. */
async function factorsTo(
  { tx, workspaceId }: Inside,
  target: string,
  subscriptionIds: readonly string[] | null = null,
): Promise<{ codes: string[]; factors: string[] }> {
  const { rows } =
    subscriptionIds === null
      ? await sql<{ code: string }>`
          select distinct currency::text as code from payments where workspace_id = ${workspaceId}
          union select distinct currency::text from refunds where workspace_id = ${workspaceId}
          union select distinct currency::text from fees where workspace_id = ${workspaceId}
          union select distinct currency::text from mrr_movements where workspace_id = ${workspaceId}
        `.execute(tx)
      : await sql<{ code: string }>`
          select distinct currency::text as code from mrr_movements
          where workspace_id = ${workspaceId} and subscription_id = any(${[...subscriptionIds]}::uuid[])
        `.execute(tx);
  const codes = rows.map((row) => row.code);
  return { codes, factors: codes.map((code) => shift(code, target)) };
}
