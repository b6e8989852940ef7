import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useMemo, useState } from 'react';
import { factGroups } from '#src/understand/knowledge/groups.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count } from '#web/format.ts';
import { useKeys } from '#web/keys.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { AddFact } from './knowledge/add.tsx';
import { FactRow, focusBeside } from './knowledge/fact.tsx';
import { Conflicts } from './knowledge/groups.tsx';
import { type Facts, factsQuery, type Kind, knowledgeKey, overviewQuery } from './knowledge/queries.ts';
import { kindWords } from './knowledge/words.ts';
import '#web/styles/forms.css';
import './knowledge/knowledge.css';

/** One group of the knowledge: its facts by kind, with the words they rest on, decided on by hand or by key. */
export function KnowledgeGroupPage() {
  const app = useApp();
  const { group: key } = useParams({ from: '/inside/knowledge/$group' });
  const facts = useQuery(factsQuery(app.id));
  const overview = useQuery(overviewQuery(app.id));
  const [retired, setRetired] = useState(false);
  const [adding, setAdding] = useState<Kind>();
  const group = factGroups.find((one) => one.key === key);
  const options = { refreshes: [knowledgeKey(app.id)] };
  const { mutate: confirm, error: notConfirmed } = useChange(
    (factId: string) => api.knowledge.confirm({ factId }),
    options,
  );
  const { mutate: retire, error: notRetired } = useChange((factId: string) => api.knowledge.retire({ factId }), {
    ...options,
    says: 'Retired. It is used no more.',
  });
  const { mutate: restore, error: notRestored } = useChange(
    (factId: string) => api.knowledge.restore({ factId }),
    options,
  );
  const error = notConfirmed ?? notRetired ?? notRestored;
  useFactKeys(
    useMemo(
      () => ({
        ...(retired ? { restore } : { confirm, retire }),
        add: () => group && setAdding(group.kinds[0]),
      }),
      [retired, confirm, retire, restore, group],
    ),
  );
  const back = <LinkButton to="/knowledge">All groups</LinkButton>;
  if (!group)
    return (
      <Page title="Knowledge" actions={back}>
        <Card>
          <EmptyState title="There is no such group" ghost={false}>
            It may have been called otherwise before. All groups stand on one page.
          </EmptyState>
        </Card>
      </Page>
    );
  const conflicts = (overview.data?.conflicts ?? []).filter(({ facts: pair }) =>
    pair.some((fact) => group.kinds.some((kind) => kind === fact.kind)),
  );
  return (
    <Page
      title={group.title}
      intro={group.asks}
      actions={
        <>
          {back}
          <Button look="primary" hint="N" onClick={() => setAdding(group.kinds[0])}>
            <Plus size={14} aria-hidden="true" />
            Add a fact
          </Button>
        </>
      }
    >
      {error && <ErrorNotice title="Not decided" error={error} />}
      <Loaded query={facts} title="The facts did not load" skeleton={<SkeletonCard height={460} />}>
        {(data) => {
          const own = group.kinds.map((kind) => ({ kind, facts: factsOf(data, kind) }));
          const shown = own.map(({ kind, facts: all }) => ({
            kind,
            facts: all.filter((fact) => isRetired(fact) === retired),
          }));
          const away = own.reduce((sum, one) => sum + one.facts.filter(isRetired).length, 0);
          return (
            <div className="stack">
              {conflicts.length > 0 && <Conflicts conflicts={conflicts} />}
              <div className="line facts-bar">
                <span className="fact-keys">
                  <span>
                    <kbd>J</kbd> <kbd>K</kbd> move
                  </span>
                  {(retired ? retiredKeys : factKeys).map(([key, does]) => (
                    <span key={key}>
                      <kbd>{key}</kbd> {does}
                    </span>
                  ))}
                </span>
                {(away > 0 || retired) && (
                  <button type="button" className="chip" aria-pressed={retired} onClick={() => setRetired(!retired)}>
                    Retired <span className="num">{count(away)}</span>
                  </button>
                )}
              </div>
              {shown.map(
                (one) =>
                  !(retired && one.facts.length === 0) && (
                    <KindCard
                      key={one.kind}
                      kind={one.kind}
                      facts={one.facts}
                      retired={retired}
                      onAdd={() => setAdding(one.kind)}
                    />
                  ),
              )}
              {retired && away === 0 && (
                <Card>
                  <p className="table-empty">Nothing of this group is retired any more.</p>
                </Card>
              )}
            </div>
          );
        }}
      </Loaded>
      {adding && <AddFact appId={app.id} kind={adding} onClose={() => setAdding(undefined)} />}
    </Page>
  );
}

const factKeys = [
  ['Y', 'confirm'],
  ['E', 'correct'],
  ['H', 'history'],
  ['R', 'retire'],
];
const retiredKeys = [
  ['R', 'restore'],
  ['H', 'history'],
];

type Fact = Facts['groups'][number]['facts'][number];

function factsOf(data: Facts, kind: Kind): Fact[] {
  return data.groups.find((group) => group.kind === kind)?.facts ?? [];
}

function isRetired(fact: Fact): boolean {
  return fact.state === 'retired';
}

function KindCard({ kind, facts, retired, onAdd }: { kind: Kind; facts: Fact[]; retired: boolean; onAdd: () => void }) {
  return (
    <Card
      title={kindWords[kind]}
      sub={<span className="num">{count(facts.length)}</span>}
      action={
        !retired && (
          <Button size="small" look="quiet" onClick={onAdd} aria-label={`Add: ${kindWords[kind]}`}>
            <Plus size={13} aria-hidden="true" />
            Add
          </Button>
        )
      }
    >
      {facts.length === 0 ? (
        <p className="table-empty">Nothing is known of this yet.</p>
      ) : (
        <ul className="fact-group">
          {facts.map((fact) => (
            <FactRow key={fact.id} fact={fact} />
          ))}
        </ul>
      )}
    </Card>
  );
}

/**
 * J and K walk through the facts; Y confirms, E corrects and R retires the one that has the focus, or restores it; H shows
 * its history; N adds one.
 */
function useFactKeys({
  confirm,
  retire,
  restore,
  add,
}: Partial<Record<'confirm' | 'retire' | 'restore', (factId: string) => void>> & { add: () => void }) {
  useKeys(
    useMemo(() => {
      const focused = () =>
        document.activeElement?.closest('.fact')?.querySelector<HTMLButtonElement>('[data-fact]') ?? null;
      const onFocused = (run: ((factId: string) => void) | undefined) => {
        const factId = focused()?.dataset.fact;
        if (factId) run?.(factId);
      };
      const move = (by: number) => {
        const all = [...document.querySelectorAll<HTMLButtonElement>('.fact [data-fact]')];
        const at = all.indexOf(focused() as HTMLButtonElement);
        all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
      };
      return {
        j: () => move(1),
        k: () => move(-1),
        y: () => onFocused(confirm),
        e: () => onFocused((id) => document.querySelector<HTMLButtonElement>(`[data-correct="${id}"]`)?.click()),
        h: () => focused()?.click(),
        r: () =>
          onFocused((id) => {
            focusBeside(id);
            (retire ?? restore)?.(id);
          }),
        n: add,
      };
    }, [confirm, retire, restore, add]),
  );
}
