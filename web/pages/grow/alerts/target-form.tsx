import { Modal, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Target, targetsQuery } from './queries.ts';
import { targetWords } from './words.ts';

type Field = 'address' | 'token' | 'channel' | 'chat';
type Choice = Target['kind'] | 'slackBot';

const fields: Record<Choice, { name: Field; label: string; help?: string; isSecret?: true }[]> = {
  app: [],
  email: [{ name: 'address', label: 'E-mail address', help: 'Goes out by the mail server in the settings' }],
  slack: [
    {
      name: 'address',
      label: 'Webhook address',
      help: 'In Slack: your app, Incoming Webhooks, Add New Webhook to Workspace',
      isSecret: true,
    },
  ],
  slackBot: [
    { name: 'token', label: 'Bot token', help: 'Begins with xoxb-; needs the scope chat:write', isSecret: true },
    { name: 'channel', label: 'Channel id', help: 'Stands at the end of the channel’s details, such as C0123456789' },
  ],
  discord: [
    {
      name: 'address',
      label: 'Webhook address',
      help: 'In Discord: the channel’s settings, Integrations, Webhooks, New webhook',
      isSecret: true,
    },
  ],
  telegram: [
    { name: 'token', label: 'Bot token', help: 'From @BotFather', isSecret: true },
    { name: 'chat', label: 'Chat', help: 'The @name of a channel or group, or an id' },
  ],
  webhook: [
    { name: 'address', label: 'Address', help: 'Gets signed JSON by POST (Standard Webhooks)', isSecret: true },
  ],
};
const choices: { value: Choice; label: string }[] = [
  { value: 'email', label: targetWords.email },
  { value: 'slack', label: 'Slack, by webhook' },
  { value: 'slackBot', label: 'Slack, by bot' },
  { value: 'discord', label: targetWords.discord },
  { value: 'telegram', label: targetWords.telegram },
  { value: 'webhook', label: 'Webhook of your own' },
  { value: 'app', label: targetWords.app },
];

/** Adds a place. What is secret of it is sealed; a webhook's signing secret is shown here, once. */
export function TargetDialog({ onClose }: { onClose: () => void }) {
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm({
    initialValues: { kind: 'email' as Choice, address: '', token: '', channel: '', chat: '' },
  });
  const adding = useChange(api.alertTargets.create, {
    refreshes: [targetsQuery.queryKey],
    says: 'Added; send a test to see that it arrives',
    after: (added) => (added.secret ? setSecret(added.secret) : onClose()),
  });
  const { kind } = form.values;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add a place"
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {secret ? (
        <div className="stack" data-gap="small">
          <p>The receiver checks with this secret that an alert is yours. It is not shown again.</p>
          <CopyField label="signing secret" value={secret} />
          <div className="form-foot">
            <Button look="primary" onClick={onClose}>
              I have kept it
            </Button>
          </div>
        </div>
      ) : (
        <form
          className="form"
          noValidate
          onSubmit={form.onSubmit((values) => {
            const given = fields[kind].map(({ name }) => [name, values[name].trim()]);
            adding.mutate({ kind: kind === 'slackBot' ? 'slack' : kind, ...Object.fromEntries(given) });
          })}
        >
          <NativeSelect label="How" data={choices} data-autofocus {...form.getInputProps('kind')} />
          {fields[kind].map(({ name, label, help, isSecret }) => {
            const Input = isSecret ? PasswordInput : TextInput;
            return (
              <Input
                key={`${kind} ${name}`}
                label={label}
                description={isSecret ? `${help}. Stored sealed, never shown again` : help}
                autoComplete="off"
                {...form.getInputProps(name)}
              />
            );
          })}
          {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
          <div className="form-foot">
            <Button type="submit" look="primary" busy={adding.isPending}>
              Add it
            </Button>
            <Button look="quiet" onClick={onClose}>
              Cancel
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}
