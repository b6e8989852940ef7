const words = { 1: 'Small effect', 2: 'Medium effect', 3: 'Large effect' };

/** How much something is expected to do, in three bars. */
export function ImpactBars({ level }: { level: 1 | 2 | 3 }) {
  return (
    <span className="impact" role="img" aria-label={words[level]} title={words[level]}>
      {[4, 7, 10].map((height, index) => (
        <i key={height} data-on={index < level || undefined} style={{ height }} />
      ))}
    </span>
  );
}
