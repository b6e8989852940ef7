import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { setupQuery } from '#web/api.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { signIn } from '#web/session.ts';

export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' });
  const go = useNavigate();
  const queries = useQueryClient();
  const setup = useQuery(setupQuery);
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : 'Type the address of your account'),
      password: (value) => (value ? null : 'Type your password'),
    },
  });
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: async () => {
      queries.clear();
      await go({ href: next ?? '/' });
    },
  });
  return (
    <Alone title="Sign in" intro="Welcome back.">
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => entering.mutate(values),
          (errors) => form.getInputNode(Object.keys(errors)[0]!)?.focus(),
        )}
      >
        <TextInput label="E-mail" type="email" autoComplete="username" autoFocus {...form.getInputProps('email')} />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
        {entering.error && <ErrorNotice title="You are not signed in" error={entering.error} />}
        <Button type="submit" look="primary" busy={entering.isPending}>
          Sign in
        </Button>
      </form>
      {setup.data?.demo && (
        <p className="foot">This is the demo. The address and the password stand in the terminal that started it.</p>
      )}
    </Alone>
  );
}
