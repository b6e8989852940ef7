import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { counted, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Notice } from '#web/parts/error-notice.tsx';

const statusQuery = { queryKey: ['publishing', 'status'], queryFn: () => api.publishing.status({}) };

/** What keeps the queue from going out: a hold, or nobody who publishes. Nothing when all is well. */
export function Holding() {
  const queries = useQueryClient();
  const { data: status } = useQuery(statusQuery);
  const { data: health } = useQuery({
    queryKey: ['publications', 'health'],
    queryFn: () => api.publications.health({}),
    refetchInterval: 60_000,
  });
  const resume = useMutation({
    mutationFn: () => api.publishing.resume({}),
    onSettled: () => queries.invalidateQueries(),
  });
  if (status?.paused) {
    return (
      <div className="cal-trouble">
        <Notice
          title="Publishing is held"
          tone="warn"
          action={
            <Button size="small" busy={resume.isPending} onClick={() => resume.mutate()}>
              Go on
            </Button>
          }
        >
          {status.paused.reason}{' '}
          {status.paused.until
            ? `It goes on by itself ${relative(status.paused.until)}.`
            : 'The queue waits until you go on.'}
        </Notice>
      </div>
    );
  }
  if (health && !health.running && health.waiting > 0) {
    return (
      <div className="cal-trouble">
        <Notice title="Nothing publishes right now" tone="warn">
          {counted(health.waiting, 'post')} {health.waiting === 1 ? 'waits' : 'wait'}. Start Fanfare with its background
          work (RUN=all or RUN=worker), then the queue goes out.
        </Notice>
      </div>
    );
  }
  return null;
}

/** Stops everything at once, for when something bad has happened in the world. */
export function HoldButton() {
  const queries = useQueryClient();
  const { data: status } = useQuery(statusQuery);
  const hold = useMutation({
    mutationFn: () => api.publishing.pauseAll({ reason: 'Held from the calendar.' }),
    onSettled: () => queries.invalidateQueries(),
  });
  if (!status || status.paused) return null;
  return (
    <Button size="small" look="quiet" busy={hold.isPending} onClick={() => hold.mutate()}>
      Hold all publishing
    </Button>
  );
}
