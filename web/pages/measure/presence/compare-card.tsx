import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { called, compact, count, counted, money } from '#web/format.ts';
import { Wide } from '#web/pages/measure/attribution/wide.tsx';
import { shareOf } from '#web/pages/measure/attribution/words.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import type { RangeAsked } from '#web/range.ts';
import { Estimated } from './estimated.tsx';
import { byWords, type Comparison, formatNames, rate, times, whole } from './words.ts';

type By = Comparison['by'];
type Row = Comparison['rows'][number];

/** Platforms, accounts or formats side by side: what went out, how it was received, what it brought and cost. */
export function CompareCard({ appId, asked, range }: { appId: string; asked: RangeAsked; range: string }) {
  const [chosen, choose] = useAddress('compared', 'platform');
  const by = (Object.keys(byWords) as By[]).find((one) => one === chosen) ?? 'platform';
  const query = useQuery({
    queryKey: ['platforms', appId, asked, by],
    queryFn: () => api.platforms.compare({ appId, by, ...asked }),
    placeholderData: keepPreviousData,
  });
  return (
    <ChartCard
      title="Side by side"
      file={`compare-${by}`}
      picture={false}
      range={range}
      {...(query.data ? { zone: query.data.timeZone } : {})}
      action={
        <Segmented
          label="Compare"
          value={by}
          onChange={choose}
          options={(Object.keys(byWords) as By[]).map((value) => ({ value, label: byWords[value] }))}
        />
      }
      rows={() => tableOf(query.data)}
    >
      <Loaded query={query} title="The comparison did not load" skeleton={<Skeleton height={180} />}>
        {(data) => (
          <Wide label="The comparison" least={1000}>
            <Compared data={data} />
          </Wide>
        )}
      </Loaded>
    </ChartCard>
  );
}

function Compared({ data }: { data: Comparison }) {
  const { currency, by } = data;
  return (
    <DataTable
      caption="Side by side"
      height="two"
      rows={data.rows}
      rowKey={(row) => row.key}
      empty="Nothing went out and nothing was brought in this range."
      columns={[
        {
          key: 'name',
          head: byWords[by],
          cell: (row) => (
            <>
              <div className="clip line">
                {row.platform && <PlatformIcon platform={row.platform} size={13} />}
                {nameOf(row, by)}
              </div>
              <div className="cell-meta num">
                {counted(row.posts, 'post')}
                {row.removed > 0 && `, ${count(row.removed)} removed since`}
              </div>
            </>
          ),
        },
        {
          key: 'impressions',
          head: 'Impressions',
          align: 'right',
          width: '96px',
          hideOnPhone: true,
          cell: (row) =>
            row.impressions === null ? <span className="cell-none">not told</span> : compact(row.impressions),
        },
        {
          key: 'median',
          head: 'Per post',
          align: 'right',
          width: '80px',
          hideOnPhone: true,
          cell: (row) => <Estimated of={row.medianImpressions} write={whole} />,
        },
        {
          key: 'rate',
          head: 'Engagement rate',
          align: 'right',
          width: '116px',
          cell: (row) => <Estimated of={row.engagementRate} write={rate} />,
        },
        {
          key: 'against',
          head: 'Against the rest',
          align: 'right',
          width: '112px',
          hideOnPhone: true,
          cell: (row) => <Estimated of={row.against} write={times} />,
        },
        { key: 'visits', head: 'Visits', align: 'right', width: '68px', cell: (row) => count(row.visits) },
        {
          key: 'signups',
          head: 'Signups',
          align: 'right',
          width: '72px',
          hideOnPhone: true,
          cell: (row) => shareOf(row.signups),
        },
        {
          key: 'customers',
          head: 'Customers',
          align: 'right',
          width: '84px',
          hideOnPhone: true,
          cell: (row) => shareOf(row.customers),
        },
        {
          key: 'revenue',
          head: 'Revenue',
          align: 'right',
          width: '88px',
          hideOnPhone: true,
          cell: (row) => money(row.revenueMinor, currency, { whole: true }),
        },
        {
          key: 'cost',
          head: 'Cost',
          align: 'right',
          width: '80px',
          hideOnPhone: true,
          cell: (row) =>
            row.costMinor === '0' ? (
              <span className="cell-none">–</span>
            ) : (
              money(row.costMinor, currency, { whole: true })
            ),
        },
      ]}
    />
  );
}

function nameOf(row: Row, by: By): string {
  if (by === 'account') return called(row.name);
  return by === 'platform' ? platformName(row.key) : (formatNames[row.key] ?? row.key);
}

function tableOf(data: Comparison | undefined) {
  return {
    columns: [
      'Name',
      'Posts',
      'Removed since',
      'Impressions',
      'Impressions per post',
      'From',
      'To',
      'Engagement per post',
      'Engagement rate',
      'From',
      'To',
      'Against the rest',
      'From',
      'To',
      'Clicks',
      'Visits',
      'Signups',
      'Customers',
      'Revenue',
      'Cost',
      'Currency',
    ],
    rows: (data?.rows ?? []).map((row) => [
      nameOf(row, data?.by ?? 'platform'),
      row.posts,
      row.removed,
      row.impressions,
      row.medianImpressions.value,
      row.medianImpressions.low,
      row.medianImpressions.high,
      row.medianEngagement.value,
      row.engagementRate.value,
      row.engagementRate.low,
      row.engagementRate.high,
      row.against.value,
      row.against.low,
      row.against.high,
      row.clicks,
      row.visits,
      row.signups,
      row.customers,
      row.revenueMinor,
      row.costMinor,
      data?.currency ?? '',
    ]),
  };
}
