import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { verifyCode, verifyRecoveryCode } from '#web/account.ts';
import { Alone } from '#web/parts/alone.tsx';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

/** After the password: the code of the app, or one of the codes that were put away for this. */
export function SecondStep({ onDone, onBack }: { onDone: () => Promise<void>; onBack: () => void }) {
  const [lost, setLost] = useState(false);
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (value) => (value.trim() ? null : 'Type the code') },
  });
  const verifying = useMutation({
    mutationFn: ({ code }: { code: string }) =>
      lost ? verifyRecoveryCode(code.trim()) : verifyCode(code.replaceAll(/\s/g, '')),
    onSuccess: onDone,
  });
  return (
    <Alone
      title={lost ? 'Use a recovery code' : 'One more step'}
      intro={lost ? 'Each of the ten is good once.' : 'Type the six digits from your authenticator app.'}
    >
      <form
        noValidate
        onSubmit={form.onSubmit(
          (values) => verifying.mutate(values),
          () => form.getInputNode('code')?.focus(),
        )}
      >
        <TextInput
          key={String(lost)}
          label={lost ? 'Recovery code' : 'Code'}
          className="mono"
          autoComplete={lost ? 'off' : 'one-time-code'}
          inputMode={lost ? 'text' : 'numeric'}
          maxLength={lost ? 20 : 9}
          spellCheck={false}
          autoFocus
          {...form.getInputProps('code')}
        />
        {verifying.error && <ErrorNotice title="You are not signed in" error={verifying.error} />}
        <Button type="submit" look="primary" busy={verifying.isPending}>
          Sign in
        </Button>
        <Button
          onClick={() => {
            verifying.reset();
            form.reset();
            setLost(!lost);
          }}
        >
          {lost ? 'Use the app instead' : 'I do not have the app at hand'}
        </Button>
        <Button look="quiet" onClick={onBack}>
          Sign in as somebody else
        </Button>
      </form>
    </Alone>
  );
}
