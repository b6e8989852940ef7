/**
 * What X says on the wire. On 2026-08-07 X renamed "tweet" to "post" in its documentation (spec 2.166 to 2.167) and
 * said nothing about the old names, so both spellings are read everywhere and one of them is sent first (`DIALECT`).
 */
import { z } from 'zod';

export type Dialect = {
  postFields: string;
  /** Where the parent of a reply comes from: a field in the old spelling, an expansion in the new one. */
  parent: { fields: string[]; expansions: string[] };
  author: { fields: string[] };
  longText: string;
};

/** The dialect we speak. */
export const DIALECT: Dialect = {
  postFields: 'post.fields',
  parent: { fields: [], expansions: ['referenced_posts'] },
  author: { fields: [] },
  longText: 'note_post',
};

/** The one to try when X calls a read in the first an invalid request. */
export const OTHER_DIALECT: Dialect = {
  postFields: 'tweet.fields',
  parent: { fields: ['referenced_tweets'], expansions: [] },
  author: { fields: ['author_id'] },
  longText: 'note_tweet',
};

const id = z.string().regex(/^\d{1,19}$/);
const count = z.number().int().nonnegative();

/** 201 of POST /2/tweets. Only the id matters: the text comes back changed by X's shortener. */
export const createdAnswer = z.object({ data: z.object({ id }) });

const entities = z.object({
  urls: z
    .array(
      z.object({
        url: z.string().nullish(),
        expanded_url: z.string().nullish(),
        media_key: z.string().nullish(),
      }),
    )
    .nullish(),
});
const longText = z.object({ text: z.string(), entities: entities.nullish() });
const references = z.array(z.object({ type: z.string(), id }));

const postOnWire = z
  .object({
    id,
    text: z.string(),
    author_id: id.optional(),
    entities: entities.nullish(),
    note_post: longText.optional(),
    note_tweet: longText.optional(),
    referenced_posts: references.optional(),
    referenced_tweets: references.optional(),
    public_metrics: z
      .object({
        impression_count: count.optional(),
        like_count: count.optional(),
        reply_count: count.optional(),
        quote_count: count.optional(),
        bookmark_count: count.optional(),
        repost_count: count.optional(),
        retweet_count: count.optional(),
      })
      .optional(),
    non_public_metrics: z
      .object({
        impression_count: count.optional(),
        url_link_clicks: count.optional(),
        user_profile_clicks: count.optional(),
      })
      .optional(),
  })
  .transform(({ note_tweet, referenced_tweets, ...post }) => ({
    ...post,
    note_post: post.note_post ?? note_tweet,
    referenced_posts: post.referenced_posts ?? referenced_tweets ?? [],
  }));

/** A post as read, in the new spelling. */
export type WirePost = z.output<typeof postOnWire>;

const userOnWire = z.object({
  id,
  username: z.string(),
  name: z.string().optional(),
  public_metrics: z.object({ followers_count: count.optional() }).optional(),
});

export type WireUser = z.output<typeof userOnWire>;

/**
 * 200 of GET /2/users/:id/tweets and /mentions. An account without posts has no `data`. The errors are about single
 * posts or fields; the rest of the answer holds.
 */
export const timelineAnswer = z.object({
  data: z.array(postOnWire).default([]),
  includes: z
    .object({
      posts: z.array(z.object({ id })).optional(),
      tweets: z.array(z.object({ id })).optional(),
      users: z.array(userOnWire).optional(),
    })
    .optional(),
  errors: z.array(z.object({ resource_id: z.string().optional(), field: z.string().optional() })).default([]),
  meta: z.object({ next_token: z.string().optional() }).optional(),
});

/** 200 of GET /2/users/me. */
export const meAnswer = z.object({
  data: z.object({
    id,
    username: z.string(),
    name: z.string(),
    profile_image_url: z.string().optional(),
    subscription_type: z.string().optional(),
    public_metrics: z
      .object({
        followers_count: count.optional(),
        following_count: count.optional(),
        post_count: count.optional(),
        tweet_count: count.optional(),
      })
      .optional(),
  }),
});

/** 200 of initialize, finalize and STATUS of an upload. Times in seconds. */
export const mediaAnswer = z.object({
  data: z.object({
    id,
    expires_after_secs: z.number().nonnegative().optional(),
    processing_info: z
      .object({
        state: z.string(),
        // Not in the document of 2.167, but in answers until 2025 (draftbit/twitter-lite#124).
        error: z.object({ message: z.string().optional() }).optional(),
      })
      .optional(),
  }),
});

/** 200 of POST /2/users/:id/retweets. */
export const repostAnswer = z.object({ data: z.object({ retweeted: z.boolean() }) });

/** 200 of DELETE /2/tweets/:id. */
export const deletedAnswer = z.object({ data: z.object({ deleted: z.boolean() }) });

/** 200 of POST /2/oauth2/token. `expires_in` in seconds. */
export const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  expires_in: z.number().positive().optional(),
  scope: z.string().optional(),
});

/** An error of the API: a problem object, or the older `errors` list. Everything may be missing. */
export const problemAnswer = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  type: z.string().optional(),
  message: z.string().optional(),
  errors: z.array(z.object({ message: z.string().optional(), detail: z.string().optional() })).optional(),
});

/** An error of the token endpoint (RFC 6749 §5.2). */
export const tokenProblem = z.object({ error: z.string(), error_description: z.string().optional() });
