import './attribution/attribution.css';
import '#web/styles/measure.css';
import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { counted, money, percent } from '#web/format.ts';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { OtherCurrencies } from '#web/parts/other-currencies.tsx';
import { Page } from '#web/parts/page.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';
import { Models } from './attribution/models.tsx';
import { ReceiptDrawer, Receipts } from './attribution/receipts.tsx';
import { JourneysTaken } from './attribution/ways.tsx';
import { byWords, type Compared, type Measure, measureWords, modelWords, shareOf } from './attribution/words.ts';

export function AttributionPage() {
  const app = useApp();
  const { asked, label } = useRange();
  const [byAsked, setBy] = useAddress('by', 'channel');
  const by = (Object.keys(byWords) as Compared['by'][]).find((one) => one === byAsked) ?? 'channel';
  const [measureAsked, setMeasure] = useAddress('measure', 'revenue');
  const measure = (Object.keys(measureWords) as Measure[]).find((one) => one === measureAsked) ?? 'revenue';
  const [receipt, openReceipt] = useAddress('receipt', null);
  const query = useQuery({
    queryKey: ['attribution', 'compare', app.id, asked, by],
    queryFn: () => api.attribution.compare({ appId: app.id, ...asked, by }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title="Attribution"
      intro="Who gets the credit for signups and money, by every model side by side."
      actions={<RangePicker compare={false} />}
    >
      <Loaded query={query} title="The credits did not load" skeleton={<SkeletonCard height={420} />}>
        {(data) =>
          data.conversions === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Credit</h2>
              <EmptyState title="Nobody signed up or paid in this range">
                As soon as somebody does, what brought them stands here, with how it is known. Choose a longer range to
                see earlier days.
              </EmptyState>
            </div>
          ) : (
            <>
              <Figures data={data} />
              <div className="credit-controls">
                <NativeSelect
                  aria-label="What credit is put down to"
                  value={by}
                  onChange={(event) => setBy(event.currentTarget.value)}
                  data={Object.entries(byWords).map(([value, words]) => ({
                    value,
                    label: `By ${words.toLowerCase()}`,
                  }))}
                />
                <Segmented
                  label="What is credited"
                  value={measure}
                  onChange={setMeasure}
                  options={(Object.keys(measureWords) as Measure[]).map((value) => ({
                    value,
                    label: measureWords[value],
                  }))}
                />
              </div>
              <Models data={data} measure={measure} range={label} />
              <OtherCurrencies amounts={data.otherCurrencies} suggested={null} />
              <JourneysTaken appId={app.id} />
              <div style={{ marginTop: 16 }}>
                <Receipts appId={app.id} onOpen={openReceipt} />
              </div>
              <ZoneNote zone={data.timeZone} />
            </>
          )
        }
      </Loaded>
      {receipt && <ReceiptDrawer conversionId={receipt} onClose={() => openReceipt(null)} />}
    </Page>
  );
}

function Figures({ data }: { data: Compared }) {
  const { totals, unattributed, explained, currency } = data;
  return (
    <dl className="credit-figures num">
      <div>
        <dt>Explained revenue</dt>
        <dd>
          {explained === null ? 'No revenue' : percent(explained)}
          <small>{money(totals.revenue.minor, currency)} in all</small>
        </dd>
      </div>
      <div>
        <dt>Unattributed</dt>
        <dd>
          {money(unattributed.revenue.minor, currency)}
          <small>{shareOf(unattributed.signups)} signups from nobody knows where</small>
        </dd>
      </div>
      <div>
        <dt>Signups</dt>
        <dd>
          {shareOf(totals.signups)}
          <small>{shareOf(totals.trials)} trials</small>
        </dd>
      </div>
      <div>
        <dt>New customers</dt>
        <dd>
          {shareOf(totals.customers)}
          <small>{counted(data.conversions, 'conversion')} of all kinds</small>
        </dd>
      </div>
      <div>
        <dt>Other pages count by</dt>
        <dd style={{ fontSize: '0.9375rem' }}>
          {modelWords[data.ownModel]}
          <small>{counted(data.windowDays, 'day')} back</small>
        </dd>
      </div>
    </dl>
  );
}
