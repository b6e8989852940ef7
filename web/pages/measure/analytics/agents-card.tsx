import { useQuery } from '@tanstack/react-query';
import { csvOf, saveFile } from '#web/file.ts';
import { count, counted, percent } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { DownloadMenu } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Spark } from '#web/parts/spark.tsx';
import { agentsQuery, type Question } from './queries.ts';
import { RowsSkeleton } from './skeletons.tsx';

const classes = { bot: 'Bot', preview: 'Link preview', unsure: 'Not sure' } as const;

/** Machines are counted, and counted apart: nobody has to guess what was left out. */
export function AgentsCard({ question }: { question: Question }) {
  const query = useQuery(agentsQuery(question));
  const { data } = query;
  return (
    <Card
      title="Bots and previews"
      sub="counted apart"
      action={
        data && (
          <DownloadMenu
            title="bots and previews"
            onCsv={async () => {
              const text = csvOf({
                columns: ['class', 'name', 'visits', 'views', ...data.days],
                rows: data.agents.map(({ agentClass, name, visits, views, byDay }) => [
                  agentClass,
                  name,
                  visits,
                  views,
                  ...byDay,
                ]),
              });
              saveFile('bots-and-previews.csv', new Blob([text], { type: 'text/csv' }));
            }}
          />
        )
      }
    >
      <div className="ranked" data-rows={5} data-stale={query.isPlaceholderData || undefined}>
        <Loaded query={query} title="Bots did not load" skeleton={<RowsSkeleton rows={5} />}>
          {({ agents, classes: sums, people }) => {
            const machines = sums.filter(({ agentClass }) => agentClass !== 'unsure');
            const visits = machines.reduce((sum, each) => sum + each.visits, 0);
            const unsure = sums.find(({ agentClass }) => agentClass === 'unsure')?.visits ?? 0;
            const all = visits + people.visits;
            return (
              <>
                <p className="agents-sum num">
                  <b>{count(visits)}</b> of {counted(all, 'visit')} ({percent(all === 0 ? 0 : visits / all)}) came from
                  machines and stand in no other figure here.
                  {unsure > 0 &&
                    ` ${counted(unsure, 'visit')} could be either and ${unsure === 1 ? 'counts' : 'count'} as people.`}
                </p>
                <DataTable
                  caption="Bots and previews"
                  rows={agents.slice(0, 5)}
                  rowKey={({ agentClass, name }) => `${agentClass} ${name}`}
                  empty="No machine came in this range."
                  columns={[
                    {
                      key: 'name',
                      head: 'Name',
                      cell: ({ name }) => <span className="clip">{name ?? 'Without a name'}</span>,
                    },
                    {
                      key: 'class',
                      head: 'Kind',
                      width: '104px',
                      cell: ({ agentClass }) => <span className="sub">{classes[agentClass]}</span>,
                    },
                    {
                      key: 'days',
                      head: 'Days',
                      width: '92px',
                      hideOnPhone: true,
                      cell: ({ byDay }) => <Spark values={byDay} />,
                    },
                    {
                      key: 'visits',
                      head: 'Visits',
                      align: 'right',
                      width: '72px',
                      cell: ({ visits: each }) => count(each),
                    },
                  ]}
                />
                {agents.length > 5 && (
                  <p className="card-note sub">{counted(agents.length - 5, 'other')} in the CSV.</p>
                )}
              </>
            );
          }}
        </Loaded>
      </div>
    </Card>
  );
}
