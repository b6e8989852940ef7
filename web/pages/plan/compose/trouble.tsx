import { Link } from '@tanstack/react-router';
import { relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import type { Saving } from './autosave.ts';
import { type Draft, draftOf, type Post } from './draft.ts';

/** What stands in the way of this post, in words, each with its way out. */
export function Troubles({
  saving,
  draft,
  restored,
  post,
  sendError,
  backError,
  onKeepMine,
  onTakeTheirs,
  onRetry,
  onDuplicate,
  onKeepRestored,
  onDropRestored,
}: {
  saving: Saving;
  draft: Draft;
  /** When what was not saved before a crash was kept; then it is shown again. */
  restored: number | undefined;
  post: Post | undefined;
  sendError: unknown;
  backError: unknown;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
  onRetry: () => void;
  onDuplicate: () => void;
  onKeepRestored: () => void;
  onDropRestored: () => void;
}) {
  return (
    <>
      {restored !== undefined && (
        <Notice
          title="Restored what you had not saved"
          action={
            <span className="line">
              <Button size="small" onClick={onDropRestored}>
                Discard
              </Button>
              <Button size="small" onClick={onKeepRestored}>
                Keep it
              </Button>
            </span>
          }
        >
          Written {relative(new Date(restored))} in this browser. It is saved once you keep it or write on.
        </Notice>
      )}
      {post?.status === 'in_review' && (
        <Notice title="This post waits for review">
          An owner approves it or returns it. What you change now is part of what is reviewed.
        </Notice>
      )}
      {post?.status === 'scheduled' && (
        <Notice title="This post is scheduled">
          What you change is saved as you write and goes out as it stands then.
        </Notice>
      )}
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
      {saving.at === 'conflict' && saving.theirs && <Both mine={draft} theirs={draftOf(saving.theirs)} />}
      {saving.at === 'refused' && <ErrorNotice title="This is not saved" error={saving.error} onRetry={onRetry} />}
      {sendError !== undefined && <ErrorNotice title="It was not scheduled" error={sendError} />}
      {backError !== undefined && <ErrorNotice title="It stays as it was" error={backError} />}
    </>
  );
}

/** The two texts beside each other, with what differs in sight. */
function Both({ mine, theirs }: { mine: Draft; theirs: Draft }) {
  const columns: [string, Draft][] = [
    ['Yours, not saved', mine],
    ['The newer one', theirs],
  ];
  return (
    <div className="both">
      {columns.map(([title, draft]) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          {[draft.base, ...Object.values(draft.own)].map((body) => (
            <div key={body.parts[0]!.key}>
              {body.parts.map((part) => (
                <p key={part.key}>{part.text || 'Nothing written'}</p>
              ))}
            </div>
          ))}
        </section>
      ))}
    </div>
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
