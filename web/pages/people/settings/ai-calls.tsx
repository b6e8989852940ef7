import { NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { count, counted, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { ModelWriting } from '#web/parts/model-writing.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { classNames, dollars } from './ai-queries.ts';

type Call = Awaited<ReturnType<typeof api.ai.calls>>['calls'][number];
type Months = Awaited<ReturnType<typeof api.ai.months>>['months'];

/** Every call to a model: what it was for, what it cost, how it ended; one month at a time. */
export function CallsCard() {
  const months = useQuery({ queryKey: ['ai.months'], queryFn: () => api.ai.months({}) });
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Card title="Calls to the model">
      <Loaded
        query={months}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={5} />
          </div>
        }
      >
        {({ months: rows }) => {
          const names = [...new Set(rows.map((one) => one.month))];
          const month = chosen ?? names[0];
          if (!month) return <p className="table-empty">No model has been asked yet.</p>;
          return (
            <>
              <div className="card-body stack">
                <ModelWriting />
                <NativeSelect
                  label="Month"
                  data={names}
                  value={month}
                  onChange={(event) => setChosen(event.currentTarget.value)}
                />
                <p className="sub">{sumOf(rows, month)}</p>
              </div>
              <CallsTable key={month} month={month} />
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function CallsTable({ month }: { month: string }) {
  const { timeZone } = useHouse();
  const calls = useInfiniteQuery({
    queryKey: ['ai.calls', month],
    queryFn: ({ pageParam }) => api.ai.calls({ month, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor,
  });
  return (
    <>
      <Loaded
        query={calls}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={8} />
          </div>
        }
      >
        {({ pages }) => (
          <DataTable<Call>
            caption={`Calls of ${month}, newest first`}
            height="two"
            rows={pages.flatMap((page) => page.calls)}
            rowKey={(call) => call.id}
            columns={[
              {
                key: 'purpose',
                head: 'For',
                cell: (call) => (
                  <>
                    <strong>{purposes[call.purpose] ?? call.purpose}</strong>
                    <div className="sub clip">{call.message ?? `${call.model}, prompt ${call.promptVersion}`}</div>
                  </>
                ),
              },
              {
                key: 'outcome',
                head: 'Outcome',
                width: '128px',
                cell: (call) => <StatusBadge status={badges[call.outcome]} word={outcomes[call.outcome]} />,
              },
              {
                key: 'sent',
                head: 'Sent',
                width: '140px',
                hideOnPhone: true,
                cell: (call) => (
                  <span className="sub">
                    {call.sent.map((one) => classNames[one][0]).join(', ') || 'Nothing of yours'}
                    {call.withheld.length > 0 &&
                      `; held back: ${call.withheld.map((one) => classNames[one][0]).join(', ')}`}
                  </span>
                ),
              },
              {
                key: 'tokens',
                head: 'Tokens in, out',
                width: '100px',
                align: 'right',
                hideOnPhone: true,
                cell: (call) => (
                  <>
                    {count(call.inputTokens)}
                    <div>{count(call.outputTokens)}</div>
                    {call.estimated && <div className="sub">estimated</div>}
                  </>
                ),
              },
              {
                key: 'cost',
                head: 'Cost',
                width: '84px',
                align: 'right',
                cell: (call) => (
                  <span title={call.pricedOn ? `By the price list of ${call.pricedOn}` : undefined}>
                    {costOf(call)}
                  </span>
                ),
              },
              {
                key: 'at',
                head: 'When',
                width: '120px',
                align: 'right',
                hideOnPhone: true,
                cell: (call) => (
                  <>
                    {dateTime(call.startedAt, timeZone)}
                    <div className="sub">{(call.milliseconds / 1_000).toFixed(1)} s</div>
                  </>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {calls.hasNextPage && (
        <div className="card-body">
          <Button busy={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </>
  );
}

function sumOf(rows: Months, month: string): string {
  const own = rows.filter((one) => one.month === month);
  const unpriced = own.reduce((sum, one) => sum + one.unpriced, 0);
  const said = own.map(
    (one) => `${purposes[one.purpose] ?? one.purpose}: ${counted(one.calls, 'call')}, ${dollars(one.costMicros)}`,
  );
  return `${said.join('. ')}.${unpriced > 0 ? ` The price of ${counted(unpriced, 'call')} is not known; they are not in these sums.` : ''}`;
}

function costOf(call: Call): string {
  if (call.priceSource === 'local') return 'Free, local';
  if (call.outcome === 'running')
    return call.reservedMicros === null ? 'Running' : `up to ${dollars(call.reservedMicros)}`;
  if (call.costMicros === null) return 'Not known';
  return dollars(call.costMicros);
}

const purposes: Record<string, string> = { analyse: 'Reading an app', draft: 'Writing drafts', test: 'Test' };

const outcomes: Record<Call['outcome'], string> = {
  running: 'Running',
  answered: 'Answered',
  repaired: 'Repaired once',
  unused: 'Not used',
  failed: 'Failed',
  cancelled: 'Cancelled',
  lost: 'Lost',
};

const badges: Record<Call['outcome'], string> = {
  running: 'in_progress',
  answered: 'done',
  repaired: 'done',
  unused: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
  lost: 'failed',
};
