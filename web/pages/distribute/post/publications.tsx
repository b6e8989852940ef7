import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { ExternalLink } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { called, dateTime } from '#web/format.ts';
import { MoveDialog } from '#web/pages/plan/calendar/move-dialog.tsx';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { dayIn, timeIn } from '#web/zone.ts';
import { Receipts } from './receipts.tsx';

type Post = Awaited<ReturnType<typeof api.posts.get>>;
type Publication = Post['publications'][number];

const stateWords: Record<string, string> = { asking: 'Needs your OK', skipped: 'Skipped' };
const stateLooks: Record<string, string> = { asking: 'review', skipped: 'withdrawn' };

const receiptQuery = (publicationId: string) =>
  queryOptions({
    queryKey: ['publications', 'get', publicationId],
    queryFn: () => api.publications.get({ publicationId }),
  });

/** Where the post goes or went, account by account, with what can be done about it and every receipt. */
export function Publications({ post, zone }: { post: Post; zone: string }) {
  return (
    <Card title="Where it goes" sub={post.publications.length > 0 ? undefined : 'nowhere yet'}>
      {post.publications.length === 0 && (
        <div className="table-empty stack" data-gap="small">
          It is not scheduled on any account.
          <span>
            <LinkButton to="/compose/$postId" params={{ postId: post.id }} size="small">
              Choose account and time
            </LinkButton>
          </span>
        </div>
      )}
      <ul className="publications">
        {post.publications.map((publication) => (
          <li key={publication.id}>
            <PublicationRow post={post} publication={publication} zone={zone} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function PublicationRow({ post, publication, zone }: { post: Post; publication: Publication; zone: string }) {
  const { id: publicationId, account, state, dueAt, publishedAt, url } = publication;
  const queries = useQueryClient();
  const [opened, setOpened] = useState(state === 'failed');
  const [moving, setMoving] = useState(false);
  const [sure, setSure] = useState(false);
  const act = useMutation({
    mutationFn: (run: () => Promise<unknown>) => run(),
    onSuccess: () => {
      setMoving(false);
      setSure(false);
    },
    onSettled: () => queries.invalidateQueries(),
  });
  const receipt = useQuery({ ...receiptQuery(publicationId), enabled: state === 'failed' });
  // What nobody knows cannot simply be tried again: the receipts ask about it first.
  const inDoubt = receipt.data?.toSettle !== undefined && receipt.data.toSettle !== null;
  const out = publishedAt !== null;
  return (
    <>
      <div className="publication">
        <PlatformIcon platform={account.platform} size={16} />
        <div className="publication-text">
          <strong>{called(account.handle)}</strong>
          <span className="sub num">
            {out
              ? `Out since ${dateTime(publishedAt, zone)}`
              : state === 'scheduled'
                ? `Goes out ${dateTime(dueAt, zone)}`
                : `Due ${dateTime(dueAt, zone)}`}
          </span>
        </div>
        <StatusBadge status={stateLooks[state] ?? state} {...(stateWords[state] ? { word: stateWords[state] } : {})} />
        <div className="publication-actions">
          {state === 'scheduled' && (
            <>
              <Button size="small" onClick={() => setMoving(true)}>
                Move to…
              </Button>
              <Button size="small" onClick={() => setSure(true)}>
                Publish now
              </Button>
              <Button
                size="small"
                look="quiet"
                busy={act.isPending}
                onClick={() => act.mutate(() => api.publications.withdraw({ publicationId }))}
              >
                Take it back
              </Button>
            </>
          )}
          {state === 'asking' && (
            <>
              <Button size="small" look="primary" onClick={() => setSure(true)}>
                Publish now
              </Button>
              <Button size="small" onClick={() => setMoving(true)}>
                Move to…
              </Button>
              <Button
                size="small"
                look="quiet"
                busy={act.isPending}
                onClick={() => act.mutate(() => api.publications.decide({ publicationId, decision: 'skip' }))}
              >
                Skip it
              </Button>
            </>
          )}
          {state === 'failed' && !inDoubt && (
            <>
              <Button
                size="small"
                look="primary"
                busy={act.isPending}
                onClick={() => act.mutate(() => api.publications.retry({ publicationId }))}
              >
                Try again
              </Button>
              <LinkButton size="small" to="/compose/$postId" params={{ postId: post.id }}>
                Change the text
              </LinkButton>
            </>
          )}
          {url && (
            <a className="button" data-size="small" data-look="plain" href={url} target="_blank" rel="noreferrer">
              <ExternalLink size={13} aria-hidden="true" />
              Open on {platformName(account.platform)}
            </a>
          )}
        </div>
      </div>
      {publication.reason && (
        <p className="publication-reason" data-tone={state === 'failed' ? 'neg' : 'warn'}>
          {publication.reason}
        </p>
      )}
      {act.error && !sure && (
        <div className="publication-error">
          <ErrorNotice error={act.error} />
        </div>
      )}
      <details className="publication-details" open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
        <summary>Receipts</summary>
        {opened && <LoadedReceipts publicationId={publicationId} zone={zone} />}
      </details>
      {moving && (
        <MoveDialog
          title={post.title}
          day={dayIn(dueAt, zone)}
          time={timeIn(dueAt, zone)}
          zone={zone}
          onClose={() => setMoving(false)}
          onMove={(to) => act.mutate(() => api.publications.reschedule({ publicationId, at: to.toISOString() }))}
        />
      )}
      <ConfirmDialog
        opened={sure}
        title={`Publish on @${account.handle} now?`}
        confirm="Publish now"
        busy={act.isPending}
        error={act.error}
        onClose={() => setSure(false)}
        onConfirm={() =>
          act.mutate(() =>
            state === 'asking'
              ? api.publications.decide({ publicationId, decision: 'publish' })
              : api.publications.publishNow({ publicationId }),
          )
        }
      >
        It goes out within seconds, and can then only be deleted on {platformName(account.platform)}.
      </ConfirmDialog>
    </>
  );
}

function LoadedReceipts({ publicationId, zone }: { publicationId: string; zone: string }) {
  const receipt = useQuery(receiptQuery(publicationId));
  if (receipt.error)
    return (
      <ErrorNotice title="The receipts did not load" error={receipt.error} onRetry={() => void receipt.refetch()} />
    );
  if (!receipt.data) return <SkeletonLines lines={2} />;
  return <Receipts receipt={receipt.data} zone={zone} />;
}
