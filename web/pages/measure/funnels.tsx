import './funnels/funnels.css';
import '#web/styles/measure.css';
import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { useFilters } from '#web/filters.ts';
import { askedFilters } from '#web/pages/measure/analytics/queries.ts';
import { nameOfDimension, valueWords } from '#web/pages/measure/analytics/words.tsx';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { FilterBar } from '#web/parts/filter-bar.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { RawRowsNote } from '#web/parts/raw-rows-note.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';
import { Goals } from './funnels/goals.tsx';
import { FunnelGroups } from './funnels/groups.tsx';
import { Journeys } from './funnels/journeys.tsx';
import { answerQuery, funnelsKey, funnelsQuery, type Grouping, type Saved } from './funnels/queries.ts';
import { FunnelResult } from './funnels/result.tsx';
import { countedWords, firstFunnel, groupingWords, windowWords } from './funnels/words.ts';

const FunnelBuilder = lazy(() => import('./funnels/builder.tsx').then((file) => ({ default: file.FunnelBuilder })));

const parts = [
  { value: 'funnels', label: 'Funnels' },
  { value: 'journeys', label: 'Journeys' },
  { value: 'goals', label: 'Goals' },
];

export function FunnelsPage() {
  const app = useApp();
  const [show, setShow] = useAddress('show', 'funnels');
  return (
    <Page
      title="Funnels"
      intro="How many take each step, how long it takes them, and where the others go."
      actions={show === 'goals' ? undefined : <RangePicker compare={show === 'funnels'} />}
    >
      <div className="funnel-controls">
        <Segmented label="What is shown" options={parts} value={show} onChange={setShow} />
      </div>
      {show !== 'goals' && <FilterBar name={nameOfDimension} show={valueWords} />}
      {show === 'journeys' ? (
        <Journeys key={app.id} appId={app.id} />
      ) : show === 'goals' ? (
        <Goals appId={app.id} />
      ) : (
        <Funnels appId={app.id} />
      )}
    </Page>
  );
}

function Funnels({ appId }: { appId: string }) {
  const saved = useQuery(funnelsQuery(appId));
  return (
    <Loaded query={saved} title="The funnels did not load" skeleton={<SkeletonCard height={420} />}>
      {(funnels) => <Chosen appId={appId} funnels={funnels} />}
    </Loaded>
  );
}

/** One funnel: the one named in the address, else the first, else the one everybody has before they build their own. */
function Chosen({ appId, funnels }: { appId: string; funnels: Saved[] }) {
  const [wanted, choose] = useAddress('funnel', null);
  const [byAsked, setBy] = useAddress('by', 'source');
  const [building, setBuilding] = useState<'new' | 'change' | null>(null);
  const [leaving, setLeaving] = useState(false);
  const { asked, label } = useRange();
  const { filters } = useFilters();
  const own = funnels.find(({ funnelId }) => funnelId === wanted) ?? funnels[0];
  const { steps, windowMinutes, by, strict } = own ?? firstFunnel;
  const breakdown = (Object.keys(groupingWords) as Grouping[]).find((one) => one === byAsked) ?? 'source';
  const question = {
    appId,
    ...asked,
    filters: askedFilters(filters),
    steps,
    windowMinutes,
    by,
    strict,
    breakdown,
  };
  const query = useQuery(answerQuery(question));
  const removing = useChange(api.funnels.remove, {
    refreshes: [[...funnelsKey]],
    says: 'Funnel removed',
    after: () => {
      setLeaving(false);
      choose(null);
    },
  });
  const title = own?.name ?? 'From the first page to a payment';
  return (
    <>
      <div className="funnel-controls">
        {funnels.length > 0 && (
          <NativeSelect
            aria-label="Funnel"
            value={own?.funnelId ?? ''}
            onChange={(event) => choose(event.currentTarget.value)}
            data={funnels.map(({ funnelId, name }) => ({ value: funnelId, label: name }))}
          />
        )}
        {own && (
          <>
            <IconButton label="Change this funnel" onClick={() => setBuilding('change')}>
              <Pencil size={15} />
            </IconButton>
            <IconButton label="Remove this funnel" onClick={() => setLeaving(true)}>
              <Trash2 size={15} />
            </IconButton>
          </>
        )}
        <Button onClick={() => setBuilding('new')}>
          <Plus size={15} aria-hidden="true" /> New funnel
        </Button>
      </div>
      <Loaded query={query} title="The funnel did not load" skeleton={<SkeletonCard height={420} />}>
        {(answer) =>
          answer.began === null && answer.steps.every(({ reached }) => reached === 0) ? (
            <div className="card">
              <h2 className="hidden-text">{title}</h2>
              <EmptyState title="Nobody has come yet">
                Steps are counted from visits and events. Put the tracker on your site, or send events from your server.
              </EmptyState>
            </div>
          ) : (
            <div className="stack">
              <FunnelResult title={title} answer={answer} asked={question} range={label} />
              <FunnelGroups answer={answer} by={breakdown} onBy={setBy} />
              <p className="sub">
                All steps within {windowWords(windowMinutes)} of the first. {strict && 'In strict order. '}
                {countedWords(answer)}
              </p>
              <RawRowsNote asked={asked} />
              <ZoneNote zone={answer.timeZone} />
            </div>
          )
        }
      </Loaded>
      {building && (
        <Suspense fallback={null}>
          <FunnelBuilder
            appId={appId}
            saved={building === 'change' ? own : undefined}
            from={firstFunnel}
            onSaved={(funnelId) => {
              setBuilding(null);
              choose(funnelId);
            }}
            onClose={() => setBuilding(null)}
          />
        </Suspense>
      )}
      <ConfirmDialog
        opened={leaving && own !== undefined}
        title={`Remove “${own?.name ?? ''}”?`}
        confirm="Remove funnel"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => own && removing.mutate({ funnelId: own.funnelId })}
        onClose={() => setLeaving(false)}
      >
        Its steps are forgotten. What happened stays.
      </ConfirmDialog>
    </>
  );
}
