/** What Threads says on the wire (developers.facebook.com/documentation/threads, as of October 2026). */
import { z } from 'zod';

/** The version of the Graph API in each path. */
export const VERSION = '/v1.0';

const id = z.string().min(1);

/** The answer to creating or publishing a container. */
export const idAnswer = z.object({ id });

/** `FINISHED`, `IN_PROGRESS`, `PUBLISHED`, `ERROR` or `EXPIRED`. */
export const containerAnswer = z.object({ status: z.string(), error_message: z.string().nullish() });

/** The short token; `expires_in` only with a long-lived one, in seconds. */
export const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive().optional() });

export const meAnswer = z.object({
  id,
  username: z.string(),
  name: z.string().optional(),
  threads_profile_picture_url: z.string().optional(),
});

const reference = z.object({ id }).nullish();

export const wirePost = z.object({
  id,
  media_type: z.string().optional(),
  text: z.string().nullish(),
  username: z.string().optional(),
  permalink: z.string().nullish(),
  timestamp: z.string(),
  replied_to: reference,
  has_replies: z.boolean().optional(),
  is_reply_owned_by_me: z.boolean().optional(),
});

export type WirePost = z.output<typeof wirePost>;

/** A page of posts. `paging.next` is an address with our token in it, so only the cursor is taken. */
export const listAnswer = z.object({
  data: z.array(wirePost),
  paging: z
    .object({ cursors: z.object({ after: z.string().optional() }).optional(), next: z.string().optional() })
    .optional(),
});

/** Counters of a post come as `values`, those of an account as `total_value`. */
export const insightsAnswer = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      values: z.array(z.object({ value: z.number().int() })).optional(),
      total_value: z.object({ value: z.number().int() }).optional(),
    }),
  ),
});

/** An error of Meta's Graph APIs. */
export const problemAnswer = z.object({
  error: z.object({
    message: z.string().default(''),
    code: z.number().optional(),
    error_subcode: z.number().optional(),
    is_transient: z.boolean().optional(),
    error_user_msg: z.string().optional(),
  }),
});

/** The sign-in answers in an older form at times. */
export const signInProblem = z.object({ error_message: z.string(), code: z.number().optional() });
