import { useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { money } from '#web/format.ts';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { TabbedCard } from '#web/parts/tabbed-card.tsx';
import type { RangeAsked } from '#web/range.ts';
import { figuresQuery, type Segment } from './queries.ts';
import { rateWords, segmentWords } from './words.ts';

const all = Object.keys(segmentWords) as Segment[];

/** The same bridge for each plan, channel, country, audience or currency. */
export function SegmentsCard({ appId, asked }: { appId: string; asked: RangeAsked }) {
  const [chosen, choose] = useAddress('segment', 'plan');
  const segment = all.find((each) => each === chosen) ?? 'plan';
  const figures = useQuery(figuresQuery({ appId, ...asked, grain: 'month', segment }));
  return (
    <TabbedCard
      label="Recurring revenue by"
      tabs={all.map((key) => ({ key, label: segmentWords[key] }))}
      chosen={segment}
      onChoose={choose}
    >
      <Loaded
        query={figures}
        title="The segments did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={5} />
          </div>
        }
      >
        {({ segments, currency }) => (
          <DataTable
            caption={`Recurring revenue by ${segmentWords[segment].toLowerCase()}`}
            rows={segments ?? []}
            rowKey={(row) => row.segment}
            empty="No subscription brings recurring revenue in this range."
            columns={[
              { key: 'label', head: segmentWords[segment], cell: (row) => row.label },
              {
                key: 'customers',
                head: 'Customers',
                align: 'right',
                cell: (row) => row.total.customers.closing,
                hideOnPhone: true,
              },
              { key: 'mrr', head: 'MRR', align: 'right', cell: (row) => money(row.total.closingMinor, currency) },
              { key: 'net', head: 'Net new', align: 'right', cell: (row) => money(row.total.netNewMinor, currency) },
              {
                key: 'churn',
                head: 'Churn',
                align: 'right',
                cell: (row) => rateWords(row.total.grossChurn),
                hideOnPhone: true,
              },
            ]}
          />
        )}
      </Loaded>
    </TabbedCard>
  );
}
