import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { compact, count, counted, money, percent } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { KpiStrip } from '#web/parts/kpi-strip.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';
import { addDays } from '#web/zone.ts';
import { Counted, type Metrics } from './counted.tsx';
import { Earned } from './earned.tsx';

export type Numbers = Awaited<ReturnType<typeof api.dashboards.post>>;

/** What a published post brought: over time, and to the cent. */
export function PostNumbers({ postId, zone, readable }: { postId: string; zone: string; readable: boolean }) {
  const numbers = useQuery({
    queryKey: ['dashboards', 'post', postId],
    queryFn: () => api.dashboards.post({ postId }),
  });
  const metrics = useQuery({ queryKey: ['metrics', postId], queryFn: () => api.metrics.post({ postId }) });
  const failed = [numbers, metrics].find((query) => query.error);
  if (failed)
    return <ErrorNotice title="The numbers did not load" error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!numbers.data || !metrics.data) return <SkeletonCard height={360} />;
  return (
    <>
      <OverTime numbers={numbers.data} metrics={metrics.data}>
        {readable && <ReadNow />}
      </OverTime>
      <Counted metrics={metrics.data} />
      <Earned numbers={numbers.data} zone={zone} />
    </>
  );
}

/** Asks the platforms now, for all posts at once: what they answer comes for many in one request. */
function ReadNow() {
  const reading = useChange(api.metrics.collect, { refreshes: [['dashboards'], ['metrics'], ['spend']] });
  return (
    <div className="card-note stack" data-gap="small">
      <div className="line">
        <Button size="small" look="quiet" busy={reading.isPending} onClick={() => reading.mutate({})}>
          Read the numbers now
        </Button>
        <span className="sub num" role="status">
          {reading.data
            ? `Read just now, ${counted(reading.data.parts, 'text')} of the last 29 days.`
            : 'Of all your posts of the last 29 days. Some platforms charge for it.'}
        </span>
      </div>
      {reading.error && <ErrorNotice title="The numbers were not read" error={reading.error} />}
    </div>
  );
}

function OverTime({ numbers, metrics, children }: { numbers: Numbers; metrics: Metrics; children?: ReactNode }) {
  const [chosen, setChosen] = useState('visits');
  const { totals, cost } = numbers;
  const series = useMemo(() => seriesOf(numbers, metrics), [numbers, metrics]);
  const engaged = [totals.likes, totals.replies, totals.reposts, totals.quotes, totals.bookmarks].filter(
    (each) => each !== null,
  );
  return (
    <section className="card" aria-label="Numbers">
      <KpiStrip
        chosen={chosen}
        onChoose={setChosen}
        items={[
          {
            id: 'impressions',
            label: 'Impressions',
            value: totals.impressions === null ? 'not told' : compact(totals.impressions),
          },
          { id: 'engagement', label: 'Reactions', value: count(engaged.reduce((sum, each) => sum + each, 0)) },
          { id: 'visits', label: 'Visits', value: count(totals.visits) },
          { id: 'signups', label: 'Signups', value: count(totals.signups) },
        ]}
      />
      {series.days.length > 1 ? (
        <TrendChart
          label={
            chosen === 'impressions'
              ? 'Impressions so far'
              : chosen === 'engagement'
                ? 'Reactions so far'
                : chosen === 'visits'
                  ? 'Visits a day'
                  : 'Signups a day'
          }
          days={series.days}
          current={series[chosen as 'visits']}
          height={200}
        />
      ) : (
        <p className="table-empty">
          Numbers over time need a second day. The first look is taken within an hour of publishing.
        </p>
      )}
      <p className="card-note sub num">
        {numbers.clickRate === null
          ? 'Not enough data for a click rate. '
          : `${percent(numbers.clickRate)} of impressions became a visit. `}
        {numbers.signupRate === null
          ? 'Not enough visits for a signup rate. '
          : `${percent(numbers.signupRate)} of visits became a signup. `}
        {cost.platformMicros > 0 && `Posting cost ${money(cost.platformMicros / 10_000, 'USD')}. `}
        {cost.minutes > 0 && `It took ${cost.minutes} minutes of yours.`}
      </p>
      {children}
    </section>
  );
}

/** Everything by day, from the first number to the last: running totals carried on, counts a day with zeros between. */
function seriesOf({ visitsByDay }: Numbers, { accounts }: Metrics) {
  const known = [...accounts.flatMap((account) => account.days), ...visitsByDay].map(({ day }) => day).sort();
  const days: string[] = [];
  for (let day = known[0]; day !== undefined && day <= known.at(-1)!; day = addDays(day, 1)) days.push(day);
  const totals = days.map((day) => {
    // Of each account what it had last by then; they are not looked at on the same days.
    const last = accounts.flatMap((account) => account.days.findLast((row) => row.day <= day)?.total ?? []);
    const sum = (names: (keyof (typeof last)[number])[]) =>
      last.reduce((all, row) => names.reduce((inner, name) => inner + (row[name] ?? 0), all), 0);
    return {
      impressions: sum(['impressions']),
      engagement: sum(['likes', 'replies', 'reposts', 'quotes', 'bookmarks']),
    };
  });
  const byDay = new Map(visitsByDay.map((row) => [row.day, row]));
  return {
    days,
    impressions: totals.map((each) => each.impressions),
    engagement: totals.map((each) => each.engagement),
    visits: days.map((day) => byDay.get(day)?.visits ?? 0),
    signups: days.map((day) => byDay.get(day)?.signups ?? 0),
  };
}
