import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice, errorWords, Notice } from '#web/parts/error-notice.tsx';
import { accountsQuery } from '#web/queries.ts';
import type { CalendarCard } from './cards.ts';

type Result = Awaited<ReturnType<typeof api.posts.approveMany>>;

/** What can be done with the chosen cards of the list at once; whatever one of them refuses is named. */
export function SelectionBar({ chosen, onClear }: { chosen: readonly CalendarCard[]; onClear: () => void }) {
  const { mayApprove, timeZone } = useHouse();
  const queries = useQueryClient();
  const accounts = useQuery(accountsQuery);
  const [failed, setFailed] = useState<Result['results']>([]);
  const change = useMutation({
    mutationFn: ({ run }: { run: () => Promise<Result>; says: string }) => run(),
    onSuccess: (result, { says }) => {
      setFailed(result.results.filter((one) => !one.ok));
      if (result.done > 0) notifications.show({ message: `${counted(result.done, 'post')} ${says}` });
      if (result.failed === 0) onClear();
    },
    onError: (error) => notifications.show({ color: 'red', title: 'That did not work', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  const drafts = chosen.filter((card) => card.publicationIds.length === 0).map((card) => card.postId);
  const publicationIds = chosen.flatMap((card) => card.publicationIds);
  const move = (days: number) => () =>
    change.mutate({
      run: () => api.calendar.moveMany({ publicationIds, postIds: drafts, days, timeZone }),
      says: 'moved',
    });
  const accountIds = (accounts.data ?? []).filter((one) => one.status === 'connected').map((one) => one.id);
  return (
    <section className="cal-selection" aria-label="Chosen posts">
      <div className="line">
        <strong className="num">{counted(chosen.length, 'post')} chosen</strong>
        <Button size="small" busy={change.isPending} onClick={move(-1)}>
          A day earlier
        </Button>
        <Button size="small" busy={change.isPending} onClick={move(1)}>
          A day later
        </Button>
        <Button size="small" busy={change.isPending} onClick={move(7)}>
          A week later
        </Button>
        {drafts.length > 0 && (
          <Button
            size="small"
            busy={change.isPending}
            onClick={() =>
              mayApprove
                ? change.mutate({ run: () => api.posts.approveMany({ postIds: drafts }), says: 'approved' })
                : change.mutate({ run: () => api.posts.submitMany({ postIds: drafts }), says: 'sent for review' })
            }
          >
            {mayApprove ? 'Approve' : 'Send for review'}
          </Button>
        )}
        {drafts.length > 0 && mayApprove && accountIds.length > 0 && (
          <Button
            size="small"
            busy={change.isPending}
            onClick={() =>
              change.mutate({
                run: () => api.posts.scheduleMany({ postIds: drafts, accountIds, when: 'next_slot' }),
                says: 'scheduled',
              })
            }
          >
            Into the next free slots
          </Button>
        )}
        {publicationIds.length > 0 && (
          <Button
            size="small"
            busy={change.isPending}
            onClick={() =>
              change.mutate({ run: () => api.publications.withdrawMany({ publicationIds }), says: 'taken back' })
            }
          >
            Take back
          </Button>
        )}
        <Button size="small" look="quiet" onClick={onClear}>
          Choose none
        </Button>
      </div>
      {failed.length > 0 && (
        <Notice
          tone="warn"
          title={`${counted(failed.length, 'post')} stayed as ${failed.length === 1 ? 'it was' : 'they were'}`}
        >
          {failed
            .slice(0, 5)
            .map((one) => `“${one.title}”: ${one.reason}`)
            .join(' ')}
          {failed.length > 5 && ` And ${failed.length - 5} more.`}
        </Notice>
      )}
      {accounts.error && <ErrorNotice title="The accounts did not load" error={accounts.error} />}
    </section>
  );
}
