import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { mediaUrl } from '#src/understand/assets.ts';

export const states = ['scheduled', 'publishing', 'published', 'failed', 'skipped', 'withdrawn', 'asking'] as const;

export const shownPublication = z.object({
  id,
  post: z.object({ id, title: z.string(), campaign: z.object({ id, name: z.string(), colour: z.int() }).nullable() }),
  app: z.object({ id, name: z.string() }),
  account: z.object({ id, platform: z.string(), handle: z.string(), name: z.string(), status: z.string() }),
  state: z.enum(states),
  /** A sentence for the author: why it waits, failed or was skipped. */
  reason: z.string().nullable(),
  dueAt: z.date(),
  publishedAt: z.date().nullable(),
  /** The address of the first part on the platform. */
  url: z.string().nullable(),
  partsOut: z.int(),
  parts: z.int(),
});

export type ListInput = {
  state?: (typeof states)[number][] | undefined;
  appId?: string | undefined;
  postId?: string | undefined;
  accountId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
  order: 'soonest' | 'latest';
  limit: number;
  cursor?: string | undefined;
};

/** A page of publications by due time. The cursor is the id of the last one shown. */
export async function listPublications(inside: Inside, wanted: ListInput) {
  const direction = wanted.order === 'soonest' ? ('asc' as const) : ('desc' as const);
  const rows = await rowsOf(inside)
    .$if(wanted.state !== undefined, (q) => q.where('publications.state', 'in', wanted.state ?? []))
    .$if(wanted.appId !== undefined, (q) => q.where('posts.appId', '=', wanted.appId ?? ''))
    .$if(wanted.postId !== undefined, (q) => q.where('publications.postId', '=', wanted.postId ?? ''))
    .$if(wanted.accountId !== undefined, (q) => q.where('publications.accountId', '=', wanted.accountId ?? ''))
    .$if(wanted.from !== undefined, (q) => q.where('publications.dueAt', '>=', wanted.from ?? new Date(0)))
    .$if(wanted.to !== undefined, (q) => q.where('publications.dueAt', '<', wanted.to ?? new Date(0)))
    .$if(wanted.cursor !== undefined, (q) =>
      q.where((eb) =>
        eb(
          eb.refTuple('publications.dueAt', 'publications.id'),
          direction === 'asc' ? '>' : '<',
          eb
            .selectFrom('publications as last')
            .select(['last.dueAt', 'last.id'])
            .where('last.id', '=', wanted.cursor ?? '')
            .$asTuple('dueAt', 'id'),
        ),
      ),
    )
    .orderBy('publications.dueAt', direction)
    .orderBy('publications.id', direction)
    .limit(wanted.limit)
    .execute();
  const publications = await withParts(inside, rows);
  return { publications, cursor: rows.length === wanted.limit ? (rows.at(-1)?.id ?? null) : null };
}

const poll = z.object({ minutes: z.int(), options: z.array(z.string()) });

const shownRequest = z.object({
  text: z.string(),
  /** The platform's id of the post it was put under. */
  replyTo: z.string().nullable(),
  title: z.string(),
  tags: z.array(z.string()),
  canonicalUrl: z.string().nullable(),
  community: z.string().nullable(),
  replySettings: z.string().nullable(),
  poll: poll.nullable(),
  media: z.array(
    z.object({
      assetId: id,
      altText: z.string().nullable(),
      /** What the platform called the file it was given ahead of the post. */
      uploadedId: z.string().nullable(),
      mediaType: z.string(),
      bytes: z.int(),
    }),
  ),
});

export const shownReceipt = shownPublication.extend({
  scheduledBy: z.string(),
  scheduledAt: z.date(),
  postVersion: z.int(),
  /** What the platform charged for all of it, millionths of a US dollar. */
  costMicros: z.int(),
  lookAt: z.date().nullable(),
  /** Somebody else's post that it answers, as the platform names it. */
  answers: z.string().nullable(),
  /** The part of which nobody knows whether it is out; say so with publications.settle. */
  toSettle: z.int().nullable(),
  texts: z.array(
    z.object({
      id,
      position: z.int(),
      text: z.string(),
      /** first_reply: one's own reply under the post. plug: added under it after it was out. */
      origin: z.enum(['part', 'first_reply', 'plug']),
      media: z.array(z.object({ assetId: id, kind: z.string(), altText: z.string().nullable(), url: z.string() })),
      poll: poll.nullable(),
      /** dropped: the post has fewer parts since; it stays for its receipts. */
      state: z.enum(['waiting', 'sent', 'confirmed', 'refused', 'dropped']),
      looks: z.int(),
      platformId: z.string().nullable(),
      url: z.string().nullable(),
      publishedAt: z.date().nullable(),
      /** Under which post it was put; null for the first. */
      replyTo: z.string().nullable(),
      attempts: z.array(
        z.object({
          number: z.int(),
          phase: z.enum(['prepared', 'sent', 'confirmed', 'rejected', 'unknown']),
          preparedAt: z.date(),
          sentAt: z.date().nullable(),
          settledAt: z.date().nullable(),
          failure: z.enum(['later', 'reconnect', 'refused', 'unknown']).nullable(),
          code: z.string().nullable(),
          reason: z.string().nullable(),
          /** The outcome was unknown and the post was found on the platform. */
          adopted: z.boolean(),
          costMicros: z.int(),
          /** What was asked, as sent; null when it was never sent. */
          request: shownRequest.nullable(),
          /** What came back: the status and the beginning of the body. */
          answer: z.string().nullable(),
        }),
      ),
    }),
  ),
});

