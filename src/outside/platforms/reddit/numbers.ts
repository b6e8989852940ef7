/** How posts are doing, and who wrote to us. */
import type { Grant, Mention, Outcome, PostMetrics } from '#src/outside/platform.ts';
import { list } from './calls.ts';
import type { Thing } from './wire.ts';

const WEEK = 7 * 86_400_000;

/**
 * Score and comments of posts and comments, a hundred in one call. The score is votes up less votes down, and Reddit
 * blurs it; below zero it stands as none. What is gone is left out.
 */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const value: PostMetrics[] = [];
  for (let at = 0; at < platformIds.length; at += 100) {
    const page = await list(grant, '/api/info', { id: platformIds.slice(at, at + 100).join(',') });
    if (!page.ok) return page;
    for (const { data } of page.value.things)
      value.push({
        platformId: data.name,
        impressions: null,
        views: null,
        likes: data.score === undefined ? null : Math.max(0, data.score),
        replies: data.num_comments ?? null,
        reposts: data.num_crossposts ?? null,
        quotes: null,
        bookmarks: null,
        linkClicks: null,
        profileClicks: null,
        follows: null,
      });
  }
  return { ok: true, value };
}

/** Answers to our posts and comments, mentions of our name, and messages, oldest first; the newest hundred at most. */
export async function mentions(grant: Grant, since: string | null): Promise<Outcome<Mention[]>> {
  const page = await list(grant, '/message/inbox', { limit: '100', mark: 'false' });
  if (!page.ok) return page;
  const { things } = page.value;
  const known = things.findIndex(({ data }) => data.name === since);
  const newer = known < 0 ? things : things.slice(0, known);
  const week = Date.now() - WEEK;
  const recent = newer.filter(({ data }) => since !== null || data.created_utc * 1_000 >= week);
  return { ok: true, value: recent.map(mentionOf).toReversed() };
}

function mentionOf({ kind, data }: Thing): Mention {
  const handle = data.author ?? 'reddit';
  const named = /username mention/i.test(data.subject ?? '');
  return {
    kind: kind !== 't1' ? 'message' : named ? 'mention' : 'reply',
    platformId: data.name,
    url: data.context ? `https://www.reddit.com${data.context}` : null,
    text: data.body ?? '',
    receivedAt: new Date(data.created_utc * 1_000),
    replyTo: data.parent_id ?? null,
    author: { platformUserId: handle, handle, name: null, followers: null },
  };
}
