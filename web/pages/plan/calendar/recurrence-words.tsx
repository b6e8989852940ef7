import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { dateTime, day as dayWords } from '#web/format.ts';
import { weekdayNames } from './cards.ts';

type Recurrence = Awaited<ReturnType<typeof api.calendar.recurrences>>['recurrences'][number];

/** What of an app comes again. */
export const recurrencesQuery = (appId: string) => ({
  queryKey: ['calendar', 'recurrences', appId],
  queryFn: () => api.calendar.recurrences({ appId }),
});

/** On which days a post comes again, when, until when and where. */
export function RecurrenceWords({ one }: { one: Recurrence }) {
  const { timeZone } = useHouse();
  const days = one.weekdays.map((weekday) => weekdayNames[weekday - 1]).join(', ');
  const weeks = one.everyWeeks === 1 ? '' : ` every ${one.everyWeeks} weeks`;
  const end = one.endsOn ? `, until ${dayWords(one.endsOn, 'UTC')}` : '';
  const zone = one.timeZone === timeZone ? '' : ` (${one.timeZone.replaceAll('_', ' ')})`;
  const next = one.coming[0] ? ` Next ${dateTime(one.coming[0], timeZone)}.` : '';
  return (
    <p className="sub num">
      {days}
      {weeks} at {one.atTime}
      {zone}
      {end}, on {one.accounts.map(({ handle }) => `@${handle}`).join(', ')}. {one.published} out so far.{next}
    </p>
  );
}
