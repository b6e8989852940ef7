import type { Inside } from '#src/context.ts';
import { type ContentMedia, sortOf } from '#src/distribute/content.ts';
import type { OpenAttempt } from '#src/distribute/publications/look.ts';
import type { Poll, PricedPart, ReplySettings } from '#src/outside/platform.ts';

/** What is frozen of a post as a whole, the same for each of its parts. */
export type About = {
  title: string;
  tags: string[];
  canonicalUrl: string | null;
  community: string | null;
  replySettings: ReplySettings | null;
};

export type PartMedia = Pick<ContentMedia, 'assetId' | 'kind' | 'altText'>;

/** A part on its way out, as it was frozen. */
export type Part = {
  id: string;
  position: number;
  text: string;
  media: PartMedia[];
  poll: Poll | null;
  about: About;
  replyTo: string | null;
  /** It answers somebody else's post, not a part of our own. */
  answersOther: boolean;
  looks: number;
  isLast: boolean;
};

/** The first part that is not out yet, under its parent, with the attempt whose outcome is unknown. */
export async function nextPart(
  inside: Inside,
  publicationId: string,
): Promise<{ part: Part; open: OpenAttempt | null } | null> {
  const { tx } = inside;
  const parts = await tx
    .selectFrom('publicationParts')
    .select(['id', 'position', 'text', 'state', 'looks', 'platformId', 'pollMinutes', 'pollOptions'])
    .where('publicationId', '=', publicationId)
    .where('state', '<>', 'dropped')
    .orderBy('position')
    .execute();
  const at = parts.findIndex((part) => part.state !== 'confirmed');
  const part = parts[at];
  if (!part) return null;
  const { replyTo: answered, ...frozen } = await tx
    .selectFrom('publications')
    .select(['title', 'tags', 'canonicalUrl', 'community', 'replySettings', 'replyTo'])
    .where('id', '=', publicationId)
    .executeTakeFirstOrThrow();
  const { id, position, text, looks, pollMinutes, pollOptions } = part;
  return {
    part: {
      id,
      position,
      text,
      looks,
      media: await mediaOf(inside, id),
      poll: pollMinutes !== null && pollOptions ? { minutes: pollMinutes, options: pollOptions } : null,
      about: { ...frozen, title: frozen.title ?? '' },
      replyTo: at === 0 ? answered : (parts[at - 1]?.platformId ?? null),
      answersOther: at === 0 && answered !== null,
      isLast: at === parts.length - 1,
    },
    open: await openAttempt(inside, id),
  };
}

/** What is left to be paid for a publication: its parts that are not out, less the files that are there already. */
export async function unpaidParts(inside: Inside, publicationId: string, accountId: string): Promise<PricedPart[]> {
  const { tx, clock } = inside;
  const rest = await tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select(['publicationParts.id', 'publicationParts.text', 'publicationParts.position', 'publications.replyTo'])
    .where('publicationId', '=', publicationId)
    .where('publicationParts.state', 'not in', ['confirmed', 'dropped'])
    .execute();
  if (rest.length === 0) return [];
  const media = await tx
    .selectFrom('publicationPartMedia')
    .leftJoin('mediaUploads', (join) =>
      join
        .onRef('mediaUploads.assetId', '=', 'publicationPartMedia.assetId')
        .on('mediaUploads.accountId', '=', accountId)
        .on((eb) =>
          eb('mediaUploads.altText', '=', eb.fn.coalesce('publicationPartMedia.altText', eb.val(''))).and(
            eb.or([eb('mediaUploads.expiresAt', 'is', null), eb('mediaUploads.expiresAt', '>', clock.now())]),
          ),
        ),
    )
    .select('publicationPartMedia.publicationPartId as partId')
    .where('publicationPartMedia.altText', 'is not', null)
    .where('mediaUploads.assetId', 'is', null)
    .where(
      'publicationPartMedia.publicationPartId',
      'in',
      rest.map((part) => part.id),
    )
    .execute();
  return rest.map((part) => ({
    text: part.text,
    describedMedia: media.filter((one) => one.partId === part.id).length,
    answersOther: part.replyTo !== null && part.position === 0,
  }));
}

async function mediaOf({ tx }: Inside, partId: string): Promise<PartMedia[]> {
  const rows = await tx
    .selectFrom('publicationPartMedia')
    .innerJoin('assets', 'assets.id', 'publicationPartMedia.assetId')
    .select(['publicationPartMedia.assetId', 'publicationPartMedia.altText', 'assets.kind'])
    .where('publicationPartId', '=', partId)
    .orderBy('position')
    .execute();
  return rows.map((row) => ({ ...row, kind: sortOf(row.kind) }));
}

/**
 * When the part was first sent in a way that may have created it: the same for every further attempt. Null before.
 */
export async function firstTriedAt({ tx }: Inside, partId: string): Promise<Date | null> {
  const row = await tx
    .selectFrom('attempts')
    .select((eb) => eb.fn.min('sentAt').as('at'))
    .where('publicationPartId', '=', partId)
    .where((eb) => eb.or([eb('phase', 'in', ['sent', 'unknown']), eb('failure', '=', 'unknown')]))
    .executeTakeFirstOrThrow();
  return row.at;
}

async function openAttempt(inside: Inside, partId: string): Promise<OpenAttempt | null> {
  const open = await inside.tx
    .selectFrom('attempts')
    .select(['id', 'number', 'phase', 'sentAt', 'code', 'reason'])
    .where('publicationPartId', '=', partId)
    .where('phase', 'in', ['sent', 'unknown'])
    .orderBy('number', 'desc')
    .executeTakeFirst();
  if (!open?.sentAt) return null;
  return { ...open, sentAt: open.sentAt, firstTriedAt: (await firstTriedAt(inside, partId)) ?? open.sentAt };
}
