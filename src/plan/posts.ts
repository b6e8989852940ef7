import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { mayApprove } from './posts/approval.ts';
import { type Assertion, assertionsOf, placeClaims } from './posts/claims.ts';
import { readVariants } from './posts/read.ts';
import {
  assertMove,
  assertNotGoingOut,
  assertPublishable,
  lockPost,
  type PostStatus,
  setStatus,
  writeApproval,
} from './posts/state.ts';
import { hookOf, titleOf, type VariantInput, writeVariants } from './posts/words.ts';
import type { TemplateKind } from './writing/index.ts';

export { approvePost, mayApprove, returnPost, submitPost, withdrawPost } from './posts/approval.ts';
export { linkClaim, unlinkClaim } from './posts/claims.ts';
export { firstText } from './posts/list.ts';
export { isOutOfPlan, type PostStatus } from './posts/state.ts';
export { firstLineOf, LINK, measurePart, platformOf, sampleLink, type VariantInput } from './posts/words.ts';

export type PostSettings = {
  title?: string | undefined;
  campaignId?: string | null | undefined;
  themeId?: string | null | undefined;
  kind?: TemplateKind | null | undefined;
  linkUrl?: string | null | undefined;
  evergreen?: boolean | undefined;
  coolDownDays?: number | undefined;
  minutesSpent?: number | undefined;
  proposedFor?: Date | null | undefined;
};

export type NewPost = PostSettings & {
  appId: string;
  templateId?: string | null | undefined;
  source?: 'person' | 'template' | 'model' | 'import' | 'automation' | 'reply';
  /** Its key in the campaign's file. */
  fileKey?: string | undefined;
  variants: readonly VariantInput[];
  /** What the words rest on; placed where their text stands. */
  claims?: readonly Assertion[];
};

/** What a reader sees, or how often: changing it needs a new approval. */
const REVIEWED = ['title', 'linkUrl', 'evergreen', 'coolDownDays', 'variants'] as const;

/** What can still be said of a post that is out: its words stay as they went. */
const AFTERWARDS = new Set(['campaignId', 'themeId', 'kind', 'evergreen', 'coolDownDays', 'minutesSpent']);

/** Writes a draft. Numbers that no fact supports are flagged at once. */
export async function createPost(context: Context, wanted: NewPost): Promise<{ id: string; version: number }> {
  return transaction(context, async (inside) => {
    const app = await appOf(inside, wanted.appId);
    await assertSettings(inside, app.id, wanted);
    if (wanted.templateId) await assertTemplate(inside, wanted.templateId);
    const now = inside.clock.now();
    const post = await inside.tx
      .insertInto('posts')
      .values({
        workspaceId: inside.workspaceId,
        appId: app.id,
        campaignId: wanted.campaignId ?? null,
        templateId: wanted.templateId ?? null,
        themeId: wanted.themeId ?? null,
        title: wanted.title || titleOf(wanted.variants),
        kind: wanted.kind ?? null,
        hook: hookOf(wanted.variants),
        source: wanted.source ?? 'person',
        linkUrl: wanted.linkUrl === undefined ? app.url : wanted.linkUrl,
        evergreen: wanted.evergreen ?? false,
        ...(wanted.coolDownDays === undefined ? {} : { coolDownDays: wanted.coolDownDays }),
        minutesSpent: wanted.minutesSpent ?? 0,
        proposedFor: wanted.proposedFor ?? null,
        fileKey: wanted.fileKey ?? null,
        createdBy: userOf(inside),
        createdAt: now,
        updatedAt: now,
      })
      .returning(['id', 'version'])
      .executeTakeFirstOrThrow();
    const written = await writeVariants(inside, post.id, wanted.variants);
    await placeClaims(inside, app.id, written, wanted.claims ?? []);
    await record(inside, 'post.drafted', { subjectId: post.id, detail: { source: wanted.source ?? 'person' } });
    return post;
  });
}

/**
 * Changes a post that `version` describes; another edit meanwhile is a conflict (`post_changed`). Given variants replace
 * all there were. Claims are placed again. An approved or scheduled post stays so, and what is changed is approved with
 * the edit: it must remain fit to publish, and where posts are reviewed only an owner may do that. A post in review stays
 * there. A failed or withdrawn one becomes a draft again.
 */
