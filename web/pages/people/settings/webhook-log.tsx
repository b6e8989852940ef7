import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { type Delivery, type Webhook, webhooksQuery } from './webhook-queries.ts';

/** Every note of one webhook, newest first, with each attempt and what was answered. */
export function WebhookLog({ webhook }: { webhook: Webhook }) {
  const key = ['webhooks.deliveries', webhook.id];
  const log = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      api.webhooks.deliveries({ webhookId: webhook.id, limit: 20, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor,
  });
  return (
    <Loaded query={log} title="The log did not load" skeleton={<SkeletonLines lines={4} />}>
      {({ pages }) => {
        const deliveries = pages.flatMap((page) => page.deliveries);
        if (deliveries.length === 0)
          return <p className="sub">Nothing yet. Send a test, or wait until one of its activities happens.</p>;
        return (
          <>
            <ul className="webhook-log">
              {deliveries.map((delivery) => (
                <Note
                  key={delivery.id}
                  delivery={delivery}
                  webhook={webhook}
                  refreshes={[key, webhooksQuery.queryKey]}
                />
              ))}
            </ul>
            {log.hasNextPage && (
              <Button size="small" busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                Show older
              </Button>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

function Note({ delivery, webhook, refreshes }: { delivery: Delivery; webhook: Webhook; refreshes: QueryKey[] }) {
  const { timeZone } = useHouse();
  const again = useChange(api.webhooks.replay, {
    refreshes,
    says: 'On its way again',
  });
  const { id, activity, state, attempts, createdAt, happenedAt, nextTryAt, reason } = delivery;
  const [status, word] = states[state];
  const isSettled = state === 'delivered' || state === 'failed';
  return (
    <li>
      <div className="webhook-note">
        <code>{activity ?? 'webhook.test'}</code>
        <span className="sub num">{dateTime(happenedAt ?? createdAt, timeZone)}</span>
        <StatusBadge status={status} word={word} />
        {activity && isSettled && !webhook.switchedOffAt && (
          <Button
            size="small"
            look="quiet"
            busy={again.isPending}
            onClick={() => again.mutate({ webhookId: webhook.id, deliveryId: id })}
            aria-label={`Send again: ${activity}, ${dateTime(happenedAt ?? createdAt, timeZone)}`}
          >
            Send again
          </Button>
        )}
      </div>
      {reason && (
        <p className="sub">
          {reason} {nextTryAt && `Tried again ${dateTime(nextTryAt, timeZone)}.`}
        </p>
      )}
      {again.error && <ErrorNotice title="Not sent again" error={again.error} />}
      <details className="webhook-attempts">
        <summary className="sub">{counted(attempts.length, 'attempt')}</summary>
        <p className="sub">
          webhook-id <code>{id}</code>
        </p>
        <ol>
          {attempts.map((attempt) => (
            <li key={attempt.number}>
              <span className="sub num">
                {dateTime(attempt.sentAt, timeZone)}
                {!attempt.settledAt && ', no outcome known'}
              </span>
              {attempt.answer && <pre>{attempt.answer}</pre>}
            </li>
          ))}
        </ol>
      </details>
    </li>
  );
}

const states: Record<Delivery['state'], [status: string, word: string]> = {
  waiting: ['scheduled', 'Waits'],
  sending: ['publishing', 'On its way'],
  delivered: ['connected', 'Taken'],
  failed: ['failed', 'Not taken'],
};
