import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useApp } from '#web/app.tsx';
import { Button } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ExperimentCard } from './experiments/experiment-card.tsx';
import { experimentsQuery } from './experiments/queries.ts';
import './experiments/experiments.css';

const NewExperiment = lazy(() => import('./experiments/form.tsx').then((file) => ({ default: file.NewExperiment })));

/** Hooks, formats and times against each other, and what may be said of them yet. */
export function ExperimentsPage() {
  const app = useApp();
  const query = useQuery(experimentsQuery(app.id));
  const [adding, setAdding] = useState(false);
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      <Plus size={15} aria-hidden="true" />
      New experiment
    </Button>
  );
  return (
    <Page
      title="Experiments"
      intro="Hooks, formats and times against each other. The post is what counts, and chance is asked first."
      actions={query.data && query.data.length > 0 ? add : undefined}
    >
      <Loaded query={query} title="The experiments did not load" skeleton={<SkeletonCard height={320} />}>
        {(experiments) =>
          experiments.length === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Experiments</h2>
              <EmptyState title="No experiment yet" ghost={false} action={add}>
                Name what you want to know, such as a question against a number as the first line, and choose drafts.
                They are dealt to the arms by lot, and you hear when the difference is more than chance would make.
              </EmptyState>
            </div>
          ) : (
            <div className="stack">
              {experiments.map((experiment) => (
                <ExperimentCard key={experiment.id} experiment={experiment} />
              ))}
            </div>
          )
        }
      </Loaded>
      {adding && (
        <Suspense fallback={null}>
          <NewExperiment appId={app.id} onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  );
}
