import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { type App, useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, dateTime } from '#web/format.ts';
import { ConnectionOutcome } from '#web/pages/people/settings/accounts.tsx';
import { Connect } from '#web/pages/people/settings/connect.tsx';
import { ConnectByConsent } from '#web/pages/people/settings/connect-consent.tsx';
import { ConnectSandbox } from '#web/pages/people/settings/connect-sandbox.tsx';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { Drafts } from './plan.tsx';
import type { Setup } from './progress.ts';

type Way = 'x' | 'sandbox' | 'other';

/** An account to post from, then a draft and a moment: the first post stands in the calendar. */
export function Schedule({ app, setup }: { app: App; setup: Setup }) {
  return (
    <>
      <ConnectionOutcome />
      {setup.accounts.length === 0 ? <FirstAccount /> : <FirstPost key={app.id} setup={setup} />}
      <Card title="Drafts for the week" sub={<span className="num">{setup.drafts.length}</span>}>
        <Drafts setup={setup} />
      </Card>
    </>
  );
}

function FirstAccount() {
  const [way, setWay] = useState<Way>('sandbox');
  return (
    <>
      <Card title="Where should it go out" padded>
        <div className="stack">
          <div>
            <Segmented<Way>
              label="Platform"
              value={way}
              onChange={setWay}
              options={[
                { value: 'sandbox', label: 'Try the sandbox' },
                { value: 'x', label: 'Connect X' },
                { value: 'other', label: 'Elsewhere' },
              ]}
            />
          </div>
          {way === 'sandbox' && (
            <>
              <p>
                The sandbox is a pretend X on this machine: posts go out on time and get numbers, and nobody sees them.
                Choose any handle.
              </p>
              <ConnectSandbox />
            </>
          )}
          {way === 'x' && (
            <>
              <p>With your own developer app, so that nobody stands between you and X. It takes about five minutes.</p>
              <ConnectByConsent platform="x" name="X" returnTo="/welcome" />
            </>
          )}
          {way === 'other' && <p>Bluesky, Mastodon, LinkedIn and more: choose below.</p>}
        </div>
      </Card>
      {way === 'other' && <Connect returnTo="/welcome" />}
    </>
  );
}

function FirstPost({ setup }: { setup: Setup }) {
  const { timeZone } = useHouse();
  const { drafts, accounts } = setup;
  const [postId, setPostId] = useState(drafts[0]?.id ?? '');
  const [accountId, setAccountId] = useState(accounts[0]?.id ?? '');
  const [when, setWhen] = useState<'proposed' | 'soon'>('proposed');
  const post = drafts.find((each) => each.id === postId) ?? drafts[0];
  const scheduling = useChange(api.posts.schedule, { refreshes: [['posts'], ['accounts']], says: 'Scheduled' });
  if (!post)
    return (
      <Card title="Schedule the first post" padded>
        <p>No draft is left. Write one in the composer.</p>
        <div className="line welcome-foot">
          <LinkButton to="/compose" look="primary">
            Write a post
          </LinkButton>
        </div>
      </Card>
    );
  const proposed = post.proposedFor && post.proposedFor > new Date() ? post.proposedFor : undefined;
  const at = () => (when === 'proposed' && proposed ? proposed : inMinutes(5)).toISOString();
  return (
    <Card title="Schedule the first post" padded>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          scheduling.mutate({ postId: post.id, accountIds: [accountId], at: at() });
        }}
      >
        <NativeSelect
          label="Post"
          data={drafts.map((each) => ({ value: each.id, label: each.firstLine || each.title }))}
          value={post.id}
          onChange={(event) => setPostId(event.currentTarget.value)}
        />
        <div className="pair">
          <NativeSelect
            label="Account"
            leftSection={
              <PlatformIcon platform={accounts.find((each) => each.id === accountId)?.platform ?? 'x'} decorative />
            }
            data={accounts.map((each) => ({
              value: each.id,
              label: `@${each.handle} on ${platformName(each.platform)}`,
            }))}
            value={accountId}
            onChange={(event) => setAccountId(event.currentTarget.value)}
          />
          <NativeSelect
            label="When"
            data={[
              ...(proposed ? [{ value: 'proposed', label: `${dateTime(proposed, timeZone)}, as proposed` }] : []),
              { value: 'soon', label: 'In 5 minutes' },
            ]}
            value={proposed ? when : 'soon'}
            onChange={(event) => setWhen(event.currentTarget.value as typeof when)}
          />
        </div>
        {scheduling.error && <ErrorNotice title="Not scheduled" error={scheduling.error} />}
        <div className="line">
          <Button type="submit" look="primary" busy={scheduling.isPending}>
            Schedule
          </Button>
          <LinkButton to="/compose/$postId" params={{ postId: post.id }}>
            Edit it first
          </LinkButton>
        </div>
      </form>
    </Card>
  );
}

/** The end of the setup: what happens now, and where to go. */
export function Done({ setup }: { setup: Setup }) {
  const { timeZone } = useHouse();
  const next = setup.scheduled.find((post) => post.nextDueAt);
  return (
    <Card title="Your first post is planned" padded>
      <div className="stack">
        <p>
          {next?.nextDueAt
            ? `“${next.firstLine}” goes out ${dateTime(next.nextDueAt, timeZone)}.`
            : 'Your first post is out.'}{' '}
          {setup.drafts.length > 0 && `${counted(setup.drafts.length, 'more draft')} wait for you. `}
          To see what posts bring, put the tracker on your site and connect Stripe.
        </p>
        <div className="line">
          <LinkButton to="/calendar" look="primary">
            Open the calendar
          </LinkButton>
          <LinkButton to="/settings/$section" params={{ section: 'tracking' }}>
            Add the tracker
          </LinkButton>
          <LinkButton to="/settings/$section" params={{ section: 'payments' }}>
            Connect Stripe
          </LinkButton>
          <LinkButton to="/" look="quiet">
            Go home
          </LinkButton>
        </div>
      </div>
    </Card>
  );
}

function inMinutes(minutes: number): Date {
  return new Date(Date.now() + minutes * 60_000);
}
