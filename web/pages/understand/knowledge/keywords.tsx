import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Check, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { type Keyword, keywordsQuery, knowledgeKey } from './queries.ts';
import { intentWords, optionsOf, shortUrl } from './words.ts';

type Shown = 'all' | 'confirmed' | 'gap';
/** As many rows as are drawn at first: a long tail can have hundreds. */
const first = 40;

export function KeywordsTab({ appId }: { appId: string }) {
  const keywords = useQuery(keywordsQuery(appId));
  const [shown, setShown] = useState<Shown>('all');
  const [more, setMore] = useState(false);
  const options = { refreshes: [knowledgeKey(appId)] };
  const confirming = useChange(api.keywords.confirm, options);
  const retiring = useChange(api.keywords.retire, options);
  const error = confirming.error ?? retiring.error;
  return (
    <Loaded query={keywords} skeleton={<SkeletonCard height={420} />}>
      {(all) => {
        const rows = all.filter((each) => each.state !== 'retired' && isShown(each, shown));
        return (
          <Card
            title="Keywords"
            sub={<span className="num">{count(rows.length)}</span>}
            action={
              <Segmented<Shown>
                label="Keywords shown"
                value={shown}
                onChange={setShown}
                options={[
                  { value: 'all', label: 'All' },
                  { value: 'confirmed', label: 'Yours' },
                  { value: 'gap', label: 'Gaps' },
                ]}
              />
            }
          >
            {error && (
              <div className="card-body">
                <ErrorNotice error={error} />
              </div>
            )}
            <DataTable<Keyword>
              caption="Phrases people would search for"
              height="two"
              rows={more ? rows : rows.slice(0, first)}
              rowKey={(row) => row.id}
              empty={emptyWords[shown]}
              columns={[
                {
                  key: 'phrase',
                  head: 'Phrase',
                  cell: (row) => (
                    <>
                      <div className="clip keyword-phrase">{row.phrase}</div>
                      <div className="cell-meta clip">{whereWords(row)}</div>
                    </>
                  ),
                },
                {
                  key: 'intent',
                  head: 'Searched',
                  width: '110px',
                  hideOnPhone: true,
                  cell: (row) => intentWords[row.intent],
                },
                {
                  key: 'difficulty',
                  head: 'Crowded',
                  width: '100px',
                  align: 'right',
                  hideOnPhone: true,
                  cell: (row) =>
                    row.difficulty === null ? <span className="sub">Unknown</span> : crowdWords(row.difficulty),
                },
                {
                  key: 'score',
                  head: 'Strength',
                  width: '84px',
                  align: 'right',
                  cell: (row) => (
                    <span className="keyword-score" title="Relative to the strongest phrase of your pages">
                      <span className="bar">
                        <i style={{ width: `${row.score}%` }} />
                      </span>
                      {Math.round(row.score)}
                    </span>
                  ),
                },
                {
                  key: 'actions',
                  head: 'Yours',
                  width: '96px',
                  align: 'right',
                  cell: (row) => (
                    <span className="row-actions">
                      <IconButton
                        label={row.state === 'confirmed' ? `${row.phrase} is yours` : `Make “${row.phrase}” yours`}
                        title="I want to be found by this"
                        aria-pressed={row.state === 'confirmed'}
                        disabled={row.state === 'confirmed'}
                        onClick={() => confirming.mutate({ keywordId: row.id })}
                      >
                        <Check size={15} className={row.state === 'confirmed' ? 'up' : undefined} />
                      </IconButton>
                      <IconButton
                        label={`Retire “${row.phrase}”`}
                        title="Retire"
                        onClick={() => retiring.mutate({ keywordId: row.id })}
                      >
                        <Trash2 size={14} />
                      </IconButton>
                    </span>
                  ),
                },
              ]}
            />
            <div className="card-body stack">
              {rows.length > first && !more && (
                <div>
                  <Button onClick={() => setMore(true)}>Show all {count(rows.length)}</Button>
                </div>
              )}
              <AddKeyword appId={appId} />
            </div>
          </Card>
        );
      }}
    </Loaded>
  );
}

function AddKeyword({ appId }: { appId: string }) {
  const form = useForm({
    initialValues: { phrase: '', intent: 'commercial' as Keyword['intent'] },
    validate: { phrase: (value) => (value.trim().length >= 2 ? null : 'Type a phrase') },
  });
  const adding = useChange(api.keywords.add, {
    refreshes: [knowledgeKey(appId)],
    says: 'Keyword added',
    after: () => form.reset(),
  });
  return (
    <form className="inline-form" noValidate onSubmit={form.onSubmit((values) => adding.mutate({ appId, ...values }))}>
      <TextInput
        aria-label="A phrase to be found by"
        placeholder="A phrase to be found by"
        {...form.getInputProps('phrase')}
      />
      <NativeSelect aria-label="Searched" data={optionsOf(intentWords)} {...form.getInputProps('intent')} />
      <Button type="submit" busy={adding.isPending}>
        Add
      </Button>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
    </form>
  );
}

const emptyWords: Record<Shown, string> = {
  all: 'No phrases yet. They are found when your pages are read.',
  confirmed: 'None confirmed yet. Tick the phrases you want to be found by.',
  gap: 'No gaps: no phrase stands on a watched competitor’s pages alone.',
};

function isShown(keyword: Keyword, shown: Shown): boolean {
  return shown === 'all' || (shown === 'gap' ? keyword.gap : keyword.state === 'confirmed');
}

const placeWords = { title: 'title', description: 'description', heading: 'heading', text: 'text' };

function whereWords(row: Keyword): string {
  const own = row.occurrences.filter((each) => each.competitor === null);
  if (own.length === 0) {
    const others = [...new Set(row.occurrences.flatMap((each) => each.competitor ?? []))];
    return others.length > 0 ? `Only at ${others.join(', ')}` : 'On none of your pages';
  }
  const pages = new Set(own.map((each) => each.url));
  const places = [...new Set(own.map((each) => placeWords[each.place]))].join(', ');
  return pages.size === 1 ? `In ${places} of ${shortUrl(own[0]?.url ?? '')}` : `In ${places} of ${pages.size} pages`;
}

function crowdWords(difficulty: number): string {
  return difficulty < 0.34 ? 'Open' : difficulty < 0.67 ? 'Some' : 'Crowded';
}
