import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { counted, dateTime } from '#web/format.ts';
import { reasonOf } from '#web/refusal.ts';
import type { Waiting, When } from './planned.ts';
import { plan } from './sending.ts';

/** Sends a post on its way. `similar` holds the sentence when it reads like an earlier post and the author has not said that this is meant. */
export function useSchedule(input: {
  flush(): Promise<string | undefined>;
  accountIds: string[];
  waiting: readonly Waiting[];
  zone: string;
  onDone(postId: string): void;
}) {
  const queries = useQueryClient();
  const [similar, setSimilar] = useState<{ when: When; message: string }>();
  const mutation = useMutation({
    mutationFn: async ({ when, even }: { when: When; even?: boolean }) => {
      const postId = await input.flush();
      if (!postId) throw new Error('The post is not stored yet. Write a text and wait until it says Saved.');
      const { accountIds, waiting } = input;
      return { postId, when, moments: await plan({ postId, accountIds, waiting, when, even: even ?? false }) };
    },
    onSuccess: async ({ postId, when, moments }) => {
      setSimilar(undefined);
      await queries.invalidateQueries();
      const [first] = moments;
      notifications.show({
        title: when === 'now' ? 'Going out now' : 'Scheduled',
        message:
          when === 'now' || !first
            ? `On ${counted(moments.length, 'account')}.`
            : `${dateTime(first, input.zone)}, on ${counted(moments.length, 'account')}.`,
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
