import { NativeSelect, NumberInput, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

type Settings = Awaited<ReturnType<typeof api.mail.show>>['settings'];
type Encryption = NonNullable<Settings>['encryption'];

const mailQuery = { queryKey: ['mail.show'], queryFn: () => api.mail.show({}) } as const;

export function MailSection() {
  const mail = useQuery(mailQuery);
  return (
    <Loaded query={mail} title="The mail settings did not load" skeleton={<SkeletonCard height={480} />}>
      {({ settings }) => (
        <>
          {settings ? (
            <TestCard settings={settings} />
          ) : (
            <Notice title="No mail is sent yet">
              Newsletters, reports and alerts go out by a mail server of yours: your provider’s, or a service for
              sending mail. You find host, user and password in its help under “SMTP”.
            </Notice>
          )}
          <Card title="Mail server" padded>
            <MailForm key={settings?.updatedAt.toISOString() ?? 'new'} settings={settings} />
          </Card>
        </>
      )}
    </Loaded>
  );
}

function TestCard({ settings }: { settings: NonNullable<Settings> }) {
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => api.mail.test({}),
    onSuccess: () => queries.invalidateQueries({ queryKey: mailQuery.queryKey }),
  });
  return (
    <Card
      title="Does it work?"
      sub={
        settings.confirmedAt ? (
          <StatusBadge status="connected" word="Works" />
        ) : (
          <StatusBadge status="unknown" word="Not tested" />
        )
      }
      padded
    >
      <div className="stack" data-gap="small">
        <p>
          {settings.confirmedAt
            ? `The server took a test mail ${relative(settings.confirmedAt)}.`
            : 'Send a mail to yourself to see whether the server takes it.'}
        </p>
        {test.data?.sent && <p role="status">{test.data.message}</p>}
        {test.data && !test.data.sent && (
          <Notice tone="neg" title="The mail was not taken">
            {test.data.message}
          </Notice>
        )}
        {test.error && <ErrorNotice title="The mail was not sent" error={test.error} />}
        <div>
          <Button busy={test.isPending} onClick={() => test.mutate()}>
            Send a test mail
          </Button>
        </div>
      </div>
    </Card>
  );
}

function MailForm({ settings }: { settings: Settings }) {
  const [clearing, setClearing] = useState(false);
  const form = useForm({
    initialValues: {
      host: settings?.host ?? '',
      port: (settings?.port ?? 587) as number | string,
      encryption: (settings?.encryption ?? 'starttls') as Encryption,
      username: settings?.username ?? '',
      password: '',
      fromAddress: settings?.fromAddress ?? '',
      fromName: settings?.fromName ?? '',
      perMinute: (settings?.perMinute ?? 60) as number | string,
    },
    validate: {
      host: (value) => (value.trim() ? null : 'Type the server’s name, such as smtp.example.com'),
      fromAddress: (value) => (/^\S+@\S+\.\S+$/.test(value.trim()) ? null : 'Type the address your mails come from'),
      port: (value) => (Number(value) >= 1 && Number(value) <= 65_535 ? null : 'Type a port, usually 465 or 587'),
      perMinute: (value) => (Number(value) >= 1 ? null : 'Type how many mails the server takes in a minute'),
    },
  });
  const saving = useChange(api.mail.set, {
    refreshes: [mailQuery.queryKey, ['mailing-lists']],
    says: 'Mail server saved',
  });
  const leaving = useChange(api.mail.clear, {
    refreshes: [mailQuery.queryKey, ['mailing-lists']],
    says: 'Mail server forgotten',
    after: () => setClearing(false),
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ host, port, encryption, username, password, fromAddress, fromName, perMinute }) =>
        saving.mutate({
          host: host.trim(),
          port: Number(port),
          encryption,
          username: username.trim() || null,
          ...(password ? { password } : {}),
          fromAddress: fromAddress.trim(),
          fromName: fromName.trim() || null,
          perMinute: Number(perMinute),
        }),
      )}
    >
      <TextInput label="Host" placeholder="smtp.example.com" autoComplete="off" {...form.getInputProps('host')} />
      <div className="pair">
        <NativeSelect
          label="Encryption"
          data={[
            { value: 'starttls', label: 'STARTTLS (usually port 587)' },
            { value: 'tls', label: 'TLS (usually port 465)' },
            { value: 'none', label: 'None, without a password' },
          ]}
          value={form.values.encryption}
          onChange={(event) => {
            const encryption = event.currentTarget.value as Encryption;
            form.setFieldValue('encryption', encryption);
            if ([465, 587].includes(Number(form.values.port)) && encryption !== 'none')
              form.setFieldValue('port', encryption === 'tls' ? 465 : 587);
          }}
        />
        <NumberInput label="Port" min={1} max={65_535} hideControls {...form.getInputProps('port')} />
      </div>
      <div className="pair">
        <TextInput label="User" autoComplete="off" {...form.getInputProps('username')} />
        <PasswordInput
          label="Password"
          description={settings?.passwordIsSet ? 'Stored. Leave empty to keep it.' : 'Stored sealed, never shown again'}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
      </div>
      <div className="pair">
        <TextInput
          label="From address"
          type="email"
          placeholder="hello@example.com"
          {...form.getInputProps('fromAddress')}
        />
        <TextInput label="From name" {...form.getInputProps('fromName')} />
      </div>
      <NumberInput
        label="Mails a minute"
        description="Look for your provider’s sending limit; the rest waits its turn"
        min={1}
        max={10_000}
        hideControls
        {...form.getInputProps('perMinute')}
      />
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={saving.isPending}>
          Save mail server
        </Button>
        {settings && (
          <Button look="quiet" onClick={() => setClearing(true)}>
            Stop sending mail
          </Button>
        )}
      </div>
      <ConfirmDialog
        opened={clearing}
        title="Stop sending mail"
        confirm="Stop sending"
        danger
        busy={leaving.isPending}
        error={leaving.error}
        onConfirm={() => leaving.mutate({})}
        onClose={() => setClearing(false)}
      >
        The stored password is removed. Letters that are due wait until a server is set again.
      </ConfirmDialog>
    </form>
  );
}
