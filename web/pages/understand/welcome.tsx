import { Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type App, useAppChoice } from '#web/app.tsx';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StepProgress } from '#web/parts/step-progress.tsx';
import { Address } from './welcome/address.tsx';
import { Check } from './welcome/check.tsx';
import { Approve, Week } from './welcome/plan.tsx';
import { type Setup, type StepId, setupSteps, useSetup } from './welcome/progress.ts';
import { Read } from './welcome/read.tsx';
import { Done, Schedule } from './welcome/schedule.tsx';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';
import './welcome/welcome.css';

/** From an address to a scheduled post, in one sitting or in several. */
export function WelcomePage() {
  const { app, choose } = useAppChoice();
  const [adding, setAdding] = useState(false);
  const registered = (appId: string) => {
    choose(appId);
    setAdding(false);
  };
  if (!app || adding)
    return (
      <Page
        title={app ? 'Add an app' : 'Let’s get your first post out'}
        intro="About 6 minutes. You can stop after any step."
        actions={app && <Button onClick={() => setAdding(false)}>Back to {app.name}</Button>}
      >
        <div className="row welcome" data-split="2-1">
          <Address onRegistered={registered} />
          <Steps now="read" />
        </div>
      </Page>
    );
  return <SetupOf key={app.id} app={app} onAdd={() => setAdding(true)} />;
}

function SetupOf({ app, onAdd }: { app: App; onAdd: () => void }) {
  const setup = useSetup(app);
  const complete = setup.loaded && setup.now === undefined;
  const [begun, setBegun] = useState(false);
  useEffect(() => {
    if (setup.loaded && setup.now) setBegun(true);
    // Someone who comes back to a finished setup wants to add an app.
    if (complete && !begun) onAdd();
  }, [setup.loaded, setup.now, complete, begun, onAdd]);
  return (
    <Page
      title={complete ? `${app.name} is set up` : 'Let’s get your first post out'}
      intro={complete ? undefined : 'About 6 minutes. You can stop after any step.'}
      actions={
        <>
          <LinkButton to="/" look="quiet">
            Leave for now
          </LinkButton>
          <Button onClick={onAdd}>
            <Plus size={14} aria-hidden="true" />
            Another app
          </Button>
        </>
      }
    >
      <div className="row welcome" data-split="2-1">
        <div className="stack">
          {setup.error && <ErrorNotice title="Something did not load" error={setup.error} onRetry={setup.refetch} />}
          {setup.loaded ? (
            <Now app={app} setup={setup} onOther={onAdd} />
          ) : (
            !setup.error && <SkeletonCard height={420} />
          )}
        </div>
        <Steps now={setup.now} setup={setup} />
      </div>
    </Page>
  );
}

function Now({ app, setup, onOther }: { app: App; setup: Setup; onOther: () => void }) {
  switch (setup.now) {
    case 'read':
      return <Read app={app} setup={setup} onOther={onOther} />;
    case 'check':
      return <Check app={app} setup={setup} />;
    case 'strategy':
      return <Approve app={app} setup={setup} />;
    case 'week':
      return <Week app={app} setup={setup} />;
    case 'schedule':
      return <Schedule app={app} setup={setup} />;
    case undefined:
      return <Done setup={setup} />;
  }
}

function Steps({ now, setup }: { now: StepId | undefined; setup?: Setup }) {
  return (
    <div className="welcome-steps">
      <StepProgress
        title="Setup"
        steps={setupSteps.map((step) => ({
          id: step.id,
          title: step.title,
          note: setup?.notes[step.id] ?? step.note,
          state: setup?.done[step.id] ? 'done' : step.id === now ? 'now' : 'waiting',
        }))}
      />
    </div>
  );
}