/** A publication with its receipts: what was asked, what came back, what it cost. */
export async function readPublication(inside: Inside, publicationId: string): Promise<z.input<typeof shownReceipt>> {
  const { tx } = inside;
  const row = await rowsOf(inside)
    .select([
      'publications.scheduledBy',
      'publications.scheduledAt',
      'publications.postVersion',
      'publications.replyTo',
    ])
    .where('publications.id', '=', publicationId)
    .executeTakeFirst();
  if (!row) throw notFound('publication');
  const [shown] = await withParts(inside, [row]);
  if (!shown) throw notFound('publication');
  const parts = await tx
    .selectFrom('publicationParts')
    .select(['id', 'position', 'text', 'state', 'looks', 'platformId', 'platformUrl as url', 'publishedAt'])
    .select(['origin', 'pollMinutes', 'pollOptions'])
    .where('publicationId', '=', publicationId)
    .orderBy('position')
    .execute();
  const media = await tx
    .selectFrom('publicationPartMedia')
    .innerJoin('publicationParts', 'publicationParts.id', 'publicationPartMedia.publicationPartId')
    .innerJoin('assets', 'assets.id', 'publicationPartMedia.assetId')
    .select(['publicationPartId', 'publicationPartMedia.assetId', 'publicationPartMedia.altText', 'assets.kind'])
    .where('publicationParts.publicationId', '=', publicationId)
    .orderBy('publicationPartMedia.position')
    .execute();
  const attempts = await tx
    .selectFrom('attempts')
    .innerJoin('publicationParts', 'publicationParts.id', 'attempts.publicationPartId')
    .selectAll('attempts')
    .where('publicationParts.publicationId', '=', publicationId)
    .orderBy('number')
    .execute();
  const due = await tx
    .selectFrom('duePublications')
    .select('lookAt')
    .where('publicationId', '=', publicationId)
    .executeTakeFirst();
  return {
    ...shown,
    scheduledBy: row.scheduledBy,
    scheduledAt: row.scheduledAt,
    postVersion: row.postVersion,
    costMicros: attempts.reduce((sum, attempt) => sum + attempt.costMicros, 0),
    lookAt: due?.lookAt ?? null,
    answers: row.replyTo,
    toSettle: row.state === 'failed' ? toSettle(parts, attempts) : null,
    texts: parts.map(({ pollMinutes, pollOptions, ...part }, at) => ({
      ...part,
      replyTo: at === 0 ? row.replyTo : (parts[at - 1]?.platformId ?? null),
      poll: pollMinutes !== null && pollOptions ? { minutes: pollMinutes, options: pollOptions } : null,
      media: media
        .filter((one) => one.publicationPartId === part.id)
        .map(({ assetId, altText, kind }) => ({ assetId, altText, kind, url: mediaUrl(inside, assetId) })),
      attempts: attempts
        .filter((attempt) => attempt.publicationPartId === part.id)
        .map((attempt) => ({ ...attempt, request: shownRequest.nullable().parse(attempt.request) })),
    })),
  };
}

/** The first part that is not out, when a call for it left and nobody said for certain that nothing came of it. */
function toSettle(
  parts: { id: string; position: number; state: string }[],
  attempts: { publicationPartId: string; sentAt: Date | null; failure: string | null }[],
): number | null {
  const part = parts.find(({ state }) => state !== 'confirmed' && state !== 'dropped');
  const last = attempts.findLast((attempt) => attempt.publicationPartId === part?.id);
  return part && last?.sentAt && last.failure === 'unknown' ? part.position : null;
}

function rowsOf({ tx }: Inside) {
  return tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .innerJoin('apps', 'apps.id', 'posts.appId')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .select(['publications.id', 'publications.state', 'publications.stateReason', 'publications.dueAt'])
    .select(['publications.publishedAt', 'posts.id as postId', 'posts.title', 'posts.appId', 'apps.name as appName'])
    .select(['accounts.id as accountId', 'accounts.platform', 'accounts.handle', 'accounts.name', 'accounts.status'])
    .select(['campaigns.id as campaignId', 'campaigns.name as campaignName', 'campaigns.colour']);
}

type Row = Awaited<ReturnType<ReturnType<typeof rowsOf>['execute']>>[number];

async function withParts({ tx }: Inside, rows: Row[]): Promise<z.input<typeof shownPublication>[]> {
  if (rows.length === 0) return [];
  const parts = await tx
    .selectFrom('publicationParts')
    .select(['publicationId', 'position', 'state', 'platformUrl'])
    .where(
      'publicationId',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('position')
    .execute();
  return rows.map((row) => {
    const own = parts.filter((part) => part.publicationId === row.id);
    return {
      id: row.id,
      post: {
        id: row.postId,
        title: row.title,
        campaign: row.campaignId ? { id: row.campaignId, name: row.campaignName ?? '', colour: row.colour ?? 1 } : null,
      },
      app: { id: row.appId, name: row.appName },
      account: {
        id: row.accountId,
        platform: row.platform,
        handle: row.handle,
        name: row.name,
        status: row.status,
      },
      state: row.state,
      reason: row.stateReason,
      dueAt: row.dueAt,
      publishedAt: row.publishedAt,
      url: own[0]?.platformUrl ?? null,
      partsOut: own.filter((part) => part.state === 'confirmed').length,
      parts: own.filter((part) => part.state !== 'dropped').length,
    };
  });
}
