import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { csvOf, saveFile } from '#web/file.ts';
import { useFilters } from '#web/filters.ts';
import { Breakdown } from '#web/parts/breakdown.tsx';
import { DownloadMenu } from '#web/parts/chart-card.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { TabbedCard } from '#web/parts/tabbed-card.tsx';
import { breakdownQuery, type Dimension, type Question, type Ranked, type Sort } from './queries.ts';
import { RowsSkeleton } from './skeletons.tsx';
import {
  dimensionNames,
  type Measure,
  measureLabels,
  moreColumns,
  type RowContext,
  type RowShown,
  rowOf,
  shortLabels,
  writerOf,
} from './words.tsx';

/** One card of ranked values, with a tab for each way to look at them. Which tab is kept in the address under `name`. */
export function BreakdownCard({
  name,
  label,
  dimensions,
  question,
  measure,
  shown = 8,
  empty,
}: {
  name: string;
  label: string;
  dimensions: readonly [Dimension, ...Dimension[]];
  question: Question;
  measure: Measure;
  /** How many rows the card has room for. */
  shown?: 5 | 8;
  empty?: Partial<Record<Dimension, string>>;
}) {
  const [asked, choose] = useAddress(name, dimensions[0]);
  const dimension = dimensions.find((each) => each === asked) ?? dimensions[0];
  const sort = sortFor(measure, dimension);
  const query = useQuery(breakdownQuery(question, dimension, sort));
  const queries = useQueryClient();
  const { has, toggle } = useFilters();
  const many = dimensionNames[dimension][1];
  return (
    <TabbedCard
      label={label}
      tabs={dimensions.map((key) => ({ key, label: dimensionNames[key][1] }))}
      chosen={dimension}
      onChoose={choose}
      onNear={(near) => void queries.prefetchQuery(breakdownQuery(question, near, sortFor(measure, near)))}
      action={
        <DownloadMenu title={many} onCsv={async () => save(dimension, await everyRow(question, dimension, sort))} />
      }
    >
      <div className="ranked" data-rows={shown} data-stale={query.isPlaceholderData || undefined}>
        <Loaded query={query} title={`${many} did not load`} skeleton={<RowsSkeleton rows={shown} />}>
          {(ranked) => (
            <Breakdown
              key={ranked.dimension}
              {...shownOf(contextOf(ranked), ranked.rows)}
              shown={shown}
              isPicked={(value) => has(ranked.dimension, value)}
              onPick={({ key }) => toggle(ranked.dimension, key)}
              {...(ranked.count > shown
                ? {
                    all: {
                      key: ['analytics', 'breakdown', question, ranked.dimension, ranked.sort],
                      columns: [
                        ...moreColumns(ranked.sort).map((each) => shortLabels[each]),
                        ...(ranked.previousDays ? ['Before'] : []),
                      ],
                      load: async (search) => {
                        const found = await everyRow(question, ranked.dimension, ranked.sort, search, 200);
                        return found.rows.map((row) => rowOf(contextOf(found), row));
                      },
                    },
                  }
                : {})}
              empty={empty?.[ranked.dimension] ?? 'Nothing in this range.'}
            />
          )}
        </Loaded>
      </div>
    </TabbedCard>
  );
}

/** What a ranked answer looks like in rows. */
export function shownOf(context: RowContext, rows: readonly RowShown[]) {
  const { dimension, sort, currency } = context;
  return {
    label: dimensionNames[dimension][1],
    head: dimensionNames[dimension][0],
    measure: dimension === 'event' && sort === 'views' ? 'Times' : measureLabels[sort],
    rows: rows.map((row) => rowOf(context, row)),
    format: writerOf(sort, currency),
  };
}

function contextOf({ dimension, sort, currency, previousDays }: Ranked): RowContext {
  return { dimension, sort, currency, compared: previousDays !== null };
}

/** The rows follow the chosen figure, unless it is a rate: those are no ranking. */
function sortFor(measure: Measure, dimension: Dimension): Sort {
  if (measure === 'bounceRate' || measure === 'visitSeconds') return 'auto';
  if (measure === 'visitors' && (dimension === 'path' || dimension === 'event')) return 'auto';
  return measure;
}

/** Pages of the answer, one after the other, up to `most` rows. */
async function everyRow(
  question: Question,
  dimension: Dimension,
  sort: Sort,
  search = '',
  most = 5000,
): Promise<Ranked> {
  let ranked: Ranked | undefined;
  do {
    const next: Ranked = await api.analytics.breakdown({
      ...question,
      dimension,
      sort,
      limit: 200,
      ...(search ? { search } : {}),
      ...(ranked?.cursor ? { cursor: ranked.cursor } : {}),
    });
    ranked = ranked ? { ...next, rows: [...ranked.rows, ...next.rows] } : next;
  } while (ranked.cursor && ranked.rows.length < most);
  return ranked;
}

function save(dimension: Dimension, ranked: Ranked): void {
  const { days, currency } = ranked;
  const head = [
    dimension,
    'visitors',
    'visits',
    'views',
    'bounce_rate',
    'visit_seconds',
    'signups',
    `revenue_minor_${currency}`,
  ];
  const text = csvOf({
    columns: [...head, `${ranked.sort}_before`, 'change'],
    rows: ranked.rows.map((row) => [
      row.label ?? row.value,
      row.visitors,
      row.visits,
      row.views,
      row.bounceRate,
      row.visitSeconds,
      row.signups,
      row.revenue,
      row.before?.[ranked.sort] ?? null,
      row.change,
    ]),
  });
  saveFile(`${dimension}-${days.from}-to-${days.until}.csv`, new Blob([text], { type: 'text/csv' }));
}
