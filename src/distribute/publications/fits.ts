import type { Context } from '#src/context.ts';
import type { Content } from '#src/distribute/content.ts';
import type { Platform } from '#src/outside/platform.ts';
import { misfits } from '#src/plan/posts/fits.ts';
import { refuse } from '#src/refusal.ts';

/**
 * Refuses what the platform would not take as it is, by its limits: the same ones the composer and the approval know,
 * counted again with the real link, whose address may be longer than the platform's short form makes a link. Pictures
 * that are too large are no problem: they are fitted on their way out.
 *
 * @param alone for an answer to somebody, or a further part: it needs no community and no title of its own
 * @throws Refusal with a sentence for the author and a code
 */
export function assertFits(
  { platforms }: Pick<Context, 'platforms'>,
  account: { platform: string; longPosts: boolean },
  content: Content,
  alone = false,
): void {
  const platform = platforms.get(account.platform);
  if (!platform)
    throw refuse('invalid', 'platform_unknown', `Nothing can be published to ${account.platform} from here.`);
  const firstReply = content.parts.find((part) => part.origin === 'first_reply')?.text ?? null;
  const parts = content.parts.filter((part) => part.origin === 'part');
  const words = {
    platform: platform.id,
    title: content.title,
    longPost: account.longPosts,
    firstReply,
    replySettings: content.replySettings,
    community: content.community,
    parts: parts.map((part, position) => ({ ...part, position })),
  };
  const [stop] = misfits(platform, words, { final: (text) => text, longPosts: account.longPosts })
    .filter((problem) => problem.severity === 'stops')
    .filter(({ kind }) => !alone || (kind !== 'title' && kind !== 'community'));
  if (stop) throw refuse('invalid', stop.kind, stop.message);
}

/** Whether a text needs the platform's leave for long posts. */
export function isLong({ limits, measureText }: Platform, text: string): boolean {
  return limits.lengthWithLongPosts !== null && measureText(text).length > limits.length;
}
