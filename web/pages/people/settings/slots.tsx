import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { type Account, accountsKey, slotsQuery } from './account-queries.ts';

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The times of the week at which the account's queue goes out. */
export function Slots({ account }: { account: Account }) {
  const slots = useQuery(slotsQuery(account.id));
  const [days, setDays] = useState<number[]>([1, 2, 3, 4, 5]);
  const [at, setAt] = useState('09:00');
  const options = { refreshes: [accountsKey] };
  const adding = useChange(api.slots.add, options);
  const removing = useChange(api.slots.remove, options);
  const toggle = (each: number) =>
    setDays(days.includes(each) ? days.filter((one) => one !== each) : [...days, each].sort());
  return (
    <div className="stack" data-gap="small">
      <h3>Queue</h3>
      <Loaded query={slots}>
        {(all) =>
          all.length === 0 ? (
            <p className="sub">No times yet. With some, “add to queue” finds the next free one by itself.</p>
          ) : (
            <ul className="slots num">
              {all.map((slot) => (
                <li key={slot.id} className="slot">
                  {weekdays[slot.weekday - 1]} {slot.atTime}
                  <IconButton
                    label={`Remove ${weekdays[slot.weekday - 1]} ${slot.atTime}`}
                    onClick={() => removing.mutate({ slotId: slot.id })}
                  >
                    <X size={12} />
                  </IconButton>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <form
        className="line"
        onSubmit={(event) => {
          event.preventDefault();
          adding.mutate({ accountId: account.id, weekdays: days, atTime: at });
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
        <TextInput
          type="time"
          aria-label="Time"
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
          w={132}
        />
        <Button type="submit" busy={adding.isPending} disabled={days.length === 0 || !at}>
          Add times
        </Button>
      </form>
      {(adding.error ?? removing.error) && <ErrorNotice title="Not changed" error={adding.error ?? removing.error} />}
    </div>
  );
}
