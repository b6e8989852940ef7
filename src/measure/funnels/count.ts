import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type By, histories, type Wanted } from '#src/measure/funnels/histories.ts';
import type { Step } from '#src/measure/funnels/steps.ts';
import type { Period } from '#src/measure/range.ts';
import { type columns, inParallel } from '#src/measure/traffic/filters.ts';
import type { Scope } from '#src/measure/traffic/question.ts';

export type Funnel = { steps: readonly Step[]; windowMinutes: number; by: By; strict: boolean };

/** Seconds from the first step until this one was first reached, over those who reached it: quartiles. */
export type Times = { lower: number; median: number; upper: number };

/** `reached`: how many took at least each step. `open`: who has not come to the end and has time left. */
export type Counted = { value: string | null; reached: number[]; open: number; times: (Times | null)[] };

/** Beyond so many values of a breakdown the rest is not shown. */
const MOST = 50;

/**
 * How far people came who took the first step in a period, by the rules of `windowFunnel` (src/measure/funnel.ts), as
 * SQL: for each event and step the latest start of a chain that reaches it, which is the latest start that had reached
 * the step before by then. A later start never has less time left, so nothing else has to be kept, and what is kept
 * only grows: of those who did the second step at all, one sort of what they did, one running maximum a step. That both agree is held by a property test. The
 * first element is everybody; with `value` the others are by that of the visit in which somebody began first.
 */
export async function countFunnel(
  inside: Inside,
  scope: Scope,
  period: Period,
  funnel: Funnel,
  value?: keyof typeof columns,
): Promise<Counted[]> {
  const now = inside.clock.now();
  const { steps, windowMinutes } = funnel;
  const last = steps.length;
  const passed = steps.map((_, index) => sql`(count(*) filter (where depth >= ${sql.lit(index + 1)}))::int`);
  const quartiles = steps
    .slice(1)
    .map((_, index) => sql`percentile_cont(array[0.25, 0.5, 0.75]) within group (order by ${takes(index + 1)})`);
  await prepare(inside);
  const { rows } = await sql<{
    everybody: boolean;
    value: string | null;
    reached: number[];
    open: number;
    [quartile: `q${number}`]: number[] | null;
  }>`
    ${journeysOf(inside, scope, period, funnel, { value })}
    select ${value === undefined ? sql`true as everybody, null::text as value` : sql`grouping(units.value) = 1 as everybody, units.value`}, array[${sql.join(passed)}] as reached,
      (count(*) filter (where depth < ${sql.lit(last)} and latest > ${new Date(now.getTime() - windowMinutes * 60_000)}))::int as open
      ${sql.join(
        quartiles.map((quartile, index) => sql`, ${quartile} as ${sql.ref(`q${index}`)}`),
        sql` `,
      )}
    from units
    ${value === undefined ? sql`` : sql`group by grouping sets ((), (units.value)) order by everybody desc, count(*) desc, units.value limit ${sql.lit(MOST + 1)}`}
  `.execute(inside.tx);
  return rows.map((row) => ({
    value: row.everybody ? null : (row.value ?? ''),
    reached: row.reached,
    open: row.open,
    times: steps.map((_, index) => quartilesOf(index === 0 ? null : row[`q${index - 1}`])),
  }));
}

/**
 * What people did is read whole, by every processor, matched by hashing and sorted in memory: the planner takes conditions
 * on events for rarer than they are.
 */
export async function prepare({ tx }: Inside): Promise<void> {
  await sql`select set_config('max_parallel_workers_per_gather', '2', true), set_config('work_mem', '64MB', true),
    set_config('enable_nestloop', 'off', true), ${inParallel}`.execute(tx);
}

/** The visits of people in the scope's days, filtered or not, by the totals of the days: how large a sample has to be. */
export async function visitsIn({ tx, workspaceId }: Inside, scope: Scope): Promise<number> {
  const row = await tx
    .selectFrom('trafficDays')
    .select((eb) => eb.fn.sum<number>('visits').as('visits'))
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', scope.appId)
    .where('dimension', '=', 'total')
    .where('day', '>=', scope.current.days[0] ?? '')
    .where('day', '<=', scope.current.days.at(-1) ?? '')
    .executeTakeFirst();
  return Number(row?.visits ?? 0);
}

/**
 * Common table expressions, the last of which is `units (who, depth, latest, last, value, start1, at1, …)`: each who
 * began, how far they came, when they last began and when the deepest step was last taken.
 */
