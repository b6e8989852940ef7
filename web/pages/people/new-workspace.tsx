import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { signOut } from '#web/session.ts';
import '#web/styles/forms.css';

/** A name, and then one is there: everything on the page belongs to another workspace, so it is loaded anew. */
function NewWorkspaceForm() {
  const form = useForm({
    initialValues: { name: '' },
    validate: { name: (value) => (value.trim() ? null : 'Type a name') },
  });
  const making = useMutation({
    mutationFn: async (name: string) => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const { id } = await api.workspaces.create({ name, timeZone });
      await api.workspaces.enter({ workspaceId: id });
    },
    onSuccess: () => location.assign('/'),
  });
  return (
    <form
      className="inline-form"
      data-labelled
      noValidate
      onSubmit={form.onSubmit(({ name }) => making.mutate(name.trim()))}
    >
      <TextInput label="Name of the new workspace" maxLength={120} {...form.getInputProps('name')} />
      <Button type="submit" busy={making.isPending}>
        Create workspace
      </Button>
      {making.error && <ErrorNotice title="It was not created" error={making.error} />}
    </form>
  );
}

/** In the settings, beside the workspace one is in. */
export function AnotherWorkspace() {
  return (
    <Card title="Another workspace" padded>
      <div className="stack" data-gap="small">
        <p className="sub">
          It has apps, accounts, money and people of its own. You go from one to the other at the top left.
        </p>
        <NewWorkspaceForm />
      </div>
    </Card>
  );
}

/** For who was taken out of the last one they belonged to. */
export function NoWorkspace() {
  return (
    <Alone title="You belong to no workspace" intro="Ask an owner for an invitation, or begin one of your own.">
      <div className="stack">
        <NewWorkspaceForm />
        <Button look="quiet" onClick={() => void signOut().then(() => location.assign('/sign-in'))}>
          Sign out
        </Button>
      </div>
    </Alone>
  );
}
