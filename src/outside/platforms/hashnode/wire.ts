/** What Hashnode says on the wire (Hashnode/gql-skill, schema.graphql, as of September 2026). */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const pageInfo = z.object({ endCursor: z.string().nullish(), hasNextPage: z.boolean() });

/** Errors stand in a 200; a mutation that failed has no data. */
export const answerWith = <T extends z.ZodType>(data: T) =>
  z.object({
    data: data.nullish(),
    errors: z
      .array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }))
      .optional(),
  });

export const openData = z.object({
  me: z.object({ id: z.string(), username: z.string() }).nullish(),
  publication: z
    .object({
      id: z.string().min(1),
      title: z.string(),
      url: z.string(),
      favicon: z.string().nullish(),
      followersCount: count.nullish(),
    })
    .nullish(),
});

export const publishedData = z.object({
  publishPost: z.object({ post: z.object({ id: z.string().min(1), url: z.string(), publishedAt: z.string() }) }),
});

const edges = <T extends z.ZodType>(node: T) => z.object({ edges: z.array(z.object({ node })), pageInfo });

export const postsData = z.object({
  publication: z
    .object({
      posts: edges(
        z.object({
          id: z.string(),
          url: z.string(),
          publishedAt: z.string(),
          content: z.object({ markdown: z.string() }),
        }),
      ),
    })
    .nullish(),
});

export const countsData = z.object({
  post: z.object({ id: z.string(), views: count.nullish(), reactionCount: count, responseCount: count }).nullish(),
});

export const commentsData = z.object({
  publication: z
    .object({
      posts: edges(
        z.object({
          id: z.string(),
          slug: z.string(),
          comments: z.object({
            edges: z.array(
              z.object({
                node: z.object({
                  id: z.string(),
                  content: z.object({ text: z.string() }),
                  dateAdded: z.string(),
                  author: z.object({
                    id: z.string(),
                    username: z.string(),
                    name: z.string(),
                    followersCount: count.nullish(),
                  }),
                }),
              }),
            ),
          }),
        }),
      ),
    })
    .nullish(),
});

export const imageData = z.object({
  createImageUploadURL: z.object({ presignedPut: z.object({ url: z.url(), cdnUrl: z.string(), key: z.string() }) }),
});

export const confirmedData = z.object({
  confirmImageUpload: z.object({ ok: z.boolean(), cdnUrl: z.string().nullish() }),
});
