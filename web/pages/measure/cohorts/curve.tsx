import { useElementSize } from '@mantine/hooks';
import type { api } from '#web/api.ts';
import { count, counted, percent } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';

type Shown = Awaited<ReturnType<typeof api.cohorts.show>>;
type Survival = NonNullable<Shown['survival']>;

const HEIGHT = 240;
const LEFT = 40;
const FOOT = 22;

/** Which share of those who ever paid still does, day after day, with its 95% interval; the median beside it. */
export function SurvivalCard({ survival, floor }: { survival: Survival; floor: number }) {
  return (
    <ChartCard
      title="How long people stay"
      sub={`${counted(survival.n, 'customer')}, ${count(survival.stopped)} stopped`}
      file="survival"
      padded
      rows={() => ({
        columns: ['day', 'share', 'low', 'high', 'at_risk'],
        rows: survival.steps.map(({ day, share, interval, atRisk }) => [
          day,
          share,
          interval?.low ?? null,
          interval?.high ?? null,
          atRisk,
        ]),
      })}
    >
      {survival.n < floor ? (
        <NotEnough missing={[{ what: 'customers', have: survival.n, need: floor }]}>
          A curve of a few people says little.
        </NotEnough>
      ) : (
        <Curve survival={survival} />
      )}
      <p className="sub num">{medianWords(survival)}</p>
    </ChartCard>
  );
}

function Curve({ survival }: { survival: Survival }) {
  const { ref, width } = useElementSize();
  const last = Math.max(1, survival.lastDay ?? 1);
  const x = (day: number) => LEFT + (day / last) * Math.max(0, width - LEFT - 6);
  const y = (share: number) => 8 + (1 - share) * (HEIGHT - FOOT - 8);
  const points = [{ day: 0, share: 1, interval: { low: 1, high: 1 } }, ...survival.steps];
  const stairs = (of: (point: (typeof points)[number]) => number) =>
    points.flatMap((point, index) => {
      const until = points[index + 1]?.day ?? last;
      return [`${x(point.day)},${y(of(point))}`, `${x(until)},${y(of(point))}`];
    });
  const band = [
    ...stairs(({ interval, share }) => interval?.high ?? share),
    ...stairs(({ interval, share }) => interval?.low ?? share).toReversed(),
  ];
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * last));
  return (
    <figure className="curve" ref={ref}>
      {width > 0 && (
        <svg width={width} height={HEIGHT} role="img" aria-label={medianWords(survival)}>
          {[0, 0.5, 1].map((share) => (
            <g key={share}>
              <line className="curve-grid" x1={LEFT} x2={width - 6} y1={y(share)} y2={y(share)} />
              <text x={LEFT - 6} y={y(share) + 4} textAnchor="end">
                {percent(share)}
              </text>
            </g>
          ))}
          <polygon className="curve-band" points={band.join(' ')} />
          <polyline className="curve-line" points={stairs(({ share }) => share).join(' ')} />
          {ticks.map((day, index) => (
            <text
              // biome-ignore lint/suspicious/noArrayIndexKey: a tick is its place.
              key={index}
              x={x(day)}
              y={HEIGHT - 5}
              textAnchor={index === 0 ? 'start' : index === ticks.length - 1 ? 'end' : 'middle'}
            >
              {index === 0 ? 'Day 0' : count(day)}
            </text>
          ))}
        </svg>
      )}
    </figure>
  );
}

function medianWords({ median, n }: Survival): string {
  const bound = (day: number | null) => (day === null ? 'not reached' : `${count(Math.round(day))} days`);
  if (median === null) return `Median lifetime: not enough data, ${count(n)} customers so far.`;
  const interval = `95% interval: ${bound(median.low)} to ${bound(median.high)}`;
  return median.day === null
    ? `Median lifetime: not reached, more than half still pay (${interval}).`
    : `Median lifetime: ${bound(median.day)} (${interval}).`;
}
