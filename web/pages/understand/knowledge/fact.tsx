import { Popover, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, History, Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, dateTime, day } from '#web/format.ts';
import { Button, IconButton } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { type Fact, knowledgeKey } from './queries.ts';
import { kindWords, shortUrl } from './words.ts';

/** One fact: what is held to be true, the words it rests on, and what the person says to it. */
export function FactRow({ fact, withKind = false }: { fact: Fact; withKind?: boolean }) {
  const [editing, setEditing] = useState(false);
  const [past, setPast] = useState(false);
  const options = { refreshes: [knowledgeKey(fact.appId)] };
  const confirming = useChange(api.knowledge.confirm, options);
  const retiring = useChange(api.knowledge.retire, { ...options, says: 'Retired. It is used no more.' });
  const restoring = useChange(api.knowledge.restore, options);
  const error = confirming.error ?? retiring.error ?? restoring.error;
  const proof = fact.evidence[0];
  return (
    <li className="fact" data-state={fact.state}>
      <div className="fact-text">
        {withKind && <span className="sub">{kindWords[fact.kind]}</span>}
        {editing ? (
          <Correction
            fact={fact}
            onClose={() => {
              setEditing(false);
              focusFact(fact.id);
            }}
          />
        ) : (
          <p className="fact-statement">{fact.statement}</p>
        )}
        {proof ? (
          <EvidenceQuote
            quote={proof.quote}
            page={{ title: placeOf(proof), url: proof.url }}
            confidence={fact.state === 'proposed' ? fact.confidence : undefined}
            confirmed={fact.state === 'confirmed'}
          />
        ) : (
          <p className="sub">{fact.source === 'person' ? 'Your own words' : 'Without a quote'}</p>
        )}
        {fact.evidence.length > 1 && (
          <details className="fact-more">
            <summary className="sub">{counted(fact.evidence.length - 1, 'more place')}</summary>
            {fact.evidence.slice(1).map((one) => (
              <EvidenceQuote key={one.id} quote={one.quote} page={{ title: placeOf(one), url: one.url }} />
            ))}
          </details>
        )}
        {fact.stale && <p className="sub fact-missing">{fact.stale} Is it still true?</p>}
        {error && <ErrorNotice error={error} />}
      </div>
      <div className="fact-actions">
        {fact.state === 'retired' ? (
          <Button
            size="small"
            busy={restoring.isPending}
            onClick={() => restoring.mutate({ factId: fact.id })}
            aria-label={`Restore: ${fact.statement}`}
          >
            <RotateCcw size={13} aria-hidden="true" />
            Restore
          </Button>
        ) : (
          <>
            {fact.state === 'proposed' ? (
              <Button
                size="small"
                busy={confirming.isPending}
                onClick={() => confirming.mutate({ factId: fact.id })}
                aria-label={`Confirm: ${fact.statement}`}
              >
                <Check size={13} aria-hidden="true" />
                Confirm
              </Button>
            ) : (
              // A confirmed fact with a quote says so beneath it.
              !(proof && fact.state === 'confirmed') && (
                <span className="tag" data-tone="pos">
                  <Check size={12} aria-hidden="true" />
                  {fact.state === 'corrected' ? 'Your words' : 'Confirmed'}
                </span>
              )
            )}
            <IconButton
              label={`Correct: ${fact.statement}`}
              title="Correct"
              data-correct={fact.id}
              onClick={() => setEditing(!editing)}
            >
              <Pencil size={14} />
            </IconButton>
          </>
        )}
        <Popover
          opened={past}
          onChange={setPast}
          width={320}
          position="bottom-end"
          trapFocus
          returnFocus
          withRoles={false}
          withinPortal={false}
        >
          <Popover.Target>
            <IconButton
              label={`History: ${fact.statement}`}
              title="History and uses"
              data-fact={fact.id}
              onClick={() => setPast(!past)}
            >
              <History size={14} />
            </IconButton>
          </Popover.Target>
          <Popover.Dropdown aria-label="History of the fact">{past && <Past factId={fact.id} />}</Popover.Dropdown>
        </Popover>
        {fact.state !== 'retired' && (
          <IconButton
            label={`Retire: ${fact.statement}`}
            title="Retire"
            disabled={retiring.isPending}
            onClick={() => {
              focusBeside(fact.id);
              retiring.mutate({ factId: fact.id });
            }}
          >
            <Trash2 size={14} />
          </IconButton>
        )}
      </div>
    </li>
  );
}

