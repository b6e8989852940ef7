import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { signUp } from '#web/account.ts';
import { api, setupQuery } from '#web/api.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice, errorWords } from '#web/parts/error-notice.tsx';
import { shortest } from './password.ts';

/** The first minute on a new server: the owner's account, then straight on to the app's address. */
export function SetupPage() {
  const go = useNavigate();
  const queries = useQueryClient();
  const setup = useQuery(setupQuery);
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Type the name posts and reports should carry'),
      email: (value) => (/^\S+@\S+$/.test(value) ? null : 'Type an e-mail address'),
      password: (value) => (value.length >= shortest ? null : `Use ${shortest} characters or more`),
    },
  });
  const creating = useMutation({
    mutationFn: signUp,
    onSuccess: async () => {
      queries.clear();
      await keepZone();
      await go({ to: '/welcome' });
    },
  });
  if (setup.data?.ownerExists && !creating.isPending && !creating.isSuccess)
    return <Navigate to="/sign-in" search={{}} />;
  return (
    <Alone title="Create your account" intro="It owns everything on this server.">
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => creating.mutate(values),
          (errors) => form.getInputNode(Object.keys(errors)[0]!)?.focus(),
        )}
      >
        <TextInput label="Name" autoComplete="name" autoFocus {...form.getInputProps('name')} />
        <TextInput label="E-mail" type="email" autoComplete="username" {...form.getInputProps('email')} />
        <PasswordInput
          label="Password"
          description={`${shortest} characters or more. A sentence is fine.`}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
        {setup.error && <ErrorNotice error={setup.error} onRetry={() => void setup.refetch()} />}
        {creating.error && <ErrorNotice title="The account was not created" error={creating.error} />}
        <Button type="submit" look="primary" busy={creating.isPending}>
          Create account
        </Button>
      </form>
      <p className="foot">Next you type your app’s address, and Fanfare reads it.</p>
    </Alone>
  );
}

/** Moments are planned in the workspace's zone from the first one on; the server cannot know where its owner sits. */
async function keepZone(): Promise<void> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  await api.workspaces.update({ timeZone }).catch((error: unknown) =>
    notifications.show({
      color: 'red',
      title: 'Times are shown in UTC',
      message: `${errorWords(error)} Choose your time zone in the settings of the workspace.`,
    }),
  );
}
