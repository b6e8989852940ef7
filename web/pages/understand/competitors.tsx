import '#web/styles/forms.css';
import './competitors/competitors.css';
import { useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { useApp } from '#web/app.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { BenchmarkCard, PricesCard } from './competitors/beside.tsx';
import { FeedCard } from './competitors/feed.tsx';
import { ListCard } from './competitors/list.tsx';
import { MatrixCard } from './competitors/matrix.tsx';
import { competitorsQuery } from './competitors/queries.ts';

const views = [
  { value: 'changes', label: 'What changed' },
  { value: 'features', label: 'Features' },
  { value: 'prices', label: 'Prices' },
  { value: 'numbers', label: 'Numbers' },
] as const;
type View = (typeof views)[number]['value'];

/** Who else the audience considers, what they ask and offer, and what they changed. */
export function CompetitorsPage() {
  const app = useApp();
  const [chosen, choose] = useAddress('show', 'changes');
  const view = views.find((one) => one.value === chosen)?.value ?? 'changes';
  const competitors = useQuery(competitorsQuery(app.id));
  return (
    <Page
      title="Competitors"
      intro="Their public pages are read once a day. A change is told when a second reading confirms it."
    >
      <Loaded query={competitors} title="The competitors did not load" skeleton={<SkeletonCard height={460} />}>
        {(all) => (
          <div className="stack">
            <ListCard appId={app.id} all={all} />
            <div className="tabs-scroll">
              <Segmented<View> label="What is shown of them" options={[...views]} value={view} onChange={choose} />
            </div>
            {view === 'changes' && (
              <FeedCard appId={app.id} watched={all.filter(({ state }) => state === 'watched').length} />
            )}
            {view === 'features' && <MatrixCard appId={app.id} />}
            {view === 'prices' && <PricesCard appId={app.id} />}
            {view === 'numbers' && <BenchmarkCard appId={app.id} />}
          </div>
        )}
      </Loaded>
    </Page>
  );
}
