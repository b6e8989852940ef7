import { Checkbox, Drawer } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { count, dateTime, day, money } from '#web/format.ts';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { categoryName } from './category.tsx';
import { NextStep } from './item.tsx';
import { ResultCard } from './result.tsx';
import { effortWords, impactWords } from './words.ts';
import { Working } from './working.tsx';

export type Detail = Awaited<ReturnType<typeof api.suggestions.get>>;

const moves: Record<string, string> = {
  accepted: 'Taken on',
  in_progress: 'Started',
  done: 'Done',
  dismissed: 'Dismissed',
  proposed: 'Taken back',
  expired: 'Gone',
};

/** Everything behind a suggestion: steps, its rows, how the numbers came about, what it changes and what came of it. */
export function SuggestionDrawer({ suggestionId, onClose }: { suggestionId: string; onClose: () => void }) {
  const detail = useQuery({
    queryKey: ['suggestions', 'get', suggestionId],
    queryFn: () => api.suggestions.get({ suggestionId }),
  });
  const { data } = detail;
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={560}
      title={data?.title ?? 'Suggestion'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {detail.error && (
        <ErrorNotice title="It did not load" error={detail.error} onRetry={() => void detail.refetch()} />
      )}
      {detail.isPending && <SkeletonLines lines={8} />}
      {data && <Everything detail={data} />}
    </Drawer>
  );
}

function Everything({ detail }: { detail: Detail }) {
  return (
    <div className="suggestion-detail">
      <p>{detail.reasoning}</p>
      <p className="suggestion-facts sub num">
        <span>{categoryName(detail.category)}</span>
        <span>{impactWords(detail)}</span>
        {detail.minutes !== null && <span>{effortWords(detail.minutes)}</span>}
        {detail.timeFrameDays !== null && <span>to be seen within {detail.timeFrameDays} days</span>}
      </p>
      <NextStep suggestion={detail} />
      {detail.results.map((result) => (
        <ResultCard key={result.metric} result={result} />
      ))}
      <Steps detail={detail} />
      <Rows detail={detail} />
      <Working detail={detail} />
      <StrategyChange change={detail.strategyChange} />
      <Made detail={detail} />
      <Decisions detail={detail} />
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
      <h3>Steps</h3>
      {tick.error && <ErrorNotice title="It was not ticked" error={tick.error} />}
      <ol className="suggestion-steps">
        {detail.actions.map(({ position, text, dueOn, doneAt }) => (
          <li key={position}>
            <Checkbox
              size="sm"
              label={text}
              description={dueOn && doneAt === null ? `by ${day(dueOn)}` : undefined}
              checked={doneAt !== null}
              onChange={(event) => check(position, event.currentTarget.checked)}
            />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Rows({ detail }: { detail: Detail }) {
  if (detail.evidence.length === 0 && !detail.insight) return null;
  const { currency } = detail;
  const value = (row: Detail['evidence'][number]) => {
    if (row.value === null) return '';
    if (row.unit === 'money' && currency) return money(Math.round(row.value), currency);
    return row.unit === 'days' ? `${row.value} days` : count(row.value);
  };
  return (
    <section>
      <h3>The rows it rests on</h3>
      {detail.insight && detail.insight.sentence !== detail.reasoning && <p>{detail.insight.sentence}</p>}
      {detail.when && <p className="sub">It is proposed when: {detail.when}</p>}
      <ul className="suggestion-rows num">
        {detail.evidence.map((row) => (
          <li key={`${row.tableName} ${row.rowId} ${row.label}`}>
            {row.tableName === 'posts' && row.rowId ? (
              <Link to="/posts/$postId" params={{ postId: row.rowId }} className="link clip">
                {row.label}
              </Link>
            ) : (
              <span className="clip" title={`${row.label} (${row.tableName.replaceAll('_', ' ')})`}>
                {row.label}
              </span>
            )}
            <span>{value(row)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function StrategyChange({ change }: { change: Detail['strategyChange'] }) {
  if (!change.add?.length && change.postsPerWeek === undefined) return null;
  return (
    <section>
      <h3>What it changes in the strategy</h3>
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

function Made({ detail: { made, makes, state } }: { detail: Detail }) {
  const things = made.filter(({ what }) => what !== 'strategy');
  if (state === 'proposed' && (makes.drafts > 0 || makes.campaign))
    return (
      <p className="sub">
        Doing it makes {makes.drafts > 0 && `${makes.drafts === 1 ? 'a draft' : `${makes.drafts} drafts`}`}
        {makes.drafts > 0 && makes.campaign && ' and '}
        {makes.campaign && `the campaign “${makes.campaign}”`}.
      </p>
    );
  if (things.length === 0) return null;
  return (
    <section>
      <h3>What came of accepting it</h3>
      <ul className="suggestion-rows">
        {things.map(({ what, id, title }) => (
          <li key={id}>
            {what === 'campaign' ? (
              <Link to="/campaigns/$id" params={{ id }} className="link clip">
                Campaign: {title ?? 'removed'}
              </Link>
            ) : (
              <Link to="/compose/$postId" params={{ postId: id }} className="link clip">
                Draft: {title ?? 'removed'}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Decisions({ detail }: { detail: Detail }) {
  const { timeZone: zone } = useHouse();
  if (detail.decisions.length === 0) return null;
  return (
    <section>
      <h3>What was decided</h3>
      <ul className="sub num">
        {detail.decisions.map((decision) => (
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
  );
}