export function journeysOf(
  inside: Inside,
  scope: Scope,
  period: Period,
  { steps, windowMinutes, by, strict }: Funnel,
  more: Pick<Wanted, 'value' | 'oneIn'> & { everything?: boolean },
): RawBuilder<unknown> {
  const window = sql`make_interval(mins => ${sql.lit(windowMinutes)})`;
  const until = new Date(
    Math.min(period.until.getTime() + windowMinutes * 60_000 + 1, inside.clock.now().getTime() + 1),
  );
  const order = (index: number) => sql.ref(`turn${index}`);
  const depth = steps.map((_, index) => sql`when bool_or(${start(index)} is not null) then ${sql.lit(index + 1)}`);
  const first = sql`(array_agg(coalesce(value, '') order by at, id) filter (where`;
  const took = (index: number) => sql.ref(`at${index}`);
  const rest = steps.slice(1).map(() => sql`null::timestamptz, null::timestamptz`);
  // In a strict order anything matters; else who did not do the second step need not be followed.
  const followed = strict
    ? sql`happened`
    : sql`(select happened.* from happened join going on going.who = happened.who)`;
  const turns = steps.map((_, index) => chained(index, window, strict, followed));
  return sql`
    ${histories(inside, scope, period, { everything: strict, ...more, steps, by, until })},
    ${
      strict
        ? sql``
        : sql`begun as materialized (
      select who, bit_or(m) & 2 > 0 as went_on, max(at) filter (where m & 1 > 0 and begins) as latest,
        min(at) filter (where m & 1 > 0 and begins) as first,
        ${more.value === undefined ? sql`''` : sql`${first} m & 1 > 0 and begins))[1]`} as value
      from happened group by who
    ),
    going as materialized (select who from begun where went_on and latest is not null),`
    }
    ${sql.join(turns.map((turn, index) => sql`${order(index)} as (${turn})`))},
    ${strict ? sql`ended as (select *, coalesce(bool_or(broken) over (partition by who order by at, id rows between unbounded preceding and 1 preceding), false) as over from ${order(steps.length - 1)}),` : sql``}
    reached as (
      select who, case ${sql.join(depth.toReversed(), sql` `)} end as depth, max(${start(0)}) as latest,
        coalesce(${sql.join(steps.map((_, index) => sql`max(at) filter (where ${start(index)} is not null)`).toReversed())}) as last,
        ${first} ${start(0)} is not null))[1] as value,
        ${sql.join(steps.map((_, index) => sql`min(${start(index)}) as ${start(index)}, min(at) filter (where ${start(index)} is not null) as ${took(index)}`))}
      from ${strict ? sql`ended where not over` : order(steps.length - 1)}
      group by who
    ),
    units as (
      select * from reached where depth is not null
      ${strict ? sql`` : sql`union all select who, 1, latest, latest, value, first, first, ${sql.join(rest)} from begun where latest is not null and not went_on`}
    )`;
}

/** One more step: `start<index>` is the latest start of a chain that this event brings so far. */
function chained(
  index: number,
  window: RawBuilder<unknown>,
  strict: boolean,
  followed: RawBuilder<unknown>,
): RawBuilder<unknown> {
  if (index === 0)
    return sql`select who, at, id, m, value, case when m & 1 > 0 and begins then at end as ${start(0)}
      ${strict ? sql`, m & 1 = 0 as broken` : sql``} from ${followed} happened`;
  const before = sql`max(${start(index - 1)}) over (partition by who order by at, id rows between unbounded preceding and 1 preceding)`;
  const kept = strict ? sql`broken and ` : sql``;
  const is = sql`m & ${sql.lit(2 ** index)} > 0`;
  // A strict order is broken by what is neither a start nor a step whose turn it is, once there was a start.
  const broken =
    index === 1
      ? sql`, ${kept} before is not null and not (${is}) as broken`
      : sql`, ${kept} not (${is} and before is not null) as broken`;
  const names = Array.from({ length: index }, (_, each) => start(each));
  return sql`select who, at, id, m, value, ${sql.join(names)}, case when ${is} and at <= before + ${window} then before end as ${start(index)}
    ${strict ? broken : sql``}
    from (select *, ${before} as before from ${sql.ref(`turn${index - 1}`)}) one`;
}

function start(index: number) {
  return sql.ref(`start${index}`);
}

function takes(index: number) {
  return sql`extract(epoch from ${sql.ref(`at${index}`)} - ${start(index)})::float8`;
}

function quartilesOf(found: number[] | null | undefined): Times | null {
  const [lower, median, upper] = found ?? [];
  return lower === undefined || median === undefined || upper === undefined || median === null
    ? null
    : { lower, median, upper };
}
