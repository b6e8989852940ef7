import { NumberInput } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, counted, dateTime, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { retentionQuery } from './privacy-queries.ts';

type Class = Awaited<ReturnType<typeof api.retention.list>>['classes'][number];
type Purge = Awaited<ReturnType<typeof api.purges.list>>['purges'][number];

/** How long each class of data is kept, and what went. */
export function KeptView() {
  const retention = useQuery(retentionQuery);
  return (
    <>
      <Card title="How long is it kept?" sub="Totals stay in any case">
        <Loaded
          query={retention}
          skeleton={
            <div className="card-body">
              <SkeletonLines lines={8} />
            </div>
          }
        >
          {({ classes }) => (
            <ul>
              {classes.map((one) => (
                <ClassRow key={`${one.dataClass}:${one.days}`} value={one} />
              ))}
            </ul>
          )}
        </Loaded>
      </Card>
      <PurgesCard />
    </>
  );
}

function ClassRow({ value }: { value: Class }) {
  const { timeZone } = useHouse();
  const [days, setDays] = useState<number | string>(value.days ?? '');
  const [asking, setAsking] = useState(false);
  const wanted = days === '' ? null : Number(days);
  const saving = useChange(() => api.retention.set({ dataClass: value.dataClass, days: wanted }), {
    refreshes: [retentionQuery.queryKey],
    says: 'Saved',
    after: () => setAsking(false),
  });
  return (
    <li className="account">
      <div className="privacy-class">
        <div className="privacy-said">
          <strong>{value.what}</strong>
          <small>Stays: {lowered(value.stays)}.</small>
          {value.goneBefore && (
            <small>
              Rows from before {day(value.goneBefore, timeZone)} are gone ({count(value.removed)} so far).
            </small>
          )}
        </div>
        <form
          className="privacy-days"
          onSubmit={(event) => {
            event.preventDefault();
            setAsking(true);
          }}
        >
          <NumberInput
            aria-label={`Days: ${value.what}`}
            placeholder="Always"
            suffix=" days"
            min={value.least}
            max={36_500}
            allowDecimal={false}
            hideControls
            value={days}
            onChange={setDays}
          />
          <Button type="submit" disabled={wanted === value.days}>
            Set
          </Button>
        </form>
      </div>
      <ConfirmDialog
        opened={asking}
        title={wanted === null ? 'Keep it for good' : `Keep it ${counted(wanted, 'day')}`}
        confirm={wanted === null ? 'Keep for good' : `Keep ${counted(wanted, 'day')}`}
        danger={wanted !== null}
        busy={saving.isPending}
        error={saving.error}
        onConfirm={() => saving.mutate(undefined)}
        onClose={() => setAsking(false)}
      >
        {wanted === null
          ? `${value.what}: nothing more goes. What went does not come back.`
          : `${value.what}: what is older goes tonight and each night from then on, for good. ${value.stays} stay.`}
      </ConfirmDialog>
    </li>
  );
}

const lowered = (text: string) => text[0]!.toLowerCase() + text.slice(1);

function PurgesCard() {
  const { timeZone } = useHouse();
  const purges = useInfiniteQuery({
    queryKey: ['purges.list'],
    queryFn: ({ pageParam }) => api.purges.list({ limit: 20, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor,
  });
  return (
    <Card title="What went">
      <Loaded
        query={purges}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={4} />
          </div>
        }
      >
        {({ pages }) => (
          <DataTable<Purge>
            caption="What was removed, newest first"
            empty="Nothing was removed yet."
            rows={pages.flatMap((page) => page.purges)}
            rowKey={(purge) => purge.id}
            columns={[
              { key: 'table', head: 'From', cell: (purge) => <code>{purge.table}</code> },
              { key: 'before', head: 'Older than', width: '24%', cell: (purge) => day(purge.olderThan, timeZone) },
              { key: 'rows', head: 'Rows', align: 'right', width: '18%', cell: (purge) => count(purge.rows) },
              {
                key: 'at',
                head: 'When',
                align: 'right',
                width: '26%',
                hideOnPhone: true,
                cell: (purge) => dateTime(purge.at, timeZone),
              },
            ]}
          />
        )}
      </Loaded>
      {purges.hasNextPage && (
        <div className="card-body">
          <Button busy={purges.isFetchingNextPage} onClick={() => void purges.fetchNextPage()}>
            Show older
          </Button>
        </div>
      )}
    </Card>
  );
}
