import '#web/styles/home.css';
import '#web/styles/post.css';
import '#web/styles/forms.css';
import './links/links.css';
import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useApp, useHouse } from '#web/app.tsx';
import { count, day } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { DataTable } from '#web/parts/data-table.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { LinkDrawer } from './links/link-drawer.tsx';
import { LinkForm } from './links/link-form.tsx';
import { type Link, linksKey, plainUrl } from './links/queries.ts';

const filters = [
  { value: 'all', label: 'All' },
  { value: 'by_hand', label: 'Made by hand' },
  { value: 'for_posts', label: 'Of posts' },
] as const;

export function LinksPage() {
  const app = useApp();
  const { timeZone: zone } = useHouse();
  const [asked, setMade] = useAddress('made', 'all');
  const made = filters.find(({ value }) => value === asked)?.value ?? 'all';
  const [chosen, choose] = useAddress('link', null);
  const [words, setWords] = useState('');
  const [search] = useDebouncedValue(words.trim(), 250);
  const [making, setMaking] = useState(false);
  const list = useInfiniteQuery({
    queryKey: [...linksKey, 'pages', app.id, made, search],
    queryFn: ({ pageParam }) =>
      api.links.list({
        appId: app.id,
        ...(made === 'all' ? {} : { made }),
        ...(search ? { search } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      }),
    initialPageParam: '',
    getNextPageParam: ({ cursor }) => cursor,
    placeholderData: keepPreviousData,
  });
  const links = list.data?.pages.flatMap((page) => page.links) ?? [];
  const filtered = made !== 'all' || search !== '';
  const make = (
    <Button look="primary" onClick={() => setMaking(true)}>
      <Plus size={15} aria-hidden="true" /> New link
    </Button>
  );
  return (
    <Page
      title="Links"
      intro="Each post has its own link by itself. Make more for newsletters, talks and paper."
      actions={
        <>
          <LinkButton to="/settings/$section" params={{ section: 'workspace' }}>
            Short domain
          </LinkButton>
          {make}
        </>
      }
    >
      <div className="posts-bar">
        <Segmented label="Which links" value={made} onChange={setMade} options={[...filters]} />
        <TextInput
          aria-label="Search links"
          placeholder="Code or destination"
          leftSection={<Search size={15} aria-hidden="true" />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </div>
      {list.error && (
        <ErrorNotice title="The links did not load" error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isPending && <SkeletonCard height={420} />}
      {list.data && links.length === 0 && !filtered && (
        <div className="card">
          <h2 className="hidden-text">Your links</h2>
          <EmptyState title="No links yet" ghost={false} action={make}>
            A tracked link counts who follows it and shows where visitors, signups and money come from. Posts get theirs
            when they go out.
          </EmptyState>
        </div>
      )}
      {list.data && (links.length > 0 || filtered) && (
        <div className="card posts-table">
          <DataTable
            caption="Links"
            height="two"
            rows={links}
            rowKey={(link) => link.id}
            empty="No link matches. Choose others, or other words."
            columns={[
              { key: 'link', head: 'Link', cell: (link) => <LinkCell link={link} onOpen={() => choose(link.id)} /> },
              {
                key: 'belongs',
                head: 'Belongs to',
                width: '220px',
                hideOnPhone: true,
                cell: (link) => <BelongsTo link={link} />,
              },
              {
                key: 'last',
                head: 'Last click',
                align: 'right',
                width: '96px',
                hideOnPhone: true,
                cell: (link) => (link.lastClickAt ? day(link.lastClickAt, zone) : <span className="cell-none">–</span>),
              },
              { key: 'clicks', head: 'Clicks', align: 'right', width: '76px', cell: (link) => count(link.clicks) },
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
      {making && <LinkForm appId={app.id} onClose={() => setMaking(false)} onMade={choose} />}
      {chosen && <LinkDrawer key={chosen} linkId={chosen} links={links} onClose={() => choose(null)} />}
    </Page>
  );
}

function LinkCell({ link, onOpen }: { link: Link; onOpen: () => void }) {
  return (
    <>
      <button type="button" className="link-name clip" onClick={onOpen}>
        {plainUrl(link.url)}
      </button>
      <div className="cell-meta">
        <span className="clip">{plainUrl(link.destination)}</span>
        {link.ended && <StatusBadge status="withdrawn" word="Ended" />}
      </div>
    </>
  );
}

function BelongsTo({ link }: { link: Link }) {
  const [first, second] = [
    link.post?.title ?? link.affiliate?.name ?? link.channel?.name ?? link.campaign?.name,
    link.post ? link.channel?.name : link.affiliate ? 'Affiliate' : link.campaign?.name,
  ];
  if (!first) return <span className="cell-none">–</span>;
  return (
    <>
      <div className="clip">{first}</div>
      {second && second !== first && <div className="cell-meta clip">{second}</div>}
    </>
  );
}
