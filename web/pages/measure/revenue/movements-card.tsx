import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { dateTime, money } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { type Column, DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Figures, type Grain, type MovementKind, type Period, revenueKey } from './queries.ts';
import { grainWords, movementWords, periodWords, rateWords } from './words.ts';

const kinds = Object.keys(movementWords) as MovementKind[];

/** From opening to closing MRR, slot by slot; a row leads to its customers. */
export function MovementsCard({
  figures,
  onGrain,
  onPick,
}: {
  figures: Figures;
  onGrain: (grain: Grain) => void;
  onPick: (period: Period) => void;
}) {
  const { currency, grain, periods } = figures;
  const amount = (minor: string) => (BigInt(minor) === 0n ? '–' : money(minor, currency));
  const columns: Column<Period>[] = [
    {
      key: 'period',
      head: 'Period',
      width: '150px',
      cell: (row) => (
        <button type="button" className="plain-link" onClick={() => onPick(row)}>
          {periodWords(row.period, grain)}
        </button>
      ),
    },
    {
      key: 'opening',
      head: 'Opening',
      align: 'right',
      cell: (row) => money(row.openingMinor, currency),
      hideOnPhone: true,
    },
    ...kinds.map(
      (kind): Column<Period> => ({
        key: kind,
        head: movementWords[kind],
        align: 'right',
        cell: (row) => amount(row[`${kind}Minor`]),
        hideOnPhone: true,
      }),
    ),
    { key: 'net', head: 'Net new', align: 'right', cell: (row) => amount(row.netNewMinor) },
    { key: 'closing', head: 'Closing', align: 'right', cell: (row) => money(row.closingMinor, currency) },
    { key: 'churnRate', head: 'Churn', align: 'right', cell: (row) => rateWords(row.grossChurn), hideOnPhone: true },
  ];
  return (
    <ChartCard
      title="Movements"
      file={`mrr-movements-${figures.from}-to-${figures.until}`}
      picture={false}
      action={
        <Segmented
          label="Cut the range into"
          options={(Object.keys(grainWords) as Grain[]).map((value) => ({ value, label: grainWords[value] }))}
          value={grain}
          onChange={onGrain}
        />
      }
      rows={() => ({
        columns: ['period', 'opening_minor', ...kinds.map((kind) => `${kind}_minor`), 'closing_minor', 'currency'],
        rows: periods.map((row) => [
          row.period,
          row.openingMinor,
          ...kinds.map((kind) => row[`${kind}Minor`]),
          row.closingMinor,
          currency,
        ]),
      })}
    >
      <div className="wide-table">
        <DataTable
          caption="Movements of recurring revenue"
          columns={columns}
          rows={periods.toReversed()}
          rowKey={(row) => row.period}
        />
      </div>
    </ChartCard>
  );
}

/** Who moved MRR in a slot of time, and by how much. */
export function MovementsDrawer({
  appId,
  period,
  grain,
  zone,
  onClose,
}: {
  appId: string;
  period: Period;
  grain: Grain;
  zone: string;
  onClose: () => void;
}) {
  const [from, until] = [new Date(period.from).toISOString(), new Date(period.until).toISOString()];
  const movements = useQuery({
    queryKey: [...revenueKey, 'movements', appId, from, until],
    queryFn: async () => (await api.revenue.movements({ appId, from, until, limit: 500 })).movements,
  });
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={680}
      title={periodWords(period.period, grain)}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={movements} title="The movements did not load" skeleton={<SkeletonLines lines={10} />}>
        {(rows) => (
          <DataTable
            caption="Movements of customers"
            height="two"
            rows={rows}
            rowKey={(row) => row.id}
            empty="Nothing moved."
            columns={[
              {
                key: 'customer',
                head: 'Customer',
                cell: (row) => (
                  <span className="two-lines">
                    <strong>{row.name ?? row.person ?? 'Not known yet'}</strong>
                    <span className="sub">{dateTime(row.occurredAt, zone)}</span>
                  </span>
                ),
              },
              { key: 'kind', head: 'Movement', cell: (row) => movementWords[row.kind] },
              { key: 'plan', head: 'Plan', cell: (row) => row.plan ?? '–', hideOnPhone: true },
              {
                key: 'amount',
                head: 'MRR',
                align: 'right',
                cell: (row) => money(row.amount.minor, row.amount.currency),
              },
            ]}
          />
        )}
      </Loaded>
    </Drawer>
  );
}
