import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { factGroups } from '#src/understand/knowledge/groups.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Kind, knowledgeKey } from './queries.ts';
import { kindWords } from './words.ts';

/** A fact in one's own words, with or without the words it rests on. */
export function AddFact({ appId, kind, onClose }: { appId: string; kind: Kind; onClose: () => void }) {
  const form = useForm({
    initialValues: { kind, statement: '', quote: '', url: '' },
    validate: {
      statement: (value) => (value.trim() ? null : 'Type what is true of your app'),
      url: (value, { quote }) =>
        quote && !/^https?:\/\//.test(value) ? 'Type the page’s address, with https://' : null,
      quote: (value, { url }) => (url && !value.trim() ? 'Copy the words from that page' : null),
    },
  });
  const adding = useChange(api.knowledge.add, { refreshes: [knowledgeKey(appId)], says: 'Fact added', after: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add a fact"
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        noValidate
        onSubmit={form.onSubmit(({ quote, url, ...values }) =>
          adding.mutate({ appId, ...values, ...(quote ? { evidence: { quote, url } } : {}) }),
        )}
      >
        <NativeSelect
          label="Kind"
          data={factGroups.map((group) => ({
            group: group.title,
            items: group.kinds.map((value) => ({ value, label: kindWords[value] })),
          }))}
          {...form.getInputProps('kind')}
        />
        <Textarea label="What is true" autosize minRows={2} data-autofocus {...form.getInputProps('statement')} />
        <Textarea
          label="Words it rests on"
          description="Optional. A claim with a source makes a better post."
          autosize
          minRows={1}
          {...form.getInputProps('quote')}
        />
        {form.values.quote && <TextInput label="Page with these words" type="url" {...form.getInputProps('url')} />}
        {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={adding.isPending}>
            Add fact
          </Button>
        </div>
      </form>
    </Modal>
  );
}
