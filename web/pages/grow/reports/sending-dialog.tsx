import { Modal, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { Button } from '#web/parts/button.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { sessionQuery } from '#web/session.ts';
import { kindWords, type Scheduled } from './words.ts';

/** When a kind of report goes out and to whom. */
export function SendingDialog({
  appId,
  scheduled,
  onClose,
}: {
  appId: string;
  scheduled: Scheduled | undefined;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const [address, type] = useState('');
  const change = useMutation({
    mutationFn: (run: () => Promise<unknown>) => run(),
    onError: (error) => notifications.show({ color: 'red', title: 'Nothing was changed', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['reports.schedule'] }),
  });
  if (!scheduled) return null;
  const { kind, time, recipients } = scheduled;
  const add = (wanted: string) =>
    change.mutate(async () => {
      await api.reports.addRecipient({ appId, kind, address: wanted });
      type('');
    });
  return (
    <Modal opened onClose={onClose} title={kindWords[kind].title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className="stack">
        <TextInput
          label="Written and sent at"
          description="On the first day after the period, by the clock of the workspace."
          type="time"
          defaultValue={time}
          onBlur={({ currentTarget: { value } }) => {
            if (value !== '' && value !== time) change.mutate(() => api.reports.setTime({ appId, kind, time: value }));
          }}
        />
        {recipients.length === 0 ? (
          <p className="sub">Nobody gets this report by mail yet.</p>
        ) : (
          <ul className="report-recipients">
            {recipients.map((one) => (
              <li key={one.address}>
                <span>
                  {one.address}
                  {one.leftAt ? (
                    <small>unsubscribed</small>
                  ) : (
                    !one.isMember && <small>no member; each mail has a link to unsubscribe</small>
                  )}
                </span>
                {one.leftAt === null && (
                  <Button
                    size="small"
                    look="quiet"
                    aria-label={`Remove ${one.address}`}
                    onClick={() =>
                      change.mutate(() => api.reports.removeRecipient({ appId, kind, address: one.address }))
                    }
                  >
                    Remove
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
        <form
          className="inline-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (address.trim() !== '') add(address.trim());
          }}
        >
          <TextInput
            label="Add an address"
            type="email"
            value={address}
            onChange={(event) => type(event.currentTarget.value)}
          />
          <Button type="submit" busy={change.isPending}>
            Add
          </Button>
        </form>
        <AddMyself known={recipients.map((one) => one.address)} onAdd={add} />
      </div>
    </Modal>
  );
}

function AddMyself({ known, onAdd }: { known: string[]; onAdd: (address: string) => void }) {
  const { data: person } = useQuery(sessionQuery);
  const email = person?.email.toLowerCase();
  if (!email || known.includes(email)) return null;
  return (
    <Button look="quiet" onClick={() => onAdd(email)}>
      Send it to me, {email}
    </Button>
  );
}
