import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { HeatMap } from '#web/parts/heat-map.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import { type BestTime, times } from './words.ts';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The hours of the week at which posts do best, over all posts of the account; each can be put into its queue. */
export function BestTimeCard({ accountId }: { accountId: string }) {
  const query = useQuery({
    queryKey: ['timing', accountId],
    queryFn: () => api.timing.best({ accountId }),
  });
  return (
    <ChartCard
      title="Best time to post"
      sub="over all posts of this account"
      file="best-time"
      picture={query.data !== undefined && query.data.hours.length > 0}
      {...(query.data ? { zone: query.data.timeZone } : {})}
      rows={() => ({
        columns: ['Weekday', 'Hour', 'Posts', 'Against a usual hour', 'From', 'To'],
        rows: (query.data?.hours ?? []).map(({ hour, posts, ratio, low, high }) => [
          weekdays[Math.floor(hour / 24)] ?? '',
          hour % 24,
          posts,
          ratio,
          low,
          high,
        ]),
      })}
    >
      <Loaded query={query} title="The best time did not load" skeleton={<Skeleton height={200} />}>
        {(best) =>
          best.verdict === 'not_enough_data' ? (
            <NotEnough
              missing={best.posts < best.needed ? [{ what: 'posts', have: best.posts, need: best.needed }] : []}
            >
              {best.posts < best.needed ? 'A post counts once it has been out for two days.' : best.reason}
            </NotEnough>
          ) : (
            <Best best={best} accountId={accountId} />
          )
        }
      </Loaded>
    </ChartCard>
  );
}

function Best({ best, accountId }: { best: BestTime; accountId: string }) {
  const adding = useChange(api.slots.add, { refreshes: [['slots']], says: 'It is in the queue of this account.' });
  const cells = Array.from({ length: 168 }, (_, hour) => best.hours.find((one) => one.hour === hour)?.ratio ?? 0);
  return (
    <div className="ranked week">
      {best.verdict === 'none' && (
        <p className="card-note sub">
          {best.reason} {counted(best.posts, 'post')} looked at.
        </p>
      )}
      {best.slots.length > 0 && (
        <ul className="best-slots">
          {best.slots.map((slot) => (
            <li key={slot.hour}>
              <div>
                <strong>{slot.name}</strong>
                <span className="sub num">
                  {times(slot.ratio)} a usual hour, 95 % sure: {times(slot.low)} to {times(slot.high)} ·{' '}
                  {counted(slot.posts, 'post')}
                </span>
              </div>
              <Button
                size="small"
                look="quiet"
                busy={adding.isPending && adding.variables.weekdays[0] === slot.weekday}
                onClick={() =>
                  adding.mutate({
                    accountId,
                    weekdays: [slot.weekday],
                    atTime: slot.atTime,
                    timeZone: best.timeZone,
                  })
                }
              >
                <Plus size={13} aria-hidden="true" /> Queue
                <span className="hidden-text"> on {slot.name}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      {adding.error && <ErrorNotice title="Not put into the queue" error={adding.error} />}
      <HeatMap label="When posts did best" measure="what a usual hour gets" cells={cells} format={times} />
    </div>
  );
}
