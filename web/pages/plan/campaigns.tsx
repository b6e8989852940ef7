import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { campaignsQuery } from '#web/queries.ts';
import { CampaignRow } from './strategy/campaigns.tsx';
import { NewCampaign } from './strategy/new-campaign.tsx';
import { type Campaign, campaignsKey } from './strategy/queries.ts';
import './strategy/strategy.css';

const groups: { id: string; label: string; holds: Campaign['status'][] }[] = [
  { id: 'open', label: 'Running and planned', holds: ['active', 'scheduled', 'paused', 'draft'] },
  { id: 'running', label: 'Running', holds: ['active'] },
  { id: 'ended', label: 'Ended', holds: ['completed', 'cancelled'] },
];

/** All campaigns of an app: status, goals, how their spending and posting goes, and what they returned. */
export function CampaignsPage() {
  const app = useApp();
  const campaigns = useQuery(campaignsQuery(app.id));
  const returns = useQuery({
    queryKey: ['returns', app.id, 'campaigns'],
    queryFn: () => api.returns.by({ appId: app.id, by: 'campaign', range: 'all', compare: 'none', limit: 500 }),
  });
  const [shown, setShown] = useAddress('show', 'open');
  const [creating, setCreating] = useState(false);
  const proposing = useChange(() => api.campaigns.propose({ appId: app.id }), { refreshes: [campaignsKey] });
  const group = groups.find(({ id }) => id === shown) ?? groups[0]!;
  const roiOf = (campaignId: string) => {
    if (!returns.data) return undefined;
    const roi = returns.data.rows.find((row) => row.key === campaignId)?.ratios.roi;
    return { value: roi?.value ?? null, reason: roi?.reason ?? 'Nothing was spent and nothing was brought yet.' };
  };
  return (
    <Page
      title="Campaigns"
      intro="What runs, how it goes and what it brought."
      actions={
        <Button look="primary" onClick={() => setCreating(true)}>
          New campaign
        </Button>
      }
    >
      <Loaded query={campaigns} title="The campaigns did not load" skeleton={<SkeletonCard height={320} />}>
        {(all) => {
          const own = all.filter(({ status }) => group.holds.includes(status));
          return (
            <div className="stack">
              <div className="line">
                {groups.map(({ id, label, holds }) => (
                  <button
                    key={id}
                    type="button"
                    className="chip"
                    aria-pressed={id === group.id}
                    onClick={() => setShown(id)}
                  >
                    {label} <span className="num">{count(all.filter((one) => holds.includes(one.status)).length)}</span>
                  </button>
                ))}
              </div>
              <Card title={group.label}>
                {own.length > 0 ? (
                  <ul className="campaigns">
                    {own.map((campaign) => (
                      <CampaignRow key={campaign.id} campaign={campaign} roi={roiOf(campaign.id)} />
                    ))}
                  </ul>
                ) : (
                  <EmptyState
                    title={all.length === 0 ? 'No campaign yet' : 'None of these'}
                    ghost={false}
                    action={
                      all.length === 0 && (
                        <Button busy={proposing.isPending} onClick={() => proposing.mutate(undefined)}>
                          Propose one from the strategy
                        </Button>
                      )
                    }
                  >
                    A campaign holds posts, goals and a budget together for a time. It can also stand in a file of your
                    repository: see fanfare plan and fanfare apply.
                  </EmptyState>
                )}
              </Card>
              {proposing.error && <ErrorNotice title="No campaign was proposed" error={proposing.error} />}
              {returns.error && <ErrorNotice title="What they returned did not load" error={returns.error} />}
              {creating && (
                <NewCampaign
                  appId={app.id}
                  taken={all.map(({ colour }) => colour)}
                  onClose={() => setCreating(false)}
                />
              )}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
