import { NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Download, Search, Upload } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { ALL, type List, type Subscriber } from './queries.ts';

type State = Subscriber['state'];
const words: Record<State, [status: string, word: string]> = {
  confirmed: ['confirmed', 'Confirmed'],
  pending: ['unknown', 'Asked'],
  unsubscribed: ['withdrawn', 'Left'],
  bounced: ['failed', 'Bounced'],
};
const PAGE = 25;

export function SubscribersCard({ list }: { list: List }) {
  const { timeZone: zone } = useHouse();
  const [state, setState] = useState<State | ''>('');
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const [page, setPage] = useState(0);
  const [importing, setImporting] = useState(false);
  const [removing, setRemoving] = useState<Subscriber | null>(null);
  const filter = { listId: list.id, ...(state ? { state } : {}), ...(search ? { search } : {}) };
  const people = useQuery({
    queryKey: [...ALL, 'subscribers', filter, page],
    queryFn: () => api.subscribers.list({ ...filter, limit: PAGE, offset: page * PAGE }),
    placeholderData: keepPreviousData,
  });
  const leaving = useChange(api.subscribers.remove, {
    refreshes: [ALL],
    says: 'Address removed',
    after: () => setRemoving(null),
  });
  return (
    <Card
      title="Subscribers"
      action={
        <div className="newsletter-actions">
          <Button size="small" onClick={() => setImporting(true)}>
            <Upload size={14} aria-hidden="true" /> Import
          </Button>
          <ExportButton list={list} />
        </div>
      }
    >
      <div className="card-body newsletter-bar">
        <AddForm list={list} />
        <div className="newsletter-filters">
          <TextInput
            aria-label="Search addresses"
            placeholder="Search addresses"
            leftSection={<Search size={15} aria-hidden="true" />}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setPage(0);
            }}
          />
          <NativeSelect
            aria-label="State"
            value={state}
            data={[
              { value: '', label: 'Everyone' },
              ...(Object.keys(words) as State[]).map((value) => ({ value, label: words[value][1] })),
            ]}
            onChange={(event) => {
              setState(event.currentTarget.value as State | '');
              setPage(0);
            }}
          />
        </div>
      </div>
      <Loaded
        query={people}
        title="The subscribers did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={4} />
          </div>
        }
      >
        {({ subscribers, total }) => (
          <>
            <DataTable
              caption="Subscribers"
              height="two"
              rows={subscribers}
              rowKey={(one) => one.id}
              empty={search || state ? 'Nobody matches.' : 'Nobody yet. Share the address below, or import a list.'}
              columns={[
                { key: 'email', head: 'Address', cell: (one) => <Person one={one} zone={zone} /> },
                {
                  key: 'state',
                  head: 'State',
                  width: '124px',
                  cell: (one) => <StatusBadge status={words[one.state][0]} word={words[one.state][1]} />,
                },
                {
                  key: 'remove',
                  head: 'Action',
                  width: '96px',
                  hideOnPhone: true,
                  cell: (one) => (
                    <Button size="small" look="quiet" onClick={() => setRemoving(one)}>
                      Remove
                    </Button>
                  ),
                },
              ]}
            />
            {total > PAGE && (
              <div className="posts-more newsletter-pages">
                <Button size="small" disabled={page === 0} onClick={() => setPage(page - 1)}>
                  Newer
                </Button>
                <span className="sub num">
                  {count(page * PAGE + 1)} to {count(Math.min(total, (page + 1) * PAGE))} of {count(total)}
                </span>
                <Button size="small" disabled={(page + 1) * PAGE >= total} onClick={() => setPage(page + 1)}>
                  Older
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
      <ImportDialog
        key={importing ? 'open' : 'closed'}
        opened={importing}
        list={list}
        onClose={() => setImporting(false)}
      />
      <ConfirmDialog
        opened={removing !== null}
        title="Remove this address"
        confirm="Remove address"
        danger
        busy={leaving.isPending}
        error={leaving.error}
        onConfirm={() => removing && leaving.mutate({ subscriberId: removing.id })}
        onClose={() => setRemoving(null)}
      >
        {removing?.email} is forgotten, also that it left or bounced. It gets no more letters.
      </ConfirmDialog>
    </Card>
  );
}

function Person({ one, zone }: { one: Subscriber; zone: string }) {
  const since = one.endedAt ?? one.confirmedAt ?? one.askedAt;
  const source = one.source === 'import' ? 'imported' : one.source === 'person' ? 'added by hand' : 'by the form';
  return (
    <>
      <span className="cell-title clip">{one.email}</span>
      <div className="cell-meta newsletter-meta num">
        <span>{day(since, zone)}</span>
        <span>{source}</span>
        {one.endedReason && (
          <span className="clip hide-on-phone" title={one.endedReason}>
            {one.endedReason}
          </span>
        )}
      </div>
    </>
  );
}

function AddForm({ list }: { list: List }) {
  const [email, setEmail] = useState('');
  const adding = useChange(api.subscribers.add, {
    refreshes: [ALL],
    says: 'Asked by mail to confirm',
    after: () => setEmail(''),
  });
  return (
    <form
      className="inline-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (email.trim()) adding.mutate({ listId: list.id, email: email.trim() });
      }}
    >
      <TextInput
        aria-label="Address to ask"
        placeholder="somebody@example.com"
        type="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <Button type="submit" busy={adding.isPending}>
        Ask to join
      </Button>
      {adding.error && <ErrorNotice title="Not asked" error={adding.error} />}
    </form>
  );
}

function ExportButton({ list }: { list: List }) {
  const exporting = useMutation({
    mutationFn: () => api.subscribers.export({ listId: list.id }),
    onSuccess: ({ csv }) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
      link.download = `${list.name.replace(/[^\p{L}\p{N}]+/gu, '-').toLowerCase()}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
  });
  return (
    <Button size="small" busy={exporting.isPending} onClick={() => exporting.mutate()}>
      <Download size={14} aria-hidden="true" /> {exporting.error ? 'Try again' : 'Export'}
    </Button>
  );
}
