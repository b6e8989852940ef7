import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import type { api } from '#web/api.ts';
import { called, compact, count, day, percent } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { platformName } from '#web/parts/platform-icon.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';

export type Metrics = Awaited<ReturnType<typeof api.metrics.post>>;
type Account = Metrics['accounts'][number];
type Counter = keyof Account['now'];

const labels: Record<Counter, string> = {
  impressions: 'Impressions',
  views: 'Video views',
  likes: 'Likes',
  replies: 'Replies',
  reposts: 'Reposts',
  quotes: 'Quotes',
  bookmarks: 'Bookmarks',
  linkClicks: 'Link clicks',
  profileClicks: 'Profile clicks',
  follows: 'Follows',
};
const counters = Object.keys(labels) as Counter[];

/** Every counter the platform tells of this post, now and day by day, one account at a time. */
export function Counted({ metrics }: { metrics: Metrics }) {
  const [accountId, choose] = useState(metrics.accounts[0]?.accountId);
  const account = metrics.accounts.find((one) => one.accountId === accountId) ?? metrics.accounts[0];
  const [asked, ask] = useState<Counter>('impressions');
  if (!account || account.takenAt === null) return null;
  const told = counters.filter((name) => account.now[name] !== null);
  const shown = told.includes(asked) ? asked : told[0];
  return (
    <ChartCard
      title="What the platform counted"
      sub={account.final ? 'final' : 'as last read'}
      file={`post-${account.platform}`}
      zone={metrics.timeZone}
      picture={account.days.length > 1 && shown !== undefined}
      action={
        metrics.accounts.length > 1 && (
          <NativeSelect
            aria-label="Account"
            size="xs"
            value={account.accountId}
            onChange={(event) => choose(event.currentTarget.value)}
            data={metrics.accounts.map((one) => ({ value: one.accountId, label: nameOf(one) }))}
          />
        )
      }
      rows={() => ({
        columns: ['Day', ...counters.flatMap((name) => [labels[name], `${labels[name]} that day`])],
        rows: account.days.map((row) => [row.day, ...counters.flatMap((name) => [row.total[name], row.gained[name]])]),
      })}
    >
      {account.days.length > 1 && shown !== undefined && (
        <TrendChart
          label={`${labels[shown]} a day`}
          days={account.days.map((row) => row.day)}
          current={account.days.map((row) => row.gained[shown])}
          height={160}
          whole
          tools={
            <NativeSelect
              aria-label="What the line shows"
              size="xs"
              value={shown}
              onChange={(event) => ask(event.currentTarget.value as Counter)}
              data={told.map((name) => ({ value: name, label: labels[name] }))}
            />
          }
        />
      )}
      <CounterTable account={account} />
      <p className="card-note sub num">
        {account.engagementRate.value === null
          ? account.engagementRate.reason
          : `Engagement rate ${percent(account.engagementRate.value)}${spanOf(account)}: likes, replies, reposts, quotes and bookmarks for each impression.`}
        {account.removedAt &&
          ` It was removed on ${day(account.removedAt, metrics.timeZone)}; these are its last numbers.`}
      </p>
    </ChartCard>
  );
}

function CounterTable({ account }: { account: Account }) {
  const [latest, before] = [account.days.at(-1), account.days.at(-2)];
  return (
    <DataTable
      caption={`Counted on ${platformName(account.platform)}`}
      rows={counters}
      rowKey={(name) => name}
      columns={[
        { key: 'name', head: 'Counter', cell: (name) => labels[name] },
        {
          key: 'now',
          head: 'In all',
          align: 'right',
          width: '160px',
          cell: (name) => {
            const value = account.now[name];
            return value === null ? (
              <span className="cell-none">{platformName(account.platform)} does not tell</span>
            ) : (
              compact(value)
            );
          },
        },
        {
          key: 'latest',
          head: latest ? day(latest.day, 'UTC') : 'Last day',
          align: 'right',
          width: '84px',
          cell: (name) => <Gained value={latest?.gained[name]} />,
        },
        {
          key: 'before',
          head: before ? day(before.day, 'UTC') : 'Day before',
          align: 'right',
          width: '84px',
          hideOnPhone: true,
          cell: (name) => <Gained value={before?.gained[name]} />,
        },
      ]}
    />
  );
}

function Gained({ value }: { value: number | null | undefined }) {
  if (value == null) return <span className="cell-none">–</span>;
  return `${value > 0 ? '+' : ''}${count(value)}`;
}

function nameOf({ handle, platform }: Account): string {
  return `${called(handle)} on ${platformName(platform)}`;
}

function spanOf({ engagementRate: { low, high } }: Account): string {
  return low === null || high === null ? '' : ` (95 % sure: ${percent(low)} to ${percent(high)})`;
}
