import { Checkbox, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { dateTime, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { mannersQuery, type Target, targetsQuery } from './queries.ts';
import { TargetDialog } from './target-form.tsx';
import { targetWords } from './words.ts';

export function Targets() {
  const query = useQuery(targetsQuery);
  const [adding, setAdding] = useState(false);
  return (
    <div className="stack">
      <Loaded query={query} title="The places did not load" skeleton={<SkeletonCard height={240} />}>
        {({ targets }) => (
          <Card
            title="Where alerts go"
            action={
              <Button size="small" look="primary" onClick={() => setAdding(true)}>
                Add a place
              </Button>
            }
          >
            {targets.length === 0 ? (
              <EmptyState title="Nobody is told" ghost={false}>
                Alerts are kept here, but nothing tells you of them. Add the app itself, your e-mail or a chat.
              </EmptyState>
            ) : (
              <ul>
                {targets.map((target) => (
                  <TargetItem key={target.id} target={target} />
                ))}
              </ul>
            )}
          </Card>
        )}
      </Loaded>
      <Manners />
      {adding && <TargetDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function TargetItem({ target }: { target: Target }) {
  const [removing, setRemoving] = useState(false);
  const refreshes = [targetsQuery.queryKey];
  const testing = useChange(api.alertTargets.test, { refreshes });
  const leaving = useChange(api.alertTargets.remove, { refreshes, says: 'Removed', after: () => setRemoving(false) });
  const { id: targetId, kind, address, trouble, failingSince, nextTryAt, offAt } = target;
  const name = kind === 'app' ? targetWords.app : `${targetWords[kind]}, ${address}`;
  return (
    <li className="alert-rule">
      <div>
        <h3>
          {name} <TargetState target={target} />
        </h3>
        {kind === 'app' && <p className="sub">Everyone here sees it behind the bell.</p>}
        {trouble && (
          <p className="sub">
            {trouble}{' '}
            {offAt
              ? `Switched off ${relative(offAt)}; what waits is kept. A test that arrives switches it on again.`
              : `Failing since ${dateTime(failingSince!)}${nextTryAt ? `; tried again ${dateTime(nextTryAt)}` : ''}.`}
          </p>
        )}
        {testing.data?.sent && (
          <p className="sub" role="status">
            {testing.data.message}
          </p>
        )}
        {testing.data && !testing.data.sent && (
          <Notice tone="neg" title="The test was not taken">
            {testing.data.message}
          </Notice>
        )}
        {testing.error && <ErrorNotice title="The test was not sent" error={testing.error} />}
      </div>
      <div className="alert-foot">
        {kind !== 'app' && (
          <Button
            size="small"
            busy={testing.isPending}
            onClick={() => testing.mutate({ targetId })}
            aria-label={`Send a test: ${name}`}
          >
            Send a test
          </Button>
        )}
        <Button size="small" look="quiet" onClick={() => setRemoving(true)} aria-label={`Remove: ${name}`}>
          Remove
        </Button>
      </div>
      <ConfirmDialog
        opened={removing}
        title={`Tell ${address} no more?`}
        confirm="Remove"
        danger
        busy={leaving.isPending}
        error={leaving.error}
        onConfirm={() => leaving.mutate({ targetId })}
        onClose={() => setRemoving(false)}
      >
        <p>What still waits for it is not sent. The alerts themselves stay.</p>
      </ConfirmDialog>
    </li>
  );
}

function TargetState({ target: { kind, offAt, failingSince, confirmedAt } }: { target: Target }) {
  if (offAt) return <StatusBadge status="failed" word="Switched off" />;
  if (failingSince) return <StatusBadge status="reconnect" word="Failing" />;
  if (confirmedAt || kind === 'app') return <StatusBadge status="connected" word="Works" />;
  return <StatusBadge status="unknown" word="Not tested" />;
}

type Settings = Awaited<ReturnType<typeof api.alertSettings.show>>;

function Manners() {
  const query = useQuery(mannersQuery);
  return (
    <Loaded query={query} title="Budget and quiet hours did not load" skeleton={<SkeletonCard height={260} />}>
      {(settings) => (
        <Card title="Budget and quiet hours" padded>
          <MannersForm settings={settings} />
        </Card>
      )}
    </Loaded>
  );
}

function MannersForm({ settings }: { settings: Settings }) {
  const form = useForm({
    initialValues: {
      weeklyBudget: settings.weeklyBudget as number | string,
      quietFrom: settings.quietFrom ?? '',
      quietUntil: settings.quietUntil ?? '',
      urgentPasses: settings.urgentPasses,
    },
    validate: { weeklyBudget: (value) => (value === '' ? 'Type how many messages a week are fine' : null) },
  });
  const saving = useChange(api.alertSettings.set, { refreshes: [mannersQuery.queryKey], says: 'Saved' });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ weeklyBudget, quietFrom, quietUntil, urgentPasses }) =>
        saving.mutate({
          weeklyBudget: Number(weeklyBudget),
          quietFrom: quietFrom || null,
          quietUntil: quietUntil || null,
          urgentPasses,
        }),
      )}
    >
      <NumberInput
        label="Messages in seven days, to each place"
        description="A place gets one message an hour at most. What is over it waits for a digest on Monday at 8:00; nothing is lost."
        min={0}
        max={1000}
        allowDecimal={false}
        hideControls
        {...form.getInputProps('weeklyBudget')}
      />
      <div className="pair">
        <TextInput type="time" label="Quiet from" {...form.getInputProps('quietFrom')} />
        <TextInput type="time" label="Quiet until" {...form.getInputProps('quietUntil')} />
      </div>
      <p className="sub">
        In {settings.timeZone}. Leave both empty for none. What comes meanwhile is one message afterwards.
      </p>
      <Checkbox
        label="Urgent alerts are told in quiet hours and over the budget too"
        {...form.getInputProps('urgentPasses', { type: 'checkbox' })}
      />
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={saving.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
