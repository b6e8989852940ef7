import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { count } from '#web/format.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

type Processing = Awaited<ReturnType<typeof api.privacy.processing>>;

/** What is kept of whom, why and how long, how visitors are counted, and what leaves to whom. */
export function ProcessingView() {
  const processing = useQuery({ queryKey: ['privacy.processing'], queryFn: () => api.privacy.processing({}) });
  return (
    <Loaded query={processing} title="This did not load" skeleton={<SkeletonCard height={520} />}>
      {(said) => (
        <>
          <TiersCard {...said} />
          {said.groups.map((group) => (
            <Card key={group.whose} title={group.title}>
              <ul>
                {group.tables.map((table) => (
                  <li key={table.table} className="account privacy-said">
                    <strong>{table.why}</strong>
                    <small>Until: {table.until}.</small>
                    <small>
                      <code>{table.table}</code>
                      {table.columns.length > 0 && `: ${table.columns.join(', ').replaceAll('_', ' ')}`}
                    </small>
                  </li>
                ))}
              </ul>
              <small className="card-body privacy-print">Seen by: {group.seen}.</small>
            </Card>
          ))}
          <Card
            title="What leaves this server"
            action={
              <LinkButton to="/docs/$" params={{ _splat: 'data-processing' }} look="quiet" size="small">
                The whole text
              </LinkButton>
            }
          >
            <ul>
              {said.leaves.map((one) => (
                <li key={one.what} className="account privacy-said">
                  <strong>{one.what}</strong>
                  <small>To: {one.to}.</small>
                  <small>{one.when}.</small>
                </li>
              ))}
            </ul>
          </Card>
        </>
      )}
    </Loaded>
  );
}

function TiersCard({ tiers, apps }: Processing) {
  return (
    <Card title="How visitors are counted">
      <ul>
        {tiers.map((tier) => (
          <li key={tier.tier} className="account privacy-said">
            <strong>{tier.title}</strong>
            <p>{tier.words}</p>
          </li>
        ))}
      </ul>
      <DataTable<Processing['apps'][number]>
        caption="Visitors of the last 30 days by app"
        empty="No app yet. Its visitors are counted without consent until you choose otherwise."
        rows={apps}
        rowKey={(app) => app.appId}
        columns={[
          { key: 'name', head: 'Visitors of 30 days', cell: (app) => app.name },
          {
            key: 'tier',
            head: 'Tier',
            width: '30%',
            cell: (app) =>
              app.tier === 'consented' ? (
                <StatusBadge status="active" word="With consent" />
              ) : (
                <StatusBadge status="confirmed" word="Without" />
              ),
          },
          { key: 'with', head: 'Agreed', align: 'right', width: '16%', cell: (app) => count(app.withConsent) },
          { key: 'without', head: 'Without', align: 'right', width: '16%', cell: (app) => count(app.without) },
        ]}
      />
    </Card>
  );
}
