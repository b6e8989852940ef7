import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { api } from '#web/api.ts';

/** Makes the post a draft again, which stays open here, or withdraws it and leads to its page. What was typed is stored first. */
export function useWayBack(flush: () => Promise<string | undefined>) {
  const go = useNavigate();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (to: 'draft' | 'withdrawn') => {
      const postId = (await flush())!;
      await (to === 'draft' ? api.posts.returnToDraft({ postId }) : api.posts.withdraw({ postId }));
      return { to, postId };
    },
    onSuccess: async ({ to, postId }) => {
      if (to === 'withdrawn') await go({ to: '/posts/$postId', params: { postId } });
      notifications.show({
        message: to === 'draft' ? 'It is a draft again. What was scheduled is taken back.' : 'Withdrawn',
        autoClose: 3000,
        closeButtonProps: { 'aria-label': 'Close' },
      });
      await queries.invalidateQueries();
    },
  });
}
