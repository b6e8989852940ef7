import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { themeWarning } from '#src/plan/calendar/themes.ts';
import { templateKinds } from '#src/plan/writing/index.ts';
import { notFound } from '#src/refusal.ts';
import { problem, problemsOfWords, similarPosts, similarProblem } from './problems.ts';
import { voiceProblems } from './voice.ts';
import { hooks, measurePart, sampleLink } from './words.ts';

export const postStatuses = [
  'draft',
  'in_review',
  'approved',
  'scheduled',
  'published',
  'failed',
  'withdrawn',
] as const;
export const postSources = ['person', 'template', 'model', 'import', 'automation', 'reply'] as const;
export const publicationStates = [
  'scheduled',
  'publishing',
  'published',
  'failed',
  'skipped',
  'withdrawn',
  'asking',
] as const;

const campaignRef = z.object({ id, name: z.string(), colour: z.int() }).nullable();

export const shownClaim = z.object({
  id,
  start: z.int(),
  end: z.int(),
  text: z.string(),
  unsupportedReason: z.string().nullable(),
  fact: z
    .object({
      id,
      kind: z.string(),
      statement: z.string(),
      state: z.enum(['proposed', 'confirmed', 'corrected', 'retired']),
      confidence: z.number(),
      quote: z.string().nullable(),
      url: z.string().nullable(),
      seenAt: z.date().nullable(),
    })
    .nullable(),
});

export const shownPublication = z.object({
  id,
  account: z.object({ id, platform: z.string(), handle: z.string(), name: z.string() }),
  state: z.enum(publicationStates),
  reason: z.string().nullable(),
  dueAt: z.date(),
  publishedAt: z.date().nullable(),
  postVersion: z.int(),
  url: z.string().nullable(),
});

export const shownPost = z.object({
  id,
  app: z.object({ id, name: z.string(), url: z.string() }),
  campaign: campaignRef,
  template: z.object({ id, name: z.string() }).nullable(),
  theme: z.object({ id, name: z.string() }).nullable(),
  title: z.string(),
  kind: z.enum(templateKinds).nullable(),
  hook: z.enum(hooks).nullable(),
  status: z.enum(postStatuses),
  source: z.enum(postSources),
  /** Where the tracked link leads. */
  linkUrl: z.string().nullable(),
  /** What `{{link}}` is counted as until there is a tracked link. */
  linkSample: z.string(),
  evergreen: z.boolean(),
  /** Days between two times of an evergreen post on one account. */
  coolDownDays: z.int(),
  minutesSpent: z.int(),
  version: z.int(),
  proposedFor: z.date().nullable(),
  createdBy: z.string().nullable(),
  createdAt: z.date(),
  updatedAt: z.date(),
  variants: z.array(
    z.object({
      id,
      platform: z.string(),
      platformName: z.string(),
      /** For platforms with a headline; null = the post's own title. */
      title: z.string().nullable(),
      firstReply: z.string().nullable(),
      replySettings: z.enum(['everyone', 'following', 'mentioned', 'subscribers', 'verified']).nullable(),
      community: z.string().nullable(),
      longPost: z.boolean(),
      hashtags: z.array(z.string()),
      mentions: z.array(z.string()),
      /** What the platform charges for all parts, millionths of a US dollar. */
      priceMicros: z.int(),
      parts: z.array(
        z.object({
          id,
          position: z.int(),
          text: z.string(),
          length: z.int(),
          limit: z.int(),
          valid: z.boolean(),
          priceMicros: z.int(),
          media: z.array(
            z.object({
              assetId: id,
              kind: z.string(),
              mediaType: z.string(),
              bytes: z.int(),
              altText: z.string().nullable(),
              milliseconds: z.int().nullable(),
              width: z.int().nullable(),
              height: z.int().nullable(),
            }),
          ),
          poll: z.object({ minutes: z.int(), options: z.array(z.string()) }).nullable(),
          claims: z.array(shownClaim),
        }),
      ),
    }),
  ),
  problems: z.array(problem),
  approvals: z.array(
    z.object({
      decision: z.enum(['submitted', 'approved', 'returned', 'withdrawn']),
      postVersion: z.int(),
      note: z.string().nullable(),
      by: z.string().nullable(),
      at: z.date(),
    }),
  ),
  publications: z.array(shownPublication),
});
export type ShownPost = z.input<typeof shownPost>;

