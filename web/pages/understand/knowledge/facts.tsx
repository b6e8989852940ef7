import { Modal, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { FactRow } from './fact.tsx';
import { type Facts, factsQuery, type Kind, knowledgeKey } from './queries.ts';
import { kindWords, themes } from './words.ts';

/** Everything known, by theme. */
export function FactsTab({ appId, underWay }: { appId: string; underWay: boolean }) {
  const facts = useQuery(factsQuery(appId));
  const [retired, setRetired] = useState(false);
  const [adding, setAdding] = useState<Kind>();
  return (
    <Loaded
      query={facts}
      skeleton={
        <div className="stack">
          <SkeletonCard height={260} />
          <SkeletonCard height={260} />
        </div>
      }
    >
      {(data) => (
        <>
          <div className="line facts-bar">
            <span className="sub num">{summary(data)}</span>
            <span className="facts-bar-actions">
              {data.counts.retired > 0 && (
                <button type="button" className="chip" aria-pressed={retired} onClick={() => setRetired(!retired)}>
                  Retired <span className="num">{count(data.counts.retired)}</span>
                </button>
              )}
              <Button size="small" onClick={() => setAdding('feature')}>
                <Plus size={14} aria-hidden="true" />
                Add a fact
              </Button>
            </span>
          </div>
          {data.groups.length === 0 && (
            <Card>
              <EmptyState
                title="Nothing is known yet"
                action={<Button onClick={() => setAdding('value_proposition')}>Add a fact yourself</Button>}
                waiting={underWay ? 'Reading your pages' : undefined}
              >
                Facts are found on your app’s pages, each with the words it rests on. Read the pages, or write the first
                one yourself.
              </EmptyState>
            </Card>
          )}
          {themes.map((theme) => (
            <Theme key={theme.title} {...theme} groups={data.groups} retired={retired} />
          ))}
          {adding && <AddFact appId={appId} kind={adding} onClose={() => setAdding(undefined)} />}
        </>
      )}
    </Loaded>
  );
}

function Theme({
  title,
  kinds,
  groups,
  retired,
}: {
  title: string;
  kinds: Kind[];
  groups: Facts['groups'];
  retired: boolean;
}) {
  const own = kinds
    .map((kind) => ({
      kind,
      facts: (groups.find((group) => group.kind === kind)?.facts ?? []).filter(
        (fact) => (fact.state === 'retired') === retired,
      ),
    }))
    .filter(({ facts }) => facts.length > 0);
  const all = own.reduce((sum, { facts }) => sum + facts.length, 0);
  if (all === 0) return null;
  return (
    <Card title={title} sub={<span className="num">{all}</span>}>
      {own.map(({ kind, facts }) => (
        <div key={kind} className="fact-group">
          <h3>{kindWords[kind]}</h3>
          <ul>
            {facts.map((fact) => (
              <FactRow key={fact.id} fact={fact} />
            ))}
          </ul>
        </div>
      ))}
    </Card>
  );
}

function AddFact({ appId, kind, onClose }: { appId: string; kind: Kind; onClose: () => void }) {
  const form = useForm({
    initialValues: { kind, statement: '', quote: '', url: '' },
    validate: {
      statement: (value) => (value.trim() ? null : 'Type what is true of your app'),
      url: (value, { quote }) =>
        quote && !/^https?:\/\//.test(value) ? 'Type the page’s address, with https://' : null,
      quote: (value, { url }) => (url && !value.trim() ? 'Copy the words from that page' : null),
    },
  });
  const adding = useChange(api.knowledge.add, { refreshes: [knowledgeKey(appId)], says: 'Fact added', after: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Add a fact"
      centered
      size={480}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        noValidate
        onSubmit={form.onSubmit(({ quote, url, ...values }) =>
          adding.mutate({ appId, ...values, ...(quote ? { evidence: { quote, url } } : {}) }),
        )}
      >
        <NativeSelect
          label="Kind"
          data={themes.map((theme) => ({
            group: theme.title,
            items: theme.kinds.map((value) => ({ value, label: kindWords[value] })),
          }))}
          {...form.getInputProps('kind')}
        />
        <Textarea label="What is true" autosize minRows={2} data-autofocus {...form.getInputProps('statement')} />
        <Textarea
          label="Words it rests on"
          description="Optional. A claim with a source makes a better post."
          autosize
          minRows={1}
          {...form.getInputProps('quote')}
        />
        {form.values.quote && <TextInput label="Page with these words" type="url" {...form.getInputProps('url')} />}
        {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={adding.isPending}>
            Add fact
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function summary({ counts }: Facts): string {
  const decided = counts.confirmed + counts.corrected;
  const all = decided + counts.proposed;
  if (all === 0) return 'No facts yet';
  return `${counted(all, 'fact')}, ${decided === 0 ? 'none' : count(decided)} confirmed by you`;
}
