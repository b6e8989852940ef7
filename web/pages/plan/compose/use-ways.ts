import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '#web/api.ts';

const close = { 'aria-label': 'Close' };

/** What can be done with a post besides scheduling it. What was typed is stored first. */
export function useWays(flush: () => Promise<string | undefined>) {
  const go = useNavigate();
  const queries = useQueryClient();
  const stored = async () => {
    const postId = await flush();
    if (!postId) throw new Error('The post is not stored yet. Write a text and wait until it says Saved.');
    return postId;
  };
  const says = async (message: string) => {
    await queries.invalidateQueries();
    notifications.show({ message, autoClose: 3000, closeButtonProps: close });
  };
  const duplicate = useMutation({
    mutationFn: async () => api.posts.duplicate({ postId: await stored() }),
    onSuccess: (copy) => go({ to: '/compose/$postId', params: { postId: copy.id } }),
  });
  const back = useMutation({
    mutationFn: async (to: 'draft' | 'withdrawn') => {
      const postId = await stored();
      await (to === 'draft' ? api.posts.returnToDraft({ postId }) : api.posts.withdraw({ postId }));
      return { to, postId };
    },
    onSuccess: async ({ to, postId }) => {
      if (to === 'withdrawn') await go({ to: '/posts/$postId', params: { postId } });
      await says(to === 'draft' ? 'It is a draft again. What was scheduled is taken back.' : 'Withdrawn');
    },
  });
  const review = useMutation({
    mutationFn: async () => api.posts.submit({ postId: await stored() }),
    onSuccess: () => says('Sent for review'),
  });
  const approve = useMutation({
    mutationFn: async () => api.posts.approve({ postId: await stored() }),
    onSuccess: () => says('Approved'),
  });
  const remove = useMutation({
    mutationFn: async () => api.posts.remove({ postId: await stored() }),
    onSuccess: async () => {
      await go({ to: '/posts' });
      await queries.invalidateQueries();
    },
  });
  return { duplicate, back, review, approve, remove };
}
