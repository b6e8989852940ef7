import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { count } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Figure, moneyWords, type SegmentRow, type Segments, segmentWords } from './words.ts';

const first = 12;

/** What customers of each segment are worth and what winning one cost, by a rule of one's choice. */
export function SegmentsCard({ appId }: { appId: string }) {
  const [asked, ask] = useAddress('by', 'channel');
  const by = asked in segmentWords ? (asked as Segments['by']) : 'channel';
  const segments = useQuery({
    queryKey: ['knowledge', appId, 'segments', by],
    queryFn: () => api.segments.by({ appId, by }),
  });
  return (
    <Card
      title="What customers are worth"
      sub="By what their first purchase is credited to most"
      action={
        <NativeSelect
          aria-label="Segments by"
          size="xs"
          data={Object.entries(segmentWords).map(([value, label]) => ({ value, label }))}
          value={by}
          onChange={(event) => ask(event.currentTarget.value)}
        />
      }
    >
      <Loaded query={segments} title="The segments did not load" skeleton={<SkeletonCard height={240} />}>
        {(data) => <SegmentTable data={data} />}
      </Loaded>
    </Card>
  );
}

function SegmentTable({ data }: { data: Segments }) {
  const cell = (figure: Figure) =>
    figure.value === null ? (
      <span title={figure.reason ?? undefined}>
        <NotEnough inline />
      </span>
    ) : (
      moneyWords(figure, data.currency)
    );
  return (
    <DataTable<SegmentRow>
      caption={`What customers are worth by ${segmentWords[data.by].toLowerCase()}`}
      rows={data.rows.slice(0, first)}
      rowKey={(row) => row.key}
      empty="Nobody has paid yet. Connect a payment source, and this fills by itself."
      columns={[
        { key: 'name', head: segmentWords[data.by], cell: (row) => row.name },
        { key: 'customers', head: 'Customers', align: 'right', cell: (row) => count(row.customers) },
        { key: 'earned', head: 'Paid so far, each', align: 'right', cell: (row) => cell(row.earnedEach) },
        {
          key: 'lifetime',
          head: `Worth in ${data.horizonMonths} months`,
          align: 'right',
          cell: (row) => cell(row.lifetimeValue),
          hideOnPhone: true,
        },
        {
          key: 'cac',
          head: 'Cost to win',
          align: 'right',
          cell: (row) => cell(row.acquisitionCost),
          hideOnPhone: true,
        },
        {
          key: 'ratio',
          head: 'LTV to CAC',
          align: 'right',
          cell: (row) => (row.ltvToCac.value === null ? <NotEnough inline /> : row.ltvToCac.value.toFixed(1)),
          hideOnPhone: true,
        },
      ]}
    />
  );
}
