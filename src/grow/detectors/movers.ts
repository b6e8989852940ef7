import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { againstUsual, shrink, sum } from '#src/grow/comparison.ts';
import {
  type Candidate,
  count,
  type Detector,
  dayOf,
  daysBefore,
  type Frame,
  type Judgement,
  lacking,
  written,
} from './detector.ts';
import { noTracker } from './measured-posts.ts';

const weeksCompared = 8;
const weeksNeeded = 4;
const countNeeded = 20;
/** The largest by their counts; what is smaller has too little to say. */
const most = 15;

export type Mover = { key: string; name: string; rowId: string | null; weeks: { startsAt: Date; count: number }[] };
type What = { subject: string; metric: string; table: string; of(name: string): string };

/** One week of many things against each one's weeks before; the sizes shown are drawn to their common middle. */
export function judgeMovers(movers: readonly Mover[], { subject, metric, table, of }: What): Judgement {
  const looked = movers
    .filter(({ weeks }) => weeks.length > weeksNeeded && counted(weeks) >= countNeeded)
    .toSorted((a, b) => counted(b.weeks) - counted(a.weeks))
    .slice(0, most)
    .flatMap((mover) => {
      const before = mover.weeks.slice(0, -1).map(({ count }) => count);
      const found = againstUsual(before, mover.weeks.at(-1)!.count);
      return found ? [{ mover, before, found }] : [];
    });
  if (looked.length === 0) {
    const weeks = Math.max(0, ...movers.map((mover) => mover.weeks.length - 1));
    const largest = Math.max(0, ...movers.map((mover) => counted(mover.weeks)));
    return lacking(
      `Not enough data: ${weeksNeeded} whole weeks before last week and ${countNeeded} counted in all are needed for one; ` +
        `there are ${weeks} weeks, and the largest has ${largest}.`,
    );
  }
  const drawn = shrink(looked.map(({ found }) => found));
  return {
    missing: null,
    candidates: looked.map(({ mover, before, found }, index): Candidate => {
      const last = mover.weeks.at(-1)!;
      const { estimate, interval } = drawn[index]!;
      const direction = found.estimate > 1 ? 'up' : 'down';
      const usual = sum(before) / before.length;
      return {
        kind: 'change',
        metric,
        severity: Math.abs(Math.log2(estimate)) >= 1 && usual >= 30 ? 'medium' : 'low',
        subject: `${subject}:${mover.key}`,
        sentence:
          usual < 0.5
            ? `${of(mover.name)}: ${count(last.count)} in the week from ${written(last.startsAt)}, next to none in the ${before.length} weeks before.`
            : `${of(mover.name)}: ${count(last.count)} in the week from ${written(last.startsAt)}, usually about ${count(usual)} a week ` +
              `(${before.length} weeks compared).`,
        direction,
        p: found.p,
        // A multiple of nothing is no size.
        effect: usual < 0.5 ? null : { ratio: estimate, ...interval },
        sampleBefore: sum(before),
        sampleAfter: last.count,
        startsAt: last.startsAt,
        endsAt: null,
        evidence: mover.weeks.map(({ startsAt, count: value }) => ({
          label: `${of(mover.name)}, week from ${dayOf(startsAt)}`,
          table,
          rowId: mover.rowId,
          value,
          day: dayOf(startsAt),
        })),
      };
    }),
  };
}

function counted(weeks: Mover['weeks']): number {
  return sum(weeks.map((week) => week.count));
}

type Row = { key: string; name: string; rowId: string | null; week: string; count: number };

function weekly(frame: Frame, rows: readonly Row[]): Mover[] {
  const measured = frame.measuredSince
    ? Math.floor((frame.until.getTime() - frame.measuredSince.getTime()) / (7 * 86_400_000))
    : 0;
  const shown = Math.min(weeksCompared + 1, Math.max(0, measured));
  const starts = Array.from({ length: shown }, (_, index) => daysBefore(frame.until, (shown - index) * 7));
  return [...Map.groupBy(rows, ({ key }) => key)].map(([key, own]) => {
    const counts = new Map(own.map(({ week, count }) => [week, count]));
    return {
      key,
      name: own[0]!.name,
      rowId: own[0]!.rowId,
      weeks: starts.map((startsAt) => ({ startsAt, count: counts.get(dayOf(startsAt)) ?? 0 })),
    };
  });
}

