import { useState } from 'react';
import type { App } from '#web/app.tsx';
import { ReadingProgress } from '#web/pages/understand/knowledge/reading.tsx';
import { shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import type { Setup } from './progress.ts';

/** The reading as it happens, or why it did not work and what to do. */
export function Read({ app, setup, onOther }: { app: App; setup: Setup; onOther: () => void }) {
  const { analysis, underWay, starting, cancelling } = setup;
  const [stopped, setStopped] = useState(false);
  if (analysis && underWay)
    return (
      <ReadingProgress
        analysis={analysis}
        onCancel={() => {
          setStopped(true);
          cancelling.mutate({ analysisId: analysis.id });
        }}
      />
    );
  const again = (
    <Button look="primary" busy={starting.isPending} onClick={() => starting.mutate(undefined)}>
      {analysis ? 'Read again' : 'Read it now'}
    </Button>
  );
  return (
    <Card title={shortUrl(app.url)} padded>
      <div className="stack">
        {analysis?.state === 'failed' && (
          <ErrorNotice
            title="The page could not be read"
            error={new Error(analysis.failure?.message ?? 'The reading ended without saying why. Try again.')}
          />
        )}
        {(starting.error ?? cancelling.error) && (
          <ErrorNotice title="The reading" error={starting.error ?? cancelling.error} />
        )}
        {analysis?.state !== 'failed' && (
          <p>{stopped || analysis?.state === 'cancelled' ? 'You stopped the reading.' : 'It has not been read yet.'}</p>
        )}
        <div className="line">
          {again}
          <Button onClick={onOther}>Use another address</Button>
          <LinkButton to="/knowledge" look="quiet">
            Write the facts yourself
          </LinkButton>
        </div>
      </div>
    </Card>
  );
}
