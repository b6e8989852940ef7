import { lazy, Suspense } from 'react';
import { count } from '#web/format.ts';
import { Skeleton } from './skeleton.tsx';

export interface TrendMarker {
  /** The day it stands on, one of `days`. */
  day: string;
  /** What was posted, named in the tooltip. */
  text: string;
}

export interface Trend {
  /** What is counted: `Visitors`. */
  label: string;
  /** Dates as `YYYY-MM-DD`, in order, one per value. */
  days: string[];
  current: number[];
  /** The same number of days before, or nothing. */
  previous?: number[];
  previousLabel?: string;
  /** Where something was posted: the ring on the line. */
  markers?: TrendMarker[];
  /** How a value is written in the tooltip and on the axis. */
  format?: (value: number) => string;
  height?: number;
}

const TrendDrawing = lazy(() => import('./trend-drawing.tsx').then((file) => ({ default: file.TrendDrawing })));

/** A line over days with the period before it and a ring where you posted. The drawing library arrives after first paint. */
export function TrendChart(trend: Trend) {
  const { label, previous, previousLabel = 'Previous period', markers = [], height = 248 } = trend;
  return (
    <figure>
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
      </div>
      <div className="chart">
        <Suspense fallback={<Skeleton height={height} />}>
          <TrendDrawing {...trend} height={height} />
        </Suspense>
      </div>
      <figcaption className="hidden-text">{summary(trend)}</figcaption>
    </figure>
  );
}

function summary({ label, days, current, markers = [], format = count }: Trend): string {
  if (current.length === 0) return `${label}: no days in this range.`;
  const best = current.indexOf(Math.max(...current));
  const posted = markers.map((marker) => `${marker.day}: ${marker.text}`).join('; ');
  return `${label} from ${days[0]} to ${days.at(-1)}: ${format(current.reduce((a, b) => a + b, 0))} in all, most on ${days[best]} with ${format(current[best]!)}.${posted ? ` Posts: ${posted}.` : ''}`;
}
