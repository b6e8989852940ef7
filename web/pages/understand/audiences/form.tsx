import { Modal, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { type Audience, knowledgeKey } from '#web/pages/understand/knowledge/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { traitKinds, traitWords } from './words.ts';

/** Who they are, in the person's words: one statement a line for each side of the profile. */
export function AudienceForm({
  appId,
  audience,
  onClose,
}: {
  appId: string;
  audience?: Audience;
  onClose: () => void;
}) {
  const lines = (kind: Audience['traits'][number]['kind']) =>
    (audience?.traits ?? [])
      .filter((trait) => trait.kind === kind)
      .map(({ statement }) => statement)
      .join('\n');
  const form = useForm({
    initialValues: {
      name: audience?.name ?? '',
      description: audience?.description ?? '',
      demographic: lines('demographic'),
      psychographic: lines('psychographic'),
      pain: lines('pain'),
      goal: lines('goal'),
      behaviour: lines('behaviour'),
    },
    validate: { name: (value) => (value.trim() ? null : 'Name them in two or three words') },
  });
  const saving = useChange(
    ({ name, description, ...sides }: typeof form.values) => {
      const traits = traitKinds.flatMap((kind) =>
        sides[kind]
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== '')
          .map((statement) => ({ kind, statement })),
      );
      const changes = { name, description, traits };
      return audience
        ? api.audiences.update({ audienceId: audience.id, ...changes })
        : api.audiences.add({ appId, ...changes });
    },
    { refreshes: [knowledgeKey(appId)], says: 'Audience saved', after: onClose },
  );
  return (
    <Modal
      opened
      onClose={onClose}
      title={audience ? 'Edit audience' : 'Add an audience'}
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form className="stack" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
        <TextInput label="Who they are" placeholder="Solo founders" data-autofocus {...form.getInputProps('name')} />
        <Textarea label="What they need" autosize minRows={2} {...form.getInputProps('description')} />
        {traitKinds.map((kind) => (
          <Textarea
            key={kind}
            label={traitWords[kind]}
            description="One a line"
            autosize
            minRows={1}
            {...form.getInputProps(kind)}
          />
        ))}
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}
