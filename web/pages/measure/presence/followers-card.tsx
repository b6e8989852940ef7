import { useMemo } from 'react';
import { change, compact, count } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { type Kpi, KpiStrip } from '#web/parts/kpi-strip.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';
import { type Account, decimal, type Presence, rate } from './words.ts';

/** The account's figures, and its followers by day with a ring where something went out. */
export function FollowersCard({
  presence,
  account,
  range,
  compared,
}: {
  presence: Presence;
  account: Account;
  range: string;
  /** Whether the range is compared with one before. */
  compared: boolean;
}) {
  // The same lists until the account changes, so that the line is not drawn anew for nothing.
  const { days, followers, markers } = useMemo(
    () => ({
      days: account.followersByDay.map(({ day }) => day),
      followers: account.followersByDay.map((row) => row.followers),
      markers: account.markers.map(({ day, title }) => ({ day, text: title })),
    }),
    [account],
  );
  const known = followers.filter((each) => each !== null).length;
  return (
    <ChartCard
      title="Followers"
      file={`followers-${account.platform}`}
      range={range}
      zone={presence.timeZone}
      picture={known > 1}
      rows={() => ({
        columns: ['Day', 'Followers', 'Posts'],
        rows: account.followersByDay.map((row) => [
          row.day,
          row.followers,
          account.markers.filter(({ day }) => day === row.day).length,
        ]),
      })}
    >
      <KpiStrip chosen="followers" items={figuresOf(account, compared)} />
      {known > 1 ? (
        <TrendChart label="Followers" days={days} current={followers} markers={markers} height={220} whole />
      ) : (
        <NotEnough missing={[{ what: 'days with a follower count', have: known, need: 2 }]}>
          Followers are read once a day. Platforms keep no history, so the line begins with the first day.
        </NotEnough>
      )}
    </ChartCard>
  );
}

function figuresOf(account: Account, compared: boolean): Kpi[] {
  const counted = (id: string, label: string, { value, before, reason }: Account['posts']): Kpi => ({
    id,
    label,
    value: value === null ? '–' : compact(value),
    ...(value === null && reason ? { note: reason } : {}),
    ...(compared ? { change: value === null || before === null ? null : change(value, before) } : {}),
  });
  const { postsPerWeek, engagementRate } = account;
  return [
    counted('followers', 'Followers', account.followers),
    {
      id: 'pace',
      label: 'Posts a week',
      value: decimal(postsPerWeek.value),
      ...(compared
        ? { change: postsPerWeek.before === null ? null : change(postsPerWeek.value, postsPerWeek.before) }
        : {}),
    },
    counted('impressions', 'Impressions', account.impressions),
    {
      id: 'rate',
      label: 'Engagement rate',
      value: engagementRate.value === null ? '–' : rate(engagementRate.value),
      ...(engagementRate.value === null && engagementRate.reason ? { note: 'not enough data' } : {}),
      ...(compared
        ? {
            change:
              engagementRate.value === null || engagementRate.before === null
                ? null
                : change(engagementRate.value, engagementRate.before),
          }
        : {}),
    },
    counted('visits', 'Visits', account.visits),
    { ...counted('signups', 'Signups', account.signups), value: count(Math.round(account.signups.value ?? 0)) },
  ];
}
