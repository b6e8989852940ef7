import { count, day } from '#web/format.ts';

export type CoursePoint = { day: string; value: number | null; expected: number | null };

const [width, height, foot, top] = [560, 132, 18, 8];

/**
 * What was counted as a line, what was to be expected as a dashed one, and where the change began. Its words say what it
 * shows; the numbers stand in the evidence below.
 */
export function Course({ points, since, label }: { points: CoursePoint[]; since: string | null; label: string }) {
  const counted = points.filter((point) => point.value !== null);
  if (counted.length < 3) return null;
  const most = Math.max(...points.flatMap(({ value, expected }) => [value ?? 0, expected ?? 0]), 1e-9);
  const x = (index: number) => 8 + (index / (points.length - 1)) * (width - 16);
  const y = (value: number) => top + (1 - value / most) * (height - top - foot);
  const begins = since === null ? -1 : points.findIndex((point) => point.day >= since);
  const line = (of: (point: CoursePoint) => number | null) =>
    points
      .flatMap((point, index) => {
        const value = of(point);
        return value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`];
      })
      .join(' ');
  const [first, last] = [points[0]!, points.at(-1)!];
  return (
    <svg
      className="insight-course"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${label}, ${day(first.day)} to ${day(last.day)}: last ${count(last.value ?? 0)}, most ${count(Math.round(most))}`}
    >
      {[0, 0.5, 1].map((share) => (
        <line key={share} className="insight-grid" x1="8" x2={width - 8} y1={y(most * share)} y2={y(most * share)} />
      ))}
      {begins > 0 && (
        <rect
          className="insight-changed"
          x={x(begins)}
          y={top}
          width={width - 8 - x(begins)}
          height={height - top - foot}
        />
      )}
      <polyline className="insight-expected" points={line(({ expected }) => expected)} />
      <polyline className="insight-counted" points={line(({ value }) => value)} />
      {begins > 0 && points[begins]!.value !== null && (
        <circle className="insight-mark" cx={x(begins)} cy={y(points[begins]!.value!)} r="4" />
      )}
      <text x="8" y={height - 4}>
        {day(first.day)}
      </text>
      {begins > points.length * 0.15 && begins < points.length * 0.8 && (
        <text x={x(begins)} y={height - 4} textAnchor="middle">
          {day(points[begins]!.day)}
        </text>
      )}
      <text x={width - 8} y={height - 4} textAnchor="end">
        {day(last.day)}
      </text>
    </svg>
  );
}
