import { Link } from '@tanstack/react-router';
import { count, counted } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Wide } from './wide.tsx';
import {
  byWords,
  type Compared,
  drawn,
  type Measure,
  measureWords,
  modelWords,
  shortModelWords,
  written,
} from './words.ts';

type Row = Compared['rows'][number];

/** Each group with what every model gives it, and the range across them as a bar. */
export function Models({ data, measure, range }: { data: Compared; measure: Measure; range: string }) {
  const usable = data.models.filter((one) => one.enough);
  const value = (row: Row, model: string) => {
    const cell = row.byModel.find((one) => one.model === model);
    return cell ? drawn(measure, cell) : 0;
  };
  const rows = data.rows
    .map((row) => ({ row, values: usable.map(({ model }) => value(row, model)) }))
    .sort((a, b) => Math.max(...b.values) - Math.max(...a.values));
  const most = Math.max(1e-9, ...rows.flatMap(({ values }) => values));
  const own = usable.some(({ model }) => model === data.ownModel) ? data.ownModel : 'last_non_direct';
  return (
    <ChartCard
      title="All models side by side"
      sub={`${measureWords[measure]} by ${byWords[data.by].toLowerCase()}`}
      file={`attribution-${data.by}-${measure}`}
      range={range}
      zone={data.timeZone}
      picture={false}
      rows={() => ({
        columns: [byWords[data.by], 'Conversions', ...usable.map(({ model }) => modelWords[model])],
        rows: data.rows.map((row) => [row.name, row.conversions, ...usable.map(({ model }) => value(row, model))]),
      })}
    >
      <Wide label="Models side by side" least={980}>
        <DataTable
          caption={`${measureWords[measure]} by ${byWords[data.by].toLowerCase()} and model`}
          height="two"
          rows={rows}
          rowKey={({ row }) => row.key}
          empty="Nothing in this range is credited to one of these."
          columns={[
            {
              key: 'name',
              head: byWords[data.by],
              cell: ({ row }) => (
                <>
                  <div className="clip">
                    <Name by={data.by} row={row} />
                  </div>
                  <div className="cell-meta num">
                    {counted(row.conversions, 'conversion')}
                    {!row.enough && <span>few</span>}
                  </div>
                </>
              ),
            },
            {
              key: 'range',
              head: 'Across models',
              width: '150px',
              cell: ({ row, values }) => {
                const [low, high] = [Math.min(...values), Math.max(...values)];
                const words = `${written(measure, low, data.currency)} to ${written(measure, high, data.currency)}`;
                return (
                  <>
                    <span className="range-cell" aria-hidden="true">
                      <i style={{ left: `${(low / most) * 100}%`, width: `${((high - low) / most) * 100}%` }} />
                      <b style={{ left: `calc(${(value(row, own) / most) * 100}% - 1px)` }} />
                    </span>
                    <span className="cell-second num">{words}</span>
                  </>
                );
              },
            },
            ...usable.map(({ model }) => ({
              key: model,
              head: shortModelWords[model],
              align: 'right' as const,
              width: '86px',
              hideOnPhone: model !== own,
              cell: ({ row }: { row: Row }) => (
                <span className={model === own ? 'cell-own' : undefined}>
                  {written(measure, value(row, model), data.currency)}
                </span>
              ),
            })),
          ]}
        />
      </Wide>
      <div className="credit-notes">
        <p>
          The mark on each bar is {modelWords[own].toLowerCase()}. The wider a bar, the more the answer depends on the
          model.
        </p>
        {data.more > 0 && <p className="num">{count(data.more)} more with less are not shown.</p>}
        {data.models
          .filter((one) => !one.enough)
          .map((one) => (
            <p key={one.model}>
              {shortModelWords[one.model]}: {one.reason}
            </p>
          ))}
      </div>
    </ChartCard>
  );
}

function Name({ by, row }: { by: Compared['by']; row: Row }) {
  if (row.key === '' || row.name === 'Removed') return <span className="sub">{row.name}</span>;
  if (by === 'post')
    return (
      <Link to="/posts/$postId" params={{ postId: row.key }}>
        {row.name}
      </Link>
    );
  if (by === 'campaign')
    return (
      <Link to="/campaigns/$id" params={{ id: row.key }}>
        {row.name}
      </Link>
    );
  return <span className="cell-title">{row.name}</span>;
}
