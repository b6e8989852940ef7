import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { accountsKey } from './account-queries.ts';

/** An account of the sandbox: the handle is one's own choice. */
export function ConnectSandbox({ onConnected }: { onConnected?: () => void }) {
  const form = useForm({
    initialValues: { handle: '' },
    validate: {
      handle: (value) =>
        /^@?[A-Za-z0-9_]{1,15}$/.test(value) ? null : 'Up to 15 letters, digits or underscores, such as mayabuilds',
    },
  });
  const connecting = useChange(api.accounts.connectSandbox, {
    refreshes: [accountsKey],
    says: 'Sandbox connected',
    after: () => {
      form.reset();
      onConnected?.();
    },
  });
  return (
    <form className="inline-form" noValidate onSubmit={form.onSubmit((values) => connecting.mutate(values))}>
      <TextInput
        aria-label="Handle"
        leftSection={<PlatformIcon platform="sandbox" decorative />}
        placeholder="mayabuilds"
        autoComplete="off"
        {...form.getInputProps('handle')}
      />
      <Button type="submit" busy={connecting.isPending}>
        Connect sandbox
      </Button>
      {connecting.error && <ErrorNotice title="Not connected" error={connecting.error} />}
    </form>
  );
}
