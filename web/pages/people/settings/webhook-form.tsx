import { Modal, MultiSelect, Radio, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { activitiesQuery, type Webhook, webhooksQuery } from './webhook-queries.ts';

type Chosen = Parameters<typeof api.webhooks.create>[0]['activities'];

/** Adds a webhook and shows its secret once, or changes one. */
export function WebhookDialog({ webhook, onClose }: { webhook?: Webhook; onClose: () => void }) {
  const known = useQuery(activitiesQuery);
  const [secret, setSecret] = useState<string | null>(null);
  const form = useForm({
    initialValues: {
      name: webhook?.name ?? '',
      url: webhook?.url ?? '',
      which: webhook && !webhook.activities.includes('*') ? 'some' : 'all',
      names: webhook?.activities.filter((name) => name !== '*') ?? [],
    },
    validate: {
      url: (value) => (value.trim() ? null : 'Enter the address of your program'),
      names: (value, { which }) => (which === 'all' || value.length > 0 ? null : 'Choose at least one'),
    },
  });
  const refreshes = [webhooksQuery.queryKey];
  const adding = useChange(api.webhooks.create, { refreshes, after: (added) => setSecret(added.secret) });
  const changing = useChange(api.webhooks.update, { refreshes, says: 'Saved', after: onClose });
  const error = adding.error ?? changing.error;
  return (
    <Dialog title={secret ? 'Its secret' : webhook ? 'Edit the webhook' : 'Add a webhook'} onClose={onClose}>
      {secret ? (
        <Secret secret={secret} onClose={onClose} />
      ) : (
        <form
          className="form"
          noValidate
          onSubmit={form.onSubmit(({ name, url, which, names }) => {
            const input = {
              name: name.trim(),
              url: url.trim(),
              activities: (which === 'all' ? ['*'] : names) as Chosen,
            };
            if (webhook) changing.mutate({ webhookId: webhook.id, ...input });
            else adding.mutate(input);
          })}
        >
          <TextInput
            label="Address"
            description="Gets signed JSON by POST. A public https address; redirects are not followed"
            placeholder="https://example.com/hooks/fanfare"
            data-autofocus
            autoComplete="off"
            {...form.getInputProps('url')}
          />
          <TextInput label="Name" description="Optional, for this list" {...form.getInputProps('name')} />
          <Radio.Group label="What it is told of" {...form.getInputProps('which')}>
            <div className="stack" data-gap="small">
              <Radio value="all" label="Everything, also what later versions add" />
              <Radio value="some" label="What I choose" />
            </div>
          </Radio.Group>
          {form.values.which === 'some' && (
            <MultiSelect
              label="Activities"
              data={grouped(known.data ?? [])}
              searchable
              clearable
              hidePickedOptions
              maxDropdownHeight={260}
              nothingFoundMessage="No activity has these words"
              renderOption={({ option }) => (
                <span className="webhook-option">
                  <code>{option.value}</code>
                  <span className="sub">{known.data?.find(({ name }) => name === option.value)?.says}</span>
                </span>
              )}
              {...form.getInputProps('names')}
            />
          )}
          {error && <ErrorNotice title={webhook ? 'Not saved' : 'Not added'} error={error} />}
          <div className="form-foot">
            <Button type="submit" look="primary" busy={adding.isPending || changing.isPending}>
              {webhook ? 'Save' : 'Add it'}
            </Button>
            <Button look="quiet" onClick={onClose}>
              Cancel
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** Makes another secret, after saying what that does. */
export function SecretDialog({ webhookId, name, onClose }: { webhookId: string; name: string; onClose: () => void }) {
  const { timeZone } = useHouse();
  const making = useChange(api.webhooks.rotate, { refreshes: [webhooksQuery.queryKey] });
  return (
    <Dialog title={`A new secret for ${name}`} onClose={onClose}>
      {making.data ? (
        <Secret
          secret={making.data.secret}
          note={`Until ${dateTime(making.data.previousUntil, timeZone)} notes are signed with both.`}
          onClose={onClose}
        />
      ) : (
        <div className="stack" data-gap="small">
          <p>
            For a day each note carries two signatures, one of the old secret and one of the new. Put the new one into
            your program within that day. If the old one has leaked, remove the webhook and add it again instead.
          </p>
          {making.error && <ErrorNotice title="No new secret was made" error={making.error} />}
          <div className="form-foot">
            <Button look="primary" data-autofocus busy={making.isPending} onClick={() => making.mutate({ webhookId })}>
              Make a new secret
            </Button>
            <Button look="quiet" onClick={onClose}>
              Cancel
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Secret({ secret, note = '', onClose }: { secret: string; note?: string; onClose: () => void }) {
  return (
    <div className="stack" data-gap="small">
      <p>Your program verifies with this secret that a note is from here. It is not shown again. {note}</p>
      <CopyField label="signing secret" value={secret} />
      <div className="form-foot">
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </div>
  );
}

function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ReactNode }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={500}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {children}
    </Modal>
  );
}

function grouped(activities: { name: string; says: string }[]) {
  const groups = Map.groupBy(activities, ({ name }) => name.split('.')[0]!.replaceAll('_', ' '));
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([group, items]) => ({ group, items: items.map(({ name }) => ({ value: name, label: name })) }));
}
