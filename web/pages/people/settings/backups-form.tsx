import { Modal, NativeSelect, NumberInput, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Backups, backupsQuery } from './backups-query.ts';

type Settings = Backups['settings'];

/** The day's hour, how many are kept, and the passphrase. */
export function BackupsDialog({ settings, onClose }: { settings: Settings; onClose: () => void }) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const form = useForm({
    initialValues: {
      hour: settings.hour === null ? '' : String(settings.hour),
      timeZone: settings.timeZone,
      keep: settings.keep as number | string,
      encryption: settings.encrypted ? 'same' : 'none',
      passphrase: '',
    },
    validate: {
      keep: (value) => (Number(value) >= 1 && Number(value) <= 365 ? null : 'Between 1 and 365'),
      passphrase: (value, { encryption }) =>
        encryption !== 'new' || value.length >= 12 ? null : 'At least 12 characters; a sentence is best',
    },
  });
  const saving = useChange(api.backups.configure, {
    refreshes: [backupsQuery.queryKey],
    says: 'Saved',
    after: onClose,
  });
  const zones = [...new Set([settings.timeZone, own, 'UTC'])];
  const { encryption } = form.values;
  return (
    <Modal
      opened
      onClose={onClose}
      title="When backups are made"
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="form"
        noValidate
        onSubmit={form.onSubmit(({ hour, timeZone, keep, passphrase }) =>
          saving.mutate({
            hour: hour === '' ? null : Number(hour),
            timeZone,
            keep: Number(keep),
            ...(encryption === 'new' ? { passphrase } : encryption === 'none' ? { passphrase: null } : {}),
          }),
        )}
      >
        <NativeSelect
          label="Every day at"
          data={[
            { value: '', label: 'Never by themselves' },
            ...Array.from({ length: 24 }, (_, hour) => ({
              value: String(hour),
              label: `${String(hour).padStart(2, '0')}:00`,
            })),
          ]}
          {...form.getInputProps('hour')}
        />
        <NativeSelect label="Time zone" data={zones} {...form.getInputProps('timeZone')} />
        <NumberInput label="How many are kept" min={1} max={365} {...form.getInputProps('keep')} />
        <NativeSelect
          label="Encryption"
          data={[
            ...(settings.encrypted ? [{ value: 'same', label: 'Encrypted, with the passphrase as it is' }] : []),
            { value: 'new', label: settings.encrypted ? 'Encrypted, with a new passphrase' : 'Encrypted' },
            { value: 'none', label: 'Not encrypted' },
          ]}
          {...form.getInputProps('encryption')}
        />
        {encryption === 'new' && (
          <PasswordInput
            label="Passphrase"
            description="Keep it somewhere else as well. A backup does not open without it."
            autoComplete="new-password"
            {...form.getInputProps('passphrase')}
          />
        )}
        {saving.error && <ErrorNotice title="This was not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" busy={saving.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}
