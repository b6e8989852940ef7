import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { channelsKey } from '#web/pages/distribute/links/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Channel, kindWords, statusWords } from './words.ts';

/** A channel of one's own, or a channel's state and next step. */
export function ChannelForm({ appId, channel, onClose }: { appId: string; channel?: Channel; onClose: () => void }) {
  const form = useForm({
    initialValues: {
      name: channel?.name ?? '',
      kind: channel?.kind ?? ('community' as Channel['kind']),
      status: channel?.status ?? ('idea' as Channel['status']),
      url: channel?.url ?? '',
      nextStep: channel?.nextStep ?? '',
      nextStepOn: channel?.nextStepOn ?? '',
      customs: channel?.customs ?? '',
      limits: channel?.limits ?? '',
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type a name'),
      url: (value) => (value && !/^https?:\/\/\S+$/.test(value) ? 'An address with https://, or leave it empty' : null),
    },
  });
  const saving = useChange(
    async ({ url, nextStep, nextStepOn, ...values }: typeof form.values) => {
      const told = { url: url || null, nextStep: nextStep.trim() || null, nextStepOn: nextStepOn || null };
      if (channel) await api.channels.update({ channelId: channel.id, ...values, ...told });
      else await api.channels.create({ appId, ...values, ...told });
    },
    { refreshes: [channelsKey], says: channel ? 'Channel saved' : 'Channel added', after: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={channel ? 'Change channel' : 'New channel'}
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form className="stack" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <TextInput label="Name" maxLength={120} data-autofocus {...form.getInputProps('name')} />
        <div className="pair">
          <NativeSelect
            label="Kind"
            data={Object.entries(kindWords).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('kind')}
          />
          <NativeSelect
            label="State"
            data={Object.entries(statusWords).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('status')}
          />
        </div>
        <TextInput
          label="Address"
          description="Visits that come from there without a link of yours are counted for it"
          placeholder="https://"
          {...form.getInputProps('url')}
        />
        <div className="pair">
          <TextInput label="Next step" maxLength={500} {...form.getInputProps('nextStep')} />
          <TextInput label="By" type="date" {...form.getInputProps('nextStepOn')} />
        </div>
        {!channel?.place && (
          <>
            <Textarea label="What is usual there" autosize minRows={2} {...form.getInputProps('customs')} />
            <Textarea label="Limits" autosize minRows={2} {...form.getInputProps('limits')} />
          </>
        )}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            {channel ? 'Save channel' : 'Add channel'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
