import { RefreshCw } from 'lucide-react';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { AssetsTab } from './app/assets.tsx';
import { LifeCycle } from './app/life-cycle.tsx';
import { PagesTab } from './app/pages.tsx';
import { Profile } from './app/profile.tsx';
import { SeoTab } from './app/seo.tsx';
import { ReadingOutcome, ReadingProgress, useReading } from './knowledge/reading.tsx';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';
import './app/app.css';

const tabs = [
  { value: 'profile', label: 'Profile' },
  { value: 'assets', label: 'Assets' },
  { value: 'pages', label: 'Pages' },
  { value: 'seo', label: 'SEO' },
] as const;
type Tab = (typeof tabs)[number]['value'];

/** Who the app is, where it stands, what it looks like, and how its pages are made. */
export function AppPage() {
  const app = useApp();
  const [shown, show] = useAddress('show', 'profile');
  const tab: Tab = tabs.find((each) => each.value === shown)?.value ?? 'profile';
  const { reading, analysis, underWay, starting, cancelling } = useReading(app.id);
  const failure = starting.error ?? cancelling.error ?? reading.error;
  return (
    <Page
      title="App"
      intro="Who it is, what it looks like, and how its pages are made."
      actions={
        <Button busy={starting.isPending || underWay} onClick={() => starting.mutate(undefined)}>
          {!underWay && !starting.isPending && <RefreshCw size={14} aria-hidden="true" />}
          {underWay ? 'Reading' : 'Read again'}
        </Button>
      }
    >
      <div className="stack">
        {failure && <ErrorNotice title="The reading" error={failure} />}
        {analysis && underWay && (
          <ReadingProgress analysis={analysis} onCancel={() => cancelling.mutate({ analysisId: analysis.id })} />
        )}
        {analysis && !underWay && <ReadingOutcome analysis={analysis} onAgain={() => starting.mutate(undefined)} />}
        <div className="tabs-scroll">
          <Segmented<Tab> label="Part of the app" options={[...tabs]} value={tab} onChange={show} />
        </div>
        {tab === 'profile' && (
          <>
            <Profile appId={app.id} />
            <LifeCycle appId={app.id} />
          </>
        )}
        {tab === 'assets' && <AssetsTab appId={app.id} />}
        {tab === 'pages' && <PagesTab appId={app.id} analysis={analysis ?? null} />}
        {tab === 'seo' && <SeoTab appId={app.id} />}
      </div>
    </Page>
  );
}
