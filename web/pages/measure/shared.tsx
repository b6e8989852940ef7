import './analytics/analytics.css';
import '#web/styles/measure.css';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { csvOf, saveFile } from '#web/file.ts';
import { day } from '#web/format.ts';
import { Breakdown } from '#web/parts/breakdown.tsx';
import { Card } from '#web/parts/card.tsx';
import { DownloadMenu } from '#web/parts/chart-card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { FilterWords } from '#web/parts/filter-bar.tsx';
import { useTitle } from '#web/parts/page.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { rangeOf, rangeWords } from '#web/range.ts';
import { shownOf } from './analytics/breakdown-card.tsx';
import { Drawing, Strip } from './analytics/figures.tsx';
import { settingsOf } from './analytics/settings.ts';
import { FiguresSkeleton } from './analytics/skeletons.tsx';
import {
  dimensionNames,
  isMeasure,
  nameOfDimension,
  type RowContext,
  type RowShown,
  valueWords,
} from './analytics/words.tsx';

type Shared = Awaited<ReturnType<typeof api.views.shared>>;

/** What somebody shared of their figures: for people without an account, one question asked and nothing to change. */
export function SharedPage() {
  const { token } = useParams({ from: '/shared/$token' });
  const query = useQuery({
    queryKey: ['shared', token],
    queryFn: () => api.views.shared({ token }),
    refetchInterval: 300_000,
  });
  useTitle(query.data?.name ?? 'Shared figures');
  return (
    <div className="shared">
      <main id="content" className="page">
        {query.data && <SharedFigures shared={query.data} />}
        {!query.data && (
          <header className="page-head">
            <h1>{query.error ? 'There is nothing to see here' : 'Shared figures'}</h1>
          </header>
        )}
        {query.error && !query.data && (
          <ErrorNotice title="The figures did not load" error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isPending && (
          <div className="card figures">
            <FiguresSkeleton />
          </div>
        )}
      </main>
      <footer className="shared-foot sub">
        {query.data && <span>Shared by {query.data.app.name} · </span>}
        <span>powered by Fanfare</span>
      </footer>
    </div>
  );
}

function SharedFigures({ shared }: { shared: Shared }) {
  const { breakdowns, app, name, expiresAt, days, previousDays } = shared;
  const settings = settingsOf({ ...shared, appId: '' });
  const measure = shared.series.map((each) => each.measure).find(isMeasure) ?? 'visitors';
  const { label, compareLabel } = rangeWords(rangeOf(shared));
  const against = previousDays === null ? null : compareLabel;
  const labels = new Map(
    breakdowns.flatMap(({ dimension, rows }) => rows.map((row) => [`${dimension} ${row.value}`, row.label])),
  );
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{name}</h1>
          <p>
            {app.name}, {day(days.from, 'UTC')} to {day(days.until, 'UTC')}
            {shared.range === 'custom' ? '' : ` (${label.toLowerCase()})`}
          </p>
        </div>
        <div className="page-head-actions">
          <span className="tag">Read only{expiresAt ? ` until ${day(expiresAt)}` : ''}</span>
        </div>
      </header>
      {settings && settings.filters.length > 0 && (
        <ul className="filters" aria-label="Filters">
          {settings.filters.map((filter) => (
            <li key={filter.dimension} className="chip filter-chip" data-still>
              <FilterWords
                filter={filter}
                name={nameOfDimension}
                show={(dimension, value) => valueWords(dimension, value, labels.get(`${dimension} ${value}`))}
              />
            </li>
          ))}
        </ul>
      )}
      <section className="card figures" aria-label="Figures">
        <Strip totals={shared} chosen={measure} against={against} />
        <Drawing series={shared} measure={measure} against={against} />
      </section>
      <div className="row" data-split="1-1">
        {breakdowns.map(({ dimension, sort, rows }) => (
          <SharedRows
            key={dimension}
            context={{ dimension, sort, currency: shared.currency, compared: previousDays !== null }}
            rows={rows}
          />
        ))}
      </div>
      <ZoneNote zone={shared.timeZone} />
    </>
  );
}

function SharedRows({ context, rows: ranked }: { context: RowContext; rows: readonly RowShown[] }) {
  const { dimension, sort } = context;
  const title = dimensionNames[dimension][1];
  const shown = shownOf(context, ranked);
  return (
    <Card
      title={title}
      action={
        <DownloadMenu
          title={title}
          onCsv={async () => {
            const rows = shown.rows.map(({ name, value, share, change }) => [name, value, share, change]);
            const text = csvOf({ columns: [dimension, sort, 'share', 'change'], rows });
            saveFile(`${dimension}.csv`, new Blob([text], { type: 'text/csv' }));
          }}
        />
      }
    >
      <Breakdown {...shown} shown={10} />
    </Card>
  );
}
