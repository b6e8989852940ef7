import { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import type { Platform } from '#src/outside/platform.ts';
import { highlight } from '#src/outside/platforms/x/count.ts';
import { refuse } from '#src/refusal.ts';

export const partInput = z.strictObject({
  text: z.string().max(30_000),
  media: z
    .array(z.strictObject({ assetId: id, altText: z.string().max(1000).nullable().optional() }))
    .max(20)
    .optional(),
  poll: z
    .strictObject({
      minutes: z.int().min(5).max(10_080),
      options: z.array(z.string().trim().min(1).max(25)).min(2).max(4),
    })
    .nullable()
    .optional(),
});

export const variantInput = z.strictObject({
  platform: z.string().min(1).max(40),
  parts: z.array(partInput).min(1).max(50),
  /** A headline, for platforms that have one; the post's own title when left out. */
  title: z.string().trim().max(300).nullable().optional(),
  firstReply: z.string().max(30_000).nullable().optional(),
  replySettings: z.enum(['everyone', 'following', 'mentioned', 'subscribers', 'verified']).nullable().optional(),
  community: z.string().max(200).nullable().optional(),
  longPost: z.boolean().optional(),
});

export type VariantInput = z.output<typeof variantInput>;

/** Where the tracked link goes; distribute/links puts the link of each account there. */
export const LINK = '{{link}}';

/** A link of the length and form of a tracked one, for counting before there is one. */
export function sampleLink(context: Pick<Context, 'publicUrl'>): string {
  return new URL('/l/xxxxxxx', context.publicUrl).href;
}

export type Measured = { length: number; limit: number; valid: boolean; micros: number };

/** Weighted length, limit and price of one part on a platform, with `{{link}}` counted as the tracked link. */
export function measurePart(
  context: Context,
  platform: Platform,
  text: string,
  longPost: boolean,
  describedMedia = 0,
): Measured {
  const final = text.replaceAll(LINK, sampleLink(context));
  const { length, valid } = platform.measureText(final);
  const limit = (longPost && platform.limits.lengthWithLongPosts) || platform.limits.length;
  const micros = platform
    .priceOf({ text: final, describedMedia, answersOther: false })
    .reduce((sum, cost) => sum + cost.micros, 0);
  const onlyTooLongForShort = length > platform.limits.length && length <= limit;
  return { length, limit, valid: valid || onlyTooLongForShort, micros };
}

/** The platform with this id, or a refusal that names those there are. */
export function platformOf(context: Context, platformId: string): Platform {
  const platform = context.platforms.get(platformId);
  if (platform) return platform;
  const known = [...context.platforms.keys()].join(', ');
  throw refuse('invalid', 'platform_unknown', `There is no platform "${platformId}". Choose one of: ${known}.`);
}

export type WrittenPart = { id: string; platform: string; position: number; text: string };

/**
 * Replaces all words of a post: variants, parts, media, polls and tags. Variants keep their id where the platform
 * stays. Returns the parts as written, for the claims.
 */
export async function writeVariants(
  inside: Inside,
  postId: string,
  variants: readonly VariantInput[],
): Promise<WrittenPart[]> {
  const { tx, workspaceId } = inside;
  const named = variants.map((variant) => variant.platform);
  for (const platformId of named) platformOf(inside, platformId);
  if (new Set(named).size < named.length)
    throw refuse('invalid', 'platform_twice', 'Each platform can have one variant only.');
  await assertAssets(inside, variants);
  await tx.deleteFrom('postVariants').where('postId', '=', postId).where('platform', 'not in', named).execute();
  const written: WrittenPart[] = [];
  for (const [position, variant] of variants.entries()) {
    const values = {
      position,
      title: variant.title || null,
      firstReply: variant.firstReply || null,
      replySettings: variant.replySettings ?? null,
      community: variant.community ?? null,
      longPost: variant.longPost ?? false,
    };
    const row = await tx
      .insertInto('postVariants')
      .values({ workspaceId, postId, platform: variant.platform, ...values })
      .onConflict((oc) => oc.columns(['workspaceId', 'postId', 'platform']).doUpdateSet(values))
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.deleteFrom('parts').where('variantId', '=', row.id).execute();
    for (const [at, part] of variant.parts.entries()) {
      const { id: partId } = await tx
        .insertInto('parts')
        .values({ workspaceId, variantId: row.id, position: at, text: part.text })
        .returning('id')
        .executeTakeFirstOrThrow();
      await writeAttachments(inside, partId, part);
      written.push({ id: partId, platform: variant.platform, position: at, text: part.text });
    }
    await writeTags(inside, row.id, variant);
  }
  return written;
}

async function assertAssets({ tx }: Inside, variants: readonly VariantInput[]): Promise<void> {
  const wanted = [
    ...new Set(variants.flatMap((v) => v.parts.flatMap((part) => part.media ?? [])).map((media) => media.assetId)),
  ];
  if (wanted.length === 0) return;
  const known = await tx.selectFrom('assets').select('id').where('id', 'in', wanted).execute();
  if (known.length < wanted.length)
    throw refuse('not_found', 'not_found', 'There is no picture or video with this id in this workspace.');
}

async function writeAttachments(
  { tx, workspaceId }: Inside,
  partId: string,
  part: z.output<typeof partInput>,
): Promise<void> {
  if (part.media?.length)
    await tx
      .insertInto('partMedia')
      .values(
        part.media.map((media, position) => ({
          workspaceId,
          partId,
          position,
          assetId: media.assetId,
          altText: media.altText || null,
        })),
      )
      .execute();
  if (part.poll)
    await tx
      .insertInto('polls')
      .values({ workspaceId, partId, ...part.poll })
      .execute();
}

async function writeTags({ tx, workspaceId }: Inside, variantId: string, variant: VariantInput): Promise<void> {
  await tx.deleteFrom('postTags').where('variantId', '=', variantId).execute();
  const tags = new Map<string, { kind: 'hashtag' | 'mention'; value: string }>();
  for (const text of [...variant.parts.map((part) => part.text), variant.firstReply ?? ''])
    for (const token of highlight(text))
      if (token.kind === 'hashtag' || token.kind === 'mention') {
        const value = token.text.slice(1).toLowerCase();
        tags.set(`${token.kind} ${value}`, { kind: token.kind, value });
      }
  if (tags.size > 0)
    await tx
      .insertInto('postTags')
      .values([...tags.values()].map((tag) => ({ workspaceId, variantId, ...tag })))
      .execute();
}

/** The first line that says something, at most 120 characters: a title for a post that has none. */
export function titleOf(variants: readonly { parts: readonly { text: string }[] }[]): string {
  const line = firstLineOf(variants[0]?.parts[0]?.text ?? '');
  if (line === '') return 'Untitled post';
  return line.length <= 120 ? line : `${line.slice(0, 119).replace(/\s+\S*$/, '')}…`;
}

/** The first line that says something, without the place of the link and the colon that led to it. */
export function firstLineOf(text: string): string {
  const lines = text.replaceAll(LINK, '').split('\n');
  return (lines.find((line) => line.trim() !== '') ?? '').trim().replace(/\s*:$/, '');
}

export const hooks = ['question', 'number', 'quote', 'story', 'list', 'statement'] as const;

/** The pattern of the first line, so that posts can be compared by how they begin. */
export function hookOf(variants: readonly { parts: readonly { text: string }[] }[]): (typeof hooks)[number] | null {
  const first = (variants[0]?.parts[0]?.text ?? '').trim();
  const line = first.split('\n')[0]?.trim() ?? '';
  if (line === '') return null;
  if (/[?？]$/.test(line)) return 'question';
  if (/^["“„«‘]/.test(line)) return 'quote';
  if (/:$/.test(line) && /\n\s*(?:[-•*]|\d+[.)])\s/.test(first)) return 'list';
  if (/^(?:[$€£¥]\s?)?\d/.test(line)) return 'number';
  if (/^(?:I|I['’]\p{L}+|We|We['’]\p{L}+|My|Our|Why (?:I|we))\b/u.test(line)) return 'story';
  return 'statement';
}
