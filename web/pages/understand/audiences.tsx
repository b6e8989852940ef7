import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { compact, counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { AudienceForm } from './audiences/form.tsx';
import { SegmentsCard } from './audiences/segments.tsx';
import { moneyWords, presenceWords, type Segments } from './audiences/words.ts';
import { type Audience, audiencesQuery, knowledgeKey, measuredQuery } from './knowledge/queries.ts';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';
import './audiences/audiences.css';

/** Whom the app is for: estimated first, then measured; and what customers of each segment are worth. */
export function AudiencesPage() {
  const app = useApp();
  const audiences = useQuery(audiencesQuery(app.id));
  const measured = useQuery(measuredQuery(app.id));
  const [adding, setAdding] = useState(false);
  const add = (
    <Button onClick={() => setAdding(true)}>
      <Plus size={14} aria-hidden="true" />
      Add an audience
    </Button>
  );
  return (
    <Page title="Audiences" intro="Estimated from what your pages say, then measured by who pays." actions={add}>
      <Loaded query={audiences} title="The audiences did not load" skeleton={<SkeletonCard height={360} />}>
        {(all) => {
          const shown = all.filter((each) => each.state !== 'retired');
          return (
            <div className="stack">
              {shown.length === 0 ? (
                <Card>
                  <EmptyState title="No audience yet" ghost={false} action={add}>
                    Your pages do not say for whom the app is. Say it in a line, and drafts will speak to them.
                  </EmptyState>
                </Card>
              ) : (
                <div className="cards-grid">
                  {shown.map((audience) => (
                    <AudienceCard key={audience.id} appId={app.id} audience={audience} measured={measured.data} />
                  ))}
                </div>
              )}
              <SegmentsCard appId={app.id} />
            </div>
          );
        }}
      </Loaded>
      {adding && <AudienceForm appId={app.id} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function AudienceCard({
  appId,
  audience,
  measured,
}: {
  appId: string;
  audience: Audience;
  measured: Segments | undefined;
}) {
  const confirming = useChange(api.audiences.confirm, { refreshes: [knowledgeKey(appId)] });
  const row = measured?.rows.find(({ key }) => key === audience.id);
  const pains = audience.traits.filter(({ kind }) => kind === 'pain').slice(0, 2);
  return (
    <Card
      title={
        <Link to="/audiences/$id" params={{ id: audience.id }} className="group-link">
          {audience.name}
        </Link>
      }
      action={
        audience.state === 'proposed' && (
          <Button
            size="small"
            busy={confirming.isPending}
            onClick={() => confirming.mutate({ audienceId: audience.id })}
            aria-label={`Confirm: ${audience.name}`}
          >
            <Check size={13} aria-hidden="true" />
            Confirm
          </Button>
        )
      }
      padded
    >
      <div className="stack" data-gap="small">
        {confirming.error && <ErrorNotice error={confirming.error} />}
        {audience.description && <p>{audience.description}</p>}
        {pains.map((trait) => (
          <p key={trait.statement} className="sub">
            {trait.statement}
          </p>
        ))}
        <div className="line">
          {audience.platforms.map((place) => (
            <span key={place.platform} className="tag" title={place.reasoning ?? undefined}>
              <PlatformIcon platform={place.platform} size={11} decorative />
              {platformName(place.platform)}, {presenceWords[place.presence]}
            </span>
          ))}
        </div>
        <dl className="audience-figures">
          <div>
            <dt>Size</dt>
            <dd className="num">
              {audience.estimated.size === null ? 'Not reasoned yet' : `About ${compact(audience.estimated.size)}`}
            </dd>
          </div>
          {row && measured && (
            <>
              <div>
                <dt>Customers</dt>
                <dd className="num">{counted(row.customers, 'customer')}</dd>
              </div>
              <div>
                <dt>Worth each</dt>
                <dd className="num">{moneyWords(row.lifetimeValue, measured.currency)}</dd>
              </div>
              <div>
                <dt>Cost to win</dt>
                <dd className="num">{moneyWords(row.acquisitionCost, measured.currency)}</dd>
              </div>
            </>
          )}
        </dl>
      </div>
    </Card>
  );
}
