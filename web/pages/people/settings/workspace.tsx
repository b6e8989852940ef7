import { Autocomplete, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { workspaceQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { AnotherWorkspace } from '#web/pages/people/new-workspace.tsx';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { LinkDomain } from './link-domain.tsx';

type Workspace = Awaited<ReturnType<typeof api.workspaces.current>>;

export function WorkspaceSection() {
  const workspace = useQuery(workspaceQuery);
  return (
    <>
      <Card title="Workspace" padded>
        <Loaded query={workspace}>{(data) => <WorkspaceForm key={data.id} workspace={data} />}</Loaded>
      </Card>
      <LinkDomain />
      <AnotherWorkspace />
    </>
  );
}

function WorkspaceForm({ workspace }: { workspace: Workspace }) {
  const { name, timeZone, currency, needsApproval } = workspace;
  const form = useForm({
    initialValues: { name, timeZone, currency, needsApproval },
    validate: {
      name: (value) => (value.trim() ? null : 'Type a name'),
      timeZone: (value) => (zones.includes(value) ? null : 'Choose a zone such as Europe/Berlin'),
      currency: (value) => (/^[A-Z]{3}$/.test(value) ? null : 'Three capital letters, such as EUR'),
    },
  });
  const saving = useChange(api.workspaces.update, {
    refreshes: [workspaceQuery.queryKey, ['dashboards'], ['posts']],
    says: 'Workspace saved',
    after: () => form.resetDirty(),
  });
  return (
    <form className="form" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <TextInput label="Name" {...form.getInputProps('name')} />
      <div className="pair">
        <Autocomplete
          label="Time zone"
          description="Moments are shown and planned in it"
          data={zones}
          limit={30}
          {...form.getInputProps('timeZone')}
        />
        <Autocomplete
          label="Currency"
          description="Money is summed up in it"
          data={currencies}
          limit={30}
          {...form.getInputProps('currency')}
        />
      </div>
      <Switch
        label="Review posts before they go out"
        description="Editors send a post for review, an owner approves it. Answers in the inbox go out without."
        {...form.getInputProps('needsApproval', { type: 'checkbox' })}
      />
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={saving.isPending} disabled={!form.isDirty()}>
          Save
        </Button>
      </div>
    </form>
  );
}

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
const currencies = Intl.supportedValuesOf('currency');
