import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Check, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button, IconButton, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { AudienceForm } from './audiences/form.tsx';
import { SizeCard } from './audiences/size.tsx';
import { presenceWords, traitKinds, traitWords } from './audiences/words.ts';
import { WorthCard } from './audiences/worth.tsx';
import { type Audience, audiencesQuery, knowledgeKey } from './knowledge/queries.ts';
import { shortUrl } from './knowledge/words.ts';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';
import './audiences/audiences.css';

/** One audience: who they are, how many, where they are found, what they are worth. */
export function AudiencePage() {
  const app = useApp();
  const { id } = useParams({ from: '/inside/audiences/$id' });
  const audiences = useQuery(audiencesQuery(app.id));
  const audience = audiences.data?.find((one) => one.id === id);
  const [editing, setEditing] = useState(false);
  return (
    <Page
      title={audience?.name ?? 'Audience'}
      intro={audience?.description || undefined}
      actions={
        <>
          <LinkButton to="/audiences">All audiences</LinkButton>
          {audience && <Decisions appId={app.id} audience={audience} onEdit={() => setEditing(true)} />}
        </>
      }
    >
      <Loaded query={audiences} title="This audience did not load" skeleton={<SkeletonCard height={460} />}>
        {() =>
          audience ? (
            <div className="stack">
              <div className="row" data-split="1-1" style={{ marginTop: 0, alignItems: 'start' }}>
                <ProfileCard audience={audience} />
                <WorthCard key={`worth ${audience.id}`} appId={app.id} audience={audience} />
              </div>
              <SizeCard key={JSON.stringify(audience.estimated.sizeSteps)} appId={app.id} audience={audience} />
              <PlatformsCard audience={audience} />
            </div>
          ) : (
            <Card>
              <EmptyState title="There is no such audience" ghost={false}>
                It may belong to another app. Choose the app at the top, or look at all audiences.
              </EmptyState>
            </Card>
          )
        }
      </Loaded>
      {editing && audience && <AudienceForm appId={app.id} audience={audience} onClose={() => setEditing(false)} />}
    </Page>
  );
}

function Decisions({ appId, audience, onEdit }: { appId: string; audience: Audience; onEdit: () => void }) {
  const go = useNavigate();
  const options = { refreshes: [knowledgeKey(appId)] };
  const confirming = useChange(api.audiences.confirm, options);
  const retiring = useChange(api.audiences.retire, {
    ...options,
    says: 'Retired. It is used no more.',
    after: () => void go({ to: '/audiences' }),
  });
  const error = confirming.error ?? retiring.error;
  return (
    <>
      {error && <ErrorNotice error={error} />}
      {audience.state !== 'confirmed' && (
        <Button busy={confirming.isPending} onClick={() => confirming.mutate({ audienceId: audience.id })}>
          {!confirming.isPending && <Check size={14} aria-hidden="true" />}
          Confirm
        </Button>
      )}
      <Button onClick={onEdit}>
        <Pencil size={14} aria-hidden="true" />
        Edit
      </Button>
      {audience.state !== 'retired' && (
        <IconButton
          label={`Retire ${audience.name}`}
          title="Retire"
          onClick={() => retiring.mutate({ audienceId: audience.id })}
        >
          <Trash2 size={14} />
        </IconButton>
      )}
    </>
  );
}

function ProfileCard({ audience }: { audience: Audience }) {
  const sides = traitKinds
    .map((kind) => ({ kind, traits: audience.traits.filter((trait) => trait.kind === kind) }))
    .filter(({ traits }) => traits.length > 0);
  return (
    <Card title="Profile" padded>
      <div className="stack">
        {audience.quote && (
          <EvidenceQuote
            quote={audience.quote}
            page={audience.quoteUrl ? { title: shortUrl(audience.quoteUrl), url: audience.quoteUrl } : undefined}
            confidence={audience.confidence ?? undefined}
            confirmed={audience.state === 'confirmed'}
          />
        )}
        {sides.length === 0 ? (
          <p className="sub">Your pages say nothing more of them. Add what you know.</p>
        ) : (
          <dl className="audience-figures">
            {sides.map(({ kind, traits }) => (
              <div key={kind}>
                <dt>{traitWords[kind]}</dt>
                {traits.map((trait) => (
                  <dd key={trait.statement}>
                    {trait.statement}
                    {trait.factId && (
                      <Link className="sub" to="/knowledge/$group" params={{ group: 'for-whom' }}>
                        From what is known
                      </Link>
                    )}
                  </dd>
                ))}
              </div>
            ))}
          </dl>
        )}
      </div>
    </Card>
  );
}

function PlatformsCard({ audience }: { audience: Audience }) {
  return (
    <Card title="Where they are">
      {audience.platforms.length === 0 ? (
        <p className="table-empty">No platform is known yet.</p>
      ) : (
        <ul className="conflicts">
          {audience.platforms.map((place) => (
            <li key={place.platform}>
              <p className="line">
                <PlatformIcon platform={place.platform} size={13} decorative />
                {platformName(place.platform)}, {presenceWords[place.presence]}
              </p>
              <p className="sub">{place.reasoning ?? 'No reason is given.'}</p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
