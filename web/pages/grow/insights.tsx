import './insights/insights.css';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { counted, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { InsightItem } from './insights/insight.tsx';

const views = [
  { value: 'open', label: 'Now' },
  { value: 'closed', label: 'Over' },
  { value: 'looked', label: 'What was looked at' },
] as const;
type View = (typeof views)[number]['value'];

export function InsightsPage() {
  const app = useApp();
  const queries = useQueryClient();
  const [asked, choose] = useAddress('show', 'open');
  const view = views.find(({ value }) => value === asked)?.value ?? 'open';
  const check = useMutation({
    mutationFn: () => api.insights.check({ appId: app.id }),
    onSuccess: ({ found, checks }) =>
      notifications.show({
        title: found === 0 ? 'Nothing new in the numbers' : `${counted(found, 'new finding')}`,
        message: `${counted(checks.length, 'question')} asked, ${checks.filter(({ outcome }) => outcome === 'not_enough_data').length} without enough data.`,
      }),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The numbers were not looked through', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Page
      title="Insights"
      intro="What changed in your numbers, since when, and how sure that is."
      actions={
        <>
          <Segmented<View> label="Show" options={[...views]} value={view} onChange={choose} />
          <Button busy={check.isPending} onClick={() => check.mutate()}>
            Look now
          </Button>
        </>
      }
    >
      {view === 'looked' ? <Looked appId={app.id} /> : <Feed appId={app.id} state={view} />}
    </Page>
  );
}

function Feed({ appId, state }: { appId: string; state: 'open' | 'closed' }) {
  const query = useInfiniteQuery({
    queryKey: ['insights', appId, state],
    queryFn: ({ pageParam }) =>
      api.insights.list({ appId, state, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (page) => page.cursor ?? undefined,
    select: ({ pages }) => pages.flatMap(({ insights }) => insights),
  });
  return (
    <Loaded query={query} title="The findings did not load" skeleton={<SkeletonCard height={420} />}>
      {(insights) =>
        insights.length === 0 ? (
          <div className="card">
            <h2 className="hidden-text">{state === 'open' ? 'Now' : 'Over'}</h2>
            <EmptyState title={state === 'open' ? 'Nothing stands out' : 'Nothing is over yet'}>
              {state === 'open'
                ? 'The numbers are looked through every day. Nothing is claimed that chance would explain, or that rests on too little; what was looked at says which it is.'
                : 'A finding comes here when what it says no longer holds, or when you put it away.'}
            </EmptyState>
          </div>
        ) : (
          <section className="card" aria-label={state === 'open' ? 'Now' : 'Over'}>
            <h2 className="hidden-text">{state === 'open' ? 'Now' : 'Over'}</h2>
            <ul>
              {insights.map((insight) => (
                <InsightItem key={insight.id} insight={insight} />
              ))}
            </ul>
            {query.hasNextPage && (
              <div className="insights-more">
                <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  Show more
                </Button>
              </div>
            )}
          </section>
        )
      }
    </Loaded>
  );
}

const outcomes = {
  found: 'Found',
  not_enough_data: 'Not enough data',
  nothing_unusual: 'Nothing unusual',
} as const;

function Looked({ appId }: { appId: string }) {
  const query = useQuery({ queryKey: ['insights.looked', appId], queryFn: () => api.insights.looked({ appId }) });
  return (
    <Loaded query={query} title="The questions did not load" skeleton={<SkeletonCard height={420} />}>
      {({ lookedAt, checks }) =>
        lookedAt === null ? (
          <div className="card">
            <h2 className="hidden-text">What was looked at</h2>
            <EmptyState title="Nothing was looked at yet">
              The numbers are looked through every day, or when you ask for it above.
            </EmptyState>
          </div>
        ) : (
          <div className="stack">
            {(Object.keys(outcomes) as (keyof typeof outcomes)[]).map((outcome) => {
              const own = checks.filter((one) => one.outcome === outcome);
              if (own.length === 0) return null;
              return (
                <Card key={outcome} title={outcomes[outcome]} sub={counted(own.length, 'question')}>
                  <ul className="looked">
                    {own.map(({ detector, question, message }) => (
                      <li key={detector}>
                        <p>{question}</p>
                        <p className="sub">{message}</p>
                      </li>
                    ))}
                  </ul>
                </Card>
              );
            })}
            <p className="sub">Looked {relative(lookedAt)}.</p>
          </div>
        )
      }
    </Loaded>
  );
}
