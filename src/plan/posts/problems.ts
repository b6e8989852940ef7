import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { resemblance } from '#src/plan/writing/index.ts';
import { measurePart } from './words.ts';

export const problem = z.object({
  kind: z.enum([
    'empty',
    'too_long',
    'not_publishable',
    'no_threads',
    'too_many_media',
    'no_alt_text',
    'unsupported',
    'retired_fact',
    'similar',
    'no_platform',
  ]),
  /** `stops`: cannot be approved as it is. `asks`: approved only with a word. `warns`: worth a look. */
  severity: z.enum(['stops', 'asks', 'warns']),
  platform: z.string().nullable(),
  part: z.int().nullable(),
  message: z.string(),
  postId: z.string().nullable(),
});
export type Problem = z.output<typeof problem>;

export type Words = {
  platform: string;
  longPost: boolean;
  firstReply: string | null;
  parts: { position: number; text: string; media: { kind: string; altText: string | null }[] }[];
};

/** How alike two posts may be before one has to say that it is meant; the drafts' own limit (0.5) is stricter. */
export const NEAR_DUPLICATE = 0.7;
const LOOK_BACK_DAYS = 90;

/** What the platforms would refuse, and what a reader would miss. */
export function problemsOfWords(inside: Inside, variants: readonly Words[]): Problem[] {
  return variants.flatMap((variant) => {
    const platform = inside.platforms.get(variant.platform);
    const say = (kind: Problem['kind'], severity: Problem['severity'], part: number | null, message: string) => ({
      kind,
      severity,
      platform: variant.platform,
      part,
      message,
      postId: null,
    });
    if (!platform)
      return [say('no_platform', 'stops', null, `Nothing can be published to ${variant.platform} from here.`)];
    const problems: Problem[] = [];
    if (variant.parts.length > 1 && !platform.limits.threads)
      problems.push(say('no_threads', 'stops', null, `${platform.name} has no threads. Make it one part.`));
    const texts = [
      ...variant.parts.map((part) => ({ part: part.position as number | null, text: part.text, media: part.media })),
      ...(variant.firstReply ? [{ part: null, text: variant.firstReply, media: [] }] : []),
    ];
    for (const { part, text, media } of texts) {
      const where = part === null ? 'The first reply' : variant.parts.length > 1 ? `Part ${part + 1}` : 'The text';
      if (text.trim() === '') {
        problems.push(say('empty', 'stops', part, `${where} is empty.`));
        continue;
      }
      const { length, limit, valid } = measurePart(inside, platform, text, variant.longPost);
      if (length > limit)
        problems.push(
          say('too_long', 'stops', part, `${where} has ${length} characters, ${platform.name} takes ${limit}.`),
        );
      else if (!valid)
        problems.push(say('not_publishable', 'stops', part, `${where} holds a character ${platform.name} rejects.`));
      problems.push(...problemsOfMedia(platform.name, platform.limits.media, where, part, media, say));
    }
    return problems;
  });
}

function problemsOfMedia(
  name: string,
  limits: { images: number; videos: number } | null,
  where: string,
  part: number | null,
  media: readonly { kind: string; altText: string | null }[],
  say: (kind: Problem['kind'], severity: Problem['severity'], part: number | null, message: string) => Problem,
): Problem[] {
  if (media.length === 0) return [];
  if (!limits) return [say('too_many_media', 'stops', part, `${name} takes no pictures. Remove them from ${where}.`)];
  const videos = media.filter((one) => one.kind === 'video').length;
  const images = media.length - videos;
  const problems: Problem[] = [];
  if (images > limits.images || videos > limits.videos || (videos > 0 && images > 0))
    problems.push(
      say('too_many_media', 'stops', part, `${where} may have ${limits.images} pictures or ${limits.videos} video.`),
    );
  if (media.some((one) => !one.altText))
    problems.push(
      say('no_alt_text', 'warns', part, `${where} has a picture without a description for screen readers.`),
    );
  return problems;
}

/** Approved, scheduled and published posts of the last 90 days that a follower would take for this one. */
export async function similarPosts(
  { tx, clock }: Inside,
  post: { id: string; appId: string },
  variants: readonly { parts: readonly { text: string }[] }[],
): Promise<{ id: string; title: string; resemblance: number }[]> {
  const since = new Date(clock.now().getTime() - LOOK_BACK_DAYS * 864e5);
  const rows = await tx
    .selectFrom('posts')
    .innerJoin('postVariants', 'postVariants.postId', 'posts.id')
    .innerJoin('parts', 'parts.variantId', 'postVariants.id')
    .select(['posts.id', 'posts.title'])
    .select(sql<string>`string_agg(parts.text, chr(10) order by parts.position)`.as('text'))
    .where('posts.appId', '=', post.appId)
    .where('posts.id', '<>', post.id)
    .where('posts.status', 'in', ['approved', 'scheduled', 'published'])
    .where((eb) =>
      eb.or([
        eb('posts.updatedAt', '>=', since),
        eb.exists(
          eb
            .selectFrom('publications')
            .select('publications.id')
            .whereRef('publications.postId', '=', 'posts.id')
            .where('publications.publishedAt', '>=', since),
        ),
      ]),
    )
    .groupBy(['posts.id', 'posts.title', 'postVariants.id'])
    .execute();
  const own = variants.map((variant) => variant.parts.map((part) => part.text).join('\n'));
  const best = new Map<string, { id: string; title: string; resemblance: number }>();
  for (const row of rows) {
    const alike = Math.max(...own.map((text) => resemblance(text, row.text)), 0);
    if (alike >= NEAR_DUPLICATE && alike > (best.get(row.id)?.resemblance ?? 0))
      best.set(row.id, { id: row.id, title: row.title, resemblance: alike });
  }
  return [...best.values()].sort((a, b) => b.resemblance - a.resemblance);
}
