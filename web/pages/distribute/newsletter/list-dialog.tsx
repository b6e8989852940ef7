import { Modal, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { ALL, type List } from './queries.ts';

const isAddress = (value: string) => /^\S+@\S+\.\S+$/.test(value.trim());

/** Makes a list, or changes one. */
export function ListDialog(props: { opened: boolean; appId: string; list?: List; onClose: () => void }) {
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={props.list ? 'Edit list' : 'New list'}
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <ListForm {...props} />
    </Modal>
  );
}

function ListForm({ appId, list, onClose }: { appId: string; list?: List; onClose: () => void }) {
  const [removing, setRemoving] = useState(false);
  const form = useForm({
    initialValues: {
      name: list?.name ?? '',
      fromAddress: list?.fromAddress ?? '',
      replyTo: list?.replyTo ?? '',
      postalAddress: list?.postalAddress ?? '',
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type a name; it is what people see as the sender'),
      fromAddress: (value) => (isAddress(value) ? null : 'Type the address the letters come from'),
      replyTo: (value) => (!value.trim() || isAddress(value) ? null : 'This is not an e-mail address'),
      postalAddress: (value) => (value.trim().length >= 5 ? null : 'Type a postal address; the law asks for it'),
    },
  });
  const refreshes = [ALL, ['accounts']];
  const making = useChange(api.mailingLists.create, { refreshes, says: 'List made', after: onClose });
  const saving = useChange(api.mailingLists.update, { refreshes, says: 'List saved', after: onClose });
  const leaving = useChange(api.mailingLists.remove, { refreshes, says: 'List removed', after: onClose });
  const error = making.error ?? saving.error ?? leaving.error;
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ name, fromAddress, replyTo, postalAddress }) => {
        const values = {
          name: name.trim(),
          fromAddress: fromAddress.trim(),
          replyTo: replyTo.trim() || null,
          postalAddress: postalAddress.trim(),
        };
        if (list) saving.mutate({ listId: list.id, ...values });
        else making.mutate({ appId, ...values });
      })}
    >
      <TextInput
        label="Name"
        description="People see it as the sender"
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput
        label="From address"
        description="One that your mail server may send from"
        type="email"
        {...form.getInputProps('fromAddress')}
      />
      <TextInput
        label="Answers go to"
        description="Empty: the from address"
        type="email"
        {...form.getInputProps('replyTo')}
      />
      <Textarea
        label="Postal address"
        description="Stands under each letter; the law of many countries asks for it"
        autosize
        minRows={2}
        {...form.getInputProps('postalAddress')}
      />
      {removing && (
        <p>
          The list and its subscribers are removed for good. Letters that were sent stay in the history; what is still
          due is not sent.
        </p>
      )}
      {error && <ErrorNotice error={error} />}
      <div className="dialog-actions">
        {list && !removing && (
          <Button look="quiet" onClick={() => setRemoving(true)}>
            Remove list
          </Button>
        )}
        {list && removing && (
          <Button look="danger" busy={leaving.isPending} onClick={() => leaving.mutate({ listId: list.id })}>
            Remove it for good
          </Button>
        )}
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="primary" busy={making.isPending || saving.isPending}>
          {list ? 'Save' : 'Make list'}
        </Button>
      </div>
    </form>
  );
}
