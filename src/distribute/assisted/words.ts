import type { Inside } from '#src/context.ts';
import { type ComposePage, composePages } from '#src/distribute/assisted/pages.ts';
import { tagsOf } from '#src/distribute/content.ts';
import { LINK, wordsFor } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** A task's words before its link is put in. */
export type Draft = { title: string; parts: string[]; community: string | null };

/** A task's words as they are kept. */
export type TaskWords = { title: string; text: string; parts: string[]; tags: string[]; composeUrl: string };

/** The words of a post for a platform: its own variant, else the first there is; the first reply comes last. */
export async function draftOf(inside: Inside, postId: string, platform: string): Promise<Draft> {
  const post = await inside.tx.selectFrom('posts').select('title').where('id', '=', postId).executeTakeFirst();
  if (!post) throw notFound('post');
  const words = await wordsFor(inside, postId, platform);
  const parts = words?.parts.map((part) => part.text).filter((text) => text.trim() !== '') ?? [];
  if (!words || parts.length === 0)
    throw refuse('invalid', 'post_empty', 'This post has no text yet. Write one first.');
  if (words.firstReply) parts.push(words.firstReply);
  return {
    title: words.title ?? post.title,
    parts,
    community: words.platform === platform ? words.community : null,
  };
}

/** Puts the link in, joins the parts where the platform has no threads, and fills in the page. */
export function finish(
  page: ComposePage,
  { title, parts, community }: Draft,
  link: { url: string; server: string | null },
): TaskWords {
  const filled = parts.map((part) => part.replaceAll(LINK, link.url));
  const text = filled.join('\n\n');
  const own = page.threads && filled.length > 1 ? filled : text === '' ? [] : [text];
  const { url, server } = link;
  return {
    title: title.replaceAll(LINK, url),
    text,
    parts: own,
    tags: tagsOf(filled),
    composeUrl: page.compose({ title, text: own[0] ?? title, url, server, community }),
  };
}

export function platformsInWords(): string {
  return Object.keys(composePages).join(', ');
}
