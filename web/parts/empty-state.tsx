import type { ReactNode } from 'react';

/**
 * A place that has no data yet: the line that will be there as a ghost, and one raised card that says what is missing,
 * what to do, and, in `waiting`, what the product is waiting for right now.
 */
export function EmptyState({
  title,
  children,
  action,
  waiting,
  ghost = true,
}: {
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  waiting?: string;
  ghost?: boolean;
}) {
  return (
    <div className="empty">
      {ghost && (
        <svg viewBox="0 0 700 300" preserveAspectRatio="none" aria-hidden="true">
          <polyline
            points="0,250 46,236 92,246 150,196 220,214 290,150 360,168 430,120 500,132 570,62 640,72 700,34"
            fill="none"
            stroke="var(--line-2)"
            strokeWidth="2"
            strokeDasharray="5 6"
            vectorEffect="non-scaling-stroke"
          />
        </svg>
      )}
      <div className="empty-card">
        <h3>{title}</h3>
        {children && <p>{children}</p>}
        {action && <div className="empty-action">{action}</div>}
        {waiting && (
          <div className="waiting" role="status">
            <i />
            {waiting}
          </div>
        )}
      </div>
    </div>
  );
}
