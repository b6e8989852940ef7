import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { RecurrenceWords, recurrencesQuery } from './recurrence-words.tsx';

/** What comes again, and the way to stop it. */
export function RecurrencesDialog({ onClose }: { onClose: () => void }) {
  const app = useApp();
  const list = useQuery(recurrencesQuery(app.id));
  const stopping = useChange(api.calendar.stopRecurrence, {
    refreshes: [['calendar'], ['posts'], ['publications']],
    says: 'It does not come again',
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title="What comes again"
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <Loaded query={list}>
        {({ recurrences }) =>
          recurrences.length === 0 ? (
            <p className="sub">
              Nothing does yet. Open the menu of a post in the calendar and choose “Let it come again”.
            </p>
          ) : (
            <ul className="stack">
              {recurrences.map((one) => (
                <li key={one.id} className="recurrence">
                  <div>
                    <Link to="/posts/$postId" params={{ postId: one.post.id }} className="clip" onClick={onClose}>
                      {one.post.title}
                    </Link>
                    <RecurrenceWords one={one} />
                  </div>
                  <Button
                    size="small"
                    busy={stopping.isPending && stopping.variables?.recurrenceId === one.id}
                    onClick={() => stopping.mutate({ recurrenceId: one.id })}
                    aria-label={`Stop ${one.post.title}`}
                  >
                    Stop
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {stopping.error && <ErrorNotice title="Not stopped" error={stopping.error} />}
    </Modal>
  );
}
