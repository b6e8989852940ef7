import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { errorWords } from '#web/parts/error-notice.tsx';
import { tell } from '#web/tell.ts';

type Move = 'start' | 'complete' | 'dismiss' | 'undoAccept';

/** Brings a suggestion to its next state, or takes an accept back. */
export function useMove(suggestionId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (move: Move) => api.suggestions[move]({ suggestionId }),
    onError: (error) => void tell({ color: 'red', title: 'That did not work', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
}

/** Keeps a person's own estimate, shown at once; null takes one back. */
export function useEstimate() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (estimate: { suggestionId: string; minutes: number | null; impact: number | null }) =>
      api.suggestions.estimate(estimate),
    onError: (error) => void tell({ color: 'red', title: 'The estimate was not kept', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['suggestions'] }),
  });
}
