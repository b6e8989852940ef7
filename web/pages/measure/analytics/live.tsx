import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { counted } from '#web/format.ts';
import { liveQuery } from './queries.ts';

const LivePanel = lazy(() => import('./live-panel.tsx').then((file) => ({ default: file.LivePanel })));

/** Who is there now, in one line; a click opens what they look at. Asked every ten seconds while the page is seen. */
export function LiveStrip({ appId }: { appId: string }) {
  const live = useQuery(liveQuery(appId));
  const [open, setOpen] = useState(false);
  const now = live.data?.visitors5;
  return (
    <>
      <button type="button" className="live" onClick={() => setOpen(true)} data-someone={(now ?? 0) > 0 || undefined}>
        <i aria-hidden="true" />
        <span className="num">
          {live.error
            ? 'Live view did not load'
            : now === undefined
              ? '\u00a0'
              : `${counted(now, 'person', 'people')} now`}
        </span>
        <span className="hidden-text">, open the live view</span>
      </button>
      {open && (
        <Suspense fallback={null}>
          <LivePanel appId={appId} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
