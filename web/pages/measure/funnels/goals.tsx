import '#web/styles/forms.css';
import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { money } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { type Goal, goalsQuery } from './queries.ts';

const refreshes = [['goals'], ['funnels']];

/** Conversions of one's own: an event or a path that counts as one. */
export function Goals({ appId }: { appId: string }) {
  const query = useQuery(goalsQuery(appId));
  const [leaving, setLeaving] = useState<Goal>();
  const removing = useChange(api.goals.remove, {
    refreshes,
    says: 'Goal removed',
    after: () => setLeaving(undefined),
  });
  return (
    <div className="stack">
      <Card title="Goals" sub="events and pages that count as a conversion">
        <Loaded query={query} title="The goals did not load">
          {(goals) => (
            <DataTable
              caption="Goals"
              rows={goals}
              rowKey={(goal) => goal.id}
              empty="Signups, trials and payments are counted by themselves. Name here what else matters to you."
              columns={[
                { key: 'name', head: 'Goal', cell: (goal) => <span className="clip">{goal.name}</span> },
                {
                  key: 'what',
                  head: 'Counts',
                  cell: (goal) => <span className="clip">{goal.eventKind ?? goal.pathPattern}</span>,
                },
                {
                  key: 'value',
                  head: 'Worth',
                  align: 'right',
                  width: '110px',
                  hideOnPhone: true,
                  cell: (goal) => (goal.value ? money(goal.value.minor, goal.value.currency) : ''),
                },
                {
                  key: 'remove',
                  head: '',
                  align: 'right',
                  width: '60px',
                  cell: (goal) => (
                    <IconButton label={`Remove ${goal.name}`} onClick={() => setLeaving(goal)}>
                      <Trash2 size={14} />
                    </IconButton>
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Card>
      <Card title="New goal" padded>
        <NewGoal appId={appId} />
      </Card>
      <ConfirmDialog
        opened={leaving !== undefined}
        title="Remove this goal?"
        confirm="Remove goal"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => leaving && removing.mutate({ goalId: leaving.id })}
        onClose={() => setLeaving(undefined)}
      >
        What it counted stays. Funnels lose the steps that were this goal.
      </ConfirmDialog>
    </div>
  );
}

function NewGoal({ appId }: { appId: string }) {
  const form = useForm({
    initialValues: { name: '', kind: 'event', what: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'A name'),
      what: (value, { kind }) =>
        kind === 'path' && !value.trim().startsWith('/') ? 'A path begins with /' : value.trim() ? null : 'What counts',
    },
  });
  const adding = useChange(
    ({ name, kind, what }: typeof form.values) =>
      api.goals.create({
        appId,
        name,
        ...(kind === 'path' ? { pathPattern: what.trim() } : { eventKind: what.trim() }),
      }),
    { refreshes, says: 'Goal added', after: () => form.reset() },
  );
  return (
    <form className="form" noValidate onSubmit={form.onSubmit((values) => adding.mutate(values))}>
      <TextInput label="Name" placeholder="Exported a report" maxLength={100} {...form.getInputProps('name')} />
      <div className="pair">
        <NativeSelect
          label="Counts"
          data={[
            { value: 'event', label: 'An event' },
            { value: 'path', label: 'A page' },
          ]}
          {...form.getInputProps('kind')}
        />
        <TextInput
          label={form.values.kind === 'path' ? 'Path, with * for anything' : 'Event'}
          placeholder={form.values.kind === 'path' ? '/welcome*' : 'export_done'}
          {...form.getInputProps('what')}
        />
      </div>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={adding.isPending}>
          Add goal
        </Button>
      </div>
    </form>
  );
}