/** The keys of a page act on the fact that has the focus. */
export function focusFact(factId: string | undefined): void {
  document.querySelector<HTMLElement>(`[data-fact="${factId}"]`)?.focus();
}

/** Takes the focus from a fact that is about to leave to the one after it, or before. */
export function focusBeside(factId: string): void {
  const all = [...document.querySelectorAll<HTMLElement>('[data-fact]')].map((one) => one.dataset.fact);
  const at = all.indexOf(factId);
  focusFact(all[at + 1] ?? all[at - 1]);
}

/** The page and the day its words were seen. */
function placeOf({ pageTitle, url, seenAt }: Fact['evidence'][number]): string {
  return `${pageTitle || shortUrl(url)}, ${day(seenAt)}`;
}

function Correction({ fact, onClose }: { fact: Fact; onClose: () => void }) {
  const [statement, setStatement] = useState(fact.statement);
  const correcting = useChange(api.knowledge.correct, {
    refreshes: [knowledgeKey(fact.appId)],
    says: 'Corrected. Drafts will use your words.',
    after: onClose,
  });
  const save = () => correcting.mutate({ factId: fact.id, statement });
  return (
    <form
      className="stack"
      data-gap="small"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Textarea
        aria-label="Your words"
        autosize
        minRows={1}
        autoFocus
        onFocus={({ currentTarget: field }) => field.setSelectionRange(field.value.length, field.value.length)}
        value={statement}
        onChange={(event) => setStatement(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) save();
        }}
      />
      {correcting.error && <ErrorNotice title="Not corrected" error={correcting.error} />}
      <div className="line">
        <Button
          type="submit"
          size="small"
          look="primary"
          busy={correcting.isPending}
          disabled={!statement.trim() || statement === fact.statement}
        >
          Save
        </Button>
        <Button size="small" look="quiet" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Past({ factId }: { factId: string }) {
  const { timeZone } = useHouse();
  const fact = useQuery({
    queryKey: ['knowledge.get', factId],
    queryFn: () => api.knowledge.get({ factId }),
    staleTime: 0,
  });
  return (
    // It takes the focus itself, as there may be nothing in it that could: Escape is heard only from within.
    <div className="fact-past" tabIndex={-1} data-autofocus>
      <h3>History</h3>
      <Loaded query={fact}>
        {({ history, uses }) => (
          <>
            <ol>
              {history.map((step) => (
                <li key={step.id}>
                  <span>
                    {changeWords[step.change]}
                    {step.changedBy && ` by ${step.changedBy}`}
                  </span>
                  {step.change === 'corrected' && step.before && <q className="sub">{step.before}</q>}
                  <time className="sub num">{dateTime(step.changedAt, timeZone)}</time>
                </li>
              ))}
            </ol>
            <Uses uses={uses} />
          </>
        )}
      </Loaded>
    </div>
  );
}

type Uses = Awaited<ReturnType<typeof api.knowledge.get>>['uses'];

/** What rests on the fact, so that one knows what a correction touches. */
function Uses({ uses }: { uses: Uses }) {
  const all = uses.posts.length + uses.strategyItems.length + uses.audiences.length;
  return (
    <>
      <h3>Where it is used</h3>
      <ol>
        {all === 0 && <li className="sub">Nothing rests on it yet.</li>}
        {uses.posts.map((post) => (
          <li key={post.id}>
            <Link to="/posts/$postId" params={{ postId: post.id }}>
              {post.title}
            </Link>
            <span className="sub">Post, {post.status.replaceAll('_', ' ')}</span>
          </li>
        ))}
        {uses.strategyItems.map((item) => (
          <li key={item.id}>
            <Link to="/strategy">{item.statement}</Link>
            <span className="sub">Strategy, version {item.version}</span>
          </li>
        ))}
        {uses.audiences.map((audience) => (
          <li key={audience.id}>
            <Link to="/audiences/$id" params={{ id: audience.id }}>
              {audience.name}
            </Link>
            <span className="sub">Audience</span>
          </li>
        ))}
      </ol>
    </>
  );
}

const changeWords = {
  found: 'Found',
  confirmed: 'Confirmed',
  corrected: 'Corrected',
  retired: 'Retired',
  restored: 'Restored',
  seen_again: 'Seen again',
  no_longer_found: 'No longer found',
};
