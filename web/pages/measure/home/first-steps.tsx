import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import type { Home } from '#web/pages/measure/home.tsx';
import { LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import { type Step, StepProgress } from '#web/parts/step-progress.tsx';

/** Before there are numbers: the line for one's site, and what is left to set up. */
export function FirstSteps({ appId, steps }: { appId: string; steps: Home['firstSteps'] }) {
  const tracking = useQuery({ queryKey: ['tracking', appId], queryFn: () => api.tracking.get({ appId }) });
  return (
    <div className="row first-steps" data-split="2-1">
      <Card title="Visitors">
        <EmptyState
          title="No visits recorded yet"
          waiting={steps.trackerSeen ? 'The script is there. Numbers follow.' : 'Waiting for the first visit'}
          action={
            <div className="first-line">
              {tracking.data && <CopyField label="tracker script" value={tracking.data.snippet} />}
              {tracking.isPending && <Skeleton height={38} />}
              {tracking.error && (
                <ErrorNotice
                  title="The line did not load"
                  error={tracking.error}
                  onRetry={() => void tracking.refetch()}
                />
              )}
            </div>
          }
        >
          Add one line to your site. Numbers show up here within a few seconds of the first visit.
        </EmptyState>
      </Card>
      <StepProgress title="Setup" steps={stepsOf(steps)} />
    </div>
  );
}

function stepsOf(done: Home['firstSteps']): Step[] {
  const steps: (Omit<Step, 'state'> & { done: boolean })[] = [
    { id: 'app', title: 'Register your app', done: done.appRegistered },
    {
      id: 'account',
      title: 'Connect an account',
      note: 'X, or the sandbox to try things on',
      done: done.accountConnected,
      action: to('accounts', 'Connect'),
    },
    {
      id: 'script',
      title: 'Add the script to your site',
      note: 'One line',
      done: done.trackerSeen,
      action: to('tracking', 'Continue'),
    },
    {
      id: 'payments',
      title: 'Connect Stripe',
      note: 'To see revenue per post',
      done: done.paymentsConnected,
      action: to('payments', 'Connect'),
    },
    {
      id: 'week',
      title: 'Plan your first week',
      note: 'Drafts are written from your knowledge',
      done: done.firstWeekPlanned,
      action: (
        <LinkButton to="/compose" look="primary" size="small">
          Plan
        </LinkButton>
      ),
    },
  ];
  const next = steps.find((step) => !step.done);
  return steps.map(({ done: isDone, action, ...step }) => ({
    ...step,
    state: isDone ? 'done' : step.id === next?.id ? 'now' : 'waiting',
    action: step.id === next?.id ? action : undefined,
  }));
}

function to(section: string, word: string) {
  return (
    <LinkButton to="/settings/$section" params={{ section }} look="primary" size="small">
      {word}
    </LinkButton>
  );
}
