import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { accountsQuery } from '#web/queries.ts';

/** Which draft the next free queue time is for, by the theme that is behind, and why. */
export function NextSlot() {
  const app = useApp();
  const { timeZone: zone, mayApprove } = useHouse();
  const account = useQuery(accountsQuery).data?.find(({ status }) => status === 'connected');
  const accountId = account?.id ?? '';
  const { data } = useQuery({
    queryKey: ['slots', 'suggested', app.id, accountId],
    queryFn: () => api.slots.suggest({ appId: app.id, accountId, count: 1 }),
    enabled: accountId !== '',
  });
  const scheduling = useChange(api.posts.schedule, {
    refreshes: [['slots'], ['posts'], ['calendar']],
    says: 'Scheduled',
  });
  const next = data?.suggestions[0];
  if (!next) return null;
  return (
    <section className="tray-next">
      <h2>Next free slot</h2>
      <p className="num">{dateTime(next.at, zone)}</p>
      <Link to="/compose/$postId" params={{ postId: next.post.id }}>
        {next.post.title}
      </Link>
      <p className="sub">{next.why}</p>
      {mayApprove && (
        <div className="line">
          <Button
            size="small"
            busy={scheduling.isPending}
            onClick={() =>
              scheduling.mutate({ postId: next.post.id, accountIds: [accountId], at: next.at.toISOString() })
            }
          >
            Schedule it there
          </Button>
        </div>
      )}
      {scheduling.error && <ErrorNotice title="Not scheduled" error={scheduling.error} />}
    </section>
  );
}
