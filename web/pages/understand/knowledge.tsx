import { useNavigate, useRouterState } from '@tanstack/react-router';
import { RefreshCw } from 'lucide-react';
import { useApp } from '#web/app.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { AudiencesTab } from './knowledge/audiences.tsx';
import { Changes } from './knowledge/changes.tsx';
import { CompetitorsTab } from './knowledge/competitors.tsx';
import { FactsTab } from './knowledge/facts.tsx';
import { KeywordsTab } from './knowledge/keywords.tsx';
import { PagesTab } from './knowledge/pages.tsx';
import { Profile } from './knowledge/profile.tsx';
import { ReadingOutcome, ReadingProgress, useReading } from './knowledge/reading.tsx';
import { VoiceTab } from './knowledge/voice.tsx';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';

const tabs = [
  { value: 'facts', label: 'Facts' },
  { value: 'keywords', label: 'Keywords' },
  { value: 'audiences', label: 'Audiences' },
  { value: 'competitors', label: 'Competitors' },
  { value: 'voice', label: 'Voice' },
  { value: 'pages', label: 'Pages' },
] as const;
type Tab = (typeof tabs)[number]['value'];

/** What Fanfare knows of the app, where it has it from, and what the person says to it. */
export function KnowledgePage() {
  const app = useApp();
  const go = useNavigate();
  const hash = useRouterState({ select: (state) => state.location.hash });
  const tab = tabs.find((each) => each.value === hash)?.value ?? 'facts';
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
        <Profile app={app} />
        {(starting.error ?? cancelling.error ?? reading.error) && (
          <ErrorNotice title="The reading" error={starting.error ?? cancelling.error ?? reading.error} />
        )}
        {analysis && underWay && (
          <ReadingProgress analysis={analysis} onCancel={() => cancelling.mutate({ analysisId: analysis.id })} />
        )}
        {analysis && !underWay && <ReadingOutcome analysis={analysis} onAgain={() => starting.mutate(undefined)} />}
        {!underWay && <Changes appId={app.id} />}
        <div className="tabs-scroll">
          <Segmented<Tab>
            label="Part of the knowledge"
            options={[...tabs]}
            value={tab}
            onChange={(value) => void go({ to: '/knowledge', hash: value, replace: true, resetScroll: false })}
          />
        </div>
        {tab === 'facts' && <FactsTab appId={app.id} underWay={underWay} />}
        {tab === 'keywords' && <KeywordsTab appId={app.id} />}
        {tab === 'audiences' && <AudiencesTab appId={app.id} />}
        {tab === 'competitors' && <CompetitorsTab appId={app.id} />}
        {tab === 'voice' && <VoiceTab appId={app.id} />}
        {tab === 'pages' && <PagesTab appId={app.id} />}
      </div>
    </Page>
  );
}
