import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { canLook } from '#src/distribute/assisted/find.ts';
import { pageOf } from '#src/distribute/assisted/pages.ts';
import { id } from '#src/operation.ts';
import { mediaUrl } from '#src/understand/assets.ts';

const piece = z.enum(['title', 'text', 'url', 'tags', 'media']);

export const shownTask = z.object({
  id,
  app: z.object({ id, name: z.string() }),
  post: z.object({ id, title: z.string() }).nullable(),
  platform: z.string(),
  platformName: z.string(),
  account: z.object({ id, handle: z.string() }).nullable(),
  dueAt: z.date(),
  /** The page on which it is sent, filled in as far as the service lets us. */
  composeUrl: z.string(),
  title: z.string(),
  text: z.string(),
  /** Part by part, where the platform has threads; else one. */
  parts: z.array(z.string()),
  /** The address to post, tracked where the platform takes such links. */
  url: z.string(),
  tags: z.array(z.string()),
  media: z.array(z.object({ assetId: id, kind: z.string(), altText: z.string().nullable(), url: z.string() })),
  /** What the page has filled in, and what is copied onto it, in its order. */
  fills: z.array(piece),
  copies: z.array(piece),
  tip: z.string(),
  state: z.enum(['waiting', 'notified', 'done', 'skipped']),
  /** Fanfare looks for the post by itself; else its address is pasted. */
  looksForIt: z.boolean(),
  lookedAt: z.date().nullable(),
  looks: z.int(),
  foundUrl: z.string().nullable(),
  foundBy: z.enum(['search', 'person']).nullable(),
  doneAt: z.date().nullable(),
  /** What it became on a connected account. */
  publicationId: id.nullable(),
  /** What is known of it now; clicks are those of people on its own link, null where it has none. */
  numbers: z.object({
    clicks: z.int().nullable(),
    views: z.int().nullable(),
    likes: z.int().nullable(),
    replies: z.int().nullable(),
    reposts: z.int().nullable(),
    takenAt: z.date().nullable(),
  }),
});

export type ListInput = {
  appId?: string | undefined;
  postId?: string | undefined;
  open: boolean;
  limit: number;
  cursor?: string | undefined;
};

/** Posts to send by hand, soonest first; with those that are done or left out, the latest first. */
export async function listTasks(inside: Inside, wanted: ListInput) {
  const { tx, platforms, clock } = inside;
  const from = Number(wanted.cursor ?? 0);
  const rows = await tx
    .selectFrom('assistedTasks')
    .innerJoin('apps', 'apps.id', 'assistedTasks.appId')
    .leftJoin('posts', 'posts.id', 'assistedTasks.postId')
    .leftJoin('accounts', 'accounts.id', 'assistedTasks.accountId')
    .selectAll('assistedTasks')
    .select(['apps.name as appName', 'posts.title as postTitle', 'accounts.handle'])
    .$if(wanted.appId !== undefined, (query) => query.where('assistedTasks.appId', '=', wanted.appId ?? ''))
    .$if(wanted.postId !== undefined, (query) => query.where('assistedTasks.postId', '=', wanted.postId ?? ''))
    .$if(wanted.open, (query) => query.where('assistedTasks.state', 'in', ['waiting', 'notified']))
    .orderBy('assistedTasks.dueAt', wanted.open ? 'asc' : 'desc')
    .orderBy('assistedTasks.id')
    .offset(from)
    .limit(wanted.limit)
    .execute();
  const media = await mediaOf(
    inside,
    rows.flatMap(({ postId, platform }) => (postId ? [{ postId, platform }] : [])),
  );
  const numbers = await numbersOf(inside, rows);
  const due = await tx
    .selectFrom('assistedTasks')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', 'in', ['waiting', 'notified'])
    .where('dueAt', '<=', clock.now())
    .executeTakeFirstOrThrow();
  return {
    tasks: rows.map((row) => {
      const page = pageOf(row.platform);
      return {
        ...row,
        app: { id: row.appId, name: row.appName },
        post: row.postId && row.postTitle !== null ? { id: row.postId, title: row.postTitle } : null,
        platformName: page?.name ?? row.platform,
        account: row.accountId && row.handle !== null ? { id: row.accountId, handle: row.handle } : null,
        media: media.get(`${row.postId} ${row.platform}`) ?? [],
        fills: [...(page?.fills ?? [])],
        copies: [...(page?.copies ?? [])],
        tip: page?.tip ?? '',
        looksForIt: canLook(platforms, row.platform) && (row.platform === 'hackernews' || row.accountId !== null),
        numbers: numbers(row),
      };
    }),
    /** Of the whole workspace. */
    due: due.count,
    cursor: rows.length === wanted.limit ? String(from + wanted.limit) : null,
  };
}

