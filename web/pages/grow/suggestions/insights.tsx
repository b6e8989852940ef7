import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { counted, day } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';

type Insight = Awaited<ReturnType<typeof api.insights.list>>['insights'][number];

/** What was found in the numbers, and how sure it is. */
export function Insights({ appId }: { appId: string }) {
  const list = useQuery({ queryKey: ['insights', appId], queryFn: () => api.insights.list({ appId, limit: 20 }) });
  return (
    <Card title="Found in the numbers" sub={list.data ? `${list.data.insights.length}` : undefined} padded>
      {list.isPending && <SkeletonLines />}
      {list.error && (
        <ErrorNotice title="The findings did not load" error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.data?.insights.length === 0 && (
        <p className="sub">Not enough data for a finding yet. Below a floor of posts and visits nothing is claimed.</p>
      )}
      <ul className="stack">
        {list.data?.insights.map((insight) => (
          <li key={insight.id}>
            <p>{insight.sentence}</p>
            <p className="sub num">
              {effectWords(insight)}
              {day(insight.foundAt)}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function effectWords({ effect, effectLow, effectHigh, sampleBefore, sampleAfter }: Insight): string {
  const samples =
    sampleBefore !== null && sampleAfter !== null ? `${counted(sampleAfter, 'case')} against ${sampleBefore}, ` : '';
  if (effect === null || effectLow === null || effectHigh === null) return samples;
  return `${effect.toFixed(1)} times, between ${effectLow.toFixed(1)} and ${effectHigh.toFixed(1)} with 95% confidence, ${samples}`;
}
