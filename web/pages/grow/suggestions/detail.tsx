import { Checkbox } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { count, dateTime } from '#web/format.ts';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

type Detail = Awaited<ReturnType<typeof api.suggestions.get>>;

const verdicts = {
  better: 'Better',
  worse: 'Worse',
  no_difference: 'No difference',
  not_enough_data: 'Not enough data',
};
const moves: Record<string, string> = {
  accepted: 'Taken on',
  in_progress: 'Started',
  done: 'Done',
  dismissed: 'Dismissed',
  proposed: 'Proposed again',
};

/** Everything behind a suggestion: steps, the rows it rests on, what it changes, what was decided and what came of it. */
export function SuggestionDetail({ suggestionId }: { suggestionId: string }) {
  const { timeZone: zone } = useHouse();
  const detail = useQuery({
    queryKey: ['suggestions', 'get', suggestionId],
    queryFn: () => api.suggestions.get({ suggestionId }),
  });
  if (detail.error)
    return <ErrorNotice title="It did not load" error={detail.error} onRetry={() => void detail.refetch()} />;
  if (!detail.data)
    return (
      <div className="suggestion-detail">
        <SkeletonLines lines={3} />
      </div>
    );
  const { data } = detail;
  return (
    <div className="suggestion-detail">
      <Steps detail={data} />
      {data.insight && <Evidence insightId={data.insight.id} sentence={data.insight.sentence} />}
      <StrategyChange change={data.strategyChange} />
      {data.results.length > 0 && <Results results={data.results} />}
      {data.decisions.length > 0 && (
        <section>
          <h2>What was decided</h2>
          <ul className="sub num">
            {data.decisions.map((decision) => (
              <li key={decision.decidedAt.toISOString()}>
                {moves[decision.toState] ?? decision.toState} {dateTime(decision.decidedAt, zone)}
                {decision.decidedByName && ` by ${decision.decidedByName}`}
                {decision.strategyVersion !== null && (
                  <>
                    , in{' '}
                    <Link to="/strategy" className="link">
                      version {decision.strategyVersion} of the strategy
                    </Link>
                  </>
                )}
                {decision.note && `: ${decision.note}`}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Steps({ detail }: { detail: Detail }) {
  const queries = useQueryClient();
  const tick = useMutation({
    mutationFn: (step: { position: number; done: boolean }) =>
      api.suggestions.completeAction({ suggestionId: detail.id, ...step }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['suggestions'] }),
  });
  /** Shown at once: a box that waits for the server looks broken. A refusal brings back what is stored. */
  const check = (position: number, done: boolean) => {
    queries.setQueryData<Detail>(
      ['suggestions', 'get', detail.id],
      (now) =>
        now && {
          ...now,
          actions: now.actions.map((each) =>
            each.position === position ? { ...each, doneAt: done ? new Date() : null } : each,
          ),
        },
    );
    tick.mutate({ position, done });
  };
  if (detail.actions.length === 0) return null;
  return (
    <section>
      <h2>Steps</h2>
      {tick.error && <ErrorNotice title="It was not ticked" error={tick.error} />}
      <ol className="suggestion-steps">
        {detail.actions.map(({ position, text, doneAt }) => (
          <li key={position}>
            <Checkbox
              size="sm"
              label={text}
              checked={doneAt !== null}
              onChange={(event) => check(position, event.currentTarget.checked)}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Evidence({ insightId, sentence }: { insightId: string; sentence: string }) {
  const insight = useQuery({
    queryKey: ['insights', 'get', insightId],
    queryFn: () => api.insights.get({ insightId }),
  });
  return (
    <section>
      <h2>What it rests on</h2>
      <p>{sentence}</p>
      <ul className="suggestion-rows num">
        {insight.data?.evidence.map(({ label, tableName, rowId, value }) => (
          <li key={`${tableName} ${rowId} ${label}`}>
            {tableName === 'posts' && rowId ? (
              <Link to="/posts/$postId" params={{ postId: rowId }} className="link clip">
                {label}
              </Link>
            ) : (
              <span className="clip">{label}</span>
            )}
            <span>{value === null ? '' : count(Number(value))}</span>
          </li>
        ))}
      </ul>
      {insight.error && (
        <ErrorNotice title="The rows did not load" error={insight.error} onRetry={() => void insight.refetch()} />
      )}
    </section>
  );
}

function StrategyChange({ change }: { change: Detail['strategyChange'] }) {
  if (!change.add?.length && change.postsPerWeek === undefined) return null;
  return (
    <section>
      <h2>What it changes in the strategy</h2>
      <ul>
        {change.add?.map(({ kind, statement, reasoning }) => (
          <li key={statement}>
            {kind === 'channel' ? platformName(statement.replaceAll('_', '')) : statement}{' '}
            <span className="sub">
              ({kind.replaceAll('_', ' ')}. {reasoning})
            </span>
          </li>
        ))}
        {change.postsPerWeek !== undefined && <li>{change.postsPerWeek} posts a week</li>}
      </ul>
    </section>
  );
}

function Results({ results }: { results: Detail['results'] }) {
  return (
    <section>
      <h2>What came of it</h2>
      <ul className="suggestion-rows num">
        {results.map((result) => (
          <li key={result.metric}>
            <span>
              {result.metric.replaceAll('_', ' ')}
              {result.beforeValue !== null &&
                result.afterValue !== null &&
                `: ${count(result.beforeValue)} before, ${count(result.afterValue)} after`}
              {result.effect !== null && result.effectLow !== null && result.effectHigh !== null && (
                <span className="sub">
                  {' '}
                  {result.effect.toFixed(2)} times, between {result.effectLow.toFixed(2)} and{' '}
                  {result.effectHigh.toFixed(2)}
                </span>
              )}
              {result.reason && <span className="sub"> {result.reason}</span>}
            </span>
            <StatusBadge
              status={result.verdict === 'better' ? 'done' : result.verdict === 'worse' ? 'failed' : 'unknown'}
              word={verdicts[result.verdict]}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
