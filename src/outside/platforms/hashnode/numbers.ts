/** Whose blog it is, how its posts are doing, and who comments. */
import { refused } from '#src/outside/failures.ts';
import type { Grant, Mention, Outcome, PostMetrics, Profile } from '#src/outside/platform.ts';
import { ask } from './calls.ts';
import { commentsData, countsData, openData } from './wire.ts';

const WEEK = 7 * 86_400_000;

/** The blog, which is the account. `which` names it by its host or its id. */
export async function profileOf(
  grant: Pick<Grant, 'token' | 'apiUrl'>,
  which: { host: string } | { id: string },
): Promise<Outcome<Profile>> {
  const opened = await ask(grant, 'read', openData, OPEN, which);
  if (!opened.ok) return opened;
  const { publication } = opened.value;
  if (!publication)
    return refused('no_publication', 'Hashnode does not find this blog. Enter its address, e.g. maker.hashnode.dev.');
  return {
    ok: true,
    value: {
      platformUserId: publication.id,
      handle: URL.canParse(publication.url) ? new URL(publication.url).host : publication.title,
      name: publication.title,
      avatarUrl: publication.favicon || null,
      followers: publication.followersCount ?? null,
      following: null,
      posts: null,
      longPosts: false,
    },
  };
}

/** Views, reactions and comments of these posts, one call for each. What is gone is left out. */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const value: PostMetrics[] = [];
  for (const platformId of platformIds) {
    const read = await ask(grant, 'read', countsData, COUNTS, { id: platformId });
    if (!read.ok && read.failure.code === 'not_found') continue;
    if (!read.ok) return read;
    const { post } = read.value;
    if (!post) continue;
    value.push({
      platformId,
      impressions: null,
      views: post.views ?? null,
      likes: post.reactionCount,
      replies: post.responseCount,
      reposts: null,
      quotes: null,
      bookmarks: null,
      linkClicks: null,
      profileClicks: null,
      follows: null,
    });
  }
  return { ok: true, value };
}

/** Comments under the newest ten posts, oldest first; those of the blog's own author are among them. */
export async function mentions(grant: Grant, since: string | null): Promise<Outcome<Mention[]>> {
  const read = await ask(grant, 'read', commentsData, COMMENTS, { id: grant.platformUserId });
  if (!read.ok) return read;
  const found: Mention[] = [];
  for (const { node: post } of read.value.publication?.posts.edges ?? [])
    for (const { node: comment } of post.comments.edges)
      found.push({
        kind: 'reply',
        platformId: comment.id,
        url: `https://hashnode.com/posts/${post.slug}/${post.id}/comment/${comment.id}`,
        text: comment.content.text,
        receivedAt: new Date(comment.dateAdded),
        replyTo: post.id,
        author: {
          platformUserId: comment.author.id,
          handle: comment.author.username,
          name: comment.author.name,
          followers: comment.author.followersCount ?? null,
        },
      });
  found.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
  const known = found.findIndex((one) => one.platformId === since);
  if (known >= 0) return { ok: true, value: found.slice(known + 1) };
  return { ok: true, value: found.filter((one) => Date.now() - one.receivedAt.getTime() < WEEK) };
}

// `me` is asked so that a token that is wrong is told now: blogs can be read without one.
const OPEN = `query ($id: ObjectId, $host: String) {
  me { id username }
  publication(id: $id, host: $host) { id title url favicon followersCount }
}`;
const COUNTS = 'query ($id: ID!) { post(id: $id) { id views reactionCount responseCount } }';
const COMMENTS = `query ($id: ObjectId) {
  publication(id: $id) {
    posts(first: 10) {
      edges {
        node {
          id
          slug
          comments(first: 50) {
            edges { node { id content { text } dateAdded author { id username name followersCount } } }
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;
