import { useQuery } from '@tanstack/react-query';
import { useHouse } from '#web/app.tsx';
import { day } from '#web/format.ts';
import { retentionQuery } from '#web/pages/people/settings/privacy-queries.ts';
import type { RangeAsked } from '#web/range.ts';
import { Notice } from './error-notice.tsx';

const DAY = 86_400_000;
const DAYS: Partial<Record<RangeAsked['range'], number>> = { today: 1, yesterday: 2, '7d': 7, '30d': 30 };

/** Says so where a page looks further back than single visits are kept: totals are whole, what is worked out of visits is not. */
export function RawRowsNote({ asked }: { asked: RangeAsked }) {
  const { timeZone } = useHouse();
  const { data } = useQuery({ ...retentionQuery, staleTime: 10 * 60_000 });
  const gone = data?.classes.find(({ dataClass }) => dataClass === 'events')?.goneBefore;
  if (!gone || gone.getTime() <= startOf(asked)) return null;
  return (
    <Notice title={`Single visits from before ${day(gone, timeZone)} are gone`}>
      They were kept as long as Settings, Privacy says. Totals by day stay whole; what is filtered, followed step by
      step or counted by person begins there.
    </Notice>
  );
}

/** About when a range begins. What is not counted in days is taken for its longest. */
function startOf({ range, from }: RangeAsked): number {
  if (range === 'custom') return Date.parse(from ?? '1970-01-01');
  if (range === 'all') return 0;
  if (range === '90d') return Date.now() - 90 * DAY;
  if (range === 'this_month' || range === 'last_month') return Date.now() - 62 * DAY;
  return Date.now() - (DAYS[range] ?? 366) * DAY;
}
