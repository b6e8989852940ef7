import type { Inside } from '#src/context.ts';
import type { ComposePage } from '#src/distribute/assisted/pages.ts';
import type { NewTask } from '#src/distribute/assisted/tasks.ts';
import type { Draft } from '#src/distribute/assisted/words.ts';
import { channelOn, insertLink, urlOfCode } from '#src/distribute/links.ts';
import { approvePost, createPost, markPost } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** The account a task is expected on: the one named, else the only one there is. */
export async function accountFor({ tx }: Inside, platform: string, accountId: string | undefined) {
  const accounts = await tx
    .selectFrom('accounts')
    .select(['id', 'serverUrl'])
    .where('platform', '=', platform)
    .where('status', '<>', 'removed')
    .$if(accountId !== undefined, (query) => query.where('id', '=', accountId ?? ''))
    .execute();
  if (accountId !== undefined && !accounts[0]) throw notFound('account on this platform');
  return accounts.length === 1 ? (accounts[0] ?? null) : null;
}

/** Words that belong to no post become one, so that they are measured on the account like any other. */
export async function postFor(inside: Inside, wanted: NewTask, { parts }: Draft): Promise<string | null> {
  // A community is chosen on the page itself.
  if (parts.length === 0 || inside.platforms.get(wanted.platform)?.limits.community?.required) return null;
  const { id } = await createPost(inside, {
    appId: wanted.appId,
    title: wanted.title,
    ...(wanted.url === undefined ? {} : { linkUrl: wanted.url }),
    variants: [{ platform: wanted.platform, parts: parts.map((text) => ({ text })) }],
  });
  return id;
}

/** Approved and marked as scheduled in one, so that the reaction to the approval does not schedule it as well. */
export async function putInPlan(inside: Inside, postId: string, platform: string): Promise<void> {
  // As scheduling does: who comes second sees what the first one did.
  const { status } = await inside.tx
    .selectFrom('posts')
    .select('status')
    .where('id', '=', postId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const [scheduled] = await waitingOn(inside, postId, platform);
  if (scheduled)
    throw refuse(
      'conflict',
      'already_scheduled',
      `This post goes out on @${scheduled.handle} by itself. Take it back there first, or ask for it by hand instead.`,
    );
  if (status === 'withdrawn')
    throw refuse('conflict', 'post_withdrawn', 'This post was withdrawn. Return it to draft first.');
  if (status === 'draft' || status === 'in_review') await approvePost(inside, postId, { evenIfSimilar: true });
  await markPost(inside, postId, 'scheduled');
}

/** What the engine is going to send of a post on a platform. */
export function waitingOn({ tx }: Inside, postId: string, platform: string) {
  return tx
    .selectFrom('publications')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['publications.id', 'accounts.handle'])
    .where('publications.postId', '=', postId)
    .where('accounts.platform', '=', platform)
    .where('publications.state', 'in', ['scheduled', 'publishing', 'asking'])
    .execute();
}

/** The address to post: a tracked link of the task's own where the platform takes one. */
export async function linkFor(
  inside: Inside,
  page: ComposePage,
  wanted: { appId: string; platform: string; postId: string | null; url?: string | undefined; appUrl: string },
): Promise<{ id: string | null; url: string }> {
  const post = wanted.postId
    ? await inside.tx
        .selectFrom('posts')
        .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
        .select(['posts.linkUrl', 'posts.campaignId', 'campaigns.slug'])
        .where('posts.id', '=', wanted.postId)
        .executeTakeFirst()
    : undefined;
  const destination = wanted.url ?? post?.linkUrl ?? wanted.appUrl;
  if (page.link === 'plain') return { id: null, url: destination };
  const { id, code } = await insertLink(inside, {
    appId: wanted.appId,
    destination,
    postId: wanted.postId,
    campaignId: post?.campaignId ?? null,
    channelId: await channelOn(inside, wanted.appId, wanted.platform),
    utmSource: wanted.platform,
    utmMedium: 'social',
    utmCampaign: post?.slug ?? 'fanfare',
    utmContent: wanted.postId?.slice(0, 8) ?? 'by-hand',
  });
  return { id, url: await urlOfCode(inside, code) };
}
