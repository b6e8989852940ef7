import '#web/pages/measure/attribution/attribution.css';
import '#web/pages/measure/returns/returns.css';
import '#web/styles/home.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { day, money, percent } from '#web/format.ts';
import { Wide } from '#web/pages/measure/attribution/wide.tsx';
import { modelWords } from '#web/pages/measure/attribution/words.ts';
import { Result } from '#web/pages/measure/returns/result.tsx';
import { ReturnRows } from '#web/pages/measure/returns/table.tsx';
import { Card } from '#web/parts/card.tsx';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';

type Numbers = Awaited<ReturnType<typeof api.campaigns.numbers>>;

/** What the campaign cost and brought: figures, pace of spending, its days and its posts. */
export function CampaignNumbers({ campaignId }: { campaignId: string }) {
  const query = useQuery({
    queryKey: ['campaigns', 'numbers', campaignId],
    queryFn: () => api.campaigns.numbers({ campaignId }),
  });
  return (
    <Loaded query={query} title="The figures did not load" skeleton={<SkeletonCard height={320} />}>
      {(data) => (
        <section aria-label="What it cost and brought" style={{ marginTop: 16 }}>
          <Result figures={data.numbers} currency={data.currency} />
          <Pace pace={data.pace} />
          <Days data={data} />
          {data.posts.length > 0 && (
            <Card title="What its posts earned" sub="most profit first">
              <Wide label="Posts" least={1000}>
                <ReturnRows rows={data.posts} currency={data.currency} by="post" />
              </Wide>
            </Card>
          )}
          <p className="sub num" style={{ marginTop: 12 }}>
            From {day(data.from, 'UTC')} to {day(data.until, 'UTC')}, by {modelWords[data.model].toLowerCase()}.
            {data.modelReason && ` ${data.modelReason}`}
          </p>
          <ZoneNote zone={data.timeZone} />
        </section>
      )}
    </Loaded>
  );
}

const verdictWords = {
  on: 'Spending goes as planned.',
  ahead: 'More is spent than its dates call for by now.',
  behind: 'Less is spent than its dates call for by now.',
};

function Pace({ pace }: { pace: Numbers['pace'] }) {
  const { budget, used, planned, verdict } = pace;
  if (!budget || used === null) return null;
  return (
    <Card title="Pace of spending" sub={`${percent(used)} of ${money(budget.minor, budget.currency)}`} padded>
      <span className="range-cell" aria-hidden="true">
        <i style={{ left: 0, width: `${Math.min(1, used) * 100}%` }} />
        {planned !== null && <b style={{ left: `calc(${planned * 100}% - 1px)` }} />}
      </span>
      <p className="sub num" style={{ marginTop: 8 }}>
        {planned === null || verdict === null
          ? 'Without dates, or with pacing set to none, there is no plan to hold it against.'
          : `${verdictWords[verdict]} ${percent(planned)} would be spent by today.`}
      </p>
    </Card>
  );
}

const measures = {
  signups: { label: 'Signups', of: (row: Numbers['days'][number]) => row.signups },
  visits: { label: 'Visits', of: (row: Numbers['days'][number]) => row.visits },
  revenue: { label: 'Revenue', of: (row: Numbers['days'][number]) => Number(row.revenueMinor) },
};

function Days({ data }: { data: Numbers }) {
  const [measure, setMeasure] = useState<keyof typeof measures>('signups');
  const { label, of } = measures[measure];
  const format = measure === 'revenue' ? { format: (value: number) => money(Math.round(value), data.currency) } : {};
  return (
    <div style={{ margin: '16px 0' }}>
      <ChartCard
        title="Day by day"
        file="campaign-days"
        zone={data.timeZone}
        padded
        rows={() => ({
          columns: ['Day', 'Visits', 'Signups', 'Revenue', 'Cost', 'Currency'],
          rows: data.days.map((row) => [
            row.day,
            row.visits,
            row.signups,
            row.revenueMinor,
            row.costMinor,
            data.currency,
          ]),
        })}
        action={
          <Segmented
            label="What is drawn"
            value={measure}
            onChange={setMeasure}
            options={(Object.keys(measures) as (keyof typeof measures)[]).map((value) => ({
              value,
              label: measures[value].label,
            }))}
          />
        }
      >
        <TrendChart
          label={label}
          days={data.days.map((row) => row.day)}
          current={data.days.map(of)}
          {...format}
          height={200}
        />
      </ChartCard>
    </div>
  );
}
