import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { count, money } from '#web/format.ts';
import { Wide } from '#web/pages/measure/attribution/wide.tsx';
import { shareOf } from '#web/pages/measure/attribution/words.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import {
  byWords,
  type Figures,
  inMoney,
  type Ratio,
  type Returns,
  ratioWords,
  signOf,
  spentWords,
  times,
} from './words.ts';

type Shown = Figures & { key: string; name: string; note: string | null; rest?: string };

/** Most profit first; beneath, what belongs to none of these. */
export function ReturnsTable({ data, range }: { data: Returns; range: string }) {
  const { currency, by } = data;
  const rows: Shown[] = [...data.rows, ...restOf(data)];
  return (
    <ChartCard
      title={`By ${byWords[by].toLowerCase()}`}
      sub="most profit first"
      file={`returns-${by}`}
      range={range}
      zone={data.timeZone}
      picture={false}
      rows={() => ({
        columns: [
          byWords[by],
          'Cost',
          'Revenue',
          'Profit',
          'New monthly revenue',
          'Clicks',
          'Visits',
          'Signups',
          'Trials',
          'Customers',
          'Minutes',
          'Currency',
        ],
        rows: rows.map((row) => [
          row.name,
          row.cost.allMinor,
          row.revenueMinor,
          row.profitMinor,
          row.mrrMinor,
          row.clicks,
          row.visits,
          row.signups,
          row.trials,
          row.customers,
          row.minutes,
          currency,
        ]),
      })}
    >
      <p className="returns-legend" aria-hidden="true">
        <span>
          <i /> Earned
        </span>
        <span>
          <i data-kind="cost" /> Cost
        </span>
      </p>
      <Wide label="Cost and outcome" least={1000}>
        <ReturnRows rows={rows} currency={currency} by={by} />
      </Wide>
      {data.more > 0 && (
        <div className="credit-notes">
          <p className="num">{count(data.more)} more are not shown.</p>
        </div>
      )}
    </ChartCard>
  );
}

/** The rows alone, also for the posts of a campaign. */
export function ReturnRows({ rows, currency, by }: { rows: Shown[]; currency: string; by: Returns['by'] }) {
  const size = (minor: string) => Math.max(0, Number(minor));
  const ranked = rows.filter((row) => row.rest === undefined);
  const most = Math.max(1, ...ranked.flatMap((row) => [size(row.cost.allMinor), size(row.revenueMinor)]));
  const width = (minor: string) => ({ width: `${Math.min(1, size(minor) / most) * 100}%` });
  const inCurrency = inMoney(currency);
  return (
    <DataTable
      caption="Cost and outcome"
      height="two"
      rows={rows}
      rowKey={(row) => row.rest ?? row.key}
      empty="Nothing went in and nothing came out yet."
      columns={[
        {
          key: 'name',
          head: byWords[by],
          cell: (row) => (
            <>
              <div className="clip">
                <Name by={by} row={row} />
              </div>
              <div className="cell-meta num">
                <span className="clip">
                  {row.rest ?? ([row.note, spentWords(row.cost, currency)].filter(Boolean).join(' · ') || 'No cost')}
                </span>
              </div>
            </>
          ),
        },
        {
          key: 'bars',
          head: 'Earned and cost',
          width: '120px',
          hideOnPhone: true,
          cell: (row) => (
            <span className="earned-bars" aria-hidden="true">
              <i style={width(row.revenueMinor)} />
              <i data-kind="cost" style={width(row.cost.allMinor)} />
            </span>
          ),
        },
        { key: 'cost', head: 'Cost', align: 'right', width: '88px', cell: (row) => money(row.cost.allMinor, currency) },
        {
          key: 'revenue',
          head: 'Revenue',
          align: 'right',
          width: '92px',
          hideOnPhone: true,
          cell: (row) => money(row.revenueMinor, currency),
        },
        {
          key: 'profit',
          head: 'Profit',
          align: 'right',
          width: '96px',
          cell: (row) => (
            <span className="profit" data-sign={signOf(row.profitMinor)}>
              {money(row.profitMinor, currency)}
            </span>
          ),
        },
        {
          key: 'mrr',
          head: 'New MRR',
          align: 'right',
          width: '84px',
          hideOnPhone: true,
          cell: (row) => money(row.mrrMinor, currency),
        },
        {
          key: 'visits',
          head: 'Visits',
          align: 'right',
          width: '70px',
          hideOnPhone: true,
          cell: (row) => count(row.visits),
        },
        {
          key: 'signups',
          head: 'Signups',
          align: 'right',
          width: '72px',
          hideOnPhone: true,
          cell: (row) => shareOf(row.signups),
        },
        {
          key: 'customers',
          head: 'Customers',
          align: 'right',
          width: '82px',
          hideOnPhone: true,
          cell: (row) => shareOf(row.customers),
        },
        {
          key: 'roi',
          head: 'ROI',
          align: 'right',
          width: '78px',
          hideOnPhone: true,
          cell: (row) => <Ratioed ratio={row.ratios.roi} write={times} />,
        },
        {
          key: 'cac',
          head: 'CAC',
          align: 'right',
          width: '84px',
          hideOnPhone: true,
          cell: (row) => <Ratioed ratio={row.ratios.cac} write={inCurrency} />,
        },
      ]}
    />
  );
}

function Ratioed({ ratio, write }: { ratio: Ratio; write: (value: number) => string }): ReactNode {
  const words = ratioWords(ratio, write);
  if (words !== null) return words;
  return (
    <span className="cell-none" title={ratio.reason ?? undefined}>
      –<span className="hidden-text">{ratio.reason}</span>
    </span>
  );
}

function Name({ by, row }: { by: Returns['by']; row: Shown }) {
  if (row.rest !== undefined || row.name === 'Removed') return <span className="sub">{row.name}</span>;
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

/** Cost that is nobody's, and outcome that is: shown apart, never spread over the others. */
function restOf({ unallocated, without, unattributed, by }: Returns): Shown[] {
  const one = byWords[by].toLowerCase();
  const { minutes, ...cost } = unallocated;
  const nothing = { ...without.cost, allMinor: '0' };
  const rest: Shown[] = [
    {
      ...without,
      ...{ key: 'unallocated', name: 'Unallocated cost', note: null, rest: `Spent on no ${one} in particular` },
      ...{ cost, minutes, clicks: 0, visits: 0, signups: 0, trials: 0, customers: 0, revenueMinor: '0', mrrMinor: '0' },
      profitMinor: String(-BigInt(cost.allMinor)),
    },
    {
      ...without,
      key: 'without',
      name: `Without a ${one}`,
      note: null,
      rest: `Known, but by no ${one}`,
      cost: nothing,
    },
    { ...unattributed, key: 'unattributed', name: 'Unattributed', note: null, rest: 'Nobody knows where it came from' },
  ];
  return rest.filter(
    (row) =>
      row.cost.allMinor !== '0' ||
      row.revenueMinor !== '0' ||
      row.signups > 0 ||
      row.customers > 0 ||
      row.mrrMinor !== '0',
  );
}
