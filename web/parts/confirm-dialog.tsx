import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';

/** Asks before something that cannot be taken back. `confirm` is the verb: `Delete post`, never `OK`. */
export function ConfirmDialog({
  opened,
  title,
  children,
  confirm,
  danger = false,
  busy = false,
  error,
  onConfirm,
  onClose,
}: {
  opened: boolean;
  title: string;
  children?: ReactNode;
  confirm: string;
  danger?: boolean;
  busy?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      centered
      size={420}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {children}
      {error !== undefined && error !== null && <ErrorNotice error={error} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button look={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm} data-autofocus>
          {confirm}
        </Button>
      </div>
    </Modal>
  );
}
