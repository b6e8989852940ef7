import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { dateTime, money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { revenueKey } from './queries.ts';

/** Every payment with what brought it; each has its receipt. */
export function PaymentsCard({
  appId,
  zone,
  onPayment,
}: {
  appId: string;
  zone: string;
  onPayment: (paymentId: string) => void;
}) {
  const payments = useInfiniteQuery({
    queryKey: [...revenueKey, 'payments', appId],
    queryFn: ({ pageParam }) =>
      api.payments.list({ appId, limit: 15, ...(pageParam === null ? {} : { cursor: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.cursor,
  });
  const rows = payments.data?.pages.flatMap((page) => page.payments);
  return (
    <Card title="Payments">
      {payments.error && !rows && (
        <div className="card-body">
          <ErrorNotice
            title="The payments did not load"
            error={payments.error}
            onRetry={() => void payments.refetch()}
          />
        </div>
      )}
      {!rows && !payments.error && (
        <div className="card-body" role="status" aria-label="Loading">
          <SkeletonLines lines={8} />
        </div>
      )}
      {rows && (
        <DataTable
          caption="Payments"
          height="two"
          rows={rows}
          rowKey={(row) => row.id}
          empty="No payment yet."
          columns={[
            {
              key: 'who',
              head: 'Customer',
              cell: (row) => (
                <span className="two-lines">
                  <button type="button" className="plain-link" onClick={() => onPayment(row.id)}>
                    {row.name ?? row.person ?? row.reference}
                  </button>
                  <span className="sub">{dateTime(row.paidAt, zone)}</span>
                </span>
              ),
            },
            {
              key: 'from',
              head: 'Brought by',
              hideOnPhone: true,
              cell: (row) =>
                row.postId !== null ? (
                  <Link className="link" to="/posts/$postId" params={{ postId: row.postId }}>
                    {row.postTitle}
                  </Link>
                ) : (
                  <span className="sub">{row.channel ?? 'Not known'}</span>
                ),
            },
            { key: 'source', head: 'Source', width: '130px', cell: (row) => row.source, hideOnPhone: true },
            {
              key: 'amount',
              head: 'Amount',
              align: 'right',
              cell: (row) => (
                <span className="two-lines" data-align="right">
                  {money(row.amount.minor, row.amount.currency)}
                  {BigInt(row.refunded.minor) > 0n && (
                    <span className="sub">{money(row.refunded.minor, row.refunded.currency)} went back</span>
                  )}
                  {row.reported === null ? (
                    <span className="sub">waits for a rate</span>
                  ) : (
                    row.reported.currency !== row.amount.currency && (
                      <span className="sub">{money(row.reported.minor, row.reported.currency)}</span>
                    )
                  )}
                </span>
              ),
            },
          ]}
        />
      )}
      {payments.hasNextPage && (
        <div className="card-body">
          <Button size="small" busy={payments.isFetchingNextPage} onClick={() => void payments.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Card>
  );
}
