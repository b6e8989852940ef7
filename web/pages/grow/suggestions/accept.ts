import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { errorWords } from '#web/parts/error-notice.tsx';
import { tell } from '#web/tell.ts';

/** Takes a suggestion on, and says what became of the strategy by it: here the loop closes. */
export function useAccept() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (suggestionId: string) => api.suggestions.accept({ suggestionId }),
    onSuccess: ({ strategyVersion }) =>
      void tell({
        title: 'Taken on',
        message:
          strategyVersion === null
            ? 'Its steps stand under Suggestions. The strategy stays as it is.'
            : `The strategy was revised: version ${strategyVersion} holds it. Its steps stand under Suggestions.`,
      }),
    onError: (error) => void tell({ color: 'red', title: 'It was not taken on', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
}
