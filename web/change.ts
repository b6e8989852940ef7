import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { tell } from './tell.ts';

/**
 * Something the person does. Afterwards the queries whose keys begin with one of `refreshes` are asked again, and
 * `says` is shown. Settles only once they are fresh, so a busy button stays busy until the page is true again.
 */
export function useChange<Input, Output>(
  run: (input: Input) => Promise<Output>,
  { refreshes, says, after }: { refreshes: QueryKey[]; says?: string; after?: (output: Output) => void },
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (output) => {
      await Promise.all(refreshes.map((queryKey) => queries.invalidateQueries({ queryKey })));
      if (says) void tell({ message: says, autoClose: 3000 });
      after?.(output);
    },
  });
}
