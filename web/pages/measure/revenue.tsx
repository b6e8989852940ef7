import './revenue/revenue.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { type RangeAsked, useRange } from '#web/range.ts';
import { CohortsCard } from './revenue/cohorts-card.tsx';
import { DefinitionsCard } from './revenue/definitions-card.tsx';
import { FiguresCard } from './revenue/figures-card.tsx';
import { LedgerCard } from './revenue/ledger-card.tsx';
import { LifetimeCard } from './revenue/lifetime-card.tsx';
import { MovementsCard, MovementsDrawer } from './revenue/movements-card.tsx';
import { NoMoney } from './revenue/no-money.tsx';
import { PaymentsCard } from './revenue/payments-card.tsx';
import { figuresQuery, type Grain, type Period } from './revenue/queries.ts';
import { ReceiptDrawer } from './revenue/receipt.tsx';
import { SegmentsCard } from './revenue/segments-card.tsx';
import { grainWords } from './revenue/words.ts';

const short = new Set<RangeAsked['range']>(['today', 'yesterday', '7d']);
const long = new Set<RangeAsked['range']>(['90d', '12m', 'this_year', 'all', 'custom']);

/** What comes in every month, how it moved, and whether the books agree with the provider's. */
export function RevenuePage() {
  const app = useApp();
  const house = useHouse();
  const { asked, label, compareLabel } = useRange();
  const byItself: Grain = short.has(asked.range) ? 'day' : long.has(asked.range) ? 'month' : 'week';
  const [by, setBy] = useAddress('by', byItself);
  const grain = (Object.keys(grainWords) as Grain[]).find((each) => each === by) ?? byItself;
  const [receipt, setReceipt] = useAddress('receipt', '');
  const [opened, setOpened] = useState<Period>();
  const [bare, setBare] = useState(false);
  const figures = useQuery(figuresQuery({ appId: app.id, ...asked, grain }, bare));
  const { data } = figures;
  const empty = data !== undefined && !data.hasPayments && !data.hasSubscriptions;
  if (empty !== bare) setBare(empty);
  const zone = data?.timeZone ?? house.timeZone;
  return (
    <Page
      title="Revenue"
      intro="What recurs, what was paid, and what brought it."
      actions={empty ? undefined : <RangePicker />}
    >
      {figures.error && !data && (
        <ErrorNotice title="The figures did not load" error={figures.error} onRetry={() => void figures.refetch()} />
      )}
      {!data && !figures.error && (
        <div role="status" aria-label="Loading">
          <SkeletonCard height={420} />
          <div className="row" data-split="1-1">
            <SkeletonCard />
            <SkeletonCard />
          </div>
        </div>
      )}
      {empty && <NoMoney connected={data.sources > 0} />}
      {data && !empty && (
        <>
          <FiguresCard appId={app.id} figures={data} label={label} against={compareLabel} onPick={setOpened} />
          <div className="row">
            <MovementsCard figures={data} onGrain={setBy} onPick={setOpened} />
          </div>
          <div className="row" data-split="1-1">
            <SegmentsCard appId={app.id} asked={asked} />
            <LifetimeCard appId={app.id} figures={data} />
          </div>
          <div className="row">
            <CohortsCard appId={app.id} />
          </div>
          <div className="row" data-split="1-1">
            <LedgerCard appId={app.id} onPayment={setReceipt} />
            <PaymentsCard appId={app.id} zone={zone} onPayment={setReceipt} />
          </div>
          <div className="row">
            <DefinitionsCard appId={app.id} />
          </div>
          <ZoneNote zone={zone} />
        </>
      )}
      {opened && data && (
        <MovementsDrawer
          appId={app.id}
          period={opened}
          grain={data.grain}
          zone={zone}
          onClose={() => setOpened(undefined)}
        />
      )}
      {receipt && <ReceiptDrawer paymentId={receipt} zone={zone} onClose={() => setReceipt('')} />}
    </Page>
  );
}
