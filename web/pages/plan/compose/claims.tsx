import { Popover } from '@mantine/core';
import { BadgeCheck, TriangleAlert } from 'lucide-react';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import type { Claim } from './draft.ts';
import { FactChoice } from './fact-choice.tsx';
import { placeOf } from './runs.ts';

/** What a text asserts, each with the words it rests on, or why nothing supports it. */
export function Claims({
  text,
  claims,
  postId,
}: {
  text: string;
  claims: readonly Claim[];
  /** Where a claim may be linked to a fact, or to another one. */
  postId: string | undefined;
}) {
  const standing = claims.filter((claim) => placeOf(text, claim).length > 0);
  if (standing.length === 0) return null;
  return (
    <ul className="claims" aria-label="What this asserts">
      {standing.map((claim) => (
        <li key={claim.id}>
          <ClaimChip claim={claim} postId={postId} />
        </li>
      ))}
    </ul>
  );
}

function ClaimChip({ claim, postId }: { claim: Claim; postId: string | undefined }) {
  const { fact } = claim;
  return (
    <Popover position="bottom-start" width={300} shadow="none" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <button type="button" className="claim" data-tone={fact ? undefined : 'warn'}>
          {fact ? <BadgeCheck size={13} aria-hidden="true" /> : <TriangleAlert size={13} aria-hidden="true" />}
          <span className="clip">{fact ? claim.text : `“${claim.text}” has no evidence`}</span>
          {fact && <span className="hidden-text">, show the evidence</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={14} aria-label="Evidence">
        {fact ? (
          <>
            <div className="claim-fact">{fact.statement}</div>
            {fact.quote ? (
              <EvidenceQuote
                quote={fact.quote}
                {...(fact.url ? { page: { title: pageName(fact.url), url: fact.url } } : {})}
                confidence={fact.confidence}
                confirmed={fact.state === 'confirmed' || fact.state === 'corrected'}
              />
            ) : (
              <p className="sub">You said so yourself; no page is quoted.</p>
            )}
            {postId && <FactChoice postId={postId} claim={claim} />}
          </>
        ) : (
          <>
            <div className="claim-fact">Nothing supports this yet</div>
            <p className="sub">{claim.unsupportedReason}</p>
            {postId && <FactChoice postId={postId} claim={claim} />}
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function pageName(url: string): string {
  const { host, pathname } = new URL(url);
  return pathname === '/' ? host : `${host}${pathname}`;
}
