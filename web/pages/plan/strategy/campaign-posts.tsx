import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { count, dateTime } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { ModelWriting } from '#web/parts/model-writing.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { awaitsDrafts, type CampaignInFull, campaignsKey } from './queries.ts';

type Post = Awaited<ReturnType<typeof api.posts.list>>['posts'][number];

export function CampaignPosts({ campaign }: { campaign: CampaignInFull }) {
  const { timeZone } = useHouse();
  const posts = useQuery({
    // By their number too: drafts that came by themselves are shown with the campaign that counts them.
    queryKey: ['posts', 'of campaign', campaign.id, campaign.posts.all],
    placeholderData: keepPreviousData,
    queryFn: async () => (await api.posts.list({ campaignId: campaign.id, limit: 200 })).posts,
  });
  const writing = useChange(() => api.drafts.write({ appId: campaign.appId, campaignId: campaign.id }), {
    refreshes: [['posts'], campaignsKey],
  });
  const awaited = awaitsDrafts(campaign);
  const over = campaign.status === 'completed' || campaign.status === 'cancelled';
  return (
    <Card
      title="Posts"
      sub={<span className="num">{count(campaign.posts.all)}</span>}
      action={
        !over && (
          <Button size="small" busy={writing.isPending} onClick={() => writing.mutate(undefined)}>
            Write drafts
          </Button>
        )
      }
    >
      {writing.error && (
        <div className="card-body">
          <ErrorNotice title="No drafts were written" error={writing.error} />
        </div>
      )}
      {(writing.isPending || awaited) && (
        <ModelWriting
          key={String(writing.isPending)}
          subjects={[campaign.id]}
          {...(writing.isPending ? {} : { cancel: 'Use templates instead' })}
          refreshes={[['posts'], campaignsKey]}
        />
      )}
      {writing.data && writing.data.postIds.length === 0 && <p className="table-empty">{writing.data.reason}</p>}
      <Loaded
        query={posts}
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={6} />
          </div>
        }
      >
        {(rows) => (
          <DataTable<Post>
            caption={`Posts of ${campaign.name}`}
            height="two"
            rows={rows}
            rowKey={(post) => post.id}
            empty="No posts yet. Start the campaign, or write drafts now: they come from what is known of your app, each claim with its evidence."
            columns={[
              {
                key: 'post',
                head: 'Post',
                cell: (post) => (
                  <>
                    <div className="clip">
                      {post.status === 'published' ? (
                        <Link to="/posts/$postId" params={{ postId: post.id }}>
                          {post.firstLine || post.title}
                        </Link>
                      ) : (
                        <Link to="/compose/$postId" params={{ postId: post.id }}>
                          {post.firstLine || post.title}
                        </Link>
                      )}
                    </div>
                    <div className="cell-meta num">
                      {post.platforms.map((platform) => (
                        <PlatformIcon key={platform} platform={platform} size={12} />
                      ))}
                      {post.threadLength > 1 && <span>Thread of {post.threadLength}</span>}
                      <span>{whenOf(post, timeZone)}</span>
                    </div>
                  </>
                ),
              },
              {
                key: 'status',
                head: 'State',
                width: '120px',
                align: 'right',
                cell: (post) => <StatusBadge status={post.status} />,
              },
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

function whenOf(post: Post, zone: string): string {
  if (post.publishedAt) return `published ${dateTime(post.publishedAt, zone)}`;
  if (post.nextDueAt) return `goes out ${dateTime(post.nextDueAt, zone)}`;
  return post.proposedFor ? `meant for ${dateTime(post.proposedFor, zone)}` : 'no time yet';
}
