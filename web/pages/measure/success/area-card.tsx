import { Target } from 'lucide-react';
import { day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Change } from '#web/parts/change.tsx';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';
import { Spark } from '#web/parts/spark.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { type Area, changeOf, type Figure, stateLook, stateWords, weeksWords, written } from './words.ts';

/** One area of success: its figures, how they move, and how their targets stand. */
export function AreaCard({ area, onTarget }: { area: Area; onTarget: (figure: Figure) => void }) {
  return (
    <ChartCard
      title={area.name}
      sub="last 28 days"
      file={`success-${area.area}`}
      picture={false}
      rows={() => ({
        columns: ['Figure', 'Last 28 days', '28 days before', 'Currency', 'Target', 'By', 'Stands'],
        rows: area.figures.map((each) => [
          each.label,
          each.value,
          each.before,
          each.currency,
          each.target,
          each.byDay,
          each.progress ? stateWords[each.progress.state] : null,
        ]),
      })}
    >
      <DataTable
        caption={area.name}
        height="two"
        rows={area.figures}
        rowKey={(each) => `${each.metric} ${each.currency}`}
        columns={[
          {
            key: 'label',
            head: 'Figure',
            cell: (each) => (
              <>
                <div className="clip">{each.label}</div>
                <div className="cell-meta">
                  <Standing figure={each} />
                </div>
              </>
            ),
          },
          {
            key: 'weeks',
            head: '8 weeks',
            width: '96px',
            hideOnPhone: true,
            cell: (each) => <Weeks figure={each} />,
          },
          {
            key: 'value',
            head: '28 days',
            align: 'right',
            width: '92px',
            cell: (each) =>
              each.value === null ? (
                <span className="cell-none" title={each.reason ?? undefined}>
                  –<span className="hidden-text">{each.reason}</span>
                </span>
              ) : (
                written(each.value, each)
              ),
          },
          {
            key: 'change',
            head: 'Against before',
            align: 'right',
            width: '116px',
            hideOnPhone: true,
            cell: (each) => {
              const change = changeOf(each);
              return change === null ? <span className="cell-none">–</span> : <Change change={change} />;
            },
          },
          {
            key: 'target',
            head: 'Target',
            align: 'right',
            width: '112px',
            cell: (each) => <TargetButton figure={each} onTarget={() => onTarget(each)} />,
          },
        ]}
      />
    </ChartCard>
  );
}

function Standing({ figure: { progress, reason, currency, ...figure } }: { figure: Figure }) {
  if (progress === null) return <span className="clip">{figure.value === null ? reason : 'No target yet'}</span>;
  const { state, expected } = progress;
  return (
    <>
      <span title={progress.reason}>
        <StatusBadge status={stateLook[state]} word={stateWords[state]} />
      </span>
      <span className="clip num">
        {expected === null ? progress.reason : `about ${written(expected, { currency })} by then at this pace`}
      </span>
    </>
  );
}

function Weeks({ figure }: { figure: Figure }) {
  const values = figure.weeks.filter((week) => week !== null);
  if (values.length < 2) return <NotEnough inline />;
  return (
    <>
      <Spark values={values} width={80} height={22} />
      <span className="hidden-text">{weeksWords(figure)}</span>
    </>
  );
}

/** A target belongs to the workspace's currency: money that waits for a rate has none. */
function TargetButton({ figure, onTarget }: { figure: Figure; onTarget: () => void }) {
  if (figure.weeks.length === 0) return <span className="cell-none">–</span>;
  if (figure.target === null)
    return (
      <Button size="small" look="quiet" onClick={onTarget}>
        <Target size={13} aria-hidden="true" /> Set<span className="hidden-text"> a target for {figure.label}</span>
      </Button>
    );
  return (
    <div className="target">
      <Button size="small" look="quiet" onClick={onTarget}>
        <span className="num">{written(figure.target, figure)}</span>
        <span className="hidden-text">, change the target for {figure.label}</span>
      </Button>
      {figure.byDay && <span className="sub num">by {day(figure.byDay, 'UTC')}</span>}
    </div>
  );
}
