import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Link } from '@tanstack/react-router';
import { Check, Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { AddressForm } from './address-form.tsx';
import { type Competitor, competitorsKey } from './queries.ts';
import { hostOf } from './words.ts';

/** Who is watched, who is proposed, and a line to add one. */
export function ListCard({ appId, all }: { appId: string; all: Competitor[] }) {
  const [dismissed, setDismissed] = useState(false);
  const gone = all.filter((each) => each.state === 'dismissed');
  const shown = dismissed ? gone : all.filter((each) => each.state !== 'dismissed');
  return (
    <Card
      title="Who else is considered"
      sub={<span className="num">{count(shown.length)}</span>}
      action={
        gone.length > 0 && (
          <button type="button" className="chip" aria-pressed={dismissed} onClick={() => setDismissed(!dismissed)}>
            Dismissed <span className="num">{gone.length}</span>
          </button>
        )
      }
    >
      {shown.length === 0 && (
        <p className="table-empty">
          {dismissed
            ? 'None is dismissed.'
            : 'Your pages name nobody. Add whom your audience also considers, and their public pages are read every day.'}
        </p>
      )}
      <ul className="rivals">
        {shown.map((competitor) => (
          <Row key={competitor.id} appId={appId} competitor={competitor} />
        ))}
      </ul>
      <div className="card-body">
        <Add appId={appId} />
      </div>
    </Card>
  );
}

function Row({ appId, competitor }: { appId: string; competitor: Competitor }) {
  const options = { refreshes: [competitorsKey(appId)] };
  const confirming = useChange(api.competitors.confirm, options);
  const dismissing = useChange(api.competitors.dismiss, options);
  const { id: competitorId, name, url, state, lastChange } = competitor;
  const error = confirming.error ?? dismissing.error;
  return (
    <li className="rival">
      <div className="rival-text">
        <p className="rival-name">
          <Link to="/competitors/$id" params={{ id: competitorId }}>
            {name}
          </Link>
          {url && <span className="sub">{hostOf(url)}</span>}
        </p>
        {competitor.tagline && <p>{competitor.tagline}</p>}
        {state !== 'watched' && competitor.quote && (
          <EvidenceQuote
            quote={competitor.quote}
            {...(competitor.quoteUrl ? { page: { title: hostOf(competitor.quoteUrl), url: competitor.quoteUrl } } : {})}
          />
        )}
        {state === 'watched' && (
          <p className="sub">
            {competitor.trouble ??
              (lastChange
                ? `${day(lastChange.foundAt)}: ${lastChange.sentence ?? lastChange.after}`
                : competitor.lastReadAt
                  ? `Read ${day(competitor.lastReadAt)}, no change since the first reading`
                  : url
                    ? 'Being read for the first time'
                    : 'Your pages name it without a link. Give its address, and its public pages are read every day.')}
          </p>
        )}
        {!url && state !== 'dismissed' && <AddressForm appId={appId} competitorId={competitorId} name={name} />}
        {error && <ErrorNotice error={error} />}
      </div>
      <div className="rival-actions">
        {state !== 'watched' && (url || state === 'dismissed') && (
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

function Add({ appId }: { appId: string }) {
  const form = useForm({
    initialValues: { url: '' },
    validate: { url: (value) => (value.trim() ? null : 'Type their address') },
  });
  const adding = useChange(api.competitors.add, {
    refreshes: [competitorsKey(appId)],
    says: 'Competitor added. Its pages are being read.',
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
