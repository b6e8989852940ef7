import '#web/styles/suggestions.css';
import { notifications } from '@mantine/notifications';
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
import { Insights } from './suggestions/insights.tsx';
import { Matrix } from './suggestions/matrix.tsx';
import { SuggestionItem } from './suggestions/suggestion.tsx';

export type Suggestion = Awaited<ReturnType<typeof api.suggestions.list>>['suggestions'][number];

const states = [
  { value: 'proposed', label: 'Proposed', empty: 'Nothing new is proposed. What you took on stands beside.' },
  { value: 'accepted', label: 'Taken on', empty: 'Nothing is waiting to be started. Take on a proposal with “Do it”.' },
  { value: 'in_progress', label: 'In progress', empty: 'Nothing is being worked on.' },
  {
    value: 'done',
    label: 'Done',
    empty: 'Nothing is done yet. Four weeks after something is, its effect is measured here.',
  },
  { value: 'dismissed', label: 'Dismissed', empty: 'Nothing was dismissed.' },
] as const;

export function SuggestionsPage() {
  const app = useApp();
  const queries = useQueryClient();
  const [asked, choose] = useAddress('state', 'proposed');
  const state = states.find(({ value }) => value === asked) ?? states[0];
  const [opened, setOpened] = useState<string>();
  const list = useQuery(suggestionsQuery(app.id));
  const check = useMutation({
    mutationFn: () => api.insights.check({ appId: app.id }),
    onSuccess: ({ found, checks }) => {
      const missing = checks.filter(({ outcome }) => outcome === 'not_enough_data');
      notifications.show({
        title: found === 0 ? 'Nothing new in the numbers' : `${counted(found, 'finding')} in the numbers`,
        message:
          missing.length > 0
            ? `${counted(missing.length, 'question')} had not enough data: ${missing[0]!.message}`
            : 'Every question had enough data.',
      });
    },
    onError: (error) =>
      notifications.show({ color: 'red', title: 'The numbers were not looked through', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  const all = list.data?.suggestions ?? [];
  const shown = all.filter((suggestion) => suggestion.state === state.value);
  const open = (id: string) => {
    setOpened(id);
    requestAnimationFrame(() => document.getElementById(`suggestion-${id}`)?.scrollIntoView({ block: 'nearest' }));
  };
  return (
    <Page
      title="Suggestions"
      intro="What is worth doing, drawn from your own numbers. Taking one on revises the strategy."
      actions={
        <Button busy={check.isPending} onClick={() => check.mutate()}>
          Look through the numbers
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
              <Button look="primary" busy={check.isPending} onClick={() => check.mutate()}>
                Look now
              </Button>
            }
          >
            They come from your posts, visits and payments. The numbers are looked through every day; with a few weeks
            of posts there is something to say.
          </EmptyState>
        </div>
      )}
      {list.data && all.length > 0 && (
        <div className="row post-row" data-split="2-1">
          <div className="stack">
            <div className="states-bar">
              <Segmented
                label="State"
                value={state.value}
                onChange={choose}
                options={states.map(({ value, label }) => ({
                  value,
                  label: list.data.counts[value] ? `${label} ${list.data.counts[value]}` : label,
                }))}
              />
            </div>
            <section className="card" aria-label={state.label}>
              {shown.length === 0 && <p className="table-empty">{state.empty}</p>}
              <ol className="suggestions">
                {shown.map((suggestion, index) => (
                  <SuggestionItem
                    key={suggestion.id}
                    suggestion={suggestion}
                    number={index + 1}
                    opened={opened === suggestion.id}
                    onToggle={() => setOpened(opened === suggestion.id ? undefined : suggestion.id)}
                  />
                ))}
              </ol>
            </section>
          </div>
          <div className="stack">
            <Card title="Effort and impact" sub={state.label.toLowerCase()} padded>
              <Matrix suggestions={shown} chosen={opened} onChoose={open} />
            </Card>
            <Insights appId={app.id} />
          </div>
        </div>
      )}
    </Page>
  );
}
