import { sql } from 'kysely';
import { againstUsual, growthAgainstUsual, sum } from '#src/grow/comparison.ts';
import {
  type Candidate,
  type Detector,
  dayOf,
  daysBefore,
  type Judgement,
  lacking,
  percent,
  times,
  written,
} from './detector.ts';

const weeksCompared = 8;
const weeksNeeded = 5;
/** Below ten subscriptions one of them is the whole change. */
const subscriptionsNeeded = 10;

export type MoneyWeek = { startsAt: Date; minor: number; subscriptions: number };

/** Recurring revenue of one currency at the end of each week. */
export const recurringRevenue: Detector = {
  name: 'recurring_revenue',
  question: 'Did recurring revenue grow or shrink otherwise than usual last week?',
  async look(inside, frame) {
    const ends = Array.from({ length: weeksCompared + 2 }, (_, index) =>
      daysBefore(frame.until, (weeksCompared + 1 - index) * 7),
    );
    const { rows } = await sql<{ currency: string; end: string; minor: number; subscriptions: number }>`
      select m.currency::text, e.at::text as end, sum(m.amount_minor)::float8 as minor,
        count(distinct m.subscription_id)::int as subscriptions
      from unnest(${ends.map(dayOf)}::date[]) as e(at)
      join mrr_movements m on m.app_id = ${frame.appId} and m.occurred_at < e.at::timestamp at time zone 'UTC'
      group by 1, 2 order by 2`.execute(inside.tx);
    const currencies = [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, own]) => ({
      currency,
      weeks: own.map(({ end, minor, subscriptions }) => ({
        startsAt: new Date(`${end}T00:00:00Z`),
        minor,
        subscriptions,
      })),
    }));
    if (currencies.length === 0) return lacking('Not enough data: there is no recurring revenue yet.');
    const judged = currencies.map(({ currency, weeks }) => judgeRecurring(currency, weeks));
    return {
      candidates: judged.flatMap(({ candidates }) => candidates),
      missing: judged.every(({ missing }) => missing !== null) ? judged[0]!.missing : null,
    };
  },
};

/** Last week's growth factor against those of the weeks before; amounts in minor units, at the end of each week. */
export function judgeRecurring(currency: string, weeks: readonly MoneyWeek[]): Judgement {
  const factors = weeks.slice(1).map(({ minor }, index) => minor / Math.max(1, weeks[index]!.minor));
  const [before, last] = [weeks.at(-2), weeks.at(-1)];
  if (
    !before ||
    !last ||
    factors.length < weeksNeeded ||
    before.subscriptions < subscriptionsNeeded ||
    before.minor <= 0
  )
    return lacking(
      `Not enough data in ${currency}: ${weeksNeeded + 1} weeks and ${subscriptionsNeeded} subscriptions are needed, ` +
        `there are ${weeks.length} and ${before?.subscriptions ?? 0}.`,
    );
  const found = growthAgainstUsual(factors.slice(0, -1), factors.at(-1)!, before.subscriptions);
  if (!found) return lacking(`Not enough data in ${currency}: recurring revenue was nothing in between.`);
  const change = (last.minor - before.minor) / before.minor;
  const direction = found.estimate > 1 ? ('up' as const) : ('down' as const);
  const candidate: Candidate = {
    kind: 'change',
    metric: 'mrr',
    severity: direction === 'down' ? 'high' : 'medium',
    subject: `mrr:${currency}`,
    sentence:
      `Recurring revenue in ${currency} ${change < 0 ? 'fell' : 'grew'} by ${percent(Math.abs(change))} in the week from ` +
      `${written(before.startsAt)}, ${direction === 'up' ? 'better' : 'worse'} than the ${factors.length - 1} weeks before lead one to expect.`,
    direction,
    p: found.p,
    effect: { ratio: found.estimate, ...found.interval },
    sampleBefore: before.subscriptions,
    sampleAfter: last.subscriptions,
    startsAt: before.startsAt,
    endsAt: null,
    evidence: weeks.map((week) => ({
      label: `Recurring revenue in ${currency} until ${dayOf(week.startsAt)}, minor units`,
      table: 'mrr_movements',
      rowId: null,
      value: week.minor,
      day: dayOf(week.startsAt),
    })),
  };
  return { candidates: [candidate], missing: null };
}

/** What was spent in a week, by currency. */
export const costs: Detector = {
  name: 'costs',
  question: 'Was more or less spent on marketing last week than usual?',
  async look(inside, frame) {
    const from = daysBefore(frame.until, (weeksCompared + 1) * 7);
    const { rows } = await sql<{ currency: string; week: string; minor: number; entries: number }>`
      select currency::text, date_trunc('week', day)::date::text as week, sum(amount_minor)::float8 as minor, count(*)::int as entries
      from cost_entries where app_id = ${frame.appId} and day >= ${dayOf(from)} and day < ${dayOf(frame.until)} group by 1, 2`.execute(
      inside.tx,
    );
    const judged = [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, own]) => {
      const known = new Map(own.map((row) => [row.week, row]));
      const begins = own.map(({ week }) => week).sort()[0]!;
      const weeks = Array.from({ length: weeksCompared + 1 }, (_, index) => daysBefore(from, -7 * index))
        .filter((startsAt) => dayOf(startsAt) >= begins)
        .map((startsAt) => ({ startsAt, minor: known.get(dayOf(startsAt))?.minor ?? 0 }));
      return judgeCosts(currency, weeks, sum(own.map(({ entries }) => entries)));
    });
    if (judged.length === 0) return lacking('Not enough data: no cost was noted in the last nine weeks.');
    return {
      candidates: judged.flatMap(({ candidates }) => candidates),
      missing: judged.every(({ missing }) => missing !== null) ? judged[0]!.missing : null,
    };
  },
};

/** The last week's costs against those of the weeks before. */
export function judgeCosts(
  currency: string,
  weeks: readonly { startsAt: Date; minor: number }[],
  entries: number,
): Judgement {
  const [before, last] = [weeks.slice(0, -1), weeks.at(-1)];
  if (!last || before.length < weeksNeeded || entries < 10)
    return lacking(
      `Not enough data in ${currency}: ${weeksNeeded} weeks before and 10 entries are needed, there are ${before.length} and ${entries}.`,
    );
  const found = againstUsual(
    before.map(({ minor }) => minor / 100),
    last.minor / 100,
  );
  if (!found) return lacking(`Not enough data in ${currency}.`);
  return {
    missing: null,
    candidates: [
      {
        kind: 'change',
        metric: 'costs',
        severity: found.estimate >= 2 ? 'medium' : 'low',
        subject: `costs:${currency}`,
        sentence: `Costs in ${currency} in the week from ${written(last.startsAt)} were ${times(found.estimate)} the typical week (${before.length} weeks compared).`,
        direction: found.estimate > 1 ? 'up' : 'down',
        p: found.p,
        effect: { ratio: found.estimate, ...found.interval },
        sampleBefore: before.length,
        sampleAfter: 1,
        startsAt: last.startsAt,
        endsAt: null,
        evidence: weeks.map(({ startsAt, minor }) => ({
          label: `Costs in ${currency} in the week from ${dayOf(startsAt)}, minor units`,
          table: 'cost_entries',
          rowId: null,
          value: minor,
          day: dayOf(startsAt),
        })),
      },
    ],
  };
}
