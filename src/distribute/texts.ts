import type { Inside } from '#src/context.ts';
import { linkOf, makeLink, urlOfCode } from '#src/distribute/links.ts';
import { LINK, sampleLink, wordsFor } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

type Account = { id: string; platform: string };

/**
 * The parts of a post as they would go out on an account, the first reply last, with a sample where the tracked link is
 * not made yet. Refuses what could only go out with something missing.
 */
export async function finalTexts(inside: Inside, postId: string, account: Account): Promise<string[]> {
  const texts = await textsOf(inside, postId, account.platform);
  const code = await linkOf(inside, postId, account.id);
  return texts.map((text) => text.replaceAll(LINK, code ? urlOfCode(inside, code) : sampleLink(inside)));
}

/** The same with the tracked link of this post on this account, made now if a text asks for one. */
export async function textsWithLink(inside: Inside, postId: string, publicationId: string, account: Account) {
  const texts = await textsOf(inside, postId, account.platform);
  if (!texts.some((text) => text.includes(LINK))) return texts;
  const code = (await linkOf(inside, postId, account.id)) ?? (await makeLink(inside, postId, publicationId, account));
  return texts.map((text) => text.replaceAll(LINK, urlOfCode(inside, code)));
}

async function textsOf(inside: Inside, postId: string, platform: string): Promise<string[]> {
  const words = await wordsFor(inside, postId, platform);
  if (!words && !(await inside.tx.selectFrom('posts').select('id').where('id', '=', postId).executeTakeFirst()))
    throw notFound('post');
  if (!words || words.parts.length === 0)
    throw refuse('invalid', 'post_empty', 'This post has no text yet. Write one first.');
  if (words.parts.some((part) => part.media.length > 0 || part.poll))
    throw refuse(
      'invalid',
      'media_not_sent',
      'Pictures, videos and polls cannot be published from here yet. Remove them, or post by hand (assisted).',
    );
  if ((words.replySettings ?? 'everyone') !== 'everyone' || words.community)
    throw refuse(
      'invalid',
      'settings_not_sent',
      'Who may reply and communities cannot be set from here yet. Remove the setting, or post by hand (assisted).',
    );
  return [...words.parts.map((part) => part.text), ...(words.firstReply ? [words.firstReply] : [])];
}
