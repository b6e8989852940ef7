import '#web/styles/calendar.css';
import '#web/styles/forms.css';
import { Modal, MultiSelect, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { accountsQuery } from '#web/queries.ts';
import { weekdayOf } from '#web/zone.ts';
import type { CalendarCard } from './cards.ts';
import { weekdayNames } from './cards.ts';

/** A post comes again: on which days, when, where, for how long, and how long it rests at least. */
export function RecurDialog({
  card,
  onClose,
}: {
  card: Pick<CalendarCard, 'postId' | 'title' | 'day' | 'time' | 'accountIds'>;
  onClose: () => void;
}) {
  const { timeZone } = useHouse();
  const accounts = useQuery(accountsQuery);
  const [days, setDays] = useState([weekdayOf(card.day)]);
  const [atTime, setTime] = useState(card.time);
  const [everyWeeks, setEveryWeeks] = useState('1');
  const [ends, setEnds] = useState<'never' | 'on' | 'after'>('after');
  const [endsOn, setEndsOn] = useState('');
  const [times, setTimes] = useState<number | string>(8);
  const [coolDownDays, setCoolDown] = useState<number | string>(1);
  const [chosen, setChosen] = useState<string[]>();
  const all = (accounts.data ?? []).filter((account) => account.status !== 'removed');
  const accountIds = chosen ?? (card.accountIds.length > 0 ? card.accountIds : all.slice(0, 1).map(({ id }) => id));
  const starting = useChange(api.calendar.recur, {
    refreshes: [['calendar'], ['posts'], ['publications']],
    after: ({ scheduled, warnings }) => {
      const message = [`${counted(scheduled.length, 'time')} in the coming 30 days.`, ...warnings].join(' ');
      notifications.show({ title: 'It comes again', message, ...(warnings.length > 0 ? { autoClose: 12_000 } : {}) });
      onClose();
    },
  });
  const toggle = (each: number) =>
    setDays(days.includes(each) ? days.filter((one) => one !== each) : [...days, each].sort());
  const complete = days.length > 0 && accountIds.length > 0 && atTime !== '' && (ends !== 'on' || endsOn !== '');
  return (
    <Modal
      opened
      onClose={onClose}
      title="Let it come again"
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          starting.mutate({
            postId: card.postId,
            accountIds,
            weekdays: days,
            atTime,
            timeZone,
            everyWeeks: Number(everyWeeks),
            coolDownDays: Number(coolDownDays) || 0,
            ...(ends === 'on' ? { endsOn } : {}),
            ...(ends === 'after' ? { times: Number(times) || 1 } : {}),
          });
        }}
      >
        <p className="clip sub">{card.title}</p>
        <fieldset className="weekdays">
          <legend className="hidden-text">Weekdays</legend>
          {weekdayNames.map((name, index) => (
            <button
              key={name}
              type="button"
              className="chip"
              aria-pressed={days.includes(index + 1)}
              onClick={() => toggle(index + 1)}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <div className="pair">
          <NativeSelect
            label="Weeks"
            data={[
              { value: '1', label: 'every week' },
              { value: '2', label: 'every other week' },
              { value: '3', label: 'every third week' },
              { value: '4', label: 'every fourth week' },
            ]}
            value={everyWeeks}
            onChange={(event) => setEveryWeeks(event.currentTarget.value)}
          />
          <TextInput
            type="time"
            label={`Time in ${timeZone.replaceAll('_', ' ')}`}
            value={atTime}
            onChange={(event) => setTime(event.currentTarget.value)}
          />
        </div>
        <MultiSelect
          label="Accounts"
          data={all.map(({ id, handle, platformName }) => ({ value: id, label: `@${handle}, ${platformName}` }))}
          value={accountIds}
          onChange={setChosen}
        />
        <div className="pair">
          <NativeSelect
            label="Ends"
            data={[
              { value: 'after', label: 'after so many times' },
              { value: 'on', label: 'on a day' },
              { value: 'never', label: 'when I stop it' },
            ]}
            value={ends}
            onChange={(event) => setEnds(event.currentTarget.value as typeof ends)}
          />
          {ends === 'after' && <NumberInput label="Times" min={1} max={500} value={times} onChange={setTimes} />}
          {ends === 'on' && (
            <TextInput
              type="date"
              label="Last day"
              value={endsOn}
              onChange={(event) => setEndsOn(event.currentTarget.value)}
            />
          )}
        </div>
        <NumberInput
          label="Rests at least"
          description="Days between two times on one account. What falls into them is skipped."
          min={1}
          max={3650}
          value={coolDownDays}
          onChange={setCoolDown}
        />
        {starting.error && <ErrorNotice title="It does not come again" error={starting.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={starting.isPending} disabled={!complete}>
            Let it come again
          </Button>
        </div>
      </form>
    </Modal>
  );
}