export async function editPost(
  context: Context,
  postId: string,
  version: number,
  change: PostSettings & { variants?: readonly VariantInput[] | undefined },
): Promise<{ id: string; version: number; status: PostStatus }> {
  return transaction(context, async (inside) => {
    const post = await lockPost(inside, postId);
    if (post.version !== version)
      throw refuse('conflict', 'post_changed', 'This post was changed meanwhile. Reload it and edit again.');
    const { variants, ...settings } = change;
    const set = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
    const out = post.status === 'published';
    if (out && (variants || !Object.keys(set).every((field) => AFTERWARDS.has(field))))
      throw refuse('conflict', 'post_published', 'This post is already out. Duplicate it to write a new one.');
    if (!out) await assertNotGoingOut(inside, postId, 'edit it');
    if (!variants && Object.keys(set).length === 0)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    await assertSettings(inside, post.appId, settings);
    // A key stands for the post in one campaign's file only.
    if (set.campaignId !== undefined && set.campaignId !== post.campaignId) set.fileKey = null;
    const live = post.status === 'approved' || post.status === 'scheduled';
    if ((live || out) && REVIEWED.some((field) => change[field] !== undefined) && !(await mayApprove(inside, post)))
      throw refuse(
        'forbidden',
        'needs_review',
        'An owner approved this post as it stands. Return it to draft to change it, then send it for review again.',
      );
    if (variants) {
      // A title taken from the first line follows the text; one that a person chose stays.
      if (set.title === undefined && post.title === titleOf(await readVariants(inside, postId)))
        set.title = titleOf(variants);
      const assertions = await assertionsOf(inside, postId);
      await placeClaims(inside, post.appId, await writeVariants(inside, postId, variants), assertions);
    }
    if (live) await assertPublishable(inside, postId, set.title === undefined ? post.title : String(set.title));
    const status = live || out || post.status === 'in_review' ? post.status : 'draft';
    await inside.tx
      .updateTable('posts')
      .set({
        ...set,
        ...(variants ? { hook: hookOf(variants) } : {}),
        status,
        version: version + 1,
        updatedAt: inside.clock.now(),
      })
      .where('id', '=', postId)
      .execute();
    if (live) await writeApproval(inside, postId, version + 1, 'approved', 'Edited after it was approved.');
    await audit(inside, { operation: 'posts.update', subject: postId, after: { version: version + 1, ...set } });
    await record(inside, 'post.changed', { subjectId: postId, detail: { version: version + 1 } });
    return { id: postId, version: version + 1, status };
  });
}

/** Removes a post that never went out. What was published stays: its numbers belong to the history. */
export async function removePost(context: Context, postId: string): Promise<void> {
  await transaction(context, async (inside) => {
    // Publications first, then the post: the order in which publishing locks them.
    const publications = await inside.tx
      .selectFrom('publications')
      .select(['state', 'publishedAt'])
      .where('postId', '=', postId)
      .forUpdate()
      .execute();
    const post = await lockPost(inside, postId);
    const out = publications.some(
      ({ state, publishedAt }) => publishedAt !== null || state === 'publishing' || state === 'published',
    );
    if (out || post.status === 'published')
      throw refuse('conflict', 'post_published', 'This post is already out and stays in the history. Withdraw it.');
    await inside.tx.deleteFrom('posts').where('id', '=', postId).execute();
    await audit(inside, { operation: 'posts.remove', subject: postId, before: { title: post.title } });
    await record(inside, 'post.removed', { subjectId: postId, detail: { title: post.title } });
  });
}

/** A new draft with the same words and claims. */
export async function duplicatePost(context: Context, postId: string): Promise<{ id: string; version: number }> {
  return transaction(context, async (inside) => {
    const post = await lockPost(inside, postId);
    const variants = await readVariants(inside, postId);
    return createPost(inside, {
      appId: post.appId,
      campaignId: post.campaignId,
      themeId: post.themeId,
      templateId: post.templateId,
      title: `${post.title.slice(0, 290)} (copy)`,
      kind: post.kind,
      linkUrl: post.linkUrl,
      evergreen: post.evergreen,
      coolDownDays: post.coolDownDays,
      variants: variants.map((variant) => ({
        ...variant,
        parts: variant.parts.map(({ text, media, poll }) => ({ text, media, poll })),
      })),
      claims: await assertionsOf(inside, postId),
    });
  });
}

/** Another moment in mind (null = none) for a post that is not scheduled; its words and version stay. */
export async function proposePostFor(context: Context, postId: string, at: Date | null): Promise<void> {
  await transaction(context, async (inside) => {
    const post = await lockPost(inside, postId);
    if (post.status !== 'draft' && post.status !== 'in_review' && post.status !== 'approved')
      throw refuse(
        'conflict',
        `post_${post.status}`,
        `This post is ${post.status}. Reschedule its publication instead.`,
      );
    await inside.tx
      .updateTable('posts')
      .set({ proposedFor: at, updatedAt: inside.clock.now() })
      .where('id', '=', postId)
      .execute();
  });
}

/** For stage distribute: where a post stands by its publications. The same status twice is no change. */
export async function markPost(
  inside: Inside,
  postId: string,
  status: 'approved' | 'scheduled' | 'published' | 'failed',
): Promise<void> {
  const post = await lockPost(inside, postId);
  if (post.status === status) return;
  assertMove(post.status, status);
  await setStatus(inside, post, status);
}

/**
 * The words for a platform: its own variant, else the first there is (a post written for X can go to the sandbox).
 * Texts still hold `{{link}}`.
 */
export async function wordsFor(inside: Inside, postId: string, platform: string) {
  const variants = await readVariants(inside, postId);
  return variants.find((variant) => variant.platform === platform) ?? variants[0] ?? null;
}

async function assertSettings(inside: Inside, appId: string, settings: PostSettings): Promise<void> {
  if (settings.campaignId) {
    const campaign = await inside.tx
      .selectFrom('campaigns')
      .select('id')
      .where('id', '=', settings.campaignId)
      .where('appId', '=', appId)
      .executeTakeFirst();
    if (!campaign) throw notFound('campaign of this app');
  }
  if (settings.themeId) {
    const theme = await inside.tx
      .selectFrom('contentThemes')
      .select('id')
      .where('id', '=', settings.themeId)
      .where('appId', '=', appId)
      .executeTakeFirst();
    if (!theme) throw notFound('theme of this app');
  }
}

async function assertTemplate({ tx }: Inside, templateId: string): Promise<void> {
  const template = await tx.selectFrom('templates').select('id').where('id', '=', templateId).executeTakeFirst();
  if (!template) throw notFound('template');
}
