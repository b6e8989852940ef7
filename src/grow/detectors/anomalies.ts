import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type DailyJudgement, dailyRowsNeeded, dailyWatch } from '#src/grow/anomaly/daily.ts';
import { chiSquareQuantile } from '#src/measure/distributions.ts';
import { addDays, dayIn, daysBetween } from '#src/plan/times.ts';
import {
  type Candidate,
  count,
  type Detector,
  type Frame,
  type Judgement,
  lacking,
  type Severity,
  times,
  written,
} from './detector.ts';

/** Days shown before the change. */
const shownBefore = 42;
/** The last half year is enough to know what is usual. */
const daysRead = 200;

type Metric = { name: string; label: string; table: string; good: 'up' | 'down'; stake: Severity };
export type MetricDays = Metric & { days: { day: string; value: number }[] };

/** The main numbers, by day. `stake` is how much a large change in the bad direction matters. */
const metrics: readonly Metric[] = [
  { name: 'visits', label: 'Visits', table: 'traffic_days', good: 'up', stake: 'high' },
  { name: 'signups', label: 'Signups', table: 'conversions', good: 'up', stake: 'high' },
  { name: 'payments', label: 'Payments', table: 'payments', good: 'up', stake: 'high' },
  { name: 'churned', label: 'Subscriptions that ended', table: 'mrr_movements', good: 'down', stake: 'high' },
  { name: 'refunds', label: 'Refunds and disputes', table: 'refunds', good: 'down', stake: 'high' },
  { name: 'clicks', label: 'Clicks on tracked links', table: 'clicks', good: 'up', stake: 'medium' },
  { name: 'mentions', label: 'Mentions and quotes', table: 'inbox_items', good: 'up', stake: 'medium' },
  { name: 'replies', label: 'Replies received', table: 'inbox_items', good: 'up', stake: 'medium' },
  { name: 'subscribers', label: 'New newsletter subscribers', table: 'subscribers', good: 'up', stake: 'medium' },
  { name: 'unsubscribed', label: 'Newsletter subscribers lost', table: 'subscribers', good: 'down', stake: 'medium' },
  { name: 'bots', label: 'Visits by bots', table: 'traffic_hours', good: 'down', stake: 'low' },
  { name: 'failures', label: 'Posts that failed', table: 'publications', good: 'down', stake: 'high' },
];

/**
 * One alarm by chance in some hundred days for each number (`dailyWatch`), so these stand outside of the correction that
 * the comparisons of one look share.
 */
export const anomalies: Detector = {
  name: 'anomalies',
  question: 'Did a main number of a day leave what is usual?',
  async look(inside, frame) {
    return judgeAnomalies(await readDays(inside, frame));
  },
};

/** Each number against what its own earlier days and weekdays lead to expect; days in order, without a gap. */
export function judgeAnomalies(all: readonly MetricDays[]): Judgement {
  const candidates = all.flatMap(judgeMetric);
  const short = all.filter(({ days }) => days.length <= dailyRowsNeeded);
  const missing =
    short.length === 0
      ? null
      : `Not enough data for ${short.map(({ label, days }) => `${label.toLowerCase()} (${days.length} days)`).join(', ')}: ` +
        `${dailyRowsNeeded} whole days since the first one are needed.`;
  if (candidates.length === 0 && short.length === all.length) return lacking(missing ?? 'Not enough data.');
  return { candidates, missing: short.length === all.length ? missing : null };
}

function judgeMetric({ days, ...metric }: MetricDays): Candidate[] {
  const watch = dailyWatch();
  const judged = days.map(({ day, value }) => watch(Date.parse(day), value));
  const alarm = judged.findLastIndex(({ reached }) => reached >= 1);
  // Once days are judged again after an alarm, the incident is over or is the new level.
  if (alarm === -1 || (alarm !== judged.length - 1 && !judged.at(-1)!.silent)) return [];
  const { since, direction, reached, dispersion } = judged[alarm]!;
  const from = Math.min(since, alarm);
  const usual = usualOf(judged, from);
  const observed = days.slice(from, alarm + 1).reduce((sum, { value }) => sum + value, 0);
  const expected = judged.slice(from, alarm + 1).reduce((sum, one) => sum + (one.expected ?? 0), 0);
  if (expected <= 0) return [];
  const effect = ratioOf(observed, expected, dispersion, usual);
  const day = days[from]!.day;
  const bad = direction !== metric.good;
  const large = effect.ratio >= 2 || effect.ratio <= 0.5;
  return [
    {
      kind: 'anomaly',
      metric: metric.name,
      severity: bad && large ? metric.stake : bad || large ? 'medium' : 'low',
      score: 1 - 2 ** -reached,
      subject: `metric:${metric.name}`,
      sentence:
        `${spanOf(day, days[alarm]!.day)} there were ${count(observed)} ${lower(metric.label)} where about ${count(expected)} were to be expected: ` +
        `${observed === 0 ? 'none at all' : `${times(effect.ratio)} as many`}.`,
      direction,
      p: null,
      effect,
      sampleBefore: Math.round(expected),
      sampleAfter: Math.round(observed),
      startsAt: new Date(`${day}T00:00:00Z`),
      endsAt: null,
      evidence: days.slice(Math.max(0, from - shownBefore)).map((one, index) => ({
        label: `${metric.label} on ${one.day}`,
        table: metric.table,
        rowId: null,
        value: one.value,
        day: one.day,
        expected: judged[Math.max(0, from - shownBefore) + index]!.expected,
      })),
    },
  ];
}

