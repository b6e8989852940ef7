import '#web/styles/measure.css';
import { useElementSize } from '@mantine/hooks';
import { useState } from 'react';
import { count } from '#web/format.ts';

const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const GAP = 2;
const LEFT = 40;
const FOOT = 20;
/** How strong the one colour is: nothing, then five steps. */
const strengths = [0, 0.16, 0.34, 0.54, 0.76, 1];

/** The week by its hours, stronger where there is more. `cells`: 168 values from Monday 00:00. `measure`: `visits`. */
export function HeatMap({
  label,
  cells,
  measure,
  format = count,
}: {
  label: string;
  cells: number[];
  measure: string;
  format?: (value: number) => string;
}) {
  const { ref, width } = useElementSize();
  const [over, setOver] = useState<number>();
  const most = Math.max(...cells, 0);
  const best = cells.indexOf(most);
  const side = Math.max(0, (width - LEFT) / 24 - GAP);
  const tall = Math.max(side, 0) > 26 ? 26 : Math.max(side, 16);
  const shown = over ?? best;
  const sentence =
    most === 0 ? `No ${measure} in this range.` : `${hourWords(shown)}: ${format(cells[shown] ?? 0)} ${measure}`;
  return (
    <figure className="heat">
      <div ref={ref}>
        <svg
          width={width}
          height={7 * (tall + GAP) + FOOT}
          aria-hidden="true"
          onPointerLeave={() => setOver(undefined)}
          onPointerMove={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const [hour, day] = [
              Math.floor((event.clientX - box.left - LEFT) / (side + GAP)),
              Math.floor((event.clientY - box.top) / (tall + GAP)),
            ];
            setOver(hour >= 0 && hour < 24 && day >= 0 && day < 7 ? day * 24 + hour : undefined);
          }}
        >
          {dayNames.map((name, day) => (
            <text key={name} className="heat-word" x={0} y={day * (tall + GAP) + tall / 2 + 4}>
              {name.slice(0, 3)}
            </text>
          ))}
          {width > 0 &&
            cells.map((value, index) => (
              <rect
                // biome-ignore lint/suspicious/noArrayIndexKey: the hour is the identity.
                key={index}
                className="heat-cell"
                data-on={index === over || undefined}
                x={LEFT + (index % 24) * (side + GAP)}
                y={Math.floor(index / 24) * (tall + GAP)}
                width={side}
                height={tall}
                rx={3}
                style={value === 0 ? { fill: 'var(--sunken)' } : { fillOpacity: strengthOf(value, most) }}
              />
            ))}
          {[0, 6, 12, 18, 23].map((hour) => (
            <text
              key={hour}
              className="heat-word"
              x={LEFT + hour * (side + GAP) + (hour === 23 ? side : 0)}
              y={7 * (tall + GAP) + 14}
              textAnchor={hour === 23 ? 'end' : 'start'}
            >
              {String(hour).padStart(2, '0')}:00
            </text>
          ))}
        </svg>
      </div>
      <figcaption>
        <span className="num">
          {over === undefined && most > 0 && 'Most: '}
          {sentence}
        </span>
        <span className="heat-scale" aria-hidden="true">
          fewer
          {strengths.slice(1).map((strength) => (
            <i key={strength} style={{ opacity: strength }} />
          ))}
          more
        </span>
        <span className="hidden-text">{summary(label, cells, measure, format)}</span>
      </figcaption>
    </figure>
  );
}

function strengthOf(value: number, most: number): number {
  return strengths[Math.max(1, Math.ceil((value / most) * 5))] ?? 1;
}

function hourWords(index: number): string {
  const hour = index % 24;
  const clock = (at: number) => `${String(at).padStart(2, '0')}:00`;
  return `${dayNames[Math.floor(index / 24)]} ${clock(hour)} to ${clock((hour + 1) % 24)}`;
}

function summary(label: string, cells: number[], measure: string, format: (value: number) => string): string {
  const best = cells
    .map((value, index) => ({ value, index }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 3)
    .filter(({ value }) => value > 0);
  return `${label}. The strongest hours: ${best.map(({ value, index }) => `${hourWords(index)}, ${format(value)} ${measure}`).join('; ') || 'none'}.`;
}
