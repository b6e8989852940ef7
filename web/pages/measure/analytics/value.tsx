import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { valueWords } from './words.tsx';

/** A value of a filter in words; posts, campaigns and goals are asked for their names. */
export function Value({ appId, dimension, value }: { appId: string; dimension: string; value: string }) {
  const named = dimension === 'post' || dimension === 'campaignId' || dimension === 'goal';
  const name = useQuery({
    queryKey: ['analytics', 'name', dimension, value],
    queryFn: async () => {
      if (dimension === 'post') return (await api.posts.get({ postId: value })).title;
      if (dimension === 'campaignId') return (await api.campaigns.get({ campaignId: value })).name;
      const { goals } = await api.goals.list({ appId });
      return goals.find(({ id }) => id === value)?.name ?? value;
    },
    enabled: named && value !== '',
    staleTime: 300_000,
  });
  return <>{named ? (name.data ?? '…') : valueWords(dimension, value)}</>;
}
