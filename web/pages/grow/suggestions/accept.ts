import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { counted } from '#web/format.ts';
import { errorWords } from '#web/parts/error-notice.tsx';
import { tell } from '#web/tell.ts';

/** Takes a suggestion on, and says what became of the strategy by it: here the loop closes. */
export function useAccept() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (suggestionId: string) => api.suggestions.accept({ suggestionId }),
    onSuccess: ({ strategyVersion, postIds, campaignId, writing }) => {
      const made = [
        ...(postIds.length > 0 ? [`${counted(postIds.length, 'draft')} made`] : []),
        ...(writing > 0 ? [`${counted(writing, 'draft')} being written`] : []),
        ...(campaignId ? ['a campaign begun'] : []),
      ];
      void tell({
        title: 'Taken on',
        message: `${
          strategyVersion === null
            ? 'Its steps stand under Suggestions. The strategy stays as it is.'
            : `The strategy was revised: version ${strategyVersion} holds it. Its steps stand under Suggestions.`
        }${made.length > 0 ? ` Also: ${made.join(', ')}.` : ''}`,
      });
    },
    onError: (error) => void tell({ color: 'red', title: 'It was not taken on', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
}
