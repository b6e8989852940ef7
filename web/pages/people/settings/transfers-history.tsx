import { useMutation, useQuery } from '@tanstack/react-query';
import { Download, Upload } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { csvOf, saveFile } from '#web/file.ts';
import { count, counted, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { contentWords, formatWords, type Transfer, transfersQuery } from './transfers-queries.ts';

const words: Record<Transfer['state'], [status: string, word: string]> = {
  uploaded: ['draft', 'Not begun'],
  waiting: ['scheduled', 'Waiting'],
  running: ['in_progress', 'Running'],
  done: ['done', 'Done'],
  failed: ['failed', 'Failed'],
  cancelled: ['cancelled', 'Cancelled'],
};

export function HistoryCard() {
  const transfers = useQuery(transfersQuery);
  return (
    <Card title="History">
      <Loaded
        query={transfers}
        title="The history did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={4} />
          </div>
        }
      >
        {(all) =>
          all.length === 0 ? (
            <EmptyState title="Nothing came in or went out yet" ghost={false}>
              Imports and exports are listed here, with what became of each row.
            </EmptyState>
          ) : (
            <ul>
              {all.map((one) => (
                <TransferRow key={one.id} value={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function TransferRow({ value }: { value: Transfer }) {
  const { id, direction, state } = value;
  const [status, word] = words[state];
  const isOpen = state === 'waiting' || state === 'running';
  const cancelling = useChange(api.transfers.cancel, { refreshes: [transfersQuery.queryKey] });
  const fetching = useMutation({
    mutationFn: () => api.transfers.link({ transferId: id }),
    onSuccess: ({ url }) => window.location.assign(new URL(url).pathname),
  });
  const listing = useMutation({ mutationFn: () => allRefusals(id) });
  const Icon = direction === 'import' ? Upload : Download;
  const error = cancelling.error ?? fetching.error ?? listing.error;
  return (
    <li className="account">
      <div className="account-head">
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{value.fileName ?? `Export as ${formatWords[value.format]}`}</strong>
          <span className="sub">
            {direction === 'import'
              ? `${formatWords[value.format]}${value.content ? `, ${contentWords[value.content].toLowerCase()}` : ''}, `
              : ''}
            {relative(value.requestedAt)}
          </span>
        </div>
        <span className="sub num">{rowWords(value)}</span>
        <StatusBadge status={status} word={word} />
        {isOpen && (
          <Button size="small" busy={cancelling.isPending} onClick={() => cancelling.mutate({ transferId: id })}>
            Cancel
          </Button>
        )}
        {direction === 'export' && state === 'done' && value.hasFile && (
          <Button size="small" busy={fetching.isPending} onClick={() => fetching.mutate()}>
            Download
          </Button>
        )}
      </div>
      {(value.message || value.summary.length > 0 || value.rowsRefused > 0 || error) && (
        <div className="account-body stack">
          {value.message && <p>{value.message}</p>}
          {value.summary.map((sentence) => (
            <p key={sentence} className="sub">
              {sentence}
            </p>
          ))}
          {value.rowsRefused > 0 && (
            <p>
              {counted(value.rowsRefused, 'row')} not taken.{' '}
              <Button size="small" look="quiet" busy={listing.isPending} onClick={() => listing.mutate()}>
                Download the list
              </Button>
            </p>
          )}
          {error && <ErrorNotice error={error} />}
        </div>
      )}
    </li>
  );
}

function rowWords({ rowsDone, rowsKnown, direction }: Transfer): string {
  if (direction === 'export') return counted(rowsDone, 'row');
  return `${count(rowsDone)} new${rowsKnown > 0 ? `, ${count(rowsKnown)} there before` : ''}`;
}

/** The refused rows as a table: where, and why. */
async function allRefusals(transferId: string): Promise<void> {
  const rows: (string | number)[][] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof api.transfers.refusals>> = await api.transfers.refusals({
      transferId,
      limit: 200,
      ...(cursor === null ? {} : { cursor }),
    });
    rows.push(...page.refusals.map(({ file, line, reason }) => [file, line, reason]));
    cursor = page.cursor;
  } while (cursor !== null);
  saveFile('not-taken.csv', new Blob([csvOf({ columns: ['file', 'line', 'reason'], rows })], { type: 'text/csv' }));
}
