import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

/**
 * A choice of the page kept in its address (`?range=90d`), so that it survives a reload and can be shared. Going back
 * does not step through choices. `fallback` is never written out; `null` means nothing chosen.
 */
export function useAddress<Value extends string | null>(
  key: string,
  fallback: Value,
): [value: Value extends null ? string | null : string, choose: (value: string | null) => void] {
  const found = useSearch({ strict: false, select: (search: Record<string, unknown>) => search[key] });
  const change = useAddressChange();
  const choose = useCallback(
    (value: string | null) => change({ [key]: value === fallback ? null : value }),
    [change, key, fallback],
  );
  return [(typeof found === 'string' ? found : fallback) as never, choose];
}

/** Writes several choices into the address at once; `null` takes one out. */
export function useAddressChange(): (choices: Record<string, string | string[][] | null>) => void {
  const go = useNavigate();
  return useCallback(
    (choices) => {
      const chosen = Object.fromEntries(Object.entries(choices).map(([key, value]) => [key, value ?? undefined]));
      // The router knows no search of these pages; what is in it is checked where it is read.
      const search = ((before: object) => ({ ...before, ...chosen })) as never;
      void go({ to: '.', search, replace: true, resetScroll: false });
    },
    [go],
  );
}
