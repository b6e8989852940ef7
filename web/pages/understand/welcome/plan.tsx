import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import { api } from '#web/api.ts';
import { type App, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { dateTime } from '#web/format.ts';
import { datesOf, Goals } from '#web/pages/plan/strategy/campaigns.tsx';
import { Proposal } from '#web/pages/plan/strategy/proposal.tsx';
import { campaignsKey, strategiesKey } from '#web/pages/plan/strategy/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { ModelWriting } from '#web/parts/model-writing.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import type { Setup } from './progress.ts';

/** The proposed strategy, to be approved; asked for when the reading has not brought one. */
export function Approve({ app, setup }: { app: App; setup: Setup }) {
  const proposing = useChange(() => api.strategies.propose({ appId: app.id }), { refreshes: [strategiesKey(app.id)] });
  if (setup.proposed) return <Proposal appId={app.id} proposed={setup.proposed} current={null} />;
  return (
    <Card title="Strategy">
      <EmptyState
        title="A strategy is on its way"
        ghost={false}
        waiting="It follows the reading by itself"
        action={
          <Button busy={proposing.isPending} onClick={() => proposing.mutate(undefined)}>
            Propose it now
          </Button>
        }
      >
        It says for whom you write, what about, where and how often, and why.
      </EmptyState>
      {proposing.error && (
        <div className="card-body">
          <ErrorNotice title="No strategy was proposed" error={proposing.error} />
        </div>
      )}
    </Card>
  );
}

/** The first campaign: its goals, then its start, which writes the week's drafts. */
export function Week({ app, setup }: { app: App; setup: Setup }) {
  const { campaign } = setup;
  const starting = useChange(api.campaigns.start, { refreshes: [campaignsKey, ['posts']] });
  const proposing = useChange(() => api.campaigns.propose({ appId: app.id }), { refreshes: [campaignsKey] });
  const writing = useChange(() => api.drafts.write({ appId: app.id, campaignId: campaign?.id }), {
    refreshes: [['posts'], campaignsKey],
  });
  if (!campaign)
    return (
      <Card title="First campaign">
        <EmptyState
          title="A campaign is on its way"
          ghost={false}
          waiting="It follows your approval by itself"
          action={
            <Button busy={proposing.isPending} onClick={() => proposing.mutate(undefined)}>
              Propose it now
            </Button>
          }
        >
          It turns the strategy into posts for the coming weeks, with goals to measure it by.
        </EmptyState>
        {proposing.error && (
          <div className="card-body">
            <ErrorNotice title="No campaign was proposed" error={proposing.error} />
          </div>
        )}
      </Card>
    );
  const started = campaign.status === 'active' || campaign.status === 'scheduled';
  return (
    <Card title={<CampaignDot colour={campaign.colour - 1} name={campaign.name} />} sub={datesOf(campaign)} padded>
      <div className="stack">
        {campaign.description && <p>{campaign.description}</p>}
        <Goals campaign={campaign} />
        {(starting.error ?? writing.error) && (
          <ErrorNotice title="That did not work" error={starting.error ?? writing.error} />
        )}
        {writing.data?.postIds.length === 0 && <p>{writing.data.reason}</p>}
        {started ? (
          <div className="stack" data-gap="small">
            <div className="waiting" role="status">
              <i />
              Writing the drafts for the week
            </div>
            <ModelWriting
              subjects={[campaign.id]}
              cancel="Use templates instead"
              refreshes={[['posts'], campaignsKey]}
            />
            <SkeletonLines lines={3} />
            <div>
              <Button busy={writing.isPending} onClick={() => writing.mutate(undefined)}>
                Write them now
              </Button>
            </div>
          </div>
        ) : (
          <div className="line">
            <Button
              look="primary"
              busy={starting.isPending}
              onClick={() => starting.mutate({ campaignId: campaign.id })}
            >
              <Play size={14} aria-hidden="true" />
              Start and write drafts
            </Button>
            <span className="sub">Nothing goes out before you schedule it.</span>
          </div>
        )}
      </div>
    </Card>
  );
}

/** The week's drafts, each with the way to the composer. */
export function Drafts({ setup }: { setup: Setup }) {
  const { timeZone } = useHouse();
  return (
    <ul className="welcome-drafts">
      {setup.drafts.map((post) => (
        <li key={post.id}>
          <time className="sub num">{post.proposedFor ? dateTime(post.proposedFor, timeZone) : 'Any time'}</time>
          <Link to="/compose/$postId" params={{ postId: post.id }} className="two-lines">
            {post.firstLine || post.title}
          </Link>
          {post.threadLength > 1 && <span className="sub">Thread of {post.threadLength}</span>}
        </li>
      ))}
    </ul>
  );
}
