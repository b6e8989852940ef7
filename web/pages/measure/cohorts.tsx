import './cohorts/cohorts.css';
import '#web/styles/measure.css';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { CSSProperties } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { count, percent } from '#web/format.ts';
import { periodWords } from '#web/pages/measure/revenue/words.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { SurvivalCard } from './cohorts/curve.tsx';

type Shown = Awaited<ReturnType<typeof api.cohorts.show>>;
type Of = Shown['of'];
type Cell = Shown['cohorts'][number]['cells'][number];

const ofWords: Record<Of, string> = { signups: 'Signups', visitors: 'Visitors', paying: 'Paying' };
const told: Record<Of, string> = {
  signups: 'Came back after they signed up',
  visitors: 'Came back after their first visit',
  paying: 'Still pay',
};

export function CohortsPage() {
  const app = useApp();
  const [ofAsked, setOf] = useAddress('of', 'signups');
  const [byAsked, setBy] = useAddress('by', 'month');
  const of = (Object.keys(ofWords) as Of[]).find((one) => one === ofAsked) ?? 'signups';
  const by = byAsked === 'week' ? 'week' : 'month';
  const query = useQuery({
    queryKey: ['cohorts', app.id, of, by],
    queryFn: () => api.cohorts.show({ appId: app.id, of, by, cohorts: 12 }),
    placeholderData: keepPreviousData,
  });
  return (
    <Page
      title="Cohorts"
      intro="Who began together, and who of them is still there."
      actions={
        <>
          <Segmented
            label="Who"
            options={(Object.keys(ofWords) as Of[]).map((value) => ({ value, label: ofWords[value] }))}
            value={of}
            onChange={setOf}
          />
          <Segmented
            label="By"
            options={[
              { value: 'week', label: 'Weeks' },
              { value: 'month', label: 'Months' },
            ]}
            value={by}
            onChange={setBy}
          />
        </>
      }
    >
      <Loaded query={query} title="The cohorts did not load" skeleton={<SkeletonCard height={420} />}>
        {(data) => (
          <div className="stack">
            {data.cohorts.length === 0 ? (
              <div className="card">
                <h2 className="hidden-text">{told[data.of]}</h2>
                <Nobody data={data} />
              </div>
            ) : (
              <HeatCard data={data} />
            )}
            {data.survival && data.survival.n > 0 && <SurvivalCard survival={data.survival} floor={data.floor} />}
            <p className="sub">
              {data.of === 'paying'
                ? 'Who has not stopped is watched until now and never counted as gone (Kaplan and Meier). '
                : 'A week or month that is not over has no share yet. '}
              What is left of the money of each cohort is on <Link to="/revenue">Revenue</Link>.
            </p>
            <ZoneNote zone={data.timeZone} />
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Nobody({ data }: { data: Shown }) {
  if (data.missing === 'consent')
    return (
      <EmptyState
        title="Visitors are not known again on another day"
        action={
          <LinkButton to="/settings/$section" params={{ section: 'tracking' }}>
            Tracking settings
          </LinkButton>
        }
      >
        Without consent each day’s visitors are new ones, so nobody can be seen to come back. Signups are known again.
      </EmptyState>
    );
  return (
    <EmptyState title="Not enough data yet">
      {data.of === 'paying'
        ? 'Nobody has begun to pay in these twelve. Connect a payment provider to see who stays.'
        : 'Nobody has begun in these twelve. Send a signup event with a person to see who comes back.'}
    </EmptyState>
  );
}

function HeatCard({ data }: { data: Shown }) {
  const most = Math.max(...data.cohorts.map(({ cells }) => cells.length));
  return (
    <ChartCard
      title={told[data.of]}
      sub={`by ${data.by} they began in`}
      file={`cohorts-${data.of}`}
      picture={false}
      zone={data.timeZone}
      rows={() => ({
        columns: ['cohort', 'size', 'after', 'n', 'share', 'low', 'high', 'complete'],
        rows: data.cohorts.flatMap(({ cohort, size, cells }) =>
          cells.map(({ after, n, share, interval, complete }) => [
            cohort,
            size,
            after,
            n,
            share,
            interval?.low ?? null,
            interval?.high ?? null,
            complete,
          ]),
        ),
      })}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section className="stay" tabIndex={0} aria-label={`${ofWords[data.of]} by ${data.by}`}>
        <table className="table">
          <caption className="hidden-text">{told[data.of]}, as a share of those who began together</caption>
          <thead>
            <tr>
              <th scope="col">Began</th>
              {Array.from({ length: most }, (_, after) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a column is its age.
                <th scope="col" key={after} data-align="right">
                  {after === 0 ? `${data.by === 'week' ? 'Week' : 'Month'} 0` : after}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.cohorts.map(({ cohort, size, cells }) => (
              <tr key={cohort}>
                <th scope="row">
                  {periodWords(cohort, data.by)}
                  <span className="sub num">{count(size)}</span>
                </th>
                {cells.map((cell) => (
                  <td
                    key={cell.after}
                    className="num"
                    data-align="right"
                    data-partial={!cell.complete || undefined}
                    title={cellWords(cell, data)}
                    style={{ '--share': cell.share ?? 0 } as CSSProperties}
                  >
                    {cell.share === null ? '–' : percent(cell.share)}
                    <small>{count(cell.n)}</small>
                    <span className="hidden-text">{cellWords(cell, data)}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="card-body sub">
        Below each share: {data.of === 'paying' ? 'how many were still watched' : 'how many came back'}. A dash is not
        enough data (fewer than {data.floor}){data.of === 'paying' ? '' : ' or a time that is not over'}.
      </p>
    </ChartCard>
  );
}

function cellWords({ share, interval, n, complete }: Cell, { floor }: Shown): string {
  if (share === null) return complete ? `Not enough data: ${count(n)}, ${floor} are needed` : `${count(n)} so far`;
  return interval
    ? `${percent(share)}, 95% interval ${percent(interval.low)} to ${percent(interval.high)}`
    : percent(share);
}
