import { Modal, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Fingerprint, Plus } from 'lucide-react';
import { useState } from 'react';
import { addPasskey, passkeysWork } from '#web/account.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { day, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';

type Passkey = Awaited<ReturnType<typeof api.passkeys.list>>['passkeys'][number];

const passkeysQuery = {
  queryKey: ['passkeys.list'],
  queryFn: async () => (await api.passkeys.list({})).passkeys,
} as const;

export function PasskeysCard() {
  const passkeys = useQuery(passkeysQuery);
  const [adding, setAdding] = useState(false);
  const works = passkeysWork();
  const add = works && (
    <Button onClick={() => setAdding(true)}>
      <Plus size={15} aria-hidden="true" />
      Add a passkey
    </Button>
  );
  return (
    <Card title="Passkeys">
      <Loaded
        query={passkeys}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={3} />
          </div>
        }
      >
        {(all) =>
          all.length === 0 ? (
            <div className="card-body stack" data-gap="small">
              <p className="sub">
                {works
                  ? 'Sign in with your fingerprint, your face or a security key. There is nothing to type, so no false page can catch it.'
                  : 'Passkeys need an address with https, or “localhost” on this machine. Under this address the browser offers none.'}
              </p>
              {add && <div>{add}</div>}
            </div>
          ) : (
            <>
              <ul>
                {all.map((passkey) => (
                  <PasskeyRow key={passkey.id} value={passkey} />
                ))}
              </ul>
              {add && <div className="card-body">{add}</div>}
            </>
          )
        }
      </Loaded>
      <NewPasskey opened={adding} onClose={() => setAdding(false)} />
    </Card>
  );
}

function PasskeyRow({ value }: { value: Passkey }) {
  const [asking, setAsking] = useState(false);
  const removing = useChange(api.passkeys.remove, {
    refreshes: [passkeysQuery.queryKey],
    says: 'Passkey removed',
    after: () => setAsking(false),
  });
  const name = value.name ?? 'Passkey';
  return (
    <li className="account">
      <div className="account-head">
        <Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{name}</strong>
          <span className="sub">
            Added {day(value.createdAt)}, {value.synced ? 'on all your synced devices' : 'on one device'}
          </span>
        </div>
        <span className="sub num">{value.lastUsedAt ? `used ${relative(value.lastUsedAt)}` : 'never used'}</span>
        <Button size="small" look="danger" aria-label={`Remove ${name}`} onClick={() => setAsking(true)}>
          Remove
        </Button>
      </div>
      <ConfirmDialog
        opened={asking}
        title={`Remove “${name}”`}
        confirm="Remove passkey"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ passkeyId: value.id })}
        onClose={() => setAsking(false)}
      >
        Nobody signs in with it any more. Your password stays as it is.
      </ConfirmDialog>
    </li>
  );
}

function NewPasskey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const form = useForm({
    initialValues: { name: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : 'Say which device it is on, such as “Laptop”'),
      password: (value) => (value ? null : 'Type your password'),
    },
  });
  const close = () => {
    onClose();
    adding.reset();
    form.reset();
  };
  const adding = useChange(addPasskey, {
    refreshes: [passkeysQuery.queryKey],
    says: 'Passkey added',
    after: () => close(),
  });
  return (
    <Modal
      opened={opened}
      onClose={close}
      title="Add a passkey"
      centered
      size={420}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form className="form" noValidate onSubmit={form.onSubmit((values) => adding.mutate(values))}>
        <TextInput label="Which device" maxLength={60} data-autofocus {...form.getInputProps('name')} />
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
          {...form.getInputProps('password')}
        />
        <p className="sub">The browser then asks for your fingerprint, face or PIN.</p>
        {adding.error && <ErrorNotice title="The passkey was not added" error={adding.error} />}
        <div className="dialog-actions">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" look="primary" busy={adding.isPending}>
            Add passkey
          </Button>
        </div>
      </form>
    </Modal>
  );
}
