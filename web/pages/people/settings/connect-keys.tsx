import { PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { accountsKey, type Platform } from './account-queries.ts';

/** Connecting with keys copied from the platform's own settings. The platform is asked whose they are before they are kept. */
export function ConnectWithKeys({ platform, onConnected }: { platform: Platform; onConnected: () => void }) {
  const form = useForm({
    initialValues: Object.fromEntries(platform.keys.map((field) => [field.name, ''])),
    validate: (values) =>
      Object.fromEntries(
        platform.keys
          .filter((field) => !field.optional && !values[field.name]?.trim())
          .map((field) => [field.name, 'Fill this in']),
      ),
  });
  const connecting = useChange(api.accounts.connectWithKeys, {
    refreshes: [accountsKey],
    says: `${platform.name} connected`,
    after: () => {
      form.reset();
      onConnected();
    },
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit((values) => connecting.mutate({ platform: platform.id, keys: filled(values) }))}
    >
      {platform.keys.map((field) => {
        const Field = field.secret ? PasswordInput : TextInput;
        return (
          <Field
            key={field.name}
            label={field.optional ? `${field.label} (optional)` : field.label}
            description={field.help}
            placeholder={field.example}
            autoComplete="off"
            spellCheck={false}
            {...(field.secret ? { visibilityToggleButtonProps: { 'aria-label': `Show ${field.label}` } } : {})}
            {...form.getInputProps(field.name)}
          />
        );
      })}
      {connecting.error && <ErrorNotice title="Not connected" error={connecting.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={connecting.isPending}>
          Connect {platform.name}
        </Button>
        <span className="sub">Secrets are stored sealed and never shown again.</span>
      </div>
    </form>
  );
}

/** Connecting to one of many servers: its page of consent opens, no developer app is needed. */
export function ConnectAtServer({ platform, returnTo }: { platform: Platform; returnTo: string }) {
  const form = useForm({
    initialValues: { server: '' },
    validate: { server: (value) => (value.trim() ? null : 'Which server is your account on?') },
  });
  const connecting = useChange(api.accounts.connect, { refreshes: [], after: ({ url }) => location.assign(url) });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ server }) =>
        connecting.mutate({ platform: platform.id, server: serverOf(server), returnTo }),
      )}
    >
      <TextInput
        label="Server"
        description="The part of your address after the second @, or the whole address"
        placeholder="mastodon.social"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps('server')}
      />
      {connecting.error && <ErrorNotice title="The server was not reached" error={connecting.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={connecting.isPending}>
          Connect {platform.name}
        </Button>
      </div>
    </form>
  );
}

/** A whole address such as @maya@mastodon.social names its server. */
function serverOf(typed: string): string {
  return /^@?[^@\s/]+@([^@\s/]+)$/.exec(typed.trim())?.[1] ?? typed;
}

function filled(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));
}
