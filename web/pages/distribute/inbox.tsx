import './inbox/inbox.css';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { RefreshCw } from 'lucide-react';
import { useEffect } from 'react';
import { useAddress } from '#web/address.ts';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { Segmented } from '#web/parts/segmented.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { Advocates } from './inbox/advocates.tsx';
import { ConversationPane } from './inbox/conversation.tsx';
import { ItemRow } from './inbox/item-row.tsx';
import { inboxCountQuery, itemsQuery, type Show } from './inbox/queries.ts';

const views = [
  { value: 'all', label: 'All' },
  { value: 'unread', label: 'Unread' },
  { value: 'unanswered', label: 'Unanswered' },
  { value: 'advocates', label: 'Advocates' },
] as const;

export function InboxPage() {
  const [asked, setView] = useAddress('show', 'all');
  const view = views.find(({ value }) => value === asked)?.value ?? 'all';
  const [itemId, choose] = useAddress('item', null);
  const reading = useChange(() => api.inbox.read({}), {
    refreshes: [['inbox'], ['spend']],
    says: 'The inbox is up to date',
  });
  const marking = useChange(() => api.inbox.markAllRead({}), { refreshes: [['inbox']] });
  return (
    <Page
      title="Inbox"
      intro="What people write to your accounts: replies, mentions and quotes."
      actions={
        <>
          <Button look="quiet" busy={marking.isPending} onClick={() => marking.mutate(undefined)}>
            Mark all as read
          </Button>
          <Button busy={reading.isPending} onClick={() => reading.mutate(undefined)}>
            <RefreshCw size={14} aria-hidden="true" /> Read now
          </Button>
        </>
      }
    >
      <div className="inbox-bar">
        <Segmented label="Show" value={view} onChange={setView} options={[...views]} />
      </div>
      {reading.error && <ErrorNotice title="The inbox was not read" error={reading.error} />}
      {marking.error && <ErrorNotice title="They were not marked" error={marking.error} />}
      {view === 'advocates' ? <Advocates /> : <Items view={view} itemId={itemId} onChoose={choose} />}
    </Page>
  );
}

function Items({
  view,
  itemId,
  onChoose,
}: {
  view: Show;
  itemId: string | null;
  onChoose: (id: string | null) => void;
}) {
  const list = useInfiniteQuery(itemsQuery(view));
  const markRead = useMarkRead();
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const counts = list.data?.pages[0]?.counts;
  const open = (id: string) => {
    onChoose(id);
    if (items.find((item) => item.id === id)?.readAt === null) markRead(id);
  };
  if (list.error)
    return <ErrorNotice title="The inbox did not load" error={list.error} onRetry={() => void list.refetch()} />;
  if (list.isPending) return <SkeletonCard height={480} />;
  if (counts?.all === 0) return <Nothing />;
  return (
    <div className="inbox" data-open={itemId !== null || undefined}>
      <section className="card inbox-list" aria-label="What was written">
        {items.length === 0 && (
          <p className="table-empty">
            {view === 'unread' ? 'Everything is read.' : 'Everything is answered.'} Choose All to see the rest.
          </p>
        )}
        <ul>
          {items.map((item) => (
            <li key={item.id}>
              <ItemRow item={item} chosen={item.id === itemId} onOpen={() => open(item.id)} />
            </li>
          ))}
        </ul>
        {list.hasNextPage && (
          <div className="inbox-more">
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          </div>
        )}
      </section>
      <section className="card inbox-pane" aria-label="Conversation">
        {itemId ? (
          <ConversationPane key={itemId} itemId={itemId} onBack={() => onChoose(null)} />
        ) : (
          <p className="inbox-none">Choose one to read it with your post above it, and to answer.</p>
        )}
      </section>
    </div>
  );
}

function Nothing() {
  return (
    <div className="card">
      <h2 className="hidden-text">Nothing yet</h2>
      <EmptyState
        title="Nobody has written yet"
        ghost={false}
        action={<LinkButton to="/settings">Look at your accounts</LinkButton>}
        waiting="Replies and mentions are read every 15 minutes, on X every hour"
      >
        Replies, mentions and quotes on X, Bluesky and Mastodon come in here, beside the post they are about.
      </EmptyState>
    </div>
  );
}

/** Marks one as read where it stands: the list keeps its order until it is asked for again. */
function useMarkRead(): (itemId: string) => void {
  const queries = useQueryClient();
  const marking = useChange((itemId: string) => api.inbox.markRead({ itemId }), {
    refreshes: [inboxCountQuery.queryKey],
  });
  const { mutate } = marking;
  useEffect(
    () => () => void queries.invalidateQueries({ queryKey: ['inbox', 'list'], refetchType: 'none' }),
    [queries],
  );
  return (itemId) => {
    mutate(itemId);
    for (const show of ['all', 'unread', 'unanswered'] as const)
      queries.setQueryData(
        itemsQuery(show).queryKey,
        (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.map((item) => (item.id === itemId ? { ...item, readAt: new Date() } : item)),
            })),
          },
      );
  };
}