/** How much was counted to know what is usual. */
function usualOf(judged: readonly DailyJudgement[], from: number): number {
  return judged.slice(Math.max(0, from - 56), from).reduce((sum, { expected }) => sum + (expected ?? 0), 0);
}

/**
 * Observed ÷ expected with the 95 % interval of a Poisson count (Garwood 1936) on counts divided by their dispersion, widened
 * by what is not known of the expectation.
 */
function ratioOf(observed: number, expected: number, dispersion: number, usual: number) {
  const scaled = observed / dispersion;
  const low = scaled > 0 ? chiSquareQuantile(0.025, 2 * scaled) / 2 : 0;
  const high = chiSquareQuantile(0.975, 2 * (scaled + 1)) / 2;
  const doubt = Math.exp(1.96 * Math.sqrt(dispersion / Math.max(usual, dispersion)));
  return {
    ratio: observed / expected,
    low: (low * dispersion) / expected / doubt,
    high: ((high * dispersion) / expected) * doubt,
  };
}

/** `On 3 November 2026`, `From 3 to 12 November 2026`. */
function spanOf(from: string, to: string): string {
  if (from === to) return `On ${written(from)}`;
  const [begin, end] = [written(from).split(' '), written(to).split(' ')];
  // What both have in common is said once.
  const own = begin[2] !== end[2] ? begin : begin[1] !== end[1] ? begin.slice(0, 2) : begin.slice(0, 1);
  return `From ${own.join(' ')} to ${end.join(' ')}`;
}

function lower(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}

async function readDays(inside: Inside, frame: Frame): Promise<MetricDays[]> {
  const today = dayIn(frame.timeZone, frame.now);
  const first = addDays(today, -daysRead);
  const zone = frame.timeZone;
  const since = sql`(${first}::date)::timestamp at time zone ${zone}`;
  const local = (column: string) => sql`(${sql.ref(column)} at time zone ${zone})::date::text`;
  const { rows } = await sql<{ metric: string; day: string; value: number }>`
    select 'visits' as metric, day::text as day, visits::float8 as value from traffic_days
      where app_id = ${frame.appId} and dimension = 'total' and day >= ${first}
    union all select 'bots', ${local('hour')}, sum(bots)::float8 from traffic_hours
      where app_id = ${frame.appId} and hour >= ${since} group by 2
    union all select 'signups', ${local('occurred_at')}, count(*)::float8 from conversions
      where app_id = ${frame.appId} and kind = 'signup' and occurred_at >= ${since} group by 2
    union all select 'payments', ${local('paid_at')}, count(*)::float8 from payments
      where app_id = ${frame.appId} and amount_minor > 0 and paid_at >= ${since} group by 2
    union all select 'churned', ${local('occurred_at')}, count(*)::float8 from mrr_movements
      where app_id = ${frame.appId} and kind = 'churn' and occurred_at >= ${since} group by 2
    union all select 'refunds', ${local('refunded_at')}, count(*)::float8 from refunds
      where app_id = ${frame.appId} and kind in ('refund', 'dispute') and refunded_at >= ${since} group by 2
    union all select 'clicks', ${local('occurred_at')}, count(*)::float8 from clicks
      where app_id = ${frame.appId} and agent_class = 'human' and occurred_at >= ${since} group by 2
    union all select case kind when 'reply' then 'replies' else 'mentions' end, ${local('received_at')}, count(*)::float8 from inbox_items
      where kind in ('reply', 'mention', 'quote') and received_at >= ${since} group by 1, 2
    union all select 'subscribers', ${local('confirmed_at')}, count(*)::float8 from subscribers s
      join mailing_lists l on l.workspace_id = s.workspace_id and l.id = s.mailing_list_id
      where l.app_id = ${frame.appId} and confirmed_at >= ${since} group by 2
    union all select 'unsubscribed', ${local('ended_at')}, count(*)::float8 from subscribers s
      join mailing_lists l on l.workspace_id = s.workspace_id and l.id = s.mailing_list_id
      where l.app_id = ${frame.appId} and ended_at >= ${since} group by 2
    union all select 'failures', ${local('due_at')}, count(*)::float8 from publications u
      join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
      where p.app_id = ${frame.appId} and u.state = 'failed' and due_at >= ${since} group by 2`.execute(inside.tx);
  return metrics.map((metric) => {
    const own = new Map(rows.filter((row) => row.metric === metric.name).map(({ day, value }) => [day, value]));
    // The day on which counting began is not a whole one, today neither.
    const begins = [...own.keys()].sort()[0];
    const length = begins === undefined ? 0 : Math.max(0, daysBetween(begins, today) - 1);
    const days = Array.from({ length }, (_, index) => {
      const day = addDays(begins!, index + 1);
      return { day, value: own.get(day) ?? 0 };
    });
    return { ...metric, days };
  });
}
