import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { compareWeeklyShares, sum } from '#src/grow/comparison.ts';
import { enoughForShare, type Share, wilson } from '#src/measure/uncertainty.ts';
import {
  type Candidate,
  count,
  type Detector,
  dayOf,
  daysBefore,
  type Frame,
  type Judgement,
  lacking,
  percent,
  type Severity,
  written,
} from './detector.ts';

const weeksAfter = 4;
const weeksBefore = 8;

export type WeeklyShare = Share & { startsAt: Date };
type What = {
  subject: string;
  metric: string;
  table: string;
  /** As `Signups per visit`. */
  label: string;
  /** What is counted, as `signups` of `visits`. */
  parts: readonly [string, string];
  good: 'up' | 'down' | null;
  stake: Severity;
};

/** The share of the last four weeks against that of the eight before; the weeks themselves tell how much it scatters. */
export function judgeShare(weeks: readonly WeeklyShare[], what: What): Judgement {
  const [before, after] = [weeks.slice(0, -weeksAfter), weeks.slice(-weeksAfter)];
  const total = (side: readonly WeeklyShare[]) => ({
    successes: sum(side.map(({ successes }) => successes)),
    trials: sum(side.map(({ trials }) => trials)),
  });
  const [old, late] = [total(before), total(after)];
  for (const [name, side] of [
    ['The last four weeks had', late],
    ['The weeks before had', old],
  ] as const) {
    const enough = enoughForShare(Math.min(side.successes, side.trials), side.trials);
    if (!enough.enough)
      return lacking(`${enough.reason} ${name} ${side.successes} ${what.parts[0]} of ${side.trials} ${what.parts[1]}.`);
  }
  const found = compareWeeklyShares(before, after);
  if (!found) return lacking('Not enough data: three weeks with something to count are needed on each side.');
  const direction = found.estimate > 1 ? ('up' as const) : ('down' as const);
  const bad = what.good !== null && direction !== what.good;
  const candidate: Candidate = {
    kind: 'change',
    metric: what.metric,
    severity: bad && Math.abs(Math.log2(found.estimate)) >= 0.5 ? what.stake : 'low',
    subject: `share:${what.subject}`,
    sentence:
      `${what.label}: ${shareOf(late)} in the four weeks from ${written(after[0]!.startsAt)}, ${shareOf(old)} in the ${before.length} weeks before ` +
      `(${count(late.successes)} of ${count(late.trials)} ${what.parts[1]} against ${count(old.successes)} of ${count(old.trials)}).`,
    direction,
    p: found.p,
    effect: { ratio: found.estimate, ...found.interval },
    sampleBefore: old.trials,
    sampleAfter: late.trials,
    startsAt: after[0]!.startsAt,
    endsAt: null,
    evidence: weeks.map((week) => {
      const range = wilson(Math.min(week.successes, week.trials), week.trials);
      const around = range ? `, 95% interval ${percent(range.low)} to ${percent(range.high)}` : '';
      return {
        label: `${week.successes} ${what.parts[0]} of ${week.trials} ${what.parts[1]} in the week from ${dayOf(week.startsAt)}${around}`,
        table: what.table,
        rowId: null,
        value: week.trials > 0 ? Number(((100 * week.successes) / week.trials).toFixed(3)) : null,
        day: dayOf(week.startsAt),
      };
    }),
  };
  return { candidates: [candidate], missing: null };
}

function shareOf({ successes, trials }: Share): string {
  return percent(successes / trials);
}

type Row = { week: string; successes: number; trials: number };

function share(
  name: string,
  question: string,
  what: What,
  read: (inside: Inside, frame: Frame, from: Date) => Promise<Row[]>,
  /** Weeks that are not ripe yet and so left out. */
  ripe = 0,
): Detector {
  return {
    name,
    question,
    async look(inside, frame) {
      const until = daysBefore(frame.until, ripe * 7);
      const from = daysBefore(until, (weeksBefore + weeksAfter) * 7);
      const rows = await read(inside, { ...frame, until }, from);
      const known = new Map(rows.map((row) => [row.week, row]));
      const weeks = Array.from({ length: weeksBefore + weeksAfter }, (_, index) => {
        const startsAt = daysBefore(from, -7 * index);
        const { successes = 0, trials = 0 } = known.get(dayOf(startsAt)) ?? {};
        return { startsAt, successes: Math.min(successes, trials), trials };
      });
      const begins = weeks.findIndex(({ trials }) => trials > 0);
      return judgeShare(begins === -1 ? weeks : weeks.slice(Math.min(begins, weeksBefore)), what);
    },
  };
}

const rowsOf = async (inside: Inside, query: ReturnType<typeof sql<Row>>) => (await query.execute(inside.tx)).rows;
const week = (column: string) => sql`date_trunc('week', ${sql.ref(column)} at time zone 'UTC')::date::text`;

