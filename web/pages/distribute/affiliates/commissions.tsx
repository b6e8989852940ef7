import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { day, money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { affiliatesKey, type Commission } from './queries.ts';

const states = [
  { value: 'all', label: 'All' },
  { value: 'earned', label: 'Due' },
  { value: 'flagged', label: 'Held' },
  { value: 'paid', label: 'Paid out' },
  { value: 'reversed', label: 'Reversed' },
];
const stateWords: Record<Commission['state'], [word: string, tone: string]> = {
  earned: ['Due', 'accent'],
  flagged: ['Held', 'warn'],
  paid: ['Paid out', 'pos'],
  reversed: ['Reversed', 'dashed'],
};
const byWords: Record<Commission['by'], string> = {
  link: 'by their link',
  code: 'by their code',
  customer: 'customer of theirs',
};

/** What was earned, payment by payment. */
export function Commissions({ appId }: { appId: string }) {
  const { timeZone: zone } = useHouse();
  const [state, setState] = useState('all');
  const list = useInfiniteQuery({
    queryKey: [...affiliatesKey, 'commissions', appId, state],
    queryFn: ({ pageParam }) =>
      api.commissions.list({
        appId,
        ...(state === 'all' ? {} : { state: state as Commission['state'] }),
        ...(pageParam ? { cursor: pageParam } : {}),
      }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  const releasing = useChange(api.commissions.release, { refreshes: [affiliatesKey], says: 'It counts now' });
  const rows = list.data?.pages.flatMap((page) => page.commissions) ?? [];
  const stateOf = (one: Commission) => (
    <span className="line">
      <span className="tag" data-tone={stateWords[one.state][1]}>
        {stateWords[one.state][0]}
      </span>
      {one.state === 'flagged' && (
        <Button size="small" busy={releasing.isPending} onClick={() => releasing.mutate({ commissionId: one.id })}>
          Let it count
        </Button>
      )}
    </span>
  );
  return (
    <Card title="Commissions">
      <div className="card-body commission-states">
        <Segmented label="State" value={state} onChange={setState} options={states} />
      </div>
      {releasing.error && <ErrorNotice title="Not released" error={releasing.error} />}
      {list.error && (
        <ErrorNotice title="The commissions did not load" error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isPending && (
        <div className="card-body">
          <SkeletonLines lines={5} />
        </div>
      )}
      {list.data && (
        <DataTable
          caption="Commissions"
          height="two"
          rows={rows}
          rowKey={(one) => one.id}
          empty={
            state === 'all'
              ? 'Nothing was earned yet. It is counted within the hour after a payment.'
              : 'None in this state.'
          }
          columns={[
            {
              key: 'who',
              head: 'Affiliate',
              cell: (one) => (
                <>
                  <div className="clip commission-name">{one.affiliate.name}</div>
                  <div className="cell-meta clip">
                    {one.person ?? 'A customer'}, {byWords[one.by]}
                    {one.selfReferral && ', paid by themselves'}
                    {one.payoutNote && `, ${one.payoutNote}`}
                  </div>
                  <div className="show-on-phone">{stateOf(one)}</div>
                </>
              ),
            },
            {
              key: 'state',
              head: 'State',
              width: '170px',
              hideOnPhone: true,
              cell: (one) => stateOf(one),
            },
            {
              key: 'paid',
              head: 'Payment',
              align: 'right',
              width: '130px',
              hideOnPhone: true,
              cell: (one) => (
                <>
                  {one.base ? money(one.base.minor, one.base.currency) : '–'}
                  {one.paymentAt && <div className="sub">{day(one.paymentAt, zone)}</div>}
                </>
              ),
            },
            {
              key: 'amount',
              head: 'Commission',
              align: 'right',
              width: '104px',
              cell: (one) => money(one.amount.minor, one.amount.currency),
            },
          ]}
        />
      )}
      {list.hasNextPage && (
        <div className="posts-more">
          <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}
