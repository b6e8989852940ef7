import type { Comparison } from './queries.ts';

const ticks = [0.25, 0.5, 1, 2, 4];

/** The ratio with its interval on a line from a quarter to four times; what lies beyond ends at the edge with an arrow. */
export function Interval({ comparison: { ratio, low, high } }: { comparison: Comparison }) {
  if (ratio === null || low === null) return null;
  const end = high ?? Number.POSITIVE_INFINITY;
  const [from, to] = [place(low), place(end)];
  return (
    <div className="interval" aria-hidden="true">
      {ticks.map((tick) => (
        <i key={tick} className="interval-tick" data-even={tick === 1 || undefined} style={{ left: `${place(tick)}%` }}>
          <span>{tick}×</span>
        </i>
      ))}
      <b
        data-open-left={low < 0.25 || undefined}
        data-open-right={end > 4 || undefined}
        style={{ left: `${from}%`, width: `${to - from}%` }}
      />
      <em style={{ left: `${place(ratio)}%` }} />
    </div>
  );
}

/** Per cent from the left, by logarithm. */
function place(ratio: number): number {
  return Math.min(100, Math.max(0, ((Math.log2(ratio) + 2) / 4) * 100));
}
