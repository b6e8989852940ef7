import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useAddress } from '#web/address.ts';
import { csvOf, saveFile } from '#web/file.ts';
import { useFilters } from '#web/filters.ts';
import { count, counted } from '#web/format.ts';
import { Breakdown } from '#web/parts/breakdown.tsx';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DownloadMenu } from '#web/parts/chart-card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { eventsQuery, type Question } from './queries.ts';
import { RowsSkeleton } from './skeletons.tsx';

/** What people do besides looking: the events the site sends. One chosen shows its properties. */
export function EventsCard({ question }: { question: Question }) {
  const [kind, choose] = useAddress('event', null);
  return kind === null ? (
    <AllEvents question={question} onChoose={choose} />
  ) : (
    <OneEvent question={question} kind={kind} onBack={() => choose(null)} />
  );
}

function AllEvents({ question, onChoose }: { question: Question; onChoose: (kind: string) => void }) {
  const query = useQuery(eventsQuery(question));
  return (
    <Card
      title="Events"
      action={
        query.data && (
          <DownloadMenu
            title="events"
            onCsv={async () => {
              const { events, days } = query.data;
              const rows = events.map(({ kind, times, visits, visitors, before, change }) => [
                kind,
                times,
                visits,
                visitors,
                before,
                change,
              ]);
              const text = csvOf({ columns: ['event', 'times', 'visits', 'visitors', 'times_before', 'change'], rows });
              saveFile(`events-${days.from}-to-${days.until}.csv`, new Blob([text], { type: 'text/csv' }));
            }}
          />
        )
      }
    >
      <div className="ranked" data-rows={5} data-stale={query.isPlaceholderData || undefined}>
        <Loaded query={query} title="Events did not load" skeleton={<RowsSkeleton rows={5} />}>
          {({ events }) => (
            <Breakdown
              label="Events"
              head="Event"
              shown={5}
              measure="Times"
              rows={events.map(({ kind, times, change, before, visitors }) => ({
                key: kind,
                name: kind,
                value: times,
                more: [visitors === null ? '–' : count(visitors)],
                ...(before === null ? {} : { change }),
              }))}
              columns={['Visitors']}
              onPick={({ key }) => onChoose(key)}
              empty="No events in this range. Send them with one line: fanfare('export_done', { plan: 'pro' })."
            />
          )}
        </Loaded>
      </div>
    </Card>
  );
}

function OneEvent({ question, kind, onBack }: { question: Question; kind: string; onBack: () => void }) {
  const query = useQuery(eventsQuery(question, kind));
  const { has, toggle } = useFilters();
  return (
    <Card
      title={kind}
      sub={query.data?.properties ? counted(query.data.properties.times, 'time') : undefined}
      action={
        <span className="line">
          <Button size="small" look="quiet" aria-pressed={has('event', kind)} onClick={() => toggle('event', kind)}>
            {has('event', kind) ? 'Filtered by it' : 'Filter by it'}
          </Button>
          <Button size="small" onClick={onBack}>
            <ArrowLeft size={13} aria-hidden="true" /> All events
          </Button>
        </span>
      }
    >
      <div className="ranked" data-rows={5} data-stale={query.isPlaceholderData || undefined}>
        <Loaded query={query} title="Its properties did not load" skeleton={<RowsSkeleton rows={5} />}>
          {({ properties }) =>
            !properties || properties.names.length === 0 ? (
              <p className="table-empty">This event came without properties.</p>
            ) : (
              <>
                {properties.names.map((property) => (
                  <Breakdown
                    key={property.name}
                    label={`Values of ${property.name}`}
                    head={`${property.name} (${counted(property.count, 'value')})`}
                    measure="Times"
                    shown={5}
                    rows={property.values.map(({ value, times, share }) => ({
                      key: value,
                      name: value,
                      value: times,
                      share,
                    }))}
                  />
                ))}
                {properties.read < properties.times && (
                  <p className="card-note sub">From the newest {count(properties.read)} of them.</p>
                )}
              </>
            )
          }
        </Loaded>
      </div>
    </Card>
  );
}
