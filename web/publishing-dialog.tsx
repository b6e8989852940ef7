import { Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pause } from 'lucide-react';
import { api } from './api.ts';
import { useHouse } from './app.tsx';
import { useChange } from './change.ts';
import { count, counted, dateTime } from './format.ts';
import { Button } from './parts/button.tsx';
import { ErrorNotice } from './parts/error-notice.tsx';
import { healthQuery, heldQuery, publishingKey, useResume } from './publishing-queries.ts';
import { dayIn, instantIn } from './zone.ts';

/** How the queue is, and the button that holds all of it. */
export function PublishingDialog({ looked, next, onClose }: { looked: string; next: string; onClose: () => void }) {
  const { timeZone } = useHouse();
  const { data: health } = useQuery(healthQuery);
  const { data: held } = useQuery(heldQuery);
  const resuming = useResume(onClose);
  if (!health || !held) return null;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Publishing"
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <dl className="health-facts num">
        <dt>Queue</dt>
        <dd>
          {looked}, by {counted(health.publishers, 'process', 'processes')}
        </dd>
        <dt>Next</dt>
        <dd>
          {next}
          {health.next && `: ${health.next.post.title}`}
        </dd>
        <dt>Waiting</dt>
        <dd>{count(health.waiting)}</dd>
        <dt>Late</dt>
        <dd>{count(health.overdue)}</dd>
        <dt>Asking you</dt>
        <dd>{count(health.asking)}</dd>
      </dl>
      {held.accounts.length > 0 && (
        <ul className="health-held sub">
          {held.accounts.map((one) => (
            <li key={one.accountId}>
              @{one.handle} is paused{one.until && ` until ${dateTime(one.until, timeZone)}`}: {one.reason}
            </li>
          ))}
        </ul>
      )}
      <p className="sub">
        What happens to late posts is set for each account in{' '}
        <Link to="/settings/$section" params={{ section: 'accounts' }} onClick={onClose} className="link">
          Settings
        </Link>
        .
      </p>
      {held.paused ? (
        <div className="dialog-actions">
          {resuming.error && <ErrorNotice title="Not resumed" error={resuming.error} />}
          <Button look="primary" busy={resuming.isPending} onClick={() => resuming.mutate({})}>
            Resume publishing
          </Button>
        </div>
      ) : (
        <PauseForm onPaused={onClose} />
      )}
    </Modal>
  );
}

const lengths = [
  { value: 'open', label: 'until resumed by hand' },
  { value: 'hour', label: 'for an hour' },
  { value: 'morning', label: 'until tomorrow, 09:00' },
  { value: 'day', label: 'for 24 hours' },
];

function PauseForm({ onPaused }: { onPaused: () => void }) {
  const { timeZone } = useHouse();
  const form = useForm({
    initialValues: { reason: '', length: 'open' },
    validate: { reason: (value) => (value.trim() ? null : 'Say why, for the others') },
  });
  const pausing = useChange(api.publishing.pauseAll, {
    refreshes: [publishingKey, ['accounts']],
    says: 'Paused. The queue waits.',
    after: onPaused,
  });
  return (
    <form
      className="stack health-form"
      noValidate
      onSubmit={form.onSubmit(({ reason, length }) => {
        const until = endOf(length, timeZone);
        pausing.mutate({ reason: reason.trim(), ...(until ? { until: until.toISOString() } : {}) });
      })}
    >
      <div className="pair">
        <TextInput label="Reason" maxLength={500} data-autofocus {...form.getInputProps('reason')} />
        <NativeSelect label="How long" data={lengths} {...form.getInputProps('length')} />
      </div>
      {pausing.error && <ErrorNotice title="Not paused" error={pausing.error} />}
      <div className="dialog-actions">
        <Button type="submit" look="danger" busy={pausing.isPending}>
          <Pause size={13} aria-hidden="true" />
          Pause everything
        </Button>
      </div>
    </form>
  );
}

function endOf(length: string, zone: string): Date | null {
  const now = Date.now();
  if (length === 'hour') return new Date(now + 3_600_000);
  if (length === 'day') return new Date(now + 86_400_000);
  if (length === 'morning') return instantIn(dayIn(now + 86_400_000, zone), '09:00', zone);
  return null;
}
