/** A grey shape where something is about to stand. Sizes in pixels or CSS lengths. */
export function Skeleton({ width = '100%', height = 12 }: { width?: number | string; height?: number | string }) {
  return <span className="skeleton" aria-hidden="true" style={{ width, height }} />;
}

/** Lines of text to come. */
export function SkeletonLines({ lines = 3 }: { lines?: number }) {
  const widths = ['92%', '78%', '85%', '64%'];
  return (
    <div className="stack" data-gap="small">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines never move.
        <Skeleton key={line} width={widths[line % widths.length]} />
      ))}
    </div>
  );
}

/** A card to come. */
export function SkeletonCard({ height = 220 }: { height?: number }) {
  return (
    <div className="card card-body stack" style={{ minHeight: height }}>
      <Skeleton width={120} height={14} />
      <SkeletonLines lines={4} />
    </div>
  );
}

/** A whole page to come; says so to screen readers. */
export function SkeletonPage() {
  return (
    <div className="page" role="status" aria-label="Loading">
      <div className="stack" data-gap="small" style={{ marginBottom: 20 }}>
        <Skeleton width={180} height={22} />
        <Skeleton width={260} />
      </div>
      <SkeletonCard height={320} />
      <div className="row" data-split="2-1">
        <SkeletonCard />
        <SkeletonCard />
      </div>
    </div>
  );
}
