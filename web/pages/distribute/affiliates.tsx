import '#web/styles/home.css';
import '#web/styles/post.css';
import '#web/styles/forms.css';
import './affiliates/affiliates.css';
import { useQuery } from '@tanstack/react-query';
import { Download, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { saveFile } from '#web/file.ts';
import { count, counted, money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { AffiliateDrawer } from './affiliates/affiliate-drawer.tsx';
import { AffiliateForm } from './affiliates/affiliate-form.tsx';
import { Commissions } from './affiliates/commissions.tsx';
import { type Affiliate, affiliatesKey, affiliatesQuery, ruleWords } from './affiliates/queries.ts';
import { plainUrl } from './links/queries.ts';

export function AffiliatesPage() {
  const app = useApp();
  const query = useQuery(affiliatesQuery(app.id));
  const [making, setMaking] = useState(false);
  const [chosen, choose] = useState<string>();
  const saving = useChange(() => api.commissions.csv({ appId: app.id }), {
    refreshes: [],
    after: ({ csv, fileName }) => saveFile(fileName, new Blob([csv], { type: 'text/csv' })),
  });
  const settling = useChange(() => api.commissions.settle({ appId: app.id }), {
    refreshes: [affiliatesKey],
    says: 'Commissions are up to date',
  });
  const make = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden="true" /> New affiliate
    </Button>
  );
  return (
    <Page
      title="Affiliates"
      intro="People who recommend your app and earn from what it brings. You send the money, Fanfare keeps the count."
      actions={
        <>
          {query.data && query.data.length > 0 && (
            <>
              <Button busy={settling.isPending} onClick={() => settling.mutate(undefined)}>
                Count now
              </Button>
              <Button busy={saving.isPending} onClick={() => saving.mutate(undefined)}>
                <Download size={14} aria-hidden="true" /> CSV
              </Button>
            </>
          )}
          {make}
        </>
      }
    >
      {(saving.error ?? settling.error) && <ErrorNotice error={saving.error ?? settling.error} />}
      <Loaded query={query} title="The affiliates did not load" skeleton={<SkeletonCard height={320} />}>
        {(affiliates) =>
          affiliates.length === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Your affiliates</h2>
              <EmptyState title="No affiliates yet" ghost={false} action={make}>
                Give a customer who recommends {app.name} a link or a code, and a share of what it brings. What they
                earn is worked out from the same visits and payments as everything else.
              </EmptyState>
            </div>
          ) : (
            <div className="stack">
              <Card title="Affiliates" sub={<span className="num">{count(affiliates.length)}</span>}>
                <DataTable
                  caption="Affiliates"
                  height="two"
                  rows={affiliates}
                  rowKey={(one) => one.id}
                  columns={[
                    {
                      key: 'name',
                      head: 'Name',
                      cell: (one) => <NameCell affiliate={one} onOpen={() => choose(one.id)} />,
                    },
                    {
                      key: 'visits',
                      head: 'Visits',
                      align: 'right',
                      width: '72px',
                      hideOnPhone: true,
                      cell: (one) => count(one.visits),
                    },
                    {
                      key: 'signups',
                      head: 'Signups',
                      align: 'right',
                      width: '78px',
                      hideOnPhone: true,
                      cell: (one) => count(one.signups),
                    },
                    {
                      key: 'customers',
                      head: 'Customers',
                      align: 'right',
                      width: '92px',
                      hideOnPhone: true,
                      cell: (one) => count(one.customers),
                    },
                    {
                      key: 'paid',
                      head: 'Paid out',
                      align: 'right',
                      width: '110px',
                      hideOnPhone: true,
                      cell: (one) => <Amounts affiliate={one} which="paid" />,
                    },
                    {
                      key: 'due',
                      head: 'Due',
                      align: 'right',
                      width: '110px',
                      cell: (one) => <Amounts affiliate={one} which="due" />,
                    },
                  ]}
                />
              </Card>
              <Commissions appId={app.id} />
            </div>
          )
        }
      </Loaded>
      {making && <AffiliateForm appId={app.id} onClose={() => setMaking(false)} />}
      {chosen && query.data && (
        <AffiliateDrawer
          key={chosen}
          appId={app.id}
          affiliate={query.data.find((one) => one.id === chosen)}
          onClose={() => choose(undefined)}
        />
      )}
    </Page>
  );
}

function NameCell({ affiliate, onOpen }: { affiliate: Affiliate; onOpen: () => void }) {
  const held = affiliate.amounts.some((one) => one.flagged !== '0');
  return (
    <>
      <button type="button" className="link-name clip" onClick={onOpen}>
        {affiliate.name}
      </button>
      <div className="cell-meta">
        {affiliate.status !== 'active' && (
          <StatusBadge
            status={affiliate.status === 'ended' ? 'withdrawn' : 'paused'}
            word={affiliate.status === 'ended' ? 'Ended' : 'Paused'}
          />
        )}
        {held && (
          <span className="tag" data-tone="warn">
            Held
          </span>
        )}
        <span className="clip">
          {ruleWords(affiliate)}
          {affiliate.months !== null && `, ${counted(affiliate.months, 'month')}`}
          {affiliate.link && `, ${plainUrl(affiliate.link.url)}`}
        </span>
      </div>
    </>
  );
}

function Amounts({ affiliate, which }: { affiliate: Affiliate; which: 'due' | 'paid' }) {
  const shown = affiliate.amounts.filter((one) => one[which] !== '0');
  if (shown.length === 0) return <span className="cell-none">–</span>;
  return shown.map((one) => <div key={one.currency}>{money(one[which], one.currency)}</div>);
}
