import './customers/customers.css';
import '#web/styles/measure.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { count, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { nameOf } from './customers/words.ts';

const CustomerStory = lazy(() => import('./customers/story.tsx').then((file) => ({ default: file.CustomerStory })));

const linkWords: Record<string, string> = {
  visitor: 'visits',
  click: 'a link',
  person: 'your server',
  provider_customer: 'the payment provider',
  payment: 'a payment',
  email_hash: 'their address',
};

export function CustomersPage() {
  const app = useApp();
  const { timeZone } = useHouse();
  const [shown, show] = useAddress('customer', null);
  const query = useInfiniteQuery({
    queryKey: ['customers', 'list', app.id],
    queryFn: ({ pageParam }) => api.customers.list({ appId: app.id, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor ?? undefined,
  });
  return (
    <Page title="Customers" intro="People who signed up or paid, and what is known of each.">
      <Loaded query={query} title="The customers did not load" skeleton={<SkeletonCard height={420} />}>
        {({ pages }) => {
          const customers = pages.flatMap((page) => page.customers);
          return customers.length === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Customers</h2>
              <EmptyState title="Nobody has signed up or paid yet">
                Send a signup event with a person from your server, or connect a payment provider.
              </EmptyState>
            </div>
          ) : (
            <>
              <Card title="Customers" sub="newest first">
                <DataTable
                  caption="Customers, newest first"
                  rows={customers}
                  rowKey={(customer) => customer.id}
                  columns={[
                    {
                      key: 'who',
                      head: 'Customer',
                      cell: (customer) => (
                        <button type="button" className="story-open clip" onClick={() => show(customer.id)}>
                          {nameOf(customer)}
                        </button>
                      ),
                    },
                    {
                      key: 'seen',
                      head: 'First seen',
                      width: '120px',
                      cell: (customer) => <span className="num">{day(customer.firstSeenAt, timeZone)}</span>,
                    },
                    {
                      key: 'payments',
                      head: 'Payments',
                      align: 'right',
                      width: '100px',
                      cell: (customer) => count(customer.payments),
                    },
                    {
                      key: 'links',
                      head: 'Known by',
                      hideOnPhone: true,
                      cell: (customer) => (
                        <span className="sub clip">
                          {customer.linkedBy.map((kind) => linkWords[kind] ?? kind).join(', ')}
                        </span>
                      ),
                    },
                  ]}
                />
              </Card>
              {query.hasNextPage && (
                <p style={{ marginTop: 12 }}>
                  <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                    Show more
                  </Button>
                </p>
              )}
              <ZoneNote zone={timeZone} />
            </>
          );
        }}
      </Loaded>
      {shown && (
        <Suspense fallback={null}>
          <CustomerStory customerId={shown} onClose={() => show(null)} />
        </Suspense>
      )}
    </Page>
  );
}
