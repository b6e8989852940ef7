import { Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Pause } from 'lucide-react';
import { useEffect, useState } from 'react';
import { api } from './api.ts';
import { useHouse } from './app.tsx';
import { useChange } from './change.ts';
import { count, counted, dateTime, relative } from './format.ts';
import { Button } from './parts/button.tsx';
import { ErrorNotice } from './parts/error-notice.tsx';
import { HealthBanner, HealthLine, ResumeButton } from './parts/health.tsx';
import { dayIn, instantIn } from './zone.ts';
import '#web/styles/health.css';

const publishingKey = ['publishing'];

const healthQuery = queryOptions({
  queryKey: ['publishing', 'health'],
  queryFn: () => api.publications.health({}),
  refetchInterval: 15_000,
});

const heldQuery = queryOptions({
  queryKey: ['publishing', 'status'],
  queryFn: () => api.publishing.status({}),
  refetchInterval: 60_000,
});

/** In the frame's foot: whether publishing runs and what goes out next; opens the details and the button that holds all. */
export function PublishingLine() {
  const [open, setOpen] = useState(false);
  const now = useNow();
  const { data: health } = useQuery(healthQuery);
  const { data: held } = useQuery(heldQuery);
  if (!health || !held) return null;
  const next = health.next ? `Next post ${ahead(health.next.dueAt, now)}` : 'Nothing waits';
  const looked = health.lastTickAt ? `Last look ${ago(health.lastTickAt, now)}` : 'Nobody looks at the queue';
  return (
    <>
      {held.paused ? (
        <HealthLine tone="warn" title="Publishing is paused" sub={waits(health.waiting)} onOpen={() => setOpen(true)} />
      ) : health.running ? (
        <HealthLine tone={health.overdue > 0 ? 'warn' : 'pos'} title={next} sub={looked} onOpen={() => setOpen(true)} />
      ) : (
        <HealthLine tone="neg" title="Nothing is published" sub={looked} onOpen={() => setOpen(true)} />
      )}
      {open && <PublishingDialog looked={looked} next={next} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Across the top of every page, only when publishing is held or does not run. */
export function PublishingBanner() {
  const { timeZone } = useHouse();
  const { data: health } = useQuery(healthQuery);
  const { data: held } = useQuery(heldQuery);
  const resuming = useResume();
  if (held?.paused) {
    const { reason, pausedByName, pausedAt, until } = held.paused;
    return (
      <HealthBanner
        tone="warn"
        title="Publishing is paused."
        action={<ResumeButton busy={resuming.isPending} onResume={() => resuming.mutate({})} />}
      >
        “{reason}”, by {pausedByName ?? 'a program'} on {dateTime(pausedAt, timeZone)},{' '}
        {until ? `until ${dateTime(until, timeZone)}` : 'until somebody resumes it'}.
        {resuming.error && ` It could not be resumed: ${resuming.error.message}`}
      </HealthBanner>
    );
  }
  if (health && !health.running)
    return (
      <HealthBanner tone="neg" title="Nothing is published right now.">
        No process has looked at the queue for 30 seconds. Start Fanfare with RUN=all or RUN=worker, or see its log for
        why the worker stopped. {health.waiting > 0 && `${waits(health.waiting)}; `}nothing is lost.
      </HealthBanner>
    );
  return null;
}

function PublishingDialog({ looked, next, onClose }: { looked: string; next: string; onClose: () => void }) {
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

function useResume(after?: () => void) {
  return useChange(api.publishing.resume, {
    refreshes: [publishingKey, ['accounts']],
    says: 'Publishing goes on',
    ...(after ? { after } : {}),
  });
}

/** The time, every five seconds: so long "4 seconds ago" may stand. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** A server's clock may be a little ahead of the browser's: what was, was. */
function ago(moment: Date, now: number): string {
  return relative(Math.min(moment.getTime(), now), now);
}

function ahead(moment: Date, now: number): string {
  return moment.getTime() <= now ? 'goes out now' : relative(moment, now);
}

function waits(waiting: number): string {
  return waiting === 0 ? 'Nothing waits' : `${counted(waiting, 'post')} ${waiting === 1 ? 'waits' : 'wait'}`;
}
