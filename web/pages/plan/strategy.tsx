import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { ModelWriting } from '#web/parts/model-writing.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { campaignsQuery } from '#web/queries.ts';
import { CampaignRow } from './strategy/campaigns.tsx';
import { StrategyItems } from './strategy/items.tsx';
import { NewCampaign } from './strategy/new-campaign.tsx';
import { Outline, Proposal } from './strategy/proposal.tsx';
import {
  awaitsDrafts,
  campaignsKey,
  currentQuery,
  type Strategy,
  strategiesKey,
  versionsQuery,
} from './strategy/queries.ts';
import { ReviseStrategy } from './strategy/revise.tsx';
import { Versions } from './strategy/versions.tsx';
import './strategy/strategy.css';

/** The plan behind the posts: what holds, what is proposed, and the campaigns that carry it out. */
export function StrategyPage() {
  const app = useApp();
  const current = useQuery(currentQuery(app.id));
  const versions = useQuery(versionsQuery(app.id));
  const proposed = versions.data?.find((version) => version.state === 'proposed');
  const proposing = useChange(() => api.strategies.propose({ appId: app.id }), {
    refreshes: [strategiesKey(app.id)],
  });
  const [revised, setRevised] = useState<Strategy>();
  const propose = (look: 'plain' | 'primary') => (
    <Button look={look} busy={proposing.isPending} onClick={() => proposing.mutate(undefined)}>
      Propose {current.data ? 'a new version' : 'a strategy'}
    </Button>
  );
  return (
    <Page
      title="Strategy"
      intro="What your marketing aims at, and why."
      actions={current.data && !proposed && propose('plain')}
    >
      <div className="stack">
        {proposing.error && (
          <ErrorNotice
            title="No strategy was proposed"
            error={proposing.error}
            onRetry={() => proposing.mutate(undefined)}
          />
        )}
        {proposing.data && proposing.data.id === current.data?.id && (
          <Notice title="The current strategy still fits">
            What is known of your app has not changed since it was made. Confirm, correct or add facts, then propose
            again.
          </Notice>
        )}
        <Loaded query={current} title="The strategy did not load" skeleton={<SkeletonCard height={380} />}>
          {(strategy) => (
            <>
              {proposed && <Proposal appId={app.id} proposed={proposed} current={strategy} />}
              {!strategy && !proposed && versions.data && (
                <Card title="Strategy">
                  <EmptyState
                    title="No strategy yet"
                    action={
                      <>
                        {propose('primary')}
                        <LinkButton to="/knowledge">See what is known</LinkButton>
                      </>
                    }
                  >
                    It is proposed from what is known of your app: for whom, what to say, where and how often, each with
                    its reason. Nothing happens before you approve it.
                  </EmptyState>
                </Card>
              )}
              <Campaigns appId={app.id} approved={strategy !== null} />
              {strategy && (
                <div className="row" data-split="2-1" style={{ marginTop: 0 }}>
                  <Card
                    title="Current strategy"
                    sub={<span className="num">version {strategy.version}</span>}
                    action={
                      <Button size="small" onClick={() => setRevised(strategy)}>
                        Change by hand
                      </Button>
                    }
                    padded
                  >
                    <div className="stack">
                      <Outline strategy={strategy} />
                      <StrategyItems items={strategy.items} />
                    </div>
                  </Card>
                  {revised && (
                    <ReviseStrategy appId={app.id} strategy={revised} onClose={() => setRevised(undefined)} />
                  )}
                  <div>{versions.data && <Versions appId={app.id} versions={versions.data} />}</div>
                </div>
              )}
            </>
          )}
        </Loaded>
      </div>
    </Page>
  );
}

function Campaigns({ appId, approved }: { appId: string; approved: boolean }) {
  const campaigns = useQuery(campaignsQuery(appId));
  const [ended, setEnded] = useState(false);
  const [creating, setCreating] = useState(false);
  const proposing = useChange(() => api.campaigns.propose({ appId }), { refreshes: [campaignsKey] });
  if (!approved && !campaigns.data?.length) return null;
  const isEnded = (status: string) => status === 'completed' || status === 'cancelled';
  return (
    <Loaded query={campaigns} title="The campaigns did not load" skeleton={<SkeletonCard height={140} />}>
      {(all) => {
        const past = all.filter((campaign) => isEnded(campaign.status));
        const awaited = all.filter(awaitsDrafts);
        const shown = ended ? past : all.filter((campaign) => !isEnded(campaign.status));
        return (
          <Card
            title="Campaigns"
            action={
              <span className="line">
                {past.length > 0 && (
                  <button type="button" className="chip" aria-pressed={ended} onClick={() => setEnded(!ended)}>
                    Ended <span className="num">{count(past.length)}</span>
                  </button>
                )}
                <LinkButton to="/campaigns" size="small">
                  All campaigns
                </LinkButton>
                <Button size="small" onClick={() => setCreating(true)}>
                  New campaign
                </Button>
              </span>
            }
          >
            {shown.length > 0 ? (
              <ul className="campaigns">
                {shown.map((campaign) => (
                  <CampaignRow key={campaign.id} campaign={campaign} />
                ))}
              </ul>
            ) : (
              <EmptyState
                title="No campaign is planned"
                ghost={false}
                action={
                  <Button look="primary" busy={proposing.isPending} onClick={() => proposing.mutate(undefined)}>
                    Propose a campaign
                  </Button>
                }
              >
                A campaign turns the strategy into posts for a few weeks, with goals to measure it by.
              </EmptyState>
            )}
            {awaited.length > 0 && (
              <ModelWriting
                subjects={awaited.slice(0, 20).map((campaign) => campaign.id)}
                cancel="Use templates instead"
                refreshes={[['posts'], campaignsKey]}
              />
            )}
            {proposing.error && (
              <div className="card-body">
                <ErrorNotice title="No campaign was proposed" error={proposing.error} />
              </div>
            )}
            {creating && (
              <NewCampaign
                appId={appId}
                taken={all.map((campaign) => campaign.colour)}
                onClose={() => setCreating(false)}
              />
            )}
            {proposing.data?.id === null && <p className="table-empty">This month’s campaign is there already.</p>}
          </Card>
        );
      }}
    </Loaded>
  );
}
