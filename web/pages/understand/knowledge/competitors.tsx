import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Check, ExternalLink, Eye, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Competitor, competitorsQuery, knowledgeKey } from './queries.ts';
import { shortUrl } from './words.ts';

export function CompetitorsTab({ appId }: { appId: string }) {
  const competitors = useQuery(competitorsQuery(appId));
  const [dismissed, setDismissed] = useState(false);
  return (
    <Loaded query={competitors} skeleton={<SkeletonCard height={320} />}>
      {(all) => {
        const gone = all.filter((each) => each.state === 'dismissed');
        const shown = dismissed ? gone : all.filter((each) => each.state !== 'dismissed');
        return (
          <Card
            title="Competitors"
            sub={<span className="num">{count(shown.length)}</span>}
            action={
              gone.length > 0 && (
                <button
                  type="button"
                  className="chip"
                  aria-pressed={dismissed}
                  onClick={() => setDismissed(!dismissed)}
                >
                  Dismissed <span className="num">{gone.length}</span>
                </button>
              )
            }
          >
            {shown.length === 0 && (
              <p className="table-empty">
                {dismissed
                  ? 'None is dismissed.'
                  : 'Your pages name nobody. Add whom your audience also considers, and their public pages are watched for changes.'}
              </p>
            )}
            <ul className="fact-group">
              {shown.map((competitor) => (
                <CompetitorRow key={competitor.id} appId={appId} competitor={competitor} />
              ))}
            </ul>
            <div className="card-body">
              <AddCompetitor appId={appId} />
            </div>
          </Card>
        );
      }}
    </Loaded>
  );
}

function CompetitorRow({ appId, competitor }: { appId: string; competitor: Competitor }) {
  const options = { refreshes: [knowledgeKey(appId)] };
  const confirming = useChange(api.competitors.confirm, options);
  const dismissing = useChange(api.competitors.dismiss, options);
  const { id: competitorId, name, url, state } = competitor;
  const words = competitor.positioning ?? competitor.description;
  return (
    <li className="fact">
      <div className="fact-text">
        <p className="fact-statement">
          {name}
          {url && (
            <a className="sub fact-link" href={url} target="_blank" rel="noreferrer">
              {shortUrl(url)}
              <ExternalLink size={11} aria-hidden="true" />
            </a>
          )}
        </p>
        {words && <p>{words}</p>}
        {competitor.quote && (
          <EvidenceQuote
            quote={competitor.quote}
            page={competitor.quoteUrl ? { title: shortUrl(competitor.quoteUrl), url: competitor.quoteUrl } : undefined}
            confidence={competitor.confidence ?? undefined}
          />
        )}
        {state === 'watched' && (
          <p className="sub num">
            {competitor.lastReadAt
              ? `Last read ${day(competitor.lastReadAt)}, again every day`
              : url
                ? 'Read for the first time with the next daily look'
                : 'Without an address there is nothing to read'}
          </p>
        )}
        {(confirming.error ?? dismissing.error) && <ErrorNotice error={confirming.error ?? dismissing.error} />}
      </div>
      <div className="fact-actions">
        {state === 'watched' && (
          <span className="tag" data-tone="pos">
            <Eye size={12} aria-hidden="true" />
            Watched
          </span>
        )}
        {state !== 'watched' && (
          <Button
            size="small"
            busy={confirming.isPending}
            onClick={() => confirming.mutate({ competitorId })}
            aria-label={`Watch ${name}`}
          >
            <Check size={13} aria-hidden="true" />
            Watch
          </Button>
        )}
        {state !== 'dismissed' && (
          <Button
            size="small"
            look="quiet"
            busy={dismissing.isPending}
            onClick={() => dismissing.mutate({ competitorId })}
            aria-label={`Dismiss ${name}`}
          >
            <X size={13} aria-hidden="true" />
            Dismiss
          </Button>
        )}
      </div>
    </li>
  );
}

function AddCompetitor({ appId }: { appId: string }) {
  const form = useForm({
    initialValues: { url: '' },
    validate: { url: (value) => (value.trim() ? null : 'Type their address') },
  });
  const adding = useChange(api.competitors.add, {
    refreshes: [knowledgeKey(appId)],
    says: 'Competitor added',
    after: () => form.reset(),
  });
  return (
    <form className="inline-form" noValidate onSubmit={form.onSubmit(({ url }) => adding.mutate({ appId, url }))}>
      <TextInput aria-label="Address of a competitor" placeholder="competitor.example" {...form.getInputProps('url')} />
      <Button type="submit" busy={adding.isPending}>
        <Plus size={14} aria-hidden="true" />
        Add
      </Button>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
    </form>
  );
}
