import '#web/styles/measure.css';
import '#web/styles/home.css';
import './success/success.css';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { AreaCard } from './success/area-card.tsx';
import { type Area, type Figure, type State, stateWords } from './success/words.ts';

const TargetDialog = lazy(() => import('./success/target-dialog.tsx').then((file) => ({ default: file.TargetDialog })));

/** What success means for this app, in five areas, and how far it is. */
export function SuccessPage() {
  const app = useApp();
  const query = useQuery({ queryKey: ['success', app.id], queryFn: () => api.success.show({ appId: app.id }) });
  const [asked, ask] = useState<{ area: Area['area']; figure: Figure }>();
  return (
    <Page title="Success" intro="What you want to reach in five areas, and whether you are on the way.">
      <Loaded query={query} title="The figures did not load" skeleton={<SkeletonCard height={520} />}>
        {({ areas, rule, timeZone }) => (
          <div className="stack">
            <Standings areas={areas} />
            {areas.map((area) => (
              <AreaCard key={area.area} area={area} onTarget={(figure) => ask({ area: area.area, figure })} />
            ))}
            <p className="sub">{rule}</p>
            <ZoneNote zone={timeZone} />
          </div>
        )}
      </Loaded>
      {asked && (
        <Suspense fallback={null}>
          <TargetDialog appId={app.id} {...asked} onClose={() => ask(undefined)} />
        </Suspense>
      )}
    </Page>
  );
}

const shown: State[] = ['reached', 'on_track', 'behind', 'missed', 'not_enough_data', 'no_date'];

/** How many targets stand how. */
function Standings({ areas }: { areas: Area[] }) {
  const states = areas.flatMap(({ figures }) => figures.flatMap(({ progress }) => progress?.state ?? []));
  if (states.length === 0)
    return <p className="sub">No targets yet. Set one beside any figure: how many, and by when.</p>;
  return (
    <ul className="standings" aria-label="Targets">
      {shown.map((state) => {
        const own = states.filter((each) => each === state).length;
        return own === 0 ? null : (
          <li key={state}>
            <strong className="num">{own}</strong> {stateWords[state].toLowerCase()}
          </li>
        );
      })}
    </ul>
  );
}
