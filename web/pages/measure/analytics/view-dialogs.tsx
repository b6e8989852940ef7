import { Modal, TextInput } from '@mantine/core';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type View, viewsKey } from './queries.ts';
import { type Settings, savedOf } from './settings.ts';

/** Keeps what the page is set to under a name. */
export function SaveDialog({ current, onClose }: { current: Settings; onClose: () => void }) {
  return (
    <NameDialog
      title="Save this view"
      confirm="Save view"
      run={(name) => api.views.save({ name, page: 'analytics', settings: savedOf(current) })}
      says="View saved"
      onClose={onClose}
    />
  );
}

function NameDialog({
  title,
  confirm,
  name: startName = '',
  run,
  says,
  onClose,
}: {
  title: string;
  confirm: string;
  name?: string;
  run: (name: string) => Promise<unknown>;
  says: string;
  onClose: () => void;
}) {
  const [name, setName] = useState(startName);
  const saving = useChange(run, { refreshes: [viewsKey], says, after: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      centered
      size={400}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) saving.mutate(name.trim());
        }}
      >
        <TextInput
          label="Name"
          description="It keeps the range, the comparison, the filters and the chosen figure."
          value={name}
          maxLength={80}
          data-autofocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {saving.error && <ErrorNotice title="The view was not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending} disabled={name.trim() === ''}>
            {confirm}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Renames and removes saved views. */
export function ManageDialog({ views, onClose }: { views: View[]; onClose: () => void }) {
  const [renaming, setRenaming] = useState<View>();
  const [removed, setRemoved] = useState<View>();
  const removing = useChange(api.views.remove, {
    refreshes: [viewsKey],
    says: 'View removed',
    after: () => setRemoved(undefined),
  });
  if (renaming) {
    return (
      <NameDialog
        title="Rename the view"
        confirm="Rename"
        name={renaming.name}
        run={(name) => api.views.rename({ viewId: renaming.viewId, name })}
        says="View renamed"
        onClose={() => setRenaming(undefined)}
      />
    );
  }
  if (removed) {
    return (
      <ConfirmDialog
        opened
        title={`Remove “${removed.name}”?`}
        confirm="Remove view"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ viewId: removed.viewId })}
        onClose={() => setRemoved(undefined)}
      >
        {removed.shares > 0 ? 'Links that share it stop working.' : 'The numbers stay as they are.'}
      </ConfirmDialog>
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title="Saved views"
      centered
      size={420}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {views.length === 0 && <p className="sub">No view is saved any more.</p>}
      <ul className="view-list">
        {views.map((view) => (
          <li key={view.viewId}>
            <span className="clip">{view.name}</span>
            {view.shares > 0 && <span className="tag">shared</span>}
            <IconButton label={`Rename “${view.name}”`} onClick={() => setRenaming(view)}>
              <Pencil size={14} strokeWidth={1.75} />
            </IconButton>
            <IconButton label={`Remove “${view.name}”`} onClick={() => setRemoved(view)}>
              <Trash2 size={14} strokeWidth={1.75} />
            </IconButton>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
