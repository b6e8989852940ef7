import '#web/styles/measure.css';
import '#web/styles/home.css';
import './analytics/analytics.css';
import './attribution/attribution.css';
import './presence/presence.css';
import { NativeSelect } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { called } from '#web/format.ts';
import { LinkButton } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { Page } from '#web/parts/page.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { RangePicker } from '#web/parts/range-picker.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { ZoneNote } from '#web/parts/zone-note.tsx';
import { useRange } from '#web/range.ts';
import { BestPosts } from './presence/best-posts.tsx';
import { BestTimeCard } from './presence/best-time.tsx';
import { CompareCard } from './presence/compare-card.tsx';
import { FactsCard } from './presence/facts-card.tsx';
import { FollowersCard } from './presence/followers-card.tsx';

/** How an account is seen: followers, posts, answers, and what it brings to the app. */
export function PresencePage() {
  const app = useApp();
  const { asked, label, compareLabel } = useRange();
  const [accountId, choose] = useAddress('account', null);
  const query = useQuery({
    queryKey: ['presence', app.id, asked, accountId],
    queryFn: () => api.presence.show({ appId: app.id, ...asked, ...(accountId ? { accountId } : {}) }),
    placeholderData: keepPreviousData,
  });
  const accounts = query.data?.accounts ?? [];
  return (
    <Page
      title="Presence"
      intro="Followers, posts and answers of an account, and what it brings to your app."
      actions={
        <>
          {accounts.length > 1 && (
            <NativeSelect
              aria-label="Account"
              value={query.data?.account?.accountId ?? ''}
              onChange={(event) => choose(event.currentTarget.value)}
              data={accounts.map((one) => ({
                value: one.accountId,
                label: `${called(one.handle)} on ${platformName(one.platform)}`,
              }))}
            />
          )}
          <RangePicker />
        </>
      }
    >
      <Loaded query={query} title="The figures did not load" skeleton={<SkeletonCard height={460} />}>
        {(presence) =>
          presence.account === null ? (
            <div className="card">
              <h2 className="hidden-text">Presence</h2>
              <EmptyState
                title="No account is connected yet"
                action={
                  <LinkButton look="primary" to="/settings/$section" params={{ section: 'accounts' }}>
                    Connect an account
                  </LinkButton>
                }
              >
                Followers are counted from the day an account is connected. Platforms keep no history of them.
              </EmptyState>
            </div>
          ) : (
            <div className="stack" data-stale={query.isPlaceholderData || undefined}>
              <FollowersCard
                presence={presence}
                account={presence.account}
                range={label}
                compared={compareLabel !== null}
              />
              <div className="presence-pair">
                <FactsCard account={presence.account} />
                <BestPosts account={presence.account} range={label} />
              </div>
              <BestTimeCard accountId={presence.account.accountId} />
              <CompareCard appId={app.id} asked={asked} range={label} />
              <p className="sub">
                Posts that were removed or archived stay in every figure with the last numbers they had.
              </p>
              <ZoneNote zone={presence.timeZone} />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}
