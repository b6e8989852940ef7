import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useHouse } from './app.tsx';
import { counted, dateTime, relative } from './format.ts';
import { HealthBanner, HealthLine, ResumeButton } from './parts/health.tsx';
import { healthQuery, heldQuery, useResume } from './publishing-queries.ts';
import '#web/styles/health.css';

const PublishingDialog = lazy(() =>
  import('./publishing-dialog.tsx').then((file) => ({ default: file.PublishingDialog })),
);

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
      {open && (
        <Suspense fallback={null}>
          <PublishingDialog looked={looked} next={next} onClose={() => setOpen(false)} />
        </Suspense>
      )}
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
