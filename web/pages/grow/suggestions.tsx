import '#web/styles/suggestions.css';
import { NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, errorWords } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { suggestionsQuery } from '#web/queries.ts';
import { tell } from '#web/tell.ts';
import { categoryNames } from './suggestions/category.tsx';
import { SuggestionDrawer } from './suggestions/detail.tsx';
import { DoneResults } from './suggestions/done-results.tsx';
import { SuggestionItem } from './suggestions/item.tsx';
import { Matrix } from './suggestions/matrix.tsx';

export type Suggestion = Awaited<ReturnType<typeof api.suggestions.list>>['suggestions'][number];

const states = [
  { value: 'proposed', label: 'Proposed', empty: 'Nothing new is proposed. What you took on stands beside.' },
  { value: 'accepted', label: 'Taken on', empty: 'Nothing is waiting to be started. Take on a proposal with “Do it”.' },
  { value: 'in_progress', label: 'In progress', empty: 'Nothing is being worked on.' },
  {
    value: 'done',
    label: 'Done',
    empty: 'Nothing is done yet. In the weeks after something is, its effect is measured here.',
  },
  { value: 'dismissed', label: 'Dismissed', empty: 'Nothing was dismissed.' },
] as const;

export function SuggestionsPage() {
  const app = useApp();
  const queries = useQueryClient();
  const [asked, choose] = useAddress('state', 'proposed');
  const [category, filter] = useAddress('category', 'all');
  const state = states.find(({ value }) => value === asked) ?? states[0];
  const [opened, setOpened] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const list = useQuery(suggestionsQuery(app.id));
  const look = useMutation({
    mutationFn: () => api.suggestions.look({ appId: app.id }),
    onSuccess: ({ found }) =>
      void tell({
        title: found === 0 ? 'Nothing new is worth doing' : `${counted(found, 'new suggestion')}`,
        message: 'All rows were looked through: pages, posts, visits, inbox, payments.',
      }),
    onError: (error) => void tell({ color: 'red', title: 'It was not looked through', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  const all = list.data?.suggestions ?? [];
  const inState = all.filter((suggestion) => suggestion.state === state.value);
  const shown = inState.filter((suggestion) => category === 'all' || suggestion.category === category);
  const isOpen = state.value !== 'done' && state.value !== 'dismissed';
  const open = (id: string) => {
    setChosen(id);
    setOpened(id);
  };
  return (
    <Page
      title="Suggestions"
      intro="What is worth doing, drawn from your own rows and ranked by what an hour of work is expected to bring."
      actions={
        <Button busy={look.isPending} onClick={() => look.mutate()}>
          Look again
        </Button>
      }
    >
      {list.error && (
        <ErrorNotice title="The suggestions did not load" error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isPending && <SkeletonCard height={420} />}
      {list.data && all.length === 0 && (
        <div className="card">
          <h2 className="hidden-text">Proposals</h2>
          <EmptyState
            title="No suggestions yet"
            action={
              <Button look="primary" busy={look.isPending} onClick={() => look.mutate()}>
                Look now
              </Button>
            }
          >
            They come from your pages, posts, visits, inbox and payments, which are looked through every day. What has
            too little data says so instead of a number.
          </EmptyState>
        </div>
      )}
      {list.data && all.length > 0 && (
        <div className="row post-row" data-split={isOpen ? '2-1' : undefined}>
          <div className="stack">
            <div className="states-bar">
              <Segmented
                label="State"
                value={state.value}
                onChange={(next) => {
                  choose(next);
                  setChosen(undefined);
                }}
                options={states.map(({ value, label }) => ({
                  value,
                  label: list.data.counts[value] ? `${label} ${list.data.counts[value]}` : label,
                }))}
              />
              <NativeSelect
                aria-label="Category"
                size="xs"
                value={category}
                onChange={(event) => filter(event.currentTarget.value)}
                data={[
                  { value: 'all', label: 'All categories' },
                  ...categoryNames.map(({ value, label }) => ({
                    value,
                    label: `${label} ${inState.filter((one) => one.category === value).length}`,
                  })),
                ]}
              />
            </div>
            {state.value === 'done' && <DoneResults appId={app.id} onOpen={open} />}
            <section className="card" aria-label={state.label}>
              {shown.length === 0 && (
                <p className="table-empty">{inState.length > 0 ? 'None of these is of this category.' : state.empty}</p>
              )}
              <ol className="suggestions">
                {shown.map((suggestion, index) => (
                  <SuggestionItem
                    key={suggestion.id}
                    suggestion={suggestion}
                    number={index + 1}
                    opened={chosen === suggestion.id}
                    onOpen={() => open(suggestion.id)}
                  />
                ))}
              </ol>
            </section>
          </div>
          {isOpen && (
            <div className="stack matrix-side">
              <Card title="Effort and impact" sub={state.label.toLowerCase()} padded>
                <Matrix
                  suggestions={shown}
                  chosen={chosen}
                  onChoose={(id, moved) => {
                    setChosen(id);
                    // Where the list stands below and not beside, going there would leave the matrix.
                    if (moved || matchMedia('(max-width: 1000px)').matches) return;
                    document.getElementById(`suggestion-${id}`)?.scrollIntoView({ block: 'nearest' });
                  }}
                  onOpen={open}
                />
              </Card>
            </div>
          )}
        </div>
      )}
      {opened && <SuggestionDrawer suggestionId={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  );
}
