/** What others wrote to the account. */
import type { Grant, Mention, Outcome } from '#src/outside/platform.ts';
import { timeOf, urlOf } from './ids.ts';
import { writtenText } from './posts.ts';
import { readMentions } from './timeline.ts';
import type { WirePost, WireUser } from './wire.ts';

const WEEK = 7 * 86_400_000;

/**
 * Posts of others that name the account, answer it or quote it while naming it, oldest first; X shows the newest 800.
 * Posts whose author X does not show (suspended meanwhile) are left out. The dearest read there is: each author is a
 * profile read, so read with `since`.
 */
export async function mentions(grant: Grant, since: string | null): Promise<Outcome<Mention[]>> {
  const from: Record<string, string> =
    since === null ? { start_time: secondsOf(new Date(Date.now() - WEEK)) } : { since_id: since };
  const read = await readMentions(grant, ({ postFields, parent, author, longText }) => ({
    ...from,
    [postFields]: ['id', 'text', 'entities', longText, ...parent.fields, ...author.fields].join(','),
    expansions: ['author_id', ...parent.expansions].join(','),
    'user.fields': 'id,username,name,public_metrics',
  }));
  if (!read.ok) return read;
  const { posts, users } = read.value;
  const value = posts.toReversed().flatMap((post) => {
    const author = post.author_id === undefined ? undefined : users.get(post.author_id);
    const isRepost = post.referenced_posts.some(({ type }) => type === 'retweeted');
    return author && author.id !== grant.platformUserId && !isRepost ? [mentionOf(post, author)] : [];
  });
  return { ok: true, value, cost: read.cost };
}

function mentionOf(post: WirePost, author: WireUser): Mention {
  const answered = post.referenced_posts.find(({ type }) => type === 'replied_to');
  const quoted = post.referenced_posts.find(({ type }) => type === 'quoted');
  return {
    kind: answered ? 'reply' : quoted ? 'quote' : 'mention',
    platformId: post.id,
    url: urlOf(post.id),
    text: writtenText(post),
    receivedAt: timeOf(post.id),
    replyTo: (answered ?? quoted)?.id ?? null,
    author: {
      platformUserId: author.id,
      handle: author.username,
      name: author.name ?? null,
      followers: author.public_metrics?.followers_count ?? null,
    },
  };
}

function secondsOf(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
