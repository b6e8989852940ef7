import '#web/styles/forms.css';
import '#web/pages/understand/knowledge/knowledge.css';
import './keywords/keywords.css';
import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Download, RefreshCw } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { csvOf, saveFile } from '#web/file.ts';
import { count } from '#web/format.ts';
import { useKeys } from '#web/keys.ts';
import { optionsOf } from '#web/pages/understand/knowledge/words.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { CoverageCard } from './keywords/coverage.tsx';
import { KeywordDrawer } from './keywords/drawer.tsx';
import { type Keyword, keywordsKey, keywordsQuery } from './keywords/queries.ts';
import { QuestionsCard } from './keywords/questions.tsx';
import { type Decisions, KeywordTable, useDecisions } from './keywords/table.tsx';
import { intentWords } from './keywords/words.ts';

const views = [
  { value: 'all', label: 'Keywords' },
  { value: 'yours', label: 'Yours' },
  { value: 'gaps', label: 'Gaps' },
  { value: 'questions', label: 'Questions' },
  { value: 'pages', label: 'Your pages' },
  { value: 'retired', label: 'Retired' },
] as const;
type View = (typeof views)[number]['value'];

/** As many rows as are drawn at first: a long tail can have hundreds. */
const first = 40;

const emptyWords = {
  all: 'No phrases yet. They are found when your pages are read.',
  yours: 'None confirmed yet. Tick the phrases you want to be found by.',
  gaps: 'No gaps: no phrase stands on competitors’ pages alone. Watch a competitor, and its pages are compared with yours.',
  retired: 'Nothing is retired.',
};

/** What people would search for, where it stands, what competitors say instead, and what people ask. */
export function KeywordsPage() {
  const app = useApp();
  const [chosen, choose] = useAddress('show', 'all');
  const [opened, open] = useAddress('keyword', null);
  const view = views.find((each) => each.value === chosen)?.value ?? 'all';
  const keywords = useQuery(keywordsQuery(app.id));
  const decisions = useDecisions(app.id);
  const refreshing = useChange(api.keywords.refresh, {
    refreshes: [keywordsKey(app.id)],
    says: 'Looked again',
  });
  useListKeys(decisions);
  return (
    <Page
      title="Keywords"
      intro="What people would search for. What you confirm or retire stays, whatever is read later."
      actions={
        <>
          <Button
            disabled={!keywords.data?.length}
            onClick={() => keywords.data && saveFile('keywords.csv', new Blob([csvOf(rowsOf(keywords.data))], csv))}
          >
            <Download size={14} aria-hidden="true" />
            CSV
          </Button>
          <Button busy={refreshing.isPending} onClick={() => refreshing.mutate({ appId: app.id })}>
            {!refreshing.isPending && <RefreshCw size={14} aria-hidden="true" />}
            Look again
          </Button>
        </>
      }
    >
      <div className="stack">
        {refreshing.error && <ErrorNotice title="Not looked" error={refreshing.error} />}
        <div className="tabs-scroll">
          <Segmented<View> label="Keywords shown" options={[...views]} value={view} onChange={choose} />
        </div>
        {view === 'questions' && <QuestionsCard appId={app.id} />}
        {view === 'pages' && <CoverageCard appId={app.id} onOpen={open} />}
        {view !== 'questions' && view !== 'pages' && (
          <Loaded query={keywords} title="The keywords did not load" skeleton={<SkeletonCard height={460} />}>
            {(all) => <ListCard key={view} appId={app.id} all={all} view={view} decisions={decisions} onOpen={open} />}
          </Loaded>
        )}
      </div>
      {opened && <KeywordDrawer appId={app.id} keywordId={opened} decisions={decisions} onClose={() => open(null)} />}
    </Page>
  );
}

function ListCard({
  appId,
  all,
  view,
  decisions,
  onOpen,
}: {
  appId: string;
  all: Keyword[];
  view: keyof typeof emptyWords;
  decisions: Decisions;
  onOpen: (keywordId: string) => void;
}) {
  const [more, setMore] = useState(false);
  const rows = all.filter((row) => belongs(row, view));
  return (
    <Card
      title={views.find((each) => each.value === view)?.label}
      sub={<span className="num">{count(rows.length)}</span>}
      action={
        <span className="keyword-keys">
          <span>
            <kbd>J</kbd> <kbd>K</kbd> move
          </span>
          <span>
            <kbd>Y</kbd> yours
          </span>
          <span>
            <kbd>R</kbd> retire
          </span>
        </span>
      }
    >
      <KeywordTable
        caption="Phrases people would search for"
        rows={more ? rows : rows.slice(0, first)}
        empty={emptyWords[view]}
        decisions={decisions}
        onOpen={onOpen}
      />
      <div className="card-body stack">
        {rows.length > first && !more && (
          <div>
            <Button onClick={() => setMore(true)}>Show all {count(rows.length)}</Button>
          </div>
        )}
        {view !== 'retired' && <AddKeyword appId={appId} />}
      </div>
    </Card>
  );
}

function belongs(row: Keyword, view: keyof typeof emptyWords): boolean {
  if (view === 'retired') return row.state === 'retired';
  if (row.state === 'retired') return false;
  if (view === 'yours') return row.state === 'confirmed';
  return view === 'gaps' ? row.gap : !row.gap || row.state === 'confirmed';
}

function AddKeyword({ appId }: { appId: string }) {
  const form = useForm({
    initialValues: { phrase: '', intent: 'commercial' as Keyword['intent'] },
    validate: { phrase: (value) => (value.trim().length >= 2 ? null : 'Type a phrase') },
  });
  const adding = useChange(api.keywords.add, {
    refreshes: [keywordsKey(appId)],
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

/** J and K walk through the phrases, Y confirms the one that has the focus, R retires it, Enter opens it. */
function useListKeys({ confirm, retire }: Decisions) {
  useKeys(
    useMemo(() => {
      const rows = () => [...document.querySelectorAll<HTMLButtonElement>('.keyword-open[data-keyword]')];
      const focused = () => document.activeElement?.closest('tr')?.querySelector<HTMLButtonElement>('[data-keyword]');
      const move = (by: number) => {
        const all = rows();
        const at = all.indexOf(focused() as HTMLButtonElement);
        all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
      };
      const decide = (run: (keywordId: string) => void) => {
        const keywordId = focused()?.dataset.keyword;
        if (keywordId) run(keywordId);
      };
      return { j: () => move(1), k: () => move(-1), y: () => decide(confirm), r: () => decide(retire) };
    }, [confirm, retire]),
  );
}

const csv = { type: 'text/csv;charset=utf-8' };

function rowsOf(keywords: readonly Keyword[]) {
  return {
    columns: [
      'phrase',
      'kind',
      'intent',
      'difficulty',
      'strength',
      'state',
      'source',
      'own places',
      'competitors',
      'posts',
    ],
    rows: keywords.map((row) => [
      row.phrase,
      row.kind,
      row.intent,
      row.difficulty,
      Math.round(row.score),
      row.state,
      row.source,
      row.occurrences.filter(({ competitor }) => competitor === null).length,
      [...new Set(row.occurrences.flatMap(({ competitor }) => competitor ?? []))].join(' '),
      row.posts,
    ]),
  };
}
