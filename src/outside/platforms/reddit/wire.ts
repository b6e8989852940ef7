/** What Reddit says on the wire (reddit.com/dev/api; shapes as PRAW reads them). */
import { z } from 'zod';

/** 200 of the token endpoint, which answers refusals with 200 as well at times. Refresh tokens do not change. */
export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
  scope: z.string().optional(),
});

export const tokenProblem = z.object({ error: z.union([z.string(), z.number()]), message: z.string().optional() });

/** 200 of GET /api/v1/me. */
export const meAnswer = z.object({
  name: z.string().min(1),
  icon_img: z.string().optional(),
  snoovatar_img: z.string().optional(),
  subreddit: z.object({ subscribers: z.number().int().optional(), title: z.string().optional() }).nullish(),
});

/** What went wrong comes with status 200: a name, the words, the field. */
export const writeAnswer = z.object({
  json: z.object({
    errors: z.array(z.tuple([z.string(), z.string().nullable()]).rest(z.unknown())).default([]),
    /** Seconds to wait. */
    ratelimit: z.number().optional(),
    data: z
      .object({
        name: z.string().optional(),
        url: z.string().optional(),
        things: z
          .array(z.object({ data: z.object({ name: z.string(), permalink: z.string().optional() }) }))
          .optional(),
      })
      .optional(),
  }),
});

/** An error with a status of its own. */
export const problemAnswer = z.object({
  message: z.string().optional(),
  reason: z.string().optional(),
  explanation: z.string().optional(),
});

const thing = z.object({
  kind: z.string(),
  data: z.object({
    name: z.string(),
    author: z.string().nullish(),
    title: z.string().optional(),
    selftext: z.string().optional(),
    is_self: z.boolean().optional(),
    url: z.string().optional(),
    body: z.string().optional(),
    permalink: z.string().optional(),
    context: z.string().optional(),
    subject: z.string().optional(),
    parent_id: z.string().nullish(),
    created_utc: z.number(),
    score: z.number().int().optional(),
    num_comments: z.number().int().optional(),
    num_crossposts: z.number().int().optional(),
  }),
});

export type Thing = z.output<typeof thing>;

export const listing = z.object({ data: z.object({ children: z.array(thing), after: z.string().nullish() }) });
