import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { dateTime } from '#web/format.ts';
import { errorWords } from '#web/parts/error-notice.tsx';
import { dayIn, timeIn } from '#web/zone.ts';
import type { CalendarCard, Item } from './cards.ts';

export type Movable = Pick<CalendarCard, 'key' | 'postId' | 'title' | 'publicationIds'>;

/**
 * Moves posts in time: what is scheduled is scheduled anew, what is a draft is proposed for the moment. The card stands at
 * its new place at once and goes back when the server refuses.
 */
export function useMove(zone: string) {
  const queries = useQueryClient();
  const calendars = { queryKey: ['calendar', 'range'] };
  const mutation = useMutation({
    mutationFn: async ({ card, to }: { card: Movable; to: Date }) => {
      if (to.getTime() <= Date.now()) throw new Error('That moment is over. Choose a later one.');
      if (card.publicationIds.length === 0) {
        await api.calendar.move({ postId: card.postId, to: to.toISOString() });
        return;
      }
      for (const publicationId of card.publicationIds)
        await api.publications.reschedule({ publicationId, at: to.toISOString() });
    },
    onMutate: async ({ card, to }) => {
      await queries.cancelQueries(calendars);
      const before = queries.getQueriesData<{ items: Item[] }>(calendars);
      const moves = (item: Item) =>
        item.postId === card.postId &&
        (item.publicationId === null || card.publicationIds.includes(item.publicationId));
      queries.setQueriesData<{ items: Item[] }>(
        calendars,
        (now) =>
          now && {
            ...now,
            items: now.items.map((item) =>
              moves(item) ? { ...item, at: to, day: dayIn(to, zone), time: timeIn(to, zone) } : item,
            ),
          },
      );
      return { before };
    },
    onError: (error, _, made) => {
      for (const [key, data] of made?.before ?? []) queries.setQueryData(key, data);
      notifications.show({ color: 'red', title: 'It stays where it was', message: errorWords(error) });
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ['calendar'] }),
        queries.invalidateQueries({ queryKey: ['posts'] }),
      ]),
  });
  return {
    move: (card: Movable, to: Date) => mutation.mutate({ card, to }),
    /** For screen readers: what happened last. */
    said:
      mutation.isSuccess && mutation.variables
        ? `${mutation.variables.card.title} moved to ${dateTime(mutation.variables.to, zone)}`
        : '',
  };
}