/** What is counted beside the visits of each hour. */
const ofTraffic =
  (successes: RawBuilder<unknown>, trials = sql`visits`) =>
  (inside: Inside, { appId, until }: Frame, from: Date) =>
    rowsOf(
      inside,
      sql<Row>`select ${week('hour')} as week, sum(${successes})::int as successes, sum(${trials})::int as trials from traffic_hours
        where app_id = ${appId} and hour >= ${from} and hour < ${until} group by 1`,
    );

export const signupRate = share(
  'signup_rate',
  'Do more or fewer visitors sign up than before?',
  {
    subject: 'signups',
    metric: 'signups',
    table: 'traffic_hours',
    label: 'Visits that end in a signup',
    parts: ['signups', 'visits'],
    good: 'up',
    stake: 'high',
  },
  ofTraffic(sql`signups`),
);

export const botsShare = share(
  'bots_share',
  'Is a larger or smaller part of the visits made by bots?',
  {
    subject: 'bots',
    metric: 'bots',
    table: 'traffic_hours',
    label: 'Visits made by bots',
    parts: ['bots', 'visits of all kinds'],
    good: null,
    stake: 'low',
  },
  ofTraffic(sql`bots`, sql`visits + bots`),
);

export const bounceShare = share(
  'bounce_share',
  'Do more or fewer visitors leave after one page?',
  {
    subject: 'bounces',
    metric: 'visits',
    table: 'traffic_hours',
    label: 'Visits that end after one page',
    parts: ['visits of one page', 'visits'],
    good: 'down',
    stake: 'medium',
  },
  ofTraffic(sql`bounces`),
);

export const publishingFailures = share(
  'publishing_failures',
  'Do more posts fail to go out than before?',
  {
    subject: 'failures',
    metric: 'failures',
    table: 'publications',
    label: 'Posts that failed to go out',
    parts: ['failed', 'due'],
    good: 'down',
    stake: 'high',
  },
  (inside, { appId, until }, from) =>
    rowsOf(
      inside,
      sql<Row>`select ${week('u.due_at')} as week, count(*) filter (where u.state = 'failed')::int as successes, count(*)::int as trials
        from publications u join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
        where p.app_id = ${appId} and u.state in ('published', 'failed') and u.due_at >= ${from} and u.due_at < ${until} group by 1`,
    ),
);

export const answeredShare = share(
  'answered_share',
  'Is a larger or smaller part of the inbox answered within two days?',
  {
    subject: 'answered',
    metric: 'answered',
    table: 'inbox_items',
    label: 'Replies and mentions answered within two days',
    parts: ['answered', 'received'],
    good: 'up',
    stake: 'medium',
  },
  (inside, { until }, from) =>
    rowsOf(
      inside,
      sql<Row>`select ${week('received_at')} as week,
          count(*) filter (where answered_at < received_at + interval '2 days')::int as successes, count(*)::int as trials
        from inbox_items where kind in ('reply', 'mention', 'quote') and received_at >= ${from} and received_at < ${until} group by 1`,
    ),
  1,
);

/** Cohorts of a week, ripe after two more: those who signed up, and how many of them paid within two weeks. */
export const cohortPayments = share(
  'cohort_payments',
  'Do those who signed up lately pay sooner or more often than those before?',
  {
    subject: 'cohort_payments',
    metric: 'payments',
    table: 'conversions',
    label: 'Signups that pay within two weeks',
    parts: ['paid', 'signups'],
    good: 'up',
    stake: 'high',
  },
  (inside, { appId, until }, from) =>
    rowsOf(
      inside,
      sql<Row>`select ${week('s.occurred_at')} as week, count(distinct s.customer_id)::int as trials,
          count(distinct s.customer_id) filter (where exists (select from conversions c where c.workspace_id = s.workspace_id
            and c.app_id = s.app_id and c.customer_id = s.customer_id and c.kind = 'purchase'
            and c.occurred_at >= s.occurred_at and c.occurred_at < s.occurred_at + interval '14 days'))::int as successes
        from conversions s where s.app_id = ${appId} and s.kind = 'signup' and s.customer_id is not null
          and s.occurred_at >= ${from} and s.occurred_at < ${until} group by 1`,
    ),
  2,
);

/** Of the subscriptions alive when a week began, how many ended in it. */
export const churnRate = share(
  'churn_rate',
  'Do more or fewer subscriptions end than before?',
  {
    subject: 'churn',
    metric: 'churned',
    table: 'subscriptions',
    label: 'Subscriptions that end in a week',
    parts: ['ended', 'subscription weeks'],
    good: 'down',
    stake: 'high',
  },
  (inside, { appId, until }, from) =>
    rowsOf(
      inside,
      sql<Row>`select w.starts::date::text as week, count(*)::int as trials,
          count(*) filter (where s.ended_at at time zone 'UTC' < w.starts + interval '7 days')::int as successes
        from generate_series(${from}::timestamptz at time zone 'UTC', ${until}::timestamptz at time zone 'UTC' - interval '7 days', interval '7 days') as w(starts)
        join subscriptions s on s.app_id = ${appId} and s.first_paid_at at time zone 'UTC' < w.starts
          and (s.ended_at is null or s.ended_at at time zone 'UTC' >= w.starts)
        group by 1`,
    ),
);
