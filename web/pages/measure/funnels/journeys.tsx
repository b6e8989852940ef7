import { Autocomplete } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CSSProperties } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useFilters } from '#web/filters.ts';
import { count, counted, percent } from '#web/format.ts';
import { askedFilters } from '#web/pages/measure/analytics/queries.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { RawRowsNote } from '#web/parts/raw-rows-note.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';

type Flow = Awaited<ReturnType<typeof api.journeys.show>>;

/** The ways people take from page to page: from where they came in, from a page, or up to a signup. */
export function Journeys({ appId }: { appId: string }) {
  const { asked, label } = useRange();
  const { filters } = useFilters();
  const [start, setStart] = useAddress('start', null);
  const [end, setEnd] = useAddress('end', null);
  const { compare: _, ...range } = asked;
  const question = {
    appId,
    ...range,
    filters: askedFilters(filters),
    ...(start ? { start } : {}),
    ...(end ? { end } : {}),
  };
  const query = useQuery({
    queryKey: ['journeys', question],
    queryFn: () => api.journeys.show(question),
    placeholderData: keepPreviousData,
  });
  const known = useQuery({
    queryKey: ['journeys', 'known', appId, range],
    queryFn: async () => {
      const [pages, events] = await Promise.all([
        api.analytics.breakdown({ appId, ...range, compare: 'none', dimension: 'path', limit: 30 }),
        api.analytics.breakdown({ appId, ...range, compare: 'none', dimension: 'event', limit: 30 }),
      ]);
      return [...events.rows, ...pages.rows].map(({ value }) => value);
    },
  });
  return (
    <>
      <div className="funnel-controls">
        <Autocomplete
          aria-label="From"
          placeholder="From where they came in"
          data={known.data ?? []}
          defaultValue={start ?? ''}
          onOptionSubmit={(value) => setStart(value)}
          onBlur={(event) => setStart(event.currentTarget.value.trim() || null)}
        />
        <Autocomplete
          aria-label="To"
          placeholder="To wherever they went"
          data={known.data ?? []}
          defaultValue={end ?? ''}
          onOptionSubmit={(value) => setEnd(value)}
          onBlur={(event) => setEnd(event.currentTarget.value.trim() || null)}
        />
      </div>
      <Loaded query={query} title="The journeys did not load" skeleton={<SkeletonCard height={420} />}>
        {(flow) =>
          flow.visits === 0 ? (
            <div className="card">
              <h2 className="hidden-text">Journeys</h2>
              <EmptyState title={flow.began === null ? 'Nobody has come yet' : 'No visit went this way in this range'}>
                {flow.began === null
                  ? 'Ways through the site stand here once the tracker has seen visits.'
                  : 'Choose another page or event, or a longer range.'}
              </EmptyState>
            </div>
          ) : (
            <>
              <FlowCard flow={flow} range={label} />
              <RawRowsNote asked={asked} />
              <ZoneNote zone={flow.timeZone} />
            </>
          )
        }
      </Loaded>
    </>
  );
}

function FlowCard({ flow, range }: { flow: Flow; range: string }) {
  const steps = flow.steps.flatMap((nodes, index) => (nodes.length > 0 ? [{ nodes, index }] : []));
  const firstShown = steps[0]?.index ?? 0;
  const linkWords = (step: number, from: string | null) => {
    const next = flow.links.find((link) => link.step === step && link.from === from && link.to !== null);
    return next ? `most to ${next.to}, ${count(next.visits)}` : '';
  };
  return (
    <ChartCard
      title="Ways through the site"
      sub={`${counted(flow.visits, 'visit')}${flow.oneIn > 1 ? `, one in ${count(flow.oneIn)} looked at` : ''}`}
      file="journeys"
      picture={false}
      range={range}
      zone={flow.timeZone}
      padded
      rows={() => ({
        columns: ['step', 'from', 'to', 'visits'],
        rows: flow.links.map(({ step, from, to, visits }) => [step + 1, from ?? 'other', to ?? 'other', visits]),
      })}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard. */}
      <section className="flow-steps" tabIndex={0} aria-label="Steps">
        {steps.map(({ nodes, index }) => (
          <div key={index}>
            <h3>Step {index - firstShown + 1}</h3>
            {nodes.map((node) => (
              <div
                key={node.what ?? ''}
                className="flow-node"
                data-rest={node.what === null || undefined}
                style={{ '--part': node.visits / flow.visits } as CSSProperties}
              >
                <div>
                  <span className="clip" title={node.what ?? undefined}>
                    {node.what ?? 'Everything else'}
                  </span>
                  <b className="num">{count(node.visits)}</b>
                </div>
                <small className="num">
                  {[linkWords(index, node.what), node.ended > 0 ? `${percent(node.ended / node.visits)} ended` : '']
                    .filter(Boolean)
                    .join(', ')}
                </small>
              </div>
            ))}
          </div>
        ))}
      </section>
      <p className="sub" style={{ marginTop: 14 }}>
        The same page twice in a row counts once. A visit ends after 30 idle minutes.
      </p>
    </ChartCard>
  );
}
