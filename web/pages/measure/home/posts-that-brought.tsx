import { Link } from '@tanstack/react-router';
import { compact, count, day, money } from '#web/format.ts';
import type { Home } from '#web/pages/measure/home.tsx';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';

/** Which posts brought people, and what those people did. */
export function PostsThatBrought({ posts, zone }: { posts: Home['postsThatBroughtPeople']; zone: string }) {
  return (
    <Card
      title="Posts that brought people"
      action={
        <Link to="/posts" className="card-head-action">
          All posts
        </Link>
      }
    >
      <DataTable
        caption="Posts that brought people"
        height="two"
        rows={posts.slice(0, 5)}
        rowKey={(post) => post.postId}
        empty="No post has brought a visit in this range. Put {{link}} into a post, then the visits it brings are counted here."
        columns={[
          {
            key: 'post',
            head: 'Post',
            cell: (post) => (
              <>
                <Link to="/posts/$postId" params={{ postId: post.postId }} className="cell-title clip">
                  {post.title}
                </Link>
                <div className="cell-meta">
                  {post.platforms.map((platform) => (
                    <PlatformIcon key={platform} platform={platform} size={12} />
                  ))}
                  {post.publishedAt && <span>{day(post.publishedAt, zone)}</span>}
                  {post.campaign && (
                    <span className="hide-on-phone">
                      <CampaignDot colour={post.campaign.colour - 1} name={post.campaign.name} />
                    </span>
                  )}
                </div>
              </>
            ),
          },
          {
            key: 'seen',
            head: 'Impressions',
            align: 'right',
            width: '94px',
            hideOnPhone: true,
            cell: (post) => (
              <span className="cell-quiet">{post.impressions === null ? 'not told' : compact(post.impressions)}</span>
            ),
          },
          { key: 'visits', head: 'Visits', align: 'right', width: '68px', cell: (post) => count(post.visits) },
          {
            key: 'signups',
            head: 'Signups',
            align: 'right',
            width: '78px',
            cell: (post) => <strong className="cell-strong">{count(post.signups)}</strong>,
          },
          {
            key: 'money',
            head: 'Revenue',
            align: 'right',
            width: '90px',
            hideOnPhone: true,
            cell: (post) => <Revenue post={post} />,
          },
        ]}
      />
    </Card>
  );
}

/** In the workspace's currency, and beneath it what came in others. */
function Revenue({ post }: { post: Home['postsThatBroughtPeople'][number] }) {
  const [first, ...more] = post.otherCurrencies;
  return (
    <>
      {money(post.revenue.minor, post.revenue.currency, { whole: true })}
      {first && (
        <span className="cell-second">
          {more.length === 0
            ? `+ ${money(first.minor, first.currency, { whole: true })}`
            : `+ ${more.length + 1} currencies`}
        </span>
      )}
    </>
  );
}
