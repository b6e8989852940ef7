import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, counted, day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { type Provider, SecretForm, type Source, sourcesKey } from './payments.tsx';

/** What was before the webhooks: the key to read it with, and how far the reading is. */
export function History({ source, provider }: { source: Source; provider: Provider }) {
  const [changing, setChanging] = useState(false);
  const reading = useChange(api.paymentSources.backfill, { refreshes: [sourcesKey], says: 'Reading' });
  if (provider.apiKey === null) return <p className="sub">{provider.statement.words}</p>;
  const { label, help, example } = provider.apiKey;
  const busy = source.backfill?.state === 'running' || source.backfill?.state === 'waiting';
  return (
    <section className="stack" data-gap="small" aria-label="History">
      <p>
        <strong>History, fees and payouts.</strong> {provider.statement.words}
      </p>
      {source.hasApiKey && !changing ? (
        <>
          <Progress source={source} />
          <p className="line sub">
            An API key is stored.
            <Button size="small" look="quiet" onClick={() => setChanging(true)}>
              Replace it
            </Button>
            {!busy && (
              <Button
                size="small"
                look="quiet"
                busy={reading.isPending}
                onClick={() => reading.mutate({ sourceId: source.id })}
              >
                Read again
              </Button>
            )}
          </p>
        </>
      ) : (
        <>
          <p className="sub">
            {label}: {help}
          </p>
          <SecretForm
            source={source}
            name="apiKey"
            label={label}
            example={example}
            onSaved={() => setChanging(false)}
          />
        </>
      )}
      {reading.error && <ErrorNotice title="Not started" error={reading.error} />}
    </section>
  );
}

function Progress({ source: { backfill, waiting } }: { source: Source }) {
  if (backfill === null) return null;
  const read = `${counted(backfill.read, 'event')} read, ${count(backfill.fresh)} of them new`;
  const reached = backfill.reached === null ? '' : `, now at ${day(backfill.reached)}`;
  const left = waiting > 0 ? ` ${counted(waiting, 'event')} to process.` : '';
  if (backfill.state === 'failed')
    return (
      <Notice title="The history could not be read" tone="warn">
        {backfill.message} {read} so far.
      </Notice>
    );
  return (
    <p className="sub num" role="status">
      {backfill.state === 'done' &&
        `Complete${backfill.completedAt ? `, read ${relative(backfill.completedAt)}` : ''}. ${read}.${left}`}
      {backfill.state === 'running' && `Reading the history: ${read}${reached}.${left}`}
      {backfill.state === 'waiting' &&
        `${backfill.message ?? 'The provider asks for a pause.'} It goes on${backfill.nextAt ? ` ${relative(backfill.nextAt)}` : ' soon'}. ${read}.${left}`}
    </p>
  );
}
