import type { ReactNode } from 'react';
import { compact, count, counted } from '#web/format.ts';
import { Card } from '#web/parts/card.tsx';
import { type Account, decimal, type Estimate, rate, span } from './words.ts';

/** What the account does and gets, one line each, with how sure it is. */
export function FactsCard({ account }: { account: Account }) {
  const { growthPerWeek, engagementRate, replies, received, profileClicks, follows, clicks } = account;
  const plus = (value: number) => `${value > 0 ? '+' : ''}${decimal(value)}`;
  return (
    <Card title="How it goes">
      <dl className="presence-facts">
        <Fact name="Followers a week" value={said(growthPerWeek, plus)} note={noteOf(growthPerWeek, plus)} />
        <Fact name="Engagement rate" value={said(engagementRate, rate)} note={noteOf(engagementRate, rate)} />
        <Fact
          name="Replies you wrote"
          value={count(replies.sent)}
          note={
            replies.share.value === null ? replies.share.reason : `${rate(replies.share.value)} of all that went out`
          }
        />
        <Fact
          name="Answered"
          value={`${count(received.answered)} of ${count(received.all)}`}
          note={
            received.share.value === null
              ? received.share.reason
              : `${rate(received.share.value)} of replies and mentions`
          }
        />
        <Fact
          name="Profile clicks"
          value={profileClicks.value === null ? 'not told' : compact(profileClicks.value)}
          note={
            profileClicks.value === null
              ? profileClicks.reason
              : follows.value === null
                ? 'from these posts'
                : `and ${counted(follows.value, 'follow')} from these posts`
          }
        />
        <Fact name="Clicks on your links" value={count(clicks.value ?? 0)} note="by people, bots left out" />
      </dl>
    </Card>
  );
}

function Fact({ name, value, note }: { name: string; value: ReactNode; note: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">
        <strong>{value}</strong>
        {note && <span>{note}</span>}
      </dd>
    </div>
  );
}

function said(of: Estimate, write: (value: number) => string): string {
  return of.value === null ? '–' : write(of.value);
}

function noteOf(of: Estimate, write: (value: number) => string): string | null {
  if (of.value === null) return of.reason;
  const between = span(of, write);
  return between && `95% sure: ${between}`;
}
