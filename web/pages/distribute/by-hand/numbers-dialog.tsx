import { Modal, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import type { Task } from './queries.ts';

const fields = [
  { key: 'views', label: 'Views' },
  { key: 'likes', label: 'Likes, points or votes' },
  { key: 'replies', label: 'Comments' },
  { key: 'reposts', label: 'Reposts or shares' },
] as const;

type Numbers = Record<(typeof fields)[number]['key'], number | null>;

/** Numbers that a platform shows to people only, as they are today. */
export function NumbersDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { views, likes, replies, reposts } = task.numbers;
  const [numbers, setNumbers] = useState<Numbers>({ views, likes, replies, reposts });
  const note = useChange(() => api.assisted.noteNumbers({ taskId: task.id, ...numbers }), {
    refreshes: [['assisted']],
    after: onClose,
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Numbers on ${task.platformName} today`}
      centered
      size={360}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <div className="stack" data-gap="small">
        {fields.map(({ key, label }) => (
          <NumberInput
            key={key}
            label={label}
            min={0}
            allowDecimal={false}
            thousandSeparator=","
            value={numbers[key] ?? ''}
            onChange={(value) => setNumbers({ ...numbers, [key]: typeof value === 'number' ? value : null })}
          />
        ))}
        {note.error && <ErrorNotice title="They were not noted" error={note.error} />}
      </div>
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          busy={note.isPending}
          disabled={Object.values(numbers).every((number) => number === null)}
          onClick={() => note.mutate(undefined)}
        >
          Note
        </Button>
      </div>
    </Modal>
  );
}
