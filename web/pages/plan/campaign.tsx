import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Pencil } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, dateTime, money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { CampaignFile } from './campaign/file.tsx';
import { CampaignNumbers } from './campaign/numbers.tsx';
import { CampaignForm } from './strategy/campaign-form.tsx';
import { CampaignPosts } from './strategy/campaign-posts.tsx';
import { datesOf, Goals, StartOrPause } from './strategy/campaigns.tsx';
import { type CampaignInFull, campaignQuery, campaignsKey } from './strategy/queries.ts';
import { objectiveWords } from './strategy/words.ts';
import '#web/styles/forms.css';
import './strategy/strategy.css';

export function CampaignPage() {
  const { id } = useParams({ from: '/inside/campaigns/$id' });
  const campaign = useQuery(campaignQuery(id));
  const [editing, setEditing] = useState(false);
  const data = campaign.data;
  const over = data?.status === 'completed' || data?.status === 'cancelled';
  return (
    <Page
      title={data?.name ?? 'Campaign'}
      intro={data && `${objectiveWords[data.objective]}. ${datesOf(data)}.`}
      actions={
        data &&
        !over && (
          <>
            <Button onClick={() => setEditing(true)}>
              <Pencil size={14} aria-hidden="true" />
              Edit
            </Button>
            <StartOrPause campaign={data} primary />
          </>
        )
      }
    >
      <Loaded query={campaign} title="The campaign did not load" skeleton={<SkeletonCard height={420} />}>
        {(loaded) => (
          <>
            <InFull campaign={loaded} over={over} />
            {editing && <CampaignForm campaign={loaded} onClose={() => setEditing(false)} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function InFull({ campaign, over }: { campaign: CampaignInFull; over: boolean }) {
  return (
    <>
      <div className="row" data-split="2-1" style={{ marginTop: 0 }}>
        <Card title="Goals" sub={<StatusBadge status={campaign.status} />} padded>
          <div className="stack">
            <Goals campaign={campaign} />
            {campaign.description && <p className="sub">{campaign.description}</p>}
          </div>
        </Card>
        <Spent campaign={campaign} />
      </div>
      {campaign.status !== 'draft' && <CampaignNumbers campaignId={campaign.id} />}
      <div className="row" data-split="2-1">
        <CampaignPosts campaign={campaign} />
        <div className="stack">
          <Past campaign={campaign} />
          <CampaignFile campaign={campaign} />
          {!over && <Ending campaign={campaign} />}
        </div>
      </div>
    </>
  );
}

function Spent({ campaign }: { campaign: CampaignInFull }) {
  const { budget, spent, spentElse, platformMicros, regions, pace } = campaign;
  const part = budget && Number(budget.minor) > 0 ? Number(spent.minor) / Number(budget.minor) : undefined;
  return (
    <Card title="Budget" padded>
      <div className="stack" data-gap="small">
        <p className="campaign-money num">
          {money(spent.minor, spent.currency)}
          <span className="sub"> {budget ? `of ${money(budget.minor, budget.currency)}` : 'spent, no budget set'}</span>
        </p>
        {part !== undefined && (
          <span className="bar" data-tone={part >= 1 ? 'neg' : part >= 0.8 ? 'warn' : undefined}>
            <i style={{ width: `${Math.min(1, part) * 100}%` }} />
          </span>
        )}
        {spentElse.map((amount) => (
          <p key={amount.currency} className="sub num">
            and {money(amount.minor, amount.currency)} in {amount.currency}
          </p>
        ))}
        <p className="sub num">Platforms charged {money(String(platformMicros / 10_000), 'USD')} for its posts</p>
        {campaign.audiences.length > 0 && (
          <div className="line">
            {campaign.audiences.map((audience) => (
              <span key={audience.id} className="tag">
                {audience.name}
              </span>
            ))}
          </div>
        )}
        <p className="sub">{regions.length > 0 ? `In ${regions.map(regionName).join(', ')}` : 'Everywhere'}</p>
        {pace.posts && <p className="sub num">{pace.posts.reason}</p>}
      </div>
    </Card>
  );
}

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

/** A country by its name, a part of one with its code: `US-CA` → `United States (CA)`. */
function regionName(region: string): string {
  const [country = region, part] = region.split('-');
  const name = regionNames.of(country) ?? country;
  return part ? `${name} (${part})` : name;
}

function Past({ campaign }: { campaign: CampaignInFull }) {
  const { timeZone } = useHouse();
  return (
    <Card title="History">
      <ol className="versions">
        {campaign.history.map((step) => (
          <li key={String(step.at)}>
            <div>
              <StatusBadge status={step.toStatus} />
              <p className="sub num">
                {dateTime(step.at, timeZone)}
                {step.by && `, ${step.by}`}
              </p>
            </div>
          </li>
        ))}
        {campaign.history.length === 0 && <li className="sub">Not started yet.</li>}
      </ol>
    </Card>
  );
}

function Ending({ campaign }: { campaign: CampaignInFull }) {
  const [asking, setAsking] = useState(false);
  const completing = useChange(api.campaigns.complete, { refreshes: [campaignsKey], says: 'Campaign completed' });
  const cancelling = useChange(api.campaigns.cancel, {
    refreshes: [campaignsKey],
    says: 'Campaign cancelled',
    after: () => setAsking(false),
  });
  const running = campaign.status === 'active' || campaign.status === 'paused';
  return (
    <Card title="End it" padded>
      <div className="stack" data-gap="small">
        <p className="sub">
          {counted(campaign.posts.all, 'post')} stay where they are, and what they brought is still measured.
        </p>
        {completing.error && <ErrorNotice title="Not completed" error={completing.error} />}
        <div className="line">
          {running && (
            <Button
              size="small"
              busy={completing.isPending}
              onClick={() => completing.mutate({ campaignId: campaign.id })}
            >
              Complete now
            </Button>
          )}
          <Button size="small" look="danger" onClick={() => setAsking(true)}>
            Cancel campaign
          </Button>
        </div>
      </div>
      <ConfirmDialog
        opened={asking}
        title={`Cancel “${campaign.name}”`}
        confirm="Cancel campaign"
        danger
        busy={cancelling.isPending}
        error={cancelling.error}
        onConfirm={() => cancelling.mutate({ campaignId: campaign.id })}
        onClose={() => setAsking(false)}
      >
        It cannot be started again. Its posts stay.
      </ConfirmDialog>
    </Card>
  );
}
