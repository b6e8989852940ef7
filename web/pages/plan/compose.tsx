import '#web/styles/composer.css';
import './compose/compose.css';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useAddress } from '#web/address.ts';
import { platformsQuery } from '#web/pages/people/settings/account-queries.ts';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Page, useTitle } from '#web/parts/page.tsx';
import { Skeleton, SkeletonLines } from '#web/parts/skeleton.tsx';
import { accountsQuery, postQuery } from '#web/queries.ts';
import { Composer } from './compose/composer.tsx';

/**
 * `/compose` for a new post, `/compose/<id>` for one there is. A new one takes its id into the address
 * (`/compose?post=<id>`) once it is stored: the same page stays, so nobody's typing is interrupted.
 */
export function ComposePage() {
  useTitle('Compose');
  const { postId } = useParams({ strict: false });
  const [stored, setStored] = useAddress('post', null);
  const [at] = useAddress('at', null);
  const [campaign] = useAddress('campaign', null);
  const id = postId ?? stored ?? undefined;
  const [created, setCreated] = useState<string>();
  const [session, setSession] = useState({ key: 0, id });
  if (session.id !== id) setSession({ key: id !== undefined && id === created ? session.key : session.key + 1, id });
  const isNew = id === undefined || id === created;
  const post = useQuery({ ...postQuery(id ?? ''), enabled: !isNew });
  const accounts = useQuery(accountsQuery);
  const platforms = useQuery(platformsQuery);
  const trouble = accounts.error ?? platforms.error ?? (isNew ? null : post.error);
  if (trouble) {
    return (
      <Page title="Compose">
        <ErrorNotice
          title="The post could not be opened"
          error={trouble}
          onRetry={() =>
            void Promise.all([accounts.refetch(), platforms.refetch(), isNew ? undefined : post.refetch()])
          }
        />
      </Page>
    );
  }
  if (!accounts.data || !platforms.data || (!isNew && !post.data)) return <ComposerSkeleton />;
  const start = at && !Number.isNaN(Date.parse(at)) ? new Date(at) : undefined;
  return (
    <Composer
      key={session.key}
      {...(isNew || !post.data ? {} : { post: post.data })}
      accounts={accounts.data}
      known={platforms.data}
      start={start}
      campaignId={campaign ?? undefined}
      onCreated={(made) => {
        setCreated(made);
        setStored(made);
      }}
    />
  );
}

function ComposerSkeleton() {
  return (
    <div className="composer" role="status" aria-label="Loading">
      <div className="composer-main">
        <div className="composer-head">
          <Skeleton width={180} height={18} />
        </div>
        <div className="composer-scroll">
          <div className="composer-column">
            <SkeletonLines lines={4} />
          </div>
        </div>
      </div>
      <div className="composer-preview" />
    </div>
  );
}
