import { lazy, type ReactNode, Suspense } from 'react';
import { count } from '#web/format.ts';
import { pointWords } from './trend-points.ts';

export interface TrendMarker {
  /** The point it stands on, one of `days`. */
  day: string;
  /** What was posted or noted, named in the tooltip. */
  text: string;
}

export interface Trend {
  /** What is counted: `Visitors`. */
  label: string;
  /** What a point is: a day unless said otherwise. */
  by?: 'hour' | 'day' | 'week' | 'month';
  /** Points as `YYYY-MM-DD`, hours as `YYYY-MM-DDTHH:MM…` of the local clock, in order, one per value. */
  days: string[];
  /** Null where there is nothing to say: not enough data, or it lies ahead. */
  current: (number | null)[];
  /** As many points before, or nothing. */
  previous?: (number | null)[] | undefined;
  previousLabel?: string;
  /** What each point is compared with, named in the tooltip. */
  previousDays?: (string | null)[];
  /** Points that are not over yet or cut off by the range; the line to the last ones is dashed. */
  partial?: boolean[];
  /** Where something was posted: the ring on the line. */
  markers?: TrendMarker[];
  /** What else happened: the diamond on the ground. */
  notes?: TrendMarker[];
  /** How a value is written in the tooltip and on the axis. */
  format?: (value: number) => string;
  /** Whether values between whole numbers make no sense on the axis. */
  whole?: boolean;
  height?: number;
  /** A click on a point. */
  onPick?: (day: string) => void;
}

const TrendDrawing = lazy(() => import('./trend-drawing.tsx').then((file) => ({ default: file.TrendDrawing })));

/** A line over days with the period before it and a ring where you posted. The drawing library arrives after first paint. */
export function TrendChart({ tools, ...trend }: Trend & { tools?: ReactNode }) {
  const { label, previous, previousLabel = 'Previous period', markers = [], notes = [], height = 248 } = trend;
  const legend = (
    <div className="legend" aria-hidden="true">
      <span>
        <i />
        {label}
      </span>
      {previous && (
        <span>
          <i data-kind="previous" />
          {previousLabel}
        </span>
      )}
      {markers.length > 0 && (
        <span>
          <i data-kind="posted" />
          You posted
        </span>
      )}
      {notes.length > 0 && (
        <span>
          <i data-kind="note" />
          Note
        </span>
      )}
    </div>
  );
  return (
    <figure>
      {tools ? (
        <div className="chart-head">
          {legend}
          <div className="chart-tools">{tools}</div>
        </div>
      ) : (
        legend
      )}
      <div className="chart">
        <Suspense fallback={<div style={{ height }} />}>
          <TrendDrawing {...trend} height={height} />
        </Suspense>
      </div>
      <figcaption className="hidden-text">{summary(trend)}</figcaption>
    </figure>
  );
}

function summary({ label, by = 'day', days, current, markers = [], notes = [], format = count }: Trend): string {
  const known = current.map((value) => value ?? Number.NEGATIVE_INFINITY);
  const best = known.indexOf(Math.max(...known));
  if (current.length === 0 || current[best] == null) return `${label}: nothing to show in this range.`;
  const say = (point: string) => pointWords(point, by);
  const posted = markers.map((marker) => `${say(marker.day)}: ${marker.text}`).join('; ');
  const noted = notes.map((note) => `${say(note.day)}: ${note.text}`).join('; ');
  return [
    `${label} from ${say(days[0]!)} to ${say(days.at(-1)!)}: most ${by === 'hour' ? 'at' : 'on'} ${say(days[best]!)} with ${format(current[best]!)}.`,
    posted && `Posts: ${posted}.`,
    noted && `Notes: ${noted}.`,
  ]
    .filter(Boolean)
    .join(' ');
}
