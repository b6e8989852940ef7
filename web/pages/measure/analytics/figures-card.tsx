import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ChevronDown, StickyNote } from 'lucide-react';
import { lazy, Suspense, useRef, useState } from 'react';
import { useAddress } from '#web/address.ts';
import { csvOf, saveFile } from '#web/file.ts';
import { counted, money } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { DownloadMenu } from '#web/parts/chart-card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { OtherCurrencies } from '#web/parts/other-currencies.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import { dayIn } from '#web/zone.ts';
import { Drawing, Strip } from './figures.tsx';
import {
  annotationsQuery,
  type Question,
  type Series,
  type Step,
  seriesQuery,
  type Totals,
  totalsQuery,
} from './queries.ts';
import { FiguresSkeleton } from './skeletons.tsx';
import { labelOf, type Measure } from './words.tsx';

const NotesDialog = lazy(() => import('./notes.tsx').then((file) => ({ default: file.NotesDialog })));

const steps: Record<Step, string> = {
  auto: 'By itself',
  hour: 'By hour',
  day: 'By day',
  week: 'By week',
  month: 'By month',
};

/** The figures, and the chosen one over time with what was posted and noted; to take away as CSV or PNG. */
export function FiguresCard({
  question,
  measure,
  onMeasure,
  label,
  against,
}: {
  question: Question;
  measure: Measure;
  onMeasure: (measure: Measure) => void;
  /** The range in words. */
  label: string;
  against: string | null;
}) {
  const [by, setBy] = useAddress('by', 'auto');
  const step = Object.hasOwn(steps, by) ? (by as Step) : 'auto';
  const totals = useQuery(totalsQuery(question));
  const series = useQuery(seriesQuery(question, step));
  const annotations = useQuery(annotationsQuery(question));
  const [noting, setNoting] = useState<string>();
  const card = useRef<HTMLElement>(null);
  const failed = totals.error ?? series.error;
  if (failed && !(totals.data && series.data)) {
    return (
      <ErrorNotice
        title="The figures did not load"
        error={failed}
        onRetry={() => void Promise.all([totals.refetch(), series.refetch()])}
      />
    );
  }
  const zone = totals.data?.timeZone ?? 'UTC';
  const stale = totals.isPlaceholderData || series.isPlaceholderData;
  return (
    <section className="card figures" aria-label="Figures" ref={card}>
      {!totals.data && <FiguresSkeleton />}
      {totals.data && (
        <div data-stale={stale || undefined}>
          <Strip totals={totals.data} chosen={measure} onChoose={onMeasure} against={against} />
          {series.data ? (
            <Drawing
              series={series.data}
              measure={measure}
              annotations={annotations.data?.annotations ?? []}
              against={against}
              onPick={(point) => setNoting(point.slice(0, 10))}
              tools={
                <>
                  <StepMenu step={step} shown={series.data.by} onChoose={setBy} />
                  <IconButton label="Notes" onClick={() => setNoting(dayIn(Date.now(), zone))}>
                    <StickyNote size={15} strokeWidth={1.75} />
                  </IconButton>
                  <DownloadMenu
                    title="the chart"
                    onCsv={async () => saveSeries(series.data)}
                    onPicture={async () => {
                      const { pictureOf } = await import('#web/parts/chart-picture.ts');
                      const title = labelOf(measure, series.data.visitorsAre);
                      const note = [
                        label,
                        against && `compared with ${against.toLowerCase()}`,
                        zone.replaceAll('_', ' '),
                      ];
                      const picture = await pictureOf(card.current!, { title, note: note.filter(Boolean).join(' · ') });
                      saveFile(`${measure}-${series.data.days.from}-to-${series.data.days.until}.png`, picture);
                    }}
                  />
                </>
              }
            />
          ) : (
            <div className="chart-waits">
              <Skeleton height={248} />
            </div>
          )}
          <OtherCurrencies amounts={totals.data.otherCurrencies} suggested={null} />
          <Outside totals={totals.data} />
        </div>
      )}
      {noting && (
        <Suspense fallback={null}>
          <NotesDialog
            appId={question.appId}
            day={noting}
            annotations={annotations.data?.annotations ?? []}
            onClose={() => setNoting(undefined)}
          />
        </Suspense>
      )}
    </section>
  );
}

/** With filters, what belongs to no known visit is in none of them. */
function Outside({ totals: { outside, currency } }: { totals: Totals }) {
  if (!outside || (outside.conversions === 0 && outside.revenueMinor === '0')) return null;
  return (
    <p className="card-note sub num">
      {counted(outside.conversions, 'conversion')} and {money(outside.revenueMinor, currency, { whole: true })} belong
      to no known visit, so no filter holds them.
    </p>
  );
}

function StepMenu({ step, shown, onChoose }: { step: Step; shown: Series['by']; onChoose: (step: string) => void }) {
  return (
    <Menu position="bottom-end" width={150} withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button look="quiet" size="small">
          {steps[shown]}
          <ChevronDown size={13} aria-hidden="true" />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={step} onChange={onChoose}>
          {Object.entries(steps).map(([key, words]) => (
            <Menu.RadioItem key={key} value={key} closeMenuOnClick>
              {words}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}

function saveSeries({ points, series, days, by }: Series): void {
  const text = csvOf({
    columns: [by, 'complete', ...series.flatMap(({ measure }) => [measure, `${measure}_before`])],
    rows: points.map(({ at, partial }, index) => [
      at,
      !partial,
      ...series.flatMap(({ values, previous }) => [values[index], previous?.[index]]),
    ]),
  });
  saveFile(`traffic-${days.from}-to-${days.until}.csv`, new Blob([text], { type: 'text/csv' }));
}
