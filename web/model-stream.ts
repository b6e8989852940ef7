import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { api } from './api.ts';

type Call = Awaited<ReturnType<typeof api.ai.running>>['calls'][number];

/**
 * What models are writing now, as it comes: for these rows, or for all of the workspace. The server ends the stream when
 * nothing is written any more; it is opened again when the page is looked at again. When a call and when
 * the stream ends, the queries whose keys begin with one of `refreshes` are asked again. `lost`: the stream was refused, so nothing can be shown.
 */
export function useModelStream({ subjects = [], refreshes }: { subjects?: string[]; refreshes: QueryKey[] }) {
  const queries = useQueryClient();
  const [calls, setCalls] = useState<Call[]>([]);
  const [lost, setLost] = useState(false);
  const ended = useRef(() => {});
  ended.current = () => refreshes.forEach((queryKey) => void queries.invalidateQueries({ queryKey }));
  const asked = new URLSearchParams(subjects.map((subject) => ['subject', subject])).toString();

  useEffect(() => {
    let running = new Set<string>();
    let stream: EventSource | null = null;
    const show = (now: Call[]) => {
      const ids = new Set(now.map((call) => call.id));
      if ([...running].some((id) => !ids.has(id))) ended.current();
      running = ids;
      setCalls(now);
    };
    const close = () => {
      stream?.close();
      stream = null;
    };
    const open = () => {
      const opened = new EventSource(`/stream/writing?${asked}`);
      stream = opened;
      opened.addEventListener('open', () => setLost(false));
      opened.addEventListener('calls', (event) => {
        // JSON has no dates; everything else is as the operation says.
        const told: { calls: Call[] } = JSON.parse(event.data);
        show(told.calls.map((call) => ({ ...call, startedAt: new Date(call.startedAt) })));
      });
      opened.addEventListener('end', () => {
        close();
        show([]);
        // What the answer was for is written a moment after the call has ended.
        ended.current();
      });
      // A connection that broke is opened anew by the browser; an answer that is no stream is not.
      opened.addEventListener('error', () => setLost(opened.readyState === EventSource.CLOSED));
    };
    // A browser has few connections to a server: a window in the background gives its own back.
    const look = () => {
      if (document.visibilityState === 'hidden') close();
      else if (!stream) open();
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      close();
    };
  }, [asked]);
  return { calls, lost };
}