/** A post with everything its page and the composer show. */
export async function readPost(inside: Inside, postId: string): Promise<ShownPost> {
  const { tx } = inside;
  const post = await tx
    .selectFrom('posts')
    .innerJoin('apps', 'apps.id', 'posts.appId')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .leftJoin('templates', 'templates.id', 'posts.templateId')
    .leftJoin('contentThemes', 'contentThemes.id', 'posts.themeId')
    .leftJoin('users', 'users.id', 'posts.createdBy')
    .selectAll('posts')
    .select(['apps.name as appName', 'apps.url as appUrl', 'campaigns.name as campaignName', 'campaigns.colour'])
    .select(['templates.name as templateName', 'contentThemes.name as themeName', 'users.name as author'])
    .where('posts.id', '=', postId)
    .executeTakeFirst();
  if (!post) throw notFound('post');
  const variants = await readVariants(inside, postId);
  const problems = problemsOfWords(inside, post.title, variants);
  for (const variant of variants)
    for (const part of variant.parts)
      for (const claim of part.claims) {
        const about = { platform: variant.platform, part: part.position, postId: null };
        if (claim.unsupportedReason)
          problems.push({ kind: 'unsupported', severity: 'warns', ...about, message: claim.unsupportedReason });
        else if (claim.fact?.state === 'retired')
          problems.push({
            kind: 'retired_fact',
            severity: 'warns',
            ...about,
            message: `“${claim.text}” rests on knowledge that was retired. Check that it is still true.`,
          });
      }
  if (post.status === 'draft' || post.status === 'in_review')
    problems.push(...(await voiceProblems(inside, post.appId, variants)));
  if (post.status === 'draft' || post.status === 'in_review' || post.status === 'failed')
    for (const other of await similarPosts(inside, post, variants)) problems.push(similarProblem(other));
  if (post.status === 'draft' || post.status === 'in_review') {
    const message = await themeWarning(inside, post.appId, post.themeId);
    if (message) problems.push({ kind: 'theme', severity: 'warns', platform: null, part: null, message, postId: null });
  }
  return {
    ...post,
    app: { id: post.appId, name: post.appName, url: post.appUrl },
    campaign: post.campaignId ? { id: post.campaignId, name: post.campaignName ?? '', colour: post.colour ?? 1 } : null,
    template: post.templateId ? { id: post.templateId, name: post.templateName ?? '' } : null,
    theme: post.themeId ? { id: post.themeId, name: post.themeName ?? '' } : null,
    hook: hooks.find((hook) => hook === post.hook) ?? null,
    linkSample: sampleLink(inside),
    createdBy: post.author,
    variants,
    problems,
    approvals: await tx
      .selectFrom('approvals')
      .leftJoin('users', 'users.id', 'approvals.decidedBy')
      .select(['decision', 'postVersion', 'note', 'users.name as by', 'decidedAt as at'])
      .where('postId', '=', postId)
      .orderBy('decidedAt', 'desc')
      .execute(),
    publications: await readPublications(inside, postId),
  };
}