/** Monday of the week of a day, as `dayOf` writes it. */
const monday = (column: string) => sql`date_trunc('week', ${sql.ref(column)})::date::text`;

function dimension(
  name: string,
  question: string,
  dimensionName: string,
  what: Omit<What, 'table'>,
  only = sql`true`,
): Detector {
  return {
    name,
    question,
    async look(inside: Inside, frame: Frame) {
      if (!frame.measuredSince) return lacking(noTracker);
      const { rows } = await sql<Row>`
        select value as key, value as name, null::uuid as row_id, ${monday('day')} as week, sum(visits)::int as count from traffic_days
        where app_id = ${frame.appId} and dimension = ${dimensionName} and ${only}
          and day >= ${dayOf(daysBefore(frame.until, (weeksCompared + 1) * 7))} and day < ${dayOf(frame.until)}
        group by value, 4`.execute(inside.tx);
      return judgeMovers(weekly(frame, rows), { ...what, table: 'traffic_days' });
    },
  };
}

const searching = sql`value in ('Organic Search', 'Paid Search', 'AI Assistants')`;

export const sourceVisits = dimension(
  'source_visits',
  'Did a source bring more or fewer visits than usual?',
  'source',
  {
    subject: 'source',
    metric: 'visits',
    of: (name) => `Visits from ${name}`,
  },
);
export const channelVisits = dimension(
  'channel_visits',
  'Did a channel bring more or fewer visits than usual?',
  'channel',
  { subject: 'channel', metric: 'visits', of: (name) => `Visits by the channel ${name}` },
  sql`not (${searching})`,
);
export const searchVisits = dimension(
  'search_visits',
  'Did search engines or assistants send more or fewer visitors than usual?',
  'channel',
  { subject: 'search', metric: 'visits', of: (name) => `Visits from ${name}` },
  searching,
);
export const pageVisits = dimension('page_visits', 'Did a page have more or fewer visits than usual?', 'path', {
  subject: 'page',
  metric: 'visits',
  of: (name) => `Visits of ${name}`,
});
export const campaignVisits = dimension(
  'campaign_visits',
  'Did a campaign bring more or fewer visits than usual?',
  'campaign',
  { subject: 'campaign', metric: 'visits', of: (name) => `Visits by the campaign ${name}` },
);

export const linkClicks: Detector = {
  name: 'link_clicks',
  question: 'Was a tracked link clicked more or less than usual?',
  async look(inside, frame) {
    const from = daysBefore(frame.until, (weeksCompared + 1) * 7);
    const { rows } = await sql<Row & { since: Date }>`
      select c.link_id::text as key, l.code as name, c.link_id as row_id, l.created_at as since,
        date_trunc('week', c.occurred_at at time zone 'UTC')::date::text as week, count(*)::int as count
      from clicks c join links l on l.workspace_id = c.workspace_id and l.id = c.link_id
      where c.app_id = ${frame.appId} and c.agent_class = 'human' and c.occurred_at >= ${from} and c.occurred_at < ${frame.until}
      group by 1, 2, 3, 4, 5`.execute(inside.tx);
    const movers = weekly({ ...frame, measuredSince: from }, rows).map((mover) => {
      const since = rows.find(({ key }) => key === mover.key)?.since ?? frame.until;
      return { ...mover, weeks: mover.weeks.filter(({ startsAt }) => startsAt >= since) };
    });
    return judgeMovers(movers, {
      subject: 'link',
      metric: 'clicks',
      table: 'clicks',
      of: (name) => `Clicks on /${name}`,
    });
  },
};
