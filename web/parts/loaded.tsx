import type { ReactNode } from 'react';
import { ErrorNotice } from './error-notice.tsx';
import { SkeletonLines } from './skeleton.tsx';

/** What an asked question looks like on its way: a skeleton, then the answer or what went wrong with a way to ask again. */
export function Loaded<Data>({
  query,
  title = 'This part did not load',
  skeleton = <SkeletonLines lines={4} />,
  children,
}: {
  query: { data: Data | undefined; error: unknown; refetch: () => unknown };
  title?: string;
  /** As high as the answer will be, so that nothing jumps. */
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorNotice title={title} error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div role="status" aria-label="Loading">
      {skeleton}
    </div>
  );
}