/** The words of a post, variant by variant; the first stands in for platforms that have none of their own. */
export async function readVariants(inside: Inside, postId: string): Promise<ShownPost['variants']> {
  const { tx } = inside;
  const variants = await tx
    .selectFrom('postVariants')
    .selectAll()
    .where('postId', '=', postId)
    .orderBy('position')
    .orderBy('platform')
    .execute();
  if (variants.length === 0) return [];
  const variantIds = variants.map((variant) => variant.id);
  const parts = await tx
    .selectFrom('parts')
    .leftJoin('polls', 'polls.partId', 'parts.id')
    .select(['parts.id', 'parts.variantId', 'parts.position', 'parts.text', 'polls.minutes', 'polls.options'])
    .where('parts.variantId', 'in', variantIds)
    .orderBy('parts.position')
    .execute();
  const tags = await tx
    .selectFrom('postTags')
    .select(['variantId', 'kind', 'value'])
    .where('variantId', 'in', variantIds)
    .orderBy('value')
    .execute();
  const media = await tx
    .selectFrom('partMedia')
    .innerJoin('assets', 'assets.id', 'partMedia.assetId')
    .select(['partMedia.partId', 'partMedia.assetId', 'assets.kind', 'assets.width', 'assets.height'])
    .select(['assets.mediaType', 'assets.bytes', 'assets.milliseconds'])
    .select((eb) => eb.fn.coalesce('partMedia.altText', 'assets.altText').as('altText'))
    .where('partMedia.partId', 'in', parts.length > 0 ? parts.map((part) => part.id) : [postId])
    .orderBy('partMedia.position')
    .execute();
  const claims = await readClaims(inside, postId);
  return variants.map((variant) => {
    const platform = inside.platforms.get(variant.platform);
    const shown = parts
      .filter((part) => part.variantId === variant.id)
      .map((part) => {
        const measured = platform ? measurePart(inside, platform, part.text, variant.longPost) : null;
        return {
          id: part.id,
          position: part.position,
          text: part.text,
          length: measured?.length ?? part.text.length,
          limit: measured?.limit ?? 0,
          valid: measured?.valid ?? false,
          priceMicros: measured?.micros ?? 0,
          media: media.filter((one) => one.partId === part.id),
          poll: part.minutes !== null && part.options ? { minutes: part.minutes, options: part.options } : null,
          claims: claims.filter((claim) => claim.partId === part.id),
        };
      });
    const ownTags = tags.filter((tag) => tag.variantId === variant.id);
    const replyPrice =
      platform && variant.firstReply ? measurePart(inside, platform, variant.firstReply, variant.longPost).micros : 0;
    return {
      ...variant,
      platformName: platform?.name ?? variant.platform,
      hashtags: ownTags.filter((tag) => tag.kind === 'hashtag').map((tag) => tag.value),
      mentions: ownTags.filter((tag) => tag.kind === 'mention').map((tag) => tag.value),
      priceMicros: shown.reduce((sum, part) => sum + part.priceMicros, replyPrice),
      parts: shown,
    };
  });
}

async function readClaims({ tx }: Inside, postId: string) {
  const rows = await tx
    .selectFrom('claims')
    .innerJoin('parts', 'parts.id', 'claims.partId')
    .innerJoin('postVariants', 'postVariants.id', 'parts.variantId')
    .leftJoin('facts', 'facts.id', 'claims.factId')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('evidence')
          .select(['evidence.quote', 'evidence.url', 'evidence.seenAt'])
          .whereRef('evidence.factId', '=', 'facts.id')
          .orderBy('evidence.seenAt', 'desc')
          .limit(1)
          .as('seen'),
      (join) => join.onTrue(),
    )
    .select(['claims.id', 'claims.partId', 'claims.startsAt', 'claims.endsAt', 'claims.text'])
    .select(['claims.unsupportedReason', 'claims.factId'])
    .select(['facts.kind', 'facts.statement', 'facts.state', 'facts.confidence'])
    .select(['seen.quote', 'seen.url', 'seen.seenAt'])
    .where('postVariants.postId', '=', postId)
    .orderBy('claims.startsAt')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    partId: row.partId,
    start: row.startsAt,
    end: row.endsAt,
    text: row.text,
    unsupportedReason: row.unsupportedReason,
    fact:
      row.factId && row.kind && row.statement && row.state
        ? {
            id: row.factId,
            kind: row.kind,
            statement: row.statement,
            state: row.state,
            confidence: row.confidence ?? 0,
            quote: row.quote,
            url: row.url,
            seenAt: row.seenAt,
          }
        : null,
  }));
}

async function readPublications({ tx }: Inside, postId: string): Promise<ShownPost['publications']> {
  const rows = await tx
    .selectFrom('publications')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['publications.id', 'publications.state', 'publications.stateReason', 'publications.dueAt'])
    .select(['publications.publishedAt', 'publications.postVersion', 'publications.accountId'])
    .select(['accounts.platform', 'accounts.handle', 'accounts.name'])
    .select(
      sql<
        string | null
      >`(select platform_url from publication_parts p where p.publication_id = publications.id and p.workspace_id = publications.workspace_id order by p.position limit 1)`.as(
        'url',
      ),
    )
    .where('publications.postId', '=', postId)
    .orderBy('publications.dueAt', 'desc')
    .execute();
  return rows.map(({ accountId, platform, handle, name, stateReason, ...row }) => ({
    ...row,
    reason: stateReason,
    account: { id: accountId, platform, handle, name },
  }));
}
