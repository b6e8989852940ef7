import { Link } from '@tanstack/react-router';
import { Pause, Play } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, counted, day, money, percent } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { type Campaign, campaignsKey } from './queries.ts';
import { goalFigure, goalWords } from './words.ts';
import './strategy.css';

/** `roi`: what it returned on what it cost; left out, nothing is said of it. */
export function CampaignRow({
  campaign,
  roi,
}: {
  campaign: Campaign;
  roi?: { value: number | null; reason: string } | undefined;
}) {
  return (
    <li className="campaign">
      <div className="campaign-name">
        <Link to="/campaigns/$id" params={{ id: campaign.id }} className="campaign-link">
          <CampaignDot colour={campaign.colour - 1} name={campaign.name} />
        </Link>
        <div className="cell-meta num">
          <span>{datesOf(campaign)}</span>
          <span>{counted(campaign.posts.all, 'post')}</span>
          {campaign.budget && (
            <span>
              {money(campaign.spent.minor, campaign.spent.currency, { whole: true })} of{' '}
              {money(campaign.budget.minor, campaign.budget.currency, { whole: true })}
            </span>
          )}
          <Pace pace={campaign.pace} />
          {roi && (
            <span title={roi.value === null ? roi.reason : undefined}>
              {roi.value === null ? 'ROI: not enough data' : `ROI ${percent(roi.value)}`}
            </span>
          )}
        </div>
      </div>
      <Goals campaign={campaign} most={3} />
      <div className="campaign-actions">
        <StatusBadge status={campaign.status} />
        <StartOrPause campaign={campaign} />
      </div>
    </li>
  );
}

const paceWords = { on: 'on pace', ahead: 'ahead of plan', behind: 'behind' };

/** How spending and posting go against the plan, each with its reason. */
export function Pace({ pace }: { pace: Campaign['pace'] }) {
  return (
    <>
      {pace.spend && <span title={pace.spend.reason}>Spending {paceWords[pace.spend.verdict]}</span>}
      {pace.posts && <span title={pace.posts.reason}>Posting {paceWords[pace.posts.verdict]}</span>}
    </>
  );
}

/** How far each goal is, as a bar and in figures. */
export function Goals({ campaign, most = 6 }: { campaign: Campaign; most?: number }) {
  if (campaign.goals.length === 0) return <p className="sub">No goals set</p>;
  return (
    <dl className="goals">
      {campaign.goals.slice(0, most).map((goal) => (
        <div key={goal.metric}>
          <dt>{goalWords[goal.metric]}</dt>
          <dd className="num">
            <span className="bar" data-tone={goal.ratio >= 1 ? 'pos' : undefined}>
              <i style={{ width: `${Math.min(1, goal.ratio) * 100}%` }} />
            </span>
            {goalFigure(goal.metric, goal.reached, campaign.spent.currency)}
            <span className="sub"> of {goalFigure(goal.metric, goal.target, campaign.spent.currency)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function StartOrPause({ campaign, primary = false }: { campaign: Campaign; primary?: boolean }) {
  const starting = useChange(api.campaigns.start, {
    refreshes: [campaignsKey, ['posts']],
    says: 'Campaign started. Drafts for the week are on their way.',
  });
  const pausing = useChange(api.campaigns.pause, { refreshes: [campaignsKey], says: 'Campaign paused' });
  const error = starting.error ?? pausing.error;
  const size = primary ? undefined : 'small';
  return (
    <>
      {(campaign.status === 'draft' || campaign.status === 'paused') && (
        <Button
          size={size}
          look={primary ? 'primary' : 'plain'}
          busy={starting.isPending}
          onClick={() => starting.mutate({ campaignId: campaign.id })}
        >
          <Play size={13} aria-hidden="true" />
          {campaign.status === 'paused' ? 'Resume' : 'Start'}
          <span className="hidden-text"> {campaign.name}</span>
        </Button>
      )}
      {(campaign.status === 'active' || campaign.status === 'scheduled') && (
        <Button size={size} busy={pausing.isPending} onClick={() => pausing.mutate({ campaignId: campaign.id })}>
          <Pause size={13} aria-hidden="true" />
          Pause
          <span className="hidden-text"> {campaign.name}</span>
        </Button>
      )}
      {error && <ErrorNotice error={error} />}
    </>
  );
}

export function datesOf({ startsOn, endsOn }: Campaign): string {
  if (!startsOn) return 'No dates yet';
  const days = (to: string) => count(Math.round((Date.parse(to) - Date.parse(startsOn)) / 86_400_000) + 1);
  return endsOn
    ? `${day(startsOn, 'UTC')} to ${day(endsOn, 'UTC')}, ${days(endsOn)} days`
    : `From ${day(startsOn, 'UTC')}`;
}
