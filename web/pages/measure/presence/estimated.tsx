import type { Estimate } from './words.ts';
import { span } from './words.ts';

/** A figure with the span it lies in, or that there is not enough to say it. */
export function Estimated({ of, write }: { of: Estimate; write: (value: number) => string }) {
  if (of.value === null)
    return (
      <span className="cell-none" title={of.reason ?? undefined}>
        –<span className="hidden-text">{of.reason}</span>
      </span>
    );
  const between = span(of, write);
  return (
    <span title={between ? `95% sure: ${between}` : undefined}>
      {write(of.value)}
      {between && <span className="hidden-text">, with 95% certainty {between}</span>}
    </span>
  );
}
