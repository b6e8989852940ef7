import { useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { count, money, percent } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type CohortMeasure, cohortsQuery } from './queries.ts';
import { periodWords } from './words.ts';

const measures: Record<CohortMeasure, string> = { mrr: 'MRR', customers: 'Customers', revenue: 'Paid' };

/** Customers by the month they began in, and what is left of them since. */
export function CohortsCard({ appId }: { appId: string }) {
  const [chosen, choose] = useAddress('cohort', 'mrr');
  const measure = (Object.keys(measures) as CohortMeasure[]).find((each) => each === chosen) ?? 'mrr';
  const cohorts = useQuery(cohortsQuery(appId, measure));
  const { data } = cohorts;
  return (
    <ChartCard
      title="Cohorts"
      sub="by first month"
      file={`revenue-cohorts-${measure}`}
      picture={false}
      action={
        <Segmented
          label="Measure"
          options={(Object.keys(measures) as CohortMeasure[]).map((value) => ({ value, label: measures[value] }))}
          value={measure}
          onChange={choose}
        />
      }
      rows={() => ({
        columns: ['cohort', 'customers', 'month', 'value', 'share', 'complete'],
        rows: (data?.cohorts ?? []).flatMap((row) =>
          row.cells.map((cell) => [row.cohort, row.customers, cell.month, cell.value, cell.share, cell.complete]),
        ),
      })}
    >
      <Loaded
        query={cohorts}
        title="The cohorts did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={6} />
          </div>
        }
      >
        {({ cohorts: rows, currency }) => {
          if (rows.length === 0) return <p className="table-empty">No customer began in the last twelve months.</p>;
          const most = Math.max(...rows.map((row) => row.cells.length));
          const write = (value: string) => (measure === 'customers' ? count(Number(value)) : money(value, currency));
          return (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard.
            <section className="cohorts" tabIndex={0} aria-label="Cohorts by month">
              <table className="table">
                <caption className="hidden-text">What is left of each month’s new customers</caption>
                <thead>
                  <tr>
                    <th scope="col">Began</th>
                    {Array.from({ length: most }, (_, age) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: a column is its age.
                      <th scope="col" key={age} data-align="right">
                        {age === 0 ? 'Month 0' : age}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row) => (
                    <tr key={row.cohort}>
                      <th scope="row">
                        {periodWords(row.cohort, 'month')}
                        <span className="sub num">{count(row.customers)}</span>
                      </th>
                      {row.cells.map((cell, age) => (
                        <td
                          key={cell.month}
                          className="num"
                          data-align="right"
                          data-partial={!cell.complete || undefined}
                          title={`${periodWords(cell.month, 'month')}: ${write(cell.value)}${cell.complete ? '' : ', so far'}`}
                          style={{ '--share': Math.min(1, cell.share ?? 0) } as React.CSSProperties}
                        >
                          {age === 0 || cell.share === null ? write(cell.value) : percent(cell.share)}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          );
        }}
      </Loaded>
    </ChartCard>
  );
}
