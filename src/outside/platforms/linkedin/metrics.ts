/** How posts are doing: the Member Post Analytics API, of 2025-07, with the permission `r_member_postAnalytics`. */
import { isNoAnswer } from '#src/outside/http.ts';
import type { Grant, Outcome, PostMetrics } from '#src/outside/platform.ts';
import { call, failureOf } from './calls.ts';
import { analyticsAnswer } from './wire.ts';

const TYPES = ['IMPRESSION', 'REACTION', 'COMMENT', 'RESHARE'] as const;

/**
 * The counters of these posts, four calls for each. Most apps lack the permission: then LinkedIn answers 403 to the first
 * call and there are no numbers, which is no failure. Comments and posts that are gone are left out.
 */
export async function metrics(grant: Grant, platformIds: string[]): Promise<Outcome<PostMetrics[]>> {
  const value: PostMetrics[] = [];
  for (const platformId of platformIds.filter((id) => /^urn:li:(share|ugcPost):/.test(id))) {
    const counts: number[] = [];
    for (const type of TYPES) {
      const answer = await call(grant, 'GET', pathOf(platformId, type));
      if (!isNoAnswer(answer) && answer.status === 403) return { ok: true, value: [] };
      if (!isNoAnswer(answer) && answer.status === 404) break;
      const parsed = isNoAnswer(answer) || answer.status !== 200 ? null : analyticsAnswer.safeParse(answer.json());
      if (!parsed?.success) return { ok: false, failure: failureOf('read', answer) };
      counts.push(parsed.data.elements.reduce((sum, { count }) => sum + count, 0));
    }
    const [impressions, likes, replies, reposts] = counts;
    if (impressions === undefined) continue;
    value.push({
      platformId,
      impressions,
      views: null,
      likes: likes ?? null,
      replies: replies ?? null,
      reposts: reposts ?? null,
      quotes: null,
      bookmarks: null,
      linkClicks: null,
      profileClicks: null,
      follows: null,
    });
  }
  return { ok: true, value };
}

function pathOf(platformId: string, type: string): string {
  const kind = platformId.startsWith('urn:li:share:') ? 'share' : 'ugc';
  const entity = `(${kind}:${encodeURIComponent(platformId)})`;
  return `/rest/memberCreatorPostAnalytics?q=entity&entity=${entity}&queryType=${type}&aggregation=TOTAL`;
}
