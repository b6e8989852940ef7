import { Autocomplete, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { type Account, accountsKey, type Slot, slotsQuery } from './account-queries.ts';

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** The times of the week at which the account's queue goes out. */
export function Slots({ account }: { account: Account }) {
  const slots = useQuery(slotsQuery(account.id));
  return (
    <div className="stack" data-gap="small">
      <h3>Queue</h3>
      <Loaded query={slots}>
        {(all) => (
          <>
            {all.length === 0 ? (
              <p className="sub">No times yet. With some, “add to queue” finds the next free one by itself.</p>
            ) : (
              <Week all={all} />
            )}
            <AddTimes key={all[0]?.timeZone} account={account} zone={all[0]?.timeZone} />
          </>
        )}
      </Loaded>
    </div>
  );
}

/** Day by day; the zone is said once, or beside each time where there are several. */
function Week({ all }: { all: Slot[] }) {
  const zones = new Set(all.map((slot) => slot.timeZone));
  const removing = useChange(api.slots.remove, { refreshes: [accountsKey, ['slots']] });
  const days = weekdays
    .map((name, index) => ({ name, own: all.filter((slot) => slot.weekday === index + 1) }))
    .filter(({ own }) => own.length > 0);
  return (
    <>
      {zones.size === 1 && <p className="sub">Times in {[...zones].join().replaceAll('_', ' ')}</p>}
      <ul className="slot-days num">
        {days.map(({ name, own }) => (
          <li key={name}>
            <span className="sub">{name}</span>
            <ul className="slots">
              {own.map((slot) => (
                <li key={slot.id} className="slot">
                  {slot.atTime}
                  {zones.size > 1 && <span className="sub">{slot.timeZone.replaceAll('_', ' ')}</span>}
                  <IconButton
                    label={`Remove ${name} ${slot.atTime}`}
                    onClick={() => removing.mutate({ slotId: slot.id })}
                  >
                    <X size={12} />
                  </IconButton>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {removing.error && <ErrorNotice title="Not removed" error={removing.error} />}
    </>
  );
}

/** Several weekdays and times at once, in the account's own zone. */
function AddTimes({ account, zone }: { account: Account; zone: string | undefined }) {
  const { timeZone: house } = useHouse();
  const [days, setDays] = useState<number[]>([1, 2, 3, 4, 5]);
  const [times, setTimes] = useState(['09:00']);
  const [timeZone, setTimeZone] = useState(zone ?? house);
  const adding = useChange(api.slots.add, { refreshes: [accountsKey, ['slots']] });
  const toggle = (each: number) =>
    setDays(days.includes(each) ? days.filter((one) => one !== each) : [...days, each].sort());
  const atTimes = [...new Set(times.filter(Boolean))];
  const count = days.length * atTimes.length;
  const known = zones.includes(timeZone);
  return (
    <form
      className="stack"
      data-gap="small"
      onSubmit={(event) => {
        event.preventDefault();
        adding.mutate({ accountId: account.id, weekdays: days, atTimes, timeZone });
      }}
    >
      <fieldset className="weekdays">
        <legend className="hidden-text">Weekdays</legend>
        {weekdays.map((name, index) => (
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
      <div className="line">
        {times.map((time, index) => (
          <TextInput
            // biome-ignore lint/suspicious/noArrayIndexKey: the times have no other name, and only the last is added.
            key={index}
            type="time"
            aria-label={index === 0 ? 'Time' : `Time ${index + 1}`}
            value={time}
            onChange={(event) => setTimes(times.with(index, event.currentTarget.value))}
            w={136}
          />
        ))}
        <IconButton label="One more time" onClick={() => setTimes([...times, nextTime(times.at(-1))])}>
          <Plus size={15} />
        </IconButton>
        {times.length > 1 && (
          <IconButton label="One time less" onClick={() => setTimes(times.slice(0, -1))}>
            <X size={15} />
          </IconButton>
        )}
      </div>
      <div className="line">
        <Autocomplete
          aria-label="Time zone"
          data={zones}
          limit={30}
          value={timeZone}
          onChange={setTimeZone}
          error={known ? undefined : 'Choose a zone such as Europe/Berlin'}
          w={232}
        />
        <Button type="submit" busy={adding.isPending} disabled={count === 0 || !known}>
          {count > 1 ? `Add ${counted(count, 'time')}` : 'Add times'}
        </Button>
      </div>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
    </form>
  );
}

/** Three hours later, so that a day fills up by clicking. */
function nextTime(time: string | undefined): string {
  const hour = (Number((time ?? '09:00').slice(0, 2)) + 3) % 24;
  return `${String(hour).padStart(2, '0')}:${(time ?? '09:00').slice(3, 5) || '00'}`;
}
