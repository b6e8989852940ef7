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
  /** When it was first sent in a way that may have created it: the same for every further attempt. Null before. */
  firstTriedAt: Date | null;
};

/** The part that comes next, and what was tried with it. */
export type Next = {
  part: Part;
  /** The attempt whose outcome is unknown. */
  open: OpenAttempt | null;
  /** The newest attempt. */
  last: { id: string; number: number; phase: string } | null;
};

/** The first part that is not out yet, under its parent. Null when all are out. */
export async function nextPart(inside: Inside, publicationId: string): Promise<Next | null> {
  const parts = await inside.tx
    .selectFrom('publicationParts as part')
    .innerJoin('publications as whole', 'whole.id', 'part.publicationId')
    .select(['part.id', 'part.position', 'part.text', 'part.state', 'part.looks', 'part.platformId'])
    .select(['part.pollMinutes', 'part.pollOptions'])
    .select(['whole.title', 'whole.tags', 'whole.canonicalUrl', 'whole.community', 'whole.replySettings'])
    .select('whole.replyTo')
    .where('part.publicationId', '=', publicationId)
    .where('part.state', '<>', 'dropped')
    .orderBy('part.position')
    .execute();
  const at = parts.findIndex((part) => part.state !== 'confirmed');
  const part = parts[at];
  if (!part) return null;
  const { id, position, text, looks, pollMinutes, pollOptions, replyTo: answered } = part;
  const { title, tags, canonicalUrl, community, replySettings } = part;
  const { firstTriedAt, open, last } = await attemptsOf(inside, id);
  return {
    part: {
      id,
      position,
      text,
      looks,
      media: await mediaOf(inside, id),
      poll: pollMinutes !== null && pollOptions ? { minutes: pollMinutes, options: pollOptions } : null,
      about: { title: title ?? '', tags, canonicalUrl, community, replySettings },
      replyTo: at === 0 ? answered : (parts[at - 1]?.platformId ?? null),
      answersOther: at === 0 && answered !== null,
      isLast: at === parts.length - 1,
      firstTriedAt,
    },
    open,
    last,
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

async function attemptsOf({ tx }: Inside, partId: string): Promise<Omit<Next, 'part'> & Pick<Part, 'firstTriedAt'>> {
  const attempts = await tx
    .selectFrom('attempts')
    .select(['id', 'number', 'phase', 'sentAt', 'failure', 'code', 'reason'])
    .where('publicationPartId', '=', partId)
    .orderBy('number', 'desc')
    .execute();
  const isOpen = (phase: string) => phase === 'sent' || phase === 'unknown';
  const firstTriedAt = attempts
    .filter((attempt) => isOpen(attempt.phase) || attempt.failure === 'unknown')
    .reduce<Date | null>((first, { sentAt }) => (sentAt && (!first || sentAt < first) ? sentAt : first), null);
  const open = attempts.find((attempt) => isOpen(attempt.phase));
  return {
    firstTriedAt,
    open: open?.sentAt ? { ...open, sentAt: open.sentAt, firstTriedAt: firstTriedAt ?? open.sentAt } : null,
    last: attempts[0] ?? null,
  };
}