/** The pictures and videos of posts, from the variant for the platform, else from the first there is. */
async function mediaOf(inside: Inside, wanted: { postId: string; platform: string }[]) {
  const found = new Map<string, z.input<typeof shownTask>['media']>();
  if (wanted.length === 0) return found;
  const rows = await inside.tx
    .selectFrom('partMedia')
    .innerJoin('parts', 'parts.id', 'partMedia.partId')
    .innerJoin('postVariants', 'postVariants.id', 'parts.variantId')
    .innerJoin('assets', 'assets.id', 'partMedia.assetId')
    .select(['postVariants.postId', 'postVariants.platform', 'partMedia.assetId', 'partMedia.altText', 'assets.kind'])
    .where(
      'postVariants.postId',
      'in',
      wanted.map(({ postId }) => postId),
    )
    .orderBy('postVariants.position')
    .orderBy('postVariants.platform')
    .orderBy('parts.position')
    .orderBy('partMedia.position')
    .execute();
  for (const { postId, platform } of wanted) {
    const ofPost = rows.filter((row) => row.postId === postId);
    const from = ofPost.some((row) => row.platform === platform) ? platform : ofPost[0]?.platform;
    const media = ofPost
      .filter((row) => row.platform === from)
      .map(({ assetId, altText, kind }) => ({ assetId, kind, altText, url: mediaUrl(inside, assetId) }));
    found.set(`${postId} ${platform}`, media);
  }
  return found;
}

type Row = { id: string; linkId: string | null; publicationId: string | null };

/** From the account when it became a publication, else as Hacker News or a person told last. */
async function numbersOf({ tx }: Inside, rows: Row[]) {
  const ids = rows.map((row) => row.id);
  const links = rows.flatMap(({ linkId }) => (linkId ? [linkId] : []));
  const out = rows.flatMap(({ publicationId }) => (publicationId ? [publicationId] : []));
  const clicks =
    links.length === 0
      ? []
      : await tx
          .selectFrom('clicks')
          .select((eb) => ['linkId', eb.fn.countAll<number>().as('people')])
          .where('linkId', 'in', links)
          .where('agentClass', 'in', ['human', 'unsure'])
          .groupBy('linkId')
          .execute();
  const told =
    ids.length === 0
      ? []
      : await tx
          .selectFrom('assistedSnapshots')
          .distinctOn('assistedTaskId')
          .select(['assistedTaskId', 'takenAt', 'views', 'likes', 'replies', 'reposts'])
          .where('assistedTaskId', 'in', ids)
          .orderBy('assistedTaskId')
          .orderBy('takenAt', 'desc')
          .execute();
  const measured =
    out.length === 0
      ? []
      : await tx
          .selectFrom('postMetrics')
          .innerJoin('publicationParts', 'publicationParts.id', 'postMetrics.publicationPartId')
          .select(['publicationId', 'takenAt', 'impressions as views', 'likes', 'replies', 'reposts'])
          .where('publicationId', 'in', out)
          .where('publicationParts.position', '=', 0)
          .execute();
  return ({ id: taskId, linkId, publicationId }: Row) => {
    const last =
      measured.find((row) => publicationId !== null && row.publicationId === publicationId) ??
      told.find((row) => row.assistedTaskId === taskId);
    return {
      clicks: linkId ? (clicks.find((row) => row.linkId === linkId)?.people ?? 0) : null,
      views: last?.views ?? null,
      likes: last?.likes ?? null,
      replies: last?.replies ?? null,
      reposts: last?.reposts ?? null,
      takenAt: last?.takenAt ?? null,
    };
  };
}
