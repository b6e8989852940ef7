import '#web/styles/home.css';
import '#web/styles/forms.css';
import './launch/launch.css';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { DayDialog } from './launch/day-dialog.tsx';
import { LaunchDay } from './launch/launch-day.tsx';
import { launchKey, launchQuery, type Plan } from './launch/queries.ts';
import { StepRow } from './launch/step-row.tsx';
import { dayWords } from './launch/words.ts';

export function LaunchPage() {
  const app = useApp();
  const query = useQuery(launchQuery(app.id));
  const [choosing, setChoosing] = useState(false);
  const adding = useChange(() => api.launch.plan({ appId: app.id }), {
    refreshes: [launchKey],
    says: 'The plan follows your channels',
  });
  const plan = query.data;
  return (
    <Page
      title="Launch"
      intro={plan ? introOf(plan) : 'A dated list of what to do before, on and after the day.'}
      actions={
        plan && (
          <>
            <span className="hide-on-phone">
              <LinkButton to="/channels">Channels</LinkButton>
            </span>
            {plan.state === 'planned' && (
              <Button busy={adding.isPending} onClick={() => adding.mutate(undefined)}>
                Add from channels
              </Button>
            )}
            <Button look="primary" onClick={() => setChoosing(true)}>
              {plan.state === 'planned' ? 'Move the day' : 'Plan another launch'}
            </Button>
          </>
        )
      }
    >
      {adding.error && <ErrorNotice title="Nothing was added" error={adding.error} />}
      <Loaded query={query} title="The launch did not load" skeleton={<SkeletonCard height={420} />}>
        {(loaded) =>
          loaded ? (
            <InFull plan={loaded} />
          ) : (
            <div className="card">
              <h2 className="hidden-text">Your launch</h2>
              <EmptyState
                title="No launch is planned"
                ghost={false}
                action={
                  <>
                    <Button look="primary" onClick={() => setChoosing(true)}>
                      Choose the day
                    </Button>
                    <LinkButton to="/channels">Choose channels first</LinkButton>
                  </>
                }
              >
                From the day, a list is made of what to do at each of your channels and at places that suit {app.name},
                with posts prepared for you to send.
              </EmptyState>
            </div>
          )
        }
      </Loaded>
      {choosing && <DayDialog appId={app.id} plan={plan ?? null} onClose={() => setChoosing(false)} />}
    </Page>
  );
}

function introOf(plan: Plan): string {
  const { daysLeft } = plan;
  const when =
    daysLeft > 1
      ? `in ${counted(daysLeft, 'day')}`
      : daysLeft === 1
        ? 'tomorrow'
        : daysLeft === 0
          ? 'today'
          : `${counted(-daysLeft, 'day')} ago`;
  return `${plan.name}: ${dayWords(plan.launchOn)}, ${when}.`;
}

function InFull({ plan }: { plan: Plan }) {
  const { timeZone: zone } = useHouse();
  const [closed, setClosed] = useState(false);
  const { done, skipped, late, all } = plan.progress;
  const isOpen = (step: Plan['steps'][number]) => step.state !== 'done' && step.state !== 'skipped';
  const now = plan.steps.filter((step) => step.state === 'today' || step.state === 'late');
  const shown = plan.steps.filter((step) => closed || isOpen(step)).filter((step) => !now.includes(step));
  const days = [...Map.groupBy(shown, (step) => step.dueOn)];
  return (
    <div className="stack">
      <section className="card launch-progress" aria-label="Progress">
        <span className="num">
          <strong>{done}</strong> of {all} done
          {skipped > 0 && `, ${skipped} skipped`}
          {late > 0 && `, ${late} late`}
        </span>
        <span className="bar">
          <i style={{ width: `${all === 0 ? 0 : ((done + skipped) / all) * 100}%` }} />
        </span>
        {done + skipped > 0 && (
          <button type="button" className="chip" aria-pressed={closed} onClick={() => setClosed(!closed)}>
            Show what is done
          </button>
        )}
      </section>
      {now.length > 0 && (
        <Card title={late > 0 ? 'Today, and what is late' : 'Today'}>
          <ol className="launch-steps">
            {now.map((step) => (
              <StepRow key={step.id} step={step} zone={zone} dated />
            ))}
          </ol>
        </Card>
      )}
      {now.length === 0 && plan.state === 'planned' && (
        <Card title="Today" padded>
          <p className="sub">Nothing is due today.</p>
        </Card>
      )}
      <div className="row" data-split="2-1" style={{ marginTop: 0 }}>
        <Card title="The plan">
          {days.length === 0 && (
            <p className="table-empty">
              {plan.state === 'done' ? 'Everything is done or skipped.' : 'Nothing is ahead. What is left is above.'}
            </p>
          )}
          {days.map(([dueOn, steps]) => (
            <section key={dueOn} aria-label={dayWords(dueOn)}>
              <h3 className="launch-date num" data-launch={dueOn === plan.launchOn || undefined}>
                {dayWords(dueOn)}
                <span className="sub">{distanceOf(steps[0]?.daysFromLaunch ?? 0)}</span>
              </h3>
              <ol className="launch-steps">
                {steps.map((step) => (
                  <StepRow key={step.id} step={step} zone={zone} />
                ))}
              </ol>
            </section>
          ))}
        </Card>
        <LaunchDay plan={plan} zone={zone} />
      </div>
    </div>
  );
}

function distanceOf(days: number): string {
  if (days === 0) return 'launch day';
  return days < 0 ? `${counted(-days, 'day')} before` : `${counted(days, 'day')} after`;
}
