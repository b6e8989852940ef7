import { Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { day, relative } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

type Key = Awaited<ReturnType<typeof api.keys.list>>['keys'][number];
type Scope = Key['scopes'][number];

const keysQuery = { queryKey: ['keys.list'], queryFn: async () => (await api.keys.list({})).keys } as const;

export function KeysSection() {
  const keys = useQuery(keysQuery);
  const [making, setMaking] = useState(false);
  const make = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden="true" />
      Make a key
    </Button>
  );
  return (
    <>
      <Card
        title="API keys"
        action={
          <LinkButton to="/reference" look="quiet" size="small">
            API reference
          </LinkButton>
        }
      >
        <Loaded
          query={keys}
          skeleton={
            <div className="card-body">
              <SkeletonLines lines={4} />
            </div>
          }
        >
          {(all) =>
            all.length === 0 ? (
              <EmptyState title="No keys yet" ghost={false} action={make}>
                A key lets your own programs, the command line on another machine or an assistant use this workspace.
              </EmptyState>
            ) : (
              <>
                <ul>
                  {all.map((key) => (
                    <KeyRow key={key.id} value={key} />
                  ))}
                </ul>
                <div className="card-body">{make}</div>
              </>
            )
          }
        </Loaded>
      </Card>
      <NewKey opened={making} onClose={() => setMaking(false)} />
    </>
  );
}

function KeyRow({ value }: { value: Key }) {
  const [asking, setAsking] = useState(false);
  const revoking = useChange(api.keys.revoke, {
    refreshes: [keysQuery.queryKey],
    says: 'Key revoked',
    after: () => setAsking(false),
  });
  const ended = value.revokedAt ?? (value.expiresAt && value.expiresAt < new Date() ? value.expiresAt : null);
  return (
    <li className="account">
      <div className="account-head">
        <KeyRound size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{value.name}</strong>
          <span className="sub">
            <code>{value.prefix}…</code> may{' '}
            {value.scopes.map((scope) => scopeWords[scope][0].toLowerCase()).join(', ')}
          </span>
        </div>
        <span className="sub num">
          {value.lastUsedAt ? `used ${relative(value.lastUsedAt)}` : 'never used'}
          {!ended && value.expiresAt && `, until ${day(value.expiresAt)}`}
        </span>
        {ended ? (
          <StatusBadge status="withdrawn" word={value.revokedAt ? 'Revoked' : 'Expired'} />
        ) : (
          <Button size="small" look="danger" onClick={() => setAsking(true)}>
            Revoke
          </Button>
        )}
      </div>
      <ConfirmDialog
        opened={asking}
        title={`Revoke “${value.name}”`}
        confirm="Revoke key"
        danger
        busy={revoking.isPending}
        error={revoking.error}
        onConfirm={() => revoking.mutate({ keyId: value.id })}
        onClose={() => setAsking(false)}
      >
        Programs that use it are refused from this moment. It cannot be brought back.
      </ConfirmDialog>
    </li>
  );
}

function NewKey({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const form = useForm({
    initialValues: { name: '', scopes: ['read'] as Scope[], days: '90' },
    validate: {
      name: (value) => (value.trim() ? null : 'Say what it is for, such as “Deploy script”'),
      scopes: (value) => (value.length > 0 ? null : 'Choose at least one'),
    },
  });
  const making = useChange(api.keys.create, { refreshes: [keysQuery.queryKey] });
  const close = () => {
    onClose();
    making.reset();
    form.reset();
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={making.data ? 'Your new key' : 'Make a key'}
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {making.data ? (
        <div className="stack">
          <p>Copy it now. Only its fingerprint is kept, so it is not shown again.</p>
          <CopyField label="API key" value={making.data.key} />
          <div className="dialog-actions">
            <Button look="primary" onClick={close}>
              I have copied it
            </Button>
          </div>
        </div>
      ) : (
        <form
          className="form"
          noValidate
          onSubmit={form.onSubmit(({ name, scopes, days }) =>
            making.mutate({ name, scopes, ...(days ? { expiresAt: inDays(Number(days)) } : {}) }),
          )}
        >
          <TextInput label="What it is for" data-autofocus {...form.getInputProps('name')} />
          <Checkbox.Group label="What it may do" {...form.getInputProps('scopes')}>
            <div className="stack" data-gap="small">
              {(Object.keys(scopeWords) as Scope[]).map((scope) => (
                <Checkbox key={scope} value={scope} label={scopeWords[scope][0]} description={scopeWords[scope][1]} />
              ))}
            </div>
          </Checkbox.Group>
          <NativeSelect
            label="Until"
            data={[
              { value: '30', label: '30 days from now' },
              { value: '90', label: '90 days from now' },
              { value: '365', label: 'A year from now' },
              { value: '', label: 'Revoked by hand' },
            ]}
            {...form.getInputProps('days')}
          />
          {making.error && <ErrorNotice title="The key was not made" error={making.error} />}
          <div className="dialog-actions">
            <Button onClick={close}>Cancel</Button>
            <Button type="submit" look="primary" busy={making.isPending}>
              Make key
            </Button>
          </div>
        </form>
      )}
    </Modal>
  );
}

const scopeWords: Record<Scope, [label: string, description: string]> = {
  read: ['Read', 'Look at everything in this workspace'],
  write: ['Write', 'Change what can be changed back: drafts, facts, plans'],
  destructive: ['Destroy and publish', 'Remove, spend, or publish for good'],
  events: ['Send events', 'Report signups and other events from your server'],
};

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}
