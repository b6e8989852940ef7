/** What Forem says on the wire (forem/forem, swagger/v1/api_v1.json). */
import { z } from 'zod';

const count = z.number().int().nonnegative();

/** 200 of GET /api/users/me. */
export const meAnswer = z.object({
  id: z.number().int(),
  username: z.string().min(1),
  name: z.string(),
  profile_image: z.string().nullish(),
});

/** 201 of POST /api/articles. */
export const createdAnswer = z.object({
  id: z.number().int(),
  url: z.string(),
  published_at: z.string().nullish(),
});

/** 200 of GET /api/articles/me/published, newest first. */
export const articlesAnswer = z.array(
  z.object({
    id: z.number().int(),
    title: z.string(),
    url: z.string(),
    body_markdown: z.string().nullish(),
    published_at: z.string().nullish(),
    page_views_count: count.optional(),
    public_reactions_count: count.optional(),
    comments_count: count.optional(),
  }),
);

export type WireArticle = z.output<typeof articlesAnswer>[number];

export const problemAnswer = z.object({ error: z.string() });
