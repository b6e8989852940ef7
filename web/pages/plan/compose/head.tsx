import { Menu } from '@mantine/core';
import {
  BadgeCheck,
  CalendarClock,
  ChevronDown,
  CircleSlash,
  Cloud,
  CloudAlert,
  Copy,
  Eye,
  PenLine,
  Redo2,
  Send,
  SkipForward,
  Trash2,
  Undo2,
} from 'lucide-react';
import type { ReactNode } from 'react';
import { commandKey } from '#web/keys.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import type { Saving } from './autosave.ts';

/** The composer's head: what it is called, whether it is stored, when it goes out, and the one action. */
export function ComposeHead({
  title,
  placeholder,
  saving,
  preview,
  ready,
  action,
  busy,
  readOnly,
  review,
  picker,
  onTitle,
  onUndo,
  onRedo,
  onReview,
  onApprove,
  onPreview,
  onSchedule,
  onNow,
  onSlot,
  onDuplicate,
  onReturn,
  onWithdraw,
  onDelete,
}: {
  title: string;
  placeholder: string;
  saving: Saving;
  preview: boolean;
  /** Whether it may be sent: something is written, nothing is over, an account is chosen. */
  ready: boolean;
  /** What the one action is called: it depends on whether the post is planned already. */
  action: 'Schedule' | 'Reschedule' | 'Done';
  busy: boolean;
  readOnly: boolean;
  /** Whether it is to be reviewed before it may be scheduled: then that is the one action. */
  review: boolean;
  picker: ReactNode;
  onTitle: (title: string) => void;
  onUndo: (() => void) | undefined;
  onRedo: (() => void) | undefined;
  /** Left out where it is in review or approved already. */
  onReview: (() => void) | undefined;
  /** Left out where it is not in review. */
  onApprove: (() => void) | undefined;
  onPreview: (on: boolean) => void;
  onSchedule: () => void;
  onNow: () => void;
  onSlot: () => void;
  onDuplicate?: (() => void) | undefined;
  /** Makes it a draft again; left out where it is one or is out. */
  onReturn?: (() => void) | undefined;
  onWithdraw?: (() => void) | undefined;
  onDelete?: (() => void) | undefined;
}) {
  return (
    <header className="composer-head">
      <input
        className="composer-title"
        aria-label="Title, only for you"
        placeholder={placeholder || 'New post'}
        value={title}
        maxLength={300}
        readOnly={readOnly}
        onChange={(event) => onTitle(event.target.value)}
      />
      <SavingWord saving={saving} />
      {!readOnly && (
        <span className="undo-tools hide-on-phone">
          <IconButton label={`Undo (${commandKey()}Z)`} disabled={!onUndo} onClick={onUndo}>
            <Undo2 size={15} strokeWidth={1.75} />
          </IconButton>
          <IconButton label={`Redo (${commandKey()}⇧Z)`} disabled={!onRedo} onClick={onRedo}>
            <Redo2 size={15} strokeWidth={1.75} />
          </IconButton>
        </span>
      )}
      <span className="show-on-narrow">
        <Button onClick={() => onPreview(!preview)} aria-pressed={preview}>
          {preview ? <PenLine size={15} aria-hidden="true" /> : <Eye size={15} aria-hidden="true" />}
          {preview ? 'Edit' : 'Preview'}
        </Button>
      </span>
      {!readOnly && picker}
      <div className="split">
        {!readOnly && review && (
          <Button look="primary" busy={busy} disabled={!ready || !onReview} onClick={onReview}>
            {onReview ? 'Send for review' : 'In review'}
          </Button>
        )}
        {!readOnly && !review && (
          <Button
            look="primary"
            hint={`${commandKey()}⏎`}
            busy={busy}
            disabled={!ready}
            onClick={onSchedule}
            aria-keyshortcuts="Meta+Enter Control+Enter"
          >
            {action}
          </Button>
        )}
        <Menu position="bottom-end" width={216}>
          <Menu.Target>
            <Button look={readOnly ? 'plain' : 'primary'} aria-label="More ways to send, copy or delete">
              <ChevronDown size={15} aria-hidden="true" />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {!readOnly && (
              <>
                {onApprove && (
                  <Menu.Item leftSection={<BadgeCheck size={15} />} disabled={busy} onClick={onApprove}>
                    Approve
                  </Menu.Item>
                )}
                {!review && onReview && (
                  <Menu.Item leftSection={<Eye size={15} />} disabled={!ready || busy} onClick={onReview}>
                    Send for review
                  </Menu.Item>
                )}
                {review && (
                  <Menu.Item leftSection={<CalendarClock size={15} />} disabled={!ready || busy} onClick={onSchedule}>
                    Schedule
                  </Menu.Item>
                )}
                <Menu.Item leftSection={<Send size={15} />} disabled={!ready || busy} onClick={onNow}>
                  Publish now
                </Menu.Item>
                <Menu.Item leftSection={<SkipForward size={15} />} disabled={!ready || busy} onClick={onSlot}>
                  Next free slot
                </Menu.Item>
              </>
            )}
            <Menu.Item leftSection={<Copy size={15} />} disabled={!onDuplicate} onClick={onDuplicate}>
              Duplicate
            </Menu.Item>
            {onReturn && (
              <Menu.Item leftSection={<Undo2 size={15} />} onClick={onReturn}>
                Return to draft
              </Menu.Item>
            )}
            {onWithdraw && (
              <Menu.Item leftSection={<CircleSlash size={15} />} onClick={onWithdraw}>
                Withdraw
              </Menu.Item>
            )}
            <Menu.Item leftSection={<Trash2 size={15} />} disabled={!onDelete} data-danger onClick={onDelete}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </header>
  );
}

function SavingWord({ saving }: { saving: Saving }) {
  const trouble = saving.at === 'conflict' || saving.at === 'refused';
  const words = {
    new: '',
    saved: 'Saved',
    waiting: 'Not saved yet',
    saving: 'Saving',
    conflict: 'Not saved',
    refused: 'Not saved',
  };
  return (
    <span className="saving" role="status" data-tone={trouble ? 'neg' : undefined}>
      {saving.at !== 'new' &&
        (trouble ? <CloudAlert size={15} aria-hidden="true" /> : <Cloud size={15} aria-hidden="true" />)}
      {words[saving.at]}
    </span>
  );
}
