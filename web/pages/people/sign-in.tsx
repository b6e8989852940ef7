import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { passkeysWork, signIn, signInWithPasskey } from '#web/account.ts';
import { setupQuery } from '#web/api.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { useWords } from '#web/words.ts';
import { SecondStep } from './second-step.tsx';

export function SignInPage() {
  const { next } = useSearch({ from: '/sign-in' });
  const { say } = useWords();
  const go = useNavigate();
  const queries = useQueryClient();
  const setup = useQuery(setupQuery);
  const [half, setHalf] = useState(false);
  const enter = async () => {
    queries.clear();
    await go({ href: next ?? '/' });
  };
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (value) => (value.includes('@') ? null : say('signIn.emailMissing')),
      password: (value) => (value ? null : say('signIn.passwordMissing')),
    },
  });
  const entering = useMutation({
    mutationFn: signIn,
    onSuccess: async ({ twoFactorRedirect }) => {
      if (twoFactorRedirect) setHalf(true);
      else await enter();
    },
  });
  const withKey = useMutation({ mutationFn: signInWithPasskey, onSuccess: enter });
  if (half) return <SecondStep onDone={enter} onBack={() => setHalf(false)} />;
  const error = entering.error ?? withKey.error;
  return (
    <Alone title={say('signIn.title')} intro={say('signIn.intro')} spoken>
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => {
            withKey.reset();
            entering.mutate(values);
          },
          (errors) => form.getInputNode(Object.keys(errors)[0]!)?.focus(),
        )}
      >
        <TextInput
          label={say('signIn.email')}
          type="email"
          autoComplete="username"
          autoFocus
          {...form.getInputProps('email')}
        />
        <PasswordInput
          label={say('signIn.password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': say('signIn.showPassword') }}
          {...form.getInputProps('password')}
        />
        {error && <ErrorNotice title={say('signIn.refused')} error={error} />}
        <Button type="submit" look="primary" busy={entering.isPending}>
          {say('signIn.title')}
        </Button>
        {passkeysWork() && (
          <Button
            busy={withKey.isPending}
            onClick={() => {
              entering.reset();
              withKey.mutate();
            }}
          >
            <KeyRound size={15} aria-hidden="true" />
            {say('signIn.withPasskey')}
          </Button>
        )}
      </form>
      <p className="foot">
        {setup.data?.demo ? (
          say('signIn.demo')
        ) : (
          <Link to="/reset-password" className="link">
            {say('signIn.forgotten')}
          </Link>
        )}
      </p>
    </Alone>
  );
}
