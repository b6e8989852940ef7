import { RefreshCw } from 'lucide-react';
import { useApp } from '#web/app.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { Changes } from './knowledge/changes.tsx';
import { Groups } from './knowledge/groups.tsx';
import { ReadingOutcome, ReadingProgress, useReading } from './knowledge/reading.tsx';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';

/** What Fanfare knows of the app: each group with how complete and how sure it is, and what the last reading changed. */
export function KnowledgePage() {
  const app = useApp();
  const { reading, analysis, underWay, starting, cancelling } = useReading(app.id);
  return (
    <Page
      title="Knowledge"
      intro="Posts are written from this. What you confirm or correct stays."
      actions={
        <Button busy={starting.isPending || underWay} onClick={() => starting.mutate(undefined)}>
          {!underWay && !starting.isPending && <RefreshCw size={14} aria-hidden="true" />}
          {underWay ? 'Reading' : 'Read again'}
        </Button>
      }
    >
      <div className="stack">
        {(starting.error ?? cancelling.error ?? reading.error) && (
          <ErrorNotice title="The reading" error={starting.error ?? cancelling.error ?? reading.error} />
        )}
        {analysis && underWay && (
          <ReadingProgress analysis={analysis} onCancel={() => cancelling.mutate({ analysisId: analysis.id })} />
        )}
        {analysis && !underWay && <ReadingOutcome analysis={analysis} onAgain={() => starting.mutate(undefined)} />}
        {!underWay && <Changes appId={app.id} />}
        <Groups appId={app.id} />
      </div>
    </Page>
  );
}
