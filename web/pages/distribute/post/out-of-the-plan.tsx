import { Menu } from '@mantine/core';
import { CircleSlash, Ellipsis, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { IconButton } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';

type Post = Awaited<ReturnType<typeof api.posts.get>>;

/** Whether a post may become a draft again, or be taken out of the plan: as the server lets it. */
export function waysBack({ status }: Pick<Post, 'status'>): { toDraft: boolean; withdraw: boolean } {
  const planned = status === 'approved' || status === 'scheduled' || status === 'failed';
  const review = status === 'in_review';
  return { toDraft: planned || review || status === 'withdrawn', withdraw: planned || review || status === 'draft' };
}

/** A menu with the ways back; nothing for a post that is out. */
export function OutOfThePlan({ post }: { post: Post }) {
  const ways = waysBack(post);
  const [asking, setAsking] = useState<'draft' | 'withdrawn'>();
  const close = () => setAsking(undefined);
  const refreshes = [['posts'], ['publications'], ['dashboards'], ['calendar']];
  const returning = useChange(api.posts.returnToDraft, { refreshes, says: 'It is a draft again', after: close });
  const withdrawing = useChange(api.posts.withdraw, { refreshes, says: 'Withdrawn', after: close });
  const change = asking === 'draft' ? returning : withdrawing;
  const waits = post.publications.some(({ state }) => state === 'scheduled' || state === 'asking');
  const takenBack = waits ? ' What is scheduled of it is taken back.' : '';
  if (!ways.toDraft && !ways.withdraw) return null;
  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <IconButton label="More for this post">
            <Ellipsis size={16} />
          </IconButton>
        </Menu.Target>
        <Menu.Dropdown>
          {ways.toDraft && (
            <Menu.Item leftSection={<Undo2 size={15} />} onClick={() => setAsking('draft')}>
              Return to draft
            </Menu.Item>
          )}
          {ways.withdraw && (
            <Menu.Item leftSection={<CircleSlash size={15} />} onClick={() => setAsking('withdrawn')}>
              Withdraw
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        opened={asking !== undefined}
        title={asking === 'draft' ? 'Return it to draft?' : 'Withdraw this post?'}
        confirm={asking === 'draft' ? 'Return to draft' : 'Withdraw post'}
        busy={change.isPending}
        error={change.error}
        onConfirm={() => change.mutate({ postId: post.id })}
        onClose={close}
      >
        {asking === 'draft'
          ? `It needs your approval again before it goes out.${takenBack}`
          : `It leaves the plan and stays among your posts, from where it can be returned to draft.${takenBack}`}
      </ConfirmDialog>
    </>
  );
}
