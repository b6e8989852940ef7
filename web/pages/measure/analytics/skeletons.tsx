import { Skeleton } from '#web/parts/skeleton.tsx';

/** As high as the figures and the drawing will be. */
export function FiguresSkeleton() {
  return (
    <div className="figures-skeleton" role="status" aria-label="Loading">
      <div>
        {['80%', '64%', '72%', '60%', '76%', '58%', '66%'].map((width) => (
          <span key={width} className="stack" data-gap="small">
            <Skeleton width={width} />
            <Skeleton width={64} height={24} />
            <Skeleton width={48} />
          </span>
        ))}
      </div>
      <Skeleton height={248} />
    </div>
  );
}

/** As high as so many rows. */
export function RowsSkeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div className="rows-skeleton">
      {[96, 84, 70, 58, 47, 38, 30, 24].slice(0, rows).map((width) => (
        <Skeleton key={width} width={`${width}%`} height={28} />
      ))}
    </div>
  );
}
