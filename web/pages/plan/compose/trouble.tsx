import { Link } from '@tanstack/react-router';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import type { Saving } from './autosave.ts';
import type { Post } from './draft.ts';

/** What stands in the way of this post, in words, each with its way out. */
export function Troubles({
  saving,
  post,
  sendError,
  backError,
  onKeepMine,
  onTakeTheirs,
  onRetry,
  onDuplicate,
}: {
  saving: Saving;
  post: Post | undefined;
  sendError: unknown;
  backError: unknown;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  onRetry: () => void;
  onDuplicate: () => void;
}) {
  return (
    <>
      {post?.status === 'published' && (
        <Notice
          title="This post is out"
          action={
            <Button size="small" onClick={onDuplicate}>
              Duplicate
            </Button>
          }
        >
          What was published stays as it is. Duplicate it to write a new one, or{' '}
          <Link className="link" to="/posts/$postId" params={{ postId: post.id }}>
            see what it brought
          </Link>
          .
        </Notice>
      )}
      {saving.at === 'conflict' && (
        <Notice
          title="This post was changed elsewhere"
          tone="warn"
          action={
            <span className="line">
              <Button size="small" onClick={onTakeTheirs}>
                Show the newer text
              </Button>
              <Button size="small" onClick={onKeepMine}>
                Keep mine
              </Button>
            </span>
          }
        >
          Your text is still here, but it is not saved. Another window or person stored a newer one.
        </Notice>
      )}
      {saving.at === 'refused' && <ErrorNotice title="This is not saved" error={saving.error} onRetry={onRetry} />}
      {sendError !== undefined && <ErrorNotice title="It was not scheduled" error={sendError} />}
      {backError !== undefined && <ErrorNotice title="It stays as it was" error={backError} />}
    </>
  );
}

/** The two questions the composer asks: about a post that reads like an earlier one, and before deleting. */
export function Questions({
  similar,
  busy,
  deleting,
  deleteBusy,
  deleteError,
  onEven,
  onLetBe,
  onDelete,
  onKeep,
}: {
  similar: string | undefined;
  busy: boolean;
  deleting: boolean;
  deleteBusy: boolean;
  deleteError: unknown;
  onEven: () => void;
  onLetBe: () => void;
  onDelete: () => void;
  onKeep: () => void;
}) {
  return (
    <>
      <ConfirmDialog
        opened={similar !== undefined}
        title="It reads like an earlier post"
        confirm="Schedule it even so"
        busy={busy}
        onConfirm={onEven}
        onClose={onLetBe}
      >
        {similar}
      </ConfirmDialog>
      <ConfirmDialog
        opened={deleting}
        title="Delete this post?"
        confirm="Delete post"
        danger
        busy={deleteBusy}
        error={deleteError}
        onConfirm={onDelete}
        onClose={onKeep}
      >
        The text is gone after this, and what is scheduled of it is taken back.
      </ConfirmDialog>
    </>
  );
}
