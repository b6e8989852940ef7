import { Link } from '@tanstack/react-router';
import { compact, day, percent } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { type Account, formatNames } from './words.ts';

/** The posts of the range that got most. */
export function BestPosts({ account, range }: { account: Account; range: string }) {
  return (
    <ChartCard
      title="Best posts"
      sub="by likes, replies, reposts and bookmarks"
      file="best-posts"
      range={range}
      picture={false}
      rows={() => ({
        columns: ['Post', 'Day', 'Format', 'Impressions', 'Engagement', 'Removed'],
        rows: account.best.map((post) => [
          post.title,
          post.day,
          post.format,
          post.impressions,
          post.engagement,
          post.removed ? 'yes' : 'no',
        ]),
      })}
    >
      <DataTable
        caption="Best posts"
        height="two"
        rows={account.best}
        rowKey={(post) => `${post.postId} ${post.at}`}
        empty="No post of this range has numbers yet. They are read within an hour of publishing."
        columns={[
          {
            key: 'title',
            head: 'Post',
            cell: (post) => (
              <>
                <div className="clip">
                  <Link to="/posts/$postId" params={{ postId: post.postId }}>
                    {post.title}
                  </Link>
                </div>
                <div className="cell-meta num">
                  {day(post.day, 'UTC')} · {formatNames[post.format] ?? post.format}
                  {post.removed && ' · removed since'}
                </div>
              </>
            ),
          },
          {
            key: 'impressions',
            head: 'Impressions',
            align: 'right',
            width: '96px',
            hideOnPhone: true,
            cell: (post) =>
              post.impressions === null ? <span className="cell-none">–</span> : compact(post.impressions),
          },
          {
            key: 'engagement',
            head: 'Engagement',
            align: 'right',
            width: '96px',
            cell: (post) =>
              post.engagement === null ? <span className="cell-none">–</span> : compact(post.engagement),
          },
          {
            key: 'rate',
            head: 'Rate',
            align: 'right',
            width: '72px',
            hideOnPhone: true,
            cell: ({ impressions, engagement }) =>
              impressions === null || engagement === null || impressions < 1000 ? (
                <span className="cell-none" title="Not enough data: a rate needs 1,000 impressions.">
                  –
                </span>
              ) : (
                percent(engagement / impressions)
              ),
          },
        ]}
      />
    </ChartCard>
  );
}
