import { useQuery } from '@tanstack/react-query';
import { Check } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { Difference } from './difference.tsx';
import { StrategyItems } from './items.tsx';
import { campaignsKey, diffQuery, type Strategy, strategiesKey, type Version, versionQuery } from './queries.ts';
import { objectiveWords } from './words.ts';

/** A strategy that waits for a yes or a no: in whole when it is the first, else as what it changes. */
export function Proposal({
  appId,
  proposed,
  current,
  onApproved,
}: {
  appId: string;
  proposed: Version;
  current: Strategy | null;
  onApproved?: () => void;
}) {
  const refreshes = [strategiesKey(appId), campaignsKey];
  const approving = useChange(api.strategies.approve, { refreshes, says: 'Strategy approved', after: onApproved });
  const declining = useChange(api.strategies.decline, { refreshes, says: 'Proposal declined' });
  const busy = approving.isPending || declining.isPending;
  return (
    <Card
      title={current ? `Proposed: version ${proposed.version}` : 'Proposed strategy'}
      sub={<StatusBadge status="proposed" word="Needs your OK" />}
    >
      <div className="card-body stack">
        {proposed.reason && <p>{proposed.reason}</p>}
        {current ? (
          <Changes appId={appId} from={current.id} to={proposed.id} />
        ) : (
          <Whole appId={appId} strategyId={proposed.id} />
        )}
        {(approving.error ?? declining.error) && (
          <ErrorNotice title="Not decided" error={approving.error ?? declining.error} />
        )}
        <div className="line plan-decide">
          <Button
            look="primary"
            busy={approving.isPending}
            disabled={busy}
            onClick={() => approving.mutate({ strategyId: proposed.id })}
          >
            <Check size={15} aria-hidden="true" />
            Approve
          </Button>
          <Button
            look="quiet"
            busy={declining.isPending}
            disabled={busy}
            onClick={() => declining.mutate({ strategyId: proposed.id })}
          >
            Decline
          </Button>
          <span className="sub">
            {current ? 'The current one holds until you approve.' : 'Approving proposes the first campaign.'}
          </span>
        </div>
      </div>
    </Card>
  );
}

/** Aim, rhythm and summary of a strategy. */
export function Outline({ strategy }: { strategy: Version }) {
  return (
    <div className="stack" data-gap="small">
      <p className="plan-summary">{strategy.summary}</p>
      {strategy.positioning && <p>{strategy.positioning}</p>}
      <div className="line">
        <span className="tag" data-tone="accent">
          {objectiveWords[strategy.objective]}
        </span>
        <span className="tag num">
          {count(strategy.postsPerWeek)} {strategy.postsPerWeek === 1 ? 'post' : 'posts'} a week
        </span>
      </div>
    </div>
  );
}

function Whole({ appId, strategyId }: { appId: string; strategyId: string }) {
  const strategy = useQuery(versionQuery(appId, strategyId));
  return (
    <Loaded query={strategy}>
      {(data) => (
        <>
          <Outline strategy={data} />
          <StrategyItems items={data.items} />
        </>
      )}
    </Loaded>
  );
}

function Changes({ appId, from, to }: { appId: string; from: string; to: string }) {
  const diff = useQuery(diffQuery(appId, from, to));
  return <Loaded query={diff}>{(data) => <Difference diff={data} />}</Loaded>;
}
