import '#web/styles/home.css';
import '#web/styles/post.css';
import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { count, counted, dateTime, day, money } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';

const filters = [
  { value: 'all', label: 'All' },
  { value: 'draft', label: 'Drafts' },
  { value: 'scheduled', label: 'Scheduled' },
  { value: 'published', label: 'Published' },
  { value: 'failed', label: 'Failed' },
] as const;
type Post = Awaited<ReturnType<typeof api.posts.list>>['posts'][number];

export function PostsPage() {
  const app = useApp();
  const { timeZone: zone } = useHouse();
  const [asked, setStatus] = useAddress('status', 'all');
  const status = filters.find(({ value }) => value === asked)?.value ?? 'all';
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 250);
  const list = useInfiniteQuery({
    queryKey: ['posts', 'pages', app.id, status, search],
    queryFn: ({ pageParam }) =>
      api.posts.list({
        appId: app.id,
        ...(status === 'all' ? {} : { status }),
        ...(search ? { search } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  const posts = list.data?.pages.flatMap((page) => page.posts) ?? [];
  const filtered = status !== 'all' || search !== '';
  const number = (post: Post, write: (brought: Post['brought']) => string) =>
    post.publishedAt ? write(post.brought) : <span className="cell-none">–</span>;
  return (
    <Page
      title="Posts"
      intro="Everything you wrote, and what it brought so far."
      actions={
        <span className="hide-on-phone">
          <LinkButton to="/compose" look="primary" hint="C">
            <Plus size={15} aria-hidden="true" /> New post
          </LinkButton>
        </span>
      }
    >
      <div className="posts-bar">
        <Segmented label="Status" value={status} onChange={setStatus} options={[...filters]} />
        <TextInput
          aria-label="Search posts"
          placeholder="Search posts"
          leftSection={<Search size={15} aria-hidden="true" />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </div>
      {list.error && (
        <ErrorNotice title="The posts did not load" error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isPending && <SkeletonCard height={420} />}
      {list.data && posts.length === 0 && !filtered && (
        <div className="card">
          <h2 className="hidden-text">Your posts</h2>
          <EmptyState
            title="No posts yet"
            ghost={false}
            action={
              <LinkButton to="/compose" look="primary">
                Write a post
              </LinkButton>
            }
          >
            Write the first one, or let a week be drafted from what Fanfare knows about {app.name}.
          </EmptyState>
        </div>
      )}
      {list.data && (posts.length > 0 || filtered) && (
        <div className="card posts-table">
          <DataTable
            caption="Posts"
            height="two"
            rows={posts}
            rowKey={(post) => post.id}
            empty="No post matches. Choose another status or other words."
            columns={[
              { key: 'post', head: 'Post', cell: (post) => <PostCell post={post} zone={zone} /> },
              {
                key: 'status',
                head: 'Status',
                width: '130px',
                hideOnPhone: true,
                cell: (post) => <StatusBadge status={post.status} />,
              },
              {
                key: 'visits',
                head: 'Visits',
                align: 'right',
                width: '70px',
                cell: (post) => number(post, (found) => count(found.visits)),
              },
              {
                key: 'signups',
                head: 'Signups',
                align: 'right',
                width: '78px',
                hideOnPhone: true,
                cell: (post) => number(post, (found) => count(found.signups)),
              },
              {
                key: 'revenue',
                head: 'Revenue',
                align: 'right',
                width: '94px',
                hideOnPhone: true,
                cell: (post) => number(post, ({ revenue }) => money(revenue.minor, revenue.currency, { whole: true })),
              },
            ]}
          />
          {list.hasNextPage && (
            <div className="posts-more">
              <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </div>
      )}
    </Page>
  );
}

function PostCell({ post, zone }: { post: Post; zone: string }) {
  return (
    <>
      <Link
        to={post.status === 'draft' ? '/compose/$postId' : '/posts/$postId'}
        params={{ postId: post.id }}
        className="cell-title clip"
      >
        {post.title}
      </Link>
      <div className="cell-meta num">
        {post.platforms.map((platform) => (
          <PlatformIcon key={platform} platform={platform} size={12} />
        ))}
        <span>{whenWords(post, zone)}</span>
        {post.threadLength > 1 && <span className="hide-on-phone">{counted(post.threadLength, 'part')}</span>}
        {post.campaign && (
          <span className="hide-on-phone">
            <CampaignDot colour={post.campaign.colour - 1} name={post.campaign.name} />
          </span>
        )}
        <span className="show-on-phone">
          <StatusBadge status={post.status} />
        </span>
      </div>
    </>
  );
}

function whenWords(post: Post, zone: string): string {
  if (post.publishedAt) return day(post.publishedAt, zone);
  if (post.nextDueAt) return dateTime(post.nextDueAt, zone);
  if (post.proposedFor) return `planned for ${dateTime(post.proposedFor, zone)}`;
  return `changed ${day(post.updatedAt, zone)}`;
}
