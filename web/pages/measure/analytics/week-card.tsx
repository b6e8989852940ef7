import { useQuery } from '@tanstack/react-query';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { HeatMap } from '#web/parts/heat-map.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import { type Question, weekQuery } from './queries.ts';
import { type Measure, measureLabels } from './words.tsx';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** The hours of the week at which people come. It knows no filters, and says so when there are some. */
export function WeekCard({ question, measure, label }: { question: Question; measure: Measure; label: string }) {
  const counted = measure === 'visitors' || measure === 'views' || measure === 'signups' ? measure : 'visits';
  const query = useQuery(weekQuery(question, counted));
  const { data } = query;
  const words = measureLabels[counted].toLowerCase();
  return (
    <ChartCard
      title="When people come"
      sub={question.filters.length > 0 ? 'without the filters' : `${words} by hour of the week`}
      file={`${counted}-by-hour-of-week`}
      range={label}
      {...(data ? { zone: data.timeZone } : {})}
      rows={() => ({
        columns: ['weekday', 'hour', counted, 'hours_in_range', 'mean'],
        rows: (data?.weekdays ?? []).flatMap((hours, day) =>
          hours.map(({ total, hours: times, mean }, hour) => [weekdays[day], hour, total, times, mean]),
        ),
      })}
    >
      <div className="ranked week" data-stale={query.isPlaceholderData || undefined}>
        <Loaded query={query} title="The hours did not load" skeleton={<WeekSkeleton />}>
          {(week) => (
            <>
              <HeatMap
                label="When people come"
                measure={words}
                cells={week.weekdays.flat().map(({ total }) => total)}
              />
              {!week.wholeHours && (
                <p className="card-note sub">
                  Hours of this zone are not whole hours of UTC, so they are half an hour off.
                </p>
              )}
            </>
          )}
        </Loaded>
      </div>
    </ChartCard>
  );
}

function WeekSkeleton() {
  return (
    <div className="rows-skeleton">
      <Skeleton height={170} />
    </div>
  );
}
