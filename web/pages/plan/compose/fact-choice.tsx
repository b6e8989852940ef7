import { TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link2, Unlink } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { type Fact, factsQuery } from '#web/pages/understand/knowledge/queries.ts';
import { kindWords } from '#web/pages/understand/knowledge/words.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import type { Claim } from './draft.ts';

/** Says which fact a claim rests on: chosen from what is known of the app, by its words; or that it rests on none. */
export function FactChoice({ postId, claim }: { postId: string; claim: Claim }) {
  const [open, setOpen] = useState(false);
  const unlinking = useChange(api.posts.unlinkClaim, { refreshes: [['posts']], says: 'Taken off the fact' });
  if (open) return <Choices postId={postId} claim={claim} />;
  return (
    <div className="fact-choice">
      <div className="line">
        <Button size="small" onClick={() => setOpen(true)} data-autofocus>
          <Link2 size={13} aria-hidden="true" />
          {claim.fact ? 'Link another fact' : 'Link a fact'}
        </Button>
        {claim.fact && (
          <Button
            size="small"
            look="quiet"
            busy={unlinking.isPending}
            onClick={() => unlinking.mutate({ postId, claimId: claim.id })}
          >
            <Unlink size={13} aria-hidden="true" />
            Unlink
          </Button>
        )}
      </div>
      {unlinking.error && <ErrorNotice title="Still linked" error={unlinking.error} />}
    </div>
  );
}

function Choices({ postId, claim }: { postId: string; claim: Claim }) {
  const app = useApp();
  const facts = useQuery(factsQuery(app.id));
  const [wanted, setWanted] = useState('');
  const linking = useChange(api.posts.supportClaim, { refreshes: [['posts']], says: 'Linked to the fact' });
  return (
    <div className="fact-choice">
      <TextInput
        aria-label="Search your facts"
        placeholder="Search your facts"
        value={wanted}
        onChange={(event) => setWanted(event.currentTarget.value)}
        ref={focusOnce}
      />
      <Loaded query={facts} title="The facts did not load" skeleton={<SkeletonLines lines={3} />}>
        {({ groups }) => {
          const found = matching(
            groups.flatMap((group) => group.facts),
            wanted,
          ).filter((fact) => fact.id !== claim.fact?.id);
          return found.length === 0 ? (
            <p className="sub">
              {wanted ? 'No fact says that. Add it under Knowledge first.' : 'Nothing is known yet. Add facts first.'}
            </p>
          ) : (
            <ul aria-label="Facts">
              {found.map((fact) => (
                <li key={fact.id}>
                  <button
                    type="button"
                    disabled={linking.isPending}
                    onClick={() => linking.mutate({ postId, claimId: claim.id, factId: fact.id })}
                  >
                    <span className="sub">{kindWords[fact.kind]}</span>
                    <span>{fact.statement}</span>
                  </button>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {linking.error && <ErrorNotice title="Not linked" error={linking.error} />}
    </div>
  );
}

/** Facts that hold, with every word that was typed; those a person stands behind first. */
function matching(facts: Fact[], wanted: string): Fact[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const decided = ({ state }: Fact) => Number(state === 'confirmed' || state === 'corrected');
  return facts
    .filter((fact) => fact.state !== 'retired')
    .filter((fact) => words.every((word) => fact.statement.toLowerCase().includes(word)))
    .sort((a, b) => decided(b) - decided(a))
    .slice(0, 20);
}

function focusOnce(field: HTMLInputElement | null): void {
  field?.focus();
}
