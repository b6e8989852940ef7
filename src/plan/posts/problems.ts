import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import type { ReplySettings } from '#src/outside/platform.ts';
import { resemblance } from '#src/plan/writing/index.ts';
import { misfits } from './fits.ts';
import { LINK, sampleLink } from './words.ts';

export const problem = z.object({
  kind: z.enum([
    'empty',
    'too_long',
    'not_publishable',
    'no_threads',
    'no_first_reply',
    'title',
    'community',
    'reply_settings',
    'poll',
    'too_many_media',
    'media_type',
    'media_size',
    'media_length',
    'no_alt_text',
    'alt_text_too_long',
    'unsupported',
    'retired_fact',
    'similar',
    'theme',
    'voice',
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

/** A variant as far as its platform's limits go. */
export type Words = {
  platform: string;
  longPost: boolean;
  /** The headline that goes out: the variant's own, else the post's. */
  title: string;
  firstReply: string | null;
  replySettings: ReplySettings | null;
  community: string | null;
  parts: {
    position: number;
    text: string;
    media: { kind: string; mediaType: string; bytes: number; milliseconds: number | null; altText: string | null }[];
    poll: { minutes: number; options: string[] } | null;
  }[];
};

/** How alike two posts may be before one has to say that it is meant; the drafts' own limit (0.5) is stricter. */
export const NEAR_DUPLICATE = 0.7;
const LOOK_BACK_DAYS = 90;

/** What the platforms would refuse, and what a reader would miss. `title` is the post's. */
export function problemsOfWords(
  inside: Inside,
  title: string,
  variants: readonly (Omit<Words, 'title'> & { title: string | null })[],
): Problem[] {
  const final = (text: string) => text.replaceAll(LINK, sampleLink(inside));
  return variants.flatMap((variant): Problem[] => {
    const platform = inside.platforms.get(variant.platform);
    if (platform)
      return misfits(platform, { ...variant, title: variant.title ?? title }, { final, longPosts: variant.longPost });
    return [
      {
        kind: 'no_platform',
        severity: 'stops',
        platform: variant.platform,
        part: null,
        message: `Nothing can be published to ${variant.platform} from here.`,
        postId: null,
      },
    ];
  });
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

/** What is said of a post that reads like another one. */
export function similarProblem(other: { id: string; title: string; resemblance: number }): Problem {
  return {
    kind: 'similar',
    severity: 'asks',
    platform: null,
    part: null,
    message: `This reads like “${other.title}” (${Math.round(other.resemblance * 100)}% the same words), posted within 90 days.`,
    postId: other.id,
  };
}
