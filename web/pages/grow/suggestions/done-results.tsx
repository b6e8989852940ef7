import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { ResultCard } from './result.tsx';

/** What was done and what it changed: expected beside measured. */
export function DoneResults({ appId, onOpen }: { appId: string; onOpen: (id: string) => void }) {
  const results = useQuery({
    queryKey: ['suggestions', 'results', appId],
    queryFn: () => api.suggestions.results({ appId }),
  });
  return (
    <Card title="Expected and measured" padded>
      {results.isPending && <SkeletonLines />}
      {results.error && (
        <ErrorNotice title="The results did not load" error={results.error} onRetry={() => void results.refetch()} />
      )}
      {results.data?.results.length === 0 && (
        <p className="sub">Nothing is measured yet. The first numbers come five weeks after something was done.</p>
      )}
      <ul className="stack">
        {results.data?.results.map((result) => (
          <li key={`${result.suggestionId} ${result.metric}`}>
            <button type="button" className="suggestion-link" onClick={() => onOpen(result.suggestionId)}>
              {result.title}
            </button>
            <ResultCard result={result} />
          </li>
        ))}
      </ul>
    </Card>
  );
}
