/** Publishing posts on a Hashnode blog, finding them again, removing them. */
import { z } from 'zod';
import { refused, usualFailure } from '#src/outside/failures.ts';
import { callApi, isNoAnswer } from '#src/outside/http.ts';
import type {
  Grant,
  Outcome,
  OutgoingMedia,
  OutgoingPart,
  OwnPost,
  PublishedPart,
  Uploaded,
} from '#src/outside/platform.ts';
import { ask, HASHNODE } from './calls.ts';
import { confirmedData, imageData, postsData, publishedData } from './wire.ts';

const TAGS = 15;
const MOST_PAGES = 20;

/** Publishes one post; a picture becomes its cover. One call. */
export async function publish(grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  if (part.replyTo !== null)
    return refused('no_replies', 'Hashnode takes no comments from apps. Write the comment on Hashnode.');
  if (!part.title.trim()) return refused('no_title', 'Hashnode posts have a title. Write one for this post.');
  const [cover] = part.media;
  if (cover && cover.uploadedId === null)
    return refused('media_missing', 'The picture was not given to Hashnode before the post. Try again.');
  const created = await ask(grant, 'create', publishedData, PUBLISH, {
    input: {
      publicationId: grant.platformUserId,
      title: part.title.trim(),
      contentMarkdown: part.text,
      tags: tagsOf(part.tags),
      ...(cover ? { coverImage: cover.uploadedId } : {}),
      ...(part.canonicalUrl ? { originalArticleURL: part.canonicalUrl } : {}),
    },
  });
  if (!created.ok) return created;
  const { id, url, publishedAt } = created.value.publishPost.post;
  return { ok: true, value: { platformId: id, url, publishedAt: new Date(publishedAt) }, said: created.said };
}

/** Gives a picture to Hashnode's store: an address for it, the bytes, and the word that it is there (8 MB at most). */
export async function upload(
  grant: Grant,
  media: OutgoingMedia,
  step: () => Promise<void>,
): Promise<Outcome<Uploaded>> {
  const place = await ask(grant, 'read', imageData, IMAGE, { input: { contentType: media.mediaType } });
  if (!place.ok) return place;
  const { url, key, cdnUrl } = place.value.createImageUploadURL.presignedPut;
  await step();
  if (!url.startsWith('https://') && new URL(url).origin !== new URL(grant.apiUrl).origin)
    return refused('media_failed', `Hashnode named ${new URL(url).host} as the place for the picture, without https.`);
  // The address is signed: our token does not go along.
  const put = await callApi({
    method: 'PUT',
    url,
    headers: { 'content-type': media.mediaType },
    body: await media.read(),
    timeoutMs: 120_000,
  });
  if (isNoAnswer(put) || put.status >= 300) return { ok: false, failure: usualFailure(HASHNODE, 'read', put) };
  await step();
  const confirmed = await ask(grant, 'read', confirmedData, CONFIRM, { input: { key } });
  if (!confirmed.ok) return confirmed;
  const { ok, cdnUrl: final } = confirmed.value.confirmImageUpload;
  if (!ok) return refused('media_failed', 'Hashnode takes pictures of at most 8 MB, and this one is larger.');
  return { ok: true, value: { mediaId: final ?? cdnUrl, expiresAt: null, ready: true, reusable: true } };
}

/** The blog's posts since then, newest first; of a team, those of the others as well. */
export async function ownPosts(grant: Grant, since: Date): Promise<Outcome<OwnPost[]>> {
  const posts: OwnPost[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page: Outcome<Page> = await readPage(grant, after);
    if (!page.ok) return page;
    const recent = page.value.posts.filter((one) => one.publishedAt >= since);
    posts.push(...recent);
    after = page.value.next;
    if (after === null || recent.length === 0) break;
  }
  return { ok: true, value: posts };
}

/** Removes a post from the blog. */
export async function remove(grant: Grant, platformId: string): Promise<Outcome<null>> {
  const removed = await ask(grant, 'read', z.unknown(), REMOVE, { input: { id: platformId } });
  if (removed.ok || removed.failure.code === 'not_found') return { ok: true, value: null };
  return removed;
}

const PUBLISH = `mutation ($input: PublishPostInput!) {
  publishPost(input: $input) { post { id url publishedAt } }
}`;
const POSTS = `query ($id: ObjectId, $after: String) {
  publication(id: $id) {
    posts(first: 20, after: $after) {
      edges { node { id url publishedAt content { markdown } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;
const REMOVE = 'mutation ($input: RemovePostInput!) { removePost(input: $input) { post { id } } }';
const IMAGE = `mutation ($input: CreateImageUploadInput!) {
  createImageUploadURL(input: $input) { presignedPut { url cdnUrl key } }
}`;
const CONFIRM = 'mutation ($input: ConfirmImageUploadInput!) { confirmImageUpload(input: $input) { ok cdnUrl } }';

type Page = { posts: OwnPost[]; next: string | null };

async function readPage(grant: Grant, after: string | null): Promise<Outcome<Page>> {
  const read = await ask(grant, 'read', postsData, POSTS, { id: grant.platformUserId, after });
  if (!read.ok) return read;
  const { publication } = read.value;
  if (!publication) return refused('no_publication', 'Hashnode does not find this blog any more.');
  const { edges, pageInfo } = publication.posts;
  const posts = edges.map(({ node }) => ({
    platformId: node.id,
    url: node.url,
    text: node.content.markdown,
    replyTo: null,
    publishedAt: new Date(node.publishedAt),
  }));
  return { ok: true, value: { posts, next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null } };
}

/** By slug; tags that Hashnode does not know are made. */
function tagsOf(tags: string[]): { slug: string; name: string }[] {
  const bySlug = new Map<string, string>();
  for (const name of tags) {
    const slug = name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    if (slug && !bySlug.has(slug)) bySlug.set(slug, name);
  }
  return [...bySlug].slice(0, TAGS).map(([slug, name]) => ({ slug, name }));
}
