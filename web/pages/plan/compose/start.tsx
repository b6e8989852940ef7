import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Sparkles } from 'lucide-react';
import { api } from '#web/api.ts';
import { counted, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { ModelWriting } from '#web/parts/model-writing.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { postsQuery } from '#web/queries.ts';
import { TemplateChoice } from './template-choice.tsx';

/** Under an empty composer: a template, the drafts there are, and a week of them at one click. */
export function StartingPoints({ appId }: { appId: string }) {
  const drafts = useQuery(postsQuery({ appId, status: 'draft', limit: 6 }));
  const queries = useQueryClient();
  const week = useMutation({
    mutationFn: () => api.drafts.write({ appId }),
    onSuccess: async ({ postIds, reason }) => {
      notifications.show({
        title: postIds.length > 0 ? `${counted(postIds.length, 'draft')} written` : 'No draft was written',
        message: reason,
      });
      await queries.invalidateQueries();
    },
  });
  const posts = drafts.data?.posts ?? [];
  return (
    <section className="starting" aria-label="Or start from a draft">
      <div className="starting-head">
        <div>
          <h2>{posts.length > 0 ? 'Or go on with a draft' : 'No drafts yet'}</h2>
          <p className="sub">
            {posts.length > 0
              ? 'Drafting writes a week of posts from your knowledge, each claim with its evidence.'
              : 'Write above, or let a week of posts be drafted from your knowledge, each claim with its evidence.'}
          </p>
        </div>
        <TemplateChoice appId={appId} />
        <Button busy={week.isPending} onClick={() => week.mutate()}>
          <Sparkles size={15} aria-hidden="true" />
          Draft my week
        </Button>
      </div>
      {week.isPending && (
        <>
          <p className="sub" role="status">
            Writing. This takes a few seconds, with a model up to a minute.
          </p>
          <ModelWriting subjects={[appId]} />
        </>
      )}
      {week.error && <ErrorNotice title="Nothing was drafted" error={week.error} onRetry={() => week.mutate()} />}
      {drafts.isPending && <SkeletonLines lines={3} />}
      <ul>
        {posts.map((post) => (
          <li key={post.id}>
            <Link to="/compose/$postId" params={{ postId: post.id }}>
              <span className="clip">{post.title}</span>
              <span className="sub num">
                {post.threadLength > 1 && `${counted(post.threadLength, 'post')}, `}
                {relative(post.updatedAt)}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
