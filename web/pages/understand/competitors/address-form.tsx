import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { competitorsKey } from './queries.ts';

/** Asks for the address of a competitor that is known by name alone; with it, it is watched. */
export function AddressForm({ appId, competitorId, name }: { appId: string; competitorId: string; name: string }) {
  const form = useForm({
    initialValues: { url: '' },
    validate: { url: (value) => (value.trim() ? null : 'Type their address') },
  });
  const saving = useChange(api.competitors.update, {
    refreshes: [competitorsKey(appId)],
    says: `${name} is watched. Its pages are being read.`,
  });
  return (
    <form
      className="inline-form"
      noValidate
      onSubmit={form.onSubmit(({ url }) => saving.mutate({ competitorId, url }))}
    >
      <TextInput aria-label={`Address of ${name}`} placeholder="competitor.example" {...form.getInputProps('url')} />
      <Button type="submit" busy={saving.isPending}>
        Watch
      </Button>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
    </form>
  );
}
