import { useQuery } from '@tanstack/react-query';
import { Check, Trash2 } from 'lucide-react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, day } from '#web/format.ts';
import { shortUrl } from '#web/pages/understand/knowledge/words.ts';
import { IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { keywordsKey, type Question, questionsQuery } from './queries.ts';

/** What people ask, as they would type it into a search, with their own words. */
export function QuestionsCard({ appId }: { appId: string }) {
  const query = useQuery(questionsQuery(appId));
  const adding = useChange(api.keywords.add, { refreshes: [keywordsKey(appId)] });
  const decide = ({ phrase }: Question, state: 'confirmed' | 'retired') =>
    adding.mutate({ appId, phrase, intent: 'informational', source: 'questions', state });
  return (
    <Loaded query={query} title="The questions did not load" skeleton={<SkeletonCard height={420} />}>
      {(all) => {
        const open = all.filter((question) => question.state !== 'retired');
        return (
          <Card title="Questions people ask" sub={<span className="num">{open.length}</span>}>
            {adding.error && (
              <div className="card-body">
                <ErrorNotice title="Not kept" error={adding.error} />
              </div>
            )}
            {open.length === 0 ? (
              <EmptyState title="No questions yet">
                They are taken from what people write to you and from pages that were read. A question somebody asks you
                is one that others type into a search.
              </EmptyState>
            ) : (
              <ul className="questions">
                {open.map((question) => (
                  <Asked key={question.phrase} question={question} onDecide={(state) => decide(question, state)} />
                ))}
              </ul>
            )}
          </Card>
        );
      }}
    </Loaded>
  );
}

function Asked({ question, onDecide }: { question: Question; onDecide: (state: 'confirmed' | 'retired') => void }) {
  const { timeZone } = useHouse();
  const { phrase, asked, onPages, sources, answeredOn, state } = question;
  const often = [
    ...(asked > 0 ? [`asked ${asked === 1 ? 'once' : `${asked} times`}`] : []),
    ...(onPages > 0 ? [`on ${counted(onPages, 'page')}`] : []),
  ];
  return (
    <li>
      <div className="question-text">
        <p className="keyword-phrase">{phrase}</p>
        <p className="sub">
          {often.join(', ')}
          {'. '}
          {answeredOn ? (
            <>
              Answered on{' '}
              <a href={answeredOn.url} target="_blank" rel="noreferrer">
                {shortUrl(answeredOn.url)}
              </a>
            </>
          ) : (
            <span className="question-open">No page of yours answers it</span>
          )}
        </p>
        <details>
          <summary>In their words</summary>
          <ul>
            {sources.map((source, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same words may be asked twice.
              <li key={index}>
                “{source.quote}”{' '}
                <span className="sub">
                  {source.kind === 'inbox'
                    ? `${source.from ? `@${source.from}` : 'in the inbox'}, ${day(source.at, timeZone)}`
                    : `${source.from ?? 'your page'}, ${shortUrl(source.url)}`}
                </span>
              </li>
            ))}
          </ul>
        </details>
      </div>
      {state === null ? (
        <span className="row-actions">
          <IconButton label={`Add “${phrase}” to the keywords`} onClick={() => onDecide('confirmed')}>
            <Check size={15} />
          </IconButton>
          <IconButton label={`Leave “${phrase}” out`} onClick={() => onDecide('retired')}>
            <Trash2 size={14} />
          </IconButton>
        </span>
      ) : (
        <span className="tag" data-tone="pos">
          Keyword
        </span>
      )}
    </li>
  );
}
