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
  const search: Record<string, unknown> = useSearch({ strict: false });
  const go = useNavigate();
  const found = search[key];
  const choose = useCallback(
    (value: string | null) => {
      const chosen = value === null || value === fallback ? undefined : value;
      // The router knows no search of these pages; what is in it is checked where it is read.
      const change = ((before: object) => ({ ...before, [key]: chosen })) as never;
      void go({ to: '.', search: change, replace: true, resetScroll: false });
    },
    [go, key, fallback],
  );
  return [(typeof found === 'string' ? found : fallback) as never, choose];
}
