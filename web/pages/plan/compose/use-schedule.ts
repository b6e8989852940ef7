import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { counted, dateTime } from '#web/format.ts';
import { reasonOf } from '#web/refusal.ts';

export type When = { at: Date } | 'slot' | 'now';

/** Sends a post on its way. `similar` holds the sentence when it reads like an earlier post and the author has not said that this is meant. */
export function useSchedule(input: {
  flush(): Promise<string | undefined>;
  accountIds: string[];
  zone: string;
  onDone(postId: string): void;
}) {
  const queries = useQueryClient();
  const [similar, setSimilar] = useState<{ when: When; message: string }>();
  const mutation = useMutation({
    mutationFn: async ({ when, even }: { when: When; even?: boolean }) => {
      const postId = await input.flush();
      if (!postId) throw new Error('The post is not stored yet. Write a text and wait until it says Saved.');
      const base = { postId, accountIds: input.accountIds, ...(even ? { evenIfSimilar: true } : {}) };
      if (when === 'now') return { postId, when, ...(await api.posts.publishNow(base)) };
      const moment = when === 'slot' ? { nextSlot: true } : { at: when.at.toISOString() };
      return { postId, when, ...(await api.posts.schedule({ ...base, ...moment })) };
    },
    onSuccess: async ({ postId, when, publications }) => {
      setSimilar(undefined);
      await queries.invalidateQueries();
      const first = publications[0];
      notifications.show({
        title: when === 'now' ? 'Going out now' : 'Scheduled',
        message:
          when === 'now' || !first
            ? `On ${counted(publications.length, 'account')}.`
            : `${dateTime(first.dueAt, input.zone)}, on ${counted(publications.length, 'account')}.`,
      });
      input.onDone(postId);
    },
    onError: (error, { when }) => {
      if (reasonOf(error) === 'post_similar') setSimilar({ when, message: error.message });
    },
  });
  const refused = mutation.error && reasonOf(mutation.error) !== 'post_similar' ? mutation.error : undefined;
  return {
    send: (when: When) => mutation.mutate({ when }),
    busy: mutation.isPending,
    error: refused,
    similar,
    sendEven: () => similar && mutation.mutate({ when: similar.when, even: true }),
    letBe: () => setSimilar(undefined),
  };
}
