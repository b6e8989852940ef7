import type { Inside } from '#src/context.ts';
import { linkOf, makeLink, urlOfCode } from '#src/distribute/links.ts';
import type { Poll, ReplySettings } from '#src/outside/platform.ts';
import { highlight } from '#src/outside/platforms/x/count.ts';
import { LINK, sampleLink, wordsFor } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** A picture or video of a part, as it is kept. */
export type ContentMedia = {
  assetId: string;
  kind: 'image' | 'gif' | 'video';
  mediaType: string;
  bytes: number;
  milliseconds: number | null;
  altText: string | null;
};

export type ContentPart = { text: string; media: ContentMedia[]; poll: Poll | null; origin: 'part' | 'first_reply' };

/** Everything that goes out of a post on one account. */
export type Content = {
  parts: ContentPart[];
  title: string;
  /** The hashtags of all texts as written, without #. */
  tags: string[];
  canonicalUrl: string | null;
  community: string | null;
  replySettings: ReplySettings | null;
};

type Account = { id: string; platform: string };

/**
 * A post as it would go out on an account, the first reply last, with a sample where the tracked link is not made yet.
 *
 * @throws Refusal when the post has no text
 */
export async function finalContent(inside: Inside, postId: string, account: Account): Promise<Content> {
  const content = await contentOf(inside, postId, account.platform);
  const code = await linkOf(inside, postId, account.id);
  return withUrl(content, code ? await urlOfCode(inside, code) : sampleLink(inside));
}

/** The same with the tracked link of this post on this account, made now if a text asks for one. */
export async function contentWithLink(inside: Inside, postId: string, publicationId: string, account: Account) {
  const content = await contentOf(inside, postId, account.platform);
  if (!content.parts.some((part) => part.text.includes(LINK))) return content;
  return withUrl(content, await linkFor(inside, postId, publicationId, account));
}

/** The address of the tracked link of a post on an account; made now when there is none. */
export async function linkFor(inside: Inside, postId: string, publicationId: string, account: Account) {
  const code = (await linkOf(inside, postId, account.id)) ?? (await makeLink(inside, postId, publicationId, account));
  return urlOfCode(inside, code);
}

/** The hashtags of texts in the order in which they are written first, without #. */
export function tagsOf(texts: readonly string[]): string[] {
  const tags = new Map<string, string>();
  for (const token of texts.flatMap((text) => highlight(text)))
    if (token.kind === 'hashtag') {
      const tag = token.text.slice(1);
      if (!tags.has(tag.toLowerCase())) tags.set(tag.toLowerCase(), tag);
    }
  return [...tags.values()];
}

async function contentOf(inside: Inside, postId: string, platform: string): Promise<Content> {
  const post = await inside.tx
    .selectFrom('posts')
    .select(['title', 'linkUrl'])
    .where('id', '=', postId)
    .executeTakeFirst();
  if (!post) throw notFound('post');
  const words = await wordsFor(inside, postId, platform);
  if (!words || words.parts.length === 0)
    throw refuse('invalid', 'post_empty', 'This post has no text yet. Write one first.');
  const parts: ContentPart[] = words.parts.map(({ text, media, poll }) => ({
    text,
    media: media.map(({ assetId, kind, mediaType, bytes, milliseconds, altText }) => ({
      assetId,
      kind: sortOf(kind),
      mediaType,
      bytes,
      milliseconds,
      altText,
    })),
    poll,
    origin: 'part',
  }));
  if (words.firstReply) parts.push({ text: words.firstReply, media: [], poll: null, origin: 'first_reply' });
  // Words written for another platform go out here as well; its communities and its rules for replies mean nothing here.
  const own = words.platform === platform;
  return {
    parts,
    title: words.title ?? post.title,
    tags: tagsOf(parts.map((part) => part.text)),
    canonicalUrl: post.linkUrl,
    community: own ? words.community : null,
    replySettings: own && words.replySettings !== 'everyone' ? words.replySettings : null,
  };
}

/** Logos and screenshots are pictures like others. */
export function sortOf(kind: string): ContentMedia['kind'] {
  return kind === 'gif' || kind === 'video' ? kind : 'image';
}

function withUrl(content: Content, url: string): Content {
  return { ...content, parts: content.parts.map((part) => ({ ...part, text: part.text.replaceAll(LINK, url) })) };
}
