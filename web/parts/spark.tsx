/** A line without axes, for a table cell. Its numbers must stand in words beside it: it is hidden from screen readers. */
export function Spark({ values, width = 72, height = 20 }: { values: number[]; width?: number; height?: number }) {
  const most = Math.max(...values);
  const least = Math.min(...values);
  const points = values.map((value, index) => {
    const x = (index / Math.max(1, values.length - 1)) * (width - 2) + 1;
    const y = height - 2 - ((value - least) / (most - least || 1)) * (height - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg width={width} height={height} aria-hidden="true">
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--accent)"
        strokeWidth="1.5"
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
