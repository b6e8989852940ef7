import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { askForReset, resetPassword } from '#web/account.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { shortest } from './password.ts';

/** Asks for the link; behind the link, whose token stands after the #, sets the new password. */
export function ResetPasswordPage() {
  const token = useRouterState({ select: ({ location }) => location.hash });
  return token ? <NewPassword token={token} /> : <AskForLink />;
}

function AskForLink() {
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: (value) => (/^\S+@\S+$/.test(value) ? null : 'Type the address of your account') },
  });
  const asking = useMutation({ mutationFn: askForReset });
  return (
    <Alone title="A new password" intro="You get a link by mail, good for an hour.">
      {asking.isSuccess ? (
        <div className="stack">
          <Notice title="Look into your inbox">
            If there is an account with this address, a link is on its way. Nothing there? Look among the spam, or try
            the address you signed up with.
          </Notice>
          <LinkButton to="/sign-in">Back to sign in</LinkButton>
        </div>
      ) : (
        <form
          noValidate
          onSubmit={form.onSubmit(
            ({ email }) => asking.mutate(email.trim()),
            () => form.getInputNode('email')?.focus(),
          )}
        >
          <TextInput label="E-mail" type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
          {asking.error && <ErrorNotice title="No link was sent" error={asking.error} />}
          <Button type="submit" look="primary" busy={asking.isPending}>
            Send the link
          </Button>
          <LinkButton to="/sign-in" look="quiet">
            Back to sign in
          </LinkButton>
        </form>
      )}
    </Alone>
  );
}

function NewPassword({ token }: { token: string }) {
  const form = useForm({
    initialValues: { newPassword: '' },
    validate: {
      newPassword: (value) => (value.length >= shortest ? null : `Use ${shortest} characters or more`),
    },
  });
  const setting = useMutation({ mutationFn: resetPassword });
  return (
    <Alone title="Choose a new password" intro="You are signed out everywhere else then.">
      {setting.isSuccess ? (
        <div className="stack">
          <Notice title="Your password is changed">Sign in with it now.</Notice>
          <LinkButton to="/sign-in" look="primary">
            Sign in
          </LinkButton>
        </div>
      ) : (
        <form
          noValidate
          onSubmit={form.onSubmit(
            ({ newPassword }) => setting.mutate({ token, newPassword }),
            () => form.getInputNode('newPassword')?.focus(),
          )}
        >
          <PasswordInput
            label="New password"
            description={`${shortest} characters or more. A sentence is fine.`}
            autoComplete="new-password"
            autoFocus
            visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
            {...form.getInputProps('newPassword')}
          />
          {setting.error && <ErrorNotice title="The password was not changed" error={setting.error} />}
          <Button type="submit" look="primary" busy={setting.isPending}>
            Change password
          </Button>
          {setting.error && (
            <LinkButton to="/reset-password" hash="">
              Ask for a new link
            </LinkButton>
          )}
        </form>
      )}
    </Alone>
  );
}
