import './returns/returns.css';
import './attribution/attribution.css';
import '#web/styles/measure.css';
import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Receipt } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { OtherCurrencies } from '#web/parts/other-currencies.tsx';
import { Page } from '#web/parts/page.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';
import { type Model, modelWords } from './attribution/words.ts';
import { Result } from './returns/result.tsx';
import { ReturnsTable } from './returns/table.tsx';
import { byWords, type Returns } from './returns/words.ts';

const CostsDrawer = lazy(() => import('./returns/costs-drawer.tsx').then((file) => ({ default: file.CostsDrawer })));

export function ReturnsPage() {
  const app = useApp();
  const { asked, label } = useRange();
  const [byAsked, setBy] = useAddress('by', 'post');
  const by = (Object.keys(byWords) as Returns['by'][]).find((one) => one === byAsked) ?? 'post';
  const [modelAsked, setModel] = useAddress('model', null);
  const model = (Object.keys(modelWords) as Model[]).find((one) => one === modelAsked);
  const [costs, openCosts] = useAddress('costs', null);
  const query = useQuery({
    queryKey: ['returns', app.id, asked, by, model],
    queryFn: () => api.returns.by({ appId: app.id, ...asked, by, ...(model ? { model } : {}) }),
    placeholderData: keepPreviousData,
  });
  const button = (
    <Button onClick={() => openCosts('open')}>
      <Receipt size={15} aria-hidden="true" /> Costs
    </Button>
  );
  return (
    <Page
      title="What each post earned"
      intro="Money and time that went in, against the people and money that came out."
      actions={
        <>
          {button}
          <RangePicker compare={false} />
        </>
      }
    >
      <Loaded query={query} title="The figures did not load" skeleton={<SkeletonCard height={420} />}>
        {(data) =>
          isEmpty(data) ? (
            <div className="card">
              <h2 className="hidden-text">Cost and outcome</h2>
              <EmptyState title="Nothing went in and nothing came out in this range" action={button}>
                Write down what ads, tools and your own time cost. What posts bring is counted by itself.
              </EmptyState>
            </div>
          ) : (
            <>
              <Result figures={data.totals} currency={data.currency} />
              <div className="credit-controls">
                <NativeSelect
                  aria-label="What is compared"
                  value={by}
                  onChange={(event) => setBy(event.currentTarget.value)}
                  data={Object.entries(byWords).map(([value, words]) => ({
                    value,
                    label: `By ${words.toLowerCase()}`,
                  }))}
                />
                <NativeSelect
                  aria-label="Who gets the credit"
                  value={model ?? ''}
                  onChange={(event) => setModel(event.currentTarget.value || null)}
                  data={[
                    { value: '', label: `As set: ${modelWords[data.model].toLowerCase()}` },
                    ...Object.entries(modelWords).map(([value, words]) => ({ value, label: words })),
                  ]}
                />
              </div>
              {data.modelReason && (
                <p className="sub" style={{ marginBottom: 12 }}>
                  {data.modelReason} Shown by {modelWords[data.model].toLowerCase()} instead.
                </p>
              )}
              <ReturnsTable data={data} range={label} />
              {data.unpricedMinutes > 0 && (
                <p className="sub num" style={{ marginTop: 12 }}>
                  {data.unpricedMinutes} minutes of your own time have no price.{' '}
                  <Link to="/settings/$section" params={{ section: 'tracking' }}>
                    Say what an hour is worth
                  </Link>
                  .
                </p>
              )}
              {data.sharedMicros > 0 && (
                <p className="sub num" style={{ marginTop: 12 }}>
                  Platforms charged {money(String(data.sharedMicros / 10_000), 'USD')} for no post in particular;
                  several apps share the accounts, so it is in no app’s figures.
                </p>
              )}
              <OtherCurrencies amounts={[...data.otherCosts, ...data.otherCurrencies]} suggested={null} />
              <ZoneNote zone={data.timeZone} />
            </>
          )
        }
      </Loaded>
      {costs && (
        <Suspense fallback={null}>
          <CostsDrawer appId={app.id} onClose={() => openCosts(null)} />
        </Suspense>
      )}
    </Page>
  );
}

function isEmpty({ totals, rows }: Returns): boolean {
  return rows.length === 0 && totals.cost.allMinor === '0' && totals.revenueMinor === '0' && totals.signups === 0;
}
