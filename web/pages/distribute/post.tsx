import '#web/styles/home.css';
import '#web/styles/post.css';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { Copy, PenLine } from 'lucide-react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { dateTime, day } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { CampaignDot } from '#web/parts/campaign-dot.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { EvidenceQuote } from '#web/parts/evidence-quote.tsx';
import { Page } from '#web/parts/page.tsx';
import { SkeletonPage } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { XPreview } from '#web/parts/x-preview.tsx';
import { postQuery } from '#web/queries.ts';
import { Again } from './post/again.tsx';
import { PostNumbers } from './post/numbers.tsx';
import { OutOfThePlan } from './post/out-of-the-plan.tsx';
import { Publications } from './post/publications.tsx';
import { Review } from './post/review.tsx';

type Post = Awaited<ReturnType<typeof api.posts.get>>;

export function PostPage() {
  const { postId = '' } = useParams({ strict: false });
  const { timeZone: zone } = useHouse();
  const go = useNavigate();
  const post = useQuery({
    ...postQuery(postId),
    refetchInterval: ({ state }) => (isOnItsWay(state.data) ? 1500 : 20_000),
  });
  const duplicate = useMutation({
    mutationFn: () => api.posts.duplicate({ postId }),
    onSuccess: (copy) => go({ to: '/compose/$postId', params: { postId: copy.id } }),
  });
  if (post.error) {
    return (
      <Page title="Post">
        <ErrorNotice title="The post did not load" error={post.error} onRetry={() => void post.refetch()} />
      </Page>
    );
  }
  if (!post.data) return <SkeletonPage />;
  const { data } = post;
  const out = data.publications.flatMap(({ publishedAt }) => publishedAt ?? []);
  return (
    <Page
      title={data.title}
      intro={
        <span className="post-intro">
          <StatusBadge status={data.status} />
          {data.campaign && <CampaignDot colour={data.campaign.colour - 1} name={data.campaign.name} />}
          <span>{historyWords(data, zone)}</span>
        </span>
      }
      actions={
        <>
          <Button busy={duplicate.isPending} onClick={() => duplicate.mutate()}>
            <Copy size={15} aria-hidden="true" /> Duplicate
          </Button>
          {data.status !== 'published' && (
            <LinkButton to="/compose/$postId" params={{ postId }} look="primary">
              <PenLine size={15} aria-hidden="true" /> Edit
            </LinkButton>
          )}
          <OutOfThePlan post={data} />
        </>
      }
    >
      {duplicate.error && <ErrorNotice title="It was not duplicated" error={duplicate.error} />}
      <div className="row post-row" data-split="2-1">
        <div className="stack">
          <Review post={data} zone={zone} />
          <Publications post={data} zone={zone} />
          {out.length > 0 && <PostNumbers postId={postId} zone={zone} readable={out.some(isStillRead)} />}
        </div>
        <div className="stack">
          <Preview post={data} zone={zone} />
          {data.status === 'published' && <Again post={data} />}
          <Evidence post={data} />
        </div>
      </div>
    </Page>
  );
}

/** Due by now and not out yet: what the next seconds bring is worth waiting for. */
function isOnItsWay(post: Post | undefined): boolean {
  return (
    post?.publications.some(
      ({ state, dueAt }) => state === 'publishing' || (state === 'scheduled' && dueAt.getTime() <= Date.now()),
    ) ?? false
  );
}

/** Platforms give the numbers of a post for so many days. */
function isStillRead(publishedAt: Date): boolean {
  return Date.now() - publishedAt.getTime() < 29 * 86_400_000;
}

function historyWords(post: Post, zone: string): string {
  const by = post.createdBy ? ` by ${post.createdBy}` : '';
  const approval = post.approvals.find(({ decision }) => decision === 'approved');
  const written = `Written ${day(post.createdAt, zone)}${by}`;
  return approval ? `${written}, approved ${dateTime(approval.at, zone)}` : written;
}

function Preview({ post, zone }: { post: Post; zone: string }) {
  const variant = post.variants[0];
  const publication = post.publications.find(({ publishedAt }) => publishedAt) ?? post.publications[0];
  // Its link is made when it goes out; until then a sample of the same length stands in.
  const links = useQuery({
    queryKey: ['links', post.id],
    queryFn: () => api.links.list({ postId: post.id, limit: 1 }),
    enabled: publication?.publishedAt != null,
  });
  const link = links.data?.links[0]?.url ?? post.linkSample;
  if (!variant) return null;
  return (
    <Card title="The post" sub={variant.platformName} padded>
      <XPreview
        author={{ name: publication?.account.name ?? 'You', handle: publication?.account.handle ?? 'you' }}
        parts={variant.parts.map((part) => ({ id: part.id, text: part.text.replaceAll('{{link}}', link) }))}
        when={day(publication?.publishedAt ?? publication?.dueAt ?? post.updatedAt, zone)}
      />
    </Card>
  );
}

/** What the post asserts, and the words that support it. */
function Evidence({ post }: { post: Post }) {
  const claims = post.variants.flatMap((variant) => variant.parts.flatMap((part) => part.claims));
  if (claims.length === 0) return null;
  return (
    <Card title="What it asserts" sub={`${claims.length}`} padded>
      <ul className="stack">
        {claims.map((claim) => (
          <li key={claim.id} className="stack" data-gap="small">
            <strong className="cell-strong">{claim.text}</strong>
            {claim.fact?.quote ? (
              <EvidenceQuote
                quote={claim.fact.quote}
                {...(claim.fact.url ? { page: { title: new URL(claim.fact.url).host, url: claim.fact.url } } : {})}
                confidence={claim.fact.confidence}
                confirmed={claim.fact.state === 'confirmed' || claim.fact.state === 'corrected'}
              />
            ) : (
              <span className="sub">{claim.unsupportedReason ?? claim.fact?.statement}</span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
