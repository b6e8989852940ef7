import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';

type Post = Awaited<ReturnType<typeof api.posts.get>>;

/** A post in review: an owner approves it or returns it with a note; everyone else sees that it waits. */
export function Review({ post, zone }: { post: Post; zone: string }) {
  const { mayApprove } = useHouse();
  const [note, setNote] = useState('');
  const options = { refreshes: [['posts'], ['calendar'], ['notices']] };
  const approving = useChange(api.posts.approve, { ...options, says: 'Approved' });
  const returning = useChange(api.posts.returnToDraft, { ...options, says: 'Returned to its author' });
  const submitted = post.approvals.find(({ decision }) => decision === 'submitted');
  // What went back by itself says why: what it rests on became false.
  const [last] = post.approvals;
  const pulled = last?.decision === 'returned' && last.by === null ? last : undefined;
  if (post.status !== 'in_review') return null;
  const error = approving.error ?? returning.error;
  const similar = post.problems.some(({ severity }) => severity === 'asks');
  return (
    <Card title="In review" padded>
      <div className="stack" data-gap="small">
        {pulled && (
          <p className="num">
            Came back {dateTime(pulled.at, zone)}. {pulled.note}
          </p>
        )}
        {submitted && !pulled && (
          <p className="num">
            Sent {dateTime(submitted.at, zone)}
            {submitted.by && ` by ${submitted.by}`}
            {submitted.note && `: “${submitted.note}”`}
          </p>
        )}
        {post.problems.map((problem) => (
          <p key={`${problem.platform} ${problem.part} ${problem.message}`} className="sub">
            {problem.message}
          </p>
        ))}
        {mayApprove ? (
          <>
            <Textarea
              label="Note to its author"
              autosize
              minRows={2}
              maxLength={1000}
              value={note}
              onChange={(event) => setNote(event.currentTarget.value)}
            />
            {error && <ErrorNotice error={error} />}
            <div className="line">
              <Button
                look="primary"
                busy={approving.isPending}
                onClick={() =>
                  approving.mutate({
                    postId: post.id,
                    version: post.version,
                    ...(note.trim() ? { note } : {}),
                    ...(similar ? { evenIfSimilar: true } : {}),
                  })
                }
              >
                {similar ? 'Approve all the same' : 'Approve'}
              </Button>
              <Button
                busy={returning.isPending}
                onClick={() => returning.mutate({ postId: post.id, ...(note.trim() ? { note } : {}) })}
              >
                Return to draft
              </Button>
            </div>
          </>
        ) : (
          <p className="sub">An owner of the workspace approves it, then it can be scheduled.</p>
        )}
      </div>
    </Card>
  );
}
