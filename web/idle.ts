import { useEffect, useState } from 'react';

let passed = false;

/** Whether the first page has had time to draw itself. What nobody sees at first is loaded after that. */
export function useIdle(): boolean {
  const [idle, setIdle] = useState(passed);
  useEffect(() => {
    if (idle) return;
    const rest = () => {
      passed = true;
      setIdle(true);
    };
    // Safari knows no idle callback.
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(rest, 300);
      return () => clearTimeout(timer);
    }
    const waiting = requestIdleCallback(rest, { timeout: 1500 });
    return () => cancelIdleCallback(waiting);
  }, [idle]);
  return idle;
}
