import { Check, Trash2, Undo2 } from 'lucide-react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { IconButton } from '#web/parts/button.tsx';
import { type Column, DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type Keyword, keywordsKey } from './queries.ts';
import { crowdWords, intentTones, intentWords, kindWords, whereWords } from './words.ts';

/** What a person can say to a phrase; shared by the table and the keys. */
export function useDecisions(appId: string) {
  const options = { refreshes: [keywordsKey(appId)] };
  const confirming = useChange(api.keywords.confirm, options);
  const retiring = useChange(api.keywords.retire, options);
  return {
    error: confirming.error ?? retiring.error,
    confirm: (keywordId: string) => confirming.mutate({ keywordId }),
    retire: (keywordId: string) => retiring.mutate({ keywordId }),
  };
}

export type Decisions = ReturnType<typeof useDecisions>;

export function KeywordTable({
  caption,
  rows,
  empty,
  decisions,
  onOpen,
}: {
  caption: string;
  rows: Keyword[];
  empty: string;
  decisions: Decisions;
  onOpen: (keywordId: string) => void;
}) {
  return (
    <>
      {decisions.error && (
        <div className="card-body">
          <ErrorNotice error={decisions.error} />
        </div>
      )}
      <DataTable<Keyword>
        caption={caption}
        height="two"
        rows={rows}
        rowKey={(row) => row.id}
        empty={empty}
        columns={[...columns(onOpen), actions(decisions)]}
      />
    </>
  );
}

const columns = (onOpen: (keywordId: string) => void): Column<Keyword>[] => [
  {
    key: 'phrase',
    head: 'Phrase',
    cell: (row) => (
      <>
        <button
          type="button"
          className="keyword-open clip"
          data-keyword={row.id}
          data-state={row.state}
          onClick={() => onOpen(row.id)}
        >
          {row.phrase}
        </button>
        <div className="cell-meta clip">{whereWords(row)}</div>
      </>
    ),
  },
  {
    key: 'intent',
    head: 'Searched',
    width: '112px',
    hideOnPhone: true,
    cell: (row) => (
      <span className="tag" data-tone={intentTones[row.intent]}>
        {intentWords[row.intent]}
      </span>
    ),
  },
  { key: 'kind', head: 'Kind', width: '86px', hideOnPhone: true, cell: (row) => kindWords[row.kind] },
  {
    key: 'difficulty',
    head: 'Crowded',
    width: '84px',
    hideOnPhone: true,
    cell: (row) => (row.difficulty === null ? <span className="sub">Unknown</span> : crowdWords(row.difficulty)),
  },
  {
    key: 'posts',
    head: 'Posts',
    width: '64px',
    align: 'right',
    hideOnPhone: true,
    cell: (row) => (row.posts === 0 ? <span className="sub">0</span> : count(row.posts)),
  },
  {
    key: 'score',
    head: 'Strength',
    width: '88px',
    align: 'right',
    cell: (row) => (
      <span className="keyword-score" title="Relative to the strongest phrase">
        <span className="bar">
          <i style={{ width: `${row.score}%` }} />
        </span>
        {Math.round(row.score)}
      </span>
    ),
  },
];

const actions = ({ confirm, retire }: Decisions): Column<Keyword> => ({
  key: 'actions',
  head: 'Yours',
  width: '96px',
  align: 'right',
  cell: (row) => (
    <span className="row-actions">
      <IconButton
        label={row.state === 'confirmed' ? `“${row.phrase}” is yours` : `Make “${row.phrase}” yours`}
        title="I want to be found by this"
        aria-pressed={row.state === 'confirmed'}
        disabled={row.state === 'confirmed'}
        onClick={() => confirm(row.id)}
      >
        {row.state === 'retired' ? (
          <Undo2 size={15} />
        ) : (
          <Check size={15} className={row.state === 'confirmed' ? 'up' : undefined} />
        )}
      </IconButton>
      {row.state !== 'retired' && (
        <IconButton label={`Retire “${row.phrase}”`} title="Retire" onClick={() => retire(row.id)}>
          <Trash2 size={14} />
        </IconButton>
      )}
    </span>
  ),
});
