import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { money, day as writtenDay } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { explainQuery, type LedgerDay, ledgerQuery, payoutsQuery } from './queries.ts';

const SHOWN = 14;

/** What the events tell against what the provider itself states, day by day; a day that does not close is red. */
export function LedgerCard({ appId, onPayment }: { appId: string; onPayment: (paymentId: string) => void }) {
  const ledger = useQuery(ledgerQuery(appId));
  const payouts = useQuery(payoutsQuery(appId));
  const [all, setAll] = useState(false);
  return (
    <ChartCard
      title="Ledger"
      sub="closed every night, by UTC"
      file="ledger"
      picture={false}
      rows={() => ({
        columns: [
          ...['day', 'source', 'currency', 'attributed', 'unattributed', 'refunded', 'fees', 'tax_kept', 'charges'],
          ...['paid', 'stated', 'difference', 'uncredited'],
        ],
        rows: (ledger.data?.days ?? []).map((row) => [
          ...[row.day, row.source, row.paid.currency, row.attributed.minor, row.unattributed.minor, row.refunded.minor],
          ...[row.fees.minor, row.taxKept.minor, row.charges.minor, row.paid.minor, row.stated?.minor ?? ''],
          ...[row.difference.minor, row.uncredited.minor],
        ]),
      })}
    >
      <Loaded
        query={ledger}
        title="The ledger did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={6} />
          </div>
        }
      >
        {({ days, sources }) => (
          <>
            <p className="money-note sub">
              {days.length === 0
                ? 'The first day with a payment is closed the night after it.'
                : days.every((row) => row.closes)
                  ? `All ${days.length} days close: attributed and unattributed, less refunds and fees, is what was paid.`
                  : `${days.filter((row) => !row.closes).length} of ${days.length} days do not close.`}
            </p>
            <ul className="ledger">
              {(all ? days : withRed(days)).map((row) => (
                <DayRow key={`${row.sourceId} ${row.day} ${row.paid.currency}`} row={row} onPayment={onPayment} />
              ))}
            </ul>
            {!all && days.length > SHOWN && (
              <button type="button" className="breakdown-all" onClick={() => setAll(true)}>
                All {days.length} days
              </button>
            )}
            {sources.map((source) => (
              <p className="money-note sub" key={source.sourceId}>
                <strong>{source.name}</strong>: {source.words}
                {source.hasStatement && source.statementUntil
                  ? ` Read up to ${writtenDay(source.statementUntil, 'UTC')}.`
                  : ''}
              </p>
            ))}
          </>
        )}
      </Loaded>
      {payouts.data && payouts.data.length > 0 && (
        <DataTable
          caption="Payouts"
          rows={payouts.data}
          rowKey={(row) => `${row.sourceId} ${row.payout}`}
          columns={[
            { key: 'payout', head: 'Payout', cell: (row) => `${row.source}, ${writtenDay(row.startedAt, 'UTC')}` },
            { key: 'status', head: 'State', cell: (row) => row.status, hideOnPhone: true },
            {
              key: 'lines',
              head: 'Its lines',
              align: 'right',
              cell: (row) => (row.lines ? money(row.lines.minor, row.lines.currency) : '–'),
              hideOnPhone: true,
            },
            {
              key: 'amount',
              head: 'Paid out',
              align: 'right',
              cell: (row) => money(row.amount.minor, row.amount.currency),
            },
          ]}
        />
      )}
    </ChartCard>
  );
}

/** The newest days, and every older one that is red. */
function withRed(days: LedgerDay[]): LedgerDay[] {
  return days.filter((row, index) => index < SHOWN || !row.closes).slice(0, 2 * SHOWN);
}

function DayRow({ row, onPayment }: { row: LedgerDay; onPayment: (paymentId: string) => void }) {
  const [open, setOpen] = useState(false);
  const write = (amount: { minor: string; currency: string }) => money(amount.minor, amount.currency);
  const parts: [string, { minor: string; currency: string }, string][] = [
    ['attributed', row.attributed, ''],
    ['unattributed', row.unattributed, '+ '],
    ['refunds', row.refunded, '− '],
    ['fees', row.fees, '− '],
    ['tax kept', row.taxKept, '− '],
    ['charges', row.charges, '− '],
  ];
  const shown = parts.filter(([name, amount]) => BigInt(amount.minor) !== 0n || name === 'attributed');
  return (
    <li data-red={!row.closes || undefined}>
      <span className="ledger-day">
        <strong>{writtenDay(row.day, 'UTC')}</strong>
        <span className="sub">{row.source}</span>
      </span>
      <span className="ledger-sum sub num">
        {shown.map(([name, amount, sign]) => `${sign}${write(amount)} ${name}`).join(' ')}
      </span>
      <span className="ledger-paid num">
        <strong>{write(row.paid)}</strong>
        {row.closes ? (
          <span className="sub">{row.stated ? 'as stated' : 'no statement'}</span>
        ) : (
          <button type="button" className="ledger-red" aria-expanded={open} onClick={() => setOpen(!open)}>
            {BigInt(row.difference.minor) === 0n
              ? `${write(row.uncredited)} without credits`
              : `${write(row.difference)} against the statement`}
          </button>
        )}
      </span>
      {open && <Why row={row} onPayment={onPayment} />}
    </li>
  );
}

function Why({ row, onPayment }: { row: LedgerDay; onPayment: (paymentId: string) => void }) {
  const why = useQuery(explainQuery(row));
  return (
    <div className="ledger-why">
      <Loaded query={why} title="The explanation did not load" skeleton={<SkeletonLines lines={2} />}>
        {(explanations) =>
          explanations.length === 0 ? (
            <p className="sub">It has been settled since the day was closed. The next closing shows it.</p>
          ) : (
            <ul>
              {explanations.map((each) => (
                <li key={`${each.payment} ${each.part} ${each.reason}`}>
                  <span className="num">{money(each.amount, row.paid.currency)}</span>
                  <span>
                    {each.words}{' '}
                    {each.paymentId !== null && (
                      <button type="button" className="plain-link" onClick={() => onPayment(each.paymentId ?? '')}>
                        Receipt
                      </button>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}
