import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Globe } from 'lucide-react';
import { api } from '#web/api.ts';
import { appsQuery } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

/** The first field of the product: the address of the app. */
export function Address({ onRegistered }: { onRegistered: (appId: string) => void }) {
  const form = useForm({
    initialValues: { url: '' },
    validate: { url: (value) => (value.trim() ? null : 'Type the address of your app’s page') },
  });
  const registering = useChange(
    async ({ url }: { url: string }) => {
      const { id: appId } = await api.apps.register({ url });
      await api.analyses.start({ appId });
      return appId;
    },
    { refreshes: [appsQuery.queryKey], after: onRegistered },
  );
  return (
    <Card title="Your app">
      <EmptyState
        title="What do you want people to find?"
        action={
          <form
            className="inline-form welcome-address"
            noValidate
            onSubmit={form.onSubmit((values) => registering.mutate(values))}
          >
            <TextInput
              aria-label="Address of your app"
              placeholder="outpost.example"
              type="text"
              inputMode="url"
              autoCapitalize="none"
              autoComplete="url"
              spellCheck={false}
              autoFocus
              leftSection={<Globe size={15} aria-hidden="true" />}
              {...form.getInputProps('url')}
            />
            <Button type="submit" look="primary" busy={registering.isPending}>
              Read it
            </Button>
            {registering.error && <ErrorNotice title="This address was not taken" error={registering.error} />}
          </form>
        }
      >
        Type your app’s address. Fanfare reads its pages and says what it is and for whom, each with the words it has
        that from.
      </EmptyState>
    </Card>
  );
}
