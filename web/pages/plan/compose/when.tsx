import { Popover } from '@mantine/core';
import { DatePicker, TimeInput } from '@mantine/dates';
import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { api } from '#web/api.ts';
import { dateTime, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import { dayIn, instantIn, timeIn } from '#web/zone.ts';

/** The next free slots of an account, one after the other. */
export const nextSlotsQuery = (accountId: string | undefined) => ({
  queryKey: ['slots', 'next', accountId],
  enabled: accountId !== undefined,
  queryFn: async () => {
    const slots: Date[] = [];
    while (slots.length < 3) {
      const after = slots.at(-1);
      const { at } = await api.slots.next({ accountId: accountId!, ...(after ? { after: after.toISOString() } : {}) });
      if (!at) break;
      slots.push(at);
    }
    return slots;
  },
});

/** Chooses a day and a time on the wall clock of the workspace's zone. */
export function WhenPicker({
  value,
  zone,
  accountId,
  opened,
  onOpen,
  onChange,
}: {
  value: Date | undefined;
  zone: string;
  accountId: string | undefined;
  opened: boolean;
  onOpen: (opened: boolean) => void;
  onChange: (at: Date) => void;
}) {
  const slots = useQuery(nextSlotsQuery(accountId));
  const today = dayIn(Date.now(), zone);
  const day = value ? dayIn(value, zone) : today;
  const time = value ? timeIn(value, zone) : '09:00';
  return (
    <Popover opened={opened} onChange={onOpen} position="bottom-end" width={292} shadow="none" trapFocus returnFocus>
      <Popover.Target>
        <Button
          onClick={() => onOpen(!opened)}
          aria-label={value ? `Goes out ${dateTime(value, zone)}, change` : undefined}
        >
          <CalendarClock size={15} aria-hidden="true" />
          <span className="num">{value ? dateTime(value, zone) : 'Choose a time'}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={14} aria-label="When it goes out">
        <div className="when">
          {slots.isPending && accountId && <Skeleton height={26} />}
          {slots.data && slots.data.length > 0 && (
            <div className="stack" data-gap="small">
              <span className="sub">Next free slots</span>
              <div className="line">
                {slots.data.map((slot) => (
                  <button
                    key={slot.toISOString()}
                    type="button"
                    className="chip num"
                    aria-pressed={value?.getTime() === slot.getTime()}
                    onClick={() => onChange(slot)}
                  >
                    {dateTime(slot, zone)}
                  </button>
                ))}
              </div>
            </div>
          )}
          <DatePicker
            value={day}
            defaultDate={day}
            minDate={today}
            size="sm"
            fullWidth
            onChange={(chosen) => chosen && onChange(instantIn(chosen, time, zone))}
            ariaLabels={{ nextMonth: 'Next month', previousMonth: 'Previous month' }}
          />
          <TimeInput
            label={`Time in ${zone.replaceAll('_', ' ')}`}
            value={time}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              if (/^\d\d:\d\d$/.test(chosen)) onChange(instantIn(day, chosen, zone));
            }}
          />
          {value && (
            <span className="sub" role="status">
              {value.getTime() < Date.now()
                ? 'That is in the past. Choose a later time.'
                : `Goes out ${relative(value)}.`}
            </span>
          )}
          <Button look="primary" onClick={() => onOpen(false)} disabled={!value || value.getTime() < Date.now()}>
            Use this time
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
