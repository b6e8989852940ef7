import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { type Person, sessionQuery } from '#web/session.ts';

type Entry = Awaited<ReturnType<typeof api.audit.list>>['entries'][number];

/** Who did what, and whether the chain of hashes is whole. */
export function AuditSection() {
  const { timeZone } = useHouse();
  const { data: person } = useQuery(sessionQuery);
  const log = useInfiniteQuery({
    queryKey: ['audit.list'],
    queryFn: ({ pageParam }) => api.audit.list({ limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor,
  });
  const verifying = useChange(() => api.audit.verify({}), { refreshes: [] });
  return (
    <>
      {verifying.data && <Verdict {...verifying.data} />}
      {verifying.error && <ErrorNotice title="The log was not verified" error={verifying.error} />}
      <Card
        title="Audit log"
        action={
          <Button size="small" busy={verifying.isPending} onClick={() => verifying.mutate(undefined)}>
            Verify
          </Button>
        }
      >
        <Loaded
          query={log}
          skeleton={
            <div className="card-body">
              <SkeletonLines lines={8} />
            </div>
          }
        >
          {({ pages }) => (
            <DataTable<Entry>
              caption="What was done, newest first"
              rows={pages.flatMap((page) => page.entries)}
              rowKey={(entry) => String(entry.sequence)}
              columns={[
                { key: 'operation', head: 'What', cell: (entry) => <code>{entry.operation}</code> },
                { key: 'actor', head: 'Who', width: '26%', cell: (entry) => whoWords(entry.actor, person) },
                {
                  key: 'at',
                  head: 'When',
                  width: '34%',
                  align: 'right',
                  cell: (entry) => dateTime(entry.at, timeZone),
                },
              ]}
            />
          )}
        </Loaded>
        {log.hasNextPage && (
          <div className="card-body">
            <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
              Show older
            </Button>
          </div>
        )}
      </Card>
    </>
  );
}

function Verdict({ rows, brokenAt }: { rows: number; brokenAt: number | null }) {
  if (brokenAt === null)
    return (
      <Notice title="The log is whole">{`${counted(rows, 'entry', 'entries')} checked; none was changed or removed.`}</Notice>
    );
  return (
    <Notice title={`The log is broken at entry ${brokenAt}`} tone="neg">
      An entry was changed or removed from outside Fanfare. Compare it with a backup of the database, and change the
      database’s password.
    </Notice>
  );
}

function whoWords(actor: string, person: Person | null | undefined): string {
  if (person && actor === `user:${person.id}`) return person.name;
  if (actor === 'system') return 'Fanfare itself';
  return actor.startsWith('key:') ? 'An API key' : 'Another person';
}
