import '#web/styles/forms.css';
import { Modal, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Trash2 } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { weekday } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Annotation, annotationsKey } from './queries.ts';

const kinds: Record<Annotation['kind'], string> = {
  note: 'Note',
  post: 'Posted',
  release: 'Release',
  campaign: 'Campaign',
};

/** What happened on the days of the range, and a form for what nobody but the person knows. */
export function NotesDialog({
  appId,
  day,
  annotations,
  onClose,
}: {
  appId: string;
  day: string;
  annotations: readonly Annotation[];
  onClose: () => void;
}) {
  const form = useForm({ initialValues: { day, title: '', text: '' } });
  const adding = useChange(api.annotations.add, {
    refreshes: [annotationsKey],
    says: 'Noted',
    after: onClose,
  });
  const removing = useChange(api.annotations.remove, { refreshes: [annotationsKey], says: 'Note removed' });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Notes"
      centered
      size={460}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="form"
        onSubmit={form.onSubmit(({ day: on, title, text }) =>
          adding.mutate({ appId, day: on, title: title.trim(), ...(text.trim() ? { text: text.trim() } : {}) }),
        )}
      >
        <div className="pair note-pair">
          <TextInput label="What happened" data-autofocus maxLength={120} {...form.getInputProps('title')} />
          <TextInput type="date" label="On" {...form.getInputProps('day')} />
        </div>
        <Textarea label="More about it" autosize minRows={2} maxLength={2000} {...form.getInputProps('text')} />
        {adding.error && <ErrorNotice title="The note was not kept" error={adding.error} />}
        <div className="form-foot">
          <Button
            type="submit"
            look="primary"
            busy={adding.isPending}
            disabled={form.values.title.trim() === '' || form.values.day === ''}
          >
            Add note
          </Button>
        </div>
      </form>
      {annotations.length > 0 && (
        <section className="note-list">
          <h3>In this range</h3>
          <ul>
            {annotations.toReversed().map((annotation) => (
              <li
                key={
                  annotation.noteId ?? `${annotation.kind} ${annotation.postId} ${annotation.day} ${annotation.title}`
                }
              >
                <span className="num sub">{weekday(annotation.day, 'UTC')}</span>
                <span>
                  <span className="sub">{kinds[annotation.kind]}: </span>
                  {annotation.title}
                  {annotation.text && <span className="sub note-text">{annotation.text}</span>}
                </span>
                {annotation.noteId && (
                  <IconButton
                    label={`Remove the note “${annotation.title}”`}
                    disabled={removing.isPending}
                    onClick={() => annotation.noteId && removing.mutate({ noteId: annotation.noteId })}
                  >
                    <Trash2 size={14} strokeWidth={1.75} />
                  </IconButton>
                )}
              </li>
            ))}
          </ul>
          {removing.error && <ErrorNotice title="The note is still there" error={removing.error} />}
        </section>
      )}
    </Modal>
  );
}
